// Owns: what runs with each change: fixed seeds, fresh seeds (printed), equal runs of equal seeds,
// and that a failure shrinks.
#include "sim/sweep.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "sim/actions.h"
#include "sim/adversary.h"
#include "sim/shrink.h"
#include "sim/trial.h"
#include "wire/transaction.h"

namespace salus::sim {
namespace {

constexpr std::uint64_t kFixedSeeds = 500;
constexpr std::uint64_t kFreshSeeds = 250;

void expect_that_all_hold(std::uint64_t first, std::uint64_t last) {
  const SweepTotals totals =
      sweep(first, last, 2, [](std::uint64_t seed) { return play(draw_plan(seed)); }, nullptr);
  EXPECT_EQ(totals.seeds, last - first + 1);
  for (const Outcome& failure : totals.failures) {
    ADD_FAILURE() << failure.failure << "replay: salus-sim --seed " << failure.seed;
  }
}

TEST(Sweep, fixed_seeds_of_all_faults_stay_safe_and_finish) {
  expect_that_all_hold(1, kFixedSeeds);
}

TEST(Sweep, fresh_seeds_of_all_faults_stay_safe_and_finish) {
  const std::uint64_t first = std::random_device{}() + std::uint64_t{1'000'000};
  fmt::print("salus-sim --seeds {}..{}\n", first, first + kFreshSeeds - 1);
  expect_that_all_hold(first, first + kFreshSeeds - 1);
}

TEST(Sweep, a_seed_gives_the_same_run_twice_and_another_seed_another_run) {
  std::set<std::uint64_t> hashes;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const Outcome once = play(draw_plan(seed));
    const Outcome again = play(draw_plan(seed));
    EXPECT_EQ(once.trace_hash, again.trace_hash) << "seed " << seed;
    EXPECT_EQ(once.events, again.events) << "seed " << seed;
    hashes.insert(once.trace_hash);
  }
  EXPECT_EQ(hashes.size(), 12U);
}

// The seeds in which somebody joins, leaves or changes keys: who is voted in has a seat in the end.
TEST(Sweep, members_come_and_go_in_the_middle_of_faults) {
  constexpr std::uint64_t kRuns = 8;
  std::uint64_t runs = 0;
  std::uint64_t changes = 0;
  for (std::uint64_t seed = 1; runs < kRuns; ++seed) {
    const Plan plan = draw_plan(seed);
    const bool has_members = std::ranges::any_of(plan.faults, [](const Fault& fault) {
      return fault.kind == FaultKind::Join || fault.kind == FaultKind::Leave ||
             fault.kind == FaultKind::Rekey;
    });
    if (!has_members || plan.ticks > 30'000) continue;
    ++runs;
    const Outcome outcome = play(plan);
    EXPECT_TRUE(outcome.held()) << outcome.failure << "replay: salus-sim --seed " << seed;
    changes += outcome.set_changes;
  }
  EXPECT_GE(changes, kRuns);
}

// Modules by the numbers of their actions (action.proto).
TEST(Sweep, clients_use_all_modules) {
  struct Module {
    const char* name;
    int first;
    int last;
  };
  constexpr Module kModules[] = {{"accounts", 10, 29},   {"assets", 30, 49},
                                 {"membership", 50, 89}, {"governance", 100, 149},
                                 {"treasury", 150, 189}, {"validators", 190, 209}};
  std::map<int, std::uint64_t> applied;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    Trial trial{draw_plan(seed)};
    EXPECT_TRUE(trial.play().held()) << "seed " << seed;
    for (Network::Handle handle = 0; handle < trial.network().clients(); ++handle) {
      const Network::Client& client = trial.network().client(handle);
      if (!client.result || client.result->code() != v1::ERROR_CODE_UNSPECIFIED) continue;
      const auto transaction = wire::Transaction::decode(client.transaction);
      for (const v1::Action& action : transaction->body().actions()) ++applied[action.kind_case()];
    }
  }
  for (const Module& module : kModules) {
    std::uint64_t count = 0;
    for (const auto& [kind, times] : applied) {
      if (module.first <= kind && kind <= module.last) count += times;
    }
    fmt::print("{} {}\n", module.name, count);
    EXPECT_GT(count, 0U) << module.name;
  }
  EXPECT_GE(applied.size(), 20U) << "kinds of actions";
}

// A network of four in which one crashes, an epoch ends and clients pay; node 0 is the traitor.
std::uint64_t trace_with(std::uint64_t seed, std::optional<Treason> treason) {
  Faults faults;
  faults.delay_ms_max = 20;
  faults.lost = 50;
  NetworkOptions options = validators(4, seed, faults);
  options.parameters.emplace_back("consensus.epoch_blocks_min", 1);
  Network network{options};
  Adversary adversary{network, 0, seed};
  network.corrupt(0, &adversary);
  if (treason) adversary.commit(*treason);
  network.start_all();
  network.at(network.now() + 1'000, [&] { network.crash(3); });
  network.at(network.now() + 2'500, [&] { network.start(3); });
  network.at(network.now() + 3'000, [&] { network.ask_reseat(1); });
  for (int i = 0; i < 20; ++i) {
    pay(network, 1, "mira");
    network.run_for(400);
  }
  EXPECT_TRUE(network.oracle().violations().empty()) << network.oracle().report();
  const std::uint64_t trace = network.trace_hash();
  network.corrupt(0, nullptr);
  return trace;
}

TEST(Treasons, each_alone_changes_what_the_others_hear) {
  for (std::size_t i = 0; i < kTreasons; ++i) {
    const auto treason = static_cast<Treason>(i);
    bool acts = false;
    for (std::uint64_t seed = 1; seed <= 6 && !acts; ++seed) {
      acts = trace_with(seed, treason) != trace_with(seed, std::nullopt);
    }
    EXPECT_TRUE(acts) << name(treason);
  }
}

TEST(Sweep, a_process_that_dies_is_a_failure_of_its_seed_alone) {
  const SweepTotals totals = sweep(
      1, 200, 2,
      [](std::uint64_t seed) {
        if (seed == 77) std::_Exit(3);
        Outcome out;
        out.seed = seed;
        return out;
      },
      nullptr);
  EXPECT_EQ(totals.seeds, 200U);
  ASSERT_EQ(totals.failures.size(), 1U);
  EXPECT_EQ(totals.failures.front().seed, 77U);
}

TEST(Shrink, finds_the_two_faults_that_break_it_together) {
  Plan plan;
  for (std::uint64_t i = 0; i < 20; ++i) {
    plan.faults.push_back({.kind = FaultKind::Pause, .at = i, .place = i});
  }
  const Shrunk shrunk = shrink(
      plan, "O3",
      [](const Plan& fewer) -> std::string {
        std::set<std::uint64_t> times;
        for (const Fault& fault : fewer.faults) times.insert(fault.at);
        return times.contains(4) && times.contains(17) ? "O3" : "";
      },
      200);
  EXPECT_EQ(shrunk.kept, (std::set<std::size_t>{4, 17}));
}

TEST(Plan, every_kind_of_fault_and_of_treason_is_drawn) {
  std::set<FaultKind> kinds;
  std::set<std::uint64_t> treasons;
  std::set<std::size_t> sizes;
  std::uint64_t ticks_max = 0;
  for (std::uint64_t seed = 1; seed <= 5'000; ++seed) {
    const Plan plan = draw_plan(seed);
    sizes.insert(plan.n);
    std::set<std::uint16_t> spoilt;
    for (const Fault& fault : plan.faults) {
      kinds.insert(fault.kind);
      if (fault.kind == FaultKind::Traitor) treasons.insert(fault.amount);
      if (fault.kind >= FaultKind::BitFlip) spoilt.insert(fault.node);
    }
    std::size_t leaving = 0;
    for (const Fault& fault : plan.faults) leaving += fault.kind == FaultKind::Leave ? 1U : 0U;
    EXPECT_LE(spoilt.size(), (plan.n - leaving - 1) / 3) << "seed " << seed;
    ticks_max = std::max(ticks_max, plan.ticks);
  }
  EXPECT_EQ(kinds.size(), static_cast<std::size_t>(FaultKind::Traitor) + 1);
  EXPECT_EQ(treasons.size(), kTreasons);
  EXPECT_GT(ticks_max, 200'000U);
  EXPECT_EQ(sizes, (std::set<std::size_t>{1, 3, 4, 5, 7, 10, 13, 31}));
}

}  // namespace
}  // namespace salus::sim
