// Owns: any text as salusd.toml (node/config.h).
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "fuzz/fuzz.h"
#include "node/config.h"
#include "support/temp_folder.h"

namespace {

const salus::testing::TempFolder& a_folder() {
  static const salus::testing::TempFolder folder;
  return folder;
}

salus::Result<salus::node::Config, salus::node::ConfigError> load(const std::string& text) {
  const std::filesystem::path path = a_folder() / "salusd.toml";
  std::ofstream{path, std::ios::binary} << text;
  return salus::node::load_config(path.string());
}

// render_config() writes texts as they are, between plain quotes.
bool is_plain(const std::string& text) {
  return std::ranges::all_of(text,
                             [](char c) { return c >= ' ' && c < 127 && c != '"' && c != '\\'; });
}
bool is_plain(const salus::node::Config& config) {
  return is_plain(config.name) && is_plain(config.data_dir) && is_plain(config.validator_key) &&
         is_plain(config.node_key) && is_plain(config.passphrase_file) &&
         is_plain(config.genesis) && is_plain(config.p2p_listen.host) &&
         is_plain(config.rpc_listen.host) && is_plain(config.log_level) &&
         std::ranges::all_of(config.peers, [](const salus::node::PeerConfig& peer) {
           return is_plain(peer.name) && is_plain(peer.address.host);
         });
}

}  // namespace

namespace salus::fuzz {

std::vector<std::string> examples() {
  node::Config config;
  config.data_dir = "data";
  config.node_key = "node.key";
  config.validator_key = "validator.key";
  config.genesis = "genesis.json";
  const std::string alone = node::render_config(config);
  NodeId peer;
  peer.bytes.fill(3);
  config.peers.push_back({.name = "other", .node_key = peer, .address = {"10.0.0.2", 7201}});
  return {alone, node::render_config(config), "[node]\nname = \"a\"\n"};
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const auto config = load(fuzz::text_of({data, size}));
  if (!config) {
    fuzz::require(!config.error().reason.empty(), "a refused file is told why");
    return 0;
  }
  if (!is_plain(*config)) return 0;
  const std::string written = node::render_config(*config);
  const auto again = load(written);
  fuzz::require(again.has_value(), "what we write we can read");
  fuzz::require(node::render_config(*again) == written, "a configuration reads back as it is");
  return 0;
}
