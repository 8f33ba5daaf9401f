// Owns: what rule C9 lets one validator vote, worked out again from what reached its disk and what
// it was told, with no code of the core. Each vote that the core casts is held against it (O7), and
// so is the view that the core says it is in (C2).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "consensus/journal_record.h"
#include "consensus/registers.h"
#include "explore/world.h"

namespace salus::consensus::explore {

class Conscience {
 public:
  explicit Conscience(std::size_t own) : own_(own) {}

  // --- What happens to the validator.
  void told_candidate(const World& world, std::size_t block);
  void told_leader_nullify(View view) { leader_nullified_ |= bit(view.value()); }
  void heard_peer(std::size_t peer) { heard_ |= bit(peer); }
  void timed_out() { timed_out_ = view_; }
  void stopped() { stopped_ = true; }
  // Its own build failed.
  void declined() { declined_in_ = view_; }
  void checked_valid(const World& world, std::size_t block);
  void durable(World& world, const std::vector<Record>& records);
  // Memory is lost; `registers` is what S9 made of guard and journal.
  void restarted(const World& world, const Registers& registers);

  // --- What it may do. Empty, or the clause that is broken.
  // In the step that casts it: mode, S13, and column 3 of C9.
  std::string judge_cast(const World& world, std::size_t subject);
  // A step cast finalize of `view`: it may have cast those below in the same breath.
  void allow_finalizes_below(const World& world, View view);
  // In the order in which votes leave: column 2.
  std::string judge_order(const World& world, std::size_t subject);
  // A stage leaves for the disk: its votes once in a life, and a notarize with its bytes (S3).
  std::string judge_stage(const World& world, Mask votes, const std::vector<Record>& records);

  View view() const { return view_; }
  View finalized() const { return finalized_; }
  bool has_ended() const { return ended_; }
  Mask certificates() const { return certificates_; }
  Mask offers() const { return offers_; }
  Mask cast() const { return cast_; }
  bool is_timed_out() const { return timed_out_ == view_; }
  void write(ByteWriter& out) const;

 private:
  bool holds(const World& world, VoteKind kind, View view) const;
  bool usable(const World& world, View view) const;
  bool ancestry_complete(const World& world, const Candidate& candidate) const;
  std::size_t offers_in(const World& world, View view) const;
  void conclude(const World& world);
  std::string judge_notarize(const World& world, std::size_t block) const;
  std::string judge_nullify(const World& world, View view) const;
  std::string judge_finalize(const World& world, std::size_t subject) const;

  std::size_t own_;
  View view_{1};
  View finalized_;
  // Durable: certificates by subject, block bytes by block.
  Mask certificates_ = 0;
  Mask bytes_ = 0;
  // By block.
  Mask offers_ = 0;
  Mask valid_ = 0;
  Mask certified_ = 0;
  // By view.
  Mask leader_nullified_ = 0;
  View timed_out_;
  View declined_in_;
  View restarted_into_;
  Mask heard_ = 0;
  bool stopped_ = false;
  // Durable.
  bool ended_ = false;
  // By subject: votes known to be cast, those that the registers kept over a restart, and those
  // staged in this life.
  Mask cast_ = 0;
  Mask kept_ = 0;
  Mask staged_ = 0;
  View last_notarize_;
  View last_nullify_;
  View last_finalize_;
};

}  // namespace salus::consensus::explore
