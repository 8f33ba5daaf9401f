// Owns: proof of every comparison of section 8 at equality, one below and one above, through the
// whole application: ballots are cast, blocks end, and the proposal's fate shows (G-8.5 to G-8.18).
#include <gtest/gtest.h>

#include <array>

#include "dao/a_proposal.h"
#include "dao/governance/verdict.h"

namespace salus::dao::test {
namespace {

// What the chamber of 1,000 seats says; the rest stays silent.
struct Said {
  std::uint32_t yes = 0;
  std::uint32_t no = 0;
  std::uint32_t abstain = 0;
  std::uint32_t veto = 0;
};
constexpr std::uint32_t kSeats = 1'000;

struct Decided {
  std::string state;
  std::string rule;
  std::uint64_t timelock_ms = 0;
  bool slashed = false;
};

// Genesis gives one institution at most 1,000 seats; a voice of none is nobody.
Decided decide(const Said& said, const Rules& rules) {
  const std::uint32_t silent = kSeats - said.yes - said.no - said.abstain - said.veto;
  struct Voice {
    const char* name;
    std::uint32_t seats;
    v1::Choice choice;
  };
  const std::array<Voice, 4> voices{{{"yes", said.yes, v1::CHOICE_YES},
                                     {"no", said.no, v1::CHOICE_NO},
                                     {"abstain", said.abstain, v1::CHOICE_ABSTAIN},
                                     {"veto", said.veto, v1::CHOICE_VETO}}};
  std::vector<Seat> seats;
  for (const Voice& voice : voices) {
    if (voice.seats > 0) seats.push_back({voice.name, voice.seats});
  }
  if (silent > 0) seats.push_back({"silent", silent});
  const auto people = institutions(seats);
  Dao dao(a_chamber_of_seats(people, rules), people);

  const std::uint64_t id = open_voting(dao, seats.front().name, {create_fund("study")});
  for (const Voice& voice : voices) {
    if (voice.seats == 0) continue;
    EXPECT_EQ(dao.apply(voice.name, vote(id, voice.choice)).error(), "Ok");
  }
  dao.end_block();
  const std::uint64_t general = fund_balance(dao, 1);
  const std::uint64_t closed = proposal(dao, id).phase_until_ms();
  pass_to(dao, closed);
  const v1::Proposal decided = proposal(dao, id);
  return {.state = state_of(dao, id),
          .rule = rule_of(dao, id),
          .timelock_ms = decided.eta_ms() == 0 ? 0 : decided.eta_ms() - closed,
          .slashed = fund_balance(dao, 1) == general + kStandardDeposit};
}

TEST(Thresholds, are_exceeded_by_approval_and_reached_by_all_others) {
  struct Case {
    const char* name;
    Said said;
    Rules rules;
    const char* state;
    const char* rule;
  };
  const Case cases[] = {
      // G-8.5: a tie defeats.
      {"approval, one under", {.yes = 499, .no = 501}, {}, "REJECTED", "APPROVAL"},
      {"approval, exactly", {.yes = 500, .no = 500}, {}, "REJECTED", "APPROVAL"},
      {"approval, one over", {.yes = 501, .no = 499}, {}, "TIMELOCK", "UNSPECIFIED"},
      {"approval counts a veto as no",
       {.yes = 500, .no = 499, .veto = 1},
       {},
       "REJECTED",
       "APPROVAL"},
      {"approval leaves abstain and silence out",
       {.yes = 31, .no = 30, .abstain = 900},
       {},
       "TIMELOCK",
       "UNSPECIFIED"},
      {"approval of 66.67 %, exactly",
       {.yes = 667, .no = 333},
       {.approval_bp = 6'670},
       "REJECTED",
       "APPROVAL"},
      {"nobody votes: 0/0 fails", {}, {}, "REJECTED", "APPROVAL"},
      // G-8.6: of all that are eligible.
      {"support, one under", {.yes = 29}, {}, "REJECTED", "SUPPORT"},
      {"support, exactly", {.yes = 30}, {}, "TIMELOCK", "UNSPECIFIED"},
      {"support, one over", {.yes = 31}, {}, "TIMELOCK", "UNSPECIFIED"},
      {"abstain helps support, one under", {.yes = 20, .abstain = 9}, {}, "REJECTED", "SUPPORT"},
      {"abstain helps support, exactly", {.yes = 20, .abstain = 10}, {}, "TIMELOCK", "UNSPECIFIED"},
      {"no helps no support (G-8.21)", {.yes = 29, .no = 28}, {}, "REJECTED", "SUPPORT"},
      // G-8.7.
      {"min-approval, one under", {.yes = 19, .abstain = 100}, {}, "REJECTED", "MIN_APPROVAL"},
      {"min-approval, exactly", {.yes = 20, .abstain = 100}, {}, "TIMELOCK", "UNSPECIFIED"},
      {"min-approval, one over", {.yes = 21, .abstain = 100}, {}, "TIMELOCK", "UNSPECIFIED"},
      // G-8.8: 10000 V >= 2500 (Y + A + V).
      {"reserved veto, one under",
       {.yes = 300, .veto = 99},
       {.reserved_veto_bp = 2'500},
       "TIMELOCK",
       "UNSPECIFIED"},
      {"reserved veto, exactly",
       {.yes = 300, .veto = 100},
       {.reserved_veto_bp = 2'500},
       "VETOED",
       "RESERVED_VETO"},
      {"reserved veto, one over",
       {.yes = 300, .veto = 101},
       {.reserved_veto_bp = 2'500},
       "VETOED",
       "RESERVED_VETO"},
      {"reserved veto, one more yes",
       {.yes = 301, .veto = 100},
       {.reserved_veto_bp = 2'500},
       "TIMELOCK",
       "UNSPECIFIED"},
      {"more no dilutes no veto",
       {.yes = 300, .no = 150, .veto = 100},
       {.reserved_veto_bp = 2'500},
       "VETOED",
       "RESERVED_VETO"},
      {"abstain dilutes a veto",
       {.yes = 300, .abstain = 1, .veto = 100},
       {.reserved_veto_bp = 2'500},
       "TIMELOCK",
       "UNSPECIFIED"},
      // The floor: 1 % of the chamber.
      {"veto floor, one under",
       {.yes = 27, .veto = 9},
       {.support_bp = 100, .reserved_veto_bp = 2'500},
       "TIMELOCK",
       "UNSPECIFIED"},
      {"veto floor, exactly",
       {.yes = 30, .veto = 10},
       {.support_bp = 100, .reserved_veto_bp = 2'500},
       "VETOED",
       "RESERVED_VETO"},
      {"a veto is looked at only where it would pass",
       {.yes = 100, .veto = 100},
       {.reserved_veto_bp = 2'500},
       "REJECTED",
       "APPROVAL"},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.name);
    const Decided decided = decide(row.said, row.rules);
    EXPECT_EQ(decided.state, row.state);
    EXPECT_EQ(decided.rule, row.rule);
  }
}

TEST(Slashing, needs_reached_opposition_and_an_approval_below_the_line) {
  struct Case {
    const char* name;
    Said said;
    bool slashed;
  };
  // G-8.18: 10000 (N + V) >= 300 E and 10000 Y < 500 (Y + N + V).
  const Case cases[] = {
      {"nobody against", {.yes = 1}, false},
      {"opposition, one under", {.no = 29}, false},
      {"opposition, exactly", {.no = 30}, true},
      {"opposition, one over", {.no = 31}, true},
      {"a veto is opposition too", {.no = 15, .veto = 15}, true},
      {"approval, one under the line", {.yes = 4, .no = 96}, true},
      {"approval, exactly at the line", {.yes = 5, .no = 95}, false},
      {"approval, one over the line", {.yes = 6, .no = 94}, false},
      {"what fails for support alone", {.yes = 29, .no = 1}, false},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.name);
    const Decided decided = decide(row.said, {});
    EXPECT_EQ(decided.state, "REJECTED");
    EXPECT_EQ(decided.slashed, row.slashed);
  }
}

TEST(Timelock, grows_with_the_opposition_from_lo_to_hi) {
  struct Case {
    const char* name;
    std::uint32_t against;
    std::uint64_t timelock_ms;
  };
  // G-8.15: opposition_lo 500 bp, _hi 2,500 bp of 1,000 seats; 10 s to 20 s.
  const Case cases[] = {
      {"none", 0, kTimelockMinMs},         {"one under lo", 49, kTimelockMinMs},
      {"exactly lo", 50, kTimelockMinMs},  {"one over lo", 51, kTimelockMinMs + 50},
      {"half way", 150, 15 * kSecond},     {"one under hi", 249, kTimelockMaxMs - 50},
      {"exactly hi", 250, kTimelockMaxMs}, {"one over hi", 251, kTimelockMaxMs},
  };
  for (const Case& row : cases) {
    const Decided no = decide({.yes = 500, .no = row.against}, {});
    EXPECT_EQ(no.timelock_ms, row.timelock_ms) << row.name;
    const Decided veto = decide({.yes = 500, .veto = row.against}, {});
    EXPECT_EQ(veto.timelock_ms, row.timelock_ms) << row.name << ", by veto";
  }
}

// One required chamber that vetoes at exactly `veto` of 100 cast, and others that say only yes.
v1::Outcome group_of(std::size_t vetoing, std::size_t chambers, std::uint64_t veto) {
  v1::EffectiveTrack track;
  track.mutable_rules()->set_group_veto(true);
  track.set_veto_floor_bp(100);
  for (const std::uint32_t bp : {1'700U, 1'400U, 1'100U}) track.add_veto_groups_bp(bp);
  std::vector<v1::Tally> tallies;
  for (std::size_t i = 0; i < chambers; ++i) {
    v1::TrackChamber& rule = *track.mutable_rules()->add_chambers();
    rule.set_chamber(static_cast<std::uint32_t>(i + 1));
    rule.set_mode(i == 0 ? v1::CHAMBER_MODE_REQUIRED : v1::CHAMBER_MODE_ADVISORY);
    rule.set_approval_bp(5'000);
    v1::Tally& tally = tallies.emplace_back();
    tally.set_chamber(rule.chamber());
    tally.set_eligible(100);
    tally.set_members(100);
    tally.set_yes(i < vetoing ? 100 - veto : 100);
    tally.set_veto(i < vetoing ? veto : 0);
  }
  return governance::verdict(track, tallies, {});
}

TEST(GroupVeto, needs_as_many_chambers_as_its_threshold_says) {
  struct Case {
    const char* name;
    std::size_t vetoing;
    std::uint64_t veto;
    bool vetoed;
  };
  // G-8.8: two at 17 %, three at 14 %, four at 11 %; no single group can do it.
  const Case cases[] = {
      {"one chamber at 49 %", 1, 49, false}, {"two, one under", 2, 16, false},
      {"two, exactly", 2, 17, true},         {"two, one over", 2, 18, true},
      {"three, one under", 3, 13, false},    {"three, exactly", 3, 14, true},
      {"four, one under", 4, 10, false},     {"four, exactly", 4, 11, true},
  };
  for (const Case& row : cases) {
    const v1::Outcome outcome = group_of(row.vetoing, 5, row.veto);
    EXPECT_EQ(outcome.verdict(), row.vetoed ? v1::VERDICT_VETO : v1::VERDICT_PASS) << row.name;
  }
}

TEST(Chambers, decide_each_by_its_own_count) {
  // G-8.22: concurrent majorities. On *spend* patients and institutions are required.
  struct Case {
    const char* name;
    v1::Choice patients;
    v1::Choice institutions;
    const char* state;
    std::uint32_t chamber;
  };
  const Case cases[] = {
      {"both", v1::CHOICE_YES, v1::CHOICE_YES, "TIMELOCK", 0},
      {"patients alone", v1::CHOICE_YES, v1::CHOICE_NO, "REJECTED", kInstitutions},
      {"institutions alone", v1::CHOICE_NO, v1::CHOICE_YES, "REJECTED", kPatients},
      {"neither: the first names the rule", v1::CHOICE_NO, v1::CHOICE_NO, "REJECTED", kPatients},
  };
  for (const Case& row : cases) {
    Dao dao;
    const std::uint64_t id = open_voting(dao, "mira", {pay(1, kToken, dao.account("zed"))});
    for (const char* patient : {"mira", "noor"}) {
      EXPECT_EQ(dao.apply(patient, vote(id, row.patients)).error(), "Ok");
    }
    EXPECT_EQ(dao.apply("hope", vote(id, row.institutions)).error(), "Ok");
    // Advisory: heard, never decisive.
    EXPECT_EQ(dao.apply("chen", vote(id, v1::CHOICE_NO)).error(), "Ok");
    dao.end_block();
    pass_to(dao, proposal(dao, id).phase_until_ms());
    EXPECT_EQ(state_of(dao, id), row.state) << row.name;
    EXPECT_EQ(proposal(dao, id).outcome().chamber(), row.chamber) << row.name;
  }
}

TEST(Chambers, of_too_few_members_fail_or_are_left_out) {
  // G-6.8: patients FAIL, clinicians SKIP; 3 patients and 2 clinicians are there.
  struct Case {
    const char* name;
    std::uint32_t chamber;
    std::uint32_t min_members;
    const char* state;
    const char* rule;
  };
  const Case cases[] = {
      {"patients, exactly", kPatients, 3, "TIMELOCK", "UNSPECIFIED"},
      {"clinicians, exactly", kClinicians, 2, "TIMELOCK", "UNSPECIFIED"},
      {"clinicians, one under", kClinicians, 3, "TIMELOCK", "UNSPECIFIED"},
      // It never reached min_members, so even FAIL is SKIP: a young network can act.
      {"patients, one under, not yet opened", kPatients, 4, "TIMELOCK", "UNSPECIFIED"},
  };
  for (const Case& row : cases) {
    auto document = a_document();
    document.mutable_chambers(static_cast<int>(row.chamber) - 1)->set_min_members(row.min_members);
    Dao dao(document);
    const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
    pass_vote(dao, id);
    EXPECT_EQ(state_of(dao, id), row.state) << row.name;
    EXPECT_EQ(rule_of(dao, id), row.rule) << row.name;
  }
  // Opened once, too small now: it fails, and nothing is slashed (G-7.4).
  auto document = a_document();
  document.mutable_chambers(0)->set_min_members(3);
  Dao dao(document);
  ASSERT_EQ(dao.as("pavel").apply(exit_dao()).error(), "Ok");
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  for (const char* name : {"mira", "noor", "chen", "ada", "hope"}) {
    EXPECT_EQ(dao.apply(name, vote(id, v1::CHOICE_NO)).error(), "Ok");
  }
  dao.end_block();
  const std::uint64_t before = dao.tokens("mira");
  pass_to(dao, proposal(dao, id).phase_until_ms());
  EXPECT_EQ(state_of(dao, id), "REJECTED");
  EXPECT_EQ(rule_of(dao, id), "CHAMBER_TOO_SMALL");
  EXPECT_EQ(dao.tokens("mira"), before + kStandardDeposit);
}

TEST(Chambers, of_recused_members_only_have_no_electorate) {
  // All of an electorate recused: E = 0, ZeroElectorate, never a division (G-1.3, section 7,
  // edges).
  const auto people = institutions({{"hope", 3}, {"anne", 2}});
  Dao dao(a_chamber_of_seats(people), people);
  const std::uint64_t id = open_voting(dao, "hope", {create_fund("study")});
  for (const char* name : {"hope", "anne"}) {
    EXPECT_EQ(dao.apply(name, declare_conflict(id)).error(), "Ok");
    EXPECT_EQ(dao.apply(name, declare_conflict(id)).error(), "Recused");
    EXPECT_EQ(dao.apply(name, vote(id, v1::CHOICE_YES)).error(), "Recused");
  }
  dao.end_block();
  pass_to(dao, proposal(dao, id).phase_until_ms());
  EXPECT_EQ(state_of(dao, id), "REJECTED");
  EXPECT_EQ(rule_of(dao, id), "ZERO_ELECTORATE");
}

}  // namespace
}  // namespace salus::dao::test
