// Owns: how layers merge: the newest layer that knows a key decides, and an erased key is known.
#include "state/overlay.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace salus::state {

namespace {

using Changes = std::map<std::string, std::optional<std::string>, std::less<>>;

// Walks several layers of changes as one ordered list; the first layer is the newest.
class LayerCursor {
 public:
  LayerCursor(const std::vector<const Changes*>& layers, std::string_view prefix,
              std::string_view from)
      : prefix_(prefix) {
    for (const Changes* layer : layers) {
      places_.push_back({layer->lower_bound(from), layer->end()});
    }
    settle();
  }

  // The current key, or nullptr past the last one that starts with the prefix.
  const std::string* key() const { return current_ ? &(*current_)->first : nullptr; }
  const std::optional<std::string>& value() const { return (*current_)->second; }

  void next() {
    const std::string passed = (*current_)->first;
    for (Place& place : places_) {
      if (place.at != place.end && place.at->first == passed) ++place.at;
    }
    settle();
  }

 private:
  struct Place {
    Changes::const_iterator at;
    Changes::const_iterator end;
  };

  // Chooses the smallest key; among equal ones the newest layer wins, as it comes first.
  void settle() {
    current_.reset();
    for (const Place& place : places_) {
      if (place.at == place.end || !place.at->first.starts_with(prefix_)) continue;
      if (!current_ || place.at->first < (*current_)->first) current_ = place.at;
    }
  }

  std::string_view prefix_;
  std::vector<Place> places_;
  std::optional<Changes::const_iterator> current_;
};

}  // namespace

Overlay::Overlay(const Store& base, std::string prefix, std::size_t remembered)
    : Overlay(nullptr, &base, std::move(prefix), remembered) {}

Overlay::Overlay(const Overlay* parent, const Store* base, std::string prefix,
                 std::size_t remembered)
    : parent_(parent), base_(base), prefix_(std::move(prefix)), memory_(remembered) {}

Overlay Overlay::branch() const { return Overlay{this, base_, prefix_, 0}; }

std::optional<std::string> Overlay::get(std::string_view key) const {
  const Overlay* layer = this;
  while (true) {
    const auto found = layer->changes_.find(key);
    if (found != layer->changes_.end()) return found->second;
    if (layer->parent_ == nullptr) return layer->read_store(key);
    layer = layer->parent_;
  }
}

std::optional<std::string> Overlay::get_before(std::string_view key) const {
  return parent_ != nullptr ? parent_->get(key) : read_store(key);
}

std::optional<std::string> Overlay::read_store(std::string_view key) const {
  if (const auto* known = memory_.find(key)) return *known;
  auto value = base_->get(prefix_ + std::string{key});
  memory_.remember(key, value);
  return value;
}

void Overlay::on_stored(const Overlay& child) {
  SALUS_ASSERT(parent_ == nullptr && changes_.empty(), "only an overlay over the store is told");
  for (const auto& [key, value] : child.changes_) memory_.change(key, value);
}

void Overlay::put(std::string key, std::string value) {
  changes_.insert_or_assign(std::move(key), std::optional<std::string>{std::move(value)});
}

void Overlay::erase(std::string key) { changes_.insert_or_assign(std::move(key), std::nullopt); }

void Overlay::scan(
    std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  std::vector<const Changes*> layers;
  for (const Overlay* layer = this; layer != nullptr; layer = layer->parent_) {
    layers.push_back(&layer->changes_);
  }
  const std::string first{std::max(prefix, from)};
  LayerCursor changed{layers, prefix, first};
  bool go_on = true;

  // Visits the changed keys before `end`, or all that are left.
  const auto visit_changed = [&](std::optional<std::string_view> end) {
    while (go_on && changed.key() != nullptr && (!end || *changed.key() < *end)) {
      if (changed.value()) go_on = visit(*changed.key(), *changed.value());
      if (go_on) changed.next();
    }
  };

  const Overlay* root = this;
  while (root->parent_ != nullptr) root = root->parent_;
  root->scan_store(prefix, first, [&](std::string_view key, std::string_view value) {
    visit_changed(key);
    const bool replaced = changed.key() != nullptr && *changed.key() == key;
    if (go_on && !replaced) go_on = visit(key, value);
    return go_on;
  });
  visit_changed(std::nullopt);
}

// What is remembered of a walk comes from memory; where it goes further, the store goes on. Copied,
// as whoever visits may walk as well.
void Overlay::scan_store(
    std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view, std::string_view)>& visit) const {
  const auto* known = from == prefix ? memory_.find_walk(prefix) : nullptr;
  ReadMemory::Walk walk = known != nullptr ? *known : ReadMemory::Walk{};
  for (const auto& [key, value] : walk.records) {
    if (!visit(key, value)) return;
  }
  if (walk.is_whole) return;

  const std::string next =
      walk.records.empty() ? std::string{from} : walk.records.back().first + '\0';
  bool is_remembered = from == prefix;
  bool has_ended = true;
  base_->scan(prefix_ + std::string{prefix}, prefix_ + next,
              [&](std::string_view stored_key, std::string_view value) {
                const std::string_view key = stored_key.substr(prefix_.size());
                is_remembered = is_remembered && ReadMemory::add(walk, key, value);
                has_ended = visit(key, value);
                return has_ended;
              });
  if (from != prefix) return;
  walk.is_whole = has_ended && is_remembered;
  memory_.remember_walk(prefix, std::move(walk));
}

void Overlay::adopt(Overlay&& child) {
  SALUS_ASSERT(child.parent_ == this, "an overlay adopts its own children only");
  for (auto& [key, value] : child.changes_) changes_.insert_or_assign(key, std::move(value));
  child.changes_.clear();
}

}  // namespace salus::state
