// Owns: which chain this user trusts, and from which validator set on. A folder keeps, for each
// node, the chain that it was first seen on, and for each chain its genesis document, the latest
// set that a proof led to and the highest state that was verified. Losing the folder costs time,
// and the memory of first contacts.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "salus/client.h"
#include "salus/verify.h"

namespace salus::cli {

struct Trust {
  client::TrustedSet set;
  std::string genesis;
  // The highest state that was ever verified.
  Height seen;
  // Empty: nothing is kept.
  std::filesystem::path folder;
  // For stderr: a first contact, or a test network that was made anew.
  std::string remark;
};

struct TrustOptions {
  std::string genesis_file;
  std::string chain_id;
  std::string folder;
  // As typed: HOST:PORT.
  std::string node;
};

// Unproven, or why no node could be asked.
using TrustError = client::Error;

// --trust, SALUS_TRUST, $XDG_STATE_HOME/salus, ~/.local/state/salus; empty if none is known.
std::filesystem::path trust_folder(const std::string& option);
// Asks the node for what neither the options nor the folder say.
Result<Trust, TrustError> establish_trust(const TrustOptions& options, client::Client& client);
// Keeps a later set, if there is a folder.
void keep(const Trust& trust, const client::TrustedSet& latest);
// Keeps a higher state's height: a node that shows an older one is found out.
void keep_seen(Trust& trust, Height seen);

struct KnownNode {
  std::string node;
  std::string chain_id;
};
std::vector<KnownNode> known_nodes(const std::filesystem::path& folder);
// And what was seen of its chain. False if it was not known.
bool forget_node(const std::filesystem::path& folder, const std::string& node);

}  // namespace salus::cli
