// Owns: proof that no order of right and wrong moves in voting breaks an invariant: profiles,
// delegations, proposals of every scheme, amendments, ballots, recusals, suspensions and outages at
// random; after each block every counter and every received power is recounted by its definition
// (G-5.9, G-5.12). SALUS_SEED runs one seed alone.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "dao/a_ballot.h"
#include "dao/governance/proposals.h"
#include "dao/power/delegation.h"

namespace salus::dao::test {
namespace {

constexpr int kBlocks = 220;

std::vector<Person> a_village() {
  std::vector<Person> people = everybody();
  for (int i = 1; i <= 7; ++i) {
    people.push_back({.name = "p" + std::to_string(i),
                      .roles = membership::bit(membership::Role::Patient),
                      .seats = 0,
                      .tokens = 10'000});
  }
  return people;
}

class Villagers {
 public:
  explicit Villagers(std::uint64_t seed) : random_(seed), dao_(document(people_), people_) {
    for (const Person& person : people_) {
      if (person.roles != 0) names_.push_back(person.name);
    }
    names_.push_back("zed");
    for (const std::string& name : names_) say(name, delegate_profile(true));
  }

  void play() {
    for (int i = 0; i < kBlocks && !testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE("block " + std::to_string(i));
      for (std::uint64_t moves = 2 + below(8); moves > 0; --moves) move();
      vote_where_it_is_open();
      // Every hundredth block or so the chain stood still.
      dao_.advance_ms(chance(1) ? 2 * 3'600 * kSecond : below(9) * kSecond);
      dao_.end_block();
    }
    for (std::uint64_t id = 1; id <= governance::last_proposal_id(dao_.state()); ++id) {
      const v1::Proposal one = proposal(dao_, id);
      ends[v1::Scheme_Name(one.scheme()) + " " + state_of(dao_, id)] += 1;
      if (one.version() > 1) ends["amended"] += 1;
    }
  }

  std::map<std::string, int> answers;
  std::map<std::string, int> ends;

 private:
  static v1::GenesisDocument document(const std::vector<Person>& people) {
    v1::GenesisDocument document = voting_document(people);
    const auto set = [&](std::string_view name, std::uint64_t value) {
      v1::Parameter& parameter = *document.add_parameters();
      parameter.set_name(std::string{name});
      parameter.set_value(value);
    };
    set("governance.max_open_per_member", 4);
    set("governance.resubmit_bar", 60 * kSecond);
    for (v1::Track& track : *document.mutable_tracks()) {
      track.set_max_open(32);
      track.set_objection_ms(track.id() % 2 == 0 ? 20 * kSecond : 0);
      track.set_grace_ms(60 * kSecond);
    }
    return document;
  }

  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  bool chance(std::uint64_t percent) { return below(100) < percent; }
  const std::string& a_name() { return names_[below(names_.size())]; }
  std::uint64_t a_proposal() { return 1 + below(governance::last_proposal_id(dao_.state()) + 1); }
  std::uint32_t a_track() { return 2 + static_cast<std::uint32_t>(below(2)); }

  void say(const std::string& who, const v1::Action& action) {
    answers[dao_.apply(who, action).error()] += 1;
  }

  v1::Action a_delegation() {
    Targets targets;
    for (std::uint64_t count = 1 + below(4); count > 0; --count) {
      targets.emplace_back(dao_.account(a_name()),
                           1 + static_cast<std::uint32_t>(below(chance(30) ? 100 : 30)));
    }
    return delegate_to(targets, dao_.now_ms() + below(400) * kSecond, a_track());
  }

  // Something that has effects, or nothing.
  std::vector<v1::Action> a_batch() {
    if (chance(40)) return {};
    if (chance(30)) return {pay(1, 1 + below(100), dao_.account(a_name()))};
    return {create_fund("f" + std::to_string(below(1'000)))};
  }

  v1::Action a_submission() {
    const auto scheme = static_cast<v1::Scheme>(1 + below(5));
    std::vector<std::vector<v1::Action>> options;
    const bool several = scheme >= v1::SCHEME_CHOICE;
    for (std::uint64_t count = several ? 2 + below(3) : 1; count > 0; --count) {
      options.push_back(a_batch());
    }
    const bool wins_by_number = scheme >= v1::SCHEME_APPROVAL;
    v1::Action action = submit_options(
        scheme, options, wins_by_number ? static_cast<std::uint32_t>(1 + below(2)) : 0,
        (1 + below(4)) * kStandardDeposit / 2);
    if (chance(20)) {
      action.mutable_submit()->set_deposit(0);
      action.mutable_submit()->set_by_endorsement(true);
    }
    if (chance(10)) action.mutable_submit()->set_appeal_of(a_proposal());
    return action;
  }

  v1::Action a_ballot(const v1::Proposal& one) {
    const auto options = static_cast<std::uint64_t>(one.options_size());
    const auto option = [&] { return static_cast<std::uint32_t>(below(options + 1)); };
    if (chance(3)) return choose(one.id(), 99);
    switch (one.scheme()) {
      case v1::SCHEME_CHOICE:
        return choose(one.id(), option());
      case v1::SCHEME_APPROVAL: {
        std::vector<std::uint32_t> set;
        for (std::uint32_t i = 1; i <= options; ++i) {
          if (chance(60)) set.push_back(i);
        }
        return approve(one.id(), set);
      }
      case v1::SCHEME_QUADRATIC:
        return give(one.id(), {{option(), static_cast<std::uint32_t>(1 + below(10))}});
      default: {
        std::vector<Part> parts{{v1::CHOICE_YES, static_cast<std::uint32_t>(1 + below(9))}};
        if (chance(30)) parts.push_back({v1::CHOICE_NO, static_cast<std::uint32_t>(1 + below(9))});
        if (chance(10)) parts.push_back({v1::CHOICE_VETO, 1});
        if (chance(10)) parts.push_back({v1::CHOICE_ABSTAIN, 3});
        if (chance(10)) parts = {{v1::CHOICE_NO, 1}};
        return vote(one.id(), parts);
      }
    }
  }

  void vote_where_it_is_open() {
    for (std::uint64_t id = 1; id <= governance::last_proposal_id(dao_.state()); ++id) {
      const v1::Proposal one = proposal(dao_, id);
      if (!governance::is_voting(one.state())) continue;
      for (std::uint64_t voters = below(4); voters > 0; --voters) say(a_name(), a_ballot(one));
    }
  }

  void move() {
    const std::string& who = a_name();
    switch (below(14)) {
      case 0:
        return say(who, delegate_profile(chance(60)));
      case 1:
      case 2:
      case 3:
        return say(who, a_delegation());
      case 4:
        return say(who, clear_delegation(a_track()));
      case 5:
      case 6:
        return say(who, a_submission());
      case 7:
        return say(who, top_up(a_proposal(), (1 + below(3)) * kStandardDeposit / 2));
      case 8:
        return say(who, endorse(a_proposal()));
      case 9:
        return say(who, amend(a_proposal(), a_batch()));
      case 10:
        return say(who, chance(20) ? cancel(a_proposal()) : retry(a_proposal()));
      case 11:
        return say(who, declare_conflict(a_proposal()));
      case 12:
        // Mostly of those who are not members, or are suspended already.
        answers[dao_.apply_as_dao(chance(25)
                                      ? suspend(dao_.account(who), dao_.now_ms() + 86'400 * kSecond)
                                      : reinstate(dao_.account(who)))] += 1;
        return;
      default: {
        v1::Action seats;
        seats.mutable_set_seats()->set_account(dao_.account(who).to_string());
        seats.mutable_set_seats()->set_seats(static_cast<std::uint32_t>(1 + below(20)));
        answers[dao_.apply_as_dao(seats)] += 1;
      }
    }
  }

  std::mt19937_64 random_;
  std::vector<Person> people_ = a_village();
  Dao dao_;
  std::vector<std::string> names_;
};

std::vector<std::uint64_t> seeds() {
  if (const char* only = std::getenv("SALUS_SEED")) return {std::stoull(only)};
  return {1, 2, 3, 4, 5, 6};
}

TEST(RandomVoting, keeps_every_invariant) {
  std::map<std::string, int> answers;
  std::map<std::string, int> ends;
  for (const std::uint64_t seed : seeds()) {
    SCOPED_TRACE("SALUS_SEED=" + std::to_string(seed) +
                 " build/dev/bin/voting_test --gtest_filter='RandomVoting.*'");
    Villagers villagers(seed);
    villagers.play();
    for (const auto& [answer, count] : villagers.answers) answers[answer] += count;
    for (const auto& [end, count] : villagers.ends) ends[end] += count;
  }
  for (const auto& [answer, count] : answers) std::cout << answer << " " << count << "\n";
  for (const auto& [end, count] : ends) std::cout << end << " " << count << "\n";
  if (std::getenv("SALUS_SEED") != nullptr) return;
  // A life in which nothing happens proves nothing.
  for (const char* seen : {"Ok", "DelegationLoop", "DelegateClosed", "NotSameChamber", "Recused",
                           "OnlyAgainst", "VotingClosed", "BallotInvalid", "NoPower"}) {
    EXPECT_GT(answers[seen], 0) << seen;
  }
  for (const char* scheme : {"YES_NO", "OPTIMISTIC", "CHOICE", "APPROVAL"}) {
    EXPECT_GT(ends[std::string{"SCHEME_"} + scheme + " EXECUTED"], 0) << scheme;
  }
  EXPECT_GT(ends["amended"], 0);
}

}  // namespace
}  // namespace salus::dao::test
