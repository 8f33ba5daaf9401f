// Owns: the order of a verification, each step resting on those before it.
#include "upkeep/verify.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "consensus/codec.h"
#include "crypto/ed25519.h"
#include "dao/application.h"
#include "ledger/genesis.h"
#include "ledger/keys.h"
#include "ledger/outcome_codec.h"
#include "ledger/reader.h"
#include "replica/facts.h"
#include "salus/v1/tx.pb.h"
#include "state/history.h"
#include "state/layout.h"
#include "storage/file_check.h"
#include "upkeep/archive.h"
#include "upkeep/backup.h"
#include "upkeep/base_check.h"
#include "upkeep/compare.h"
#include "upkeep/decode_ahead.h"
#include "upkeep/notes.h"
#include "upkeep/records.h"
#include "upkeep/replay.h"
#include "upkeep/tree_compare.h"

namespace salus::upkeep {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point since) {
  return std::chrono::duration<double>(Clock::now() - since).count();
}

Finding about(FindingKind kind, std::string sentence, std::optional<Height> height = std::nullopt) {
  Finding out;
  out.kind = kind;
  out.sentence = std::move(sentence);
  out.height = height;
  return out;
}

// Records, pages of the tree, and the past (state/layout.h): compared when all is executed.
bool is_of_state(char prefix) {
  return std::string_view{"snhql"}.find(prefix) != std::string_view::npos;
}

class Verification {
 public:
  Verification(const Path& folder, const VerifyOptions& options)
      : folder_(folder), options_(options) {}

  Result<VerifyReport, Error> run() {
    const auto still = StillFolder::hold(folder_);
    if (!still) return std::unexpected(still.error());
    check_files(still->database());
    if (is_stopped()) return finish();
    auto store = still->open();
    if (!store) {
      add(about(FindingKind::File, store.error().reason));
      return finish();
    }
    store_ = std::move(*store);
    if (const auto whole = still->check_whole(*store_); !whole) {
      return std::unexpected(whole.error());
    }
    auto scratch = ScratchFolder::make(options_.scratch);
    if (!scratch) return std::unexpected(scratch.error());
    scratch_ = scratch->path();
    check_chain();
    replay_.reset();
    store_.reset();
    return finish();
  }

 private:
  // Of a block that comes from the archive.
  struct Beside {
    std::string certificate;
    ledger::StoredOutcome outcome;
    std::optional<std::string> results;
  };

  VerifyReport finish() {
    report_.seconds = seconds_since(begun_);
    return std::move(report_);
  }
  void add(Finding finding) { report_.findings.push_back(std::move(finding)); }
  // A torn end of a log leaves a whole ledger before it.
  bool is_stopped() const { return report_.findings.size() > torn_; }

  void tell(VerifyProgress::Stage stage, std::uint64_t done, std::uint64_t of, bool always) {
    const auto now = Clock::now();
    if (!always && now - told_ < std::chrono::milliseconds{100}) return;
    told_ = now;
    options_.on_progress({.stage = stage,
                          .done = done,
                          .of = of,
                          .transactions = report_.transactions,
                          .seconds = seconds_since(begun_)});
  }

  void check_files(const Path& database) {
    if (const auto manifest = read_manifest(folder_); manifest) {
      const auto damaged = damaged_files(folder_, *manifest, [](std::uint64_t) { return true; });
      for (const Error& error : damaged) add(about(FindingKind::File, error.reason));
    } else if (manifest.error().fault == Fault::BackupDamaged) {
      add(about(FindingKind::File, manifest.error().reason));
    }
    const auto faults =
        storage::check_database_files(database, [&](const storage::FileCheckProgress& progress) {
          report_.files = progress.files_done;
          tell(VerifyProgress::Stage::Files, progress.files_done, progress.files, false);
        });
    for (const auto& fault : faults) {
      Finding finding = about(FindingKind::File, fault.path.string() + " " + fault.what + ".");
      finding.path = fault.path.string();
      if (fault.may_be_torn) {
        finding.sentence +=
            " A crash leaves that, and the next start of the node cuts it off; if there was none, "
            "the file is damaged, and blocks at the end of the chain are missing.";
        ++torn_;
      }
      add(std::move(finding));
    }
  }

  void check_chain() {
    const auto tip_bytes = store_->get(ledger::kTipKey);
    const auto genesis_bytes = store_->get(ledger::kGenesisKey);
    if (!tip_bytes || !genesis_bytes || tip_bytes->size() != kTipBytes) {
      return add(about(FindingKind::Genesis,
                       "The ledger has no genesis document or no tip: it was never initialised."));
    }
    const ledger::TipRecord tip = ledger::decode_tip(*tip_bytes);
    report_.height = tip.height;
    report_.digest = tip.digest;
    report_.state_root = tip.state_root;
    if (const auto kept = store_->get(ledger::kKeptKey)) {
      ByteReader in{as_bytes(*kept)};
      (void)in.u64();
      kept_results_ = Height{in.u64()};
    }
    if (has_all_blocks(*store_, tip)) {
      replay_from_genesis(*genesis_bytes, tip);
      if (!is_stopped()) compare_all();
    } else {
      if (!options_.archive.empty()) replay_from_archive(*genesis_bytes, tip);
      if (is_stopped()) return;
      replay_from_base(*genesis_bytes, tip);
    }
    if (is_stopped()) return;
    tell(VerifyProgress::Stage::Invariants, 0, 0, true);
    const ledger::Reader reader{replay_->store()};
    for (const std::string& sentence : dao::broken_invariants(reader.state())) {
      add(about(FindingKind::Invariant, sentence, tip.height));
    }
  }

  void replay_from_genesis(const std::string& genesis_bytes, const ledger::TipRecord& tip) {
    auto replay = Replay::begin(scratch_ / "replay", genesis_bytes);
    if (!replay) return add(about(FindingKind::Genesis, replay.error().reason));
    replay_ = std::move(*replay);
    report_.chain_id = replay_->chain_id();
    // What later blocks write over is compared at the end.
    count(replay_->genesis_batch());
    compare_batch(Height{0}, replay_->genesis_batch());
    if (!is_stopped()) replay_blocks(Height{1}, tip);
  }

  // All blocks again, those that the ledger lacks from the archive. The tree of such a ledger is
  // compared from its own lowest state on.
  void replay_from_archive(const std::string& genesis_bytes, const ledger::TipRecord& tip) {
    const auto files = list_archive(options_.archive, ledger::chain_id_of(as_bytes(genesis_bytes)));
    if (!files) return add(about(FindingKind::File, files.error().reason));
    archive_ = std::move(*files);
    replay_from_genesis(genesis_bytes, tip);
    if (archive_error_) return add(about(FindingKind::File, *archive_error_));
    if (is_stopped()) return;
    for (const std::string_view prefix : {ledger::kTipKey, ledger::kStatePrefix}) {
      compare_prefix(prefix, false);
      if (is_stopped()) return;
    }
    is_from_archive_ = true;
    archive_.clear();
    held_.reset();
    replay_.reset();
    written_.clear();
    finalizes_.reset();
    certificate_.clear();
  }

  void replay_from_base(const std::string& genesis_bytes, const ledger::TipRecord& tip) {
    auto base = check_base(*store_, genesis_bytes, tip, [&](std::uint64_t blocks) {
      tell(VerifyProgress::Stage::Blocks, blocks, tip.height.value(), false);
    });
    if (!base) return add(std::move(base.error()));
    report_.chain_id = ledger::chain_id_of(as_bytes(genesis_bytes));
    auto replay = Replay::begin_at(scratch_ / "base", genesis_bytes, base->tip, *store_);
    if (!replay) {
      const bool is_state = replay.error().fault == Fault::Damaged;
      return add(about(is_state ? FindingKind::Stored : FindingKind::File, replay.error().reason,
                       base->tip.height));
    }
    replay_ = std::move(*replay);
    written_ = base->entries;
    if (!compare_genesis(genesis_bytes)) return;
    if (!is_from_archive_) {
      report_.executed_from = base->tip.height;
      report_.linked_from = base->lowest;
      report_.transactions = base->transactions;
      report_.certificates = base->certificates;
    }
    report_.is_certified = base->is_certified;
    const VerifyReport before = report_;
    replay_blocks(base->tip.height.next(), tip);
    if (is_from_archive_) {
      // Counted when they were executed from genesis on.
      report_.blocks = before.blocks;
      report_.transactions = before.transactions;
      report_.certificates = before.certificates;
    } else {
      report_.blocks += base->blocks;
    }
    if (!is_stopped()) compare_from(base->tip.height);
  }

  // What the genesis document made besides the state.
  bool compare_genesis(const std::string& genesis_bytes) {
    auto genesis = Replay::begin(scratch_ / "genesis", genesis_bytes);
    if (!genesis) {
      add(about(FindingKind::Genesis, genesis.error().reason));
      return false;
    }
    count((*genesis)->genesis_batch());
    compare_batch(Height{0}, (*genesis)->genesis_batch());
    return !is_stopped();
  }

  // Tip and state, and then the replay forgets of the past what the node forgot. False if there is
  // nothing more to compare.
  bool compare_present() {
    for (const std::string_view prefix : {ledger::kTipKey, ledger::kStatePrefix}) {
      compare_prefix(prefix, false);
      if (is_stopped()) return false;
    }
    const auto pruned = replay_->forget_below(state::load_horizon(*store_).lowest);
    if (!pruned) add(about(FindingKind::Stored, pruned.error().reason));
    return pruned.has_value();
  }

  void compare_from(Height base) {
    if (!compare_present()) return;
    const auto difference = compare_trees(replay_->store(), *store_, base, [&] {
      ++report_.records;
      tell(VerifyProgress::Stage::Records, report_.records, 0, false);
    });
    if (difference) {
      return add(
          stored_finding(difference->key, difference->first, difference->second, report_.height));
    }
    count_entries();
  }

  // What the store lacks and the archive has.
  std::optional<std::string> from_archive(Height height) {
    if (archive_.empty() || archive_error_ || store_->get(ledger::block_key(height))) {
      return std::nullopt;
    }
    const bool is_held = held_ && held_->head.first <= height && height <= held_->head.last;
    if (!is_held) {
      auto found = find_in_archive(archive_, height);
      if (!found) archive_error_ = found.error().reason;
      held_ = found ? std::move(*found) : std::nullopt;
    }
    if (!held_) return std::nullopt;
    const ArchivedBlock& entry = held_->blocks[height.value() - held_->head.first.value()];
    beside_.insert_or_assign(height, Beside{entry.certificate, entry.outcome, entry.results});
    return entry.block;
  }

  void replay_blocks(Height first, const ledger::TipRecord& tip) {
    const auto since = Clock::now();
    DecodeAhead blocks{*store_, first, tip.height, options_.threads,
                       [this](Height height) { return from_archive(height); }};
    for (Height height = first; height <= tip.height && !is_stopped(); height = height.next()) {
      check_block(height, blocks.next());
      tell(VerifyProgress::Stage::Blocks, height.value(), tip.height.value(), height == tip.height);
    }
    report_.replay_seconds += seconds_since(since);
    if (is_stopped()) return;
    if (finalizes_) {
      add(about(FindingKind::Certificate,
                "The last finalization names a block that the ledger does not hold.", tip.height));
    }
    report_.epochs = replay_->tip().validators.epoch() + 1;
  }

  void check_block(Height height, DecodeAhead::Decoded decoded) {
    if (!decoded.block) {
      return add(about(FindingKind::Block,
                       archive_.empty() ? "The block is missing."
                                        : "The block is neither in the ledger nor in the archive.",
                       height));
    }
    if (!*decoded.block) {
      const bool is_block = decoded.block->error().kind == ledger::BlockFault::Kind::Invalid;
      return add(about(FindingKind::Block,
                       is_block ? "A transaction of the block is malformed or wrongly signed."
                                : "The stored bytes are not those of any block.",
                       height));
    }
    const Validated<ledger::Block>& block = **decoded.block;
    const auto beside = beside_.extract(height);
    const auto certificate = beside ? std::optional{beside.mapped().certificate}
                                    : store_->get(ledger::certificate_key(height));
    if (!certificate) {
      return add(about(FindingKind::Certificate, "Its finalization is missing.", height));
    }
    if (!check_certificate(height, block->digest(), *certificate)) return;
    const ledger::Tip before = replay_->tip();
    const auto batch = replay_->apply(block, as_bytes(*certificate));
    if (!batch) return explain(height, *block, before, batch.error());
    ++report_.blocks;
    report_.transactions += block->transactions().size();
    if (beside) {
      ++report_.archived;
      return compare_archived(height, beside.mapped(), *batch);
    }
    count(*batch);
    compare_batch(height, *batch);
  }

  void compare_archived(Height height, const Beside& beside, const StoreBatch& batch) {
    for (const auto& [key, value] : batch.writes) {
      std::optional<std::string> found = value;
      if (key == ledger::results_key(height) && beside.results) found = beside.results;
      if (key == ledger::outcome_key(height)) found = ledger::encode(beside.outcome);
      if (found != value) return add(stored_finding(key, value, found, height));
    }
  }

  // A finalization of the block, or of one above it in the same epoch, which is then expected.
  bool check_certificate(Height height, const Digest& digest, const std::string& bytes) {
    if (bytes != certificate_) {
      if (finalizes_) {
        add(about(FindingKind::Certificate,
                  "A finalization below it names a block that is not in this chain.", height));
        return false;
      }
      const auto set = replica::validator_set(replay_->tip());
      const auto valid = consensus::validate_certificate(
          as_bytes(bytes), {.chain_id = replay_->chain_id(),
                            .epoch = Epoch{replay_->tip().validators.epoch()},
                            .set = set,
                            .verify = crypto::verify});
      if (!valid) {
        add(about(FindingKind::Certificate,
                  "Its finalization is refused: " + std::string{consensus::sentence(valid.error())},
                  height));
        return false;
      }
      if ((*valid)->subject.kind != consensus::VoteKind::Finalize) {
        add(about(FindingKind::Certificate, "Its certificate finalizes nothing.", height));
        return false;
      }
      ++report_.certificates;
      certificate_ = bytes;
      finalizes_ = (*valid)->subject.candidate.digest;
    } else if (!finalizes_) {
      add(about(FindingKind::Certificate, "Its finalization is of the block below it.", height));
      return false;
    }
    if (finalizes_ == digest) finalizes_.reset();
    return true;
  }

  // Why a block does not follow; when our own roots are others, what execution wrote.
  void explain(Height height, const ledger::Block& block, const ledger::Tip& before,
               const ReplayFault& fault) {
    const bool roots = fault.reason == ledger::CheckReason::WrongStateRoot ||
                       fault.reason == ledger::CheckReason::WrongResultsRoot;
    if (!roots) return add(about(FindingKind::Block, fault.sentence, height));
    const bool is_state = fault.reason == ledger::CheckReason::WrongStateRoot;
    Finding finding = about(
        FindingKind::Execution,
        std::string{"This program executes the block otherwise than the validators did: the next "
                    "header, which a quorum signed, has another "} +
            (is_state ? "state" : "results") +
            " root. Compare the builds; compare with another folder: salus ledger diff.",
        before.height);
    finding.expected =
        (is_state ? block.header().state_root : block.header().results_root).to_hex();
    finding.found = (is_state ? before.state_root : before.results_root).to_hex();
    finding.changes = Json::array();
    for (const auto& change : last_changes_) {
      const RecordName record = name_of(change.state_key);
      if (finding.module.empty()) {
        finding.module = record.module;
        finding.table = record.table;
        finding.key = record.key;
      }
      finding.changes.push_back(to_json(change, "own", "stored_now"));
    }
    add(std::move(finding));
  }

  void compare_batch(Height height, const StoreBatch& batch) {
    last_changes_.clear();
    for (const auto& [key, value] : batch.writes) {
      if (key.starts_with(ledger::kStatePrefix)) {
        if (last_changes_.size() < kChangesMax) last_changes_.push_back({key.substr(1), value, {}});
        continue;
      }
      // The tip is that of the last block.
      if (is_of_state(key.front()) || key == ledger::kTipKey) continue;
      // Pruned before their block, by the ledger's own note.
      if (key == ledger::results_key(height) && height < kept_results_) {
        --written_['r'];
        continue;
      }
      const auto stored = store_->get(key);
      if (stored == value) continue;
      return add(stored_finding(key, value, stored, height));
    }
    for (RecordDifference& change : last_changes_) {
      change.second = store_->get(std::string{ledger::kStatePrefix} + change.state_key);
    }
  }

  void count(const StoreBatch& batch) {
    for (const auto& [key, value] : batch.writes) {
      if (value && !is_of_state(key.front())) ++written_[key.front()];
    }
  }

  // All that the folder holds follows from the blocks, and nothing of it is missing.
  void compare_all() {
    if (!compare_present()) return;
    const state::Horizon horizon = state::load_horizon(*store_);
    // A node forgets bit by bit: some of it may still be there.
    const bool may_have_more = horizon.swept <= horizon.lowest && horizon.lowest != Height{0};
    for (const std::string_view prefix :
         {state::kPagePrefix, state::kHistoryPrefix, state::kStalePrefix}) {
      compare_prefix(prefix, may_have_more);
      if (is_stopped()) return;
    }
    count_entries();
  }

  // Of the ledger's own entries each one was compared when its block was executed.
  void count_entries() {
    if (const auto note = find_wrong_note(*store_, Epoch{report_.epochs - 1})) {
      return add(stored_finding(note->key, note->first, note->second, std::nullopt));
    }
    std::map<char, std::uint64_t> found;
    std::optional<Finding> stray;
    store_->scan({}, {}, [&](std::string_view key, std::string_view value) {
      if (key.empty() || is_own_note(key) || is_of_state(key.front())) return true;
      if (written_.contains(key.front())) {
        ++found[key.front()];
        return true;
      }
      stray = stored_finding(key, std::nullopt, std::string{value}, std::nullopt);
      return false;
    });
    if (stray) return add(std::move(*stray));
    for (const auto& [prefix, count] : found) {
      // The tip is written anew by each block.
      if (prefix == ledger::kTipKey.front() || count == written_[prefix]) continue;
      add(about(FindingKind::Stored,
                "The ledger holds " + std::to_string(count) + " entries of kind '" +
                    std::string{prefix} + "', and its blocks make " +
                    std::to_string(written_[prefix]) + ".",
                report_.height));
    }
  }

  void compare_prefix(std::string_view prefix, bool may_have_more) {
    std::optional<EntryDifference> difference;
    each_difference(
        replay_->store(), *store_, prefix,
        [&](std::uint64_t) {
          ++report_.records;
          tell(VerifyProgress::Stage::Records, report_.records, 0, false);
        },
        [&](const EntryDifference& found) {
          if (may_have_more && !found.first) return true;
          difference = found;
          return false;
        });
    if (!difference) return;
    std::optional<Height> height = report_.height;
    if (prefix == ledger::kStatePrefix) {
      height = replay_->writer_of(std::string_view{difference->key}.substr(prefix.size()));
      if (!height) height = Height{0};
    }
    add(stored_finding(difference->key, difference->first, difference->second, height));
  }

  static Finding stored_finding(std::string_view key, const std::optional<std::string>& expected,
                                const std::optional<std::string>& found,
                                std::optional<Height> height) {
    const EntryWords words = words_of(key, expected, found);
    Finding finding = about(FindingKind::Stored,
                            "What is stored differs from what follows from the blocks.", height);
    finding.module = words.module;
    finding.table = words.table;
    finding.key = words.key;
    finding.expected = words.first;
    finding.found = words.second;
    return finding;
  }

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

}  // namespace

std::string_view name(FindingKind kind) {
  switch (kind) {
    case FindingKind::File:
      return "file";
    case FindingKind::Genesis:
      return "genesis";
    case FindingKind::Block:
      return "block";
    case FindingKind::Certificate:
      return "certificate";
    case FindingKind::Execution:
      return "execution";
    case FindingKind::Stored:
      return "stored";
    case FindingKind::Invariant:
      return "invariant";
  }
  std::unreachable();
}

Json to_json(const Finding& finding) {
  Json out = Json::object();
  out["kind"] = name(finding.kind);
  out["sentence"] = finding.sentence;
  if (finding.height) out["height"] = std::to_string(finding.height->value());
  if (!finding.path.empty()) out["path"] = finding.path;
  if (!finding.module.empty()) {
    out["module"] = finding.module;
    out["table"] = finding.table;
    out["key"] = finding.key;
  }
  if (finding.kind == FindingKind::Stored || finding.kind == FindingKind::Execution) {
    out["expected"] = finding.expected;
    out["found"] = finding.found;
  }
  if (!finding.changes.is_null()) out["changes"] = finding.changes;
  return out;
}

Result<VerifyReport, Error> verify_ledger(const Path& folder, const VerifyOptions& options) {
  return Verification{folder, options}.run();
}

}  // namespace salus::upkeep
