// Owns: the raising of versions, and three walks.
#include "upkeep/tree_compare.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/bytes.h"
#include "state/layout.h"
#include "state/page.h"

namespace salus::upkeep {

namespace {

// Which pages of the base were met; the ledger and a replay have no key with this prefix.
constexpr std::string_view kMetPrefix = "m";
constexpr std::size_t kMarksPerBatch = 10'000;
constexpr std::size_t kHeightBytes = 8;

Height read_height(std::string_view bytes) {
  ByteReader in{as_bytes(bytes)};
  return Height{in.u64()};
}

// Of a key n | version u64 | path.
std::optional<std::string> raise_page_key(std::string_view key, Height floor) {
  if (key.size() < 1 + kHeightBytes) return std::nullopt;
  const Height version = read_height(key.substr(1, kHeightBytes));
  ByteWriter out;
  out.u64(std::max(version, floor).value());
  return std::string{state::kPagePrefix} + std::string{as_chars(out.out())} +
         std::string{key.substr(1 + kHeightBytes)};
}

// One slot of a page.
bool raise_slot(ByteReader& in, ByteWriter& out, Height floor) {
  out.u8(in.u8());
  const std::uint8_t kind = in.u8();
  out.u8(kind);
  if (kind == 0) {
    out.u64(std::max(Height{in.u64()}, floor).value());
    out.bytes(in.bytes(Hash::kSize));
  } else {
    out.bytes(in.bytes(2 * Hash::kSize));
    const std::uint16_t length = in.u16();
    out.u16(length);
    out.bytes(in.bytes(length));
  }
  return in.ok() && kind <= 1;
}

class Comparison {
 public:
  Comparison(Store& built, const Store& found, Height base, const std::function<void()>& on_entry)
      : built_(built), found_(found), base_(base), on_entry_(on_entry) {}

  std::optional<EntryDifference> run() {
    pages();
    if (!difference_) history();
    if (!difference_) lists();
    return std::move(difference_);
  }

 private:
  void differ(std::string_view key, std::optional<std::string> built,
              std::optional<std::string> found) {
    difference_ = EntryDifference{std::string{key}, std::move(built), std::move(found)};
  }

  // Each page that is found is one that was built, and each one that was built is found.
  void pages() {
    std::uint64_t met = 0;
    found_.scan(state::kPagePrefix, {}, [&](std::string_view key, std::string_view value) {
      on_entry_();
      const auto raised_key = raise_page_key(key, base_);
      const auto raised = raise_page(value, base_);
      if (!raised_key || !raised) {
        differ(key, std::nullopt, std::string{value});
        return false;
      }
      const bool is_of_base = read_height(key.substr(1)) <= base_;
      const auto built = built_.get(*raised_key);
      if (built == raised) {
        if (!is_of_base || mark(*raised_key)) ++met;
        return true;
      }
      // One of the base was replaced before it, and is not swept yet.
      if (!is_of_base) differ(key, built, std::string{value});
      return is_of_base;
    });
    flush();
    if (difference_) return;
    std::uint64_t all = 0;
    built_.scan(state::kPagePrefix, {},
                [&](std::string_view, std::string_view) { return ++all > 0; });
    if (met != all) name_unmet();
  }

  void name_unmet() {
    built_.scan(state::kPagePrefix, {}, [&](std::string_view key, std::string_view value) {
      const bool is_of_base = read_height(key.substr(1)) <= base_;
      const bool is_met =
          is_of_base ? built_.get(mark_key(key)).has_value() : found_.get(key).has_value();
      if (!is_met) differ(key, std::string{value}, std::nullopt);
      return is_met;
    });
  }

  static std::string mark_key(std::string_view page_key) {
    return std::string{kMetPrefix} + std::string{page_key};
  }
  // False when it was met before.
  bool mark(const std::string& page_key) {
    std::string key = mark_key(page_key);
    if (pending_.contains(key) || built_.get(key)) return false;
    pending_.insert(std::move(key));
    if (pending_.size() >= kMarksPerBatch) flush();
    return true;
  }
  void flush() {
    StoreBatch batch;
    for (const std::string& key : pending_) batch.put(key, {});
    pending_.clear();
    // A scratch store that fails says so at the next block or at its end; here it costs a mark.
    if (!batch.writes.empty()) static_cast<void>(built_.write(batch));
  }

  void history() {
    each_difference(
        built_, found_, state::kHistoryPrefix, [&](std::uint64_t) { on_entry_(); },
        [&](const EntryDifference& at) {
          const bool has_height = at.key.size() > kHeightBytes;
          const bool is_earlier =
              has_height && !at.first &&
              read_height(std::string_view{at.key}.substr(at.key.size() - kHeightBytes)) <= base_;
          if (!is_earlier) difference_ = at;
          return is_earlier;
        });
  }

  void lists() {
    std::uint64_t met = 0;
    found_.scan(state::kStalePrefix, {}, [&](std::string_view key, std::string_view value) {
      on_entry_();
      if (key.size() > kHeightBytes && read_height(key.substr(1)) <= base_) return true;
      const auto built = built_.get(key);
      const auto raised = raise_stale_list(value, base_);
      if (!built || built != raised) differ(key, built, std::string{value});
      ++met;
      return !difference_;
    });
    if (difference_) return;
    built_.scan(state::kStalePrefix, {}, [&](std::string_view key, std::string_view value) {
      if (found_.get(key)) return true;
      differ(key, std::string{value}, std::nullopt);
      return false;
    });
  }

  Store& built_;
  const Store& found_;
  Height base_;
  const std::function<void()>& on_entry_;
  std::set<std::string> pending_;
  std::optional<EntryDifference> difference_;
};

}  // namespace

std::optional<std::string> raise_page(std::string_view page, Height floor) {
  ByteReader in{as_bytes(page)};
  ByteWriter out;
  const std::uint8_t count = in.u8();
  out.u8(count);
  for (std::uint8_t i = 0; i < count; ++i) {
    if (!raise_slot(in, out, floor)) return std::nullopt;
  }
  if (!in.done()) return std::nullopt;
  return std::string{as_chars(out.out())};
}

std::optional<std::string> raise_stale_list(std::string_view list, Height floor) {
  ByteReader in{as_bytes(list)};
  ByteWriter out;
  const std::uint16_t count = in.u16();
  out.u16(count);
  for (std::uint16_t i = 0; i < count; ++i) {
    std::string key{as_chars(in.bytes(in.u16()))};
    if (!in.ok()) return std::nullopt;
    if (key.starts_with(state::kPagePrefix)) {
      auto raised = raise_page_key(key, floor);
      if (!raised) return std::nullopt;
      key = std::move(*raised);
    }
    out.u16(static_cast<std::uint16_t>(key.size()));
    out.bytes(as_bytes(key));
  }
  if (!in.done()) return std::nullopt;
  return std::string{as_chars(out.out())};
}

Result<void, StoreError> raise_all_pages(Store& built, Height floor) {
  std::string from{state::kPagePrefix};
  for (bool is_done = false; !is_done;) {
    StoreBatch batch;
    is_done = true;
    built.scan(state::kPagePrefix, from, [&](std::string_view key, std::string_view value) {
      if (batch.writes.size() >= kMarksPerBatch) {
        is_done = false;
        from = key;
        return false;
      }
      std::string raised_key = *raise_page_key(key, floor);
      std::string raised = *raise_page(value, floor);
      if (raised_key == key && raised == value) return true;
      if (raised_key != key) batch.erase(std::string{key});
      batch.put(std::move(raised_key), std::move(raised));
      return true;
    });
    if (const auto written = built.write(batch); !written) return written;
  }
  return {};
}

std::optional<EntryDifference> compare_trees(Store& built, const Store& found, Height base,
                                             const std::function<void()>& on_entry) {
  return Comparison{built, found, base, on_entry}.run();
}

}  // namespace salus::upkeep
