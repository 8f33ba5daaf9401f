// Owns: any bytes as the payload of a Fetch, Answer or Status frame; the first byte chooses
// (sync/messages.h).
#include "fuzz/fuzz.h"
#include "sync/messages.h"

namespace salus::fuzz {

std::vector<std::string> examples() {
  const auto as = [](char kind, const Bytes& payload) { return kind + text_of(payload); };
  sync::StatusMessage status;
  status.height = Height{7};
  status.votes_of_receiver = {Bytes(123, 1), Bytes(83, 2)};
  const sync::ChainAnswer chain{.certificate = Bytes(30, 3), .blocks = {Bytes(9, 4), Bytes(5, 5)}};
  return {as(0, sync::encode(sync::FetchMessage{
                    sync::FetchCertificate{.epoch = Epoch{1}, .view = View{2}}})),
          as(0, sync::encode(sync::FetchMessage{sync::FetchBlock{}})),
          as(0, sync::encode(sync::FetchMessage{sync::FetchChain{Height{5}}})),
          as(1, sync::encode(sync::AnswerMessage{sync::CertificatesAnswer{{Bytes(40, 1)}}})),
          as(1, sync::encode(sync::AnswerMessage{chain})),
          as(1, sync::encode(sync::AnswerMessage{sync::PrunedAnswer{Height{513}}})),
          as(2, sync::encode(status))};
}

}  // namespace salus::fuzz

namespace {

using namespace salus;

template <typename Message>
void check(const std::optional<Message>& message, ByteView input) {
  if (!message) return;
  fuzz::require(fuzz::text_of(sync::encode(*message)) == fuzz::text_of(input),
                "a message has one encoding");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView payload = fuzz::after_first({data, size});
  if (data[0] % 3 == 0) check(sync::decode_fetch(payload), payload);
  if (data[0] % 3 == 1) check(sync::decode_answer(payload), payload);
  if (data[0] % 3 == 2) check(sync::decode_status(payload), payload);
  return 0;
}
