// Owns: the two promises on which a vote stands, over random cases with a printed seed: the result
// depends on the final ballots only (G-5.10), and opposition never helps (G-8.21).
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "dao/a_ballot.h"
#include "dao/governance/ballots.h"
#include "dao/governance/casting.h"
#include "dao/governance/governance.h"
#include "dao/governance/proposals.h"
#include "dao/governance/verdict.h"
#include "state/record.h"

namespace salus::dao::test {
namespace {

using governance::Decision;
using governance::Sign;

std::uint64_t below(std::mt19937_64& random, std::uint64_t bound) { return random() % bound; }

// A random graph of delegations among eight patients, and the ballots of some of them.
class Graph {
 public:
  explicit Graph(std::uint64_t seed)
      : random_(seed), dao_(a_chamber_of_patients(people_), people_) {
    for (int i = 1; i <= 8; ++i) {
      EXPECT_EQ(dao_.apply("p" + std::to_string(i), delegate_profile(true)).error(), "Ok");
    }
    for (int i = 1; i <= 8; ++i) {
      if (below(random_, 4) == 0) continue;
      Targets targets;
      const std::uint64_t count = 1 + below(random_, 3);
      for (std::uint64_t k = 0; k < count; ++k) {
        const AccountId to = dao_.account("p" + std::to_string(1 + below(random_, 8)));
        const bool known = std::ranges::any_of(targets, [&](auto& t) { return t.first == to; });
        if (!known) targets.emplace_back(to, 1 + below(random_, 33));
      }
      // Some are loops; those are refused.
      static_cast<void>(dao_.apply("p" + std::to_string(i),
                                   delegate_to(targets, dao_.now_ms() + 100'000 * kSecond)));
    }
    id_ = open_voting(dao_, "p9", {create_fund("study")});
  }

  // The counters after these members cast, and one of them steps back, in this order.
  std::string cast_in_order(const std::vector<int>& order, const std::vector<v1::Action>& ballots) {
    state::Overlay state = dao_.state().branch();
    std::vector<v1::Event> events;
    const BlockContext block = dao_.block();
    for (const int i : order) {
      ActionContext context{.block = block,
                            .authority = Authority::Member,
                            .signer = dao_.account("p" + std::to_string(i + 1)),
                            .proposal = 0,
                            .execution_id = {},
                            .action_index = 0,
                            .events = events};
      const v1::Action& ballot = ballots[static_cast<std::size_t>(i)];
      const Outcome outcome = ballot.has_vote()
                                  ? governance::apply(ballot.vote(), context, state)
                                  : governance::apply(ballot.declare_conflict(), context, state);
      EXPECT_TRUE(outcome.has_value());
    }
    EXPECT_TRUE(governance::broken_invariants(state).empty());
    return state::encode(*governance::find_tally(state, id_, kPatients));
  }

  std::vector<v1::Action> ballots(std::size_t count) {
    std::vector<v1::Action> list;
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<Part> parts;
      for (const v1::Choice choice :
           {v1::CHOICE_YES, v1::CHOICE_NO, v1::CHOICE_ABSTAIN, v1::CHOICE_VETO}) {
        if (below(random_, 2) == 0) {
          parts.push_back({choice, static_cast<std::uint32_t>(1 + below(random_, 7))});
        }
      }
      if (parts.empty()) parts.push_back({v1::CHOICE_YES, 1});
      list.push_back(below(random_, 6) == 0 ? declare_conflict(id_) : vote(id_, parts));
    }
    return list;
  }

 private:
  std::mt19937_64 random_;
  std::vector<Person> people_ = patients(9);
  Dao dao_;
  std::uint64_t id_ = 0;
};

TEST(Ballots, give_one_result_in_every_order) {
  // All 720 orders of six ballots in two graphs, all 24 of four in many.
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Graph graph(seed);
    const std::size_t count = seed <= 2 ? 6 : 4;
    const auto ballots = graph.ballots(count);
    std::vector<int> order(count);
    for (std::size_t i = 0; i < count; ++i) order[i] = static_cast<int>(i);
    const std::string first = graph.cast_in_order(order, ballots);
    while (std::ranges::next_permutation(order).found) {
      ASSERT_EQ(graph.cast_in_order(order, ballots), first);
    }
  }
}

// A track with up to three chambers and a tally for each.
struct Vote {
  v1::EffectiveTrack track;
  std::vector<v1::Tally> tallies;
};

std::uint32_t bp(std::mt19937_64& random, std::uint64_t max) {
  return static_cast<std::uint32_t>(below(random, max));
}

Vote random_vote(std::mt19937_64& random, v1::Scheme scheme, int options) {
  Vote vote;
  v1::Track& rules = *vote.track.mutable_rules();
  rules.set_group_veto(below(random, 2) == 0);
  vote.track.set_veto_floor_bp(bp(random, 2'000));
  for (const std::uint32_t group : {1'700U, 1'400U, 1'100U}) vote.track.add_veto_groups_bp(group);
  for (std::uint32_t id = 1; id <= 1 + below(random, 3); ++id) {
    v1::TrackChamber& rule = *rules.add_chambers();
    rule.set_chamber(id);
    rule.set_mode(id == 1 || below(random, 2) == 0 ? v1::CHAMBER_MODE_REQUIRED
                                                   : v1::CHAMBER_MODE_ADVISORY);
    rule.set_approval_bp(5'000 + bp(random, 3'000));
    rule.set_support_bp(bp(random, 4'000));
    rule.set_min_approval_bp(10 + bp(random, 3'000));
    rule.set_objection_bp(10 + bp(random, 4'000));
    rule.set_reserved_veto_bp(below(random, 2) == 0 ? 0 : 1'000 + bp(random, 4'000));
    v1::Tally& tally = vote.tallies.emplace_back();
    tally.set_chamber(id);
    tally.set_members(60);
    tally.set_eligible(60);
    if (!governance::counts_options(scheme)) continue;
    for (int i = 0; i < options; ++i) tally.add_options(0);
  }
  return vote;
}

v1::BallotPart whole(v1::Choice choice, std::uint32_t option = 0) {
  v1::BallotPart part;
  part.set_choice(choice);
  part.set_option(option);
  part.set_part(1);
  return part;
}

governance::Ballot random_ballot(std::mt19937_64& random, v1::Scheme scheme, int options) {
  governance::Ballot ballot;
  const auto option = [&] {
    return static_cast<std::uint32_t>(1 + below(random, static_cast<std::uint64_t>(options)));
  };
  if (scheme == v1::SCHEME_APPROVAL) {
    for (int i = 1; i <= options; ++i) {
      if (below(random, 2) == 0) ballot.options.push_back(static_cast<std::uint32_t>(i));
    }
  } else if (scheme == v1::SCHEME_QUADRATIC) {
    v1::OptionVotes entry;
    entry.set_option(below(random, 5) == 0 ? 0 : option());
    entry.set_votes(static_cast<std::uint32_t>(1 + below(random, 9)));
    ballot.votes.push_back(entry);
  } else if (scheme == v1::SCHEME_CHOICE) {
    *ballot.parts.Add() =
        below(random, 5) == 0 ? whole(v1::CHOICE_NONE) : whole(v1::CHOICE_OPTION, option());
  } else {
    constexpr v1::Choice kChoices[] = {v1::CHOICE_YES, v1::CHOICE_YES, v1::CHOICE_NO,
                                       v1::CHOICE_ABSTAIN, v1::CHOICE_VETO};
    *ballot.parts.Add() = whole(kChoices[below(random, 5)]);
  }
  return ballot;
}

// The ballots that oppose without a doubt.
std::vector<governance::Ballot> opposing(v1::Scheme scheme) {
  std::vector<governance::Ballot> list;
  if (scheme == v1::SCHEME_APPROVAL) return {governance::Ballot{}};
  if (scheme == v1::SCHEME_QUADRATIC) {
    v1::OptionVotes none;
    none.set_votes(10);
    list.emplace_back().votes.push_back(none);
    return list;
  }
  if (scheme == v1::SCHEME_CHOICE) {
    *list.emplace_back().parts.Add() = whole(v1::CHOICE_NONE);
    return list;
  }
  *list.emplace_back().parts.Add() = whole(v1::CHOICE_NO);
  *list.emplace_back().parts.Add() = whole(v1::CHOICE_VETO);
  return list;
}

bool passes(const Vote& vote, v1::Scheme scheme) {
  const Decision decision{.scheme = scheme, .winners = 2, .lot = {}};
  return governance::verdict(vote.track, vote.tallies, decision).verdict() == v1::VERDICT_PASS;
}

void count(Vote& vote, Sign sign, v1::Scheme scheme, std::size_t chamber,
           const governance::Ballot& ballot) {
  governance::count_ballot(vote.tallies[chamber], sign, scheme, 1, ballot);
}

class Monotone : public testing::TestWithParam<v1::Scheme> {};

TEST_P(Monotone, opposition_never_turns_a_defeat_into_a_pass) {
  const v1::Scheme scheme = GetParam();
  constexpr std::uint64_t kSeed = 20'261'126;
  std::mt19937_64 random(kSeed + static_cast<std::uint64_t>(scheme));
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  const bool options = governance::counts_options(scheme);
  int passed = 0;
  for (int i = 0; i < 20'000; ++i) {
    Vote vote = random_vote(random, scheme, 3);
    const std::size_t chambers = vote.tallies.size();
    std::vector<std::size_t> yes;
    for (std::uint64_t k = below(random, 100); k > 0; --k) {
      const std::size_t chamber = below(random, chambers);
      const governance::Ballot ballot = random_ballot(random, scheme, 3);
      count(vote, Sign::Plus, scheme, chamber, ballot);
      if (!options && ballot.parts[0].choice() == v1::CHOICE_YES) yes.push_back(chamber);
    }
    if (passes(vote, scheme)) {
      ++passed;
      continue;
    }
    // From absent to against.
    for (const governance::Ballot& against : opposing(scheme)) {
      const std::size_t chamber = below(random, chambers);
      Vote changed = vote;
      count(changed, Sign::Plus, scheme, chamber, against);
      ASSERT_FALSE(passes(changed, scheme)) << i;
    }
    // From yes to anything else.
    if (yes.empty()) continue;
    governance::Ballot was;
    *was.parts.Add() = whole(v1::CHOICE_YES);
    for (const v1::Choice next : {v1::CHOICE_NO, v1::CHOICE_ABSTAIN, v1::CHOICE_VETO}) {
      Vote changed = vote;
      governance::Ballot now;
      *now.parts.Add() = whole(next);
      count(changed, Sign::Minus, scheme, yes[0], was);
      count(changed, Sign::Plus, scheme, yes[0], now);
      ASSERT_FALSE(passes(changed, scheme)) << i;
    }
  }
  EXPECT_GT(passed, 100) << "the cases decide nothing";
}

INSTANTIATE_TEST_SUITE_P(Schemes, Monotone,
                         testing::Values(v1::SCHEME_YES_NO, v1::SCHEME_OPTIMISTIC,
                                         v1::SCHEME_CHOICE, v1::SCHEME_APPROVAL,
                                         v1::SCHEME_QUADRATIC),
                         [](const auto& one) { return v1::Scheme_Name(one.param); });

}  // namespace
}  // namespace salus::dao::test
