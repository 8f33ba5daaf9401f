// Owns: which reads are kept.
#include "state/read_memory.h"

#include <iterator>
#include <utility>

namespace salus::state {

namespace {

// Long values (documents, big tallies) are read seldom and would make the bound a poor one.
constexpr std::size_t kValueBytesMax = 4096;
// A block walks over the classes of what is due and over the votes that are open; walks from other
// places come once.
constexpr std::size_t kWalksMax = 32;
constexpr std::size_t kWalkRecordsMax = 64;

}  // namespace

const ReadMemory::Value* ReadMemory::find(std::string_view key) {
  if (const auto young = young_.find(key); young != young_.end()) return &young->second;
  const auto old = old_.find(key);
  if (old == old_.end()) return nullptr;
  auto node = old_.extract(old);
  return insert(std::move(node.key()), std::move(node.mapped()));
}

void ReadMemory::remember(std::string_view key, const Value& value) {
  if (entries_ == 0) return;
  if (const auto old = old_.find(key); old != old_.end()) old_.erase(old);
  if (value && value->size() > kValueBytesMax) {
    if (const auto young = young_.find(key); young != young_.end()) young_.erase(young);
    return;
  }
  insert(std::string{key}, value);
}

const ReadMemory::Value* ReadMemory::insert(std::string key, Value value) {
  if (young_.size() >= entries_ && !young_.contains(key)) {
    old_ = std::exchange(young_, {});
  }
  return &young_.insert_or_assign(std::move(key), std::move(value)).first->second;
}

const ReadMemory::Walk* ReadMemory::find_walk(std::string_view prefix) const {
  const auto found = walks_.find(prefix);
  return found == walks_.end() ? nullptr : &found->second;
}

bool ReadMemory::add(Walk& walk, std::string_view key, std::string_view value) {
  if (walk.records.size() == kWalkRecordsMax || value.size() > kValueBytesMax) return false;
  walk.records.emplace_back(key, value);
  return true;
}

void ReadMemory::remember_walk(std::string_view prefix, Walk walk) {
  if (entries_ == 0 || prefix.empty()) return;
  // All at once: which of them will come again is not known, and those that do are soon back.
  if (walks_.size() == kWalksMax && !walks_.contains(prefix)) walks_.clear();
  walks_.insert_or_assign(std::string{prefix}, std::move(walk));
}

void ReadMemory::change(std::string_view key, const Value& value) {
  remember(key, value);
  forget_walks_over(key);
}

// Those whose prefix the key begins with: each is at or before it in the order of prefixes, and
// begins with the key's first byte.
void ReadMemory::forget_walks_over(std::string_view key) {
  for (auto at = walks_.lower_bound(key.substr(0, 1)); at != walks_.end() && at->first <= key;) {
    at = key.starts_with(at->first) ? walks_.erase(at) : std::next(at);
  }
}

}  // namespace salus::state
