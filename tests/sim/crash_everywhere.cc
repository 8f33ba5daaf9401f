// Owns: the scenarios, their script, and what must hold when the power has come back.
#include "sim/crash_everywhere.h"

#include <fmt/format.h>

#include "ledger/reader.h"
#include "sim/actions.h"

namespace salus::sim {

namespace {

constexpr std::uint64_t kStartMs = 60;
constexpr std::uint64_t kStepMs = 40;
// From the last step until the scenario has nothing more to write.
constexpr std::uint64_t kTailMs = 250;
constexpr std::uint64_t kDownMs = 20;
constexpr std::uint64_t kResumeMs = 60'000;

NetworkOptions options_of(const Scenario& scenario) {
  return {.n = scenario.n,
          .seed = scenario.seed,
          .faults = scenario.faults,
          .parameters = {{"consensus.epoch_blocks_min", 1}}};
}

class Script {
 public:
  explicit Script(const Scenario& scenario)
      : scenario_(scenario), network_(options_of(scenario)), epoch_(0) {
    std::uint64_t when = network_.now() + kStartMs;
    const auto step = [&](std::move_only_function<void()> action) {
      network_.at(when, std::move(action));
      when += kStepMs;
    };
    for (std::uint64_t i = 0; i < scenario.payments; ++i) {
      step([this, i] { pay(network_, node(i)); });
      if (i != 0) continue;
      if (scenario.life == Life::Boundary) {
        epoch_ = 1;
        step([this] { network_.ask_reseat(node(1)); });
      }
      if (scenario.life == Life::Recovery) {
        step([this] { network_.crash(scenario_.victim); });
        step([this] { network_.start(scenario_.victim); });
      }
    }
    end_ = when + kTailMs;
  }

  Network& network() { return network_; }
  const MemoryDisk& files() const { return network_.disk(scenario_.victim).files(); }

  // From here on the victim's operations count.
  void begin() {
    if (scenario_.has_first_start) return;
    network_.start_all();
    network_.run_for(kStartMs - 1);
  }
  // To the end of the script, or until the cut.
  bool play_until_cut() {
    network_.start_all();
    return network_.run_until([this] { return network_.was_cut(scenario_.victim); },
                              end_ - network_.now());
  }

  // The rest of the script, with everybody back.
  void come_back(bool all) {
    for (std::uint16_t node = 0; all && node < network_.size(); ++node) network_.crash(node);
    network_.run_for(kDownMs);
    network_.start_all();
    if (network_.now() < end_) network_.run_for(end_ - network_.now());
    network_.start_all();
  }

  // Empty, or what does not go on.
  std::string judge() {
    if (!settles(network_, kResumeMs)) return stall("the network does not settle");
    if (!network_.run_until([this] { return are_all_in_epoch(); }, kResumeMs)) {
      return stall("not all enter the epoch that was asked for");
    }
    for (std::uint16_t node = 0; node < network_.size(); ++node) {
      const consensus::CoreStatus status = network_.replica(node).status().consensus;
      if (status.mode == consensus::Mode::Voting) continue;
      return fmt::format("O12: v{} is {}\n", node, consensus::name(status.mode));
    }
    return judge_that_its_vote_counts();
  }

 private:
  std::uint16_t node(std::uint64_t i) const {
    return static_cast<std::uint16_t>((scenario_.victim + i) % network_.size());
  }
  bool are_all_in_epoch() const {
    for (std::uint16_t node = 0; node < network_.size(); ++node) {
      const std::uint64_t ledger =
          ledger::Reader{network_.disk(node).store()}.tip().validators.epoch();
      const Epoch core = network_.replica(node).status().consensus.epoch;
      if (ledger < epoch_ || core < Epoch{epoch_}) return false;
    }
    return true;
  }
  // As many others go as may, so that no quorum is without the one that crashed.
  std::string judge_that_its_vote_counts() {
    const std::size_t spare = network_.size() - network_.quorum();
    for (std::size_t i = 0; i < spare; ++i) network_.crash(node(1 + i), CrashKind::Process);
    const auto paid = pay(network_, scenario_.victim);
    const bool done = network_.run_until([&] { return network_.is_final(paid); }, kResumeMs);
    return done ? "" : stall("a quorum with the one that crashed finalizes nothing");
  }
  std::string stall(std::string_view what) const {
    std::string out = fmt::format("O14: {}\n", what);
    for (std::uint16_t node = 0; node < network_.size(); ++node) {
      if (!network_.is_up(node)) {
        out += fmt::format("  v{} is down\n", node);
        continue;
      }
      const ReplicaStatus status = network_.replica(node).status();
      out += fmt::format("  v{} {} epoch {} height {} view {} final {} waits for {}\n", node,
                         consensus::name(status.consensus.mode), status.consensus.epoch.value(),
                         status.tip.height.value(), status.consensus.view.value(),
                         status.consensus.finalized.value(),
                         consensus::name(status.consensus.waiting));
    }
    return out;
  }

  Scenario scenario_;
  Network network_;
  std::uint64_t epoch_;
  std::uint64_t end_ = 0;
};

std::string verdict(Script& script) {
  std::string failure = script.network().oracle().report();
  if (failure.empty()) failure = script.judge();
  script.network().oracle().finish();
  return script.network().oracle().report() + failure;
}

}  // namespace

std::string describe(const Scenario& scenario) {
  constexpr const char* kLives[] = {"blocks", "an epoch boundary", "a recovery"};
  return fmt::format(
      "scenario {}: {}, n {}, power cut at v{}, {} payments{}, links {}-{} ms, disks to {} ms",
      scenario.seed, kLives[static_cast<std::size_t>(scenario.life)], scenario.n, scenario.victim,
      scenario.payments, scenario.has_first_start ? ", first start" : "",
      scenario.faults.delay_ms_min, scenario.faults.delay_ms_max, scenario.faults.disk_ms_max);
}

Scenario draw_scenario(std::uint64_t seed) {
  constexpr std::size_t kSizes[] = {4, 4, 4, 1, 3, 5, 7};
  Random random{seed, 21};
  Scenario out;
  out.seed = seed;
  out.life = static_cast<Life>(seed % 3);
  out.n = kSizes[random.draw(0, std::size(kSizes) - 1)];
  out.victim = static_cast<std::uint16_t>(random.draw(0, out.n - 1));
  out.payments = random.draw(1, 4);
  out.has_first_start = random.one_in(2);
  out.faults.delay_ms_max = random.draw(1, 12);
  out.faults.disk_ms_max = random.draw(1, 10);
  out.faults.ordered = random.one_in(2);
  return out;
}

Recording record(const Scenario& scenario) {
  Script script{scenario};
  script.begin();
  const std::uint64_t made_with = script.files().operations();
  const OperationCounts before = script.files().operation_counts();
  script.play_until_cut();
  Recording out;
  out.operations = script.files().operations() - made_with;
  for (std::size_t i = 0; i < kDurableOperations; ++i) {
    out.counts[i] = script.files().operation_counts()[i] - before[i];
  }
  out.failure = verdict(script);
  return out;
}

CrashCase crash_case(std::uint64_t number) {
  CrashCase out;
  out.subset = number % kSectorSubsets;
  number /= kSectorSubsets;
  out.all = number % 2 == 1;
  number /= 2;
  out.after = number % 2 == 1;
  out.operation = number / 2 + 1;
  return out;
}

std::string describe(const CrashCase& which) {
  return fmt::format("power cut {} operation {}, {}, sector subset {}",
                     which.after ? "after" : "before", which.operation,
                     which.all ? "all at once" : "one node", which.subset);
}

Outcome play_crash(const Scenario& scenario, std::uint64_t number,
                   const std::function<void(const std::string&)>& listener) {
  const CrashCase which = crash_case(number);
  Script script{scenario};
  Network& network = script.network();
  if (listener) network.tell_to(listener);
  script.begin();
  PowerCut cut{.operation = script.files().operations() + which.operation, .after = which.after};
  if (which.subset == 0) cut.survival = PowerCut::Survival::None;
  if (which.subset == 1) cut.survival = PowerCut::Survival::All;
  network.cut_power_at(scenario.victim, cut, scenario.seed * kSectorSubsets + which.subset);
  Outcome out;
  out.seed = number;
  out.crashes = which.all ? network.size() : 1;
  if (script.play_until_cut()) {
    script.come_back(which.all);
    out.failure = verdict(script);
  } else {
    out.failure = "other: the operation of the recorded run did not come\n";
  }
  if (!out.held()) out.failure = fmt::format("{}{}\n", out.failure, describe(which));
  out.trace_hash = network.trace_hash();
  out.virtual_ms = network.now();
  out.events = network.events_run();
  out.frames = network.frames_sent();
  out.height = network.oracle().height().value();
  out.views = network.oracle().views_judged();
  out.transactions = network.clients();
  return out;
}

SweepTotals crash_everywhere(const Scenario& scenario, const Recording& recording,
                             std::uint64_t subsets, unsigned jobs) {
  const auto number_of = [subsets](std::uint64_t at) {
    const std::uint64_t cut = at / subsets;
    return cut * kSectorSubsets + (cut * subsets + at % subsets) % kSectorSubsets;
  };
  const std::uint64_t cuts = recording.operations * kCasesPerOperation / kSectorSubsets;
  return sweep(
      0, cuts * subsets - 1, jobs,
      [&](std::uint64_t at) {
        Outcome out = play_crash(scenario, number_of(at));
        out.seed = at;
        return out;
      },
      nullptr);
}

}  // namespace salus::sim
