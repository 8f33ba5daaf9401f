// Owns: the steps of a replay.
#include "upkeep/replay.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <utility>

#include "ledger/genesis.h"
#include "ledger/keys.h"
#include "replica/facts.h"
#include "state/history.h"
#include "state/layout.h"
#include "state/pages.h"
#include "state/prune.h"
#include "state/tree.h"
#include "upkeep/tree_compare.h"

namespace salus::upkeep {

namespace {

// Which block wrote a record last; the ledger has no key with this prefix.
constexpr std::string_view kWriterPrefix = "w";

std::string writer_key(std::string_view state_key) {
  return std::string{kWriterPrefix} + std::string{state_key};
}

constexpr std::uint64_t kRecordsPerBatch = 50'000;
constexpr std::size_t kPageBytes = std::size_t{64} << 20U;

// What execution never reads again.
bool is_only_history(std::string_view key) {
  switch (key.empty() ? '\0' : key.front()) {
    case 'b':
    case 'r':
    case 'x':
    case 'a':
      return true;
    default:
      return false;
  }
}

// Puts the records of `folder` after `height` into an empty store and builds their tree, whose
// pages then have that version. Answers its root.
Result<Root, StoreError> fill_state(storage::RocksStore& store, Height height,
                                    const Store& folder) {
  const state::StateAt past{folder, height};
  std::uint64_t records = 0;
  past.scan(state::kStatePrefix, state::kStatePrefix,
            [&](std::string_view, std::string_view) { return ++records > 0; });
  // Each batch takes a version of its own, and the last one the height's.
  const std::uint64_t batches_max = std::max<std::uint64_t>(height.value(), 1);
  const std::uint64_t per_batch = std::max(kRecordsPerBatch, records / batches_max + 1);
  std::uint64_t left = (records + per_batch - 1) / per_batch;

  state::Pages pages{store, std::nullopt, kPageBytes};
  state::TreeChanges changes;
  std::optional<StoreError> failed;
  const auto flush = [&] {
    if (left > 0) --left;
    state::Pages layer = pages.branch(Height{height.value() - left});
    state::update_tree(layer, changes);
    StoreBatch batch;
    for (const auto& [key, value] : changes) {
      batch.put(std::string{state::kStatePrefix} + key, *value);
    }
    for (const state::PageId& id : layer.retired()) {
      batch.erase(std::string{state::kPagePrefix} + id.key());
    }
    for (const auto& [path, page] : layer.written()) {
      batch.put(std::string{state::kPagePrefix} + state::PageId{layer.version(), path}.key(),
                state::encode(page));
    }
    pages.on_stored(std::move(layer));
    changes.clear();
    if (const auto written = store.write(batch); !written) failed = written.error();
    return !failed;
  };
  past.scan(state::kStatePrefix, state::kStatePrefix,
            [&](std::string_view key, std::string_view value) {
              changes.emplace(key.substr(state::kStatePrefix.size()), std::string{value});
              return changes.size() < per_batch || flush();
            });
  if (!failed && !changes.empty()) flush();
  if (failed) return std::unexpected(*failed);
  const Root root = state::root_of(pages);
  if (const auto raised = raise_all_pages(store, height); !raised) {
    return std::unexpected(raised.error());
  }
  return root;
}

}  // namespace

Result<std::unique_ptr<Replay>, Error> Replay::begin(const Path& scratch,
                                                     const std::string& genesis_bytes) {
  v1::GenesisDocument document;
  const auto parsed = google::protobuf::util::JsonStringToMessage(genesis_bytes, &document);
  if (!parsed.ok()) {
    return std::unexpected(Error{
        Fault::Damaged,
        "The genesis document in the ledger does not parse: " + std::string{parsed.message()}});
  }
  auto store = storage::RocksStore::open(
      scratch, {.block_cache_mib = 256, .write_buffer_mib = 64, .is_scratch = true});
  if (!store) return std::unexpected(Error{Fault::DiskFailed, store.error().reason});
  std::unique_ptr<Replay> replay{new Replay{std::move(*store)}};
  auto batch = ledger::make_genesis(document, as_bytes(genesis_bytes));
  if (!batch) {
    return std::unexpected(Error{
        Fault::Damaged, "The genesis document in the ledger is refused: " + batch.error().reason});
  }
  replay->genesis_batch_ = std::move(*batch);
  if (const auto written = replay->store_->write(replay->genesis_batch_); !written) {
    return std::unexpected(Error{Fault::DiskFailed, written.error().reason});
  }
  auto ledger = ledger::Ledger::open(*replay->store_);
  if (!ledger) return std::unexpected(Error{Fault::Damaged, ledger.error().reason});
  replay->ledger_.emplace(std::move(*ledger));
  return replay;
}

Result<std::unique_ptr<Replay>, Error> Replay::begin_at(const Path& scratch,
                                                        const std::string& genesis_bytes,
                                                        const ledger::TipRecord& tip,
                                                        const Store& folder) {
  auto store = storage::RocksStore::open(
      scratch, {.block_cache_mib = 256, .write_buffer_mib = 64, .is_scratch = true});
  if (!store) return std::unexpected(Error{Fault::DiskFailed, store.error().reason});
  std::unique_ptr<Replay> replay{new Replay{std::move(*store)}};
  const auto root = fill_state(*replay->store_, tip.height, folder);
  if (!root) return std::unexpected(Error{Fault::DiskFailed, root.error().reason});
  if (*root != tip.state_root) {
    return std::unexpected(Error{Fault::Damaged, "The records of the state after height " +
                                                     std::to_string(tip.height.value()) +
                                                     " have the root " + root->to_hex() +
                                                     ", and a quorum signed " +
                                                     tip.state_root.to_hex() + "."});
  }
  StoreBatch batch;
  batch.put(std::string{ledger::kGenesisKey}, genesis_bytes);
  batch.put(std::string{ledger::kTipKey}, ledger::encode(tip));
  if (const auto written = replay->store_->write(batch); !written) {
    return std::unexpected(Error{Fault::DiskFailed, written.error().reason});
  }
  auto ledger = ledger::Ledger::open(*replay->store_);
  if (!ledger) return std::unexpected(Error{Fault::Damaged, ledger.error().reason});
  replay->ledger_.emplace(std::move(*ledger));
  return replay;
}

Result<StoreBatch, ReplayFault> Replay::apply(const Validated<ledger::Block>& block,
                                              ByteView certificate) {
  const Digest digest = block->digest();
  const ledger::Header& header = block->header();
  const auto set = replica::validator_set(tip());
  if (!ledger_->add(block)) {
    return std::unexpected(ReplayFault{std::nullopt, "It does not extend the block below it."});
  }
  const ledger::CheckOutcome outcome =
      ledger_->check(digest, {.epoch = Epoch{tip().validators.epoch()},
                              .view = header.view,
                              .parent = tip().digest,
                              .proposer = set.leader_of(header.epoch, header.view),
                              .purpose = ledger::Purpose::Certify,
                              .wall = header.time,
                              .clock_ahead_ms = 0});
  if (!outcome.is_valid()) {
    return std::unexpected(
        ReplayFault{outcome.reason, std::string{ledger::sentence(*outcome.reason)}});
  }
  if (!ledger_->execute(digest)) {
    return std::unexpected(ReplayFault{std::nullopt, "It does not execute."});
  }
  StoreBatch batch = ledger_->prepare_finalize(digest, certificate);
  StoreBatch kept;
  const std::string height = ledger::block_key(header.height).substr(1);
  for (const auto& [key, value] : batch.writes) {
    if (is_only_history(key)) continue;
    kept.writes.emplace_back(key, value);
    if (key.starts_with(ledger::kStatePrefix)) {
      kept.put(writer_key(std::string_view{key}.substr(ledger::kStatePrefix.size())), height);
    }
  }
  if (const auto written = store_->write(kept); !written) {
    return std::unexpected(ReplayFault{std::nullopt, written.error().reason});
  }
  ledger_->confirm_finalized(digest);
  return batch;
}

Result<void, Error> Replay::forget_below(Height lowest) {
  constexpr std::size_t kBudget = 10'000;
  while (lowest != Height{0}) {
    const state::Pruning step = state::prune_state(*store_, lowest, kBudget);
    if (!step.batch.writes.empty()) {
      if (const auto written = store_->write(step.batch); !written) {
        return std::unexpected(Error{Fault::DiskFailed, written.error().reason});
      }
    }
    if (step.done) break;
  }
  return {};
}

std::optional<Height> Replay::writer_of(std::string_view state_key) const {
  const auto noted = store_->get(writer_key(state_key));
  if (!noted) return std::nullopt;
  ByteReader in{as_bytes(*noted)};
  return Height{in.u64()};
}

}  // namespace salus::upkeep
