// Owns: a local consortium for trying things out: keys, genesis document, one folder a node. Class
// TEST, so votes take seconds; keys unprotected and named as test keys.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "salus/v1/chain.pb.h"

namespace salus::cli {

struct DevnetNode {
  std::string name;
  PublicKey validator_key;
  NodeId node_key;
};

struct DevnetPerson {
  const char* name;
  // Role bits; 0: an account that is no member.
  std::uint32_t roles;
  std::uint32_t seats;
  // Whole native tokens.
  std::uint64_t tokens;
};
const std::vector<DevnetPerson>& devnet_people();

// The document of a devnet; `keys` holds a public key for each person and operator. The first
// `validators` nodes are the set; the others may be voted in. Voting takes `voting_ms`.
v1::GenesisDocument devnet_genesis(const std::map<std::string, PublicKey>& keys,
                                   const std::vector<DevnetNode>& nodes, std::size_t validators,
                                   std::uint64_t time_ms, std::uint64_t voting_ms);
std::string operator_name(std::size_t node);

}  // namespace salus::cli
