// Owns: what was read of the store lately, so that hot records cost no search in it. Bounded by
// count and by the size of a value; an answer is always the store's own. One strand.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace salus::state {

class ReadMemory {
 public:
  using Value = std::optional<std::string>;

  // Keeps between `entries` and twice as many; 0 keeps nothing.
  explicit ReadMemory(std::size_t entries) : entries_(entries) {}

  // nullptr: not known. Valid until the next call. An absent record is known as nullopt.
  const Value* find(std::string_view key);
  // The store says so now.
  void remember(std::string_view key, const Value& value);
  std::size_t size() const { return young_.size() + old_.size(); }

 private:
  using Entries = std::map<std::string, Value, std::less<>>;

  const Value* insert(std::string key, Value value);

  std::size_t entries_;
  // Two generations: what is found in the old one moves to the young one; when that is full, the
  // old one goes.
  Entries young_;
  Entries old_;
};

}  // namespace salus::state
