// Owns: any bytes as a proof of a transaction, a result or due work (ledger/inclusion.h).
#include "fuzz/fuzz.h"
#include "ledger/inclusion.h"
#include "ledger/results.h"
#include "state/record.h"

namespace salus::fuzz {

namespace {

const v1::BlockResults& results() {
  static const v1::BlockResults* made = [] {
    auto* out = new v1::BlockResults;
    for (int i = 0; i < 5; ++i) {
      auto* result = out->add_results();
      result->set_tx_id(std::string(TxId::kSize, static_cast<char>('a' + i)));
      result->add_events()->set_kind(v1::EVENT_KIND_TRANSFERRED);
    }
    out->add_due_events()->set_kind(v1::EVENT_KIND_EPOCH_STARTED);
    return out;
  }();
  return *made;
}

template <typename Message>
void check(const std::optional<Message>& message, std::string_view bytes, const Message& honest) {
  if (!message) return;
  require(state::encode(*message) == bytes, "a proof message has one encoding");
  if (!ledger::verify(Height{7}, ledger::results_root(results()), *message)) return;
  require(state::encode(honest) == bytes, "a fact has one proof");
}

}  // namespace

std::vector<std::string> examples() {
  v1::TransactionInclusion transaction;
  transaction.set_height(7);
  transaction.set_transaction("raw");
  transaction.mutable_path()->set_count(2);
  transaction.mutable_path()->add_siblings(std::string(Hash::kSize, 's'));
  return {std::string(1, '\0') + state::encode(transaction),
          std::string(1, '\1') + state::encode(ledger::prove_result(Height{7}, results(), 2)),
          std::string(1, '\2') + state::encode(ledger::prove_due(Height{7}, results()))};
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const ByteView input{data, size};
  if (input.empty()) return 0;
  const std::string_view bytes = as_chars(fuzz::after_first(input));
  const std::uint8_t kind = input.front();
  if (kind == 0) {
    const auto message = ledger::decode_transaction_inclusion(bytes);
    if (!message) return 0;
    fuzz::require(state::encode(*message) == bytes, "a proof message has one encoding");
    fuzz::require(!ledger::verify(Height{7}, Root{}, *message), "no list has a root of zeros");
  }
  if (kind == 1) {
    const auto message = ledger::decode_result_inclusion(bytes);
    const std::size_t index = message && message->path().index() < 5 ? message->path().index() : 0;
    fuzz::check(message, bytes, ledger::prove_result(Height{7}, fuzz::results(), index));
  }
  if (kind == 2) {
    fuzz::check(ledger::decode_due_inclusion(bytes), bytes,
                ledger::prove_due(Height{7}, fuzz::results()));
  }
  return 0;
}
