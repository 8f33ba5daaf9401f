// Owns: a mempool beside a whole small chain, driven as the replica drives it: admission on the
// finalized state, blocks from take(), removal when they are final.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dao/application.h"
#include "ledger/chain.h"
#include "mempool/mempool.h"

namespace salus::test {

// What a transaction is like; the rest is as usual.
struct Wanted {
  std::size_t from = 0;
  std::uint64_t sequence = 0;
  std::uint64_t expiry_height = 1000;
  std::uint64_t amount = 1;
  // Copies of the transfer: larger transactions.
  int actions = 1;
  // Of the account's own key when empty.
  std::vector<std::uint8_t> keys = {};
};

class APool {
 public:
  explicit APool(mempool::Limits limits = {}) : pool_(chain_.chain_id(), limits) {}

  Chain& chain() { return chain_; }
  const Chain& chain() const { return chain_; }
  mempool::Mempool& pool() { return pool_; }
  // The parameter as admission sees it from now on; blocks keep the chain's own.
  void set_window(std::uint64_t window) { window_ = window; }
  void set_block_bytes(std::uint64_t bytes) { block_bytes_ = bytes; }

  // The account's only key from now on, as admission sees it.
  void replace_key(std::size_t account, std::uint8_t key) { replaced_ = {account, key}; }

  v1::TxBody body(const Wanted& wanted) const;
  Validated<wire::Transaction> make(const Wanted& wanted) const;
  // "Ok" or the name of the refusal.
  std::string admit(const Validated<wire::Transaction>& transaction);
  std::string admit(const Wanted& wanted) { return admit(make(wanted)); }

  std::vector<Validated<wire::Transaction>> take(mempool::TakeLimits limits = {1'000, 1'000'000});
  bool has_executable();
  // A block of these on the tip becomes final.
  void finalize(const std::vector<Validated<wire::Transaction>>& transactions);
  void finalize_empty(std::uint64_t blocks);
  std::uint64_t next_sequence(std::size_t account);
  Height tip_height() { return chain_.ledger().finalized().height; }

 private:
  Chain chain_;
  mempool::Mempool pool_;
  std::uint64_t window_ = 0;
  std::uint64_t block_bytes_ = 0;
  std::optional<std::pair<std::size_t, std::uint8_t>> replaced_;
};

// Account and sequence of each: `0:0 1:0 0:1`.
std::string places(const APool& pool, const std::vector<Validated<wire::Transaction>>& taken);

}  // namespace salus::test
