// Owns: what others may ask of the finalized chain. Reads any store, also a snapshot of one, so
// that queries need neither the Ledger nor its strand. All answers are of what is durable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/seams/store.h"
#include "ledger/header.h"
#include "ledger/tip.h"
#include "salus/v1/chain.pb.h"
#include "salus/v1/finality.pb.h"
#include "salus/v1/proof.pb.h"
#include "state/history.h"
#include "state/overlay.h"
#include "state/pages.h"

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

// As clients see it.
v1::BlockHeader to_proto(const Header& header, const Digest& digest);

// As a peer catches up with it: bytes as received, and a finalization.
struct StoredBlock {
  std::string bytes;
  Bytes certificate;
};

// From which heights on the past is here, up to the tip; above the tip where none is.
struct Kept {
  // Blocks with their finalizations and indexes.
  Height block;
  // Results and events; not below the blocks.
  Height results;

  bool operator==(const Kept&) const = default;
};
// As stored under kKeptKey.
std::string encode(const Kept& kept);

// There is no state of that height here.
struct HeightError {
  enum class Kind { Pruned, NotYet };
  Kind kind;
  // Lowest and highest heights whose state is here.
  Height lowest;
  Height highest;

  // With the heights that are still there.
  std::string sentence() const;
};

class Reader {
 public:
  explicit Reader(const Store& store) : store_(store) {}

  // False for an empty store; everything below asserts that it is true.
  bool is_initialised() const;
  Tip tip() const;
  std::string genesis_bytes() const;
  ChainId chain_id() const;

  Height tip_height() const;

  // Heights from 1 on; nullopt above the tip, and below what is kept. Without results where they
  // are pruned.
  std::optional<v1::FinalizedBlock> block(Height height) const;
  std::optional<StoredBlock> stored_block(Height height) const;
  // What is kept of a block below: its 230 header bytes, and a finalization of it or of a later one
  // of its segment. Asserts, for certificate(), that the height is kept.
  std::optional<std::string> header_bytes(Height height) const;
  Bytes certificate(Height height) const;
  std::optional<v1::BlockResults> results(Height height) const;
  // How an epoch ended; nullopt while it has not.
  std::optional<v1::EpochEnd> epoch_end(Epoch epoch) const;
  Kept kept() const;
  // 0 for the chain id, genesis' digest.
  std::optional<Height> height_of(const Digest& digest) const;

  // Of a transaction whose block is kept.
  std::optional<TransactionPlace> place_of(const TxId& id) const;
  // nullopt also where its result is pruned.
  std::optional<FoundTransaction> find_transaction(const TxId& id) const;
  // Newest first, those older than `before`; at most `count` and kPageMax.
  std::vector<AccountTransaction> account_transactions(const AccountId& account,
                                                       std::optional<TransactionPlace> before,
                                                       std::size_t count) const;

  // The finalized state, for dao's queries.
  state::Overlay state() const;
  // The state after `height`, as a store for an overlay (prefix kStatePrefix). A store that changes
  // meanwhile is read through a snapshot.
  Result<state::StateAt, HeightError> state_at(Height height) const;
  // The tree of that state, for ledger/state_proof.h and state/chunk.h. The header at the next
  // height certifies its root, so the latest state that can be proven is the one after tip - 1.
  Result<state::Pages, HeightError> pages_at(Height height) const;

  // From the transactions root and the results root of a block down; nullopt above the tip, or
  // where it has no such transaction.
  std::optional<v1::TransactionInclusion> prove_transaction(const TransactionPlace& place) const;
  std::optional<v1::ResultInclusion> prove_result(const TransactionPlace& place) const;
  std::optional<v1::DueInclusion> prove_due(Height height) const;

 private:
  // Why the state after `height` cannot be read; nullopt: it can.
  std::optional<HeightError> refuse(Height height) const;

  const Store& store_;
};

}  // namespace salus::ledger
