// Owns: the words of consensus as the operator's records.
#include "rpc/operator_answers.h"

#include <algorithm>
#include <utility>

#include "consensus/codec.h"
#include "consensus/vote_matrix.h"
#include "replica/diagnosis.h"

namespace salus::rpc {

namespace {

using replica::Member;
using replica::Situation;

v1::ConsensusMode mode_of(consensus::Mode mode) {
  switch (mode) {
    case consensus::Mode::Voting:
      return v1::CONSENSUS_MODE_VOTING;
    case consensus::Mode::Observing:
      return v1::CONSENSUS_MODE_OBSERVING;
    case consensus::Mode::Diverged:
      return v1::CONSENSUS_MODE_DIVERGED;
    case consensus::Mode::Halted:
      return v1::CONSENSUS_MODE_HALTED;
  }
  std::unreachable();
}

v1::Observing observing_of(consensus::ObservingReason reason) {
  switch (reason) {
    case consensus::ObservingReason::NotInSet:
      return v1::OBSERVING_NOT_IN_SET;
    case consensus::ObservingReason::Amnesia:
      return v1::OBSERVING_AMNESIA;
    case consensus::ObservingReason::Twin:
      return v1::OBSERVING_TWIN;
    case consensus::ObservingReason::Version:
      return v1::OBSERVING_VERSION;
    case consensus::ObservingReason::Stopped:
      return v1::OBSERVING_STOPPED;
    case consensus::ObservingReason::LedgerBehind:
      return v1::OBSERVING_LEDGER_BEHIND;
  }
  std::unreachable();
}

v1::ConsensusWait wait_of(consensus::Waiting waiting) {
  switch (waiting) {
    case consensus::Waiting::Nothing:
      return v1::CONSENSUS_WAIT_NOTHING;
    case consensus::Waiting::Idle:
      return v1::CONSENSUS_WAIT_IDLE;
    case consensus::Waiting::Candidate:
      return v1::CONSENSUS_WAIT_CANDIDATE;
    case consensus::Waiting::Block:
      return v1::CONSENSUS_WAIT_BLOCK;
    case consensus::Waiting::Ancestry:
      return v1::CONSENSUS_WAIT_ANCESTRY;
    case consensus::Waiting::CheckAnswer:
      return v1::CONSENSUS_WAIT_CHECK_ANSWER;
    case consensus::Waiting::BuildAnswer:
      return v1::CONSENSUS_WAIT_BUILD_ANSWER;
    case consensus::Waiting::Notarization:
      return v1::CONSENSUS_WAIT_NOTARIZATION;
    case consensus::Waiting::Certification:
      return v1::CONSENSUS_WAIT_CERTIFICATION;
    case consensus::Waiting::Nullification:
      return v1::CONSENSUS_WAIT_NULLIFICATION;
  }
  std::unreachable();
}

v1::NullifyTrigger trigger_of(consensus::Trigger trigger) {
  switch (trigger) {
    case consensus::Trigger::LeaderTimeout:
      return v1::NULLIFY_TRIGGER_LEADER_TIMEOUT;
    case consensus::Trigger::ViewTimeout:
      return v1::NULLIFY_TRIGGER_VIEW_TIMEOUT;
    case consensus::Trigger::Declined:
      return v1::NULLIFY_TRIGGER_DECLINED;
    case consensus::Trigger::Invalid:
      return v1::NULLIFY_TRIGGER_INVALID;
    case consensus::Trigger::Equivocation:
      return v1::NULLIFY_TRIGGER_EQUIVOCATION;
    case consensus::Trigger::LeaderNullified:
      return v1::NULLIFY_TRIGGER_LEADER_NULLIFIED;
    case consensus::Trigger::Absent:
      return v1::NULLIFY_TRIGGER_ABSENT;
  }
  std::unreachable();
}

v1::StallVerdict verdict_of(replica::Stall stall) {
  using replica::Stall;
  switch (stall) {
    case Stall::Diverged:
      return v1::STALL_VERDICT_DIVERGED;
    case Stall::SafetyViolated:
      return v1::STALL_VERDICT_SAFETY_VIOLATED;
    case Stall::NotVoting:
      return v1::STALL_VERDICT_NOT_VOTING;
    case Stall::Behind:
      return v1::STALL_VERDICT_BEHIND;
    case Stall::Healthy:
      return v1::STALL_VERDICT_HEALTHY;
    case Stall::Idle:
      return v1::STALL_VERDICT_IDLE;
    case Stall::Links:
      return v1::STALL_VERDICT_LINKS;
    case Stall::Silent:
      return v1::STALL_VERDICT_SILENT;
    case Stall::NoLeader:
      return v1::STALL_VERDICT_NO_LEADER;
    case Stall::CandidateWaits:
      return v1::STALL_VERDICT_CANDIDATE_WAITS;
    case Stall::SplitAncestry:
      return v1::STALL_VERDICT_SPLIT_ANCESTRY;
    case Stall::Rejected:
      return v1::STALL_VERDICT_REJECTED;
    case Stall::StateSplit:
      return v1::STALL_VERDICT_STATE_SPLIT;
    case Stall::Uncertified:
      return v1::STALL_VERDICT_UNCERTIFIED;
    case Stall::EpochEnding:
      return v1::STALL_VERDICT_EPOCH_ENDING;
    case Stall::EpochDead:
      return v1::STALL_VERDICT_EPOCH_DEAD;
    case Stall::ChangeHeld:
      return v1::STALL_VERDICT_CHANGE_HELD;
    case Stall::Disk:
      return v1::STALL_VERDICT_DISK;
    case Stall::SlowExecution:
      return v1::STALL_VERDICT_SLOW_EXECUTION;
    case Stall::Clock:
      return v1::STALL_VERDICT_CLOCK;
    case Stall::Version:
      return v1::STALL_VERDICT_VERSION;
    case Stall::UnderWay:
      return v1::STALL_VERDICT_UNDER_WAY;
  }
  std::unreachable();
}

// `then` less now: negative when it has passed.
std::int64_t ms_until(MonoMs then, MonoMs now) {
  return static_cast<std::int64_t>(then.value()) - static_cast<std::int64_t>(now.value());
}

std::uint64_t ms_since(MonoMs then, MonoMs now) {
  return now > then ? now.value() - then.value() : 0;
}

std::string name_of(const Situation& situation, ValidatorIndex index) {
  return index.value() < situation.members.size() ? situation.members[index.value()].name : "";
}

void describe_view(const Situation& situation, v1::ConsensusStatusResponse& out) {
  const consensus::CoreStatus& core = situation.status.consensus;
  out.set_epoch(core.epoch.value());
  out.set_view(core.view.value());
  out.set_view_ms(ms_since(core.entered, situation.now));
  out.set_leader(name_of(situation, core.leader));
  out.set_leader_index(core.leader.value());
  out.set_delay_ms(core.delay_ms);
  out.set_backoff(core.backoff);
  if (core.leader_deadline) {
    out.set_leader_deadline_ms(ms_until(*core.leader_deadline, situation.now));
  }
  if (core.view_deadline) out.set_view_deadline_ms(ms_until(*core.view_deadline, situation.now));
  if (core.trigger) out.set_trigger(trigger_of(*core.trigger));
  out.set_wait(wait_of(core.waiting));
  out.set_finalized_view(core.finalized.value());
}

v1::SeenEquivocation equivocation_of(const Situation& situation,
                                     const consensus::Evidence& evidence) {
  const auto bytes_of = [](const consensus::Vote& vote) {
    return std::string{as_chars(consensus::encode(vote))};
  };
  const consensus::Subject& subject = evidence.first.subject;
  v1::SeenEquivocation out;
  // Members are those of the present set.
  const bool is_present = subject.epoch() == situation.status.consensus.epoch;
  if (is_present) out.set_validator(name_of(situation, evidence.first.signer));
  out.set_epoch(subject.epoch().value());
  out.set_view(subject.view().value());
  out.set_first_vote(bytes_of(evidence.first));
  out.set_second_vote(bytes_of(evidence.second));
  return out;
}

v1::ValidatorRow row_of(const Situation& situation, std::size_t index,
                        const consensus::VoteMatrix& matrix) {
  const consensus::CoreStatus& core = situation.status.consensus;
  const Member& member = situation.members[index];
  v1::ValidatorRow row;
  row.set_index(static_cast<std::uint32_t>(index));
  row.set_name(member.name);
  row.set_own(member.own);
  row.set_linked(member.linked || member.own);
  const auto error = situation.around.link_errors.find(member.node);
  if (error != situation.around.link_errors.end()) row.set_link_error(error->second);
  if (member.own) {
    row.set_view(core.view.value());
    row.set_height(situation.status.tip.height.value());
  } else if (member.said) {
    row.set_heard_ago_ms(ms_since(member.said->at, situation.now));
    row.set_view(member.said->view.value());
    row.set_height(member.said->height.value());
    row.set_clock_offset_ms(member.said->clock_offset_ms);
  }
  const ValidatorIndex own_index{static_cast<std::uint16_t>(index)};
  row.set_absent(std::ranges::find(core.absent, own_index) != core.absent.end());
  if (index >= matrix.cells.size()) return row;
  for (const std::string& cell : matrix.cells[index]) row.add_cells(cell);
  return row;
}

}  // namespace

v1::ConsensusStatusResponse consensus_status(const Situation& situation,
                                             const std::string& node_name) {
  const replica::ReplicaStatus& status = situation.status;
  const consensus::CoreStatus& core = status.consensus;
  v1::ConsensusStatusResponse out;
  out.set_node_name(node_name);
  out.set_mode(status.diverged ? v1::CONSENSUS_MODE_DIVERGED : mode_of(core.mode));
  if (core.observing) out.set_observing(observing_of(*core.observing));
  out.set_heard(static_cast<std::uint32_t>(core.heard));
  out.set_heard_needed(static_cast<std::uint32_t>(core.heard_needed));
  describe_view(situation, out);
  out.set_height(status.tip.height.value());
  if (situation.finalized_at) {
    out.set_finalized_ago_ms(ms_since(*situation.finalized_at, situation.now));
  }
  out.set_links_up(static_cast<std::uint32_t>(replica::linked_members(situation)));
  out.set_links_needed(static_cast<std::uint32_t>(replica::links_needed(situation)));
  out.set_validators(static_cast<std::uint32_t>(situation.members.size()));
  out.set_quorum(static_cast<std::uint32_t>(core.quorum));
  out.set_sync_p50_us(situation.around.sync_p50_us);
  out.set_sync_p99_us(situation.around.sync_p99_us);
  out.set_open_fetches(static_cast<std::uint32_t>(core.open_fetches));
  out.set_set_hash(situation.set_hash.to_string());
  out.set_mempool_transactions(static_cast<std::uint32_t>(status.waiting_transactions));
  if (situation.heartbeat_at) {
    const auto left = ms_until(*situation.heartbeat_at, situation.now);
    out.set_heartbeat_in_ms(left > 0 ? static_cast<std::uint64_t>(left) : 0);
  }
  if (situation.held_change) out.set_held_change(situation.held_change->verdict);
  for (const consensus::Evidence& evidence : status.evidence) {
    *out.add_equivocations() = equivocation_of(situation, evidence);
  }
  return out;
}

v1::ConsensusVotesResponse consensus_votes(const Situation& situation) {
  const consensus::VoteMatrix matrix = consensus::vote_matrix(situation.status.consensus);
  v1::ConsensusVotesResponse out;
  out.set_epoch(situation.status.consensus.epoch.value());
  for (std::size_t i = 0; i < matrix.views.size(); ++i) {
    v1::ViewColumn& column = *out.add_views();
    column.set_view(matrix.views[i].value());
    column.set_leader_index(matrix.leaders[i].value());
    column.set_certificates(matrix.certificates[i]);
  }
  for (std::size_t i = 0; i < situation.members.size(); ++i) {
    *out.add_validators() = row_of(situation, i, matrix);
  }
  return out;
}

v1::WhyStalledResponse why_stalled(const Situation& situation) {
  const replica::Verdict verdict = replica::diagnose(situation);
  v1::WhyStalledResponse out;
  out.set_verdict(verdict_of(verdict.stall));
  out.set_well(replica::is_well(verdict.stall));
  out.set_sentence(verdict.sentence);
  out.set_remedy(verdict.remedy);
  out.set_height(situation.status.tip.height.value());
  out.set_epoch(situation.status.consensus.epoch.value());
  out.set_view(situation.status.consensus.view.value());
  return out;
}

v1::BackupProgressResponse backup_progress(const BackupStatus& status) {
  v1::BackupProgressResponse out;
  out.set_stage(status.stage);
  out.set_folder(status.folder);
  out.set_bytes_done(status.bytes_done);
  out.set_bytes_total(status.bytes_total);
  out.set_files(status.files);
  out.set_failure(status.failure);
  if (status.stage == v1::BACKUP_STAGE_DONE) {
    out.set_height(status.height.value());
    out.set_digest(status.digest.to_string());
    out.set_state_root(status.state_root.to_string());
  }
  return out;
}

}  // namespace salus::rpc
