// Owns: pages that are not yet final, beside those in the store. One layer holds what one block
// writes, under its height; several candidates at one height have layers of their own over one
// parent, which outlives them. A page is looked for only in the layer of its version, so depth of
// speculation costs nothing.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "base/seams/store.h"
#include "state/layout.h"
#include "state/page.h"
#include "state/page_memory.h"

namespace salus::state {

class Pages {
 public:
  // The store's, as after block `version`; nullopt: there is no state yet. Remembers up to
  // `memory_bytes` of pages for itself and its children; 0 remembers none.
  Pages(const Store& store, std::optional<Height> version, std::size_t memory_bytes);
  // A layer for the block at `version`, above this one's.
  Pages branch(Height version) const;

  // Asserts that it is there: pages name only pages that are.
  Page get(const PageId& id) const;
  // The same for a caller who will retire it or give it back: memory holds it no longer, so nothing
  // is copied. Who asks again, as another candidate at this height does, gets it from the store.
  Page take(const PageId& id) const;
  // Unchanged.
  void give_back(const PageId& id, Page page) const;
  // The page from which all others of this layer's version are reached; nullopt without a state.
  std::optional<PageId> root_id() const;
  // Of the parent's, to be replaced.
  std::optional<PageId> root_id_before() const;

  // In this layer, at its version.
  void put(const Path& path, Page page);
  // Not reached from this layer's version any more.
  void retire(const PageId& id);

  Height version() const { return *version_; }
  const std::map<Path, Page>& written() const { return written_; }
  const std::vector<PageId>& retired() const { return retired_; }

  // Of the pages that it remembers, in bytes.
  std::size_t remembered() const { return memory_.bytes(); }
  // Re-points to another parent with the same pages.
  void rebase_onto(const Pages& parent) { parent_ = &parent; }
  // Over the store: it now holds what this child wrote, and stands at its version.
  void on_stored(Pages&& child);

 private:
  Pages(const Pages* parent, const Store* store, Height version);

  // A layer's own; nullptr: it is in the store.
  const Page* find_written(const PageId& id) const;
  Page read(const PageId& id) const;
  const Pages& base() const;

  const Pages* parent_ = nullptr;
  const Store* store_;
  std::optional<Height> version_;
  std::map<Path, Page> written_;
  std::vector<PageId> retired_;
  // Only the layer over the store has one: a page of another may never come to be stored.
  mutable PageMemory memory_;
};

}  // namespace salus::state
