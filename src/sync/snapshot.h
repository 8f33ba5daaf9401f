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

// An offer as it came: nothing in it is believed yet.
struct ReadOffer {
  v1::FinalityProof proof;
  std::string header;
  Bytes certificate;
  // Of the header after the block, and the one whose set the proof begins with.
  Epoch epoch;
  Epoch first;
};

// A verified offer: all that a ledger is besides its state.
struct Snapshot {
  ledger::TipRecord tip;
  // The tip's own header and finalization.
  std::string header;
  Bytes certificate;
  // Of the epochs from the trusted one up to its own.
  std::vector<v1::EpochEnd> epoch_ends;
};

enum class OfferFlaw : std::uint8_t {
  // Cut off, longer than it should be, or not a proof.
  Malformed,
  // Its proof begins after the trusted epoch, or is of an epoch before it.
  OtherEpochs,
  // The header after the block is not final.
  NotFinal,
  // The block's own header or finalization does not fit it.
  OtherBlock,
};

// finality proof of the next header, sized | the block's header 230 | its finalization, sized.
Result<ReadOffer, OfferFlaw> read_offer(ByteView offer);
// Judged from the trusted set on: of the ends before it nothing is looked at.
Result<Snapshot, OfferFlaw> verify_offer(const TrustedSet& trusted, ReadOffer offer);
Result<Snapshot, OfferFlaw> verify_offer(const TrustedSet& trusted, ByteView offer);
// Of the highest state on offer here; nullopt while there is none. The state is kept, the next
// header is of the same epoch, and the block's finalization is its own. It carries the ends of the
// last epochs, as many as an answer of them may hold: a joiner asks for the earlier ones first.
std::optional<Bytes> make_offer(const ledger::Reader& chain, std::uint64_t every = kSnapshotEvery);
// How the epochs from `from` on ended, as far as one answer goes.
EpochsAnswer make_epochs(const ledger::Reader& chain, Epoch from);

}  // namespace salus::sync
