// Owns: plans, their changes, and the states of a recovery. A recovery follows the plan that was in
// force when it began, so that no later change turns it.
#include "dao/accounts/recovery.h"

#include <algorithm>

#include "base/assert.h"
#include "crypto/hash.h"
#include "dao/constitution.h"
#include "dao/due.h"
#include "state/record.h"

namespace salus::dao::accounts {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

using Guardians = google::protobuf::RepeatedPtrField<std::string>;

Key recovery_key(const AccountId& id) { return Key{Table::Recoveries}.bytes(id.view()); }
Key change_key(const AccountId& id) { return Key{Table::RecoveryChanges}.bytes(id.view()); }
Key guarded_key(std::string_view guardian, std::string_view account) {
  return Key{Table::Guarded}.bytes(as_bytes(guardian)).bytes(as_bytes(account));
}

AccountId id_of(std::string_view bytes) {
  const auto id = AccountId::from(bytes);
  SALUS_ASSERT(id.has_value(), "a stored account id has 32 bytes");
  return *id;
}

void put_recovery(Overlay& state, const v1::Recovery& recovery) {
  state::put(state, recovery_key(id_of(recovery.account())), recovery);
}

bool is_guardian(const v1::RecoveryPlan& plan, const AccountId& account) {
  return std::ranges::find(plan.guardians(), account.to_string()) != plan.guardians().end();
}

bool equal(const v1::RecoveryPlan& a, const v1::RecoveryPlan& b) {
  return a.needed() == b.needed() && a.delay_ms() == b.delay_ms() &&
         std::ranges::equal(a.guardians(), b.guardians());
}

// The account and everybody who may act on it.
std::vector<AccountId> concerned(const std::string& account, const v1::RecoveryPlan& plan) {
  std::vector<AccountId> all{id_of(account)};
  for (const std::string& guardian : plan.guardians()) all.push_back(id_of(guardian));
  return all;
}

void tell(std::vector<v1::Event>& events, v1::EventKind kind, const v1::Recovery& recovery) {
  emit(events, kind, concerned(recovery.account(), recovery.plan()),
       {{v1::EVENT_FIELD_COUNT, static_cast<std::uint64_t>(recovery.supporters_size())},
        {v1::EVENT_FIELD_NEEDED, recovery.plan().needed()},
        {v1::EVENT_FIELD_UNTIL_MS, recovery.until_ms()}},
       true);
}

// Puts a plan (or none) in force and keeps the index by guardian.
void set_plan(Overlay& state, v1::Account& account, const v1::RecoveryPlan* plan) {
  for (const std::string& guardian : account.recovery().guardians()) {
    state::erase(state, guarded_key(guardian, account.id()));
  }
  account.clear_recovery();
  if (plan == nullptr || plan->guardians().empty()) return;
  *account.mutable_recovery() = *plan;
  for (const std::string& guardian : plan->guardians()) {
    state.put(guarded_key(guardian, account.id()).str(), "");
  }
}

void drop_change(Overlay& state, const AccountId& account) {
  const auto change = find_recovery_change(state, account);
  if (!change) return;
  due::cancel(state, due::Class::Lapses, change->at_ms(), due::Kind::RecoveryChange,
              account.view());
  state::erase(state, change_key(account));
}

Outcome check_guardians(const Overlay& state, const AccountId& account,
                        const Guardians& guardians) {
  for (const std::string& guardian : guardians) {
    const AccountId id = id_of(guardian);
    if (id == account || !is_open(state, id)) return refuse(Error::GuardianInvalid);
  }
  return {};
}

Outcome check_delay(const Overlay& state, std::uint64_t delay_ms) {
  const std::uint64_t least = constitution::value(state, "accounts.recovery_delay_min");
  if (delay_ms < least || delay_ms > kRecoveryDelayMsMax) return refuse(Error::RecoveryDelay);
  return {};
}

// Time decides: one whose 14 days are over has lapsed even if its due item has not run.
Outcome check_may_start(const Overlay& state, const AccountId& account, std::uint64_t now_ms) {
  const auto last = find_recovery(state, account);
  if (!last) return {};
  if (last->state() == v1::RECOVERY_STATE_STARTED && now_ms >= last->until_ms()) {
    return refuse(Error::RecoveryBlocked);
  }
  if (runs(*last)) return refuse(Error::RecoveryExists);
  if (now_ms < last->blocked_until_ms()) return refuse(Error::RecoveryBlocked);
  return {};
}

void queue_end(Overlay& state, const v1::Recovery& recovery) {
  due::schedule(state, due::Class::Lapses, recovery.until_ms(), due::Kind::RecoveryEnd,
                as_bytes(recovery.account()));
}

// Counts a supporter; `needed` is reached, not exceeded (G-8.17), and all of them make it firm.
void add_supporter(Overlay& state, v1::Recovery& recovery, const AccountId& guardian,
                   ActionContext& context) {
  recovery.add_supporters(guardian.to_string());
  const auto count = static_cast<std::uint32_t>(recovery.supporters_size());
  recovery.set_firm(recovery.supporters_size() == recovery.plan().guardians_size());
  const bool begins_to_wait =
      recovery.state() == v1::RECOVERY_STATE_STARTED && count >= recovery.plan().needed();
  if (begins_to_wait) {
    due::cancel(state, due::Class::Lapses, recovery.until_ms(), due::Kind::RecoveryEnd,
                as_bytes(recovery.account()));
    recovery.set_state(v1::RECOVERY_STATE_WAITING);
    recovery.set_until_ms(context.now_ms() + recovery.plan().delay_ms());
    queue_end(state, recovery);
  }
  put_recovery(state, recovery);
  tell(context.events, v1::EVENT_KIND_RECOVERY_SUPPORTED, recovery);
  if (begins_to_wait) tell(context.events, v1::EVENT_KIND_RECOVERY_WAITING, recovery);
}

void block_next(const Overlay& state, v1::Recovery& recovery, std::uint64_t now_ms) {
  recovery.set_blocked_until_ms(now_ms + constitution::value(state, "accounts.recovery_cooldown"));
}

}  // namespace

bool runs(const v1::Recovery& recovery) {
  return recovery.state() == v1::RECOVERY_STATE_STARTED ||
         recovery.state() == v1::RECOVERY_STATE_WAITING;
}

Hash recovery_content(const AccountId& account, const Keys& keys, std::uint32_t threshold) {
  ByteWriter out;
  out.bytes(account.view());
  write_keys(out, keys, threshold);
  return crypto::hash("salus.recovery.1", out.out());
}

std::optional<v1::Recovery> find_recovery(const Overlay& state, const AccountId& account) {
  return state::find<v1::Recovery>(state, recovery_key(account));
}

std::optional<v1::RecoveryChange> find_recovery_change(const Overlay& state,
                                                       const AccountId& account) {
  return state::find<v1::RecoveryChange>(state, change_key(account));
}

bool recovery_runs(const Overlay& state, const AccountId& account) {
  const auto recovery = find_recovery(state, account);
  return recovery && runs(*recovery);
}

std::uint32_t open_guardians(const Overlay& state, const v1::RecoveryPlan& plan) {
  const auto open = std::ranges::count_if(plan.guardians(), [&](const std::string& guardian) {
    return is_open(state, id_of(guardian));
  });
  return static_cast<std::uint32_t>(open);
}

Outcome check(const v1::SetRecovery& action) {
  const int count = action.guardians_size();
  if (count > kGuardiansMax) return refuse(Error::Limit);
  if (count == 0) {
    const bool empty = action.needed() == 0 && action.delay_ms() == 0;
    return empty ? Outcome{} : refuse(Error::GuardianInvalid);
  }
  for (int i = 0; i < count; ++i) {
    if (action.guardians(i).size() != AccountId::kSize) return refuse(Error::Limit);
    // Strictly ascending, so nobody stands there twice.
    if (i > 0 && action.guardians(i) <= action.guardians(i - 1)) {
      return refuse(Error::GuardianInvalid);
    }
  }
  const bool reachable =
      action.needed() >= 1 && action.needed() <= static_cast<std::uint32_t>(count);
  return reachable ? Outcome{} : refuse(Error::GuardianInvalid);
}

Outcome apply(const v1::SetRecovery& action, ActionContext& context, Overlay& state) {
  auto account = find_account(state, context.signer);
  if (!account) return refuse(Error::AccountUnknown);
  v1::RecoveryPlan plan;
  *plan.mutable_guardians() = action.guardians();
  plan.set_needed(action.needed());
  plan.set_delay_ms(action.delay_ms());
  if (!action.guardians().empty()) {
    if (auto outcome = check_guardians(state, context.signer, plan.guardians()); !outcome) {
      return outcome;
    }
    if (auto outcome = check_delay(state, plan.delay_ms()); !outcome) return outcome;
  }

  if (!account->has_recovery() && action.guardians().empty()) return refuse(Error::RecoveryNone);
  drop_change(state, context.signer);
  if (!account->has_recovery() || equal(account->recovery(), plan)) {
    set_plan(state, *account, &plan);
    put_account(state, *account);
    emit(context.events, v1::EVENT_KIND_RECOVERY_SET, concerned(account->id(), plan),
         {{v1::EVENT_FIELD_NEEDED, plan.needed()}}, true);
    return {};
  }

  v1::RecoveryChange change;
  change.set_account(account->id());
  if (!plan.guardians().empty()) *change.mutable_plan() = plan;
  // The delay of the plan in force, whatever the new one says.
  change.set_at_ms(context.now_ms() + account->recovery().delay_ms());
  state::put(state, change_key(context.signer), change);
  due::schedule(state, due::Class::Lapses, change.at_ms(), due::Kind::RecoveryChange,
                context.signer.view());
  emit(context.events, v1::EVENT_KIND_RECOVERY_CHANGE_WAITING,
       concerned(account->id(), account->recovery()), {{v1::EVENT_FIELD_AT_MS, change.at_ms()}},
       true);
  return {};
}

Outcome check(const v1::StartRecovery& action) {
  if (action.account().size() != AccountId::kSize) return refuse(Error::Limit);
  if (!may_be_proofs(action.proofs())) return refuse(Error::Limit);
  return check_keys(action.keys(), action.threshold());
}

Outcome apply(const v1::StartRecovery& action, ActionContext& context, Overlay& state) {
  const AccountId id = id_of(action.account());
  const auto account = find_account(state, id);
  if (!account) return refuse(Error::AccountUnknown);
  if (account->state() != v1::ACCOUNT_STATE_OPEN) return refuse(Error::AccountClosed);
  if (!account->has_recovery()) return refuse(Error::RecoveryNone);
  if (!is_guardian(account->recovery(), context.signer)) return refuse(Error::GuardianInvalid);
  if (auto outcome = check_may_start(state, id, context.now_ms()); !outcome) return outcome;
  if (!proofs_hold(action.keys(), action.proofs(), rotate_proof(id, account->auth_version() + 1))) {
    return refuse(Error::ProofInvalid);
  }

  v1::Recovery recovery;
  recovery.set_account(action.account());
  *recovery.mutable_keys() = action.keys();
  recovery.set_threshold(action.threshold());
  recovery.set_content_hash(recovery_content(id, action.keys(), action.threshold()).to_string());
  recovery.set_state(v1::RECOVERY_STATE_STARTED);
  recovery.set_started_ms(context.now_ms());
  recovery.set_until_ms(context.now_ms() + kRecoveryOpenForMs);
  *recovery.mutable_plan() = account->recovery();
  queue_end(state, recovery);
  tell(context.events, v1::EVENT_KIND_RECOVERY_STARTED, recovery);
  add_supporter(state, recovery, context.signer, context);
  return {};
}

Outcome check(const v1::SupportRecovery& action) {
  const bool sized =
      action.account().size() == AccountId::kSize && action.content_hash().size() == Hash::kSize;
  return sized ? Outcome{} : refuse(Error::Limit);
}

Outcome apply(const v1::SupportRecovery& action, ActionContext& context, Overlay& state) {
  auto recovery = find_recovery(state, id_of(action.account()));
  const bool open = recovery && runs(*recovery) && context.now_ms() < recovery->until_ms();
  if (!open) return refuse(Error::RecoveryNone);
  if (!is_guardian(recovery->plan(), context.signer)) return refuse(Error::GuardianInvalid);
  if (recovery->content_hash() != action.content_hash()) return refuse(Error::ContentMismatch);
  const auto& supporters = recovery->supporters();
  if (std::ranges::find(supporters, context.signer.to_string()) != supporters.end()) {
    return refuse(Error::AlreadySigned);
  }
  add_supporter(state, *recovery, context.signer, context);
  return {};
}

Outcome apply(const v1::CancelRecovery& /*action*/, ActionContext& context, Overlay& state) {
  auto recovery = find_recovery(state, context.signer);
  const bool open = recovery && runs(*recovery) && context.now_ms() < recovery->until_ms();
  if (!open) return refuse(Error::RecoveryNone);
  if (recovery->firm()) return refuse(Error::RecoveryFirm);
  due::cancel(state, due::Class::Lapses, recovery->until_ms(), due::Kind::RecoveryEnd,
              context.signer.view());
  recovery->set_state(v1::RECOVERY_STATE_CANCELLED);
  block_next(state, *recovery, context.now_ms());
  put_recovery(state, *recovery);
  tell(context.events, v1::EVENT_KIND_RECOVERY_CANCELLED, *recovery);
  return {};
}

void end_recovery(Overlay& state, const BlockContext& block, ByteView ref,
                  std::vector<v1::Event>& events) {
  const AccountId id = id_of(as_chars(ref));
  auto recovery = find_recovery(state, id);
  if (!recovery || !runs(*recovery) || block.time.value() < recovery->until_ms()) return;
  if (recovery->state() == v1::RECOVERY_STATE_STARTED) {
    recovery->set_state(v1::RECOVERY_STATE_LAPSED);
    block_next(state, *recovery, block.time.value());
    put_recovery(state, *recovery);
    return tell(events, v1::EVENT_KIND_RECOVERY_LAPSED, *recovery);
  }
  auto account = find_account(state, id);
  SALUS_ASSERT(account && account->state() == v1::ACCOUNT_STATE_OPEN,
               "an account does not close while its recovery runs");
  // Keys and threshold, nothing else (G-2.5, G-2.7).
  *account->mutable_keys() = recovery->keys();
  account->set_threshold(recovery->threshold());
  account->set_auth_version(account->auth_version() + 1);
  put_account(state, *account);
  recovery->set_state(v1::RECOVERY_STATE_APPLIED);
  put_recovery(state, *recovery);
  tell(events, v1::EVENT_KIND_RECOVERY_APPLIED, *recovery);
}

void change_recovery(Overlay& state, const BlockContext& block, ByteView ref,
                     std::vector<v1::Event>& events) {
  const AccountId id = id_of(as_chars(ref));
  const auto change = find_recovery_change(state, id);
  if (!change || block.time.value() < change->at_ms()) return;
  auto account = find_account(state, id);
  SALUS_ASSERT(account.has_value(), "a plan belongs to an account");
  const v1::RecoveryPlan before = account->recovery();
  set_plan(state, *account, change->has_plan() ? &change->plan() : nullptr);
  put_account(state, *account);
  state::erase(state, change_key(id));
  // Those who were guardians hear of it too.
  emit(events, v1::EVENT_KIND_RECOVERY_SET, concerned(account->id(), before),
       {{v1::EVENT_FIELD_NEEDED, account->recovery().needed()}}, true);
}

void forget_plan(Overlay& state, v1::Account& account) {
  drop_change(state, id_of(account.id()));
  set_plan(state, account, nullptr);
}

}  // namespace salus::dao::accounts
