// Owns: any bytes as an archive file: refused by name, or exactly what the encoder writes.
#include "fuzz/fuzz.h"
#include "ledger/body_codec.h"
#include "ledger/header.h"
#include "upkeep/archive_format.h"

namespace {

using namespace salus;

upkeep::Archive archive_of(std::uint64_t first, std::uint64_t count) {
  upkeep::Archive out;
  out.head.chain_id.bytes.fill(7);
  out.head.first = Height{first};
  out.head.last = Height{first + count - 1};
  Digest parent;
  for (std::uint64_t i = 0; i < count; ++i) {
    ledger::Header header;
    header.chain_id = out.head.chain_id;
    header.height = Height{first + i};
    header.parent = parent;
    const Bytes bytes = ledger::encode(header);
    parent = ledger::digest_of(bytes);
    upkeep::ArchivedBlock entry{.block = ledger::encode_body(bytes, {}),
                                .certificate = std::string(40, 'c'),
                                .outcome = {},
                                .results = std::nullopt};
    if (i % 2 == 0) entry.results = std::string(i, 'r');
    out.blocks.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

namespace salus::fuzz {

std::vector<std::string> examples() {
  return {upkeep::encode(archive_of(1, 1)), upkeep::encode(archive_of(9, 3))};
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const salus::ByteView bytes{data, size};
  const auto archive = salus::upkeep::decode_archive(bytes);
  if (!archive) {
    salus::fuzz::require(!salus::upkeep::sentence(archive.error()).empty(),
                         "a refused file is told why");
  } else {
    salus::fuzz::require(salus::upkeep::encode(*archive) == salus::as_chars(bytes),
                         "an archive has one encoding");
  }
  const auto name = salus::upkeep::parse_archive_name(salus::as_chars(bytes));
  if (name) {
    salus::fuzz::require(salus::upkeep::archive_name({{}, name->first, name->last}, name->hash) ==
                             salus::as_chars(bytes),
                         "a name has one spelling");
  }
  return 0;
}
