// Owns: which reads are kept.
#include "state/read_memory.h"

#include <utility>

namespace salus::state {

namespace {

// Long values (documents, big tallies) are read seldom and would make the bound a poor one.
constexpr std::size_t kValueBytesMax = 4096;

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

}  // namespace salus::state
