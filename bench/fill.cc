// Owns: the order, and the batches.
#include "fill.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "state/hashes.h"
#include "state/layout.h"
#include "state/tree.h"

namespace salus::bench {

namespace {

constexpr std::size_t kFillKeys = 50'000;

bool write_without_past(storage::RocksStore& store, state::Pages& pages,
                        const state::TreeChanges& changes) {
  const Height height = pages.root_id() ? pages.version().next() : Height{0};
  state::Pages layer = pages.branch(height);
  state::update_tree(layer, changes);
  StoreBatch batch;
  for (const auto& [key, value] : changes) {
    batch.writes.emplace_back(std::string{state::kStatePrefix} + key, value);
  }
  for (const auto& id : layer.retired()) batch.erase(std::string{state::kPagePrefix} + id.key());
  for (const auto& [path, page] : layer.written()) {
    batch.put(std::string{state::kPagePrefix} + state::PageId{height, path}.key(),
              state::encode(page));
  }
  pages.on_stored(std::move(layer));
  return store.write(batch).has_value();
}

}  // namespace

bool fill_state(storage::RocksStore& store, state::Pages& pages, std::uint64_t count,
                const std::function<std::string(std::uint64_t)>& key_of,
                const std::function<std::string(std::uint64_t)>& value_of) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> order;
  order.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Hash hash = state::key_hash(key_of(i));
    std::uint64_t front = 0;
    for (std::size_t byte = 0; byte < 8; ++byte) front = front << 8U | hash.bytes[byte];
    order.emplace_back(front, i);
  }
  std::ranges::sort(order);
  for (std::size_t at = 0; at < order.size(); at += kFillKeys) {
    state::TreeChanges changes;
    for (std::size_t i = at; i < std::min(order.size(), at + kFillKeys); ++i) {
      changes[key_of(order[i].second)] = value_of(order[i].second);
    }
    if (!write_without_past(store, pages, changes)) return false;
  }
  return true;
}

}  // namespace salus::bench
