// Owns: transactions that wait. One that is here was admissible on the finalized state; memory is
// bounded in all and by account, and no account can crowd out another: blocks are filled one
// transaction an account in turn (G-2.3). Lives on the driver's strand.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/validated.h"
#include "dao/error.h"
#include "ledger/block.h"
#include "state/overlay.h"
#include "wire/transaction.h"

namespace salus::mempool {

// What a node lends to waiting transactions: a few full blocks, and little of its memory.
inline constexpr std::size_t kCountMax = 20'000;
inline constexpr std::size_t kBytesMax = std::size_t{32} * 1024 * 1024;
// Kept free for safety actions (H-0.8): they wait behind no flood. In percent of both limits.
inline constexpr std::size_t kReservedPercent = 10;

struct Limits {
  std::size_t count_max = kCountMax;
  std::size_t bytes_max = kBytesMax;
};

// The finalized chain as admission sees it. `state` is the state after `tip`.
struct FinalizedView {
  Height tip;
  const state::Overlay& state;
};

struct TakeLimits {
  std::size_t count_max;
  // Of raw transactions and their framing in a block.
  std::size_t bytes_max;
};

class Mempool {
 public:
  explicit Mempool(const ChainId& chain_id, Limits limits = {})
      : chain_id_(chain_id), limits_(limits) {}

  // What can be said before the signatures are verified; admit() says it again.
  dao::Outcome judge(const wire::Transaction& transaction, const FinalizedView& chain) const;
  // Keeps it, or refuses and changes nothing. Gaps in an account's sequences are fine within its
  // window.
  dao::Outcome admit(Validated<wire::Transaction> transaction, const FinalizedView& chain);

  bool has(const TxId& id) const { return by_id_.contains(id); }
  // A transaction of exactly these bytes waits here: its signatures need no second look.
  bool has_raw(ByteView raw) const { return leaves_.contains(wire::leaf_of(raw)); }
  const Validated<wire::Transaction>* find(const TxId& id) const;
  std::size_t count() const { return by_id_.size(); }
  std::size_t bytes() const { return bytes_; }

  // For a block at `height` on `parent`: consecutive sequences of each account from the parent's
  // next one on, accounts in turn. Those in unfinalized ancestors are skipped, as the parent's
  // state is past them. Nothing is removed; the next call starts with the account that came up
  // short.
  std::vector<Validated<wire::Transaction>> take(TakeLimits limits, const state::Overlay& parent,
                                                 Height height);
  // Whether take() would find any (C27a).
  bool has_executable(const state::Overlay& parent, Height height) const;

  // After a block became final; `chain` includes it. Removes what it holds, what expired, and what
  // its accounts can no longer send.
  void on_finalized(const ledger::Block& block, const FinalizedView& chain);

 private:
  using Waiting = std::map<std::uint64_t, Validated<wire::Transaction>>;

  bool has_room_for(const wire::Transaction& transaction) const;
  void remove(const AccountId& account, std::uint64_t sequence);
  template <typename Predicate>
  void remove_if(const AccountId& account, const Predicate& is_gone);

  struct Place {
    AccountId account;
    std::uint64_t sequence;
  };

  ChainId chain_id_;
  Limits limits_;
  std::map<AccountId, Waiting> accounts_;
  std::map<TxId, Place> by_id_;
  // An id does not bind the signatures; a leaf does.
  std::set<Hash> leaves_;
  // Expiry height and id, so that a finalized block costs only what expires.
  std::map<std::pair<Height, TxId>, Place> by_expiry_;
  std::size_t bytes_ = 0;
  // The first account of the next take().
  AccountId turn_;
};

}  // namespace salus::mempool
