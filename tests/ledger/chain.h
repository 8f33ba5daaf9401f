// Owns: a whole small chain for tests: the real application on a genesis of four accounts, in
// memory.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/genesis.h"
#include "ledger/ledger.h"
#include "ledger/reader.h"
#include "state/memory_store.h"
#include "wire/signed_transaction.h"

namespace salus::test {

inline constexpr std::size_t kAccounts = 4;
inline constexpr std::uint64_t kGenesisMs = 1'767'225'600'000;

// Account i signs with key i + 1 alone; all hold the native asset.
v1::GenesisDocument small_genesis();

class Chain {
 public:
  Chain();
  // Another node of the same chain: same genesis, empty otherwise.
  ledger::Ledger& ledger() { return *ledger_; }
  MemoryStore& store() { return store_; }
  ledger::Reader reader() const { return ledger::Reader{store_}; }
  const ChainId& chain_id() const { return chain_id_; }
  AccountId account(std::size_t index) const;

  Validated<wire::Transaction> transfer(std::size_t from, std::uint64_t sequence,
                                        std::uint64_t amount = 1) const;

  // A candidate on `parent`, built, added, checked and executed. The view makes siblings differ.
  Digest extend(const Digest& parent, std::vector<Validated<wire::Transaction>> transactions,
                std::uint64_t view = 1);
  ledger::CheckInput input_for(const ledger::Block& block) const;
  ledger::CheckOutcome check(const ledger::Block& block) const {
    return ledger_->check(block.digest(), input_for(block));
  }
  void finalize(const Digest& digest);
  const Digest& tip() const { return ledger_->finalized().digest; }
  // As after a restart of the process.
  void reopen();

 private:
  MemoryStore store_;
  std::string genesis_bytes_;
  ChainId chain_id_;
  std::optional<ledger::Ledger> ledger_;
};

}  // namespace salus::test
