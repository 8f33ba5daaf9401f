// Owns: the digests of the last consensus.ready_window blocks, by which a proof of readiness shows
// that its node follows this chain (C47). Executing a block knows its parent's digest, so the
// newest height that can be proved is the one before.
#pragma once

#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "state/overlay.h"

namespace salus::dao::validators {

// Notes the parent's digest; the oldest one gives its place.
void put_digest(state::Overlay& state, const BlockContext& block);
// Of a height before the block; nullopt for those that have gone or that nobody knows yet.
std::optional<Digest> find_digest(const state::Overlay& state, const BlockContext& block,
                                  std::uint64_t height);

// G-8.20: at `proved == height - window` the proof is too old. ReadyTooOld, ReadyWrongDigest.
Outcome check_ready(std::uint64_t height, std::uint64_t proved, std::uint64_t window,
                    bool digest_matches);

}  // namespace salus::dao::validators
