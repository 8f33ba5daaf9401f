// Owns: what a page takes, and which one goes first.
#include "state/page_memory.h"

namespace salus::state {

namespace {

// The nodes of list and table, with their links.
constexpr std::size_t kNodeBytes = sizeof(std::pair<PageId, Page>) + sizeof(PageId) + 64;

}  // namespace

std::size_t memory_bytes(const Page& page) {
  std::size_t bytes =
      kNodeBytes + page.entries.capacity() * sizeof(Entry) + page.inner.capacity() * sizeof(Hash);
  for (const Entry& entry : page.entries) {
    if (const Leaf* leaf = entry.leaf()) bytes += leaf->key.capacity();
  }
  return bytes;
}

const Page* PageMemory::find(const PageId& id) {
  const auto* place = places_.find(id);
  if (place == nullptr) return nullptr;
  kept_.splice(kept_.begin(), kept_, *place);
  return &kept_.front().second;
}

std::optional<Page> PageMemory::take(const PageId& id) {
  const auto place = places_.take(id);
  if (!place) return std::nullopt;
  Page page = std::move((*place)->second);
  kept_.erase(*place);
  bytes_ -= memory_bytes(page);
  return page;
}

void PageMemory::keep(const PageId& id, Page page) {
  const std::size_t more = memory_bytes(page);
  if (more > bytes_max_) return;
  take(id);
  bytes_ += more;
  kept_.emplace_front(id, std::move(page));
  places_.put(id, kept_.begin());
  while (bytes_ > bytes_max_) take(PageId{kept_.back().first});
}

}  // namespace salus::state
