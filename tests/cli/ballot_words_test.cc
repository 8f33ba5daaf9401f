// Owns: what a member writes is the ballot that is cast, and is printed as he wrote it.
#include "apps/salus/ballot_words.h"

#include <gtest/gtest.h>

namespace salus::cli {
namespace {

std::string there_and_back(v1::Scheme scheme, const std::vector<std::string>& words) {
  v1::Vote vote;
  if (const auto wrong = fill_ballot(scheme, words, vote)) return "refused: " + *wrong;
  v1::Stance stance;
  stance.set_cast(true);
  *stance.mutable_parts() = vote.parts();
  *stance.mutable_options() = vote.options();
  *stance.mutable_votes() = vote.votes();
  return print_ballot(scheme, stance);
}

TEST(Ballots, of_each_scheme_read_and_print_alike) {
  EXPECT_EQ(there_and_back(v1::SCHEME_YES_NO, {"yes"}), "yes");
  EXPECT_EQ(there_and_back(v1::SCHEME_YES_NO, {"yes=60", "no=40"}), "yes=60 no=40");
  EXPECT_EQ(there_and_back(v1::SCHEME_OPTIMISTIC, {"veto"}), "veto");
  EXPECT_EQ(there_and_back(v1::SCHEME_CHOICE, {"2"}), "2");
  EXPECT_EQ(there_and_back(v1::SCHEME_CHOICE, {"1=50", "none=50"}), "1=50 none=50");
  EXPECT_EQ(there_and_back(v1::SCHEME_CHOICE, {"abstain"}), "abstain");
  // The chain wants options in ascending order (G-8.11).
  EXPECT_EQ(there_and_back(v1::SCHEME_APPROVAL, {"3", "1"}), "1 3");
  EXPECT_EQ(there_and_back(v1::SCHEME_APPROVAL, {"none"}), "none");
  EXPECT_EQ(there_and_back(v1::SCHEME_QUADRATIC, {"2=3", "none=1", "1=5"}), "none=1 1=5 2=3");
}

TEST(Ballots, with_words_of_another_scheme_are_refused) {
  struct Case {
    v1::Scheme scheme;
    const char* word;
  };
  for (const Case& row : {Case{v1::SCHEME_YES_NO, "1"}, Case{v1::SCHEME_YES_NO, "none"},
                          Case{v1::SCHEME_YES_NO, "maybe"}, Case{v1::SCHEME_YES_NO, "yes="},
                          Case{v1::SCHEME_YES_NO, "yes=x"}, Case{v1::SCHEME_CHOICE, "yes"},
                          Case{v1::SCHEME_CHOICE, "0"}, Case{v1::SCHEME_CHOICE, "veto"},
                          Case{v1::SCHEME_APPROVAL, "yes"}, Case{v1::SCHEME_APPROVAL, "0"},
                          Case{v1::SCHEME_APPROVAL, "1=2"}, Case{v1::SCHEME_QUADRATIC, "yes=1"},
                          Case{v1::SCHEME_QUADRATIC, "0=1"}, Case{v1::SCHEME_QUADRATIC, "1=-1"}}) {
    EXPECT_TRUE(there_and_back(row.scheme, {row.word}).starts_with("refused: ")) << row.word;
  }
}

TEST(Ballots, that_were_not_cast_are_a_dash) {
  EXPECT_EQ(print_ballot(v1::SCHEME_YES_NO, v1::Stance{}), "-");
}

}  // namespace
}  // namespace salus::cli
