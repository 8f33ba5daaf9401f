// Owns: the loop of one joiner and one peer, and their clocks.
#include "join.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "crypto/hash.h"
#include "fill.h"
#include "state/chunk.h"
#include "state/history.h"
#include "state/table.h"
#include "state/tree.h"
#include "storage/rocks_store.h"

namespace salus::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kWantedMax = 4'096;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// Even numbers are accounts of some 120 bytes, odd ones their balances.
std::string key_of(std::uint64_t number) {
  ByteWriter out;
  out.u64(number / 2);
  const Hash account = crypto::hash("bench.account", out.out());
  if (number % 2 == 0) return state::Key{state::Table::Accounts}.bytes(account.view()).str();
  return state::Key{state::Table::Balances}.bytes(account.view()).u32(0).str();
}
std::string value_of(std::uint64_t number) {
  ByteWriter out;
  for (int i = 0; i < (number % 2 == 0 ? 15 : 2); ++i) out.u64(number);
  return std::string{as_chars(out.out())};
}

std::unexpected<NetworkError> refuse(std::string reason) {
  return std::unexpected(NetworkError{std::move(reason)});
}

Result<std::unique_ptr<storage::RocksStore>, NetworkError> open(const std::string& folder) {
  auto store = storage::RocksStore::open(folder, {.block_cache_mib = 1'024});
  if (!store) return refuse(store.error().reason);
  return std::move(*store);
}

// One part after the other; what is known of is done first.
Result<void, NetworkError> join(const state::Pages& pages, const Store& origin, Store& joiner,
                                JoinReport& report) {
  const Height height = pages.version();
  std::vector<state::Wanted> wanted{{state::Path{}, Hash{state::root_of(pages).bytes}}};
  while (!wanted.empty()) {
    const state::Wanted next = wanted.back();
    wanted.pop_back();
    auto begin = Clock::now();
    const auto part = state::make_chunk(pages, origin, next.path);
    report.write_seconds += seconds_since(begin);
    if (!part) return refuse(std::string{state::sentence(part.error())});

    begin = Clock::now();
    const auto chunk = state::Chunk::verify(next, *part);
    report.verify_seconds += seconds_since(begin);
    if (!chunk) return refuse(std::string{state::sentence(chunk.error())});

    begin = Clock::now();
    StoreBatch batch;
    chunk->append_to(batch, height);
    if (const auto written = joiner.write(batch); !written) return refuse(written.error().reason);
    report.store_seconds += seconds_since(begin);
    ++report.parts;
    report.bytes += part->size();
    report.records += chunk->records();
    wanted.insert(wanted.end(), chunk->next().begin(), chunk->next().end());
  }
  const auto begin = Clock::now();
  if (!state::find_missing(joiner, height, state::root_of(pages), kWantedMax).empty()) {
    return refuse("The joined state is not whole.");
  }
  report.check_seconds = seconds_since(begin);
  return {};
}

}  // namespace

Result<JoinReport, NetworkError> run_join(const JoinOptions& options) {
  std::filesystem::create_directories(options.folder);
  auto origin = open(options.folder + "/origin");
  if (!origin) return std::unexpected(origin.error());
  auto joiner = open(options.folder + "/joiner");
  if (!joiner) return std::unexpected(joiner.error());
  fmt::print(stderr, "Filling a state of {} accounts\n", options.accounts);
  state::Pages pages{**origin, std::nullopt, std::size_t{64} << 20U};
  if (!fill_state(**origin, pages, 2 * options.accounts, key_of, value_of)) {
    return refuse("The disk refuses to write.");
  }
  JoinReport report{.accounts = options.accounts};
  // As a peer reads it, beside its own work.
  const state::Pages at{**origin, pages.version(), 0};
  const state::StateAt past{**origin, pages.version()};
  if (const auto joined = join(at, past, **joiner, report); !joined) {
    return std::unexpected(joined.error());
  }
  return report;
}

std::string as_table(const JoinReport& report) {
  const auto row = [](std::string_view what, const std::string& value) {
    return fmt::format("  {:<44}{:>16}\n", what, value);
  };
  std::string out = fmt::format("Snapshot of {} accounts\n", report.accounts);
  out += row("records", std::to_string(report.records));
  out += row("parts", std::to_string(report.parts));
  out += row("size", fmt::format("{:.1f} MiB", static_cast<double>(report.bytes) / 1'048'576));
  out += row("written by the peers", fmt::format("{:.2f} s", report.write_seconds));
  out += row("verified by the joiner", fmt::format("{:.2f} s", report.verify_seconds));
  out += row("stored by the joiner", fmt::format("{:.2f} s", report.store_seconds));
  out += row("looked over at the end", fmt::format("{:.2f} s", report.check_seconds));
  return out;
}

std::string as_json(const JoinReport& report) {
  return nlohmann::json{{"accounts", report.accounts},
                        {"records", report.records},
                        {"parts", report.parts},
                        {"bytes", report.bytes},
                        {"write_seconds", report.write_seconds},
                        {"verify_seconds", report.verify_seconds},
                        {"store_seconds", report.store_seconds},
                        {"check_seconds", report.check_seconds}}
             .dump(2) +
         "\n";
}

}  // namespace salus::bench
