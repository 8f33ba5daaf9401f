// Owns: when the past goes, and how much of it at a time.
#include "node/pruner.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "ledger/prune.h"
#include "node/driver.h"
#include "state/prune.h"

namespace salus::node {

namespace {

// Keys erased by one batch: some ten milliseconds of disk.
constexpr std::size_t kBudget = 10'000;
// Forgetting begins once a tenth more than is kept is there.
constexpr std::uint64_t kSlackDivisor = 10;

Height lowest_of(Height tip, std::uint64_t retained) {
  if (retained == 0 || tip.value() <= retained) return Height{0};
  return Height{tip.value() - retained};
}

bool overlaps(const upkeep::ArchiveName& name, Height first, Height end) {
  return name.first < end && first <= name.last;
}

}  // namespace

Pruner::Pruner(storage::RocksStore& store, const ChainId& chain_id, const Retention& retention)
    : store_(store), chain_id_(chain_id), retention_(retention) {
  if (retention_.events == 0) retention_.events = retention_.blocks;
}

Pruner::~Pruner() {
  stopping_ = true;
  thread_.join();
}

bool Pruner::is_worth_it(std::uint64_t retained, Height lowest, std::uint64_t begun) const {
  return lowest != Height{0} && lowest.value() > begun + retained / kSlackDivisor;
}

void Pruner::consider(Height tip) {
  const Goal goal{.state = lowest_of(tip, retention_.states),
                  .chain = {.block = lowest_of(tip, retention_.blocks),
                            .results = lowest_of(tip, retention_.events)}};
  const bool worth = is_worth_it(retention_.states, goal.state, state_) ||
                     is_worth_it(retention_.blocks, goal.chain.block, block_) ||
                     is_worth_it(retention_.events, goal.chain.results, results_);
  if (!worth || busy_.exchange(true)) return;
  state_ = goal.state.value();
  block_ = goal.chain.block.value();
  results_ = goal.chain.results.value();
  boost::asio::post(thread_, [this, goal] {
    prune(goal);
    busy_ = false;
  });
}

void Pruner::prune(const Goal& goal) {
  prune_states(goal.state);
  prune_chain(retention_.archive.empty() ? goal.chain : archive(goal.chain));
}

// Erases by batches until nothing is left to erase or the node stops. How much it was; 0 when it
// stopped, so that nobody compacts then.
template <typename PruneSome>
std::size_t Pruner::erase_by_batches(const PruneSome& prune_some) {
  std::size_t erased = 0;
  while (!stopping_) {
    const auto pruning = prune_some(*store_.snapshot());
    if (!pruning.batch.writes.empty()) {
      const auto written = store_.write(pruning.batch);
      if (!written) stop_for_storage(written.error().reason);
    }
    erased += pruning.erased;
    if (pruning.done) break;
  }
  return stopping_ ? 0 : erased;
}

void Pruner::prune_states(Height lowest) {
  if (lowest == Height{0}) return;
  const std::size_t erased = erase_by_batches(
      [&](const Store& snapshot) { return state::prune_state(snapshot, lowest, kBudget); });
  // Erased keys take room until their files are rewritten.
  if (erased == 0) return;
  store_.compact_state(stopping_);
  spdlog::info("Old states are forgotten. lowest_height={} erased={}", lowest.value(), erased);
}

Result<Height, upkeep::Error> Pruner::check_archive(const Store& store,
                                                    const ledger::Kept& lowest) const {
  const ledger::Kept kept = ledger::Reader{store}.kept();
  const auto files = upkeep::list_archive(retention_.archive, chain_id_);
  if (!files) return std::unexpected(files.error());
  for (const auto& file : *files) {
    if (stopping_) break;
    if (!overlaps(file.name, kept.block, lowest.block) &&
        !overlaps(file.name, kept.results, lowest.results)) {
      continue;
    }
    const auto checked = upkeep::check_archived(store, file);
    if (!checked) return std::unexpected(checked.error());
  }
  return upkeep::first_not_archived(*files, kept.block);
}

ledger::Kept Pruner::archive(const ledger::Kept& lowest) const {
  const auto stop = [](const upkeep::Error& error) {
    spdlog::error("Blocks are not pruned, as they cannot be archived: {}", error.reason);
  };
  const Height goal = std::max(lowest.block, lowest.results);
  const auto snapshot = store_.snapshot();
  const auto checked = check_archive(*snapshot, lowest);
  if (!checked) {
    stop(checked.error());
    return {};
  }
  Height next = *checked;
  while (!stopping_ && next < goal) {
    const auto file = upkeep::write_archive(*snapshot, retention_.archive, next, goal.previous());
    if (!file) {
      stop(file.error());
      break;
    }
    next = file->name.last.next();
    spdlog::info("Blocks are archived. first={} last={} file={}", file->name.first.value(),
                 file->name.last.value(), file->path.string());
  }
  return {.block = std::min(lowest.block, next), .results = std::min(lowest.results, next)};
}

void Pruner::prune_chain(const ledger::Kept& lowest) {
  if (lowest.block == Height{0} && lowest.results == Height{0}) return;
  const std::size_t erased = erase_by_batches(
      [&](const Store& snapshot) { return ledger::prune_chain(snapshot, lowest, kBudget); });
  if (erased == 0) return;
  store_.compact_chain(stopping_);
  const ledger::Kept kept = ledger::Reader{store_}.kept();
  spdlog::info("Old blocks are forgotten. lowest_block={} lowest_results={} erased={}",
               kept.block.value(), kept.results.value(), erased);
}

}  // namespace salus::node
