// Owns: the walk along two stores, page by page, and the names of the ledger's own tables.
#include "upkeep/compare.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "ledger/keys.h"
#include "salus/v1/tx.pb.h"
#include "upkeep/records.h"

namespace salus::upkeep {

namespace {

constexpr std::size_t kPageEntries = 1'024;
// A value is shown up to this; it is compared whole.
constexpr std::size_t kShownBytesMax = 4'096;

// Entries of a store in order; the next page is read when one is used up.
class Walk {
 public:
  Walk(const Store& store, std::string_view prefix)
      : store_(store), prefix_(prefix), from_(prefix) {
    read();
  }

  bool done() const { return page_.empty(); }
  const std::string& key() const { return page_.front().first; }
  std::string& value() { return page_.front().second; }
  void advance() {
    page_.pop_front();
    if (page_.empty() && !ended_) read();
  }

 private:
  void read() {
    store_.scan(prefix_, from_, [&](std::string_view key, std::string_view value) {
      page_.emplace_back(key, value);
      return page_.size() < kPageEntries;
    });
    ended_ = page_.size() < kPageEntries;
    if (!page_.empty()) from_ = page_.back().first + '\0';
  }

  const Store& store_;
  std::string prefix_;
  std::string from_;
  std::deque<std::pair<std::string, std::string>> page_;
  bool ended_ = false;
};

Json hex_of(const std::optional<std::string>& value) {
  if (!value) return nullptr;
  if (value->size() <= kShownBytesMax) return hex(as_bytes(*value));
  return hex(as_bytes(*value).subspan(0, kShownBytesMax)) + "... (" +
         std::to_string(value->size()) + " bytes)";
}

struct KnownTable {
  char prefix;
  const char* module;
  const char* name;
  // The key is a number.
  bool by_height;
};
constexpr KnownTable kTables[] = {
    {'n', "state", "tree", false},         {'h', "state", "history", false},
    {'q', "state", "stale", false},        {'l', "state", "horizon", false},
    {'g', "ledger", "genesis", false},     {'t', "ledger", "tip", false},
    {'b', "ledger", "blocks", true},       {'i', "ledger", "headers", true},
    {'c', "ledger", "certificates", true}, {'r', "ledger", "results", true},
    {'o', "ledger", "outcomes", true},     {'f', "ledger", "epoch_ends", false},
    {'d', "ledger", "heights", false},     {'x', "ledger", "transactions", false},
    {'a', "ledger", "accounts", false},    {'e', "ledger", "epoch_heights", true},
    {'v', "ledger", "vote_stage", false},
};

// The first transaction, or the due work, whose result differs.
void narrow_results(EntryWords& words, const std::string& first, const std::string& second) {
  v1::BlockResults left;
  v1::BlockResults right;
  if (!left.ParseFromString(first) || !right.ParseFromString(second)) return;
  const int count = std::max(left.results_size(), right.results_size());
  for (int i = 0; i < count; ++i) {
    const bool both = i < left.results_size() && i < right.results_size();
    if (both && left.results(i).SerializeAsString() == right.results(i).SerializeAsString()) {
      continue;
    }
    words.key += " transaction=" + std::to_string(i);
    words.first = i < left.results_size() ? to_json(left.results(i)) : Json{};
    words.second = i < right.results_size() ? to_json(right.results(i)) : Json{};
    return;
  }
  words.key += " due";
  words.first = to_json(left)["due_events"];
  words.second = to_json(right)["due_events"];
}

}  // namespace

void each_difference(const Store& first, const Store& second, std::string_view prefix,
                     const std::function<void(std::uint64_t entries)>& on_entry,
                     const std::function<bool(const EntryDifference&)>& visit) {
  Walk left{first, prefix};
  Walk right{second, prefix};
  std::uint64_t entries = 0;
  while (!left.done() || !right.done()) {
    on_entry(++entries);
    const bool takes_left = !left.done() && (right.done() || left.key() <= right.key());
    const bool takes_right = !right.done() && (left.done() || right.key() <= left.key());
    if (!takes_left || !takes_right || left.value() != right.value()) {
      EntryDifference difference{takes_left ? left.key() : right.key(), std::nullopt, std::nullopt};
      if (takes_left) difference.first = std::move(left.value());
      if (takes_right) difference.second = std::move(right.value());
      if (!visit(difference)) return;
    }
    if (takes_left) left.advance();
    if (takes_right) right.advance();
  }
}

std::optional<EntryDifference> first_difference(
    const Store& first, const Store& second, std::string_view prefix,
    const std::function<void(std::uint64_t entries)>& on_entry) {
  std::optional<EntryDifference> found;
  each_difference(first, second, prefix, on_entry, [&](const EntryDifference& difference) {
    found = difference;
    return false;
  });
  return found;
}

EntryWords words_of(std::string_view key, const std::optional<std::string>& first,
                    const std::optional<std::string>& second) {
  if (key.starts_with(ledger::kStatePrefix)) {
    const std::string_view state_key = key.substr(ledger::kStatePrefix.size());
    RecordName name = name_of(state_key);
    return {std::move(name.module), std::move(name.table), std::move(name.key),
            value_of(state_key, first), value_of(state_key, second)};
  }
  EntryWords words{"unknown", "unknown", hex(as_bytes(key)), hex_of(first), hex_of(second)};
  for (const KnownTable& table : kTables) {
    if (key.empty() || key.front() != table.prefix) continue;
    words.module = table.module;
    words.table = table.name;
    words.key = hex(as_bytes(key.substr(1)));
    if (table.by_height && key.size() == 9) {
      ByteReader in{as_bytes(key.substr(1))};
      words.key = "height=" + std::to_string(in.u64());
    }
    if (table.prefix == 'r' && first && second) narrow_results(words, *first, *second);
  }
  return words;
}

}  // namespace salus::upkeep
