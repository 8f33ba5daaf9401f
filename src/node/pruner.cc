// Owns: when old states go, and how much at a time.
#include "node/pruner.h"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>

#include "node/driver.h"
#include "state/prune.h"

namespace salus::node {

namespace {

// Keys erased by one batch: some ten milliseconds of disk.
constexpr std::size_t kBudget = 10'000;
// Forgetting begins once so much more than is kept is there, as a tenth of it, so that it is rare.
constexpr std::uint64_t kSlackDivisor = 10;

}  // namespace

Pruner::~Pruner() {
  stopping_ = true;
  thread_.join();
}

void Pruner::consider(Height tip) {
  if (retained_states_ == 0 || tip.value() <= retained_states_) return;
  const std::uint64_t lowest = tip.value() - retained_states_;
  if (lowest < lowest_.load() + retained_states_ / kSlackDivisor + 1) return;
  if (busy_.exchange(true)) return;
  lowest_ = lowest;
  boost::asio::post(thread_, [this, lowest] {
    prune(Height{lowest});
    busy_ = false;
  });
}

void Pruner::prune(Height lowest) {
  std::size_t erased = 0;
  while (!stopping_) {
    const auto pruning = state::prune_state(*store_.snapshot(), lowest, kBudget);
    if (!pruning.batch.writes.empty()) {
      const auto written = store_.write(pruning.batch);
      if (!written) stop_for_storage(written.error().reason);
    }
    erased += pruning.erased;
    if (pruning.done) break;
  }
  // Erased keys take room until their files are rewritten.
  if (!stopping_ && erased > 0) store_.compact_state();
  if (erased > 0) {
    spdlog::info("Old states are forgotten. lowest_height={} erased={}", lowest.value(), erased);
  }
}

}  // namespace salus::node
