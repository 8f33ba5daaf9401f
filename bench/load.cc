// Owns: the load itself: sessions that keep their window full, and what is read before and after.
#include "load.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "salus/client.h"
#include "storage/keystore.h"
#include "upkeep/verify.h"

namespace salus::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLowLoadPause{100};

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

struct Account {
  std::string name;
  AccountId id;
  client::SigningKey key;
};

Result<std::vector<Account>, NetworkError> load_accounts(const std::string& folder) {
  std::ifstream file{folder + "/accounts.json"};
  const auto parsed = nlohmann::json::parse(file, nullptr, false);
  if (!parsed.is_object()) {
    return std::unexpected(NetworkError{folder + "/accounts.json is missing."});
  }
  std::vector<Account> accounts;
  for (const auto& [name, id] : parsed.items()) {
    const auto account = AccountId::from_hex(id.get<std::string>());
    const auto key = storage::load_key(fmt::format("{}/keys/{}.key", folder, name),
                                       storage::KeyPurpose::Account, "");
    if (!account || !key) continue;
    accounts.push_back(
        {.name = name, .id = *account, .key = client::SigningKey::from_seed(key->seed())});
  }
  return accounts;
}

struct Counts {
  std::uint64_t height = 0;
  std::uint64_t syncs = 0;
};

// One account's load on one node. Callbacks outlive run() by nothing: it waits for all of them.
class Loader {
 public:
  Loader(client::Client& client, const Account& account, const AccountId& to)
      : client_(client), account_(account), to_(to) {}

  // Sends whenever fewer than `in_flight` wait, `pause` after the last one.
  void run(Clock::time_point until, std::size_t in_flight, std::chrono::milliseconds pause) {
    auto session = client::Session::open(client_, account_.id, {&account_.key});
    if (!session) return;
    while (Clock::now() < until) {
      {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [&] { return waiting_ < in_flight || refresh_; });
        if (refresh_) {
          // A refused one leaves a gap in the sequence: let all end, then ask anew.
          wake_.wait(lock, [&] { return waiting_ == 0; });
          refresh_ = false;
          lock.unlock();
          if (!session->refresh()) return;
          continue;
        }
        ++waiting_;
      }
      std::this_thread::sleep_for(pause);
      v1::Action action;
      action.mutable_transfer()->set_to(to_.to_string());
      action.mutable_transfer()->set_amount(1);
      // The expiry moves on with the chain.
      if (++sent_ % 500 == 0 && !renew(*session)) return;
      const v1::Transaction transaction = session->sign({action});
      const auto begin = Clock::now();
      client_.submit_async(transaction, v1::SUBMIT_WAIT_FINALIZED,
                           [this, begin](const auto& response) { note(begin, response); });
    }
    std::unique_lock lock{mutex_};
    wake_.wait(lock, [&] { return waiting_ == 0; });
  }

  std::vector<double> samples_ms;
  std::uint64_t refused = 0;

 private:
  bool renew(client::Session& session) {
    std::unique_lock lock{mutex_};
    // This one is counted already.
    wake_.wait(lock, [&] { return waiting_ == 1; });
    lock.unlock();
    return session.refresh().has_value();
  }

  template <typename Response>
  void note(Clock::time_point begin, const Response& response) {
    const std::lock_guard lock{mutex_};
    if (response) {
      samples_ms.push_back(ms_since(begin));
    } else {
      ++refused;
      refresh_ = true;
    }
    --waiting_;
    wake_.notify_all();
  }

  client::Client& client_;
  const Account& account_;
  AccountId to_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::size_t waiting_ = 0;
  std::uint64_t sent_ = 0;
  bool refresh_ = false;
};

struct Phase {
  std::vector<double> samples_ms;
  std::uint64_t refused = 0;
  double seconds = 0;
};

Phase play(std::vector<client::Client>& clients, const std::vector<Account>& accounts,
           std::size_t used, std::size_t in_flight, std::chrono::seconds length,
           std::chrono::milliseconds pause = {}) {
  std::vector<std::unique_ptr<Loader>> loaders;
  std::vector<std::thread> threads;
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < used; ++i) {
    loaders.push_back(std::make_unique<Loader>(clients[i % clients.size()], accounts[i],
                                               accounts[(i + 1) % accounts.size()].id));
    threads.emplace_back(
        [&, loader = loaders.back().get()] { loader->run(begin + length, in_flight, pause); });
  }
  for (std::thread& thread : threads) thread.join();
  Phase phase{.samples_ms = {}, .refused = 0, .seconds = ms_since(begin) / 1'000};
  for (const auto& loader : loaders) {
    phase.refused += loader->refused;
    phase.samples_ms.insert(phase.samples_ms.end(), loader->samples_ms.begin(),
                            loader->samples_ms.end());
  }
  return phase;
}

Counts read_counts(client::Client& client) {
  const auto status = client.query(v1::GetStatusRequest{});
  if (!status) return {};
  return {.height = status->height(), .syncs = status->disk_syncs()};
}

}  // namespace

Result<LoadReport, NetworkError> run_load(const LoadOptions& options) {
  LoadReport report;
  report.validators = options.validators;
  report.in_flight = options.in_flight;
  report.cores = std::thread::hardware_concurrency();
  report.verifications_per_second = ed25519_verifications_per_second();
  fmt::print(stderr, "Starting {} validators in {}\n", options.validators, options.folder);
  auto network =
      LocalNetwork::start(options.programs, options.folder, options.validators, options.base_port);
  if (!network) return std::unexpected(network.error());
  auto accounts = load_accounts(network->folder());
  if (!accounts) return std::unexpected(accounts.error());
  if (accounts->size() < 2) return std::unexpected(NetworkError{"The network has no accounts."});
  report.accounts = accounts->size();

  std::vector<client::Client> clients;
  for (const std::string& endpoint : network->endpoints()) {
    auto client = client::Client::connect(
        {.endpoints = {endpoint}, .timeout = std::chrono::seconds{30}, .tls_roots = {}});
    if (!client) return std::unexpected(NetworkError{client.error().sentence});
    clients.push_back(std::move(*client));
  }

  fmt::print(stderr, "Low load, 5 s\n");
  // Longer than a block and its empty successor take (C27): each finds an idle chain.
  Phase low = play(clients, *accounts, 1, 1, std::chrono::seconds{5}, kLowLoadPause);
  report.low_samples = low.samples_ms.size();
  report.low = summarize(std::move(low.samples_ms));

  fmt::print(stderr, "Full load, {} s\n", options.seconds);
  const Counts before = read_counts(clients.front());
  const auto use_before = network->use();
  Phase full = play(clients, *accounts, accounts->size(), options.in_flight,
                    std::chrono::seconds{options.seconds});
  const Counts after = read_counts(clients.front());
  const auto use_after = network->use();

  report.seconds = full.seconds;
  report.finalized = full.samples_ms.size();
  report.refused = full.refused;
  report.blocks = after.height - before.height;
  report.full = summarize(std::move(full.samples_ms));
  double cpu = 0;
  for (std::size_t i = 0; i < use_after.size(); ++i) {
    cpu += use_after[i].cpu_seconds - use_before[i].cpu_seconds;
    report.peak_bytes = std::max(report.peak_bytes, use_after[i].peak_bytes);
  }
  if (report.finalized > 0) {
    report.cpu_ms_per_transaction = cpu * 1'000 / static_cast<double>(report.finalized);
  }
  if (report.blocks > 0) {
    report.syncs_per_block =
        static_cast<double>(after.syncs - before.syncs) / static_cast<double>(report.blocks);
  }
  network->stop();
  fmt::print(stderr, "Verifying the first node's ledger\n");
  const auto verified = upkeep::verify_ledger(network->folder() + "/node1/data", {});
  if (!verified) return std::unexpected(NetworkError{verified.error().reason});
  if (verified->is_right() && verified->replay_seconds > 0) {
    report.verified_per_second =
        static_cast<double>(verified->transactions) / verified->replay_seconds;
  }
  return report;
}

std::string as_table(const LoadReport& report) {
  const auto row = [](std::string_view what, const std::string& value) {
    return fmt::format("  {:<44}{:>16}\n", what, value);
  };
  std::string out = fmt::format("Load on {} validators, {} accounts, {} in flight each\n",
                                report.validators, report.accounts, report.in_flight);
  out += row("finalized transactions per second",
             fmt::format("{:.0f}", report.finalized_per_second()));
  out += row("submit to finalized, p50", fmt::format("{:.1f} ms", report.full.p50_ms));
  out += row("submit to finalized, p99", fmt::format("{:.1f} ms", report.full.p99_ms));
  out += row("transactions per block",
             fmt::format("{:.1f}", report.blocks == 0 ? 0.0
                                                      : static_cast<double>(report.finalized) /
                                                            static_cast<double>(report.blocks)));
  out += row("blocks per second",
             fmt::format("{:.1f}", static_cast<double>(report.blocks) / report.seconds));
  out += row("node CPU per transaction, all nodes",
             fmt::format("{:.3f} ms", report.cpu_ms_per_transaction));
  out += row("disk syncs per block, one node", fmt::format("{:.1f}", report.syncs_per_block));
  out += row("peak memory of the largest node",
             fmt::format("{:.0f} MiB", static_cast<double>(report.peak_bytes) / 1048576));
  out += row("refused", std::to_string(report.refused));
  out += row("ledger verify, transactions per second",
             fmt::format("{:.0f}", report.verified_per_second));
  out += fmt::format("Low load, one transaction each {} ms ({} samples)\n", kLowLoadPause.count(),
                     report.low_samples);
  out += row("submit to finalized, p50", fmt::format("{:.1f} ms", report.low.p50_ms));
  out += row("submit to finalized, p99", fmt::format("{:.1f} ms", report.low.p99_ms));
  out += "This machine, same run\n";
  out += row("Ed25519 verifications per second, one thread",
             fmt::format("{:.0f}", report.verifications_per_second));
  out += row(fmt::format("signature ceiling, {} cores / n", report.cores),
             fmt::format("{:.0f} tx/s", report.signature_ceiling()));
  out += row("reached of the ceiling", fmt::format("{:.1f} %", 100 * report.finalized_per_second() /
                                                                   report.signature_ceiling()));
  return out;
}

std::string as_json(const LoadReport& report) {
  const auto latencies = [](const Latencies& of) {
    return nlohmann::json{{"p50_ms", of.p50_ms}, {"p99_ms", of.p99_ms}, {"max_ms", of.max_ms}};
  };
  const nlohmann::json json{{"validators", report.validators},
                            {"accounts", report.accounts},
                            {"in_flight_per_account", report.in_flight},
                            {"seconds", report.seconds},
                            {"finalized", report.finalized},
                            {"finalized_per_second", report.finalized_per_second()},
                            {"refused", report.refused},
                            {"blocks", report.blocks},
                            {"latency_full_load", latencies(report.full)},
                            {"latency_low_load", latencies(report.low)},
                            {"cpu_ms_per_transaction", report.cpu_ms_per_transaction},
                            {"syncs_per_block", report.syncs_per_block},
                            {"peak_bytes", report.peak_bytes},
                            {"verified_per_second", report.verified_per_second},
                            {"cores", report.cores},
                            {"ed25519_verifications_per_second", report.verifications_per_second},
                            {"signature_ceiling_per_second", report.signature_ceiling()}};
  return json.dump(2) + "\n";
}

}  // namespace salus::bench
