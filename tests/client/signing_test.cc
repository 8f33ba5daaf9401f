// Owns: proof that what is signed is what nodes check: exact bytes, the named keys, one chain.
#include "salus/signing.h"

#include <gtest/gtest.h>

#include "crypto/ed25519.h"
#include "wire/transaction.h"

namespace salus::client {
namespace {

SigningKey key_of(std::uint8_t number) {
  std::array<std::uint8_t, 32> seed{};
  seed[0] = number;
  return SigningKey::from_seed(seed);
}

v1::TxBody a_body() {
  v1::TxBody body;
  body.set_chain_id(std::string(32, 'c'));
  body.set_account(std::string(32, 'a'));
  body.set_sequence(3);
  body.set_expiry_height(9);
  body.add_actions()->mutable_exit();
  return body;
}

// RFC 8032, section 7.1, test 1.
TEST(SigningKey, is_ed25519) {
  std::array<std::uint8_t, 32> seed{};
  const auto bytes = parse_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  std::ranges::copy(*bytes, seed.begin());
  const SigningKey key = SigningKey::from_seed(seed);
  EXPECT_EQ(key.public_key().to_hex(),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(
      key.sign({}).to_hex(),
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
      "f9b46bd25bf5f0595bbe24655141438e7a100b");
  EXPECT_EQ(key.seed(), seed);
}

TEST(SigningKey, differs_whenever_one_is_generated) {
  EXPECT_NE(SigningKey::generate().public_key(), SigningKey::generate().public_key());
}

TEST(SigningKey, signs_after_a_move) {
  SigningKey first = key_of(1);
  const PublicKey before = first.public_key();
  const SigningKey second = std::move(first);
  EXPECT_EQ(second.public_key(), before);
}

TEST(Sign, makes_what_a_node_takes) {
  const SigningKey one = key_of(1);
  const SigningKey two = key_of(2);
  const v1::Transaction signed_one = sign(a_body(), {&two, &one});
  const std::string raw = signed_one.SerializeAsString();
  const auto decoded = wire::Transaction::decode_and_verify(as_bytes(raw));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ((*decoded)->signers(), (std::vector{two.public_key(), one.public_key()}));
  EXPECT_EQ((*decoded)->id(), transaction_id(signed_one));
  EXPECT_EQ((*decoded)->body_bytes(), a_body().SerializeAsString());
}

TEST(Sign, makes_the_same_bytes_again) {
  const SigningKey key = key_of(1);
  EXPECT_EQ(sign(a_body(), {&key}).SerializeAsString(), sign(a_body(), {&key}).SerializeAsString());
}

TEST(Sign, binds_every_field_of_the_body) {
  const SigningKey key = key_of(1);
  const v1::Transaction right = sign(a_body(), {&key});
  const auto holds = [&](const v1::TxBody& body) {
    v1::Transaction other = right;
    other.set_body(body.SerializeAsString());
    const std::string raw = other.SerializeAsString();
    return wire::Transaction::decode_and_verify(as_bytes(raw)).has_value();
  };
  EXPECT_TRUE(holds(a_body()));
  v1::TxBody body = a_body();
  body.set_chain_id(std::string(32, 'd'));
  EXPECT_FALSE(holds(body));
  body = a_body();
  body.set_sequence(4);
  EXPECT_FALSE(holds(body));
  body = a_body();
  body.set_expiry_height(10);
  EXPECT_FALSE(holds(body));
  body = a_body();
  body.set_auth_version(1);
  EXPECT_FALSE(holds(body));
  body = a_body();
  body.add_actions()->mutable_exit();
  EXPECT_FALSE(holds(body));
}

}  // namespace
}  // namespace salus::client
