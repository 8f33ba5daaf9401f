// Owns: any bytes as a block header (ledger/header.h).
#include "fuzz/fuzz.h"
#include "ledger/header.h"

namespace salus::fuzz {

std::vector<std::string> examples() {
  ledger::Header header;
  const std::string empty = text_of(ledger::encode(header));
  header.height = Height{kOrdinalEnd - 1};
  header.view = View{7};
  header.time = WallMs{1'700'000'000'000};
  header.state_root.bytes.fill(9);
  return {empty, text_of(ledger::encode(header))};
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const ByteView input{data, size};
  const auto header = ledger::decode_header(input);
  if (!header) return 0;
  fuzz::require(fuzz::text_of(ledger::encode(*header)) == fuzz::text_of(input),
                "a header has one encoding");
  fuzz::require(header->height.value() < kOrdinalEnd && header->view.value() < kOrdinalEnd,
                "ordinals are below 2^63");
  return 0;
}
