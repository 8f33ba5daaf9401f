// Owns: where a page is looked for, and which decoded pages are kept.
#include "state/pages.h"

#include <utility>

#include "base/assert.h"

namespace salus::state {

namespace {

// Pages down to this depth are kept whatever comes: 1 + 16 + 256 + 4,096.
constexpr std::uint8_t kTopDepthMax = 3;

}  // namespace

Pages::Pages(const Store& store, std::optional<Height> version, std::size_t kept)
    : store_(&store), version_(version), kept_max_(kept) {}

Pages::Pages(const Pages* parent, const Store* store, Height version)
    : parent_(parent), store_(store), version_(version) {}

Pages Pages::branch(Height version) const {
  SALUS_ASSERT(!version_ || version > *version_, "a block's pages are newer than its parent's");
  return Pages{this, store_, version};
}

std::optional<PageId> Pages::root_id() const {
  if (!version_) return std::nullopt;
  return PageId{*version_, Path{}};
}

std::optional<PageId> Pages::root_id_before() const {
  SALUS_ASSERT(parent_ != nullptr, "only a block's layer has something before it");
  return parent_->root_id();
}

Page Pages::get(const PageId& id) const {
  const Pages* layer = this;
  for (; layer->parent_ != nullptr; layer = layer->parent_) {
    if (id.version != *layer->version_) continue;
    const auto found = layer->written_.find(id.path);
    if (found != layer->written_.end()) return found->second;
  }
  if (const Page* kept = layer->find_kept(id)) return *kept;
  const auto stored = store_->get(std::string{kPagePrefix} + id.key());
  SALUS_ASSERT(stored.has_value(), "a page of the state tree is missing: the ledger is corrupt");
  Page page = decode_page(*stored);
  layer->keep(id, page);
  return page;
}

void Pages::put(const Path& path, Page page) { written_.insert_or_assign(path, std::move(page)); }

void Pages::retire(const PageId& id) { retired_.push_back(id); }

void Pages::on_stored(Pages&& child) {
  SALUS_ASSERT(parent_ == nullptr && (!version_ || *version_ < *child.version_),
               "only pages over the store are told, in the order of blocks");
  version_ = child.version_;
  for (const PageId& id : child.retired_) {
    top_.erase(id);
    young_.erase(id);
    old_.erase(id);
  }
  for (auto& [path, page] : child.written_) keep({*version_, path}, std::move(page));
}

const Page* Pages::find_kept(const PageId& id) const {
  if (id.path.depth <= kTopDepthMax) {
    const auto top = top_.find(id);
    return top == top_.end() ? nullptr : &top->second;
  }
  if (const auto young = young_.find(id); young != young_.end()) return &young->second;
  const auto old = old_.find(id);
  if (old == old_.end()) return nullptr;
  return &young_.insert(old_.extract(old)).position->second;
}

void Pages::keep(const PageId& id, Page page) const {
  if (kept_max_ == 0) return;
  if (id.path.depth <= kTopDepthMax) {
    top_.insert_or_assign(id, std::move(page));
    return;
  }
  if (young_.size() >= kept_max_) old_ = std::exchange(young_, {});
  young_.insert_or_assign(id, std::move(page));
}

}  // namespace salus::state
