// Owns: what a ballot of each scheme may say and what it adds to the counters (section 8). A ballot
// of power N always takes out exactly what it put in, so the counters equal a recount (G-5.12).
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "dao/error.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/governance.pb.h"

namespace salus::dao::governance {

// What a member says, whatever the scheme: one of the three is used.
struct Ballot {
  google::protobuf::RepeatedPtrField<v1::BallotPart> parts;
  std::vector<std::uint32_t> options;
  std::vector<v1::OptionVotes> votes;
};
Ballot ballot_of(const v1::Vote& action);
Ballot ballot_of(const v1::Stance& stance);

// What a ballot of this proposal may name.
struct BallotRule {
  v1::Scheme scheme = v1::SCHEME_YES_NO;
  std::uint32_t options = 1;
  // Of one quadratic ballot.
  std::uint64_t credits = 0;
};
BallotRule ballot_rule(const v1::Proposal& proposal);

// BallotInvalid (G-8.1, G-8.11).
Outcome check_ballot(const Ballot& ballot, const BallotRule& rule);
// Wholly no or veto, none of the options, or the empty set: all that OBJECTION takes (G-7.5).
bool is_against(const Ballot& ballot, v1::Scheme scheme);

// Adds a valid ballot of `power` to the counters, or takes it back out. The tally has one counter
// for each option, if the scheme knows options.
enum class Sign : std::uint8_t { Plus, Minus };
void count_ballot(v1::Tally& tally, Sign sign, v1::Scheme scheme, std::uint64_t power,
                  const Ballot& ballot);

// Whether counters are kept by option.
bool counts_options(v1::Scheme scheme);

}  // namespace salus::dao::governance
