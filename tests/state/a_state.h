// Owns: a small state that lives through blocks in memory, and the naive tree that it is checked
// against, which is built from nothing each time and shares no helper with the real one.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "state/history.h"
#include "state/memory_store.h"
#include "state/overlay.h"
#include "state/pages.h"
#include "state/tree.h"

namespace salus::state::test {

using Pairs = std::map<std::string, std::string>;

// Splits the sorted leaves bit by bit, with its own hashing.
std::string naive_root(const Pairs& pairs);

class AState {
 public:
  // Height 0 is the empty state. `page_bytes` of its pages stay in memory.
  explicit AState(std::size_t page_bytes = 8'000);

  // The next block: writes its batch and moves on. Returns its height.
  Height block(const TreeChanges& changes);
  // A random one over keys "key0" to "key<keys-1>".
  Height random_block(std::mt19937_64& random, std::uint64_t keys);

  Height tip() const { return pages_->version(); }
  Root root() const { return root_of(*pages_); }
  // As the model says.
  const Pairs& pairs_at(Height height) const { return models_.at(height.value()); }
  Pages pages_at(Height height) const { return Pages{*store_, height, 0}; }
  Pages& pages() { return *pages_; }
  salus::test::MemoryStore& store() { return *store_; }
  const salus::test::MemoryStore& store() const { return *store_; }

 private:
  void write(const Overlay& state, Pages&& pages);

  // On the heap, as layers point to it wherever the state moves.
  std::unique_ptr<salus::test::MemoryStore> store_ = std::make_unique<salus::test::MemoryStore>();
  std::unique_ptr<Overlay> state_;
  std::unique_ptr<Pages> pages_;
  std::vector<Pairs> models_;
};

}  // namespace salus::state::test
