// Owns: candidates in memory: which are held, what they build on, when they are judged and
// executed.
#include "ledger/ledger.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "dao/application.h"
#include "ledger/keys.h"
#include "ledger/reader.h"

namespace salus::ledger {

namespace {

CheckOutcome pending(CheckReason reason) { return {CheckOutcome::Verdict::Pending, reason}; }
CheckOutcome invalid(CheckReason reason) { return {CheckOutcome::Verdict::Invalid, reason}; }

// The lines of C29 that need no parent.
std::optional<CheckReason> refuse_alone(const Header& header, const ChainId& chain_id,
                                        const CheckInput& input) {
  if (header.chain_id != chain_id) return CheckReason::WrongChain;
  if (header.epoch != input.epoch) return CheckReason::WrongEpoch;
  if (header.view != input.view) return CheckReason::WrongView;
  if (header.proposer != input.proposer) return CheckReason::WrongProposer;
  return std::nullopt;
}

// Limits are those of the state after the parent.
bool is_within_limits(const Block& block, const state::Overlay& parent) {
  return block.bytes().size() <= dao::parameter(parent, "consensus.block_bytes_max") &&
         block.transactions().size() <= dao::parameter(parent, "ledger.block_txs_max");
}

}  // namespace

Ledger::Ledger(const Store& store, const ChainId& chain_id, const LedgerOptions& options)
    : store_(&store),
      chain_id_(chain_id),
      known_version_(options.known_version),
      tip_state_(
          std::make_unique<state::Overlay>(store, std::string{kStatePrefix}, kRememberedReads)) {
  read_tip();
  tip_tree_ = std::make_unique<state::Pages>(store, tip_.height, options.page_cache_bytes);
}

Result<Ledger, OpenError> Ledger::open(const Store& store, const LedgerOptions& options) {
  const Reader reader{store};
  if (!reader.is_initialised()) {
    return std::unexpected(OpenError{
        "The data folder holds no ledger yet. Initialise it with the network's genesis document."});
  }
  return Ledger{store, reader.chain_id(), options};
}

void Ledger::read_tip() {
  tip_ = Reader{*store_}.tip();
  tip_outcome_ = {.state_root = tip_.state_root,
                  .results_root = tip_.results_root,
                  .active = tip_.active,
                  .next_due = std::nullopt,
                  .next_epoch = Epoch{tip_.validators.epoch()},
                  .set_change_due = dao::set_change_waits(*tip_state_)};
  if (const auto due_ms = dao::next_due_ms(*tip_state_)) tip_outcome_.next_due = WallMs{*due_ms};
}

const Ledger::Entry* Ledger::find_entry(const Digest& digest) const {
  const auto found = blocks_.find(digest);
  return found == blocks_.end() ? nullptr : &found->second;
}

const Validated<Block>* Ledger::find(const Digest& digest) const {
  const Entry* entry = find_entry(digest);
  return entry == nullptr ? nullptr : &entry->block;
}

Height Ledger::floor_height() const { return *height_of(floor()); }

std::optional<Height> Ledger::height_of(const Digest& digest) const {
  if (digest == tip_.digest) return tip_.height;
  const Entry* entry = find_entry(digest);
  if (entry == nullptr) return std::nullopt;
  return entry->block->header().height;
}

bool Ledger::can_follow(const Header& header) const {
  if (header.height <= floor_height()) return false;
  return header.height > floor_height().next() || header.parent == floor();
}

bool Ledger::has_room_for(const Block& block) const {
  return blocks_.size() < kBlocksMax && blocks_bytes_ + block.bytes().size() <= kBlocksBytesMax;
}

bool Ledger::add(Validated<Block> block, const std::set<Digest>& needed) {
  const Digest digest = block->digest();
  if (blocks_.contains(digest)) return true;
  if (!can_follow(block->header()) || !make_room_for(*block, needed)) return false;
  blocks_bytes_ += block->bytes().size();
  leaves_.add(digest, block->header().height, block->header().parent);
  blocks_.emplace(digest, Entry{std::move(block), nullptr, std::nullopt});
  return true;
}

// The farthest from the finalized chain go first; one that others build on stays. For a needed one
// any may go, and it comes in even where none can.
bool Ledger::make_room_for(const Block& block, const std::set<Digest>& needed) {
  const bool is_needed = needed.contains(block.digest());
  const Height above = is_needed ? floor_height() : block.header().height;
  while (!has_room_for(block)) {
    const auto farthest = leaves_.farthest_above(above, needed);
    if (!farthest) return is_needed;
    evicted_.push_back(*farthest);
    drop(blocks_.find(*farthest));
  }
  return true;
}

std::vector<Digest> Ledger::take_evicted() { return std::exchange(evicted_, {}); }

void Ledger::drop(std::map<Digest, Entry>::iterator entry) {
  leaves_.drop(entry->first);
  blocks_bytes_ -= entry->second.block->bytes().size();
  blocks_.erase(entry);
}

void Ledger::condemn(const Digest& digest) {
  if (is_condemned(digest)) return;
  if (condemned_.size() == kCondemnedMax) condemned_.erase(condemned_.begin());
  condemned_.push_back(digest);
}

bool Ledger::is_condemned(const Digest& digest) const {
  return std::ranges::find(condemned_, digest) != condemned_.end();
}

std::optional<Ledger::Base> Ledger::find_base(const Digest& digest) const {
  if (digest == tip_.digest && prepared_.empty()) {
    return Base{.height = tip_.height,
                .time = tip_.time,
                .state = tip_state_.get(),
                .tree = tip_tree_.get(),
                .state_root = tip_.state_root,
                .results_root = tip_.results_root,
                .validator_set_hash = tip_.validator_set_hash,
                .next_epoch = tip_outcome_.next_epoch};
  }
  const Entry* entry = find_entry(digest);
  if (entry == nullptr) return std::nullopt;
  const Header& header = entry->block->header();
  Base out;
  out.height = header.height;
  out.time = header.time;
  if (!entry->executed) return out;
  const Executed& executed = *entry->executed;
  out.state = &executed.state;
  out.tree = &executed.tree;
  out.state_root = executed.outcome.state_root;
  out.results_root = executed.outcome.results_root;
  out.validator_set_hash = executed.validator_set_hash;
  out.next_epoch = executed.outcome.next_epoch;
  return out;
}

bool Ledger::is_authentic(const Entry& entry, const state::Overlay& parent) const {
  if (!entry.authentic) entry.authentic = are_authentic(*entry.block, chain_id_, parent);
  return *entry.authentic;
}

CheckOutcome Ledger::check(const Digest& digest, const CheckInput& input) const {
  if (is_condemned(digest)) {
    return invalid(CheckReason::TransactionForm);
  }
  if (digest == input.parent) return check_repeat(input);
  if (const auto final_one = check_final(digest, input)) return *final_one;

  const Entry* entry = find_entry(digest);
  if (entry == nullptr) return pending(CheckReason::BlockMissing);
  const Header& header = entry->block->header();
  if (header.version > known_version_) return pending(CheckReason::VersionUnknown);
  if (const auto reason = refuse_alone(header, chain_id_, input)) return invalid(*reason);

  const auto base = find_base(input.parent);
  if (!base) return pending(CheckReason::ParentMissing);
  return check_against(*base, *entry, input);
}

// C42: no header line applies, for the header keeps the view that offered the block first.
CheckOutcome Ledger::check_repeat(const CheckInput& input) const {
  const auto base = find_base(input.parent);
  if (!base) return pending(CheckReason::BlockMissing);
  if (base->state == nullptr) return pending(CheckReason::ParentNotExecuted);
  if (base->next_epoch <= input.epoch) return invalid(CheckReason::RepeatOfNoBoundary);
  return {};
}

// What is final needs no second judgement, but only in the place in which it became final.
std::optional<CheckOutcome> Ledger::check_final(const Digest& digest,
                                                const CheckInput& input) const {
  std::optional<std::pair<Epoch, View>> place;
  if (digest == tip_.digest) place = {tip_.epoch, tip_.view};
  if (std::ranges::find(prepared_, digest) != prepared_.end()) {
    const Header& header = find_entry(digest)->block->header();
    place = {header.epoch, header.view};
  }
  if (!place) return std::nullopt;
  if (place->first != input.epoch) return invalid(CheckReason::WrongEpoch);
  if (place->second != input.view) return invalid(CheckReason::WrongView);
  return CheckOutcome{};
}

CheckOutcome Ledger::check_against(const Base& base, const Entry& entry,
                                   const CheckInput& input) const {
  const Header& header = entry.block->header();
  if (header.height != base.height.next()) return invalid(CheckReason::WrongHeight);
  if (header.parent != input.parent) return invalid(CheckReason::WrongParent);
  if (base.state == nullptr) return pending(CheckReason::ParentNotExecuted);
  if (base.next_epoch > input.epoch) return invalid(CheckReason::BoundaryFollowed);
  // G-10.7: every node knows the version of a block before it votes.
  if (header.version != dao::protocol_version(*base.state)) {
    return invalid(CheckReason::WrongVersion);
  }
  if (header.validator_set_hash != base.validator_set_hash) {
    return invalid(CheckReason::WrongValidatorSet);
  }
  if (header.time <= base.time) return invalid(CheckReason::TimeNotAfterParent);
  if (!is_within_limits(*entry.block, *base.state)) return invalid(CheckReason::TooLarge);
  if (!is_authentic(entry, *base.state)) return invalid(CheckReason::TransactionInvalid);
  if (header.state_root != base.state_root) return invalid(CheckReason::WrongStateRoot);
  if (header.results_root != base.results_root) return invalid(CheckReason::WrongResultsRoot);

  const bool is_ahead = header.time.value() > input.wall.value() + input.clock_ahead_ms;
  if (input.purpose == Purpose::Notarize && is_ahead) return pending(CheckReason::TimeAhead);
  return {};
}

bool Ledger::is_executed(const Digest& digest) const {
  if (digest == tip_.digest) return true;
  const Entry* entry = find_entry(digest);
  return entry != nullptr && entry->executed != nullptr;
}

BlockOutcome Ledger::outcome(const Digest& digest) const {
  if (digest == tip_.digest) return tip_outcome_;
  const Entry* entry = find_entry(digest);
  SALUS_ASSERT(entry != nullptr && entry->executed, "only executed blocks have an outcome");
  return entry->executed->outcome;
}

const v1::BlockResults* Ledger::results_of(const Digest& digest) const {
  const Entry* entry = find_entry(digest);
  return entry != nullptr && entry->executed ? &entry->executed->results : nullptr;
}

bool Ledger::execute(const Digest& digest) {
  if (is_executed(digest)) return true;
  // The unexecuted ancestors, the youngest first.
  std::vector<Entry*> path;
  for (Digest at = digest; !is_executed(at);) {
    const auto found = blocks_.find(at);
    if (found == blocks_.end()) return false;
    path.push_back(&found->second);
    at = found->second.block->header().parent;
  }
  for (auto entry = path.rbegin(); entry != path.rend(); ++entry) {
    if (!execute_one(**entry)) return false;
  }
  drop_executed_beyond_bound(digest);
  return true;
}

std::optional<Ledger::Base> Ledger::executable_base(const Entry& entry) const {
  // G-10.9: what a later version means this build does not know.
  if (entry.block->header().version > known_version_) return std::nullopt;
  auto base = find_base(entry.block->header().parent);
  if (!base || base->state == nullptr || !is_authentic(entry, *base->state)) return std::nullopt;
  return base;
}

bool Ledger::can_execute(const Digest& digest) const {
  const Entry* first = nullptr;
  for (Digest at = digest; !is_executed(at); at = first->block->header().parent) {
    first = find_entry(at);
    if (first == nullptr || first->block->header().version > known_version_) return false;
  }
  return first == nullptr || executable_base(*first).has_value();
}

bool Ledger::execute_one(Entry& entry) {
  const auto base = executable_base(entry);
  if (!base) return false;
  entry.executed =
      std::make_unique<Executed>(execute_block(*entry.block, chain_id_, base->state->branch(),
                                               base->tree->branch(entry.block->header().height)));
  return true;
}

// Drops leaves of the tree of executed candidates, the highest first, but no ancestor of `needed`:
// a chain longer than the bound stays whole, and its late blocks are empty (C28).
void Ledger::drop_executed_beyond_bound(const Digest& needed) {
  std::vector<Digest> kept = prepared_;
  for (const Entry* at = find_entry(needed); at != nullptr;) {
    kept.push_back(at->block->digest());
    at = find_entry(at->block->header().parent);
  }
  const auto executed_count = [&] {
    return std::ranges::count_if(blocks_,
                                 [](const auto& pair) { return pair.second.executed != nullptr; });
  };
  while (static_cast<std::size_t>(executed_count()) > kExecutedMax) {
    std::vector<Digest> parents;
    for (const auto& [digest, entry] : blocks_) {
      if (entry.executed) parents.push_back(entry.block->header().parent);
    }
    Entry* farthest = nullptr;
    for (auto& [digest, entry] : blocks_) {
      if (!entry.executed || std::ranges::find(kept, digest) != kept.end()) continue;
      if (std::ranges::find(parents, digest) != parents.end()) continue;
      const bool is_farther =
          farthest == nullptr || entry.block->header().height > farthest->block->header().height;
      if (is_farther) farthest = &entry;
    }
    if (farthest == nullptr) return;
    farthest->executed.reset();
  }
}

const state::Overlay& Ledger::finalized_state() const { return *state_after(floor()); }

const state::Overlay* Ledger::state_after(const Digest& digest) const {
  if (digest == tip_.digest) return tip_state_.get();
  const Entry* entry = find_entry(digest);
  return entry != nullptr && entry->executed ? &entry->executed->state : nullptr;
}

const state::Pages* Ledger::tree_after(const Digest& digest) const {
  if (digest == tip_.digest) return tip_tree_.get();
  const Entry* entry = find_entry(digest);
  return entry != nullptr && entry->executed ? &entry->executed->tree : nullptr;
}

}  // namespace salus::ledger
