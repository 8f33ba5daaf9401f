// Owns: proof that no bytes from outside become a Validated<Transaction> but right ones.
#include "wire/transaction.h"

#include <gtest/gtest.h>

#include <random>

#include "wire/signed_transaction.h"

namespace salus::wire {
namespace {

ChainId chain() { return *ChainId::from(std::string(32, 'c')); }
AccountId account(char fill) { return *AccountId::from(std::string(32, fill)); }
v1::TxBody a_body() { return test::transfer_body(chain(), account('a'), account('b'), 7); }

Result<Validated<Transaction>, Refusal> judge(const std::string& raw) {
  return Transaction::decode_and_verify(as_bytes(raw));
}
Refusal refusal_of(const std::string& raw) {
  const auto judged = judge(raw);
  EXPECT_FALSE(judged.has_value()) << hex(as_bytes(raw));
  return judged ? Refusal{} : judged.error();
}

TEST(Transaction, keeps_what_was_signed_and_sent) {
  const std::string raw = test::signed_raw(a_body(), {1, 2});
  const auto judged = judge(raw);
  ASSERT_TRUE(judged.has_value());
  const Transaction& transaction = **judged;
  EXPECT_EQ(transaction.raw(), raw);
  EXPECT_EQ(transaction.body_bytes(), state::encode(a_body()));
  EXPECT_EQ(transaction.id(), transaction_id(state::encode(a_body())));
  EXPECT_EQ(transaction.chain_id(), chain());
  EXPECT_EQ(transaction.account(), account('a'));
  EXPECT_EQ(transaction.sequence(), 7U);
  EXPECT_EQ(transaction.expiry(), Height{1000});
  EXPECT_EQ(transaction.signers(), (std::vector<PublicKey>{test::key_pair(1).public_key(),
                                                           test::key_pair(2).public_key()}));
}

TEST(Transaction, has_a_golden_id_and_bytes) {
  const std::string raw = test::signed_raw(a_body(), {1});
  EXPECT_EQ(transaction_id(state::encode(a_body())).to_hex(),
            "854092470d410c8ed6d9facca37b46d6117699454ed943b1a81c1591460a839f");
  EXPECT_EQ(leaf_of(as_bytes(raw)).to_hex(),
            "d9e2f334315e874af28455f62d123cce64cb73d61a30e6b372e393e5b55a813f");
}

TEST(Transaction, has_another_leaf_but_the_same_id_under_other_signatures) {
  const auto one = test::signed_transaction(a_body(), {1});
  const auto two = test::signed_transaction(a_body(), {1, 2});
  EXPECT_EQ(one->id(), two->id());
  EXPECT_NE(leaf_of(as_bytes(one->raw())), leaf_of(as_bytes(two->raw())));
}

TEST(Transaction, is_refused_for_its_own_reason) {
  const auto unknown_in_body = [] {
    v1::TxBody body = a_body();
    auto* transfer = body.mutable_actions(0)->mutable_transfer();
    transfer->GetReflection()->MutableUnknownFields(transfer)->AddVarint(99, 1);
    return test::signed_raw(body, {1});
  };
  const auto unknown_in_envelope = [] {
    v1::Transaction envelope = test::signed_envelope(state::encode(a_body()), {1});
    auto* signature = envelope.mutable_signatures(0);
    signature->GetReflection()->MutableUnknownFields(signature)->AddVarint(99, 1);
    return state::encode(envelope);
  };
  const auto with = [](auto change) {
    v1::TxBody body = a_body();
    change(body);
    return test::signed_raw(body, {1});
  };
  const auto with_key_of = [](std::size_t size) {
    v1::Transaction envelope = test::signed_envelope(state::encode(a_body()), {1});
    envelope.mutable_signatures(0)->set_key(std::string(size, 'k'));
    return state::encode(envelope);
  };
  const auto nested = [] {
    v1::TxBody body = a_body();
    v1::Action* action = body.mutable_actions(0);
    for (int i = 0; i < 8; ++i) action = action->mutable_submit()->add_options()->add_actions();
    action->mutable_cancel();
    return test::signed_raw(body, {1});
  };
  const auto wrongly_signed = [] {
    v1::Transaction envelope = test::signed_envelope(state::encode(a_body()), {1, 2});
    envelope.mutable_signatures(1)->mutable_signature()->at(0) ^= 1;
    return state::encode(envelope);
  };
  const std::vector<std::uint8_t> seventeen{1,  2,  3,  4,  5,  6,  7,  8, 9,
                                            10, 11, 12, 13, 14, 15, 16, 17};

  struct Case {
    const char* name;
    std::string raw;
    Refusal refusal;
  };
  const Case cases[] = {
      {"empty", "", Refusal::TooManySignatures},
      {"not protobuf", "\xff\xff", Refusal::Malformed},
      {"too large", std::string(kTransactionBytesMax + 1, '\0'), Refusal::TooLarge},
      {"a body that does not parse", state::encode(test::signed_envelope("\xff\xff", {1})),
       Refusal::Malformed},
      {"an unknown field deep in the body", unknown_in_body(), Refusal::UnknownField},
      {"an unknown field in a signature", unknown_in_envelope(), Refusal::UnknownField},
      {"nested too deeply", nested(), Refusal::Malformed},
      {"a short chain id", with([](v1::TxBody& body) { body.set_chain_id("c"); }),
       Refusal::Malformed},
      {"a long account", with([](v1::TxBody& body) { body.set_account(std::string(33, 'a')); }),
       Refusal::Malformed},
      {"no action", with([](v1::TxBody& body) { body.clear_actions(); }), Refusal::NoActions},
      {"17 actions", with([](v1::TxBody& body) {
         while (body.actions_size() < 17) *body.add_actions() = body.actions(0);
       }),
       Refusal::TooManyActions},
      {"an action without an operation", with([](v1::TxBody& body) { body.add_actions(); }),
       Refusal::ActionUnset},
      {"no signature", test::signed_raw(a_body(), {}), Refusal::TooManySignatures},
      {"17 signatures", test::signed_raw(a_body(), seventeen), Refusal::TooManySignatures},
      {"a key that signs twice", test::signed_raw(a_body(), {1, 1}), Refusal::TooManySignatures},
      {"a key of 31 bytes", with_key_of(31), Refusal::Malformed},
      {"one wrong signature of two", wrongly_signed(), Refusal::SignatureInvalid},
      {"a signature by another key", with_key_of(32), Refusal::SignatureInvalid},
  };
  for (const Case& row : cases) EXPECT_EQ(refusal_of(row.raw), row.refusal) << row.name;
}

TEST(Transaction, may_be_exactly_as_large_as_the_limit) {
  v1::Transaction envelope = test::signed_envelope(state::encode(a_body()), {1});
  const std::string raw = state::encode(envelope);
  EXPECT_TRUE(judge(raw).has_value());
  EXPECT_EQ(refusal_of(std::string(kTransactionBytesMax, '\0')), Refusal::Malformed);
}

TEST(Transaction, of_random_or_mutated_bytes_never_verifies_but_as_itself) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random{seed};
    const std::string good = test::signed_raw(a_body(), {1, 2});
    for (int i = 0; i < 300; ++i) {
      std::string raw = good;
      if (i % 3 == 0) {
        raw.assign(random() % 200, '\0');
        for (char& c : raw) c = static_cast<char>(random());
      } else if (i % 3 == 1) {
        raw.resize(random() % raw.size());
      } else {
        raw[random() % raw.size()] ^= static_cast<char>(1U << (random() % 8));
      }
      const auto judged = judge(raw);
      if (!judged) continue;
      // A flipped bit that survives may only have changed how the same content is spelled.
      EXPECT_EQ((*judged)->body_bytes(), state::encode(a_body())) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace salus::wire
