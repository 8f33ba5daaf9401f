// Owns: numbers as sentences spell them, exactly and by integers only: votes, shares, times, spans.
// The same on a node and on whoever computes its answer again.
#pragma once

#include <cstdint>
#include <string>

namespace salus::queries {

// Micro-votes as votes: `12`, `0.6`; six decimals at most, no zeros behind.
std::string spell_votes(std::uint64_t micro);
// The least whole number of votes that is enough.
std::uint64_t whole_votes(std::uint64_t micro);
// `61.4 %`, rounded down; `-` of nothing.
std::string spell_share(std::uint64_t part, std::uint64_t whole);
// Basis points: `50 %`, `33.34 %`.
std::string spell_bp(std::uint64_t bp);
// UTC to the second; `-` for 0.
std::string spell_time(std::uint64_t ms);
// `3 d`, `36 h`, `90 s`, `250 ms`: the largest unit that is exact.
std::string spell_span(std::uint64_t ms);

}  // namespace salus::queries
