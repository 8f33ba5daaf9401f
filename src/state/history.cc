// Owns: what is written beside a block's changes, and how the past is read back.
#include "state/history.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "state/layout.h"
#include "state/stale.h"

namespace salus::state {

namespace {

using Value = std::optional<std::string>;

// present u8 | the record.
std::string encode_past(const Value& value) {
  if (!value) return std::string(1, '\0');
  return '\1' + *value;
}

Value decode_past(std::string_view bytes) {
  SALUS_ASSERT(!bytes.empty() && bytes.front() <= 1, "an entry of the state's history is corrupt");
  if (bytes.front() == 0) return std::nullopt;
  return std::string{bytes.substr(1)};
}

struct PastPlace {
  std::string key;
  Height height;
};

PastPlace decode_history_key(std::string_view stored) {
  PastPlace out;
  std::string_view left = stored.substr(kHistoryPrefix.size());
  bool ended = false;
  while (left.size() >= 2 && !ended) {
    const bool is_zero = left[0] == '\0';
    ended = is_zero && left[1] == '\0';
    if (!ended) out.key.push_back(left[0]);
    left.remove_prefix(is_zero ? 2 : 1);
  }
  ByteReader in{as_bytes(left)};
  out.height = Height{in.u64()};
  SALUS_ASSERT(ended && in.done(), "a key of the state's history is corrupt");
  return out;
}

// Walks the records that were replaced after a height, each as it was at that height.
class PastCursor {
 public:
  PastCursor(const Store& store, Height height, std::string_view prefix, std::string_view from)
      : store_(store), height_(height), prefix_(prefix) {
    // Without the end mark: every key from `from` on sorts after it.
    std::string first = history_prefix(from);
    first.resize(first.size() - 2);
    seek(std::move(first));
  }

  const std::string* key() const { return current_ ? &current_->first : nullptr; }
  const Value& value() const { return current_->second; }
  void next() { seek(history_key(current_->first, Height{~std::uint64_t{0}}) + '\0'); }

 private:
  void seek(std::string at) {
    current_.reset();
    for (std::optional<std::string> next = std::move(at); next && !current_;) {
      const std::string from = std::move(*next);
      next.reset();
      store_.scan(kHistoryPrefix, from, [&](std::string_view stored, std::string_view value) {
        PastPlace place = decode_history_key(stored);
        if (!std::string_view{place.key}.starts_with(prefix_)) return false;
        if (place.height > height_) {
          current_.emplace(std::move(place.key), decode_past(value));
        } else {
          // Over all that stopped being true before.
          next = history_key(place.key, height_.next());
        }
        return false;
      });
    }
  }

  const Store& store_;
  Height height_;
  std::string prefix_;
  std::optional<std::pair<std::string, Value>> current_;
};

// The same just before the tip, off the list of what its block replaced.
class ReplacedCursor {
 public:
  using Replaced = std::map<std::string, std::string, std::less<>>;

  ReplacedCursor(const Store& store, const Replaced& replaced, std::string_view prefix,
                 std::string_view from)
      : store_(store), replaced_(replaced), prefix_(prefix), at_(replaced.lower_bound(from)) {
    read();
  }

  const std::string* key() const { return current_ ? &at_->first : nullptr; }
  const Value& value() const { return *current_; }
  void next() {
    ++at_;
    read();
  }

 private:
  void read() {
    current_.reset();
    if (at_ == replaced_.end() || !at_->first.starts_with(prefix_)) return;
    const auto stored = store_.get(at_->second);
    SALUS_ASSERT(stored.has_value(), "a listed entry of the state's history is missing");
    current_ = decode_past(*stored);
  }

  const Store& store_;
  const Replaced& replaced_;
  std::string_view prefix_;
  Replaced::const_iterator at_;
  std::optional<Value> current_;
};

// Walks the records of the tip, a few at a time.
class PresentCursor {
 public:
  PresentCursor(const Store& store, std::string_view prefix, std::string_view from)
      : store_(store), prefix_(std::string{kStatePrefix}.append(prefix)) {
    fill(std::string{kStatePrefix}.append(from));
  }

  const std::string* key() const { return at_ < read_.size() ? &read_[at_].first : nullptr; }
  const std::string& value() const { return read_[at_].second; }
  void next() {
    if (++at_ < read_.size() || read_.size() < kRead) return;
    fill(std::string{kStatePrefix}.append(read_.back().first) + '\0');
  }

 private:
  static constexpr std::size_t kRead = 64;

  void fill(const std::string& from) {
    at_ = 0;
    read_.clear();
    store_.scan(prefix_, from, [&](std::string_view key, std::string_view value) {
      read_.emplace_back(key.substr(kStatePrefix.size()), value);
      return read_.size() < kRead;
    });
  }

  const Store& store_;
  std::string prefix_;
  std::vector<std::pair<std::string, std::string>> read_;
  std::size_t at_ = 0;
};

// The past goes before the present: what was replaced is as it was.
template <typename Past>
void merge(PresentCursor& present, Past past,
           const std::function<bool(std::string_view key, std::string_view value)>& visit) {
  bool go_on = true;
  while (go_on && (present.key() != nullptr || past.key() != nullptr)) {
    const bool is_past =
        past.key() != nullptr && (present.key() == nullptr || *past.key() <= *present.key());
    if (!is_past) {
      go_on = visit(std::string{kStatePrefix} + *present.key(), present.value());
      present.next();
      continue;
    }
    const bool is_both = present.key() != nullptr && *present.key() == *past.key();
    if (past.value()) go_on = visit(std::string{kStatePrefix} + *past.key(), *past.value());
    if (is_both) present.next();
    past.next();
  }
}

void append_stale(StoreBatch& batch, Height height, const std::vector<std::string>& keys) {
  std::uint32_t number = 0;
  for (std::size_t at = 0; at < keys.size(); at += kStaleKeysMax) {
    const auto first = keys.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t count = std::min(kStaleKeysMax, keys.size() - at);
    batch.put(stale_key(height, number++),
              encode_stale({first, first + static_cast<std::ptrdiff_t>(count)}));
  }
}

}  // namespace

std::string encode(const Horizon& horizon) {
  ByteWriter out;
  out.u64(horizon.lowest.value());
  out.u64(horizon.swept.value());
  return std::string{as_chars(out.out())};
}

Horizon load_horizon(const Store& store) {
  const auto stored = store.get(kHorizonKey);
  if (!stored) return {};
  ByteReader in{as_bytes(*stored)};
  Horizon out;
  out.lowest = Height{in.u64()};
  out.swept = Height{in.u64()};
  SALUS_ASSERT(in.done(), "the state's horizon has another length: the ledger is corrupt");
  return out;
}

void append_block_state(StoreBatch& batch, const Overlay& state, const Pages& pages) {
  const bool has_before = pages.root_id_before().has_value();
  const Height height = pages.version();
  std::vector<std::string> stale;
  for (const PageId& id : pages.retired()) stale.push_back(std::string{kPagePrefix} + id.key());
  for (const auto& [path, page] : pages.written()) {
    batch.put(std::string{kPagePrefix} + PageId{height, path}.key(), encode(page));
  }
  for (const auto& [key, value] : state.changes()) {
    if (has_before) {
      const Value before = state.get_before(key);
      if (before == value) continue;
      stale.push_back(history_key(key, height));
      batch.put(stale.back(), encode_past(before));
    }
    batch.writes.emplace_back(std::string{kStatePrefix} + key, value);
  }
  append_stale(batch, height, stale);
}

StateAt StateAt::just_before(const Store& store, Height tip) {
  StateAt out{store, tip.previous()};
  out.replaced_.emplace();
  // Without the number: all lists of that height.
  std::string lists = stale_key(tip, 0);
  lists.resize(lists.size() - sizeof(std::uint32_t));
  store.scan(lists, lists, [&](std::string_view, std::string_view list) {
    for (std::string& stale : decode_stale(list)) {
      if (!stale.starts_with(kHistoryPrefix)) continue;
      std::string key = decode_history_key(stale).key;
      out.replaced_->emplace(std::move(key), std::move(stale));
    }
    return true;
  });
  return out;
}

std::optional<std::string> StateAt::get(std::string_view key) const {
  if (!key.starts_with(kStatePrefix)) return store_.get(key);
  const std::string_view state_key = key.substr(kStatePrefix.size());
  if (replaced_) {
    const ReplacedCursor at{store_, *replaced_, state_key, state_key};
    return at.key() != nullptr && *at.key() == state_key ? at.value() : store_.get(key);
  }
  std::optional<Value> past;
  store_.scan(history_prefix(state_key), history_key(state_key, height_.next()),
              [&](std::string_view, std::string_view value) {
                past = decode_past(value);
                return false;
              });
  return past ? *past : store_.get(key);
}

void StateAt::scan(
    std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  if (!prefix.starts_with(kStatePrefix)) return store_.scan(prefix, from, visit);
  const std::string_view state_prefix = prefix.substr(kStatePrefix.size());
  const std::string_view first = std::max(prefix, from).substr(kStatePrefix.size());
  PresentCursor present{store_, state_prefix, first};
  if (replaced_) {
    return merge(present, ReplacedCursor{store_, *replaced_, state_prefix, first}, visit);
  }
  merge(present, PastCursor{store_, height_, state_prefix, first}, visit);
}

Result<void, StoreError> StateAt::write(const StoreBatch&) {
  return std::unexpected(StoreError{"A past state is read-only: write to its store."});
}

}  // namespace salus::state
