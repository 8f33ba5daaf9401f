// Owns: what a state root proves: that it holds these records, and none at those keys. A proof is
// the part of the tree that its keys need, each hash in it once, in one order; so for one root and
// one set of keys there is one proof, and a changed bit is refused. Verifying needs base and crypto
// alone: clients do it offline (docs/formats.md, "State proof").
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace salus::state {

inline constexpr std::size_t kProofKeysMax = 256;
inline constexpr std::size_t kProofBytesMax = std::size_t{1} << 20U;
inline constexpr std::size_t kProofKeyBytesMax = 512;

// One kind of node a byte, in pre-order, left before right.
enum class ProofNode : std::uint8_t {
  // Nothing is below: every key here is absent.
  Empty = 0,
  // The only leaf below is that of the one key here that is claimed to be present; its hash follows
  // from the claim.
  Claimed = 1,
  // The only leaf below is of none of the keys here. Key hash 32 | value hash 32.
  Other = 2,
  // Two children. Each that has keys below is a node; one that has none is its hash, 32 bytes.
  Inner = 3,
};

// What somebody says of a key. Views of bytes that outlive the call.
struct Claim {
  std::string_view key;
  // Absent: the state has no record there.
  std::optional<std::string_view> value;
};

enum class ProofError : std::uint8_t {
  NoKeys,
  TooManyKeys,
  KeyTooLong,
  // The claims are not distinct and ascending by key.
  KeysUnordered,
  TooLarge,
  // Cut off, longer than it should be, or with a node that cannot be there.
  Malformed,
  // The proof says present where the claim says absent, or the other way round.
  ClaimContradicted,
  // The hashes lead to another root: records, keys or proof are not of this state.
  OtherRoot,
};
std::string_view sentence(ProofError error);

// Holds exactly if the state of `root` has all claims. `nodes` as made by prove() (state/prove.h).
Result<void, ProofError> verify(const Root& root, std::span<const Claim> claims, ByteView nodes);

}  // namespace salus::state
