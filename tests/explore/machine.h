// Owns: one validator of the small world: a real consensus::Core, its disk, and an application that
// knows every block. A value: it is copied and goes on from there. Each step is held against the
// conscience.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "consensus/core.h"
#include "explore/conscience.h"
#include "explore/world.h"

namespace salus::consensus::explore {

struct Habits {
  // Stages wait for a Sync; otherwise they are durable at once.
  bool slow_disk = false;
  // Block bytes come by themselves; otherwise with the first message that names the block.
  bool bytes_apart = false;
};

// One thing that can happen to a validator.
struct Action {
  enum class Kind : std::uint8_t {
    Work,            // a transaction arrives
    Decline,         // a transaction arrives, and the leader can build nothing
    TimeOut,         // the deadlines of the view pass
    Sync,            // the stage in flight becomes durable
    CrashLosingAll,  // of a stage in flight, neither journal nor guard is on the disk
    CrashWithJournal,
    CrashWithGuard,
    CrashWithBoth,
    Hear,         // a Status of two others
    Stop,         // the operator stops its voting
    Vote,         // of `signer`, on `subject`
    Certificate,  // of `subject`; `own`: this validator is among its signers
    Bytes,        // of the block of `subject`
  };
  Kind kind = Kind::Work;
  std::size_t subject = 0;
  std::size_t signer = 0;
  bool own = false;
};

class Machine {
 public:
  Machine(World& world, std::size_t index, Habits habits);
  Machine(const Machine& other);
  Machine& operator=(const Machine&) = delete;

  // Empty, or the rule that was broken.
  std::string apply(World& world, const Action& action);

  View view() const { return core_.view(); }
  View finalized() const { return core_.finalized(); }
  const Conscience& conscience() const { return conscience_; }
  // Votes on links, by subject.
  Mask sent() const { return sent_; }
  Mask bytes_here() const { return bytes_here_; }
  // Votes heard of another, by subject.
  Mask heard_votes(std::size_t signer) const { return heard_votes_[signer]; }
  bool works() const { return works_in_ == core_.view(); }
  bool is_in_flight() const { return flying_.has_value(); }
  bool votes_in_flight() const { return flying_ && flying_->needs_signer(); }
  bool has_crashed() const { return lives_ > 1; }
  bool may_vote_yet() const { return heard_peers_; }
  bool is_stopped() const { return core_.mode() != Mode::Voting; }
  // The last block of its epoch is final here (C43).
  bool has_ended() const { return conscience_.has_ended(); }
  // Equal for machines that will do the same.
  Hash key() const;

 private:
  void start(World& world, Recovered recovered);
  void handle(World& world, const Event& event);
  void step(World& world, const Event& event);
  void perform(World& world, const Ask& ask);
  void answer_checks(World& world);
  void answer_work(World& world);
  void take_stages(World& world);
  void finish_stage(World& world);
  void hear_vote(World& world, std::size_t signer, std::size_t subject);
  void hear_certificate(World& world, std::size_t subject, bool own);
  void bring_bytes(World& world, std::size_t block);
  std::size_t parent_of_build(const World& world, const Build& build) const;
  void crash(World& world, bool journal, bool guard);
  void judge_casts(World& world);
  void judge_certificates(World& world, const std::vector<Record>& records);
  void judge(std::string broken);
  VoteContext context(const World& world) const;

  std::size_t index_;
  Habits habits_;
  Core core_;
  Conscience conscience_;
  std::string broken_;

  // The disk.
  std::vector<Record> journal_;
  Registers journal_registers_;
  Registers guard_registers_;
  Stage journal_stage_;
  Stage guard_stage_;

  // What a crash takes away.
  std::optional<StageWork> flying_;
  Registers registers_before_;
  std::deque<Event> answers_;
  std::vector<Check> checks_;
  Digest judged_parent_;
  View works_in_;
  bool declines_ = false;
  bool heard_peers_ = false;
  Mask bytes_here_ = 0;
  Mask heard_votes_[kValidators] = {};
  // Certificates that came in one piece, by subject.
  Mask whole_ = 0;
  std::uint64_t now_ms_ = 1'000;

  Mask sent_ = 0;
  std::uint32_t lives_ = 1;
};

}  // namespace salus::consensus::explore
