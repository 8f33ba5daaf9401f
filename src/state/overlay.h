// Owns: changes that are not yet final. An overlay reads through to its parent, keeps its own
// writes in key order, and is adopted whole or dropped whole, so nothing is ever half applied
// (G-1.5). A parent outlives its children, and does not change while they live.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/seams/store.h"
#include "state/read_memory.h"

namespace salus::state {

class Overlay {
 public:
  // Over finalized state. Keys get `prefix` in the store, so that state, tree nodes and blocks
  // share one store. Remembers about `remembered` reads for itself and its children; its owner then
  // says whenever the store changed.
  explicit Overlay(const Store& base, std::string prefix, std::size_t remembered = 0);
  // A child that reads through to this one.
  Overlay branch() const;

  std::optional<std::string> get(std::string_view key) const;
  // As without its own changes.
  std::optional<std::string> get_before(std::string_view key) const;
  bool contains(std::string_view key) const { return get(key).has_value(); }
  void put(std::string key, std::string value);
  void erase(std::string key);

  // Visits keys that start with `prefix`, from `from` on, ascending, until `visit` returns false:
  // the merged picture of this overlay, its parents and the store. For the due queue and queries
  // only; nothing that scales with the number of members may iterate (governance.md, section 5).
  void scan(std::string_view prefix, std::string_view from,
            const std::function<bool(std::string_view key, std::string_view value)>& visit) const;

  // Takes over all changes of a child of this overlay.
  void adopt(Overlay&& child);
  // Over the store: it now holds these changes of a child.
  void on_stored(const Overlay& child);

  // Own writes: present = put, absent = erased.
  const std::map<std::string, std::optional<std::string>, std::less<>>& changes() const {
    return changes_;
  }
  // Re-points to another parent with the same contents.
  void rebase_onto(const Overlay& parent) { parent_ = &parent; }

 private:
  Overlay(const Overlay* parent, const Store* base, std::string prefix, std::size_t remembered);

  std::optional<std::string> read_store(std::string_view key) const;
  // As scan(), of the store alone.
  void scan_store(std::string_view prefix, std::string_view from,
                  const std::function<bool(std::string_view, std::string_view)>& visit) const;

  const Overlay* parent_ = nullptr;
  const Store* base_;
  std::string prefix_;
  mutable ReadMemory memory_;
  std::map<std::string, std::optional<std::string>, std::less<>> changes_;
};

}  // namespace salus::state
