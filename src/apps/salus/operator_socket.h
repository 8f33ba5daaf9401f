// Owns: where a node's own socket is, and asking there: verbs about a node, not about the chain.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "apps/salus/cli.h"

namespace salus::cli {

// --operator, else the node's own configuration in --home or here.
std::string operator_endpoint(const Options& options);

template <typename Request>
auto ask_operator(const Options& options, const Request& request) {
  const std::string endpoint = operator_endpoint(options);
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

}  // namespace salus::cli
