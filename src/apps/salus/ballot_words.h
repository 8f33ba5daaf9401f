// Owns: ballots as people write them, for every scheme, and which one counts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "salus/v1/action.pb.h"
#include "salus/v1/governance.pb.h"

namespace salus::cli {

// Fills in what the words say for a proposal of this scheme, or says what is wrong:
//   yes-no, optimistic   yes | no | abstain | veto, or parts: yes=60 no=40
//   choice               1 | 2 | none | abstain, or parts: 1=50 none=50
//   approval             numbers of the approved options: 1 3; none = approves of nothing
//   quadratic            votes by option: 1=5 2=3 none=1; their squares add up to the credits
std::optional<std::string> fill_ballot(v1::Scheme scheme, const std::vector<std::string>& words,
                                       v1::Vote& vote);

// The same words for a ballot that was cast.
std::string print_ballot(v1::Scheme scheme, const v1::Stance& stance);

// Whether the record is of this ballot, in a block of this time: a later one replaces all of it.
bool counts(const v1::Vote& vote, std::uint64_t time_ms, const v1::Stance& stance);

}  // namespace salus::cli
