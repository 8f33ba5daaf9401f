// Owns: what an operator may decide about one node: where things are, who the peers are, how much
// memory and log. Nothing that consensus or execution reads can be expressed here (architecture.md,
// section 3). Unknown keys are refused, so a typing error is never a silent default.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace salus::node {

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  std::string to_string() const { return host + ":" + std::to_string(port); }
};

struct PeerConfig {
  std::string name;
  NodeId node_key;
  Endpoint address;
};

// Every key of config/salusd.toml, with its default.
struct Config {
  std::string name = "salus";
  std::string data_dir;
  // Empty: an observer, which follows the chain without a vote.
  std::string validator_key;
  std::string node_key;
  // File with the passphrase of protected key files; empty: they are unprotected or prompted for.
  std::string passphrase_file;
  std::string genesis;
  Endpoint p2p_listen{"127.0.0.1", 7201};
  std::vector<PeerConfig> peers;
  Endpoint rpc_listen{"127.0.0.1", 7401};
  // "unix:PATH", where the operator's own verbs are answered; empty: nowhere. Absent in the file:
  // in data_dir.
  std::string operator_listen = "unix:data/operator.sock";
  // Where Prometheus reads; nothing without it.
  std::optional<Endpoint> metrics_listen;
  std::string log_level = "info";
  std::uint32_t block_cache_mib = 128;
  std::uint32_t page_cache_mib = 64;
  std::uint32_t journal_file_mib = 64;
  std::uint32_t verify_threads = 0;  // 0: one a core
  // Start an empty ledger from a snapshot of the peers instead of from block 1.
  bool snapshot = false;
  // Offer peers the states after heights that are multiples of it.
  std::uint32_t snapshot_every = 1'000;
  // Heights back for which the state is kept; 0: all.
  std::uint32_t retained_states = 10'000;
  // Heights back for which blocks are kept; 0: all.
  std::uint32_t retained_blocks = 0;
  // Heights back for which results and events are kept; 0: as long as their blocks.
  std::uint32_t retained_events = 0;
  // Folder of archive files; nothing is pruned that is not in one. Empty: none are written.
  std::string archive;
};

// Names the file, the key and what to do.
struct ConfigError {
  std::string reason;
};

// Relative paths in the file are relative to its folder.
Result<Config, ConfigError> load_config(const std::string& path);

// The file's text for a new node, every key documented.
std::string render_config(const Config& config);

}  // namespace salus::node
