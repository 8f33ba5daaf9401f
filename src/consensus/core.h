// Owns: one epoch of Simplex as a value (consensus.md). Equal events give equal effects, byte for
// byte: no clock, I/O, thread, randomness. Safety is may_vote (registers.h) and the staging rule:
// every record, vote and word that rests on them leaves through take_stage, one stage in flight.
// One Core is one epoch; the driver makes the next one when a boundary block is final.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "consensus/effects.h"
#include "consensus/event.h"
#include "consensus/parameters.h"
#include "consensus/registers.h"
#include "consensus/types.h"

namespace salus::consensus {

enum class Mode : std::uint8_t { Voting, Observing, Diverged, Halted };
// LedgerBehind: it voted in a later epoch than its ledger knew when it started (S9).
enum class ObservingReason : std::uint8_t {
  NotInSet,
  Amnesia,
  Twin,
  Version,
  Stopped,
  LedgerBehind,
};
std::string_view name(Mode mode);
std::string_view name(ObservingReason reason);

// What a start knows: an epoch's beginning is all defaults. Everything in it is durable.
struct Recovered {
  Registers registers;
  // Last vote stage of guard and journal, after S9 has brought them level.
  Stage stage;
  // From the journal, any order; those at or below `finalized` are ignored.
  std::vector<Validated<Certificate>> certificates;
  // Candidates whose block bytes the journal holds.
  std::vector<Candidate> candidates;
  // The ledger's last finalized candidate in this epoch with its certificate, if any (S15).
  std::optional<Validated<Certificate>> finalized;
  // Set if the guard is restricted (S10, S14), the node observes by choice, or the journal holds a
  // Halt record.
  std::optional<ObservingReason> observing;
  std::optional<HaltRecord> halt;
  // The journal folder of the epoch was there before: the view that we restart into never gets a
  // second block of ours (recovery step 6).
  bool restarted = false;
  // This process began in an earlier epoch and there heard what S13 asks for.
  bool heard_enough = false;
};

struct CoreConfig {
  ChainId chain_id;
  Epoch epoch;
  ValidatorSet set;
  // Empty: an observer.
  std::optional<ValidatorIndex> own_index;
  Parameters parameters;
  // View 0: genesis, or the boundary block of the epoch before.
  Digest first_ancestor;
  // S13, S14. Off only in a simulation that runs one key twice to see what becomes of the others.
  bool watches_own_key = true;
};

// What started the own nullify of the current view (C10).
enum class Trigger : std::uint8_t {
  LeaderTimeout,
  ViewTimeout,
  Declined,
  Invalid,
  Equivocation,
  LeaderNullified,
  Absent,
};
inline constexpr std::size_t kTriggers = 7;
std::string_view name(Trigger trigger);

// What keeps a view from ending, for why-stalled.
enum class Waiting : std::uint8_t {
  Nothing,
  Idle,
  Candidate,
  Block,
  Ancestry,
  CheckAnswer,
  BuildAnswer,
  Notarization,
  Certification,
  Nullification,
};
std::string_view name(Waiting waiting);

struct ViewVotes {
  View view;
  ValidatorIndex leader;
  std::optional<Candidate> candidate;
  std::vector<ValidatorIndex> notarize;
  std::vector<ValidatorIndex> nullify;
  std::vector<ValidatorIndex> finalize;
  bool notarized = false;
  bool nullified = false;
  bool finalized = false;
  // Known only because a certificate names them.
  std::vector<ValidatorIndex> notarize_certified = {};
  std::vector<ValidatorIndex> nullify_certified = {};
  std::vector<ValidatorIndex> finalize_certified = {};
  // Signed votes of this view that exclude each other (E1-E3).
  std::vector<ValidatorIndex> equivocated = {};
};

// A certificate without which the candidate of the current view cannot be judged (C26).
struct MissingAncestor {
  View view;
  FetchKind kind = FetchKind::Any;
  // Settled here in the other way: each side would refuse the other's children (C34).
  bool split = false;
  // How often it was asked for, and whom last.
  std::uint32_t tries = 0;
  std::optional<ValidatorIndex> asked = std::nullopt;
};

struct Counters {
  std::uint64_t votes_in = 0;
  std::uint64_t votes_dropped = 0;
  std::uint64_t certificates_in = 0;
  std::uint64_t certificates_dropped = 0;
  // Durable ones that count, made here or by others, by kind.
  std::uint64_t notarizations = 0;
  std::uint64_t nullifications = 0;
  std::uint64_t finalizations = 0;
  std::uint64_t notarize_cast = 0;
  std::uint64_t nullify_cast = 0;
  std::uint64_t finalize_cast = 0;
  std::uint64_t invalid_candidates = 0;
  std::uint64_t fetches = 0;
  std::uint64_t retries = 0;
  std::uint64_t standstills = 0;
  // By Trigger: views whose own nullify it started.
  std::array<std::uint64_t, kTriggers> triggers{};
};

// A copy for the operator (section 12).
struct CoreStatus {
  Mode mode = Mode::Voting;
  std::optional<ObservingReason> observing;
  // S13: validators whose Status was heard, and how many are needed before the first vote.
  std::size_t heard = 0;
  std::size_t heard_needed = 0;
  Epoch epoch;
  View view;
  ValidatorIndex leader;
  MonoMs entered;
  std::uint64_t delay_ms = 0;
  std::uint64_t backoff = 0;
  std::optional<MonoMs> ready;
  std::optional<MonoMs> leader_deadline;
  std::optional<MonoMs> view_deadline;
  std::optional<Trigger> trigger;
  Waiting waiting = Waiting::Nothing;
  View finalized;
  // The epoch's last block is final (C43).
  bool ended = false;
  std::size_t open_fetches = 0;
  std::optional<ValidatorIndex> own_index = std::nullopt;
  std::size_t quorum = 0;
  // S13 holds in this run.
  bool heard_enough = false;
  // A block of the current view has something to be built on (C25).
  bool has_parent = false;
  // That block is the epoch's last, and not final (C42).
  bool ending = false;
  // About the candidate of the current view: its bytes are here; its parent view is usable; what
  // its ancestry lacks; why it is invalid.
  bool bytes_here = false;
  bool parent_usable = false;
  std::vector<MissingAncestor> missing = {};
  std::optional<std::uint32_t> invalid = std::nullopt;
  // Highest view with a verified vote of each validator.
  std::vector<View> seen;
  // Whose views are skipped (C24).
  std::vector<ValidatorIndex> absent = {};
  // The last 16 views.
  std::vector<ViewVotes> views;
  Counters counters;
};

// What a Status message says about consensus; the driver adds height, mode and wall time.
struct StatusOut {
  Epoch epoch;
  View view;
  View finalized;
  // The newest votes of the receiver that this node holds.
  std::vector<Vote> votes_of_receiver;
};

class Core {
 public:
  // Nothing is said before the first Tick.
  Core(CoreConfig config, Recovered recovered);
  ~Core();
  Core(Core&&) noexcept;
  Core& operator=(Core&&) noexcept;
  // A second core in the same state: an explorer goes two ways from here.
  Core clone() const;

  // What the driver does at once.
  [[nodiscard]] Effects step(const Event& event);
  // What must become durable next, or nothing: there is no work, or a stage is in flight. Called at
  // the end of each turn. Until step(Durable) the driver holds the only copy.
  [[nodiscard]] std::optional<StageWork> take_stage();

  StatusOut status_for(const NodeId& receiver) const;
  CoreStatus status() const;
  Epoch epoch() const;
  View view() const;
  View finalized() const;
  Mode mode() const;
  // Why a core in Mode::Observing does not vote.
  std::optional<ObservingReason> observing() const;
  // S13 holds in this run.
  bool heard_enough() const;
  const Registers& registers() const;
  // Blocks that finality rests on (section 10): certified, voted for, or to be judged in this view
  // or the next. Their bytes stay.
  std::set<Digest> needed_blocks() const;
  // Last vote stage that Durable confirmed; the ledger notes it (S15).
  Stage durable_stage() const;
  // Hash of the canonical state.
  Hash fingerprint() const;

 private:
  class State;
  explicit Core(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace salus::consensus
