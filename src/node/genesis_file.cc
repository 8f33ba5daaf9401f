// Owns: from a JSON file to a genesis document.
#include "node/genesis_file.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "ledger/genesis.h"

namespace salus::node {

Result<Genesis, GenesisFileError> load_genesis(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) {
    return std::unexpected(GenesisFileError{
        fmt::format("{}: {}. Set network.genesis to the document that your consortium published.",
                    path, error.message())});
  }
  if (size > kGenesisBytesMax) {
    return std::unexpected(GenesisFileError{
        fmt::format("{}: {} bytes are too many for a genesis document.", path, size)});
  }
  std::ifstream file{path, std::ios::binary};
  Genesis genesis;
  genesis.bytes.assign(std::istreambuf_iterator<char>{file}, {});
  if (file.bad() || genesis.bytes.size() != size) {
    return std::unexpected(GenesisFileError{fmt::format("{}: can't be read whole.", path)});
  }
  const auto parsed = google::protobuf::util::JsonStringToMessage(genesis.bytes, &genesis.document);
  if (!parsed.ok()) {
    return std::unexpected(GenesisFileError{
        fmt::format("{}: {}. A genesis document is JSON of salus.v1.GenesisDocument.", path,
                    std::string{parsed.message()})});
  }
  genesis.chain_id = ledger::chain_id_of(as_bytes(genesis.bytes));
  return genesis;
}

}  // namespace salus::node
