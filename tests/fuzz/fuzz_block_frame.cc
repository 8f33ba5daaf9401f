// Owns: any bytes as the payload of a Block frame (wire/block_frame.h).
#include "fuzz/fuzz.h"
#include "wire/block_frame.h"

namespace salus::fuzz {

std::vector<std::string> examples() {
  const Bytes block(20, 4);
  const wire::BlockFrame frame{.epoch = Epoch{2}, .digest = {}, .bytes = block};
  const wire::BlockFrame empty{.epoch = Epoch{}, .digest = {}, .bytes = {}};
  return {text_of(wire::encode(frame)), text_of(wire::encode(empty))};
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const ByteView input{data, size};
  const auto frame = wire::decode_block_frame(input);
  if (!frame) return 0;
  fuzz::require(fuzz::text_of(wire::encode(*frame)) == fuzz::text_of(input),
                "a block frame has one encoding");
  return 0;
}
