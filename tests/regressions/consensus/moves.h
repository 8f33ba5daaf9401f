// Owns: short names for what the regressions do to one core on the bench: a view is certified, or
// skipped, by certificates of the others.
#pragma once

#include <algorithm>
#include <cstdint>

#include "consensus/rig.h"

namespace salus::consensus::testing {

// The notarization comes, then the bytes, then the word that the block is valid.
inline void certify(Rig& rig, const Candidate& candidate, char name) {
  rig.certificate_in(notarize(candidate), {1, 2, 3});
  rig.flush();
  rig.bring(name);
  rig.flush();
  rig.answer(candidate, Purpose::Certify, true);
  rig.flush();
}

inline void skip(Rig& rig, std::uint64_t view) {
  rig.certificate_in(Rig::skip(view), {1, 2, 3});
  rig.flush();
}

// Whether a vote was sent again (C23, C35).
inline bool repeats(const Rig& rig, const Subject& subject) {
  return std::ranges::any_of(rig.sent_early<Retry>(), [&](const Retry& retry) {
    return std::ranges::any_of(retry.votes,
                               [&](const Vote& vote) { return vote.subject == subject; });
  });
}

}  // namespace salus::consensus::testing
