// Owns: proof that receipts are those of tests/vectors/receipts.json, byte for byte, and are judged
// as that file says. tests/vectors/receipts.py judges the same file from docs/formats.md alone.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/bytes.h"
#include "client/a_verifier.h"
#include "queries/receipt.h"

namespace salus::client {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFile = SALUS_SOURCE_DIR "/tests/vectors/receipts.json";
constexpr std::size_t kBitmapAt = 1 + 8 + 8 + 8 + 32 + 2;

std::string hex_of(const std::string& bytes) { return hex(as_bytes(bytes)); }

std::string read_file(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream{path, std::ios::binary}.rdbuf();
  return out.str();
}

// What a receipt says, or why it says nothing.
Json said(const Result<VerifiedFact, Flaw>& fact) {
  if (!fact) return {{"flaw", name(fact.error())}};
  Json out{{"epoch", fact->header.trusted.epoch.value()}, {"height", fact->header.height.value()}};
  if (const auto& tx = fact->transaction) {
    out["transaction"] = {{"tx_id", tx->id.to_hex()},
                          {"block", tx->height.value()},
                          {"index", tx->index},
                          {"time_ms", tx->time.value()},
                          {"code", tx->result.code()}};
  }
  if (const auto& proposal = fact->proposal) {
    Json tallies = Json::object();
    for (const auto& [chamber, tally] : proposal->tallies) {
      tallies[std::to_string(chamber)] = hex_of(tally.SerializeAsString());
    }
    out["proposal"] = {{"id", proposal->id},
                       {"block", proposal->height.value()},
                       {"record", proposal->record
                                      ? Json(hex_of(proposal->record->SerializeAsString()))
                                      : Json(nullptr)},
                       {"tallies", tallies}};
  }
  return out;
}

class ReceiptVectors : public VerifyTest {
 protected:
  // One epoch that ended, a proposal that is voted on, a payment; then all that the file holds.
  Json make() {
    end_epoch("olga", 'a');
    node_.apply("mira", test::submit_payment(node_.chain().person("ada")));
    node_.pass_ms(11 * dao::test::kSecond);
    node_.apply("noor", test::vote_yes(1));
    const auto sent = node_.chain().transfer(0, 0, 7);
    node_.seal({node_.chain().transfer(1, 0), sent, node_.chain().transfer(2, 0, 2'000'000)});
    node_.seal({});
    const v1::Receipt transaction = bare(receipt_of(sent->id()));
    const v1::Receipt proposal = of_proposal(1);
    add("R1", "a transaction, after one epoch that ended", transaction);
    add("R2", "a proposal that is voted on", proposal);
    add("R3", "a proposal that there is not", of_proposal(9));
    bend_the_way(transaction);
    bend_the_transaction(transaction);
    bend_the_proposal(proposal);
    return {{"format", "salus.vectors.receipts.v1"},
            {"title", "Receipts, right and bent"},
            {"note",
             "receipt is a salus.v1.Receipt in hexadecimal, without the genesis document, which is "
             "that of the file. out is what it proves, or the name of the flaw for which it is "
             "refused (include/salus/verify.h). Made by tests/client/receipt_vectors_test.cc; "
             "receipts.py judges each from docs/formats.md alone."},
            {"chain_id", node_.chain().chain_id().to_hex()},
            {"genesis", node_.chain().genesis_bytes()},
            {"vectors", vectors_}};
  }

 private:
  static v1::Receipt bare(v1::Receipt receipt) {
    receipt.clear_genesis();
    return receipt;
  }
  v1::Receipt of_proposal(std::uint64_t id) {
    v1::GetReceiptRequest request;
    request.set_proposal(1);
    v1::Receipt receipt = bare(ask(&v1::Chain::Stub::GetReceipt, request).receipt());
    if (id != 1) *receipt.mutable_state() = records(queries::receipt_keys(id));
    return receipt;
  }
  v1::StateProof records(const std::vector<std::string>& keys) {
    v1::GetProofRequest request;
    for (const std::string& key : keys) request.add_keys(key);
    return ask(&v1::Chain::Stub::GetProof, request).state();
  }
  void add(const std::string& id, const std::string& title, const v1::Receipt& receipt) {
    const auto fact =
        verify_receipt(node_.chain().chain_id(), receipt, node_.chain().genesis_bytes());
    vectors_.push_back({{"id", id},
                        {"title", title},
                        {"receipt", hex_of(receipt.SerializeAsString())},
                        {"out", said(fact)}});
  }
  // A copy of `receipt` that `bend` changed.
  template <typename Bend>
  void bent(const std::string& title, v1::Receipt receipt, const Bend& bend) {
    bend(receipt);
    add("B" + std::to_string(++bent_), title, receipt);
  }

  void bend_the_way(const v1::Receipt& right) {
    const auto certificate = [](v1::Receipt& receipt) {
      return receipt.mutable_finality()->mutable_header()->mutable_certificate();
    };
    bent("a layout that nobody knows", right, [](auto& receipt) { receipt.set_format(2); });
    bent("a bit of a signature", right,
         [&](auto& receipt) { certificate(receipt)->back() ^= 1; });
    bent("one signature less than a quorum", right, [&](auto& receipt) {
      std::string& bytes = *certificate(receipt);
      const auto bits = static_cast<unsigned char>(bytes[kBitmapAt]);
      // The lowest signer goes, and his signature, the first.
      bytes[kBitmapAt] = static_cast<char>(bits & (bits - 1U));
      bytes.erase(kBitmapAt + 1, 64);
    });
    bent("a certificate of another block", right, [&](auto& receipt) {
      *certificate(receipt) = receipt.finality().epoch_ends(0).boundary().certificate();
    });
    bent("no end of the epoch before", right,
         [](auto& receipt) { receipt.mutable_finality()->clear_epoch_ends(); });
    bent("another set after the epoch", right, [](auto& receipt) {
      auto& end = *receipt.mutable_finality()->mutable_epoch_ends(0);
      v1::ProvenRecord& record = *end.mutable_next_set()->mutable_records(0);
      v1::ValidatorSet set;
      SALUS_ASSERT(set.ParseFromString(record.value()), "the pending set");
      set.mutable_validators()->SwapElements(0, 1);
      record.set_value(set.SerializeAsString());
    });
    bent("a header that is cut short", right, [](auto& receipt) {
      receipt.mutable_finality()->mutable_header()->mutable_headers(0)->pop_back();
    });
    bent("a header of another chain", right, [](auto& receipt) {
      (*receipt.mutable_finality()->mutable_header()->mutable_headers(0))[4] ^= 1;
    });
    bent("no fact", right, [](auto& receipt) { receipt.clear_transaction(); });
  }

  void bend_the_transaction(const v1::Receipt& right) {
    bent("the header of another block", right, [](auto& receipt) {
      receipt.mutable_transaction()->set_block_header(receipt.finality().header().headers(0));
    });
    bent("another place in the block", right, [](auto& receipt) {
      receipt.mutable_transaction()->mutable_transaction()->mutable_path()->set_index(0);
    });
    bent("another result", right, [](auto& receipt) {
      v1::TxResult& result = *receipt.mutable_transaction()->mutable_result()->mutable_result();
      result.set_code(static_cast<v1::ErrorCode>(201));
    });
    bent("a signature of the transaction", right, [](auto& receipt) {
      auto& inclusion = *receipt.mutable_transaction()->mutable_transaction();
      inclusion.mutable_transaction()->back() ^= 1;
    });
  }

  void bend_the_proposal(const v1::Receipt& right) {
    bent("a tally that is bent", right, [](auto& receipt) {
      for (auto& record : *receipt.mutable_state()->mutable_records()) {
        if (record.key()[0] != 0x3a && record.has_value()) record.mutable_value()->back() ^= 1;
      }
    });
    bent("records of another state", right, [](auto& receipt) {
      receipt.mutable_state()->set_height(receipt.state().height() - 1);
    });
    bent("no proof of a chamber's tally", right, [&](auto& receipt) {
      auto keys = queries::receipt_keys(1);
      keys.pop_back();
      *receipt.mutable_state() = records(keys);
    });
    bent("the tally of another proposal", right, [&](auto& receipt) {
      auto keys = queries::receipt_keys(1);
      keys.back() = queries::receipt_keys(9).back();
      *receipt.mutable_state() = records(keys);
    });
  }

  Json vectors_ = Json::array();
  int bent_ = 0;
};

TEST_F(ReceiptVectors, are_made_byte_for_byte) {
  const std::string made = make().dump(1) + "\n";
  if (const char* path = std::getenv("SALUS_WRITE_VECTORS")) std::ofstream{path} << made;
  EXPECT_EQ(made, read_file(kFile))
      << "If the protocol was meant to change: SALUS_WRITE_VECTORS=tests/vectors/receipts.json "
         "client_test --gtest_filter='ReceiptVectors.*'";
}

TEST(ReceiptVectorsFile, is_judged_as_it_says) {
  const Json file = Json::parse(read_file(kFile));
  const auto chain_id = ChainId::from_hex(file["chain_id"].get<std::string>());
  ASSERT_TRUE(chain_id);
  std::set<std::string> flaws;
  for (const Json& vector : file["vectors"]) {
    v1::Receipt receipt;
    const Bytes bytes = *parse_hex(vector["receipt"].get<std::string>());
    ASSERT_TRUE(receipt.ParseFromString(std::string{as_chars(bytes)})) << vector["id"];
    const auto fact = verify_receipt(*chain_id, receipt, file["genesis"].get<std::string>());
    EXPECT_EQ(said(fact), vector["out"]) << vector["id"] << ": " << vector["title"];
    if (!fact) flaws.insert(name_of(fact.error()));
  }
  EXPECT_GE(flaws.size(), 10U) << "each way to bend one has its name";
}

}  // namespace
}  // namespace salus::client
