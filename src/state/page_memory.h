// Owns: which stored pages stay decoded in memory, so that a block neither reads nor hashes anew
// what earlier ones touched. Bounded by bytes; an answer is always the store's own. One strand.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <utility>

#include "base/lookup_table.h"
#include "state/page.h"

namespace salus::state {

// What it takes to keep a page in memory, without what the allocator adds.
std::size_t memory_bytes(const Page& page);

class PageMemory {
 public:
  // Keeps the pages used last, as many as fit; 0 keeps none.
  explicit PageMemory(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  PageMemory(PageMemory&&) = default;
  PageMemory& operator=(PageMemory&&) = default;

  // nullptr: not known. Valid until the next call.
  const Page* find(const PageId& id);
  // Forgets it too.
  std::optional<Page> take(const PageId& id);
  // The store says so.
  void keep(const PageId& id, Page page);
  std::size_t bytes() const { return bytes_; }

 private:
  using Kept = std::list<std::pair<PageId, Page>>;

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  // The one used last is the first.
  Kept kept_;
  LookupTable<PageId, Kept::iterator, PageIdHash> places_;
};

}  // namespace salus::state
