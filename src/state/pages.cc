// Owns: where a page is looked for, and which decoded pages are kept.
#include "state/pages.h"

#include <utility>

#include "base/assert.h"

namespace salus::state {

Pages::Pages(const Store& store, std::optional<Height> version, std::size_t memory_bytes)
    : store_(&store), version_(version), memory_(memory_bytes) {}

Pages::Pages(const Pages* parent, const Store* store, Height version)
    : parent_(parent), store_(store), version_(version), memory_(0) {}

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
  if (const Page* written = find_written(id)) return *written;
  PageMemory& memory = base().memory_;
  if (const Page* kept = memory.find(id)) return *kept;
  Page page = read(id);
  memory.keep(id, page);
  return page;
}

Page Pages::take(const PageId& id) const {
  if (const Page* written = find_written(id)) return *written;
  auto kept = base().memory_.take(id);
  return kept ? std::move(*kept) : read(id);
}

// Two candidates may write a page of one id: memory has those of the store alone.
void Pages::give_back(const PageId& id, Page page) const {
  if (find_written(id) == nullptr) base().memory_.keep(id, std::move(page));
}

const Page* Pages::find_written(const PageId& id) const {
  for (const Pages* layer = this; layer->parent_ != nullptr; layer = layer->parent_) {
    if (id.version != *layer->version_) continue;
    const auto found = layer->written_.find(id.path);
    if (found != layer->written_.end()) return &found->second;
  }
  return nullptr;
}

const Pages& Pages::base() const {
  const Pages* layer = this;
  while (layer->parent_ != nullptr) layer = layer->parent_;
  return *layer;
}

Page Pages::read(const PageId& id) const {
  const auto stored = store_->get(std::string{kPagePrefix} + id.key());
  SALUS_ASSERT(stored.has_value(), "a page of the state tree is missing: the ledger is corrupt");
  return decode_page(*stored);
}

void Pages::put(const Path& path, Page page) { written_.insert_or_assign(path, std::move(page)); }

void Pages::retire(const PageId& id) { retired_.push_back(id); }

void Pages::on_stored(Pages&& child) {
  SALUS_ASSERT(parent_ == nullptr && (!version_ || *version_ < *child.version_),
               "only pages over the store are told, in the order of blocks");
  version_ = child.version_;
  for (const PageId& id : child.retired_) memory_.take(id);
  for (auto& [path, page] : child.written_) memory_.keep({*version_, path}, std::move(page));
}

}  // namespace salus::state
