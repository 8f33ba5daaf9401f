// Owns: column 2 of the vote-permission table (C9), the one rule from which safety follows:
// notarize views strictly increase, and of nullify and finalize each is refused at or below the
// last of the other. The core asks it before it casts; the sign guard asks it again on its own
// durable copy.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"
#include "consensus/types.h"

namespace salus::consensus {

// A validator's own-vote maxima in one epoch. Fresh registers mean: never voted in this epoch.
struct Registers {
  std::optional<Candidate> notarize;
  std::optional<View> nullify;
  std::optional<Candidate> finalize;

  // Notes a vote that may_vote allowed.
  void record(const Subject& subject);
  // The vote is one that these registers hold: signing it again gives the same bytes (S8).
  bool holds(const Subject& subject) const;
  // The vote can be one that this validator cast: its view is at or below the register of its kind,
  // and at the register itself the bytes are equal (S13, S14).
  bool covers(const Subject& subject) const;
  // The register votes, which are signed again after a restart (C13).
  std::vector<Subject> votes(Epoch epoch) const;

  bool operator==(const Registers&) const = default;
};

// Column 2 of C9, pure. False for a vote that was cast before: see Registers::holds.
bool may_vote(const Registers& registers, const Subject& subject);

// The layout inside a guard page: notarize view, parent, digest; nullify view; finalize view,
// parent, digest; a view of 0 means none. `epoch` is stored beside it by the caller.
inline constexpr std::size_t kRegistersBytes = 48 + 8 + 48;
Bytes encode(const Registers& registers);
std::optional<Registers> decode_registers(ByteView bytes, Epoch epoch);

}  // namespace salus::consensus
