// Owns: the gathering of what an operator may ask, from the parts that hold it.
#include "replica/situation.h"

#include <algorithm>

#include "dao/validators/preflight.h"
#include "dao/validators/validators.h"

namespace salus::replica {

namespace {

using ledger::CheckReason;

std::string name_of(const v1::ValidatorSet& set, const NodeId& node, std::size_t index) {
  for (const v1::ValidatorInfo& info : set.validators()) {
    if (NodeId::from(info.node_key()) == node && !info.name().empty()) return info.name();
  }
  return "validator " + std::to_string(index);
}

std::optional<HeldChange> find_held_change(const state::Overlay& state, Height height) {
  const v1::SetChangeQueue queue = dao::validators::set_changes(state);
  if (queue.changes().empty() || dao::validators::pending_set(state)) return std::nullopt;
  const v1::SetChange& change = queue.changes(0);
  const v1::ValidatorSet current = dao::validators::current_set(state);
  const auto judged = dao::validators::preflight(state, current, change, height);
  if (judged.obstacle() == nullptr) return std::nullopt;
  HeldChange held{.id = change.id(), .verdict = dao::validators::verdict(judged), .lacking = {}};
  const v1::ValidatorSet next = dao::validators::changed(state, current, change);
  for (const v1::ValidatorInfo& info : next.validators()) {
    if (!dao::validators::is_live(state, info, height)) held.lacking.push_back(info.name());
  }
  return held;
}

bool seats(const v1::ValidatorSet& set, const PublicKey& key) {
  return std::ranges::any_of(set.validators(), [&](const v1::ValidatorInfo& info) {
    return PublicKey::from(info.validator_key()) == key;
  });
}

bool is_seat_to_come(const state::Overlay& state, const ReplicaConfig& config) {
  if (!config.validator_key) return false;
  const v1::ValidatorSet current = dao::validators::current_set(state);
  if (seats(current, *config.validator_key)) return false;
  const auto pending = dao::validators::pending_set(state);
  if (pending && seats(*pending, *config.validator_key)) return true;
  const v1::SetChangeQueue queue = dao::validators::set_changes(state);
  return std::ranges::any_of(queue.changes(), [&](const v1::SetChange& change) {
    return seats(dao::validators::changed(state, current, change), *config.validator_key);
  });
}

}  // namespace

void Replica::note_peer(const NodeId& peer, const sync::StatusMessage& status) {
  if (!links_.contains(peer)) return;
  std::erase_if(peers_, [&](const auto& entry) {
    return !links_.contains(entry.first) && !set_.find(entry.first);
  });
  // Two's complement: a difference of any two clocks that people set fits.
  const auto offset = static_cast<std::int64_t>(status.wall.value() - wall_.value());
  peers_.insert_or_assign(
      peer, PeerStatus{.at = mono_,
                       .epoch = status.epoch,
                       .view = status.view,
                       .finalized = status.finalized,
                       .height = status.height,
                       .votes = status.mode == static_cast<std::uint8_t>(consensus::Mode::Voting),
                       .clock_offset_ms = offset});
}

Situation Replica::situation() const {
  const ledger::Tip& tip = ledger_.finalized();
  Situation out{.now = mono_,
                .status = status(),
                .is_validator = config_.validator_key.has_value(),
                .reseat_nonce = hex(as_bytes(config_.restriction_nonce)),
                .guard_epoch = config_.guard_epoch,
                .is_seat_to_come = is_seat_to_come(ledger_.finalized_state(), config_),
                .version_known = ledger_.known_version(),
                .version_needed = version_needed_,
                .journal_alarm = journal_alarm_,
                .parameters = parameters_,
                .set_hash = set_.hash(),
                .members = {},
                .finalized_at = finalized_at_,
                .lacks_final_blocks = goal_.has_value() && batch_out_.empty(),
                .heartbeat_at = std::nullopt,
                .pending = std::nullopt,
                .root_claims = {},
                .own_root = std::nullopt,
                .held_change = find_held_change(ledger_.finalized_state(), tip.height),
                .diverged_at = std::nullopt,
                .at_odds = {},
                .around = {}};
  for (std::size_t i = 0; i < set_.size(); ++i) {
    const NodeId& node = set_.members()[i].node_key;
    const auto said = peers_.find(node);
    out.members.push_back(
        {.name = name_of(tip.validators, node, i),
         .node = node,
         .own = out.status.consensus.own_index == ValidatorIndex{static_cast<std::uint16_t>(i)},
         .linked = links_.contains(node),
         .said = said != peers_.end() ? std::optional{said->second} : std::nullopt});
    if (at_odds_.contains(node)) out.at_odds.push_back(out.members.back().name);
  }
  if (divergence_) {
    out.diverged_at = DivergedAt{.height = divergence_->height, .reason = divergence_->reason};
  }
  if (judged_ && said_due_ == false) {
    out.heartbeat_at = MonoMs{judged_since_.value() + parameters_.heartbeat_ms};
  }
  describe_checks(out);
  return out;
}

void Replica::describe_checks(Situation& out) const {
  const consensus::CoreStatus& core = out.status.consensus;
  for (const auto& [key, open] : checks_) {
    const consensus::Check& order = open.order;
    if (order.candidate.view != core.view) continue;
    const ledger::CheckOutcome outcome = ledger_.check(order.candidate.digest, check_input(order));
    const Validated<ledger::Block>* block = ledger_.find(order.candidate.digest);
    if (!outcome.reason) continue;
    PendingCheck pending{.reason = *outcome.reason};
    if (block != nullptr && (*block)->header().time > wall_) {
      pending.ahead_ms = (*block)->header().time.value() - wall_.value();
    }
    out.pending = pending;
  }

  if (!core.invalid) return;
  const auto reason = static_cast<CheckReason>(*core.invalid);
  if (reason != CheckReason::WrongStateRoot && reason != CheckReason::WrongResultsRoot) return;
  std::optional<Digest> parent;
  for (const consensus::ViewVotes& view : core.views) {
    if (!view.candidate || view.view <= core.finalized) continue;
    const Validated<ledger::Block>* block = ledger_.find(view.candidate->digest);
    if (block == nullptr || (*block)->header().height.value() == 0) continue;
    const ledger::Header& header = (*block)->header();
    out.root_claims.push_back(
        {.height = header.height.previous(), .root = header.state_root, .leader = view.leader});
    if (view.view == core.view) parent = header.parent;
  }
  if (parent && ledger_.is_executed(*parent)) out.own_root = ledger_.outcome(*parent).state_root;
}

}  // namespace salus::replica
