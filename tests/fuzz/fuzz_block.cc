// Owns: any bytes as a block or the body of one (ledger/block.h, ledger/body_codec.h).
#include <google/protobuf/stubs/logging.h>

#include "crypto/ed25519.h"
#include "fuzz/fuzz.h"
#include "ledger/block.h"
#include "ledger/body_codec.h"
#include "wire/signed_transaction.h"

namespace {

// A text that is no UTF-8 is refused, and libprotobuf says so each time.
[[maybe_unused]] const auto quiet = google::protobuf::SetLogHandler(nullptr);

}  // namespace

namespace salus::fuzz {

std::vector<std::string> examples() {
  require(crypto::initialise(), "libsodium is there");
  const ChainId chain = *ChainId::from(std::string(32, 'c'));
  const AccountId from = *AccountId::from(std::string(32, 'a'));
  const AccountId to = *AccountId::from(std::string(32, 'b'));
  ledger::Header header;
  header.chain_id = chain;
  header.view = View{1};
  header.height = Height{1};
  header.time = WallMs{1'000};
  const auto transaction = [&](std::uint64_t sequence) {
    return test::signed_transaction(test::transfer_body(chain, from, to, sequence), {1});
  };
  return {ledger::Block::make(header, {})->bytes(),
          ledger::Block::make(header, {transaction(0)})->bytes(),
          ledger::Block::make(header, {transaction(0), transaction(1)})->bytes()};
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const ByteView input{data, size};
  if (const auto parts = ledger::decode_body(input)) {
    fuzz::require(ledger::encode_body(parts->header, parts->transactions) == fuzz::text_of(input),
                  "a body has one encoding");
  }
  const auto block = ledger::Block::decode(input);
  if (!block) return 0;
  fuzz::require(block->bytes() == fuzz::text_of(input), "a block keeps the bytes it came in");
  const Bytes header = ledger::encode(block->header());
  fuzz::require(block->digest() == ledger::digest_of(header), "the digest is the header's");
  std::vector<ByteView> raws;
  for (const auto& transaction : block->transactions()) raws.push_back(as_bytes(transaction.raw()));
  fuzz::require(ledger::encode_body(header, raws) == block->bytes(),
                "no second byte string has this digest");
  return 0;
}
