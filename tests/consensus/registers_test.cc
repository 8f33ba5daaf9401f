// Owns: column 2 of C9, judged row by row, and over every short history against a twin that
// remembers all votes and asks what may never stand beside what.
#include "consensus/registers.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "consensus/rig.h"

namespace salus::consensus::testing {
namespace {

TEST(MayVote, decides_each_row_of_the_table) {
  Registers held;
  held.notarize = Rig::candidate(5, 4, 'A');
  held.nullify = View{7};
  held.finalize = Rig::candidate(3, 2, 'B');
  const struct {
    const char* name;
    Subject subject;
    bool may;
  } kCases[] = {
      {"notarize below the last", notarize(Rig::candidate(4, 3, 'A')), false},
      {"notarize again", notarize(Rig::candidate(5, 4, 'A')), false},
      {"notarize another at the last", notarize(Rig::candidate(5, 4, 'C')), false},
      {"notarize above the last", notarize(Rig::candidate(6, 5, 'C')), true},
      {"notarize in the nullified view", notarize(Rig::candidate(7, 5, 'C')), true},
      {"nullify again", Rig::skip(7), false},
      {"nullify below the last", Rig::skip(6), false},
      {"nullify above the last", Rig::skip(8), true},
      {"finalize at the last nullify", finalize(Rig::candidate(7, 5, 'C')), false},
      {"finalize below the last nullify", finalize(Rig::candidate(5, 4, 'A')), false},
      {"finalize above both", finalize(Rig::candidate(8, 5, 'C')), true},
  };
  for (const auto& row : kCases) EXPECT_EQ(may_vote(held, row.subject), row.may) << row.name;

  held.finalize = Rig::candidate(9, 8, 'D');
  EXPECT_FALSE(may_vote(held, Rig::skip(8))) << "nullify below the last finalize";
  EXPECT_FALSE(may_vote(held, Rig::skip(9))) << "nullify at the last finalize";
  EXPECT_FALSE(may_vote(held, finalize(Rig::candidate(9, 8, 'E')))) << "two finalize of a view";
  EXPECT_TRUE(may_vote(held, Rig::skip(10))) << "nullify above both";
}

// The twin: all votes of a life, and the rule said in words.
bool twin_allows(const std::vector<Subject>& history, const Subject& next) {
  for (const Subject& cast : history) {
    const bool at_or_below = next.view() <= cast.view();
    if (next.kind == VoteKind::Notarize && cast.kind == VoteKind::Notarize && at_or_below) {
      return false;
    }
    if (next.kind != VoteKind::Notarize && cast.kind != VoteKind::Notarize && at_or_below) {
      return false;
    }
  }
  return true;
}

std::vector<Subject> every_vote() {
  std::vector<Subject> all;
  for (std::uint64_t view = 1; view <= 3; ++view) {
    all.push_back(Rig::skip(view));
    for (const char name : {'A', 'B'}) {
      all.push_back(notarize(Rig::candidate(view, view - 1, name)));
      all.push_back(finalize(Rig::candidate(view, view - 1, name)));
    }
  }
  return all;
}

void explore(const Registers& registers, std::vector<Subject>& history, std::size_t& states) {
  ++states;
  for (const Subject& next : every_vote()) {
    const bool may = may_vote(registers, next);
    ASSERT_EQ(may, twin_allows(history, next));
    ASSERT_EQ(registers.holds(next) && !may, registers.holds(next));
    if (!may) continue;
    for (const Subject& cast : history) {
      if (cast.view() != next.view()) continue;
      const bool both_notarize = cast.kind == VoteKind::Notarize && next.kind == VoteKind::Notarize;
      const bool opposite = cast.kind != VoteKind::Notarize && next.kind != VoteKind::Notarize;
      ASSERT_FALSE(both_notarize || opposite) << "L0 would be broken";
    }
    Registers after = registers;
    after.record(next);
    ASSERT_TRUE(after.covers(next));
    history.push_back(next);
    explore(after, history, states);
    history.pop_back();
  }
}

TEST(MayVote, agrees_with_a_twin_that_remembers_every_vote) {
  std::vector<Subject> history;
  std::size_t states = 0;
  explore(Registers{}, history, states);
  EXPECT_GT(states, 500U);
}

TEST(Registers, cover_what_they_hold_and_what_is_older) {
  Registers held;
  held.notarize = Rig::candidate(5, 4, 'A');
  EXPECT_TRUE(held.covers(notarize(Rig::candidate(5, 4, 'A'))));
  EXPECT_TRUE(held.covers(notarize(Rig::candidate(2, 1, 'Z'))));
  EXPECT_FALSE(held.covers(notarize(Rig::candidate(5, 4, 'B'))));
  EXPECT_FALSE(held.covers(notarize(Rig::candidate(6, 5, 'A'))));
  EXPECT_FALSE(held.covers(Rig::skip(1)));
}

TEST(Registers, read_back_as_written) {
  Registers held;
  held.notarize = Rig::candidate(5, 4, 'A');
  held.nullify = View{7};
  for (const Registers& one : {Registers{}, held}) {
    const Bytes bytes = encode(one);
    EXPECT_EQ(bytes.size(), kRegistersBytes);
    EXPECT_EQ(decode_registers(bytes, Epoch{}), one);
  }
  EXPECT_FALSE(decode_registers(Bytes(kRegistersBytes - 1), Epoch{}));
}

// An empty register once read as empty whatever stood beside its view.
TEST(Registers, have_one_spelling) {
  const Bytes good = encode(Registers{});
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] = 1;
    const auto decoded = decode_registers(bad, Epoch{});
    EXPECT_TRUE(!decoded || encode(*decoded) == bad) << at;
  }
  Bytes digest_without_a_view = good;
  digest_without_a_view[8 + 8] = 1;
  EXPECT_FALSE(decode_registers(digest_without_a_view, Epoch{}));
}

}  // namespace
}  // namespace salus::consensus::testing
