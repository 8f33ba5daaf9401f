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

TEST(Ballots, that_were_replaced_do_not_count) {
  const auto vote = [](v1::Scheme scheme, const char* word) {
    v1::Vote out;
    EXPECT_FALSE(fill_ballot(scheme, {word}, out));
    return out;
  };
  const v1::Vote yes = vote(v1::SCHEME_YES_NO, "yes");
  v1::Stance stance;
  stance.set_at_ms(7);
  *stance.mutable_parts() = yes.parts();
  EXPECT_FALSE(counts(yes, 7, stance)) << "none was cast";
  stance.set_cast(true);
  EXPECT_TRUE(counts(yes, 7, stance));
  EXPECT_FALSE(counts(yes, 6, stance)) << "the same words, cast again later";
  // Within one block, which has one time.
  EXPECT_FALSE(counts(vote(v1::SCHEME_YES_NO, "no"), 7, stance));
  EXPECT_FALSE(counts(vote(v1::SCHEME_APPROVAL, "1"), 7, stance));
  EXPECT_FALSE(counts(vote(v1::SCHEME_QUADRATIC, "1=5"), 7, stance));
  v1::Vote explained = yes;
  explained.set_reason_hash("another reason");
  EXPECT_FALSE(counts(explained, 7, stance));
}

TEST(Ballots, that_were_not_cast_are_a_dash) {
  EXPECT_EQ(print_ballot(v1::SCHEME_YES_NO, v1::Stance{}), "-");
}

}  // namespace
}  // namespace salus::cli
