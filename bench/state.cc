// Owns: the stores of all sizes, and turns taken between them so that a busy moment of the machine
// strikes each.
#include "state.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "crypto/hash.h"
#include "fill.h"
#include "measures.h"
#include "state/history.h"
#include "state/overlay.h"
#include "state/proof.h"
#include "state/prove.h"
#include "state/table.h"
#include "state/tree.h"
#include "storage/rocks_store.h"

namespace salus::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kProofs = 100;
constexpr std::size_t kRememberedReads = 16'384;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// As a balance: table, account, asset.
std::string key_of(std::uint64_t number) {
  ByteWriter out;
  out.u64(number);
  const Hash account = crypto::hash("bench.account", out.out());
  return state::Key{state::Table::Balances}.bytes(account.view()).u32(1).str();
}

std::string value_of(std::uint64_t number) {
  ByteWriter out;
  for (int i = 0; i < 8; ++i) out.u64(number);
  return std::string{as_chars(out.out())};
}

class Sized {
 public:
  Sized(std::uint64_t keys, std::unique_ptr<storage::RocksStore> store, std::size_t page_bytes)
      : keys_(keys),
        store_(std::move(store)),
        state_(*store_, std::string{state::kStatePrefix}, kRememberedReads),
        pages_(*store_, std::nullopt, page_bytes) {}

  // Writes all keys, then reads everything once.
  bool fill() {
    if (!fill_state(*store_, pages_, keys_, key_of, value_of)) return false;
    const auto read = [](std::string_view, std::string_view) { return true; };
    store_->scan("n", "", read);
    store_->scan("s", "", read);
    return true;
  }

  // One block that changes `count` keys; false if the disk refuses.
  bool block(std::mt19937_64& random, std::size_t count, bool is_measured) {
    state::Overlay state = state_.branch();
    std::set<std::uint64_t> chosen;
    while (chosen.size() < count) chosen.insert(random() % keys_);
    for (const std::uint64_t number : chosen) {
      // Execution reads what it changes.
      const std::string key = key_of(number);
      if (!state.contains(key)) return false;
      state.put(key, value_of(random()));
    }
    state::Pages pages = pages_.branch(pages_.version().next());
    const auto begin = Clock::now();
    state::update_tree(pages, state.changes());
    const double update_ms = ms_since(begin);

    const auto commit_begin = Clock::now();
    StoreBatch batch;
    state::append_block_state(batch, state, pages);
    if (!store_->write(batch)) return false;
    const double commit_ms = ms_since(commit_begin);
    if (is_measured) {
      update_ms_.push_back(update_ms);
      commit_ms_.push_back(commit_ms);
      row_.pages = pages.written().size();
      row_.batch_bytes = 0;
      for (const auto& [key, value] : batch.writes) {
        row_.batch_bytes += key.size() + (value ? value->size() : 0);
      }
    }
    state_.on_stored(state);
    pages_.on_stored(std::move(pages));
    return true;
  }

  StateRow row(std::mt19937_64& random) {
    row_.keys = keys_;
    row_.update_ms = summarize(update_ms_).p50_ms;
    row_.commit_ms = summarize(commit_ms_).p50_ms;
    row_.disk_bytes = store_->disk_bytes();
    row_.page_memory_bytes = pages_.remembered();
    std::tie(row_.proof_bytes, row_.verify_us) = proof(random, 1);
    std::tie(row_.proof_100_bytes, row_.verify_100_us) = proof(random, kProofs);
    return row_;
  }

 private:
  // Mean size, and mean time to verify one.
  std::pair<std::uint64_t, double> proof(std::mt19937_64& random, std::size_t count) {
    const Root root = state::root_of(pages_);
    std::uint64_t bytes = 0;
    double ms = 0;
    for (std::size_t round = 0; round < kProofs; ++round) {
      std::set<std::string> chosen;
      while (chosen.size() < count) chosen.insert(key_of(random() % keys_));
      const std::vector<std::string> keys{chosen.begin(), chosen.end()};
      std::vector<std::string> values;
      for (const std::string& key : keys) values.push_back(*state_.get(key));
      const auto nodes = state::prove(pages_, keys);
      if (!nodes) return {};
      std::vector<state::Claim> claims;
      for (std::size_t i = 0; i < keys.size(); ++i) claims.push_back({keys[i], values[i]});
      const auto begin = Clock::now();
      if (!state::verify(root, claims, *nodes)) return {};
      ms += ms_since(begin);
      bytes += nodes->size();
    }
    return {bytes / kProofs, ms * 1'000 / kProofs};
  }

  std::uint64_t keys_;
  std::unique_ptr<storage::RocksStore> store_;
  state::Overlay state_;
  state::Pages pages_;
  std::vector<double> update_ms_;
  std::vector<double> commit_ms_;
  StateRow row_;
};

}  // namespace

Result<StateReport, NetworkError> run_state(const StateOptions& options) {
  std::filesystem::create_directories(options.folder);
  std::vector<std::unique_ptr<Sized>> sizes;
  std::uint64_t keys = 1'000;
  for (unsigned digits = 4; digits <= options.digits_max; ++digits) {
    keys *= 10;
    fmt::print(stderr, "Filling a state of {} keys\n", keys);
    auto store = storage::RocksStore::open(fmt::format("{}/{}", options.folder, keys),
                                           {.block_cache_mib = options.cache_mib});
    if (!store) return std::unexpected(NetworkError{store.error().reason});
    sizes.push_back(std::make_unique<Sized>(keys, std::move(*store),
                                            std::size_t{options.page_cache_mib} << 20U));
    if (!sizes.back()->fill()) return std::unexpected(NetworkError{"The disk refuses to write."});
  }
  std::mt19937_64 random{20'261'126};
  for (std::size_t i = 0; i < 2 * options.blocks; ++i) {
    for (const auto& one : sizes) {
      if (!one->block(random, options.changes, i >= options.blocks)) {
        return std::unexpected(NetworkError{"The disk refuses to write or to read."});
      }
    }
  }
  StateReport report{.changes = options.changes, .rows = {}};
  for (const auto& one : sizes) report.rows.push_back(one->row(random));
  return report;
}

std::string as_table(const StateReport& report) {
  std::string out = fmt::format(
      "Authenticated state, {} changed keys a block, medians\n"
      "{:>10} {:>10} {:>10} {:>9} {:>7} {:>8} {:>10} {:>10} {:>8} {:>10} {:>11} {:>9}\n",
      report.changes, "keys", "update ms", "commit ms", "block ms", "ratio", "pages", "KiB/block",
      "cache MiB", "proof B", "verify us", "100 keys B", "us");
  for (const StateRow& row : report.rows) {
    out += fmt::format(
        "{:>10} {:>10.2f} {:>10.2f} {:>9.2f} {:>7.2f} {:>8} {:>10} {:>10} {:>8} {:>10.1f} {:>11} "
        "{:>9.1f}\n",
        row.keys, row.update_ms, row.commit_ms, row.block_ms(),
        row.block_ms() / report.rows.front().block_ms(), row.pages, row.batch_bytes / 1024,
        row.page_memory_bytes >> 20U, row.proof_bytes, row.verify_us, row.proof_100_bytes,
        row.verify_100_us);
  }
  return out;
}

std::string as_json(const StateReport& report) {
  nlohmann::json rows = nlohmann::json::array();
  for (const StateRow& row : report.rows) {
    rows.push_back({{"keys", row.keys},
                    {"update_ms", row.update_ms},
                    {"commit_ms", row.commit_ms},
                    {"pages", row.pages},
                    {"batch_bytes", row.batch_bytes},
                    {"proof_bytes", row.proof_bytes},
                    {"verify_us", row.verify_us},
                    {"proof_100_bytes", row.proof_100_bytes},
                    {"verify_100_us", row.verify_100_us},
                    {"disk_bytes", row.disk_bytes},
                    {"page_memory_bytes", row.page_memory_bytes}});
  }
  return nlohmann::json{{"changes", report.changes}, {"rows", rows}}.dump(2) + "\n";
}

}  // namespace salus::bench
