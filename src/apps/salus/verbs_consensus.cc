// Owns: `salus consensus`: what a node says of its consensus on its operator's socket.
#include <fmt/format.h>

#include <filesystem>

#include "apps/salus/cli.h"
#include "apps/salus/consensus_view.h"
#include "node/config.h"

namespace salus::cli {

namespace {

namespace fs = std::filesystem;

// --operator, else the node's own configuration in --home or here.
std::string endpoint_of(const Options& options) {
  if (!options.operator_socket.empty()) {
    const bool is_socket = options.operator_socket.starts_with("unix:");
    return is_socket ? options.operator_socket : "unix:" + options.operator_socket;
  }
  const fs::path file = fs::path{options.home.empty() ? "." : options.home} / "salusd.toml";
  if (!fs::exists(file)) {
    usage(
        fmt::format("{} is not there. Name the node's folder with --home, or its socket with "
                    "--operator unix:PATH.",
                    file.string()));
  }
  const auto config = node::load_config(file.string());
  if (!config) usage(config.error().reason);
  if (config->operator_listen.empty()) {
    usage(
        fmt::format("{} turns the operator's socket off. Set [operator] listen and start the "
                    "node again.",
                    file.string()));
  }
  return config->operator_listen;
}

template <typename Request>
auto ask(const Options& options, const Request& request) {
  const std::string endpoint = endpoint_of(options);
  auto client = must(client::Client::connect(
      {.endpoints = {endpoint}, .timeout = std::chrono::seconds{10}, .tls_roots = {}}));
  auto answer = client.query(request);
  if (!answer && answer.error().kind == client::Error::Kind::Unreachable) {
    throw Stop{Exit::Unreachable,
               fmt::format("Nobody answers at {}. Is the node running, and as this user? See "
                           "--home and --operator.",
                           endpoint)};
  }
  return must(std::move(answer));
}

void explain(Cli& cli) {
  const auto why = ask(cli.options, v1::WhyStalledRequest{});
  cli.answer(why, print(why));
  if (!why.well()) cli.exit = Exit::Stalled;
}

}  // namespace

void add_consensus_verbs(CLI::App& app, Cli& cli) {
  verb(app, "consensus", "status", "Mode, view, deadlines, links and disk of this node")
      ->callback([&cli] {
        const auto status = ask(cli.options, v1::ConsensusStatusRequest{});
        cli.answer(status, print(status));
      });
  verb(app, "consensus", "votes", "Who voted in the last views, one row a validator")
      ->callback([&cli] {
        const auto votes = ask(cli.options, v1::ConsensusVotesRequest{});
        cli.answer(votes, print(votes));
      });
  verb(app, "consensus", "why-stalled",
       "One verdict on the chain, and what to do; exit code 5 unless healthy or idle")
      ->callback([&cli] { explain(cli); });
}

}  // namespace salus::cli
