// Owns: many short runs, each with faults drawn from its seed: a phase in which nothing is safe
// from the network, the clock and the power, and one in which everybody is healed and must finish
// (consensus.md, section 16, "two phases"). SALUS_SEED runs one seed alone.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "replica/actions.h"

namespace salus::replica::testing {
namespace {

constexpr std::uint64_t kSeeds = 200;
// Generous: restarted leaders cost a t_l each, and back-off has grown.
constexpr std::uint64_t kHealMs = 60'000;

class Trial {
 public:
  explicit Trial(std::uint64_t seed) : random_(seed), network_(draw_options(seed)) {}

  // What went wrong, or nothing.
  std::string play() {
    network_.start_all();
    const std::uint64_t steps = draw(15, 40);
    for (std::uint64_t i = 0; i < steps; ++i) {
      disturb();
      network_.run_for(draw(1, 800));
    }
    heal();
    for (std::uint64_t spent = 0; spent < kHealMs && !is_done(); spent += 1'000) {
      network_.submit_lost_again();
      network_.run_until([this] { return is_done(); }, 1'000);
    }
    std::string failure = network_.oracle().report();
    if (!is_done()) failure += stall();
    return failure;
  }

  std::uint64_t trace_hash() const { return network_.trace_hash(); }

 private:
  std::uint64_t draw(std::uint64_t low, std::uint64_t high) {
    return low + random_() % (high - low + 1);
  }
  bool chance(std::uint64_t percent) { return draw(1, 100) <= percent; }
  std::uint16_t any_node() { return static_cast<std::uint16_t>(draw(0, network_.size() - 1)); }

  NetworkOptions draw_options(std::uint64_t seed) {
    constexpr std::size_t kSizes[] = {1, 2, 3, 4, 4, 4, 4, 5, 7};
    NetworkOptions options = validators(kSizes[draw(0, std::size(kSizes) - 1)], seed);
    Faults& faults = options.faults;
    if (chance(70)) faults.delay_ms_max = draw(1, 120);
    if (chance(50)) faults.lost = static_cast<std::uint32_t>(draw(0, 300));
    if (chance(50)) faults.repeated = static_cast<std::uint32_t>(draw(0, 500));
    if (chance(70)) faults.disk_ms_max = draw(0, 25);
    if (chance(50)) faults.verify_ms_max = draw(0, 20);
    if (chance(50)) faults.clock_off_ms_max = draw(0, 400);
    if (chance(30)) options.parameters.emplace_back("consensus.block_interval_ms", draw(0, 500));
    return options;
  }

  void disturb() {
    constexpr const char* kPayers[] = {"mira", "noor", "chen", "ada", "hope"};
    const std::uint16_t node = any_node();
    const std::uint64_t what = draw(0, 99);
    if (what < 50) {
      pay(network_, node, kPayers[draw(0, 4)]);
    } else if (what < 60) {
      network_.crash(node);
    } else if (what < 75) {
      network_.start(node);
    } else if (what < 80) {
      const auto leader = network_.is_up(node) ? network_.replica(node).status().consensus.leader
                                               : ValidatorIndex{node};
      network_.crash(leader.value());
    } else if (what < 83) {
      for (std::uint16_t i = 0; i < network_.size(); ++i) network_.crash(i);
    } else if (what < 87) {
      network_.start_all();
    } else if (what < 94) {
      part();
    } else {
      network_.heal();
    }
  }

  void part() {
    std::vector<std::set<std::uint16_t>> groups(draw(2, 3));
    for (std::uint16_t i = 0; i < network_.size(); ++i) {
      groups[draw(0, groups.size() - 1)].insert(i);
    }
    network_.partition(groups);
  }

  void heal() {
    Faults faults;
    faults.delay_ms_max = 5;
    faults.disk_ms_max = 2;
    network_.set_faults(faults);
    network_.heal();
    network_.start_all();
    for (std::uint16_t i = 0; i < network_.size(); ++i) pay(network_, i, "zed");
  }

  bool is_done() const {
    return network_.are_all_final() && network_.all_equal() &&
           network_.height_of(network_.size()) == network_.oracle().height();
  }

  std::string stall() const {
    std::string out = fmt::format("not done {} ms after healing:\n", kHealMs);
    for (std::uint16_t i = 0; i < network_.size(); ++i) {
      if (!network_.is_up(i)) continue;
      const ReplicaStatus status = network_.replica(i).status();
      out += fmt::format("  v{} {} height {} view {} final {} heard {} waits for {}, {} waiting\n",
                         i, consensus::name(status.consensus.mode), status.tip.height.value(),
                         status.consensus.view.value(), status.consensus.finalized.value(),
                         status.consensus.heard, consensus::name(status.consensus.waiting),
                         status.waiting_transactions);
    }
    return out;
  }

  std::mt19937_64 random_;
  Network network_;
};

TEST(Sweep, many_seeds_of_all_faults_stay_safe_and_finish) {
  const char* const only = std::getenv("SALUS_SEED");
  const std::uint64_t first = only != nullptr ? std::strtoull(only, nullptr, 10) : 1;
  const std::uint64_t count = only != nullptr ? 1 : kSeeds;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const std::string failure = Trial{seed}.play();
    EXPECT_EQ(failure, "") << replay_command(seed,
                                             "Sweep.many_seeds_of_all_faults_stay_safe_and_finish");
  }
}

TEST(Sweep, a_seed_gives_the_same_run_twice_and_another_seed_another_run) {
  const auto hash_of = [](std::uint64_t seed) {
    Trial trial{seed};
    EXPECT_EQ(trial.play(), "");
    return trial.trace_hash();
  };
  const std::uint64_t first = hash_of(5);
  EXPECT_EQ(hash_of(5), first);
  EXPECT_NE(hash_of(6), first);
}

}  // namespace
}  // namespace salus::replica::testing
