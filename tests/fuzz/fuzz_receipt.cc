// Owns: any bytes as a receipt (salus/verify.h): refused by name, or it proves what the small chain
// holds and nothing else.
#include "client/receipt_file.h"
#include "fuzz/fuzz.h"
#include "ledger/chain.h"
#include "queries/queries.h"
#include "salus/verify.h"

namespace {

using namespace salus;

// A transfer, and the block that certifies it.
struct Origin {
  Origin() : chain{test::small_genesis(), test::Papers::Real} {
    const auto transfer = chain.transfer(0, 0);
    id = transfer->id();
    chain.finalize(chain.extend(chain.tip(), {transfer, chain.transfer(1, 0)}));
    chain.finalize(chain.extend(chain.tip(), {}));
  }
  v1::Receipt receipt(const v1::GetReceiptRequest& request) {
    const auto view = queries::View::open(chain.store().snapshot());
    fuzz::require(view.has_value(), "the small chain can be read");
    const auto response = queries::answer(*view, request);
    fuzz::require(response.has_value(), "what it holds has a receipt");
    v1::Receipt receipt = response->receipt();
    // Known to whoever verifies here; without it mutations meet what is to be judged.
    receipt.clear_genesis();
    return receipt;
  }

  test::Chain chain;
  TxId id;
};

Origin& origin() {
  static Origin origin;
  return origin;
}

}  // namespace

namespace salus::fuzz {

std::vector<std::string> examples() {
  v1::GetReceiptRequest transaction;
  transaction.set_tx_id(origin().id.to_string());
  const v1::Receipt receipt = origin().receipt(transaction);
  return {receipt.SerializeAsString(), client::print_receipt(receipt), "{}"};
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto receipt = client::parse_receipt(fuzz::text_of({data, size}));
  if (!receipt) return 0;
  const auto fact =
      client::verify_receipt(origin().chain.chain_id(), *receipt, origin().chain.genesis_bytes());
  if (!fact) {
    fuzz::require(!client::sentence(fact.error()).empty(), "a refused receipt is told why");
    return 0;
  }
  if (fact->transaction) {
    const auto place = origin().chain.reader().place_of(fact->transaction->id);
    fuzz::require(place && place->height == fact->transaction->height,
                  "what is proven is in the chain");
  }
  return 0;
}
