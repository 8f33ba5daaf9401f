// Owns: the order of a verification, each step resting on those before it.
#include "upkeep/verify.h"

#include <utility>

#include "consensus/codec.h"
#include "dao/application.h"
#include "ledger/genesis.h"
#include "ledger/keys.h"
#include "ledger/reader.h"
#include "storage/file_check.h"
#include "upkeep/backup.h"
#include "upkeep/base_check.h"
#include "upkeep/verification.h"

namespace salus::upkeep {

Result<VerifyReport, Error> Verification::run() {
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

VerifyReport Verification::finish() {
  report_.seconds = seconds_since(begun_);
  return std::move(report_);
}

void Verification::tell(VerifyProgress::Stage stage, std::uint64_t done, std::uint64_t of,
                        bool always) {
  const auto now = Clock::now();
  if (!always && now - told_ < std::chrono::milliseconds{100}) return;
  told_ = now;
  options_.on_progress({.stage = stage,
                        .done = done,
                        .of = of,
                        .transactions = report_.transactions,
                        .seconds = seconds_since(begun_)});
}

void Verification::check_files(const Path& database) {
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

void Verification::check_chain() {
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

void Verification::replay_from_genesis(const std::string& genesis_bytes,
                                       const ledger::TipRecord& tip) {
  auto replay = Replay::begin(scratch_ / "replay", genesis_bytes);
  if (!replay) return add(about(FindingKind::Genesis, replay.error().reason));
  replay_ = std::move(*replay);
  report_.chain_id = replay_->chain_id();
  // What later blocks write over is compared at the end.
  count(replay_->genesis_batch());
  compare_batch(Height{0}, replay_->genesis_batch());
  if (!is_stopped()) replay_blocks(Height{1}, tip);
}

void Verification::replay_from_archive(const std::string& genesis_bytes,
                                       const ledger::TipRecord& tip) {
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

void Verification::replay_from_base(const std::string& genesis_bytes,
                                    const ledger::TipRecord& tip) {
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

Result<VerifyReport, Error> verify_ledger(const Path& folder, const VerifyOptions& options) {
  return Verification{folder, options}.run();
}

}  // namespace salus::upkeep
