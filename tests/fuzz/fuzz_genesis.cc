// Owns: any text as a genesis file (node/genesis_file.h), and any document it may hold as the
// beginning of a ledger (ledger/genesis.h).
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <fstream>

#include "crypto/ed25519.h"
#include "dao/a_dao.h"
#include "fuzz/fuzz.h"
#include "ledger/genesis.h"
#include "node/genesis_file.h"
#include "state/record.h"
#include "support/temp_folder.h"

namespace {

// A text that is no UTF-8 is refused, and libprotobuf says so each time.
[[maybe_unused]] const auto quiet = google::protobuf::SetLogHandler(nullptr);

std::string written(const salus::v1::GenesisDocument& document) {
  std::string text;
  salus::fuzz::require(google::protobuf::util::MessageToJsonString(document, &text).ok(),
                       "a document can be written");
  return text;
}

const std::filesystem::path& a_file() {
  static const salus::testing::TempFolder folder;
  static const std::filesystem::path path = folder / "genesis.json";
  return path;
}

}  // namespace

namespace salus::fuzz {

std::vector<std::string> examples() {
  require(crypto::initialise(), "libsodium is there");
  const v1::GenesisDocument document = dao::test::a_document();
  v1::GenesisDocument bare = document;
  bare.clear_parameters();
  bare.clear_members();
  return {written(document), written(bare), "{}"};
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  std::ofstream{a_file(), std::ios::binary} << fuzz::text_of({data, size});
  const auto genesis = node::load_genesis(a_file().string());
  if (!genesis) {
    fuzz::require(!genesis.error().reason.empty(), "a refused file is told why");
    return 0;
  }
  fuzz::require(genesis->bytes == fuzz::text_of({data, size}),
                "the chain id is of these very bytes");
  const auto batch = ledger::make_genesis(genesis->document, as_bytes(genesis->bytes));
  const auto again = ledger::make_genesis(genesis->document, as_bytes(genesis->bytes));
  fuzz::require(batch.has_value() == again.has_value(), "one document, one judgement");
  if (batch) fuzz::require(batch->writes == again->writes, "one document, one genesis state");
  return 0;
}
