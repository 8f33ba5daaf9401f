// Owns: the state behind Core. Events note facts; settle() then draws every conclusion that the
// rules allow from the facts held, in one fixed order. So no conclusion depends on which fact came
// last, and a fact that comes again changes nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "consensus/core.h"
#include "consensus/pacemaker.h"
#include "consensus/repair.h"
#include "consensus/staging.h"
#include "consensus/view_book.h"

namespace salus::consensus {

// Views with open tallies; the lowest are emptied first (section 10).
inline constexpr std::uint64_t kOpenViews = 64;
// Digests of blocks that are here, remembered until a candidate names them.
inline constexpr std::size_t kBlocksHereMax = 4'096;
inline constexpr std::size_t kAnswerCertificatesMax = 64;
// One pass of C35: about one standstill interval at 256 KiB/s for the largest set.
inline constexpr std::size_t kStandstillCertificatesMax = 256;
// Boundary blocks that are not final; an offer each view at the very most.
inline constexpr std::size_t kBoundariesMax = 64;
// From here on leaders build empty blocks (C28).
inline constexpr std::size_t kUnfinalizedBlocksMax = 16;

class Core::State {
 public:
  State(CoreConfig config, Recovered recovered);

  Effects step(const Event& event);
  std::optional<StageWork> take_stage();

  StatusOut status_for(const NodeId& receiver) const;
  CoreStatus status() const;
  std::set<Digest> needed_blocks() const;
  Hash fingerprint() const;

  const CoreConfig& config() const { return config_; }
  const ViewBook& book() const { return book_; }
  const Pacemaker& pace() const { return pace_; }
  const Registers& registers() const { return registers_; }
  const Staging& staging() const { return staging_; }
  Mode mode() const { return mode_; }
  std::optional<ObservingReason> observing() const { return observing_; }
  bool gate_open() const;

 private:
  // --- core.cc: dispatch, and the facts that events bring.
  void on(const Tick& tick);
  void on(const VoteIn& in);
  void on(const CertificateIn& in);
  void on(const BlockIn& in);
  void on(const BlockGone& gone);
  void on(const CheckDone& done);
  void on(const BuildDone& done);
  void on(const WorkDue& word);
  void on(const FetchIn& in);
  void on(const StatusIn& in);
  void on(const LinkUp& up);
  void on(const ParametersIn& in);
  void on(const BoundaryIn& in);
  void on(const StopVoting&);
  void on(const HasDiverged& found);
  void on(const VersionUnknown&);
  void observe(ObservingReason reason);
  void on(const Durable& durable);
  bool admits_vote(View view) const;
  void count_vote(const Vote& vote);
  void count_seen(ValidatorIndex signer, View view);
  void note_newest(const Vote& vote);
  void report_evidence(const Vote& first, const Vote& second);
  void judge_own_vote(const Vote& vote, std::optional<NodeId> heard_from);
  void admit_certificate(const Certificate& certificate);
  void count_cast(VoteKind kind);
  void count_installed(VoteKind kind);
  const Certificate* find_contradiction(const Certificate& certificate) const;
  void leave_voting(Mode mode);
  void halt(const Certificate& first, const Certificate& second);
  void install(const Certificate& certificate);
  void install_finalization(const Certificate& certificate);
  void answer_passed_vote(ValidatorIndex signer);

  // --- core_rules.cc: conclusions.
  void settle();
  void certify();
  void certify_one(View view);
  void diverge(const Candidate& candidate, std::uint32_t reason);
  void stop_diverged(View view);
  void reach(View view);
  void enter(View view);
  bool leader_is_absent() const;
  void cast_finalizes();
  void judge_current();
  void find_parent_of_current();
  void judge_readiness();
  void judge_standstill();
  MonoMs pace_allows_from() const;
  void sign_recovered_notarize();
  void expire_deadlines();
  void lead();
  void judge_candidate();
  void note_leader_vote(const Candidate& candidate);
  void set_candidate(const Candidate& candidate);
  void cancel_check(View view);
  void cast(const Subject& subject);
  void stage_bytes(ViewState& state);
  bool leads_current() const;
  bool can_vote() const;
  bool is_repeat(const Candidate& candidate) const;
  void end_if_boundary();

  // --- core_repair.cc: fetches, repetition, serving, wake-ups.
  void plan_repairs();
  std::vector<Wanted> wanted() const;
  void want_block(std::vector<Wanted>& list, const Candidate& candidate,
                  std::optional<ValidatorIndex> first) const;
  void send_due_fetches();
  void send_due_repeats();
  Retry retry_of_view() const;
  Retry standstill_pass();
  void schedule_retry();
  void arm_deadline();
  std::vector<Certificate> certificates_for(const FetchIn& in) const;
  void add_settling(std::vector<Certificate>& list, View from) const;

  // --- core_recovery.cc
  void recover(Recovered recovered);
  void recover_certificates(const std::vector<Validated<Certificate>>& certificates);
  void recover_candidates(const std::vector<Candidate>& candidates);
  void recover_votes();
  View recovered_view() const;
  void start();

  // --- core_status.cc
  Waiting waiting() const;
  ViewVotes view_votes(View view) const;
  std::vector<ValidatorIndex> absent() const;
  void describe_candidate(CoreStatus& out) const;

  ValidatorIndex leader(View view) const { return config_.set.leader_of(config_.epoch, view); }
  bool is_own(ValidatorIndex index) const { return config_.own_index == index; }

  CoreConfig config_;
  Parameters parameters_;
  // Taken over on the next view entry.
  Parameters next_parameters_;
  Mode mode_ = Mode::Voting;
  std::optional<ObservingReason> observing_;

  ViewBook book_;
  Pacemaker pace_;
  Registers registers_;
  Staging staging_;
  Repair repair_;

  bool started_ = false;
  bool restarted_ = false;
  bool heard_enough_ = false;
  // C43.
  bool ended_ = false;
  std::set<Digest> boundaries_;
  // A register vote whose block bytes were lost: signed again once they are durable (C13).
  std::optional<Candidate> unsigned_notarize_;
  // Until the first Tick, the view to start in.
  View first_view_{1};
  MonoMs now_;

  // Blocks whose bytes are here, oldest first in the queue.
  std::set<Digest> blocks_here_;
  std::deque<Digest> blocks_order_;

  // The block that a candidate of the current view builds on (C25), and the word on work after it.
  std::optional<Ancestor> parent_;
  std::optional<std::uint64_t> parent_version_;
  std::optional<Digest> judged_parent_;
  bool work_due_ = false;
  // First seen of the final ancestor, whose view is gone (C27 pace).
  MonoMs final_seen_;

  enum class BuildState : std::uint8_t { None, Asked, Answered };
  BuildState build_ = BuildState::None;
  Ancestor build_parent_;

  // Per validator index.
  std::vector<View> seen_;
  std::vector<std::map<VoteKind, Vote>> newest_;
  std::vector<std::optional<MonoMs>> answered_;
  std::set<ValidatorIndex> heard_;
  std::set<ValidatorIndex> evidence_reported_;

  // A peer that claims a finalization above v_f, believed until its next Status is due twice (C33).
  struct Claim {
    View finalized;
    ValidatorIndex peer;
    MonoMs until;
  };
  std::optional<Claim> claim_;

  MonoMs next_retry_;
  MonoMs next_status_;
  // None while idle: the work at hand must wait that long for a finalization (C35).
  std::optional<MonoMs> next_standstill_;
  View standstill_cursor_;
  std::optional<MonoMs> armed_;

  Counters counters_;
  Effects effects_;
};

}  // namespace salus::consensus
