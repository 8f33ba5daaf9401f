// Owns: any bytes as a transaction from a peer or a client (wire/transaction.h).
#include <google/protobuf/stubs/logging.h>

#include "fuzz/fuzz.h"
#include "state/record.h"
#include "wire/signed_transaction.h"
#include "wire/transaction.h"

namespace {

// A text that is no UTF-8 is refused, and libprotobuf says so each time.
[[maybe_unused]] const auto quiet = google::protobuf::SetLogHandler(nullptr);

}  // namespace

namespace salus::fuzz {

std::vector<std::string> examples() {
  const ChainId chain = *ChainId::from(std::string(32, 'c'));
  const AccountId from = *AccountId::from(std::string(32, 'a'));
  const AccountId to = *AccountId::from(std::string(32, 'b'));
  v1::TxBody body = test::transfer_body(chain, from, to, 7);
  const std::string one = test::signed_raw(body, {1});
  v1::Submit& submit = *body.add_actions()->mutable_submit();
  submit.set_scheme(v1::SCHEME_YES_NO);
  submit.set_text_hash(std::string(32, 't'));
  submit.add_options()->add_actions()->mutable_pay()->set_amount(5);
  return {one, test::signed_raw(body, {1, 2})};
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const auto decoded = wire::Transaction::decode({data, size});
  if (!decoded) return 0;
  fuzz::require(as_bytes(decoded->raw()).size() == size,
                "a transaction keeps the bytes it came in");
  const auto again = wire::Transaction::decode(as_bytes(decoded->raw()));
  fuzz::require(again && again->id() == decoded->id(), "the same bytes are the same transaction");
  fuzz::require(wire::transaction_id(decoded->body_bytes()) == decoded->id(),
                "the id is the hash of the body as it was signed");
  // What was read, written and read again is what was read.
  const std::string written = state::encode(decoded->body());
  const auto read = state::decode<v1::TxBody>(written);
  fuzz::require(state::encode(read) == written, "a body has one deterministic encoding");
  const std::size_t signers = decoded->signers().size();
  fuzz::require(signers >= 1 && signers <= 16, "1 to 16 signatures");
  const int actions = decoded->body().actions_size();
  fuzz::require(actions >= 1 && actions <= 16, "1 to 16 actions");
  return 0;
}
