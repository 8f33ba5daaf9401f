// Owns: the search for the socket.
#include "apps/salus/operator_socket.h"

#include <filesystem>

#include "node/config.h"

namespace salus::cli {

namespace fs = std::filesystem;

std::string operator_endpoint(const Options& options) {
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

}  // namespace salus::cli
