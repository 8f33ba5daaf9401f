// Owns: any bytes as the stream of a link: frames and the Hello that opens it (net/frame.h). How
// the bytes were cut into chunks changes nothing.
#include "fuzz/fuzz.h"
#include "net/frame.h"

namespace salus::fuzz {

std::vector<std::string> examples() {
  const Bytes hello =
      net::encode_hello({.version = net::kProtocolVersion, .chain = {}, .instance = 7});
  const std::string greeting = text_of(net::encode_frame(net::kHelloFrame, hello));
  const std::string ping = text_of(net::encode_frame(net::kPingFrame, Bytes(net::kPingBytes)));
  const std::string vote = text_of(net::encode_frame(1, Bytes(123)));
  return {greeting, greeting + ping + vote, text_of(hello),
          text_of(net::encode_frame(net::kGoodbyeFrame, {}))};
}

}  // namespace salus::fuzz

namespace {

using namespace salus;

struct Read {
  std::vector<net::Frame> frames;
  std::optional<net::LinkEnd> end;
};

Read read_in_chunks(ByteView input, std::size_t chunk) {
  net::FrameReader reader;
  Read read;
  while (!input.empty() && !read.end) {
    const std::size_t next = std::min(chunk, input.size());
    read.end = reader.feed(input.first(next), read.frames);
    input = input.subspan(next);
  }
  return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input{data, size};
  const Read whole = read_in_chunks(input, input.size());
  std::string again;
  for (const net::Frame& frame : whole.frames) {
    const auto cap = net::payload_cap(frame.type);
    fuzz::require(cap && frame.payload.size() <= *cap, "a frame is within the cap of its type");
    again += fuzz::text_of(net::encode_frame(frame.type, frame.payload));
  }
  fuzz::require(fuzz::text_of(input).starts_with(again), "frames are the bytes they were cut from");
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}}) {
    const Read cut = read_in_chunks(input, chunk);
    fuzz::require(cut.end == whole.end, "chunks do not change how a stream ends");
    fuzz::require(cut.frames.size() == whole.frames.size(), "chunks do not change the frames");
    for (std::size_t i = 0; i < cut.frames.size(); ++i) {
      fuzz::require(cut.frames[i].type == whole.frames[i].type &&
                        cut.frames[i].payload == whole.frames[i].payload,
                    "chunks do not change a frame");
    }
  }
  net::Hello hello;
  if (!net::check_hello(input, ChainId{}, hello)) {
    fuzz::require(fuzz::text_of(input).starts_with(fuzz::text_of(net::encode_hello(hello))),
                  "a Hello says what it says; later versions may add to it");
  }
  return 0;
}
