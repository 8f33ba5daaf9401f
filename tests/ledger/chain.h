// Owns: a whole small chain for tests, in memory: the real application on the genesis of the test
// DAO (tests/dao/a_dao.h) with four plain accounts more.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/genesis.h"
#include "ledger/ledger.h"
#include "ledger/reader.h"
#include "storage/memory_store.h"
#include "wire/signed_transaction.h"

namespace salus::test {

inline constexpr std::size_t kAccounts = 4;

// Account i signs with key i + 1 alone; all four hold 1,000,000 units of the native asset.
v1::GenesisDocument small_genesis();

// Real: the genesis document's bytes are its JSON, and what is final was signed by a quorum.
enum class Papers : std::uint8_t { Plain, Real };

class Chain {
 public:
  explicit Chain(const v1::GenesisDocument& document = small_genesis(),
                 Papers papers = Papers::Plain);
  ledger::Ledger& ledger() { return *ledger_; }
  storage::MemoryStore& store() { return store_; }
  const storage::MemoryStore& store() const { return store_; }
  ledger::Reader reader() const { return ledger::Reader{store_}; }
  const ChainId& chain_id() const { return chain_id_; }
  const std::string& genesis_bytes() const { return genesis_bytes_; }
  AccountId account(std::size_t index) const;
  // One of the test DAO's people.
  AccountId person(std::string_view name) const;

  Validated<wire::Transaction> transfer(std::size_t from, std::uint64_t sequence,
                                        std::uint64_t amount = 1) const;

  // A candidate on `parent`, built, added, checked and executed. The view makes siblings differ.
  Digest extend(const Digest& parent, std::vector<Validated<wire::Transaction>> transactions,
                std::uint64_t view = 1);
  // From now on this much passes from a block to the next; 1 ms at first.
  void set_step_ms(std::uint64_t step_ms) { step_ms_ = step_ms; }
  ledger::CheckInput input_for(const ledger::Block& block) const;
  ledger::CheckOutcome check(const ledger::Block& block) const {
    return ledger_->check(block.digest(), input_for(block));
  }
  void finalize(const Digest& digest);
  // A finalization of an executed candidate by the set of its epoch, but for its last validators.
  Bytes certificate_of(const Digest& digest, std::size_t missing = 1) const;
  const Digest& tip() const { return ledger_->finalized().digest; }
  // As after a restart of the process.
  void reopen();

 private:
  storage::MemoryStore store_;
  Papers papers_;
  std::string genesis_bytes_;
  ChainId chain_id_;
  std::uint64_t step_ms_ = 1;
  std::optional<ledger::Ledger> ledger_;
};

}  // namespace salus::test
