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

namespace salus::state {

class Pages {
 public:
  // The store's, as after block `version`; nullopt: there is no state yet. Keeps decoded pages in
  // memory, for itself and its children: those of the upper levels, at most 4,369, and between
  // `kept` and twice as many others; 0 keeps none.
  Pages(const Store& store, std::optional<Height> version, std::size_t kept);
  // A layer for the block at `version`, above this one's.
  Pages branch(Height version) const;

  // Asserts that it is there: pages name only pages that are.
  Page get(const PageId& id) const;
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

  // Re-points to another parent with the same pages.
  void rebase_onto(const Pages& parent) { parent_ = &parent; }
  // Over the store: it now holds what this child wrote, and stands at its version.
  void on_stored(Pages&& child);

 private:
  Pages(const Pages* parent, const Store* store, Height version);

  const Page* find_kept(const PageId& id) const;
  void keep(const PageId& id, Page page) const;

  const Pages* parent_ = nullptr;
  const Store* store_;
  std::optional<Height> version_;
  std::size_t kept_max_ = 0;
  std::map<Path, Page> written_;
  std::vector<PageId> retired_;
  // The newest pages of the upper levels, which every block passes: no more than the tree has
  // there.
  mutable std::map<PageId, Page> top_;
  // Others, in two generations: what is found in the old one moves to the young one; when that is
  // full, the old one goes.
  mutable std::map<PageId, Page> young_;
  mutable std::map<PageId, Page> old_;
};

}  // namespace salus::state
