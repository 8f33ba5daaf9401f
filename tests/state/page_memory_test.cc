// Owns: proof that memory of pages has the bound that it says, and answers as the store does.
#include "state/page_memory.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <tuple>

namespace salus::state {
namespace {

PageId id_of(std::uint8_t number, std::uint64_t version) {
  return {Height{version}, Path{}.child(number / 16).child(number % 16)};
}

Page page_of(std::uint64_t text, std::size_t leaves) {
  Page page;
  for (std::uint8_t slot = 0; slot < leaves; ++slot) {
    Leaf leaf;
    leaf.key = std::string(40, 'k') + std::to_string(text);
    leaf.key_hash.bytes[0] = slot;
    page.entries.push_back({slot, std::move(leaf)});
  }
  return page;
}

TEST(PageMemory, keeps_none_without_bytes) {
  PageMemory memory{0};
  memory.keep(id_of(1, 1), page_of(1, 2));
  EXPECT_EQ(memory.find(id_of(1, 1)), nullptr);
  EXPECT_EQ(memory.bytes(), 0U);
}

TEST(PageMemory, keeps_no_page_that_has_no_room) {
  PageMemory memory{memory_bytes(page_of(1, 4))};
  memory.keep(id_of(1, 1), page_of(1, 4));
  memory.keep(id_of(1, 2), page_of(1, 8));
  EXPECT_EQ(memory.find(id_of(1, 2)), nullptr);
  EXPECT_NE(memory.find(id_of(1, 1)), nullptr) << "it makes no room in vain";
}

TEST(PageMemory, tells_versions_of_a_path_apart) {
  PageMemory memory{100'000};
  memory.keep(id_of(1, 1), page_of(1, 2));
  memory.keep(id_of(1, 2), page_of(2, 3));
  ASSERT_NE(memory.find(id_of(1, 1)), nullptr);
  EXPECT_EQ(*memory.find(id_of(1, 1)), page_of(1, 2));
  EXPECT_EQ(*memory.find(id_of(1, 2)), page_of(2, 3));
  EXPECT_EQ(memory.find(id_of(2, 1)), nullptr);
}

TEST(PageMemory, holds_no_longer_what_was_taken) {
  PageMemory memory{100'000};
  memory.keep(id_of(1, 1), page_of(1, 2));
  const auto taken = memory.take(id_of(1, 1));
  ASSERT_TRUE(taken);
  EXPECT_EQ(*taken, page_of(1, 2));
  EXPECT_FALSE(memory.take(id_of(1, 1)));
  EXPECT_EQ(memory.bytes(), 0U);
}

TEST(PageMemory, drops_what_was_not_used_for_longest) {
  const std::size_t one = memory_bytes(page_of(0, 4));
  PageMemory memory{20 * one};
  for (std::uint8_t i = 0; i < 100; ++i) {
    memory.keep(id_of(i, 1), page_of(i % 10U, 4));
    EXPECT_NE(memory.find(id_of(0, 1)), nullptr) << "it is used all the time";
  }
  EXPECT_EQ(memory.bytes(), 20 * one);
  for (std::uint8_t i = 1; i < 81; ++i) EXPECT_EQ(memory.find(id_of(i, 1)), nullptr);
  for (std::uint8_t i = 81; i < 100; ++i) EXPECT_NE(memory.find(id_of(i, 1)), nullptr);
}

TEST(PageMemory, never_takes_more_than_its_bytes_nor_answers_otherwise_than_the_store) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random{seed};
    const std::size_t bytes = 2'000 + random() % 60'000;
    PageMemory memory{bytes};
    std::map<PageId, Page> stored;
    for (int i = 0; i < 3'000; ++i) {
      const PageId id = id_of(static_cast<std::uint8_t>(random() % 64), random() % 3);
      const auto known = stored.find(id);
      if (known == stored.end()) {
        stored.emplace(id, page_of(random(), random() % 17));
        memory.keep(id, stored.at(id));
      } else if (random() % 4 == 0) {
        if (const auto taken = memory.take(id)) {
          ASSERT_EQ(*taken, known->second) << "seed " << seed;
        }
        stored.erase(known);
        ASSERT_EQ(memory.find(id), nullptr) << "seed " << seed;
      } else if (const Page* found = memory.find(id)) {
        ASSERT_EQ(*found, known->second) << "seed " << seed;
      } else {
        memory.keep(id, known->second);
      }
      ASSERT_LE(memory.bytes(), bytes) << "seed " << seed;
    }
    for (const auto& [id, page] : stored) std::ignore = memory.take(id);
    EXPECT_EQ(memory.bytes(), 0U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace salus::state
