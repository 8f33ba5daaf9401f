// Owns: the shape of the tree under change: a leaf that gets company moves down, a leaf that loses
// it moves up, so the shape depends on the pairs alone.
#include "state/tree.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "state/nothing_stored.h"

namespace salus::state {

namespace {

struct Change {
  Hash key_hash;
  std::string_view key;
  // Absent = erased.
  std::optional<Hash> value_hash;
};
using ChangeSpan = std::span<const Change>;

// What a slot holds.
using Slot = std::optional<std::variant<Leaf, Child>>;

// The front of `items`, all of one slot at `depth`; takes it off.
template <typename Item>
std::span<const Item> take_slot(std::span<const Item>& items, std::uint8_t depth) {
  const std::uint8_t slot = slot_of(items.front().key_hash, depth);
  const auto end = std::ranges::find_if(
      items, [&](const Item& item) { return slot_of(item.key_hash, depth) != slot; });
  const auto count = static_cast<std::size_t>(end - items.begin());
  const auto taken = items.first(count);
  items = items.subspan(count);
  return taken;
}

// The slot above `leaves`, and all pages below it.
Slot build_slot(Pages& pages, const Path& at, std::span<const Leaf> leaves) {
  if (leaves.empty()) return std::nullopt;
  if (leaves.size() == 1) return leaves.front();
  Page page = build_page(pages, at, leaves);
  page.rehash(0);
  const Child child{page.hash(), pages.version()};
  pages.put(at, std::move(page));
  return child;
}

class Update {
 public:
  explicit Update(Pages& pages) : pages_(pages) {}

  void apply_root(ChangeSpan changes) {
    SALUS_ASSERT(pages_.written().empty(), "a block updates the tree once");
    Page page;
    if (const auto before = pages_.root_id_before()) {
      page = pages_.take(*before);
      pages_.retire(*before);
    }
    apply(page, Path{}, changes);
    pages_.put(Path{}, std::move(page));
  }

 private:
  // Applies `changes`, sorted and all below `at`, to the page there; whether it differs now.
  bool apply(Page& page, const Path& at, ChangeSpan changes) {
    std::uint16_t changed = 0;
    while (!changes.empty()) {
      const ChangeSpan here = take_slot(changes, at.depth);
      const std::uint8_t slot = slot_of(here.front().key_hash, at.depth);
      const auto place = std::ranges::lower_bound(page.entries, slot, {}, &Entry::slot);
      const bool is_there = place != page.entries.end() && place->slot == slot;
      Slot held;
      if (is_there) held = std::move(place->held);
      if (apply_slot(held, at.child(slot), here)) {
        changed = static_cast<std::uint16_t>(changed | (1U << slot));
      }
      if (held && is_there) {
        place->held = std::move(*held);
      } else if (held) {
        page.entries.insert(place, {slot, std::move(*held)});
      } else if (is_there) {
        page.entries.erase(place);
      }
    }
    page.rehash(changed);
    return changed != 0;
  }

  bool apply_slot(Slot& held, const Path& at, ChangeSpan changes) {
    const Child* child = held ? std::get_if<Child>(&*held) : nullptr;
    if (child == nullptr) return apply_leaf(held, at, changes);
    const PageId id{child->version, at};
    Page page = pages_.take(id);
    if (!apply(page, at, changes)) {
      pages_.give_back(id, std::move(page));
      return false;
    }
    pages_.retire(id);
    held = settle(at, std::move(page));
    return true;
  }

  // A slot that is empty or holds one leaf, which stays unless the changes name it.
  bool apply_leaf(Slot& held, const Path& at, ChangeSpan changes) {
    const Leaf* before = held ? std::get_if<Leaf>(&*held) : nullptr;
    std::vector<Leaf> leaves;
    bool is_named = false;
    for (const Change& change : changes) {
      const bool is_same = before != nullptr && change.key_hash == before->key_hash;
      is_named = is_named || is_same;
      if (!change.value_hash) continue;
      leaves.push_back({change.key_hash, *change.value_hash, std::string{change.key}});
    }
    if (before != nullptr && !is_named) {
      const auto place = std::ranges::lower_bound(leaves, before->key_hash, {}, &Leaf::key_hash);
      leaves.insert(place, *before);
    }
    const bool same =
        before != nullptr ? leaves.size() == 1 && leaves.front() == *before : leaves.empty();
    if (same) return false;
    held = build_slot(pages_, at, leaves);
    return true;
  }

  // Writes the page, unless it holds no leaf or one: that one takes its parent's slot.
  Slot settle(const Path& at, Page page) {
    if (page.entries.empty()) return std::nullopt;
    if (page.entries.size() == 1 && page.entries.front().leaf() != nullptr) {
      return std::move(page.entries.front().held);
    }
    const Child child{page.hash(), pages_.version()};
    pages_.put(at, std::move(page));
    return child;
  }

  Pages& pages_;
};

}  // namespace

Page build_page(Pages& pages, const Path& at, std::span<const Leaf> leaves) {
  Page page;
  page.entries.reserve(std::min<std::size_t>(leaves.size(), kSlots));
  while (!leaves.empty()) {
    const std::span<const Leaf> here = take_slot(leaves, at.depth);
    const std::uint8_t slot = slot_of(here.front().key_hash, at.depth);
    page.entries.push_back({slot, *build_slot(pages, at.child(slot), here)});
  }
  return page;
}

Root root_of(const Pages& pages) {
  const auto id = pages.root_id();
  return id ? Root{pages.get(*id).hash().bytes} : Root{};
}

void update_tree(Pages& pages, const TreeChanges& changes) {
  std::vector<Change> sorted;
  sorted.reserve(changes.size());
  for (const auto& [key, value] : changes) {
    SALUS_ASSERT(key.size() <= kKeyBytesMax, "a state key is short");
    Change change{key_hash(key), key, std::nullopt};
    if (value) change.value_hash = value_hash(*value);
    sorted.push_back(change);
  }
  std::ranges::sort(sorted, {}, &Change::key_hash);
  Update{pages}.apply_root(sorted);
}

Root root_of_all(const TreeChanges& pairs) {
  const NothingStored nothing;
  const Pages before{nothing, std::nullopt, 0};
  Pages pages = before.branch(Height{0});
  update_tree(pages, pairs);
  return root_of(pages);
}

}  // namespace salus::state
