// Owns: the steps of a campaign, and what is signed for each.
#include "sim/campaign.h"

#include <fmt/format.h>

#include <algorithm>

#include "dao/application.h"
#include "dao/governance/proposals.h"
#include "dao/validators/validators.h"
#include "ledger/reader.h"
#include "sim/actions.h"

namespace salus::sim {

namespace {

constexpr const char* kVoters[] = {"mira", "noor", "pavel", "chen", "diaz",
                                   "ada",  "kofi", "hope",  "anne"};
constexpr const char* kProposer = "mira";
constexpr std::uint64_t kShowEveryMs = 1'500;
// After so many in vain people give up.
constexpr std::uint64_t kTriesMax = 8;
// Heights from the proposal to the first block of the next version: more than most votes take.
constexpr std::uint64_t kUpgradeAhead = 30;

std::string operator_of(std::uint16_t node) { return fmt::format("operator {}", node); }

PublicKey validator_key(const Network& network, std::uint16_t node) {
  return network.validator_key(node).public_key();
}

bool seats(const v1::ValidatorSet& set, const PublicKey& key) {
  return std::ranges::any_of(set.validators(), [&](const v1::ValidatorInfo& info) {
    return PublicKey::from(info.validator_key()) == key;
  });
}

// RegisterNominee and Rekey name and prove keys alike.
template <typename Action>
void put_keys(const Network& network, std::uint16_t of, std::uint16_t account, Action& action) {
  const auto node_key = dao::test::key_of(node_key_name(of));
  action.set_validator_key(validator_key(network, of).to_string());
  action.set_node_key(node_key.public_key().to_string());
  const Bytes message =
      dao::validators::key_proof(network.chain_id(), network.account(operator_of(account)),
                                 action.validator_key(), action.node_key());
  action.set_validator_proof(network.validator_key(of).sign(message).to_string());
  action.set_node_proof(node_key.sign(message).to_string());
}

}  // namespace

const Store& furthest_store(const Network& network) {
  std::uint16_t best = 0;
  std::optional<Height> highest;
  for (std::uint16_t node = 0; node < network.size(); ++node) {
    if (network.differs(node) || network.is_joining(node)) continue;
    const Height height = network.height(node);
    if (highest && height <= *highest) continue;
    highest = height;
    best = node;
  }
  return network.disk(best).store();
}

Campaign::Campaign(Network& network, Aim aim, std::uint64_t seed)
    : network_(network), aim_(aim), random_(seed) {}

std::string Campaign::describe() const {
  constexpr const char* kNames[] = {"join", "remove", "leave", "rekey", "upgrade"};
  return fmt::format("{} v{} spare v{}: {} tries, {}", kNames[static_cast<std::size_t>(aim_.kind)],
                     aim_.node, aim_.spare, tries_,
                     is_won_    ? "won"
                     : is_lost_ ? "given up"
                                : "open");
}

bool Campaign::has_won(const state::Overlay& state) const {
  if (aim_.kind == CampaignKind::Upgrade) return dao::protocol_version(state) >= kNextVersion;
  const v1::ValidatorSet set = dao::validators::current_set(state);
  if (comes()) return seats(set, validator_key(network_, aim_.spare));
  return !seats(set, validator_key(network_, aim_.node));
}

void Campaign::step() {
  if (is_done()) return;
  const ledger::Reader reader{furthest_store(network_)};
  const state::Overlay state = reader.state();
  is_won_ = has_won(state);
  is_lost_ = tries_ > kTriesMax;
  if (is_done()) return;
  const auto account = network_.account(operator_of(seat()));
  const auto validator = dao::validators::find_validator(state, account);
  const auto who = operator_of(seat());
  switch (aim_.kind) {
    case CampaignKind::Join:
      if (!validator) return insist(asked_, who, [this] { return registration(); });
      put_to_vote(state);
      break;
    case CampaignKind::Remove:
      put_to_vote(state);
      break;
    case CampaignKind::Leave:
      if (validator && validator->state() == v1::VALIDATOR_STATE_ACTIVE) {
        insist(asked_, who, [] {
          v1::Action action;
          action.mutable_leave();
          return action;
        });
      }
      break;
    case CampaignKind::Rekey: {
      const auto queue = dao::validators::set_changes(state);
      const bool waits = dao::validators::pending_set(state).has_value() ||
                         std::ranges::any_of(queue.changes(), [](const v1::SetChange& change) {
                           return change.rekey_size() > 0;
                         });
      if (!waits) insist(asked_, who, [this] { return rekey(); });
      break;
    }
    case CampaignKind::Upgrade:
      dao::coming_upgrade(state) ? signal_ready(state) : put_to_vote(state);
      break;
  }
  if (comes()) show_readiness();
}

std::optional<std::uint16_t> Campaign::any_node() {
  std::vector<std::uint16_t> up;
  for (std::uint16_t node = 0; node < network_.size(); ++node) {
    if (network_.is_up(node)) up.push_back(node);
  }
  if (up.empty()) return std::nullopt;
  return up[random_.draw(0, up.size() - 1)];
}

void Campaign::insist(std::optional<Network::Handle>& handle, std::string_view who,
                      const Make& make) {
  if (handle && !network_.is_settled(*handle)) return;
  const auto node = any_node();
  if (!node) return;
  ++tries_;
  handle = network_.submit(*node, who, make());
}

void Campaign::put_to_vote(const state::Overlay& state) {
  bool is_open = false;
  const std::uint64_t last = dao::governance::last_proposal_id(state);
  for (std::uint64_t number = 1; number <= last; ++number) {
    const auto proposal = dao::governance::find_proposal(state, number);
    if (!proposal || proposal->text_hash() != text_hash_) continue;
    // Executed: what it changes waits in the queue until it passes.
    const bool is_refused = proposal->state() == v1::PROPOSAL_STATE_FAILED ||
                            (dao::governance::is_terminal(proposal->state()) &&
                             proposal->state() != v1::PROPOSAL_STATE_EXECUTED);
    is_open = !is_refused;
    if (proposal->state() == v1::PROPOSAL_STATE_VOTING) vote(number);
  }
  if (is_open || (proposed_ && !network_.is_settled(*proposed_))) return;
  text_hash_ = std::string(32, '\0');
  for (char& byte : text_hash_) byte = static_cast<char>(random_.draw(1, 127));
  insist(proposed_, kProposer, [this] { return proposal(); });
}

void Campaign::vote(std::uint64_t number) {
  if (voted_on_.contains(number) || !any_node()) return;
  voted_on_.insert(number);
  for (const char* voter : kVoters) network_.submit(*any_node(), voter, vote_yes(number));
}

// A proof holds for some heights only: it is given again and again.
void Campaign::show_readiness() {
  const bool can = network_.is_up(aim_.spare) && network_.height(aim_.spare) > Height{0};
  if (!can || network_.now() < shown_at_ + kShowEveryMs) return;
  shown_at_ = network_.now();
  network_.submit(*any_node(), operator_of(seat()), readiness());
}

// Again and again, for what was sent may be lost; who said it already is refused.
void Campaign::signal_ready(const state::Overlay& state) {
  if (!any_node() || network_.now() < shown_at_ + kShowEveryMs) return;
  shown_at_ = network_.now();
  const int seats = dao::validators::current_set(state).validators_size();
  for (std::uint16_t seat = 0; seat < seats; ++seat) {
    v1::Action action;
    action.mutable_signal_ready()->set_version(kNextVersion);
    network_.submit(*any_node(), operator_of(seat), std::move(action));
  }
}

v1::Action Campaign::registration() const {
  v1::Action action;
  v1::RegisterNominee& nominee = *action.mutable_register_nominee();
  nominee.set_name(fmt::format("v{}", aim_.spare));
  put_keys(network_, aim_.spare, aim_.spare, nominee);
  return action;
}

v1::Action Campaign::rekey() const {
  v1::Action action;
  put_keys(network_, aim_.spare, aim_.node, *action.mutable_rekey());
  return action;
}

v1::Action Campaign::readiness() const {
  const ledger::Reader reader{network_.disk(aim_.spare).store()};
  const ledger::TipRecord tip = reader.tip();
  v1::Action action;
  v1::ProveReady& ready = *action.mutable_prove_ready();
  ready.set_height(tip.height.value());
  ready.set_digest(tip.digest.to_string());
  const Bytes message =
      dao::validators::ready_proof(network_.chain_id(), ready.height(), ready.digest());
  ready.set_signature(network_.validator_key(aim_.spare).sign(message).to_string());
  return action;
}

v1::Action Campaign::proposal() const {
  v1::Action action;
  v1::Submit& submit = *action.mutable_submit();
  submit.set_scheme(v1::SCHEME_YES_NO);
  v1::Action& change = *submit.add_options()->add_actions();
  if (aim_.kind == CampaignKind::Upgrade) {
    const ledger::Reader reader{furthest_store(network_)};
    change.mutable_schedule_upgrade()->set_version(kNextVersion);
    change.mutable_schedule_upgrade()->set_manifest_hash(std::string(32, 'm'));
    // Too soon if the vote takes longer; then it is tried again.
    change.mutable_schedule_upgrade()->set_from_height(reader.tip_height().value() + kUpgradeAhead);
  } else if (aim_.kind == CampaignKind::Join) {
    v1::NomineeRef& nominee = *change.mutable_change_set()->add_add();
    nominee.set_operator_account(network_.account(operator_of(aim_.spare)).to_string());
    nominee.set_validator_key(validator_key(network_, aim_.spare).to_string());
  } else {
    change.mutable_change_set()->add_remove(network_.account(operator_of(aim_.node)).to_string());
  }
  submit.set_text_hash(text_hash_);
  submit.set_deposit(50 * dao::test::kToken);
  return action;
}

}  // namespace salus::sim
