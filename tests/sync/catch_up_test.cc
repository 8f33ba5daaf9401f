// Owns: the proof that a node that is behind asks, asks another when it must, and else stays quiet.
#include "sync/catch_up.h"

#include <gtest/gtest.h>

namespace salus::sync {
namespace {

constexpr std::uint64_t kFetchMs = 400;

NodeId node(std::uint8_t id) {
  NodeId out;
  out.bytes.fill(id);
  return out;
}

struct CatchUpTest : testing::Test {
  CatchUpTest() {
    for (std::uint8_t id = 1; id <= 3; ++id) catch_up.link_up(node(id));
    catch_up.reached(Height{10});
  }
  CatchUp catch_up{kFetchMs};
};

TEST_F(CatchUpTest, asks_nothing_while_nobody_claims_more) {
  catch_up.claim(node(1), Height{10}, MonoMs{0});
  EXPECT_FALSE(catch_up.next(MonoMs{5'000}));
  EXPECT_FALSE(catch_up.deadline());
}

TEST_F(CatchUpTest, gives_one_block_more_the_time_to_arrive_by_itself) {
  catch_up.claim(node(1), Height{11}, MonoMs{0});
  EXPECT_FALSE(catch_up.next(MonoMs{399}));
  EXPECT_EQ(catch_up.deadline(), MonoMs{400});
  const auto request = catch_up.next(MonoMs{400});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->from, Height{11});
}

TEST_F(CatchUpTest, asks_at_once_when_it_is_far_behind_and_one_peer_at_a_time) {
  catch_up.claim(node(2), Height{90}, MonoMs{0});
  ASSERT_TRUE(catch_up.next(MonoMs{0}));
  EXPECT_FALSE(catch_up.next(MonoMs{1}));
  EXPECT_EQ(catch_up.target(), Height{90});
}

TEST_F(CatchUpTest, turns_to_another_peer_when_an_answer_is_late_and_waits_longer) {
  catch_up.claim(node(1), Height{90}, MonoMs{0});
  catch_up.claim(node(2), Height{90}, MonoMs{0});
  const auto first = catch_up.next(MonoMs{0});
  const auto second = catch_up.next(MonoMs{400});
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->peer, second->peer);
  EXPECT_FALSE(catch_up.next(MonoMs{1'199})) << "the patience has doubled";
  EXPECT_TRUE(catch_up.next(MonoMs{1'200}));
}

TEST_F(CatchUpTest, a_block_missing_below_a_finalization_is_asked_of_anyone) {
  catch_up.need(Height{11});
  EXPECT_TRUE(catch_up.next(MonoMs{0}));
}

TEST_F(CatchUpTest, an_answer_opens_the_next_request_and_reaching_the_claim_ends_it) {
  catch_up.claim(node(1), Height{12}, MonoMs{0});
  ASSERT_TRUE(catch_up.next(MonoMs{0}));
  catch_up.reached(Height{11});
  catch_up.answered(node(1), true);
  const auto request = catch_up.next(MonoMs{1'000});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->from, Height{12});
  catch_up.reached(Height{12});
  catch_up.answered(node(1), true);
  EXPECT_FALSE(catch_up.next(MonoMs{9'000}));
}

TEST_F(CatchUpTest, a_lost_link_frees_the_request) {
  catch_up.claim(node(1), Height{90}, MonoMs{0});
  catch_up.claim(node(2), Height{90}, MonoMs{0});
  const auto first = catch_up.next(MonoMs{0});
  ASSERT_TRUE(first);
  catch_up.link_down(first->peer);
  const auto second = catch_up.next(MonoMs{1});
  ASSERT_TRUE(second);
  EXPECT_NE(first->peer, second->peer);
}

TEST_F(CatchUpTest, a_peer_that_forgot_the_next_block_is_not_asked_and_another_one_is) {
  catch_up.claim(node(1), Height{90}, MonoMs{0});
  catch_up.claim(node(2), Height{90}, MonoMs{0});
  const auto first = catch_up.next(MonoMs{0});
  ASSERT_TRUE(first);
  EXPECT_FALSE(catch_up.gone());
  catch_up.pruned(first->peer, Height{50});
  const auto second = catch_up.next(MonoMs{0});
  ASSERT_TRUE(second);
  EXPECT_NE(first->peer, second->peer);
  EXPECT_FALSE(catch_up.gone()) << "one may still have it";
}

TEST_F(CatchUpTest, says_what_is_gone_when_all_have_forgotten_it_and_waits_for_nothing) {
  for (std::uint8_t id = 1; id <= 2; ++id) catch_up.claim(node(id), Height{90}, MonoMs{0});
  for (const std::uint64_t lowest : {50U, 40U}) {
    const auto request = catch_up.next(MonoMs{0});
    ASSERT_TRUE(request);
    catch_up.pruned(request->peer, Height{lowest});
  }
  EXPECT_EQ(catch_up.gone(), Height{40});
  EXPECT_FALSE(catch_up.next(MonoMs{60'000}));
  EXPECT_FALSE(catch_up.deadline()) << "a timer would ring for ever";
  catch_up.claim(node(3), Height{90}, MonoMs{0});
  EXPECT_FALSE(catch_up.gone());
  const auto request = catch_up.next(MonoMs{60'000});
  ASSERT_TRUE(request);
  EXPECT_EQ(request->peer, node(3));
  catch_up.reached(Height{49});
  EXPECT_FALSE(catch_up.gone()) << "they have what comes next";
}

TEST_F(CatchUpTest, believes_no_pruning_that_it_did_not_ask_about_or_that_takes_nothing_away) {
  catch_up.claim(node(1), Height{90}, MonoMs{0});
  catch_up.pruned(node(1), Height{50});
  const auto request = catch_up.next(MonoMs{0});
  ASSERT_TRUE(request);
  catch_up.pruned(node(1), Height{11});
  EXPECT_FALSE(catch_up.gone());
  EXPECT_TRUE(catch_up.next(MonoMs{1}));
}

TEST_F(CatchUpTest, hears_also_of_a_block_asked_for_by_its_digest_that_its_height_is_forgotten) {
  catch_up.claim(node(1), Height{90}, MonoMs{0});
  catch_up.forgot(node(1), Height{50});
  EXPECT_EQ(catch_up.gone(), Height{50});
  EXPECT_FALSE(catch_up.next(MonoMs{60'000})) << "it has nothing that comes next";
}

// Regression: a node that could use nobody's blocks asked everyone again with each answer, for
// ever.
TEST_F(CatchUpTest, rests_when_nobody_s_answer_helped_and_longer_each_time) {
  for (std::uint8_t id = 1; id <= 3; ++id) catch_up.claim(node(id), Height{90}, MonoMs{0});
  std::uint64_t now = 0;
  std::uint64_t asked = 0;
  for (const std::uint64_t end : {60'000U, 120'000U}) {
    asked = 0;
    while (now < end) {
      while (const auto request = catch_up.next(MonoMs{now})) {
        ++asked;
        catch_up.answered(request->peer, false);
      }
      ASSERT_TRUE(catch_up.deadline());
      ASSERT_GT(catch_up.deadline()->value(), now);
      now = catch_up.deadline()->value();
    }
  }
  EXPECT_LE(asked, 3U * 7U) << "every ten seconds, each of three";
  EXPECT_GE(asked, 3U * 5U) << "it does not give up";
}

TEST_F(CatchUpTest, ends_its_rest_for_a_new_peer_and_for_a_block_that_came_otherwise) {
  for (std::uint8_t id = 1; id <= 3; ++id) catch_up.claim(node(id), Height{90}, MonoMs{0});
  // How many it asked in vain before it rests.
  const auto in_vain = [&] {
    int asked = 0;
    for (; const auto request = catch_up.next(MonoMs{1}); ++asked) {
      catch_up.answered(request->peer, false);
    }
    return asked;
  };
  EXPECT_EQ(in_vain(), 3);
  EXPECT_EQ(in_vain(), 0);
  catch_up.link_up(node(4));
  EXPECT_EQ(in_vain(), 4);
  catch_up.reached(Height{11});
  EXPECT_EQ(in_vain(), 4);
}

// Regression: whoever lost the peer it rested for had a deadline that had passed and that no tick
// ended, and turned on the spot.
TEST_F(CatchUpTest, has_no_deadline_left_when_a_rest_ends_with_nobody_to_ask) {
  for (std::uint8_t id = 1; id <= 3; ++id) catch_up.claim(node(id), Height{90}, MonoMs{0});
  while (const auto request = catch_up.next(MonoMs{1})) {
    catch_up.answered(request->peer, false);
  }
  const auto rest = catch_up.deadline();
  ASSERT_TRUE(rest);
  for (std::uint8_t id = 1; id <= 3; ++id) catch_up.link_down(node(id));
  EXPECT_FALSE(catch_up.next(*rest));
  EXPECT_FALSE(catch_up.deadline());
}

}  // namespace
}  // namespace salus::sync
