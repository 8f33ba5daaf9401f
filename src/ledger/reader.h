// Owns: what others may ask of the finalized chain. Reads any store, also a snapshot of one, so
// that queries need neither the Ledger nor its strand. All answers are of what is durable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/seams/store.h"
#include "ledger/tip.h"
#include "salus/v1/chain.pb.h"
#include "state/overlay.h"

namespace salus::ledger {

// No answer lists more.
inline constexpr std::size_t kPageMax = 100;

struct TransactionPlace {
  Height height;
  std::uint32_t index = 0;
};

struct FoundTransaction {
  TransactionPlace place;
  v1::TxResult result;
};

struct AccountTransaction {
  TxId id;
  TransactionPlace place;
};

// As a peer catches up with it: bytes as received, and a finalization.
struct StoredBlock {
  std::string bytes;
  Bytes certificate;
};

class Reader {
 public:
  explicit Reader(const Store& store) : store_(store) {}

  // False for an empty store; everything below asserts that it is true.
  bool is_initialised() const;
  Tip tip() const;
  std::string genesis_bytes() const;
  ChainId chain_id() const;

  // Heights from 1 on; nullopt above the tip.
  std::optional<v1::FinalizedBlock> block(Height height) const;
  std::optional<StoredBlock> stored_block(Height height) const;
  // 0 for the chain id, genesis' digest.
  std::optional<Height> height_of(const Digest& digest) const;

  std::optional<TransactionPlace> place_of(const TxId& id) const;
  std::optional<FoundTransaction> find_transaction(const TxId& id) const;
  // Newest first, those older than `before`; at most `count` and kPageMax.
  std::vector<AccountTransaction> account_transactions(const AccountId& account,
                                                       std::optional<TransactionPlace> before,
                                                       std::size_t count) const;

  // The finalized state, for dao's queries.
  state::Overlay state() const;

 private:
  const Store& store_;
};

}  // namespace salus::ledger
