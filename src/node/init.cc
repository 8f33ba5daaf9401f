// Owns: `salusd init`.
#include "node/init.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "node/config.h"
#include "storage/keystore.h"
#include "storage/validator_key.h"

namespace salus::node {

namespace {

namespace fs = std::filesystem;

std::unexpected<StartError> refuse(std::string reason) {
  return std::unexpected(StartError{std::move(reason)});
}

Result<PublicKey, StartError> make_node_key(const fs::path& path,
                                            const std::optional<std::string>& passphrase) {
  const crypto::KeyPair key = storage::generate_key();
  const auto saved =
      passphrase ? storage::save_protected_key(path, key, storage::KeyPurpose::Node, *passphrase)
                 : storage::save_unprotected_key(path, key, storage::KeyPurpose::Node);
  if (!saved) return refuse(fmt::format("{}: {}", path.string(), storage::sentence(saved.error())));
  return key.public_key();
}

}  // namespace

Result<std::string, StartError> init_folder(const InitOptions& options) {
  const fs::path folder = options.folder;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return refuse(fmt::format("{}: {}", folder.string(), error.message()));
  if (!fs::is_empty(folder, error) || error) {
    return refuse(fmt::format("{} is not empty. Choose a new folder; keys are never overwritten.",
                              folder.string()));
  }
  if (options.unprotected != options.passphrase_file.empty()) {
    return refuse("Name a --passphrase-file, or say --unprotected for a test network.");
  }
  std::optional<std::string> passphrase;
  if (!options.unprotected) {
    auto read = read_passphrase(options.passphrase_file);
    if (!read) return std::unexpected(read.error());
    passphrase = std::move(*read);
  }

  Config config;
  config.name = options.name;
  config.data_dir = "data";
  config.node_key = "node.key";
  config.genesis = options.genesis.empty() ? "genesis.json" : options.genesis;
  if (passphrase) config.passphrase_file = fs::absolute(options.passphrase_file).string();
  const auto node_key = make_node_key(folder / config.node_key, passphrase);
  if (!node_key) return std::unexpected(node_key.error());
  std::string validator_line;
  if (!options.observer) {
    config.validator_key = "validator.key";
    const fs::path path = folder / config.validator_key;
    const auto made = storage::create_validator_key(
        path, guard_path_of(path.string()),
        passphrase ? std::optional<std::string_view>{*passphrase} : std::nullopt);
    if (!made) return refuse(made.error().reason);
    validator_line = fmt::format("  validator key  {}\n", made->to_hex());
  }
  const fs::path config_path = folder / "salusd.toml";
  std::ofstream file{config_path};
  file << render_config(config);
  file.flush();
  if (!file) return refuse(fmt::format("{}: {}", config_path.string(), std::strerror(errno)));
  return fmt::format(
      "Created {}\n  node key       {}\n{}next: give these keys to your consortium for the genesis "
      "document, put the document at\n      network.genesis, list the peers in {}, then: salusd "
      "run "
      "--config {}\n",
      folder.string(), node_key->to_hex(), validator_line, config_path.string(),
      config_path.string());
}

}  // namespace salus::node
