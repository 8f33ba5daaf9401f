// Owns: the heart's one table by hash. It answers for a key and can't be walked, so nothing can
// come to depend on the order that a hash makes (architecture.md, section 4). For caches that a
// search by order would slow down; all else is a std::map.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

namespace salus {

// `Hash` is a callable from a Key to std::size_t, the same on every platform.
template <typename Key, typename Value, typename Hash>
class LookupTable {
 public:
  // nullptr: absent. Valid until that key is taken or put.
  const Value* find(const Key& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : &found->second;
  }
  // In place of what was there.
  void put(const Key& key, Value value) { values_.insert_or_assign(key, std::move(value)); }
  std::optional<Value> take(const Key& key) {
    auto taken = values_.extract(key);
    if (!taken) return std::nullopt;
    return std::move(taken.mapped());
  }
  std::size_t size() const { return values_.size(); }

 private:
  std::unordered_map<Key, Value, Hash> values_;
};

}  // namespace salus
