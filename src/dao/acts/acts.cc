// Owns: the states of a joint act, and that its index by content names the open ones only.
#include "dao/acts/acts.h"

#include <algorithm>
#include <set>

#include "base/assert.h"
#include "crypto/hash.h"
#include "dao/due.h"
#include "state/record.h"

namespace salus::dao::acts {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

Key act_key(std::uint64_t id) { return Key{Table::Acts}.u64(id); }
Key content_key(std::string_view hash) { return Key{Table::ActsByContent}.bytes(as_bytes(hash)); }
Key counter_key() { return Key{Table::ActCounters}; }

AccountId account_of(const std::string& bytes) {
  const auto id = AccountId::from(bytes);
  SALUS_ASSERT(id.has_value(), "a signer of a joint act is an account");
  return *id;
}

bool has_signed(const v1::JointAct& act, const AccountId& account) {
  const std::string bytes = account.to_string();
  return std::ranges::find(act.signers(), bytes) != act.signers().end();
}

// No content of a closed act is kept, and none is found by it any more.
void close(Overlay& state, v1::JointAct& act, v1::ActState end) {
  state::erase(state, content_key(act.content_hash()));
  act.clear_content();
  act.set_state(end);
  state::put(state, act_key(act.id()), act);
}

void cancel_lapse(Overlay& state, const v1::JointAct& act) {
  const Bytes ref = due::ref_of(act.id());
  due::cancel(state, due::Class::Lapses, act.until_ms(), due::Kind::ActLapse, ref);
}

v1::JointAct open_act(const Ask& ask, const Hash& hash, const ActionContext& context,
                      Overlay& state) {
  v1::JointAct act;
  act.set_id(state::take_number(state, counter_key()));
  *act.mutable_content() = ask.content;
  act.set_kind(static_cast<std::uint32_t>(ask.content.kind_case()));
  act.set_content_hash(hash.to_string());
  act.set_needed(ask.needed);
  act.set_opened_ms(context.now_ms());
  act.set_until_ms(context.now_ms() + kOpenForMs);
  act.set_opened_by(context.signer.to_string());
  act.set_state(v1::ACT_STATE_OPEN);
  due::schedule(state, due::Class::Lapses, act.until_ms(), due::Kind::ActLapse, act.id());
  const Bytes ref = due::ref_of(act.id());
  state.put(content_key(act.content_hash()).str(), std::string{as_chars(ref)});
  return act;
}

// Whoever lost his right since he signed no longer counts (G-1.10).
void drop_unentitled(v1::JointAct& act, const Ask& ask) {
  const auto lost = [&ask](const std::string& bytes) {
    const AccountId account = account_of(bytes);
    return !ask.entitled(account) || (ask.conflicted && ask.conflicted(account));
  };
  auto& signers = *act.mutable_signers();
  signers.erase(std::remove_if(signers.begin(), signers.end(), lost), signers.end());
}

void tell(const v1::JointAct& act, v1::EventKind kind, const AccountId& account,
          std::vector<v1::Event>& events) {
  emit(events, kind, {account},
       {{v1::EVENT_FIELD_ACT, act.id()},
        {v1::EVENT_FIELD_TYPE, act.kind()},
        {v1::EVENT_FIELD_COUNT, static_cast<std::uint64_t>(act.signers_size())},
        {v1::EVENT_FIELD_NEEDED, act.needed()}});
}

// An act that may still be signed or withdrawn; the block's time decides (G-1.1).
Result<v1::JointAct, Error> get_open(const Overlay& state, std::uint64_t id, std::uint64_t now_ms) {
  auto act = find_act(state, id);
  if (!act) return refuse(Error::ActUnknown);
  if (act->state() != v1::ACT_STATE_OPEN || now_ms >= act->until_ms()) {
    return refuse(Error::ActClosed);
  }
  return std::move(*act);
}

}  // namespace

Hash content_hash(const ChainId& chain_id, const v1::Action& content) {
  ByteWriter out;
  out.bytes(chain_id.view());
  const std::string bytes = state::encode(content);
  out.sized(as_bytes(bytes));
  return crypto::hash("salus.act.v1", out.out());
}

std::optional<v1::JointAct> find_act(const Overlay& state, std::uint64_t id) {
  return state::find<v1::JointAct>(state, act_key(id));
}

std::optional<v1::JointAct> find_open(const Overlay& state, const ChainId& chain_id,
                                      const v1::Action& content) {
  const Hash hash = content_hash(chain_id, content);
  const auto id = state.get(content_key(as_chars(hash.view())).str());
  if (!id) return std::nullopt;
  return find_act(state, due::id_of(as_bytes(*id)));
}

std::uint64_t last_act(const Overlay& state) {
  const auto stored = state.get(counter_key().str());
  return stored ? due::id_of(as_bytes(*stored)) : 0;
}

Result<Progress, Error> sign(const Ask& ask, ActionContext& context, Overlay& state) {
  SALUS_ASSERT(ask.needed >= 1 && ask.needed <= static_cast<std::uint32_t>(kSignersMax),
               "a joint act needs 1 to 16 signers");
  const AccountId& signer = context.signer;
  if (!ask.entitled(signer)) return refuse(Error::NotAuthorized);
  if (ask.conflicted && ask.conflicted(signer)) return refuse(Error::SignerConflicted);
  if (ask.content.ByteSizeLong() > kContentBytesMax) return refuse(Error::Limit);

  auto act = find_open(state, context.block.chain_id, ask.content);
  if (act && context.now_ms() >= act->until_ms()) {
    // Its lapse is due but has not run yet; time decides, so a new act takes its place.
    cancel_lapse(state, *act);
    close(state, *act, v1::ACT_STATE_LAPSED);
    act.reset();
  }
  const bool opens = !act.has_value();
  if (opens) act = open_act(ask, content_hash(context.block.chain_id, ask.content), context, state);
  if (has_signed(*act, signer)) return refuse(Error::AlreadySigned);

  // A vote that asks for more binds what is still open.
  act->set_needed(std::max(act->needed(), ask.needed));
  act->add_signers(signer.to_string());
  drop_unentitled(*act, ask);
  const auto count = static_cast<std::uint32_t>(act->signers_size());
  // G-8.17: needed signers are reached, not exceeded.
  const bool enough = count >= act->needed();
  Progress progress{.step = opens ? Step::Opened : Step::Signed, .act = act->id(), .signers = {}};
  for (const std::string& bytes : act->signers()) progress.signers.push_back(account_of(bytes));
  tell(*act, opens ? v1::EVENT_KIND_ACT_OPENED : v1::EVENT_KIND_ACT_SIGNED, signer, context.events);
  if (!enough) {
    state::put(state, act_key(act->id()), *act);
    return progress;
  }
  progress.step = Step::Reached;
  cancel_lapse(state, *act);
  close(state, *act, v1::ACT_STATE_APPLIED);
  tell(*act, v1::EVENT_KIND_ACT_APPLIED, signer, context.events);
  return progress;
}

Outcome check(const v1::CoSign& action) {
  if (action.act() == 0) return refuse(Error::ActUnknown);
  if (action.content_hash().size() != Hash::kSize) return refuse(Error::Limit);
  return {};
}

Result<v1::Action, Error> content_of(const v1::CoSign& action, std::uint64_t now_ms,
                                     const Overlay& state) {
  const auto act = get_open(state, action.act(), now_ms);
  if (!act) return refuse(act.error());
  if (act->content_hash() != action.content_hash()) return refuse(Error::ContentMismatch);
  return act->content();
}

Outcome check(const v1::WithdrawAct& action) {
  if (action.act() == 0) return refuse(Error::ActUnknown);
  return {};
}

Outcome apply(const v1::WithdrawAct& action, ActionContext& context, Overlay& state) {
  auto act = get_open(state, action.act(), context.now_ms());
  if (!act) return refuse(act.error());
  if (act->opened_by() != context.signer.to_string()) return refuse(Error::NotAuthorized);
  cancel_lapse(state, *act);
  close(state, *act, v1::ACT_STATE_WITHDRAWN);
  tell(*act, v1::EVENT_KIND_ACT_WITHDRAWN, context.signer, context.events);
  return {};
}

void close_open_act(Overlay& state, std::uint64_t id, std::vector<v1::Event>& events) {
  auto act = find_act(state, id);
  if (!act || act->state() != v1::ACT_STATE_OPEN) return;
  cancel_lapse(state, *act);
  close(state, *act, v1::ACT_STATE_WITHDRAWN);
  tell(*act, v1::EVENT_KIND_ACT_WITHDRAWN, {}, events);
}

void lapse_act(Overlay& state, const BlockContext& block, ByteView ref,
               std::vector<v1::Event>& events) {
  auto act = find_act(state, due::id_of(ref));
  if (!act || act->state() != v1::ACT_STATE_OPEN) return;
  if (block.time.value() < act->until_ms()) return;
  close(state, *act, v1::ACT_STATE_LAPSED);
  tell(*act, v1::EVENT_KIND_ACT_LAPSED, account_of(act->opened_by()), events);
}

std::vector<std::string> broken_invariants(const Overlay& state) {
  std::vector<std::string> broken;
  std::set<std::pair<std::string, std::uint64_t>> due_acts;
  for (const v1::DueItem& item : due::all(state)) {
    if (item.kind() != static_cast<std::uint32_t>(due::Kind::ActLapse)) continue;
    due_acts.emplace(item.ref(), item.at_ms());
  }
  const std::string prefix = Key{Table::Acts}.str();
  state.scan(prefix, prefix, [&](std::string_view, std::string_view value) {
    const auto act = state::decode<v1::JointAct>(value);
    const std::string place = " (joint act " + std::to_string(act.id()) + ")";
    const bool open = act.state() == v1::ACT_STATE_OPEN;
    const std::set<std::string> distinct(act.signers().begin(), act.signers().end());
    if (distinct.size() != static_cast<std::size_t>(act.signers_size())) {
      broken.push_back("G-1.10: a signer counts twice" + place);
    }
    if (open && static_cast<std::uint32_t>(act.signers_size()) >= act.needed()) {
      broken.push_back("G-1.10: enough signed and it is not applied" + place);
    }
    const Bytes ref = due::ref_of(act.id());
    const bool queued = due_acts.erase({std::string{as_chars(ref)}, act.until_ms()}) > 0;
    const auto indexed = state.get(content_key(act.content_hash()).str());
    const bool found = indexed && *indexed == as_chars(ref);
    if (open != queued) broken.push_back("G-12.4: its lapse is not queued once" + place);
    if (open != found) broken.push_back("section 1: it is not found by its content" + place);
    return true;
  });
  if (!due_acts.empty()) broken.emplace_back("G-12.4: a lapse without an open joint act");
  return broken;
}

}  // namespace salus::dao::acts
