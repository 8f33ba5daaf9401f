// Owns: what a snapshot is: a state after a block, known by the root in a finalized header. An
// offer leads from genesis to that header, so whoever takes it trusts none of those who serve its
// parts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "ledger/reader.h"
#include "salus/v1/finality.pb.h"
#include "sync/finality.h"
#include "sync/messages.h"

namespace salus::sync {

// Nodes offer states after heights that are multiples of this, so that several serve the same one.
inline constexpr std::uint64_t kSnapshotEvery = 1'000;

// A verified offer: all that a ledger is besides its state.
struct Snapshot {
  ledger::TipRecord tip;
  // The tip's own header and finalization.
  std::string header;
  Bytes certificate;
  // Of all epochs before its own.
  std::vector<v1::EpochEnd> epoch_ends;
};

enum class OfferFlaw : std::uint8_t {
  // Cut off, longer than it should be, or not a proof.
  Malformed,
  // The header after the block is not final.
  NotFinal,
  // The block's own header or finalization does not fit it.
  OtherBlock,
};

// finality proof of the next header, sized | the block's header 230 | its finalization, sized.
// Judged from the set of genesis.
Result<Snapshot, OfferFlaw> verify_offer(const TrustedSet& genesis, ByteView offer);
// Of the highest state on offer here; nullopt while there is none. The state is kept, the next
// header is of the same epoch, and the block's finalization is its own.
std::optional<Bytes> make_offer(const ledger::Reader& chain, std::uint64_t every = kSnapshotEvery);

}  // namespace salus::sync
