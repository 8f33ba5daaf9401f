// Owns: what one block must be, and why it is not: its bytes, its finalization, its execution, and
// what the ledger stores of it.
#include <algorithm>
#include <chrono>

#include "consensus/codec.h"
#include "crypto/ed25519.h"
#include "ledger/keys.h"
#include "replica/facts.h"
#include "upkeep/verification.h"

namespace salus::upkeep {

std::optional<std::string> Verification::from_archive(Height height) {
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

void Verification::replay_blocks(Height first, const ledger::TipRecord& tip) {
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

void Verification::check_block(Height height, DecodeAhead::Decoded decoded) {
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

void Verification::compare_archived(Height height, const Beside& beside, const StoreBatch& batch) {
  for (const auto& [key, value] : batch.writes) {
    std::optional<std::string> found = value;
    if (key == ledger::results_key(height) && beside.results) found = beside.results;
    if (key == ledger::outcome_key(height)) found = ledger::encode(beside.outcome);
    if (found != value) return add(stored_finding(key, value, found, height));
  }
}

bool Verification::check_certificate(Height height, const Digest& digest,
                                     const std::string& bytes) {
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

void Verification::explain(Height height, const ledger::Block& block, const ledger::Tip& before,
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
  finding.expected = (is_state ? block.header().state_root : block.header().results_root).to_hex();
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

void Verification::compare_batch(Height height, const StoreBatch& batch) {
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

void Verification::count(const StoreBatch& batch) {
  for (const auto& [key, value] : batch.writes) {
    if (value && !is_of_state(key.front())) ++written_[key.front()];
  }
}

}  // namespace salus::upkeep
