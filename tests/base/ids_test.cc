// Owns: two numbers with two meanings stay two types; what must not compile is checked here.
#include "base/ids.h"

#include <gtest/gtest.h>

#include <concepts>
#include <type_traits>

namespace salus {
namespace {

template <typename A, typename B>
concept Adds = requires(A a, B b) { a + b; };
template <typename A, typename B>
concept Compares = requires(A a, B b) { a == b; };

static_assert(!std::convertible_to<std::uint64_t, Height>);
static_assert(!std::convertible_to<Height, std::uint64_t>);
static_assert(!std::convertible_to<Epoch, View>);
static_assert(!std::constructible_from<Height, View>);
static_assert(!Adds<Height, Height>);
static_assert(!Compares<Height, View>);
static_assert(!Compares<PublicKey, Digest>);
static_assert(!std::constructible_from<NodeId, PublicKey>);

TEST(Number, has_a_next_and_an_order) {
  EXPECT_EQ(Height{}.value(), 0U);
  EXPECT_EQ(Height{41}.next(), Height{42});
  EXPECT_EQ(Height{42}.previous(), Height{41});
  EXPECT_LT(View{1}, View{2});
  EXPECT_EQ(ValidatorIndex{7}.next().value(), 8);
}

TEST(Number, ordinals_end_at_two_to_the_sixty_third) {
  EXPECT_EQ(kOrdinalEnd, 9'223'372'036'854'775'808ULL);
}

}  // namespace
}  // namespace salus
