// Owns: the order of the due queue (G-12.1). An item's key is its class, time, kind and record, so
// the first key of a class is the item to process next.
#include "dao/due.h"

#include <algorithm>

#include "base/assert.h"
#include "state/record.h"

namespace salus::dao::due {

namespace {

constexpr Class kClasses[] = {Class::Lapses, Class::Ends, Class::Starts, Class::Executions,
                              Class::Upkeep};

state::Key class_key(Class due_class) {
  return state::Key(state::Table::DueByTime).u8(static_cast<std::uint8_t>(due_class));
}

state::Key key_of(Class due_class, std::uint64_t at_ms, Kind kind, ByteView ref) {
  return class_key(due_class).u64(at_ms).u8(static_cast<std::uint8_t>(kind)).bytes(ref);
}

state::Key key_of(const v1::DueItem& item) {
  return key_of(static_cast<Class>(item.due_class()), item.at_ms(), static_cast<Kind>(item.kind()),
                as_bytes(item.ref()));
}

std::optional<v1::DueItem> first(const state::Overlay& state, Class due_class) {
  std::optional<v1::DueItem> item;
  const std::string prefix = class_key(due_class).str();
  state.scan(prefix, prefix, [&](std::string_view, std::string_view value) {
    item = state::decode<v1::DueItem>(value);
    return false;
  });
  return item;
}

}  // namespace

Bytes ref_of(std::uint64_t id) {
  ByteWriter out;
  out.u64(id);
  return std::move(out).out();
}

std::uint64_t id_of(ByteView ref) {
  ByteReader in(ref);
  return in.u64();
}

void schedule(state::Overlay& state, Class due_class, std::uint64_t at_ms, Kind kind,
              ByteView ref) {
  v1::DueItem item;
  item.set_due_class(static_cast<std::uint32_t>(due_class));
  item.set_at_ms(at_ms);
  item.set_kind(static_cast<std::uint32_t>(kind));
  item.set_ref(std::string{as_chars(ref)});
  state::put(state, key_of(item), item);
}

void schedule(state::Overlay& state, Class due_class, std::uint64_t at_ms, Kind kind,
              std::uint64_t id) {
  schedule(state, due_class, at_ms, kind, ref_of(id));
}

bool cancel(state::Overlay& state, Class due_class, std::uint64_t at_ms, Kind kind, ByteView ref) {
  const state::Key key = key_of(due_class, at_ms, kind, ref);
  if (!state.contains(key.str())) return false;
  state::erase(state, key);
  return true;
}

bool cancel(state::Overlay& state, Class due_class, std::uint64_t at_ms, Kind kind,
            std::uint64_t id) {
  return cancel(state, due_class, at_ms, kind, ref_of(id));
}

std::optional<v1::DueItem> first_due(const state::Overlay& state, Class due_class,
                                     std::uint64_t now_ms) {
  auto item = first(state, due_class);
  if (item && item->at_ms() > now_ms) return std::nullopt;
  return item;
}

std::optional<std::uint64_t> next_due_ms(const state::Overlay& state) {
  std::optional<std::uint64_t> earliest;
  for (const Class due_class : kClasses) {
    const auto item = first(state, due_class);
    if (item) earliest = std::min(item->at_ms(), earliest.value_or(item->at_ms()));
  }
  return earliest;
}

void remove(state::Overlay& state, const v1::DueItem& item) { state::erase(state, key_of(item)); }

std::vector<v1::DueItem> all(const state::Overlay& state) {
  std::vector<v1::DueItem> items;
  const std::string prefix = state::Key(state::Table::DueByTime).str();
  state.scan(prefix, prefix, [&](std::string_view, std::string_view value) {
    items.push_back(state::decode<v1::DueItem>(value));
    return true;
  });
  return items;
}

std::multiset<std::pair<std::string, std::uint64_t>> queued(const state::Overlay& state,
                                                            Kind kind) {
  std::multiset<std::pair<std::string, std::uint64_t>> found;
  for (const v1::DueItem& item : all(state)) {
    if (item.kind() == static_cast<std::uint32_t>(kind)) found.emplace(item.ref(), item.at_ms());
  }
  return found;
}

}  // namespace salus::dao::due
