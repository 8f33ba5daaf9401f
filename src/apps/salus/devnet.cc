// Owns: `salus devnet init`: the folder of a local network, complete or refused.
#include "apps/salus/devnet.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>

#include "apps/salus/cli.h"
#include "dao/accounts/accounts.h"
#include "ledger/genesis.h"
#include "node/config.h"
#include "node/init.h"
#include "storage/keystore.h"
#include "storage/validator_key.h"

namespace salus::cli {

namespace {

namespace fs = std::filesystem;

// The runner's own lock file may be there already.
constexpr std::string_view kMarker = ".salus-devnet";
constexpr std::uint16_t kRpcOffset = 200;

struct DevnetOptions {
  std::string folder;
  std::size_t validators = 4;
  // Nodes that follow the chain and may be voted in.
  std::size_t nominees = 0;
  std::uint16_t base_port = 7200;
  std::uint64_t voting_s = 6;

  std::size_t nodes() const { return validators + nominees; }
};

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream file{path, std::ios::binary};
  file << text;
  file.flush();
  if (!file) throw Stop{Exit::Refused, fmt::format("{} can't be written.", path.string())};
}

void require_empty(const fs::path& folder) {
  fs::create_directories(folder);
  for (const fs::directory_entry& entry : fs::directory_iterator{folder}) {
    if (entry.path().filename() == kMarker) continue;
    throw Stop{Exit::Refused,
               fmt::format("{} is not empty. Choose a new folder; keys are never overwritten.",
                           folder.string())};
  }
}

PublicKey make_key(const fs::path& path, storage::KeyPurpose purpose) {
  const crypto::KeyPair key = storage::generate_key();
  const auto saved = storage::save_unprotected_key(path, key, purpose);
  if (!saved) {
    throw Stop{Exit::Refused,
               fmt::format("{}: {}", path.string(), storage::sentence(saved.error()))};
  }
  return key.public_key();
}

DevnetNode make_node(const fs::path& folder, std::size_t number) {
  fs::create_directories(folder);
  const PublicKey node = make_key(folder / "node.key", storage::KeyPurpose::Node);
  const fs::path key = folder / "validator.key";
  const auto made =
      storage::create_validator_key(key, node::guard_path_of(key.string()), std::nullopt);
  if (!made) throw Stop{Exit::Refused, made.error().reason};
  return {.name = fmt::format("node{}", number),
          .validator_key = *made,
          .node_key = NodeId{node.bytes}};
}

node::Endpoint p2p_of(const DevnetOptions& options, std::size_t number) {
  return {"127.0.0.1", static_cast<std::uint16_t>(options.base_port + number)};
}

node::Endpoint rpc_of(const DevnetOptions& options, std::size_t number) {
  return {"127.0.0.1", static_cast<std::uint16_t>(options.base_port + kRpcOffset + number)};
}

std::string config_of(const DevnetOptions& options, const std::vector<DevnetNode>& nodes,
                      std::size_t number) {
  node::Config config;
  config.name = fmt::format("node{}", number);
  config.data_dir = "data";
  config.validator_key = "validator.key";
  config.node_key = "node.key";
  config.genesis = "../genesis.json";
  config.p2p_listen = p2p_of(options, number);
  config.rpc_listen = rpc_of(options, number);
  // All nodes share one machine.
  config.block_cache_mib = 32;
  config.page_cache_mib = 16;
  config.journal_file_mib = 4;
  config.verify_threads = 1;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (i + 1 == number) continue;
    config.peers.push_back(
        {.name = nodes[i].name, .node_key = nodes[i].node_key, .address = p2p_of(options, i + 1)});
  }
  return node::render_config(config);
}

AccountId id_of(const ChainId& chain, const v1::GenesisAccount& account) {
  return dao::accounts::account_id(chain, as_bytes(account.nonce()), account.keys(),
                                   account.threshold());
}

void init(Cli& cli, const DevnetOptions& options) {
  const fs::path folder = options.folder;
  require_empty(folder);
  fs::create_directories(folder / "keys");
  std::map<std::string, PublicKey> keys;
  std::vector<std::string> names;
  for (const DevnetPerson& person : devnet_people()) names.emplace_back(person.name);
  for (std::size_t i = 1; i <= options.nodes(); ++i) names.push_back(operator_name(i));
  for (const std::string& name : names) {
    keys.emplace(name, make_key(folder / "keys" / (name + ".key"), storage::KeyPurpose::Account));
  }
  std::vector<DevnetNode> made;
  for (std::size_t i = 1; i <= options.nodes(); ++i) {
    made.push_back(make_node(folder / fmt::format("node{}", i), i));
  }

  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const v1::GenesisDocument document =
      devnet_genesis(keys, made, options.validators, static_cast<std::uint64_t>(now.count()),
                     options.voting_s * 1'000);
  google::protobuf::util::JsonPrintOptions print;
  print.add_whitespace = true;
  print.preserve_proto_field_names = true;
  std::string genesis;
  if (!google::protobuf::util::MessageToJsonString(document, &genesis, print).ok()) {
    throw Stop{Exit::Refused, "The genesis document can't be written as JSON."};
  }
  write_file(folder / "genesis.json", genesis);
  const ChainId chain = ledger::chain_id_of(as_bytes(genesis));

  Json accounts = Json::object();
  for (std::size_t i = 0; i < names.size(); ++i) {
    accounts[names[i]] = id_of(chain, document.accounts(static_cast<int>(i))).to_hex();
  }
  write_file(folder / "accounts.json", accounts.dump(2) + "\n");
  Json nodes = Json::array();
  for (std::size_t i = 1; i <= options.nodes(); ++i) {
    write_file(folder / fmt::format("node{}", i) / "salusd.toml", config_of(options, made, i));
    nodes.push_back({{"name", fmt::format("node{}", i)},
                     {"rpc", rpc_of(options, i).to_string()},
                     {"p2p", p2p_of(options, i).to_string()},
                     {"validator", i <= options.validators}});
  }
  const Json network{{"chain_id", chain.to_hex()}, {"network", "devnet"}, {"nodes", nodes}};
  write_file(folder / "network.json", network.dump(2) + "\n");
  cli.answer(network,
             fmt::format("Created a TEST network of {} validators and {} nominees in {}\n  chain  "
                         "{}\nnext: salusd run --config {}/node1/salusd.toml, and so on\n",
                         options.validators, options.nominees, folder.string(), chain.to_hex(),
                         folder.string()));
}

}  // namespace

void add_devnet_verbs(CLI::App& app, Cli& cli) {
  auto options = std::make_shared<DevnetOptions>();
  CLI::App* make = verb(app, "devnet", "init", "Create a local network for trying things out");
  make->add_option("--dir", options->folder, "Folder to create; empty or absent")->required();
  make->add_option("--validators", options->validators, "1 to 16")->check(CLI::Range(1, 16));
  make->add_option("--nominees", options->nominees, "Further nodes that may be voted in, 0 to 16")
      ->check(CLI::Range(0, 16));
  make->add_option("--base-port", options->base_port, "P2P from it + 1, gRPC from it + 201");
  make->add_option("--voting", options->voting_s, "Seconds for which a proposal is voted on")
      ->check(CLI::Range(3, 3'600));
  make->callback([&cli, options] { init(cli, *options); });
}

}  // namespace salus::cli
