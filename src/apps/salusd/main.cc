// Owns: the command line of the node: init, run, check-config. Everything else is in node/.
#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>

#include "crypto/ed25519.h"
#include "node/config.h"
#include "node/genesis_file.h"
#include "node/init.h"
#include "node/node.h"
#include "node/snapshot_joiner.h"
#include "node/version.h"

namespace {

// Exit codes are documented in docs/operators/README.md.
constexpr int kExitRefused = 1;

int say_refusal(const std::string& reason) {
  fmt::print(stderr, "salusd: {}\n", reason);
  return kExitRefused;
}

void start_logging(const std::string& level) {
  auto logger = spdlog::stderr_color_mt("salusd");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  // The library complains of each malformed message, and anybody may send as many as they like:
  // what a refusal means is said where it is refused.
  google::protobuf::SetLogHandler(
      [](google::protobuf::LogLevel, const char*, int, const std::string& text) {
        spdlog::debug("protobuf: {}", text);
      });
}

int run(const std::string& path) {
  const auto config = salus::node::load_config(path);
  if (!config) return say_refusal(config.error().reason);
  start_logging(config->log_level);
  if (config->snapshot) {
    const auto joined = salus::node::join_by_snapshot(*config);
    if (!joined) {
      spdlog::error("{}", joined.error().reason);
      return kExitRefused;
    }
    if (!*joined) return 0;
  }
  auto node = salus::node::Node::start(*config);
  if (!node) {
    spdlog::error("{}", node.error().reason);
    return kExitRefused;
  }
  (*node)->run();
  return 0;
}

int check_config(const std::string& path) {
  const auto config = salus::node::load_config(path);
  if (!config) return say_refusal(config.error().reason);
  const auto genesis = salus::node::load_genesis(config->genesis);
  if (!genesis) return say_refusal(genesis.error().reason);
  fmt::print("{} is right.\n  node     {}\n  chain    {} ({})\n  peers    {}\n  role     {}\n",
             path, config->name, genesis->chain_id.to_hex(), genesis->document.network(),
             config->peers.size(), config->validator_key.empty() ? "observer" : "validator");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (!salus::crypto::initialise()) return say_refusal("libsodium can't start on this machine.");
  CLI::App app{"Runs one node of a Salus network."};
  app.set_version_flag("--version", std::string{"salusd "} + salus::node::kVersion);
  app.require_subcommand(1);
  int exit_code = 0;
  std::string config_path = "salusd.toml";

  CLI::App* run_command = app.add_subcommand("run", "Run the node until SIGINT or SIGTERM");
  run_command->add_option("--config", config_path, "The configuration file")->required();
  run_command->callback([&] { exit_code = run(config_path); });

  CLI::App* check = app.add_subcommand("check-config", "Say whether a configuration is right");
  check->add_option("--config", config_path, "The configuration file")->required();
  check->callback([&] { exit_code = check_config(config_path); });

  salus::node::InitOptions init;
  CLI::App* init_command = app.add_subcommand(
      "init", "Create the folder of a new node: keys, sign guard and a documented salusd.toml");
  init_command->add_option("--dir", init.folder, "Folder to create; empty or absent")->required();
  init_command->add_option("--name", init.name, "Short name of the node")->required();
  init_command->add_option("--genesis", init.genesis, "The network's genesis document");
  init_command->add_flag("--observer", init.observer, "Without a validator key");
  init_command->add_option("--passphrase-file", init.passphrase_file,
                           "Protects the keys; its first line is the passphrase");
  init_command->add_flag("--unprotected", init.unprotected,
                         "Keys without a passphrase: for tests and local networks only");
  init_command->callback([&] {
    const auto made = salus::node::init_folder(init);
    if (!made) {
      exit_code = say_refusal(made.error().reason);
      return;
    }
    fmt::print("{}", *made);
  });

  CLI11_PARSE(app, argc, argv);
  return exit_code;
}
