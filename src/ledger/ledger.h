// Owns: the finalized chain on the disk and the candidates that may extend it. A candidate executes
// once, on an overlay over its parent's; roots come from nobody but our own execution; what is
// finalized goes to the disk as one batch. Lives on the driver's strand and does no I/O but
// reading.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/seams/store.h"
#include "ledger/block.h"
#include "ledger/check.h"
#include "ledger/execution.h"
#include "ledger/leaves.h"
#include "ledger/tip.h"
#include "salus/v1/finality.pb.h"
#include "state/overlay.h"
#include "wire/transaction.h"

namespace salus::ledger {

// More executed candidates than consensus lets be open (C28) or keep; what is dropped is executed
// again on demand, so the bound leaves no check pending.
inline constexpr std::size_t kExecutedMax = 64;
// Candidates held, by count and by bytes (consensus.md, section 10), and what finality rests on
// beside them; others are fetched again.
inline constexpr std::size_t kBlocksMax = 4096;
inline constexpr std::size_t kBlocksBytesMax = std::size_t{64} * 1024 * 1024;
inline constexpr std::size_t kCondemnedMax = 256;
// Records of the finalized state kept in memory; under 10 MiB.
inline constexpr std::size_t kRememberedReads = 16'384;

struct LedgerOptions {
  // The highest protocol version that this build executes (G-10.9); tests stand for other builds.
  std::uint32_t known_version = kProtocolVersion;
  // Memory for pages of the state's tree. A block that finds its pages there neither reads them nor
  // hashes what it leaves as it is.
  std::size_t page_cache_bytes = std::size_t{64} << 20U;
};

struct OpenError {
  // For the operator: what is wrong with the store, and what to do.
  std::string reason;
};

struct BuildInput {
  Epoch epoch;
  View view;
  ValidatorIndex proposer;
  // Executed, or the finalized tip.
  Digest parent;
  // At least the parent's + 1.
  WallMs time;
  // Taken in this order until a limit is reached; those that do not fit the parent are left out.
  std::span<const Validated<wire::Transaction>> transactions;
};

struct Built {
  Validated<Block> block;
  // Not authentic on this parent: wrong sequence, expired, unknown key.
  std::vector<TxId> left_out;
};

class Ledger {
 public:
  // `store` outlives the ledger and changes only by the batches of prepare_finalize().
  static Result<Ledger, OpenError> open(const Store& store, const LedgerOptions& options = {});

  const ChainId& chain_id() const { return chain_id_; }
  std::uint32_t known_version() const { return known_version_; }
  const Tip& finalized() const { return tip_; }

  // Candidates.
  bool has(const Digest& digest) const { return blocks_.contains(digest); }
  const Validated<Block>* find(const Digest& digest) const;
  // Whether a block in this place could extend the finalized chain.
  bool can_follow(const Header& header) const;
  // Whether it comes in without that another goes.
  bool has_room_for(const Block& block) const;
  // False if the block cannot follow, or the bounds are reached by blocks that are nearer to the
  // finalized chain or `needed`. What is needed always has room, and stays while it is: bytes that
  // prove nothing must not keep out, or drive out, what finality rests on.
  bool add(Validated<Block> block, const std::set<Digest>& needed = {});
  // What made room for others since the last call.
  std::vector<Digest> take_evicted();
  // The decoder found a transaction that makes the block of this digest invalid (BlockFault).
  void condemn(const Digest& digest);
  bool is_condemned(const Digest& digest) const;

  // C29, first failing reason; for the digest at the parent view itself C42. Touches nothing.
  CheckOutcome check(const Digest& digest, const CheckInput& input) const;

  // Executes `digest` and its unexecuted ancestors. False if one of them is missing, holds a
  // transaction that no block may hold, or is of a version that this build lacks.
  bool execute(const Digest& digest);
  // Whether execute() has what it needs: as far as can be said without executing anything.
  bool can_execute(const Digest& digest) const;
  // The tip counts as executed.
  bool is_executed(const Digest& digest) const;
  // Of an executed block or the tip.
  BlockOutcome outcome(const Digest& digest) const;
  // Of an executed candidate; nullptr for others. The tip's are in the store.
  const v1::BlockResults* results_of(const Digest& digest) const;
  // Height of a candidate or of the tip; nullopt for unknown ones.
  std::optional<Height> height_of(const Digest& digest) const;

  // A candidate on an executed parent; never invalid. It is not added.
  Built build(const BuildInput& input) const;

  // The batch that makes `digest` final: block, certificate, state, tree nodes, results, events,
  // indexes, tip. It is executed, and its parent is the tip or was prepared just before; the
  // batches of a segment may be written as one. Candidates that can no longer be built upon are
  // dropped now. The caller may add keys of its own prefixes.
  StoreBatch prepare_finalize(const Digest& digest, ByteView certificate);
  // The batch is durable. In the order of preparation; nothing is read from the ledger between the
  // confirmations of batches that were written as one.
  void confirm_finalized(const Digest& digest);

  // State after the last prepared block, or after the tip.
  const state::Overlay& finalized_state() const;
  // State after an executed block or the tip; nullptr for others. Valid until the next execute(),
  // prepare_finalize() or confirm_finalized().
  const state::Overlay* state_after(const Digest& digest) const;
  // The tree of that state.
  const state::Pages* tree_after(const Digest& digest) const;

 private:
  struct Entry {
    Validated<Block> block;
    // Absent until executed.
    std::unique_ptr<Executed> executed;
    // are_authentic() on its parent, once asked: the answer cannot change.
    mutable std::optional<bool> authentic;
  };
  // What a block builds on: the last prepared block or the tip, or a candidate.
  struct Base {
    Height height;
    WallMs time;
    // nullptr while a candidate is not executed; then the rest is empty too.
    const state::Overlay* state = nullptr;
    const state::Pages* tree = nullptr;
    Root state_root;
    Root results_root;
    Hash validator_set_hash;
    Epoch next_epoch;
  };

  Ledger(const Store& store, const ChainId& chain_id, const LedgerOptions& options);

  // The only finalized block on which candidates may build: last prepared, or tip.
  const Digest& floor() const { return prepared_.empty() ? tip_.digest : prepared_.back(); }
  Height floor_height() const;
  const Entry* find_entry(const Digest& digest) const;
  std::optional<Base> find_base(const Digest& digest) const;
  bool is_authentic(const Entry& entry, const state::Overlay& parent) const;
  CheckOutcome check_repeat(const CheckInput& input) const;
  std::optional<CheckOutcome> check_final(const Digest& digest, const CheckInput& input) const;
  CheckOutcome check_against(const Base& base, const Entry& entry, const CheckInput& input) const;

  v1::EpochEnd epoch_end(const Block& boundary, ByteView certificate) const;
  void read_tip();
  void drop(std::map<Digest, Entry>::iterator entry);
  // What it can be executed on; nullopt while it cannot be: its parent is not executed, it holds
  // what no block may hold, or its version is unknown.
  std::optional<Base> executable_base(const Entry& entry) const;
  bool execute_one(Entry& entry);
  void drop_executed_beyond_bound(const Digest& needed);
  bool make_room_for(const Block& block, const std::set<Digest>& needed);
  void drop_what_cannot_follow(const Block& final_block);

  const Store* store_;
  ChainId chain_id_;
  std::uint32_t known_version_;
  Tip tip_;
  BlockOutcome tip_outcome_;
  // Without changes of their own. On the heap, as candidates point to them wherever the ledger
  // moves.
  std::unique_ptr<state::Overlay> tip_state_;
  std::unique_ptr<state::Pages> tip_tree_;
  std::map<Digest, Entry> blocks_;
  std::size_t blocks_bytes_ = 0;
  Leaves leaves_;
  std::vector<Digest> evicted_;
  // Oldest first.
  std::vector<Digest> condemned_;
  // Final, not yet confirmed; oldest first.
  std::vector<Digest> prepared_;
};

}  // namespace salus::ledger
