// Owns: the measurements and the table.
#include "sim/latency.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ledger/reader.h"
#include "sim/actions.h"

namespace salus::sim {

namespace {

constexpr std::uint64_t kDelayMs = 50;
constexpr std::uint64_t kSyncMs = 1;
// The defaults of section 5.
constexpr std::uint64_t kDelta = 500;
constexpr std::uint64_t kLeaderTimeoutMs = 2 * kDelta;
constexpr std::uint64_t kRetryMs = 1'000;
constexpr std::size_t kBlocks = 60;

Faults links() {
  Faults faults;
  faults.delay_ms_min = faults.delay_ms_max = kDelayMs;
  faults.disk_ms_min = faults.disk_ms_max = kSyncMs;
  return faults;
}

double in_delays(double ms) { return ms / static_cast<double>(kDelayMs); }

double percentile(std::vector<double> values, double part) {
  if (values.empty()) return 1e9;
  std::ranges::sort(values);
  const auto place = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1) + 0.5);
  return values[place];
}

// When each block was first offered, and when q ledgers had it.
class Watch {
 public:
  explicit Watch(Network& network) : network_(network) {
    network_.watch([this](const Frame& frame) {
      if (frame.type == FrameType::Block) {
        ByteReader in{frame.payload};
        (void)in.u64();
        offered_.emplace(in.fixed<Digest>(), network_.now());
      }
      return true;
    });
  }

  // Sees what became final since it looked last.
  void look() {
    while (network_.height_of(network_.quorum()).value() > final_.size()) {
      final_.push_back(network_.now());
    }
  }

  // From the offer of a block to q ledgers, of the blocks after the first ones.
  std::vector<double> finality(std::uint64_t from_height) const {
    std::vector<double> out;
    const ledger::Reader reader{network_.disk(0).store()};
    for (std::uint64_t height = from_height; height <= final_.size(); ++height) {
      const auto stored = reader.stored_block(Height{height});
      const auto block = ledger::Block::decode(as_bytes(stored->bytes));
      const auto found = offered_.find(block->digest());
      if (found == offered_.end()) continue;
      out.push_back(static_cast<double>(final_[height - 1] - found->second));
    }
    return out;
  }
  std::vector<double> block_times(std::uint64_t from_height) const {
    std::vector<double> out;
    for (std::size_t i = from_height; i < final_.size(); ++i) {
      out.push_back(static_cast<double>(final_[i] - final_[i - 1]));
    }
    return out;
  }
  std::size_t count() const { return final_.size(); }

 private:
  Network& network_;
  std::map<Digest, std::uint64_t> offered_;
  std::vector<std::uint64_t> final_;
};

// Under load: the mempools are never empty.
void measure_load(std::size_t n, std::vector<Measure>& out) {
  NetworkOptions options = validators(n, 1, links());
  Network network{options};
  network.start_all();
  network.run_for(2'000);
  Watch watch{network};
  const std::uint64_t first = network.height_of(1).value() + 5;
  const std::uint64_t start = network.now();
  std::uint64_t paid = start;
  while (watch.count() < first + kBlocks && network.now() < start + 60'000) {
    if (network.now() >= paid) {
      pay(network, static_cast<std::uint16_t>(paid / 20 % n));
      paid += 20;
    }
    network.run_for(1);
    watch.look();
  }
  out.push_back({fmt::format("n = {}: finality p50", n),
                 in_delays(percentile(watch.finality(first), 0.5)), 3.3, "δ"});
  out.push_back({fmt::format("n = {}: block time p50", n),
                 in_delays(percentile(watch.block_times(first), 0.5)), 2.2, "δ"});
  out.push_back({fmt::format("n = {}: finality p99", n),
                 in_delays(percentile(watch.finality(first), 0.99)), 1e9, "δ"});
}

// From submission at a follower until q ledgers have it.
double time_of_payment(Network& network, std::uint16_t node, std::uint64_t limit_ms) {
  const std::uint64_t began = network.now();
  const auto handle = pay(network, node);
  network.run_until([&] { return network.is_final(handle); }, limit_ms);
  if (!network.is_final(handle)) return 1e9;
  network.run_until(
      [&] {
        return network.height_of(network.quorum()) >= network.client(handle).height &&
               network.height_of(network.quorum()) >= network.oracle().height();
      },
      limit_ms);
  return static_cast<double>(network.now() - began);
}

// One of four dies. Its first turn costs at most t_l + 6δ, each later one at most 2δ more than a
// turn of others does.
void measure_dead_leader(std::vector<Measure>& out) {
  Network network{validators(4, 1, links())};
  network.start_all();
  network.run_for(2'000);
  std::vector<double> healthy;
  for (int i = 0; i < 12; ++i) healthy.push_back(time_of_payment(network, 0, 30'000));
  network.crash(3);
  std::vector<double> times;
  for (int i = 0; i < 40; ++i) times.push_back(time_of_payment(network, 0, 30'000));
  const double usual = percentile(healthy, 0.5);
  // Detection takes the first turns; the rest is after it.
  const std::vector<double> first{times.begin(), times.begin() + 8};
  const std::vector<double> later{times.begin() + 8, times.end()};
  out.push_back({"one dead leader, first turn: slowest finality", percentile(first, 1.0),
                 static_cast<double>(kLeaderTimeoutMs + 6 * kDelayMs), "ms"});
  out.push_back({"one dead leader, later turns: slowest, over healthy p50",
                 in_delays(percentile(later, 1.0) - usual), 2.0, "δ"});
}

// Two of four are gone for `outage_ms`; then they are back, or one of them is.
void measure_outage(std::uint64_t outage_ms, bool one_stays_dead, std::string_view name,
                    std::vector<Measure>& out) {
  Network network{validators(4, 1, links())};
  network.start_all();
  network.run_for(2'000);
  pay(network, 0);
  network.run_for(3'000);
  network.crash(2);
  network.crash(3);
  const auto handle = pay(network, 0);
  network.run_for(outage_ms);
  const std::uint64_t back = network.now();
  network.start(2);
  if (!one_stays_dead) network.start(3);
  network.run_until([&] { return network.is_final(handle); }, 60'000);
  network.run_until(
      [&] { return network.height_of(network.quorum()) >= network.oracle().height(); }, 60'000);
  const double took = network.is_final(handle) ? static_cast<double>(network.now() - back) : 1e9;
  const std::uint64_t bound =
      kRetryMs + 6 * kDelayMs + (one_stays_dead ? kLeaderTimeoutMs + kDelayMs : 0);
  out.push_back({fmt::format("quorum lost for {}{}: first finalization", name,
                             one_stays_dead ? ", one stays dead" : ""),
                 took, static_cast<double>(bound), "ms"});
}

}  // namespace

std::vector<Measure> measure_latency(const std::vector<std::size_t>& sizes) {
  std::vector<Measure> out;
  for (const std::size_t n : sizes) measure_load(n, out);
  measure_dead_leader(out);
  constexpr std::uint64_t kMinute = 60'000;
  for (const bool dead : {false, true}) {
    measure_outage(kMinute, dead, "1 minute", out);
    measure_outage(3 * 24 * 60 * kMinute, dead, "3 days", out);
  }
  return out;
}

bool print_latency(bool json) {
  const std::vector<Measure> measures = measure_latency({4, 16, 64});
  bool all_hold = true;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  if (!json) fmt::print("δ = {} ms, sync {} ms\n", kDelayMs, kSyncMs);
  for (const Measure& measure : measures) {
    all_hold &= measure.holds();
    if (json) {
      list.push_back({{"name", measure.name},
                      {"value", measure.value},
                      {"bound", measure.bound},
                      {"unit", measure.unit},
                      {"holds", measure.holds()}});
      continue;
    }
    const std::string bound =
        measure.bound < 1e8 ? fmt::format("at most {:.1f} {}", measure.bound, measure.unit) : "";
    fmt::print("{:<62} {:>8.2f} {:<3} {:<18} {}\n", measure.name, measure.value, measure.unit,
               bound, measure.holds() ? "holds" : "MISSED");
  }
  if (json) fmt::print("{}\n", list.dump(2));
  return all_hold;
}

}  // namespace salus::sim
