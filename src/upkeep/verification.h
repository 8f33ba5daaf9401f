// Owns: one verification while it runs: what its steps know of each other. The order is in
// verify.cc, blocks are judged in verify_blocks.cc, what is stored is compared in verify_stored.cc.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/outcome_codec.h"
#include "ledger/tip.h"
#include "storage/rocks_store.h"
#include "upkeep/archive.h"
#include "upkeep/decode_ahead.h"
#include "upkeep/records.h"
#include "upkeep/replay.h"
#include "upkeep/verify.h"

namespace salus::upkeep {

Finding about(FindingKind kind, std::string sentence, std::optional<Height> height = std::nullopt);
// Records, pages of the tree, and the past (state/layout.h): compared when all is executed.
bool is_of_state(char prefix);

class Verification {
 public:
  Verification(const Path& folder, const VerifyOptions& options)
      : folder_(folder), options_(options) {}
  Result<VerifyReport, Error> run();

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds_since(Clock::time_point since) {
    return std::chrono::duration<double>(Clock::now() - since).count();
  }

  // Of a block that comes from the archive.
  struct Beside {
    std::string certificate;
    ledger::StoredOutcome outcome;
    std::optional<std::string> results;
  };

  VerifyReport finish();
  void add(Finding finding) { report_.findings.push_back(std::move(finding)); }
  // A torn end of a log leaves a whole ledger before it.
  bool is_stopped() const { return report_.findings.size() > torn_; }
  void tell(VerifyProgress::Stage stage, std::uint64_t done, std::uint64_t of, bool always);
  void check_files(const Path& database);
  void check_chain();
  void replay_from_genesis(const std::string& genesis_bytes, const ledger::TipRecord& tip);
  // All blocks again, those that the ledger lacks from the archive. The tree of such a ledger is
  // compared from its own lowest state on.
  void replay_from_archive(const std::string& genesis_bytes, const ledger::TipRecord& tip);
  void replay_from_base(const std::string& genesis_bytes, const ledger::TipRecord& tip);
  // What the genesis document made besides the state.
  bool compare_genesis(const std::string& genesis_bytes);
  // Tip and state, and then the replay forgets of the past what the node forgot. False if there is
  // nothing more to compare.
  bool compare_present();
  void compare_from(Height base);
  // What the store lacks and the archive has.
  std::optional<std::string> from_archive(Height height);
  void replay_blocks(Height first, const ledger::TipRecord& tip);
  void check_block(Height height, DecodeAhead::Decoded decoded);
  void compare_archived(Height height, const Beside& beside, const StoreBatch& batch);
  // A finalization of the block, or of one above it in the same epoch, which is then expected.
  bool check_certificate(Height height, const Digest& digest, const std::string& bytes);
  // Why a block does not follow; when our own roots are others, what execution wrote.
  void explain(Height height, const ledger::Block& block, const ledger::Tip& before,
               const ReplayFault& fault);
  void compare_batch(Height height, const StoreBatch& batch);
  void count(const StoreBatch& batch);
  // All that the folder holds follows from the blocks, and nothing of it is missing.
  void compare_all();
  // Of the ledger's own entries each one was compared when its block was executed.
  void count_entries();
  void compare_prefix(std::string_view prefix, bool may_have_more);
  static Finding stored_finding(std::string_view key, const std::optional<std::string>& expected,
                                const std::optional<std::string>& found,
                                std::optional<Height> height);

  static constexpr std::size_t kTipBytes = 129;
  static constexpr std::size_t kChangesMax = 1'000;
  Path folder_;
  const VerifyOptions& options_;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point told_;
  VerifyReport report_;
  // Findings that are no reason to stop.
  std::size_t torn_ = 0;
  std::unique_ptr<storage::RocksStore> store_;
  Path scratch_;
  std::unique_ptr<Replay> replay_;
  // The finalization that was judged last, and the block that it names until it was met.
  std::string certificate_;
  std::optional<Digest> finalizes_;
  // Records of the block executed last, own and stored now.
  std::vector<RecordDifference> last_changes_;
  // Entries by the first letter of their key.
  std::map<char, std::uint64_t> written_;
  // Below it results are pruned.
  Height kept_results_;
  std::vector<ArchiveFile> archive_;
  std::optional<std::string> archive_error_;
  bool is_from_archive_ = false;
  // The file that is read from now.
  std::optional<Archive> held_;
  // Of blocks that are decoded ahead.
  std::map<Height, Beside> beside_;
};

}  // namespace salus::upkeep
