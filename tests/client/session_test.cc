// Owns: a session counts its account's sequence on, and finds it again after whatever went wrong.
#include <gtest/gtest.h>

#include <future>

#include "rpc/a_node.h"
#include "salus/client.h"

namespace salus::client {
namespace {

using test::ANode;

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    auto connected = Client::connect(
        {.endpoints = {node_.endpoint()}, .timeout = std::chrono::seconds{30}, .tls_roots = {}});
    EXPECT_TRUE(connected.has_value());
    client_.emplace(std::move(*connected));
  }

  // The key of account 0 of the small chain.
  static SigningKey key() {
    std::array<std::uint8_t, 32> seed{};
    seed[0] = 1;
    seed[31] = 1;
    return SigningKey::from_seed(seed);
  }
  Result<Session, Error> open(const AccountId& account) {
    return Session::open(*client_, account, {&key_});
  }
  v1::Action payment(std::uint64_t amount = 1) {
    v1::Action action;
    action.mutable_transfer()->set_to(node_.chain().account(1).to_string());
    action.mutable_transfer()->set_amount(amount);
    return action;
  }
  std::string finalize(Session& session, const v1::Action& action) {
    auto outcome = std::async(std::launch::async,
                              [&] { return session.submit({action}, v1::SUBMIT_WAIT_FINALIZED); });
    while (outcome.wait_for(std::chrono::milliseconds{1}) != std::future_status::ready) {
      node_.seal_what_waits();
    }
    const auto got = outcome.get();
    return got ? "Ok" : got.error().name;
  }

  ANode node_;
  SigningKey key_ = key();
  std::optional<Client> client_;
};

TEST_F(SessionTest, begins_with_what_the_network_knows_of_the_account) {
  node_.seal({node_.chain().transfer(0, 0), node_.chain().transfer(0, 1)});
  const auto session = open(node_.chain().account(0));
  ASSERT_TRUE(session.has_value());
  EXPECT_EQ(session->next_sequence(), 2U);
  const v1::TxBody body = session->body({payment()});
  EXPECT_EQ(body.chain_id(), node_.chain().chain_id().to_string());
  EXPECT_EQ(body.account(), node_.chain().account(0).to_string());
  EXPECT_EQ(body.sequence(), 2U);
  EXPECT_EQ(body.auth_version(), 0U);
  EXPECT_EQ(body.expiry_height(), 1 + Session::kExpiryHeights);
  EXPECT_EQ(body.actions_size(), 1);
}

TEST_F(SessionTest, of_an_account_that_is_not_there_does_not_open) {
  const auto session = open(*AccountId::from(std::string(32, 'x')));
  ASSERT_FALSE(session.has_value());
  EXPECT_EQ(session.error().kind, Error::Kind::NotFound);
  EXPECT_EQ(session.error().name, "AccountUnknown");
}

TEST_F(SessionTest, counts_on_with_each_signature_and_not_with_a_look_at_the_body) {
  auto session = open(node_.chain().account(0));
  ASSERT_TRUE(session.has_value());
  session->body({payment()});
  EXPECT_EQ(session->next_sequence(), 0U);
  for (std::uint64_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(session->submit({payment()}, v1::SUBMIT_WAIT_ADMITTED).has_value());
    EXPECT_EQ(session->next_sequence(), i + 1);
  }
}

TEST_F(SessionTest, goes_on_after_a_refusal_that_used_its_sequence) {
  auto session = open(node_.chain().account(0));
  ASSERT_TRUE(session.has_value());
  EXPECT_EQ(finalize(*session, payment(2'000'000)), "InsufficientFunds");
  EXPECT_EQ(session->next_sequence(), 1U);
  EXPECT_EQ(finalize(*session, payment()), "Ok");
  EXPECT_EQ(session->next_sequence(), 2U);
}

TEST_F(SessionTest, goes_on_after_a_refusal_that_did_not) {
  auto session = open(node_.chain().account(0));
  ASSERT_TRUE(session.has_value());
  EXPECT_EQ(finalize(*session, payment(0)), "AmountZero");
  EXPECT_EQ(session->next_sequence(), 0U);
  EXPECT_EQ(finalize(*session, payment()), "Ok");
}

// Another program of the same person was faster.
TEST_F(SessionTest, finds_its_sequence_again_when_somebody_else_used_it) {
  auto session = open(node_.chain().account(0));
  ASSERT_TRUE(session.has_value());
  node_.seal({node_.chain().transfer(0, 0, 7)});
  EXPECT_EQ(finalize(*session, payment()), "SequenceUsed");
  EXPECT_EQ(session->next_sequence(), 1U);
  EXPECT_EQ(finalize(*session, payment()), "Ok");
}

}  // namespace
}  // namespace salus::client
