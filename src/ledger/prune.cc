// Owns: what belongs to a height.
#include "ledger/prune.h"

#include <algorithm>

#include "base/assert.h"
#include "ledger/block.h"
#include "ledger/keys.h"

namespace salus::ledger {

namespace {

void erase_height(StoreBatch& batch, Height height, const Digest& digest) {
  batch.erase(block_key(height));
  batch.erase(certificate_key(height));
  batch.erase(outcome_key(height));
  batch.erase(height_key(digest));
}

void erase_block(StoreBatch& batch, const Store& store, Height height) {
  const auto bytes = store.get(block_key(height));
  SALUS_ASSERT(bytes.has_value(), "a block that is kept is here: the ledger is corrupt");
  const auto block = Block::decode(as_bytes(*bytes));
  SALUS_ASSERT(block.has_value(), "a stored block does not parse: the ledger is corrupt");
  erase_height(batch, height, block->digest());
  std::uint32_t index = 0;
  for (const wire::Transaction& transaction : block->transactions()) {
    batch.erase(transaction_key(transaction.id()));
    batch.erase(account_key(transaction.account(), height, index++));
  }
}

// A ledger that joined by a snapshot keeps a header without a block below its first one, until that
// one goes.
void erase_snapshot_block(StoreBatch& batch, const Store& store, Height first) {
  if (first <= Height{1}) return;
  const auto bytes = store.get(header_key(first.previous()));
  if (!bytes) return;
  batch.erase(header_key(first.previous()));
  erase_height(batch, first.previous(), digest_of(as_bytes(*bytes)));
}

}  // namespace

ChainPruning prune_chain(const Store& store, const Kept& lowest, std::size_t budget) {
  const Reader reader{store};
  const Kept before = reader.kept();
  const Height tip = reader.tip_height();
  Kept goal;
  goal.block = std::max(before.block, std::min(lowest.block, tip));
  goal.results = std::max({before.results, goal.block, std::min(lowest.results, tip)});

  ChainPruning out;
  Kept after = before;
  const auto is_full = [&] { return out.batch.writes.size() >= budget; };
  for (; after.results < goal.results && !is_full(); after.results = after.results.next()) {
    out.batch.erase(results_key(after.results));
  }
  // Below the results, so that a height is never without its block and with them.
  for (; after.block < std::min(goal.block, after.results) &&
         (!is_full() || out.batch.writes.empty());
       after.block = after.block.next()) {
    if (after.block == before.block) erase_snapshot_block(out.batch, store, after.block);
    erase_block(out.batch, store, after.block);
  }
  out.erased = out.batch.writes.size();
  out.done = after == goal;
  if (after != before) out.batch.put(std::string{kKeptKey}, encode(after));
  return out;
}

}  // namespace salus::ledger
