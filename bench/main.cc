// Owns: the command line of salus-bench.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "crypto/ed25519.h"
#include "load.h"

namespace {

namespace fs = std::filesystem;

int run(salus::bench::LoadOptions options, const std::string& json_path, bool keep) {
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

}  // namespace

int main(int argc, char** argv) {
  if (!salus::crypto::initialise()) return 1;
  CLI::App app{"Measures a local Salus network of real processes."};
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
  load->callback([&] { exit_code = run(options, json_path, keep); });
  CLI11_PARSE(app, argc, argv);
  return exit_code;
}
