// Owns: the forms of ballots and their counting.
#include "dao/governance/ballots.h"

#include <algorithm>
#include <set>

#include "base/assert.h"
#include "base/u128.h"
#include "dao/governance/verdict.h"

namespace salus::dao::governance {

namespace {

using Parts = google::protobuf::RepeatedPtrField<v1::BallotPart>;

// Options by number, yes, no, none, abstain, veto (G-8.2).
std::uint32_t place_of(const v1::BallotPart& part) {
  constexpr std::uint32_t kAfterOptions = 1'000;
  switch (part.choice()) {
    case v1::CHOICE_OPTION:
      return part.option();
    case v1::CHOICE_YES:
      return kAfterOptions;
    case v1::CHOICE_NO:
      return kAfterOptions + 1;
    case v1::CHOICE_NONE:
      return kAfterOptions + 2;
    case v1::CHOICE_ABSTAIN:
      return kAfterOptions + 3;
    default:
      return kAfterOptions + 4;
  }
}

std::vector<v1::BallotPart> in_order(const Parts& parts) {
  std::vector<v1::BallotPart> sorted(parts.begin(), parts.end());
  std::ranges::sort(sorted, {}, place_of);
  return sorted;
}

bool is_choice_of(const v1::BallotPart& part, const BallotRule& rule) {
  if (part.choice() != v1::CHOICE_OPTION && part.option() != 0) return false;
  if (rule.scheme == v1::SCHEME_CHOICE) {
    if (part.choice() == v1::CHOICE_OPTION) {
      return part.option() >= 1 && part.option() <= rule.options;
    }
    return part.choice() == v1::CHOICE_NONE || part.choice() == v1::CHOICE_ABSTAIN;
  }
  return part.choice() >= v1::CHOICE_YES && part.choice() <= v1::CHOICE_VETO;
}

bool are_parts(const Ballot& ballot, const BallotRule& rule) {
  if (!ballot.options.empty() || !ballot.votes.empty()) return false;
  std::vector<std::uint64_t> shares;
  std::set<std::uint32_t> distinct;
  for (const v1::BallotPart& part : ballot.parts) {
    if (!is_choice_of(part, rule)) return false;
    shares.push_back(part.part());
    distinct.insert(place_of(part));
  }
  return parts_are_valid(shares) && distinct.size() == shares.size();
}

// Distinct because they ascend.
bool is_set(const Ballot& ballot, const BallotRule& rule) {
  if (!ballot.parts.empty() || !ballot.votes.empty()) return false;
  std::uint32_t last = 0;
  for (const std::uint32_t option : ballot.options) {
    if (option <= last || option > rule.options) return false;
    last = option;
  }
  return true;
}

// Full credits may be used up (G-8.11); none of the options is number 0.
bool are_votes(const Ballot& ballot, const BallotRule& rule) {
  if (!ballot.parts.empty() || !ballot.options.empty() || ballot.votes.empty()) return false;
  std::set<std::uint32_t> distinct;
  U128 cost = 0;
  for (const v1::OptionVotes& entry : ballot.votes) {
    if (entry.option() > rule.options || !distinct.insert(entry.option()).second) return false;
    cost += U128{entry.votes()} * entry.votes();
  }
  return cost <= rule.credits;
}

std::uint64_t moved(std::uint64_t counter, Sign sign, std::uint64_t amount) {
  SALUS_ASSERT(sign == Sign::Plus || counter >= amount,
               "a counter holds what each ballot put into it (G-5.12)");
  return sign == Sign::Plus ? counter + amount : counter - amount;
}

void add_option(v1::Tally& tally, std::uint32_t option, Sign sign, std::uint64_t amount) {
  const int place = static_cast<int>(option) - 1;
  SALUS_ASSERT(place >= 0 && place < tally.options_size(), "a stored ballot names known options");
  tally.set_options(place, moved(tally.options(place), sign, amount));
}

void add(v1::Tally& tally, const v1::BallotPart& part, Sign sign, std::uint64_t amount) {
  switch (part.choice()) {
    case v1::CHOICE_YES:
      return tally.set_yes(moved(tally.yes(), sign, amount));
    case v1::CHOICE_NO:
      return tally.set_no(moved(tally.no(), sign, amount));
    case v1::CHOICE_ABSTAIN:
      return tally.set_abstain(moved(tally.abstain(), sign, amount));
    case v1::CHOICE_VETO:
      return tally.set_veto(moved(tally.veto(), sign, amount));
    case v1::CHOICE_NONE:
      return tally.set_none(moved(tally.none(), sign, amount));
    case v1::CHOICE_OPTION:
      return add_option(tally, part.option(), sign, amount);
    default:
      SALUS_ASSERT(false, "a stored ballot has known choices only");
  }
}

void count_parts(v1::Tally& tally, Sign sign, std::uint64_t power, const Parts& parts) {
  const auto sorted = in_order(parts);
  std::vector<std::uint64_t> shares;
  for (const v1::BallotPart& part : sorted) shares.push_back(part.part());
  const auto pieces = split(power, shares);
  for (std::size_t i = 0; i < sorted.size(); ++i) add(tally, sorted[i], sign, pieces[i]);
}

}  // namespace

Ballot ballot_of(const v1::Vote& action) {
  return {.parts = action.parts(),
          .options = {action.options().begin(), action.options().end()},
          .votes = {action.votes().begin(), action.votes().end()}};
}
Ballot ballot_of(const v1::Stance& stance) {
  return {.parts = stance.parts(),
          .options = {stance.options().begin(), stance.options().end()},
          .votes = {stance.votes().begin(), stance.votes().end()}};
}

BallotRule ballot_rule(const v1::Proposal& proposal) {
  return {.scheme = proposal.scheme(),
          .options = static_cast<std::uint32_t>(proposal.options_size()),
          .credits = proposal.effective().quadratic_credits()};
}

Outcome check_ballot(const Ballot& ballot, const BallotRule& rule) {
  bool valid = false;
  switch (rule.scheme) {
    case v1::SCHEME_YES_NO:
    case v1::SCHEME_OPTIMISTIC:
    case v1::SCHEME_CHOICE:
      valid = are_parts(ballot, rule);
      break;
    case v1::SCHEME_APPROVAL:
      valid = is_set(ballot, rule);
      break;
    case v1::SCHEME_QUADRATIC:
      valid = are_votes(ballot, rule);
      break;
    default:
      break;
  }
  if (!valid) return refuse(Error::BallotInvalid);
  return {};
}

bool is_against(const Ballot& ballot, v1::Scheme scheme) {
  if (scheme == v1::SCHEME_APPROVAL) return ballot.options.empty();
  if (scheme == v1::SCHEME_QUADRATIC) {
    return std::ranges::all_of(ballot.votes, [](const v1::OptionVotes& entry) {
      return entry.option() == 0 || entry.votes() == 0;
    });
  }
  return std::ranges::all_of(ballot.parts, [](const v1::BallotPart& part) {
    return part.choice() == v1::CHOICE_NO || part.choice() == v1::CHOICE_VETO ||
           part.choice() == v1::CHOICE_NONE;
  });
}

void count_ballot(v1::Tally& tally, Sign sign, v1::Scheme scheme, std::uint64_t power,
                  const Ballot& ballot) {
  switch (scheme) {
    case v1::SCHEME_APPROVAL:
      // Each approved option gets the whole power.
      for (const std::uint32_t option : ballot.options) add_option(tally, option, sign, power);
      tally.set_cast(moved(tally.cast(), sign, power));
      if (ballot.options.empty()) tally.set_empty(moved(tally.empty(), sign, power));
      break;
    case v1::SCHEME_QUADRATIC:
      for (const v1::OptionVotes& entry : ballot.votes) {
        if (entry.option() == 0) {
          tally.set_none(moved(tally.none(), sign, entry.votes()));
        } else {
          add_option(tally, entry.option(), sign, entry.votes());
        }
      }
      break;
    default:
      count_parts(tally, sign, power, ballot.parts);
  }
  // In a quadratic vote voters carry the support, and who gives nothing to any option must not: to
  // stay away would be the stronger opposition (G-8.21).
  if (scheme == v1::SCHEME_QUADRATIC && is_against(ballot, scheme)) return;
  tally.set_voters(sign == Sign::Plus ? tally.voters() + 1 : tally.voters() - 1);
}

bool counts_options(v1::Scheme scheme) {
  return scheme == v1::SCHEME_CHOICE || scheme == v1::SCHEME_APPROVAL ||
         scheme == v1::SCHEME_QUADRATIC;
}

}  // namespace salus::dao::governance
