// Owns: one walk through two trees at once.
#include "state/difference.h"

#include <algorithm>
#include <utility>

#include "state/nothing_stored.h"

namespace salus::state {

namespace {

const Entry* entry_at(const Page& page, std::uint8_t slot) {
  const auto found = std::ranges::find(page.entries, slot, &Entry::slot);
  return found == page.entries.end() ? nullptr : &*found;
}

// A tree has a page only above two leaves; where the other has one, a single leaf counts as a page
// of its own.
Page page_of(const Leaf& leaf, const Path& at) {
  return {.entries = {{slot_of(leaf.key_hash, at.depth), leaf}}, .inner = {}};
}

class Comparison {
 public:
  Comparison(const Pages& own, const Chunk& theirs)
      : own_(own),
        theirs_(theirs),
        nothing_before_(nothing_, std::nullopt, 0),
        built_(nothing_before_.branch(Height{0})) {}

  Difference run() {
    const Path& at = theirs_.path();
    const Page theirs = theirs_.build(built_);
    return compare(at, own_page(at), theirs);
  }

 private:
  Page own_page(const Path& at) const {
    const auto root = own_.root_id();
    if (!root) return {};
    Page page = own_.get(*root);
    for (Path path; path.depth < at.depth;) {
      const std::uint8_t slot = slot_of(at.bits, path.depth);
      const Entry* entry = entry_at(page, slot);
      if (entry == nullptr) return {};
      if (const Leaf* leaf = entry->leaf()) {
        return at.leads_to(leaf->key_hash) ? page_of(*leaf, at) : Page{};
      }
      path = path.child(slot);
      page = own_.get({entry->child()->version, path});
    }
    return page;
  }

  Difference compare(const Path& at, const Page& own, const Page& theirs) const {
    for (std::uint8_t slot = 0; slot < kSlots; ++slot) {
      Difference found = compare_slot(at, slot, entry_at(own, slot), entry_at(theirs, slot));
      if (!std::holds_alternative<std::monostate>(found)) return found;
    }
    return {};
  }

  Difference compare_slot(const Path& at, std::uint8_t slot, const Entry* own,
                          const Entry* theirs) const {
    const Child* own_child = own != nullptr ? own->child() : nullptr;
    const Child* their_child = theirs != nullptr ? theirs->child() : nullptr;
    if (own_child == nullptr && their_child == nullptr) {
      return compare_leaves(own != nullptr ? own->leaf() : nullptr,
                            theirs != nullptr ? theirs->leaf() : nullptr);
    }
    if (own_child != nullptr && their_child != nullptr && own_child->hash == their_child->hash) {
      return {};
    }
    const Path below = at.child(slot);
    const bool is_here = their_child == nullptr || built_.written().contains(below);
    if (!is_here) return Wanted{below, their_child->hash};
    return compare(below, page_below(own_, own, below), page_below(built_, theirs, below));
  }

  static Page page_below(const Pages& pages, const Entry* entry, const Path& below) {
    if (entry == nullptr) return {};
    if (const Leaf* leaf = entry->leaf()) return page_of(*leaf, below);
    return pages.get({entry->child()->version, below});
  }

  Difference compare_leaves(const Leaf* own, const Leaf* theirs) const {
    if (own == nullptr && theirs == nullptr) return {};
    if (own != nullptr && theirs != nullptr && own->hash() == theirs->hash()) return {};
    // Of two records at one place, one is missing on the other side.
    const bool is_theirs_first =
        theirs != nullptr && (own == nullptr || theirs->key_hash <= own->key_hash);
    if (is_theirs_first) return RecordDifference{theirs->key, theirs_.value_of(theirs->key)};
    return RecordDifference{own->key, std::nullopt};
  }

  const Pages& own_;
  const Chunk& theirs_;
  NothingStored nothing_;
  Pages nothing_before_;
  // The part's own pages.
  Pages built_;
};

}  // namespace

Difference first_difference(const Pages& own, const Chunk& theirs) {
  return Comparison{own, theirs}.run();
}

}  // namespace salus::state
