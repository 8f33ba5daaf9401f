// Owns: reading and writing salusd.toml.
#include "node/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <charconv>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>

namespace salus::node {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUnix = "unix:";

// Reads one table and remembers which keys were asked for, so that the rest can be refused.
class Section {
 public:
  Section(const toml::table* table, std::string name, std::vector<std::string>& problems)
      : table_(table), name_(std::move(name)), problems_(problems) {}

  ~Section() {
    if (table_ == nullptr) return;
    for (const auto& [key, node] : *table_) {
      if (known_.contains(std::string{key.str()})) continue;
      problems_.push_back(fmt::format("line {}: unknown key '{}'. Known here: {}.",
                                      node.source().begin.line, full(key.str()),
                                      fmt::join(known_, ", ")));
    }
  }
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;

  void text(std::string_view key, std::string& out) {
    if (const toml::node* node = take(key)) {
      if (const auto value = node->value<std::string>(); value && node->is_string()) {
        out = *value;
      } else {
        complain(key, *node, "a text in quotes");
      }
    }
  }

  bool has(std::string_view key) const { return table_ != nullptr && table_->contains(key); }

  void number(std::string_view key, std::uint32_t& out, std::uint32_t low, std::uint32_t high) {
    if (const toml::node* node = take(key)) {
      const auto value = node->value<std::int64_t>();
      if (value && node->is_integer() && *value >= low && *value <= high) {
        out = static_cast<std::uint32_t>(*value);
      } else {
        complain(key, *node, fmt::format("a whole number from {} to {}", low, high));
      }
    }
  }

  void flag(std::string_view key, bool& out) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    if (const auto value = node->value_exact<bool>()) {
      out = *value;
    } else {
      complain(key, *node, "true or false");
    }
  }

  void endpoint(std::string_view key, Endpoint& out) {
    std::string written;
    text(key, written);
    if (written.empty()) return;
    const std::size_t colon = written.rfind(':');
    std::uint16_t port = 0;
    const char* end = written.data() + written.size();
    const bool split = colon != std::string::npos && colon > 0;
    const auto parsed = split ? std::from_chars(written.data() + colon + 1, end, port)
                              : std::from_chars_result{end, std::errc::invalid_argument};
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
      problems_.push_back(fmt::format("'{}' is '{}', which is not HOST:PORT.", full(key), written));
      return;
    }
    out = {.host = written.substr(0, colon), .port = port};
  }

  const toml::table* table(std::string_view key) {
    const toml::node* node = take(key);
    if (node != nullptr && !node->is_table()) complain(key, *node, "a table");
    return node != nullptr ? node->as_table() : nullptr;
  }

  const toml::array* tables(std::string_view key) {
    const toml::node* node = take(key);
    if (node == nullptr) return nullptr;
    if (!node->is_array_of_tables()) complain(key, *node, "a list of tables");
    return node->is_array_of_tables() ? node->as_array() : nullptr;
  }

  std::string full(std::string_view key) const {
    return name_.empty() ? std::string{key} : fmt::format("{}.{}", name_, key);
  }

 private:
  const toml::node* take(std::string_view key) {
    known_.emplace(key);
    return table_ != nullptr ? table_->get(key) : nullptr;
  }
  void complain(std::string_view key, const toml::node& node, std::string_view wanted) {
    problems_.push_back(
        fmt::format("line {}: '{}' must be {}.", node.source().begin.line, full(key), wanted));
  }

  const toml::table* table_;
  std::string name_;
  std::vector<std::string>& problems_;
  std::set<std::string> known_;
};

void read_peers(Section& network, Config& config, std::vector<std::string>& problems) {
  const toml::array* peers = network.tables("peers");
  if (peers == nullptr) return;
  for (const toml::node& entry : *peers) {
    PeerConfig peer;
    std::string key;
    {
      Section section{entry.as_table(), "network.peers", problems};
      section.text("name", peer.name);
      section.text("node_key", key);
      section.endpoint("address", peer.address);
    }
    const auto parsed = NodeId::from_hex(key);
    if (!parsed) {
      problems.push_back(fmt::format(
          "network.peers '{}': node_key must be 64 hexadecimal digits, the peer's node key.",
          peer.name));
      continue;
    }
    if (peer.address.port == 0) {
      problems.push_back(fmt::format("network.peers '{}': address is missing.", peer.name));
      continue;
    }
    peer.node_key = *parsed;
    config.peers.push_back(std::move(peer));
  }
}

void read_all(const toml::table& file, Config& config, std::vector<std::string>& problems) {
  Section top{&file, "", problems};
  {
    Section node{top.table("node"), "node", problems};
    node.text("name", config.name);
    node.text("data_dir", config.data_dir);
  }
  {
    Section keys{top.table("keys"), "keys", problems};
    keys.text("validator", config.validator_key);
    keys.text("node", config.node_key);
    keys.text("passphrase_file", config.passphrase_file);
  }
  {
    Section network{top.table("network"), "network", problems};
    network.text("genesis", config.genesis);
    network.endpoint("listen", config.p2p_listen);
    read_peers(network, config, problems);
  }
  {
    Section rpc{top.table("rpc"), "rpc", problems};
    rpc.endpoint("listen", config.rpc_listen);
  }
  {
    Section section{top.table("operator"), "operator", problems};
    if (!section.has("listen")) {
      config.operator_listen = fmt::format("{}{}/operator.sock", kUnix, config.data_dir);
    }
    section.text("listen", config.operator_listen);
    const bool is_socket =
        config.operator_listen.starts_with(kUnix) && config.operator_listen.size() > kUnix.size();
    if (!is_socket && !config.operator_listen.empty()) {
      problems.push_back(fmt::format(
          "'operator.listen' is '{}', which is not unix:PATH; empty turns the socket off.",
          config.operator_listen));
    }
  }
  {
    Section metrics{top.table("metrics"), "metrics", problems};
    Endpoint listen;
    metrics.endpoint("listen", listen);
    if (listen.port != 0) config.metrics_listen = listen;
  }
  {
    Section log{top.table("log"), "log", problems};
    log.text("level", config.log_level);
  }
  {
    Section resources{top.table("resources"), "resources", problems};
    resources.number("block_cache_mib", config.block_cache_mib, 8, 65'536);
    resources.number("page_cache_mib", config.page_cache_mib, 1, 65'536);
    resources.number("journal_file_mib", config.journal_file_mib, 1, 1'024);
    resources.number("verify_threads", config.verify_threads, 0, 256);
  }
  {
    Section sync{top.table("sync"), "sync", problems};
    sync.flag("snapshot", config.snapshot);
    sync.number("snapshot_every", config.snapshot_every, 1, 1'000'000);
  }
  {
    Section retention{top.table("retention"), "retention", problems};
    retention.number("states", config.retained_states, 0, 1'000'000'000);
    retention.number("blocks", config.retained_blocks, 0, 1'000'000'000);
    retention.number("events", config.retained_events, 0, 1'000'000'000);
    retention.text("archive", config.archive);
  }
}

void check_retention(const Config& config, std::vector<std::string>& problems) {
  const std::uint64_t offered = std::uint64_t{2} * config.snapshot_every;
  if (config.retained_states != 0 && config.retained_states < offered) {
    problems.push_back(
        fmt::format("'retention.states' is {}; a joiner needs the state of a snapshot for a while: "
                    "keep at least "
                    "{}, twice 'sync.snapshot_every', or 0 for all.",
                    config.retained_states, offered));
  }
  if (config.retained_blocks != 0 && config.retained_blocks < offered) {
    problems.push_back(
        fmt::format("'retention.blocks' is {}; a node that joined by a snapshot goes on with the "
                    "blocks after it: keep at least {}, twice 'sync.snapshot_every', or 0 for all.",
                    config.retained_blocks, offered));
  }
  if (config.retained_blocks != 0 && config.retained_events > config.retained_blocks) {
    problems.push_back(
        fmt::format("'retention.events' is {}, and events go with their blocks at the latest: keep "
                    "at most {}, as many as 'retention.blocks', or 0 for the same.",
                    config.retained_events, config.retained_blocks));
  }
}

void check_values(const Config& config, std::vector<std::string>& problems) {
  if (config.data_dir.empty()) problems.emplace_back("'node.data_dir' is missing.");
  if (config.node_key.empty()) problems.emplace_back("'keys.node' is missing.");
  if (config.genesis.empty()) problems.emplace_back("'network.genesis' is missing.");
  check_retention(config, problems);
  static const std::set<std::string> levels{"debug", "info", "warn", "error"};
  if (!levels.contains(config.log_level)) {
    problems.push_back(fmt::format("'log.level' is '{}'; it must be one of {}.", config.log_level,
                                   fmt::join(levels, ", ")));
  }
}

void make_absolute(std::string& path, const fs::path& folder) {
  if (!path.empty() && fs::path{path}.is_relative()) path = (folder / path).lexically_normal();
}

void place_socket(Config& config, const fs::path& folder) {
  if (config.operator_listen.empty()) return;
  std::string path = config.operator_listen.substr(kUnix.size());
  make_absolute(path, folder);
  config.operator_listen = std::string{kUnix} + path;
}

// As TOML writes it: whatever a folder is called, what init writes is what run reads.
std::string quoted(const std::string& text) {
  std::ostringstream out;
  const toml::value value{text};
  // Double quotes always, escaped where needed.
  out << toml::toml_formatter{value, toml::format_flags::none};
  return out.str();
}

}  // namespace

Result<Config, ConfigError> load_config(const std::string& path) {
  toml::table file;
  try {
    file = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    return std::unexpected(
        ConfigError{fmt::format("{}: line {}: {}. Compare with config/salusd.toml.", path,
                                error.source().begin.line, error.description())});
  }
  Config config;
  std::vector<std::string> problems;
  read_all(file, config, problems);
  check_values(config, problems);
  if (!problems.empty()) {
    return std::unexpected(ConfigError{fmt::format("{}: {}", path, fmt::join(problems, " "))});
  }
  const fs::path folder = fs::absolute(path).parent_path();
  for (std::string* relative : {&config.data_dir, &config.validator_key, &config.node_key,
                                &config.passphrase_file, &config.genesis, &config.archive}) {
    make_absolute(*relative, folder);
  }
  place_socket(config, folder);
  return config;
}

std::string render_config(const Config& config) {
  std::string out = fmt::format(
      R"(# Salus node configuration. Relative paths are relative to this file. Unknown keys are refused;
# `salusd check-config --config FILE` says whether a file is right. What the network decides
# (block limits, timers, voting rules) is not here: it is in the ledger and changed by vote.

[node]
# Short name of this node, for logs and people.
name = {}
# Folder of ledger, consensus journal and lock. One process a folder.
data_dir = {}

[keys]
# Ed25519 key that signs consensus votes; its guard file lies beside it. Leave it out to run an
# observer, which follows the chain and serves reads without a vote.
{}validator = {}
# Ed25519 key of this node's TLS links. Peers know the node by it.
node = {}
# File that holds the passphrase of protected key files, readable by this user only.
{}passphrase_file = {}

[network]
# The genesis document. Its hash is the chain id, so every node needs the very same bytes.
genesis = {}
# Where other nodes connect.
listen = {}
)",
      quoted(config.name), quoted(config.data_dir), config.validator_key.empty() ? "# " : "",
      quoted(config.validator_key), quoted(config.node_key),
      config.passphrase_file.empty() ? "# " : "", quoted(config.passphrase_file),
      quoted(config.genesis), quoted(config.p2p_listen.to_string()));
  for (const PeerConfig& peer : config.peers) {
    out += fmt::format(R"(
# A node to link with: its name, node key (64 hexadecimal digits) and address.
[[network.peers]]
name = {}
node_key = {}
address = {}
)",
                       quoted(peer.name), quoted(peer.node_key.to_hex()),
                       quoted(peer.address.to_string()));
  }
  out += fmt::format(R"(
[rpc]
# Where gRPC clients connect. There is no TLS on it: keep it on loopback, or behind a proxy.
listen = {}

[operator]
# The socket of `salus consensus ...`, for this user only. Without this line it is operator.sock in
# data_dir; "" turns it off.
listen = {}

[metrics]
# HOST:PORT where Prometheus reads /metrics over plain HTTP: keep it on loopback. "" turns it off.
listen = {}

[log]
# debug, info, warn or error.
level = {}

[resources]
# Memory for ledger reads, MiB: 8 to 65536.
block_cache_mib = {}
# Memory for pages of the state's tree, MiB: 1 to 65536. Blocks cost least where it holds all of them:
# about 350 for a million records.
page_cache_mib = {}
# Size of one consensus journal file, MiB: 1 to 1024.
journal_file_mib = {}
# Threads that verify signatures: 0 (one a core) to 256.
verify_threads = {}

[sync]
# Start an empty ledger from a snapshot of the peers, whose parts are verified one by one, instead of
# from block 1. Without effect on a ledger that has blocks.
snapshot = {}
# Peers are offered the states after heights that are multiples of this: 1 to 1000000.
snapshot_every = {}

[retention]
# How many heights back the state can be read and proven here; older ones are forgotten while the node
# runs. At least twice sync.snapshot_every, or 0: all of them, for archives.
states = {}
# How many heights back blocks are kept, for peers that catch up and for receipts. At least twice
# sync.snapshot_every, or 0: all of them. At least one node of a network keeps all, or an archive.
blocks = {}
# How many heights back results and events are kept, at most as many as blocks; 0: as long as blocks.
events = {}
# Folder in which blocks and results are written to archive files before they are pruned; what is not
# in one is then not pruned. Without this line nothing is archived.
{}archive = {}
)",
                     quoted(config.rpc_listen.to_string()), quoted(config.operator_listen),
                     quoted(config.metrics_listen ? config.metrics_listen->to_string() : ""),
                     quoted(config.log_level), config.block_cache_mib, config.page_cache_mib,
                     config.journal_file_mib, config.verify_threads, config.snapshot,
                     config.snapshot_every, config.retained_states, config.retained_blocks,
                     config.retained_events, config.archive.empty() ? "# " : "",
                     quoted(config.archive.empty() ? "archive" : config.archive));
  return out;
}

}  // namespace salus::node
