// Owns: the comparison of all that the folder holds with what follows from its blocks, once these
// are executed.
#include "ledger/keys.h"
#include "state/history.h"
#include "state/layout.h"
#include "upkeep/compare.h"
#include "upkeep/notes.h"
#include "upkeep/tree_compare.h"
#include "upkeep/verification.h"

namespace salus::upkeep {

bool is_of_state(char prefix) {
  return std::string_view{"snhql"}.find(prefix) != std::string_view::npos;
}

bool Verification::compare_genesis(const std::string& genesis_bytes) {
  auto genesis = Replay::begin(scratch_ / "genesis", genesis_bytes);
  if (!genesis) {
    add(about(FindingKind::Genesis, genesis.error().reason));
    return false;
  }
  count((*genesis)->genesis_batch());
  compare_batch(Height{0}, (*genesis)->genesis_batch());
  return !is_stopped();
}

bool Verification::compare_present() {
  for (const std::string_view prefix : {ledger::kTipKey, ledger::kStatePrefix}) {
    compare_prefix(prefix, false);
    if (is_stopped()) return false;
  }
  const auto pruned = replay_->forget_below(state::load_horizon(*store_).lowest);
  if (!pruned) add(about(FindingKind::Stored, pruned.error().reason));
  return pruned.has_value();
}

void Verification::compare_from(Height base) {
  if (!compare_present()) return;
  const auto difference = compare_trees(replay_->store(), *store_, base, [&] {
    ++report_.records;
    tell(VerifyProgress::Stage::Records, report_.records, 0, false);
  });
  if (difference) {
    return add(
        stored_finding(difference->key, difference->first, difference->second, report_.height));
  }
  count_entries();
}

void Verification::compare_all() {
  if (!compare_present()) return;
  const state::Horizon horizon = state::load_horizon(*store_);
  // A node forgets bit by bit: some of it may still be there.
  const bool may_have_more = horizon.swept <= horizon.lowest && horizon.lowest != Height{0};
  for (const std::string_view prefix :
       {state::kPagePrefix, state::kHistoryPrefix, state::kStalePrefix}) {
    compare_prefix(prefix, may_have_more);
    if (is_stopped()) return;
  }
  count_entries();
}

void Verification::count_entries() {
  if (const auto note = find_wrong_note(*store_, Epoch{report_.epochs - 1})) {
    return add(stored_finding(note->key, note->first, note->second, std::nullopt));
  }
  std::map<char, std::uint64_t> found;
  std::optional<Finding> stray;
  store_->scan({}, {}, [&](std::string_view key, std::string_view value) {
    if (key.empty() || is_own_note(key) || is_of_state(key.front())) return true;
    if (written_.contains(key.front())) {
      ++found[key.front()];
      return true;
    }
    stray = stored_finding(key, std::nullopt, std::string{value}, std::nullopt);
    return false;
  });
  if (stray) return add(std::move(*stray));
  for (const auto& [prefix, count] : found) {
    // The tip is written anew by each block.
    if (prefix == ledger::kTipKey.front() || count == written_[prefix]) continue;
    add(about(FindingKind::Stored,
              "The ledger holds " + std::to_string(count) + " entries of kind '" +
                  std::string{prefix} + "', and its blocks make " +
                  std::to_string(written_[prefix]) + ".",
              report_.height));
  }
}

void Verification::compare_prefix(std::string_view prefix, bool may_have_more) {
  std::optional<EntryDifference> difference;
  each_difference(
      replay_->store(), *store_, prefix,
      [&](std::uint64_t) {
        ++report_.records;
        tell(VerifyProgress::Stage::Records, report_.records, 0, false);
      },
      [&](const EntryDifference& found) {
        if (may_have_more && !found.first) return true;
        difference = found;
        return false;
      });
  if (!difference) return;
  std::optional<Height> height = report_.height;
  if (prefix == ledger::kStatePrefix) {
    height = replay_->writer_of(std::string_view{difference->key}.substr(prefix.size()));
    if (!height) height = Height{0};
  }
  add(stored_finding(difference->key, difference->first, difference->second, height));
}

Finding Verification::stored_finding(std::string_view key,
                                     const std::optional<std::string>& expected,
                                     const std::optional<std::string>& found,
                                     std::optional<Height> height) {
  const EntryWords words = words_of(key, expected, found);
  Finding finding = about(FindingKind::Stored,
                          "What is stored differs from what follows from the blocks.", height);
  finding.module = words.module;
  finding.table = words.table;
  finding.key = words.key;
  finding.expected = words.first;
  finding.found = words.second;
  return finding;
}

}  // namespace salus::upkeep
