// Owns: the in-memory form of the Store seam.
#include "storage/memory_store.h"

#include <mutex>
#include <utility>

namespace salus::storage {

namespace {

// Entries copied at a time by a scan: few enough to be cheap when the visitor stops early.
constexpr std::size_t kPageEntries = 64;

class MemorySnapshot final : public MemoryStore {
 public:
  [[nodiscard]] Result<void, StoreError> write(const StoreBatch&) override {
    return std::unexpected(StoreError{"A snapshot is read-only: write to its store."});
  }
  void fill(const StoreBatch& entries) { (void)MemoryStore::write(entries); }
};

}  // namespace

std::optional<std::string> MemoryStore::get(std::string_view key) const {
  const std::shared_lock lock{mutex_};
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

void MemoryStore::scan(
    std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  // Visits outside the lock, so that a visitor may read or write the same store.
  std::string next{std::max(prefix, from)};
  while (true) {
    const auto page = page_from(prefix, next);
    for (const auto& [key, value] : page) {
      if (!visit(key, value)) return;
    }
    if (page.size() < kPageEntries) return;
    // The smallest key above the last one visited.
    next = page.back().first + '\0';
  }
}

std::vector<std::pair<std::string, std::string>> MemoryStore::page_from(
    std::string_view prefix, std::string_view from) const {
  const std::shared_lock lock{mutex_};
  std::vector<std::pair<std::string, std::string>> page;
  for (auto at = entries_.lower_bound(from); at != entries_.end(); ++at) {
    if (!at->first.starts_with(prefix) || page.size() == kPageEntries) break;
    page.emplace_back(*at);
  }
  return page;
}

Result<void, StoreError> MemoryStore::write(const StoreBatch& batch) {
  const std::unique_lock lock{mutex_};
  for (const auto& [key, value] : batch.writes) {
    if (value) {
      entries_.insert_or_assign(key, *value);
    } else {
      entries_.erase(key);
    }
  }
  return {};
}

std::map<std::string, std::string> MemoryStore::entries() const {
  const std::shared_lock lock{mutex_};
  return {entries_.begin(), entries_.end()};
}

std::unique_ptr<Store> MemoryStore::snapshot() const {
  StoreBatch all;
  for (auto& [key, value] : entries()) all.put(key, value);
  auto copy = std::make_unique<MemorySnapshot>();
  copy->fill(all);
  return copy;
}

}  // namespace salus::storage
