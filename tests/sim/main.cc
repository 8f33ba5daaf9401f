// Owns: the command line of salus-sim.
#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/crash_everywhere.h"
#include "sim/latency.h"
#include "sim/shrink.h"
#include "sim/sweep.h"
#include "sim/trial.h"
#include "sim/twins.h"

namespace salus::sim {
namespace {

constexpr std::size_t kShrinkRunsMax = 200;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

struct Options {
  std::optional<std::uint64_t> seed;
  std::string seeds;
  std::uint64_t ticks = 0;
  std::string only;
  bool has_only = false;
  bool trace = false;
  bool twins = false;
  std::size_t n = 4;
  bool latency = false;
  bool crash_everywhere = false;
  std::uint64_t scenarios = 1;
  std::optional<std::uint64_t> crash_case;
  bool json = false;
  unsigned jobs = 1;
  bool no_shrink = false;
};

std::set<std::size_t> parse_places(const std::string& text) {
  std::set<std::size_t> places;
  std::istringstream in{text};
  for (std::string part; std::getline(in, part, ',');) {
    if (!part.empty() && part != "none") places.insert(std::stoul(part));
  }
  return places;
}

std::string join(const std::set<std::size_t>& places) {
  return places.empty() ? std::string{"none"} : fmt::format("{}", fmt::join(places, ","));
}

Plan plan_of(const Options& options, std::uint64_t seed) {
  const Plan plan = draw_plan(seed, options.ticks);
  return options.has_only ? only(plan, parse_places(options.only)) : plan;
}

Outcome play_one(const Options& options, std::uint64_t seed) {
  if (options.twins) return play_twins(twins_case(options.n, seed));
  return play(plan_of(options, seed));
}

std::string replay_line(const Options& options, std::uint64_t seed,
                        const std::optional<std::set<std::size_t>>& kept) {
  std::string line = "salus-sim";
  if (options.twins) line += fmt::format(" --twins --n {}", options.n);
  line += fmt::format(" --seed {}", seed);
  if (options.ticks != 0) line += fmt::format(" --ticks {}", options.ticks);
  if (kept) line += fmt::format(" --only {}", join(*kept));
  return line;
}

// Each try in a process of its own, because some failures are deaths.
void report_failure(const Options& options, const Outcome& outcome) {
  fmt::print(stderr, "seed {} breaks {}:\n{}", outcome.seed, outcome.broken(), outcome.failure);
  if (options.twins || options.no_shrink) {
    fmt::print(stderr, "replay: {}\n", replay_line(options, outcome.seed, std::nullopt));
    return;
  }
  const Plan plan = plan_of(options, outcome.seed);
  const Shrunk shrunk = shrink(
      plan, outcome.broken(),
      [](const Plan& fewer) {
        return play_isolated(fewer.seed, [&fewer](std::uint64_t) { return play(fewer); }).broken();
      },
      kShrinkRunsMax);
  fmt::print(stderr, "shortest fault list found in {} runs: {} of {}\n{}replay: {}\n", shrunk.runs,
             shrunk.kept.size(), plan.faults.size(), describe(only(plan, shrunk.kept)),
             replay_line(options, outcome.seed, shrunk.kept));
}

nlohmann::ordered_json to_json(const Outcome& outcome) {
  return {{"seed", outcome.seed},
          {"held", outcome.held()},
          {"broken", outcome.broken()},
          {"failure", outcome.failure},
          {"trace_hash", fmt::format("{:016x}", outcome.trace_hash)},
          {"virtual_ms", outcome.virtual_ms},
          {"events", outcome.events},
          {"frames", outcome.frames},
          {"height", outcome.height},
          {"views", outcome.views},
          {"transactions", outcome.transactions},
          {"crashes", outcome.crashes},
          {"aborts", outcome.aborts},
          {"evidence", outcome.alarms},
          {"epochs", outcome.epochs},
          {"set_changes", outcome.set_changes},
          {"snapshots", outcome.snapshots},
          {"healed_first_ms", outcome.healed_first_ms},
          {"healed_done_ms", outcome.healed_done_ms}};
}

int run_one(const Options& options) {
  const std::uint64_t seed = *options.seed;
  const auto tell = [](const std::string& line) { fmt::print("{}\n", line); };
  Outcome outcome;
  if (options.twins) {
    outcome =
        options.trace ? play_twins(twins_case(options.n, seed), tell) : play_one(options, seed);
  } else {
    if (!options.json) fmt::print("{}", describe(plan_of(options, seed)));
    outcome = options.trace
                  ? play(plan_of(options, seed), tell)
                  : play_isolated(seed, [&](std::uint64_t one) { return play_one(options, one); });
  }
  if (options.json) {
    fmt::print("{}\n", to_json(outcome).dump(2));
  } else {
    fmt::print(
        "seed {}: {} virtual ms, {} events, height {}, {} views, {} transactions, {} crashes\n"
        "trace hash {:016x}\n",
        seed, outcome.virtual_ms, outcome.events, outcome.height, outcome.views,
        outcome.transactions, outcome.crashes, outcome.trace_hash);
  }
  if (outcome.held()) {
    if (!options.json) fmt::print("every invariant held\n");
    return 0;
  }
  report_failure(options, outcome);
  return kExitFailed;
}

// A failure is told when it is found, since a long sweep may be stopped before its end.
void tell_progress(const Options& options, const SweepTotals& so_far, std::uint64_t seeds,
                   std::size_t& failures_told) {
  for (; failures_told < so_far.failures.size(); ++failures_told) {
    const Outcome& failure = so_far.failures[failures_told];
    fmt::print(stderr, "seed {} breaks {}; replay: {}\n", failure.seed, failure.broken(),
               replay_line(options, failure.seed, std::nullopt));
  }
  fmt::print(stderr, "{:>8} of {} seeds, {:.1f} seeds/s, {} failures\n", so_far.seeds, seeds,
             static_cast<double>(so_far.seeds) / so_far.seconds, so_far.failures.size());
}

int run_many(const Options& options) {
  const std::size_t dots = options.seeds.find("..");
  if (dots == std::string::npos) {
    fmt::print(stderr, "--seeds takes a range, as in 1..2000.\n");
    return kExitUsage;
  }
  const std::uint64_t first = std::stoull(options.seeds.substr(0, dots));
  const std::uint64_t last = std::stoull(options.seeds.substr(dots + 2));
  std::size_t failures_told = 0;
  const SweepTotals totals = sweep(
      first, last, options.jobs, [&](std::uint64_t seed) { return play_one(options, seed); },
      [&](const SweepTotals& so_far) {
        tell_progress(options, so_far, last - first + 1, failures_told);
      });
  const double rate = static_cast<double>(totals.seeds) / std::max(totals.seconds, 0.001);
  if (options.json) {
    nlohmann::ordered_json json{{"seeds", totals.seeds},
                                {"seconds", totals.seconds},
                                {"seeds_per_second", rate},
                                {"virtual_ms", totals.virtual_ms},
                                {"events", totals.events},
                                {"frames", totals.frames},
                                {"blocks", totals.blocks},
                                {"views", totals.views},
                                {"transactions", totals.transactions},
                                {"crashes", totals.crashes},
                                {"aborts", totals.aborts},
                                {"evidence", totals.alarms},
                                {"epochs", totals.epochs},
                                {"set_changes", totals.set_changes},
                                {"snapshots", totals.snapshots},
                                {"healed_done_ms_max", totals.healed_done_ms_max},
                                {"trace_digest", fmt::format("{:016x}", totals.trace_digest)},
                                {"failures", nlohmann::ordered_json::array()}};
    for (const Outcome& failure : totals.failures) json["failures"].push_back(to_json(failure));
    fmt::print("{}\n", json.dump(2));
  } else {
    fmt::print(
        "seeds               {}\nseconds             {:.1f}\nseeds per second    {:.1f}\n"
        "virtual hours       {:.1f}\nevents              {}\nframes              {}\n"
        "blocks              {}\nviews               {}\ntransactions        {}\n"
        "crashes             {}\naborts on disk      {}\nevidence reported   {}\n"
        "epochs begun        {}\nsets changed        {}\nsnapshots joined    {}\n"
        "slowest healing     {} ms\ntrace digest        {:016x}\nfailures            {}\n",
        totals.seeds, totals.seconds, rate, static_cast<double>(totals.virtual_ms) / 3'600'000,
        totals.events, totals.frames, totals.blocks, totals.views, totals.transactions,
        totals.crashes, totals.aborts, totals.alarms, totals.epochs, totals.set_changes,
        totals.snapshots, totals.healed_done_ms_max, totals.trace_digest, totals.failures.size());
  }
  // The first ones in full; a broken rule breaks in many seeds.
  constexpr std::size_t kReportedMax = 5;
  for (std::size_t i = 0; i < std::min(kReportedMax, totals.failures.size()); ++i) {
    report_failure(options, totals.failures[i]);
  }
  if (totals.failures.size() > kReportedMax) {
    std::string others;
    for (std::size_t i = kReportedMax; i < std::min<std::size_t>(40, totals.failures.size()); ++i) {
      others += fmt::format(" {}({})", totals.failures[i].seed, totals.failures[i].broken());
    }
    fmt::print(stderr, "also:{}\n", others);
  }
  return totals.failures.empty() ? 0 : kExitFailed;
}

// One case of one scenario again: --seed S --crash-case C.
int run_crash_case(const Options& options) {
  const Scenario scenario = draw_scenario(options.seed.value_or(1));
  const std::uint64_t number = *options.crash_case;
  fmt::print("{}\n{}\n", describe(scenario), describe(crash_case(number)));
  std::function<void(const std::string&)> tell;
  if (options.trace) tell = [](const std::string& line) { fmt::print("{}\n", line); };
  const Outcome outcome = play_crash(scenario, number, tell);
  fmt::print("{}", outcome.held() ? "every invariant held\n" : outcome.failure);
  return outcome.held() ? 0 : kExitFailed;
}

std::string words(const OperationCounts& counts) {
  std::string out;
  for (std::size_t i = 0; i < kDurableOperations; ++i) {
    if (!out.empty()) out += ", ";
    out += fmt::format("{} {}", counts[i], name(static_cast<DurableOperation>(i)));
  }
  return out;
}

int run_crash_everywhere(const Options& options) {
  constexpr std::size_t kToldMax = 3;
  const std::uint64_t first = options.seed.value_or(1);
  std::uint64_t operations = 0;
  std::uint64_t cases = 0;
  std::uint64_t failures = 0;
  for (std::uint64_t seed = first; seed < first + options.scenarios; ++seed) {
    const Scenario scenario = draw_scenario(seed);
    const Recording recording = record(scenario);
    fmt::print("{}\n  N {}: {}\n", describe(scenario), recording.operations,
               words(recording.counts));
    if (!recording.failure.empty()) fmt::print("  without a cut: {}", recording.failure);
    const SweepTotals totals = crash_everywhere(scenario, recording, kSectorSubsets, options.jobs);
    fmt::print("  {} cases, {:.1f} s, {} failures\n", totals.seeds, totals.seconds,
               totals.failures.size());
    for (std::size_t i = 0; i < std::min(kToldMax, totals.failures.size()); ++i) {
      const Outcome& failure = totals.failures[i];
      fmt::print("{}replay: salus-sim --seed {} --crash-case {} --trace\n", failure.failure, seed,
                 failure.seed);
    }
    std::fflush(stdout);
    operations += recording.operations;
    cases += totals.seeds;
    failures += totals.failures.size() + (recording.failure.empty() ? 0U : 1U);
  }
  fmt::print("scenarios {}, N {}, cases {}, failures {}\n", options.scenarios, operations, cases,
             failures);
  return failures == 0 ? 0 : kExitFailed;
}

int run(int argc, char** argv) {
  // A run frees what the next one takes: giving it back to the kernel in between costs time.
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_TOP_PAD, 64 << 20);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  Options options;
  CLI::App app{"Runs whole Salus replicas on a virtual network, clock and disk, from one seed."};
  app.add_option("--seed", options.seed, "Play this seed");
  app.add_option("--seeds", options.seeds, "Play a range of seeds: A..B");
  app.add_option("--ticks", options.ticks, "Virtual ms of faults; 0: as each seed says");
  const auto* const only_option =
      app.add_option("--only", options.only, "Keep only these faults of the plan: 3,7,9 or none");
  app.add_flag("--trace", options.trace, "Print every event");
  app.add_flag("--twins", options.twins, "Seeds are Twins cases: f validators run twice");
  app.add_option("--n", options.n, "Validators of Twins cases: 4 or 7")
      ->check(CLI::IsMember({4, 7}));
  app.add_flag("--latency", options.latency, "Print the latency table of the targets");
  app.add_flag("--crash-everywhere", options.crash_everywhere,
               "Cut the power before and after each durable operation of scenarios from --seed on");
  app.add_option("--scenarios", options.scenarios, "How many scenarios");
  app.add_option("--crash-case", options.crash_case, "Play one case of the scenario --seed");
  app.add_flag("--json", options.json, "The same facts as JSON");
  app.add_option("--jobs", options.jobs, "Processes of a sweep")->check(CLI::Range(1, 64));
  app.add_flag("--no-shrink", options.no_shrink, "Report failures as they are");
  CLI11_PARSE(app, argc, argv);
  options.has_only = only_option->count() > 0;
  if (options.latency) return print_latency(options.json) ? 0 : kExitFailed;
  if (options.crash_case) return run_crash_case(options);
  if (options.crash_everywhere) return run_crash_everywhere(options);
  if (options.seed) return run_one(options);
  if (!options.seeds.empty()) return run_many(options);
  fmt::print(stderr, "Say --seed S, --seeds A..B, --crash-everywhere or --latency. See --help.\n");
  return kExitUsage;
}

}  // namespace
}  // namespace salus::sim

int main(int argc, char** argv) { return salus::sim::run(argc, argv); }
