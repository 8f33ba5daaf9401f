// Owns: a whole ledger on disk for tests, with blocks that members filled and finalizations that
// the validators of the test DAO signed; and the means to damage one.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dao/a_dao.h"
#include "ledger/ledger.h"
#include "storage/rocks_store.h"

namespace salus::upkeep::test {

class ALedger {
 public:
  // In `data_folder`/ledger; the folder is made.
  explicit ALedger(const storage::Path& data_folder);

  const storage::Path& folder() const { return folder_; }
  storage::RocksStore& store() { return *store_; }
  const ChainId& chain_id() const { return ledger_->chain_id(); }
  const ledger::Tip& tip() const { return ledger_->finalized(); }
  AccountId account(std::string_view name) const;

  // Blocks that are final at once, each with `transfers` from mira to noor.
  void add_blocks(std::size_t count, std::size_t transfers = 2);
  // One block, with what a member does.
  void add_block(std::string_view name, const std::vector<v1::Action>& actions);
  // Several blocks under one finalization, the last one's.
  void add_segment(std::size_t count);
  // A sitting validator asks for the same set again, and blocks go by until the epoch is over.
  void end_epoch(std::string_view operated_by, char nonce);
  // As a node that keeps no blocks below `block`, no results below `results` and no states below
  // `state`; height 0 forgets nothing.
  void forget(Height block, Height results, Height state);
  // Closed, so that others may look.
  void close();

 private:
  Validated<wire::Transaction> sign(std::string_view name, const std::vector<v1::Action>& actions);
  Digest extend(const Digest& parent, const std::vector<Validated<wire::Transaction>>& content);
  Bytes finalization_of(const Digest& digest, View view) const;
  void finalize(const std::vector<Digest>& path);

  storage::Path folder_;
  std::unique_ptr<storage::RocksStore> store_;
  std::optional<ledger::Ledger> ledger_;
  // Of transactions that are in blocks that are not final yet too.
  std::map<std::string, std::uint64_t, std::less<>> sequences_;
  std::map<Digest, View> views_;
  View view_;
};

// A new ledger in `data_folder`/ledger that joined by a snapshot of `origin`, at the highest
// multiple of `every`, and then executed the origin's blocks up to `last`.
void join_by_snapshot(ALedger& origin, const storage::Path& data_folder, std::uint64_t every,
                      Height last);
// Every entry of a closed ledger.
std::map<std::string, std::string> all_entries(const storage::Path& data_folder);

// Writes into a closed ledger behind everybody's back: what a disk, or a person, may do.
void tamper(const storage::Path& data_folder, const std::string& key,
            const std::optional<std::string>& value);
std::optional<std::string> read_key(const storage::Path& data_folder, const std::string& key);

}  // namespace salus::upkeep::test
