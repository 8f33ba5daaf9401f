// Owns: how candidates are made, and how they become final: one batch a block, then the tip moves.
#include <algorithm>
#include <set>
#include <utility>

#include "base/assert.h"
#include "dao/application.h"
#include "ledger/keys.h"
#include "ledger/ledger.h"
#include "ledger/outcome_codec.h"
#include "ledger/state_proof.h"
#include "state/history.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::ledger {

namespace {

void append_transactions(StoreBatch& batch, const Block& block) {
  const Height height = block.header().height;
  std::uint32_t index = 0;
  for (const auto& transaction : block.transactions()) {
    batch.put(transaction_key(transaction.id()), encode_place(height, index));
    batch.put(account_key(transaction.account(), height, index), transaction.id().to_string());
    ++index;
  }
}

TipRecord tip_after(const Block& block, const BlockOutcome& outcome) {
  const Header& header = block.header();
  return {.height = header.height,
          .digest = block.digest(),
          .epoch = header.epoch,
          .view = header.view,
          .time = header.time,
          .state_root = outcome.state_root,
          .results_root = outcome.results_root,
          .active = outcome.active};
}

}  // namespace

Built Ledger::build(const BuildInput& input) const {
  const auto base = find_base(input.parent);
  SALUS_ASSERT(base && base->state != nullptr, "a leader builds on an executed parent");
  SALUS_ASSERT(input.time > base->time, "a block's time is after its parent's");
  SALUS_ASSERT(dao::protocol_version(*base->state) <= known_version_,
               "a leader builds only what this build knows");
  const Height height = base->height.next();
  const std::size_t bytes_max = std::min<std::size_t>(
      kBlockBytesMax, dao::parameter(*base->state, "consensus.block_bytes_max"));

  const std::size_t count_max = std::min<std::size_t>(
      kTransactionsPerBlockMax, dao::parameter(*base->state, "ledger.block_txs_max"));

  AuthenticityCheck authenticity{*base->state, chain_id_, height};
  std::vector<Validated<wire::Transaction>> chosen;
  std::vector<TxId> left_out;
  std::size_t raw_bytes = 0;
  for (const auto& transaction : input.transactions) {
    const std::size_t alone = transaction->raw().size();
    // What fits no block at all must not keep out those behind it.
    if (block_bytes_bound(1, alone) > bytes_max) continue;
    const bool is_full = chosen.size() == count_max ||
                         block_bytes_bound(chosen.size() + 1, raw_bytes + alone) > bytes_max;
    if (is_full) break;
    if (!authenticity.admit(*transaction)) {
      left_out.push_back(transaction->id());
      continue;
    }
    chosen.push_back(transaction);
    raw_bytes += alone;
  }

  Header header;
  header.version = dao::protocol_version(*base->state);
  header.chain_id = chain_id_;
  header.epoch = input.epoch;
  header.view = input.view;
  header.height = height;
  header.parent = input.parent;
  header.time = input.time;
  header.proposer = input.proposer;
  header.state_root = base->state_root;
  header.results_root = base->results_root;
  header.validator_set_hash = base->validator_set_hash;
  return {Block::make(header, chosen), std::move(left_out)};
}

// What outsiders need to follow the sets (C40); kept whole, so that pruning never takes it.
v1::EpochEnd Ledger::epoch_end(const Block& boundary, ByteView certificate) const {
  const auto base = find_base(boundary.header().parent);
  SALUS_ASSERT(base && base->state != nullptr, "the parent of a final block is the floor");
  const std::string key = state::Key{state::Table::PendingSet}.str();
  auto proof = prove_state(
      *base->tree, [&](std::string_view asked) { return base->state->get(asked); }, {&key, 1});
  SALUS_ASSERT(proof.has_value(), "one key can be proven");
  v1::EpochEnd end;
  end.mutable_boundary()->add_headers(std::string{as_chars(encode(boundary.header()))});
  end.mutable_boundary()->set_certificate(std::string{as_chars(certificate)});
  end.mutable_next_set()->Swap(&*proof);
  return end;
}

StoreBatch Ledger::prepare_finalize(const Digest& digest, ByteView certificate) {
  const Entry* entry = find_entry(digest);
  SALUS_ASSERT(entry != nullptr && entry->executed, "only an executed block becomes final");
  SALUS_ASSERT(entry->block->header().parent == floor(), "blocks become final in order");
  const Block& block = *entry->block;
  const Executed& executed = *entry->executed;
  const Height height = block.header().height;

  StoreBatch out;
  out.put(block_key(height), block.bytes());
  out.put(certificate_key(height), std::string{as_chars(certificate)});
  out.put(results_key(height), state::encode(executed.results));
  out.put(outcome_key(height),
          encode(StoredOutcome{executed.outcome.state_root, executed.outcome.results_root,
                               executed.outcome.active}));
  out.put(height_key(digest), encode_height(height));
  append_transactions(out, block);
  state::append_block_state(out, executed.state, executed.tree);
  if (executed.outcome.next_epoch > block.header().epoch) {
    out.put(epoch_end_key(block.header().epoch), state::encode(epoch_end(block, certificate)));
  }
  out.put(std::string{kTipKey}, encode(tip_after(block, executed.outcome)));

  prepared_.push_back(digest);
  drop_what_cannot_follow(block);
  return out;
}

// The batch may reach the store at any moment from now on, so no overlay beside the final chain may
// be read again. Blocks whose ancestors are not here yet may still turn out to follow.
void Ledger::drop_what_cannot_follow(const Block& final_block) {
  const Height height = final_block.header().height;
  std::vector<std::pair<Height, Digest>> by_height;
  for (const auto& [digest, entry] : blocks_) {
    by_height.emplace_back(entry.block->header().height, digest);
  }
  std::ranges::sort(by_height);

  std::set<Digest> dropped;
  for (const auto& [its_height, digest] : by_height) {
    if (std::ranges::find(prepared_, digest) != prepared_.end()) continue;
    const auto at = blocks_.find(digest);
    const Digest& parent = at->second.block->header().parent;
    const bool is_beside = its_height <= height ||
                           (its_height == height.next() && parent != final_block.digest()) ||
                           dropped.contains(parent);
    if (!is_beside) continue;
    dropped.insert(digest);
    drop(at);
  }
}

void Ledger::confirm_finalized(const Digest& digest) {
  SALUS_ASSERT(!prepared_.empty() && prepared_.front() == digest,
               "blocks are confirmed in the order of preparation");
  for (auto& [child_digest, child] : blocks_) {
    if (child.block->header().parent != digest || !child.executed) continue;
    child.executed->state.rebase_onto(*tip_state_);
    child.executed->tree.rebase_onto(*tip_tree_);
  }
  const auto at = blocks_.find(digest);
  const Height height = at->second.block->header().height;
  tip_state_->on_stored(at->second.executed->state);
  tip_tree_->on_stored(std::move(at->second.executed->tree));
  drop(at);
  prepared_.erase(prepared_.begin());
  read_tip();
  SALUS_ASSERT(tip_.height >= height, "only a durable block is confirmed");
}

}  // namespace salus::ledger
