// Owns: proof of the key rules (G-2.1 to G-2.5).
#include "dao/accounts/accounts.h"

#include "crypto/hash.h"
#include "dao/a_dao.h"
#include "dao/assets/assets.h"

namespace salus::dao::test {
namespace {

const std::string kNonce(16, 'n');

// An opening with a proof of each named key.
v1::Action open_account(const std::vector<std::string>& keys, std::uint32_t threshold,
                        const std::string& nonce = kNonce) {
  v1::Action action;
  v1::OpenAccount& open = *action.mutable_open_account();
  std::map<std::string, std::string> name_of;
  for (const std::string& key : keys) {
    *open.add_keys() = account_key(key);
    name_of[key_of(key).public_key().to_string()] = key;
  }
  sort_keys(*open.mutable_keys());
  open.set_threshold(threshold);
  open.set_nonce(nonce);
  const AccountId id = accounts::account_id(chain_id(), as_bytes(nonce), open.keys(), threshold);
  for (const v1::AccountKey& key : open.keys()) {
    const auto pair = key_of(name_of[key.key()]);
    open.add_proofs(pair.sign(accounts::open_proof(id)).to_string());
  }
  return action;
}

AccountId id_of(const v1::Action& action) {
  const v1::OpenAccount& open = action.open_account();
  return accounts::account_id(chain_id(), as_bytes(open.nonce()), open.keys(), open.threshold());
}

v1::Action rotate(const AccountId& id, std::string_view key, std::uint32_t new_version) {
  v1::Action action;
  *action.mutable_rotate_keys()->add_keys() = account_key(key);
  action.mutable_rotate_keys()->set_threshold(1);
  action.mutable_rotate_keys()->add_proofs(
      key_of(key).sign(accounts::rotate_proof(id, new_version)).to_string());
  return action;
}

TEST(OpenAccount, gives_the_id_that_the_client_computed) {
  Dao dao;
  const v1::Action open = open_account({"lena"}, 1);
  const Applied opened = dao.as("mira").apply(open);
  ASSERT_EQ(opened.error(), "Ok");
  EXPECT_TRUE(opened.told(v1::EVENT_KIND_ACCOUNT_OPENED));
  const auto account = accounts::find_account(dao.state(), id_of(open));
  ASSERT_TRUE(account);
  EXPECT_EQ(account->opened_by(), dao.account("mira").to_string());
  EXPECT_EQ(dao.as("mira").apply(open).error(), "AccountExists");
}

TEST(OpenAccount, needs_the_proof_of_each_key) {
  Dao dao;
  v1::Action open = open_account({"lena", "luis"}, 2);
  open.mutable_open_account()->mutable_proofs()->RemoveLast();
  EXPECT_EQ(dao.as("mira").apply(open).error(), "ProofInvalid");
  open = open_account({"lena", "luis"}, 2);
  open.mutable_open_account()->mutable_proofs()->SwapElements(0, 1);
  EXPECT_EQ(dao.as("mira").apply(open).error(), "ProofInvalid");
}

TEST(OpenAccount, is_for_members_within_a_day_and_for_issuers_within_theirs) {
  Dao dao;
  EXPECT_EQ(dao.as("zed").apply(open_account({"lena"}, 1)).error(), "NotAuthorized");
  EXPECT_EQ(dao.as("registry").apply(open_account({"lena"}, 1)).error(), "Ok");
  EXPECT_EQ(membership::find_issuer(dao.state(), dao.account("registry"))->used(), 1U);

  EXPECT_EQ(dao.as("mira").apply(open_account({"a"}, 1)).error(), "Ok");
  EXPECT_EQ(dao.as("mira").apply(open_account({"b"}, 1)).error(), "Ok");
  EXPECT_EQ(dao.as("mira").apply(open_account({"c"}, 1)).error(), "OpenQuotaUsed");
  dao.advance_ms(membership::kDayMs);
  EXPECT_EQ(dao.as("mira").apply(open_account({"c"}, 1)).error(), "Ok");
}

TEST(RotateKeys, replaces_the_keys_and_nothing_else) {
  Dao dao;
  const std::uint64_t before = dao.tokens("mira");
  const AccountId mira = dao.account("mira");
  EXPECT_EQ(dao.as("mira").apply(rotate(mira, "new key", 2)).error(), "ProofInvalid");
  ASSERT_EQ(dao.as("mira").apply(rotate(mira, "new key", 1)).error(), "Ok");

  const auto account = accounts::find_account(dao.state(), mira);
  EXPECT_EQ(account->auth_version(), 1U);
  EXPECT_EQ(dao.tokens("mira"), before);
  EXPECT_EQ(dao.member("mira").state(), v1::MEMBER_STATE_ACTIVE);
  // What the old key signed and still waits makes its block invalid (decisions.md).
  const auto waiting = check_authentic(dao.state(), dao.body("mira", {burn(1)}),
                                       {key_of("mira").public_key()}, dao.height(), 1);
  EXPECT_EQ(waiting.error(), Error::KeyUnknown);
  // Signed by a key that stayed, but under the old key set: refused, and its sequence is used.
  v1::TxBody stale = dao.body("mira", {burn(1)});
  stale.set_auth_version(0);
  const auto result =
      execute(dao.block(), TxId{}, stale, {key_of("new key").public_key()}, dao.state());
  EXPECT_EQ(result.code(), v1::ERROR_CODE_AUTH_VERSION_STALE);
  EXPECT_EQ(dao.next_sequence("mira"), stale.sequence() + 1);
}

TEST(RotateKeys, does_not_lift_what_follows_it_in_the_same_transaction) {
  Dao dao;
  const AccountId mira = dao.account("mira");
  const auto both =
      dao.apply_all("mira", actions(rotate(mira, "new key", 1), transfer(dao.account("zed"), 5)));
  EXPECT_EQ(both.error(), "Ok");
}

TEST(Keys, must_be_able_to_replace_themselves) {
  struct Case {
    const char* name;
    std::vector<v1::AccountKey> keys;
    std::uint32_t threshold;
    Outcome expected;
  };
  v1::AccountKey short_key = account_key("a");
  short_key.set_key("short");
  const Case cases[] = {
      {"one key", {account_key("a")}, 1, {}},
      {"no key", {}, 1, refuse(Error::KeysLockOut)},
      {"threshold of nothing", {account_key("a")}, 0, refuse(Error::KeysLockOut)},
      {"out of reach", {account_key("a")}, 2, refuse(Error::KeysLockOut)},
      {"reached by a ballot key only",
       {account_key("a"), account_key("v", 5, 8)},
       2,
       refuse(Error::KeysLockOut)},
      {"weight 0", {account_key("a", 0)}, 1, refuse(Error::KeysLockOut)},
      {"no scope", {account_key("a", 1, 0)}, 1, refuse(Error::Limit)},
      {"unknown scope", {account_key("a", 1, 256)}, 1, refuse(Error::Limit)},
      {"short key", {short_key}, 1, refuse(Error::Limit)},
      {"twice", {account_key("a"), account_key("a")}, 1, refuse(Error::DuplicateKey)},
  };
  for (const Case& row : cases) {
    accounts::Keys keys;
    for (const v1::AccountKey& key : row.keys) *keys.Add() = key;
    sort_keys(keys);
    EXPECT_EQ(accounts::check_keys(keys, row.threshold), row.expected) << row.name;
  }
}

TEST(Account, id_is_the_hash_of_chain_nonce_keys_and_threshold) {
  accounts::Keys keys;
  *keys.Add() = account_key("lena", 2, 255);
  const AccountId id = accounts::account_id(chain_id(), as_bytes(kNonce), keys, 2);
  ByteWriter by_hand;
  by_hand.bytes(chain_id().view());
  by_hand.bytes(as_bytes(kNonce));
  by_hand.u8(1);
  by_hand.bytes(key_of("lena").public_key().view());
  by_hand.u8(2);
  by_hand.u32(255);
  by_hand.u16(2);
  EXPECT_EQ(id.to_hex(), crypto::hash("salus.account.v1", by_hand.out()).to_hex());
  EXPECT_NE(id, accounts::account_id(chain_id(), as_bytes(std::string(16, 'm')), keys, 2));
  EXPECT_NE(accounts::fund_account(chain_id(), 1), accounts::fund_account(chain_id(), 2));
}

}  // namespace
}  // namespace salus::dao::test
