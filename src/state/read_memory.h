// Owns: what was read of the store lately, so that hot records, and the short walks that each block
// makes again (what is due first, which votes are open), cost no search in it. Bounded by count and
// by the size of a value; an answer is always the store's own. One strand.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace salus::state {

class ReadMemory {
 public:
  using Value = std::optional<std::string>;

  // Keeps between `entries` and twice as many; 0 keeps nothing.
  explicit ReadMemory(std::size_t entries) : entries_(entries) {}

  // nullptr: not known. Valid until the next call. An absent record is known as nullopt.
  const Value* find(std::string_view key);
  // The store says so.
  void remember(std::string_view key, const Value& value);
  std::size_t size() const { return young_.size() + old_.size(); }

  // The first records below a prefix, ascending, and whether they are all that there are.
  struct Walk {
    std::vector<std::pair<std::string, std::string>> records;
    bool is_whole = false;
  };
  // nullptr: not known. Valid until the next call.
  const Walk* find_walk(std::string_view prefix) const;
  // False: it holds no more.
  static bool add(Walk& walk, std::string_view key, std::string_view value);
  // Below an empty prefix nothing is kept.
  void remember_walk(std::string_view prefix, Walk walk);

  // The store says so from now on.
  void change(std::string_view key, const Value& value);

 private:
  using Entries = std::map<std::string, Value, std::less<>>;

  const Value* insert(std::string key, Value value);

  void forget_walks_over(std::string_view key);

  std::size_t entries_;
  // Two generations: what is found in the old one moves to the young one; when that is full, the
  // old one goes.
  Entries young_;
  Entries old_;
  // By prefix.
  std::map<std::string, Walk, std::less<>> walks_;
};

}  // namespace salus::state
