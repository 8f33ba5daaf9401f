// Owns: reading a genesis document. The chain id is the hash of the file's bytes, so they are kept
// as they are; what they say is parsed strictly: an unknown name is refused.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "salus/v1/chain.pb.h"

namespace salus::node {

// Far above any real network's; a larger file is not a genesis document.
inline constexpr std::size_t kGenesisBytesMax = std::size_t{256} << 20U;

struct Genesis {
  std::string bytes;
  v1::GenesisDocument document;
  ChainId chain_id;
};

struct GenesisFileError {
  // The file, what is wrong in it, what to do.
  std::string reason;
};

Result<Genesis, GenesisFileError> load_genesis(const std::string& path);

}  // namespace salus::node
