// Owns: the command line of salus-bench.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "crypto/ed25519.h"
#include "dao.h"
#include "join.h"
#include "load.h"
#include "state.h"

namespace {

namespace fs = std::filesystem;

int run_load(salus::bench::LoadOptions options, const std::string& json_path, bool keep) {
  options.programs = fs::read_symlink("/proc/self/exe").parent_path().string();
  options.folder = (fs::temp_directory_path() / fmt::format("salus-bench-{}", getpid())).string();
  const auto report = salus::bench::run_load(options);
  if (!keep && report) {
    fs::remove_all(options.folder);
    fs::remove(options.folder + ".init.log");
  }
  if (!report) {
    fmt::print(stderr, "salus-bench: {}\nThe network's folder is kept: {}\n", report.error().reason,
               options.folder);
    return 1;
  }
  fmt::print("{}", salus::bench::as_table(*report));
  if (!json_path.empty()) std::ofstream{json_path} << salus::bench::as_json(*report);
  return report->finalized > 0 ? 0 : 1;
}

// Measures in a folder of its own, which goes afterwards.
template <typename Options, typename Measure>
int run(const char* what, Options options, const std::string& json_path, Measure measure) {
  options.folder =
      (fs::temp_directory_path() / fmt::format("salus-bench-{}-{}", what, getpid())).string();
  const auto report = measure(options);
  fs::remove_all(options.folder);
  if (!report) {
    fmt::print(stderr, "salus-bench: {}\n", report.error().reason);
    return 1;
  }
  fmt::print("{}", salus::bench::as_table(*report));
  if (!json_path.empty()) std::ofstream{json_path} << salus::bench::as_json(*report);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (!salus::crypto::initialise()) return 1;
  CLI::App app{"Measures Salus on this machine."};
  app.require_subcommand(1);
  salus::bench::LoadOptions options;
  std::string json_path;
  bool keep = false;
  int exit_code = 0;
  CLI::App* load =
      app.add_subcommand("load", "Real transactions through gRPC, as many as it takes");
  load->add_option("--validators", options.validators, "1 to 16")->check(CLI::Range(1, 16));
  load->add_option("--seconds", options.seconds, "Length of the full load")
      ->check(CLI::Range(1, 3600));
  load->add_option("--in-flight", options.in_flight, "Waiting transactions of each account")
      ->check(CLI::Range(1, 64));
  load->add_option("--base-port", options.base_port, "First of the loopback ports used");
  load->add_option("--json", json_path, "Also write the figures to this file");
  load->add_flag("--keep", keep, "Keep the network's folder");
  load->callback([&] { exit_code = run_load(options, json_path, keep); });
  salus::bench::StateOptions state_options;
  CLI::App* state =
      app.add_subcommand("state", "What a block costs the state, by the size of the state");
  state->add_option("--digits", state_options.digits_max, "Largest state: 10 to this power of keys")
      ->check(CLI::Range(4, 8));
  state->add_option("--blocks", state_options.blocks, "Measured blocks of each size")
      ->check(CLI::Range(1, 10'000));
  state->add_option("--changes", state_options.changes, "Changed keys of a block")
      ->check(CLI::Range(1, 10'000));
  state->add_option("--cache-mib", state_options.cache_mib, "Block cache of each store");
  state->add_option("--page-cache-mib", state_options.page_cache_mib, "Page cache of each state");
  state->add_option("--json", json_path, "Also write the figures to this file");
  state->callback(
      [&] { exit_code = run("state", state_options, json_path, salus::bench::run_state); });
  salus::bench::JoinOptions join_options;
  CLI::App* join = app.add_subcommand("join", "A state as a snapshot: made, verified, stored");
  join->add_option("--accounts", join_options.accounts, "In the state")
      ->check(CLI::Range(1'000, 100'000'000));
  join->add_option("--json", json_path, "Also write the figures to this file");
  join->callback([&] { exit_code = run("join", join_options, json_path, salus::bench::run_join); });
  salus::bench::DaoOptions dao_options;
  CLI::App* dao = app.add_subcommand("dao", "What voting and admission cost, by members");
  dao->add_option("--digits", dao_options.digits_max, "Largest DAO: 10 to this power of members")
      ->check(CLI::Range(3, 7));
  dao->add_option("--acts", dao_options.acts, "Ballots and admissions of each size")
      ->check(CLI::Range(8, 900));
  dao->add_option("--cache-mib", dao_options.cache_mib, "Block cache of each store");
  dao->add_option("--json", json_path, "Also write the figures to this file");
  dao->callback([&] { exit_code = run("dao", dao_options, json_path, salus::bench::run_dao); });
  CLI11_PARSE(app, argc, argv);
  return exit_code;
}
