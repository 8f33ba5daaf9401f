// Owns: two numbers with two meanings have two types (style.md, rule 4). Ids are explicit in both
// directions and offer only the arithmetic that means something: a height has a next, two heights
// have no sum.
#pragma once

#include <compare>
#include <cstdint>

#include "base/bytes.h"

namespace salus {

template <typename Tag, typename Rep = std::uint64_t>
class Number {
 public:
  constexpr Number() = default;
  constexpr explicit Number(Rep value) : value_(value) {}

  constexpr Rep value() const { return value_; }
  constexpr Number next() const { return Number{static_cast<Rep>(value_ + 1)}; }
  // Asserted by callers: only where a smaller one exists.
  constexpr Number previous() const { return Number{static_cast<Rep>(value_ - 1)}; }

  constexpr auto operator<=>(const Number&) const = default;

 private:
  Rep value_ = 0;
};

// Position in the chain; genesis is 0.
using Height = Number<struct HeightTag>;
// One validator set's reign; from 0.
using Epoch = Number<struct EpochTag>;
// A consensus attempt within an epoch; 0 is the epoch's first ancestor, voting starts in 1.
using View = Number<struct ViewTag>;
// Place in the ordered validator set of an epoch.
using ValidatorIndex = Number<struct ValidatorIndexTag, std::uint16_t>;
// Counts vote stages of a signer over all its life (consensus.md, S4).
using Stage = Number<struct StageTag>;

// Epochs, views and heights from 2^63 on are malformed (consensus.md, section 2).
inline constexpr std::uint64_t kOrdinalEnd = std::uint64_t{1} << 63U;

// Milliseconds of the monotonic clock, for timers only.
using MonoMs = Number<struct MonoMsTag>;
// Milliseconds since 1970 UTC.
using WallMs = Number<struct WallMsTag>;

// BLAKE2b-256 results.
using Digest = FixedBytes<struct DigestTag, 32>;      // of a block header
using ChainId = FixedBytes<struct ChainIdTag, 32>;    // of the genesis document
using Root = FixedBytes<struct RootTag, 32>;          // of a Merkle tree
using TxId = FixedBytes<struct TxIdTag, 32>;          // of a transaction body
using Hash = FixedBytes<struct HashTag, 32>;          // of anything else
using AccountId = FixedBytes<struct AccountIdTag, 32>;

// Ed25519.
using PublicKey = FixedBytes<struct PublicKeyTag, 32>;
using Signature = FixedBytes<struct SignatureTag, 64>;
// A node is known to its peers by the Ed25519 key of its TLS certificate.
using NodeId = FixedBytes<struct NodeIdTag, 32>;

}  // namespace salus
