// Owns: a command's word is that of its weakest read, and its height that of the oldest.
#include "apps/salus/certainty.h"

#include <gtest/gtest.h>

namespace salus::cli {
namespace {

using client::Worth;

constexpr WallMs kNoon{1'795'694'591'000};

TEST(Certainty, names_height_and_time_of_the_oldest_state) {
  Certainty certainty;
  EXPECT_FALSE(certainty.any());
  certainty.add_proof(Worth::Whole, Height{14}, WallMs{kNoon.value() + 60'000});
  certainty.add_proof(Worth::Whole, Height{12}, kNoon);
  EXPECT_TRUE(certainty.any());
  EXPECT_EQ(certainty.line(), "verified at height 12, 2026-11-26 12:03:11 UTC");
}

TEST(Certainty, is_as_good_as_the_weakest_read) {
  Certainty certainty;
  const auto word_after = [&](Worth worth) {
    certainty.add_proof(worth, Height{3}, kNoon);
    return certainty.word();
  };
  EXPECT_EQ(word_after(Worth::Whole), "verified");
  EXPECT_EQ(word_after(Worth::Records), "partial");
  EXPECT_EQ(word_after(Worth::Computed), "indicative");
  EXPECT_EQ(word_after(Worth::Whole), "indicative");
  certainty.add_claim();
  EXPECT_EQ(certainty.word(), "unverified");
}

TEST(Certainty, says_when_it_is_of_genesis_and_when_of_no_state) {
  Certainty genesis;
  genesis.add_proof(Worth::Whole, Height{0}, kNoon);
  EXPECT_EQ(genesis.line(), "verified at height 0 (genesis)");
  Certainty claimed;
  claimed.add_claim();
  EXPECT_EQ(claimed.line(), "unverified");
}

}  // namespace
}  // namespace salus::cli
