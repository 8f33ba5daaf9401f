// Owns: proof of who may stand for the set, and how a node shows that it is there (G-10, C47).
#include <functional>

#include "dao/a_validator.h"
#include "dao/accounts/accounts.h"
#include "dao/constitution.h"
#include "dao/validators/digests.h"

namespace salus::dao::test {
namespace {

void make_operator(Dao& dao, std::string_view name) {
  const auto office =
      grant_office(dao.account(name), membership::Role::Operator, 1'000'000 * kSecond);
  ASSERT_EQ(dao.apply_as_dao(office), "Ok");
}

TEST(RegisterNominee, makes_a_nominee_that_is_bound_until_it_leaves) {
  Dao dao(a_network());
  nominate(dao, "ada");
  EXPECT_EQ(standing(dao, "ada"), "NOMINEE");
  EXPECT_EQ(validator(dao, "ada").registered_height(), dao.height().value());
  EXPECT_EQ(accounts::find_account(dao.state(), dao.account("ada"))->obligations(), 1U);
  EXPECT_EQ(dao.as("ada").apply(exit_dao()).error(), "ExitBound");

  EXPECT_TRUE(dao.as("ada").apply(leave()).told(v1::EVENT_KIND_NOMINEE_WITHDRAWN));
  EXPECT_EQ(standing(dao, "ada"), "WITHDRAWN");
  EXPECT_EQ(accounts::find_account(dao.state(), dao.account("ada"))->obligations(), 0U);
  EXPECT_TRUE(dao.as("ada").apply(exit_dao()).ok());
  dao.end_block();
}

TEST(RegisterNominee, takes_only_operators_in_office) {
  Dao dao(a_network());
  EXPECT_EQ(dao.apply("ada", register_nominee(dao, "ada")).error(), "NotAuthorized");
  make_operator(dao, "ada");
  ASSERT_EQ(dao.apply_as_dao(suspend(dao.account("ada"), dao.now_ms() + 100 * kSecond)), "Ok");
  EXPECT_EQ(dao.apply("ada", register_nominee(dao, "ada")).error(), "NotAuthorized");
}

TEST(RegisterNominee, refuses_each_flaw_by_its_name) {
  struct Case {
    const char* name;
    std::function<void(v1::RegisterNominee&)> spoil;
    const char* error;
  };
  using Action = v1::RegisterNominee;
  const std::string olga = validator_key_of("olga").public_key().to_string();
  const Case cases[] = {
      {"a validator's key", [&](Action& a) { a.set_validator_key(olga); }, "KeyReused"},
      {"a validator's key as node key", [&](Action& a) { a.set_node_key(olga); }, "KeyReused"},
      {"one key for both", [](Action& a) { a.set_node_key(a.validator_key()); }, "KeyReused"},
      {"short key", [](Action& a) { a.set_validator_key("k"); }, "Malformed"},
      {"long node key", [](Action& a) { a.set_node_key(std::string(33, 'k')); }, "Malformed"},
      {"short org", [](Action& a) { a.set_org("org"); }, "Malformed"},
      {"proof of the validator key", [](Action& a) { a.set_validator_proof(a.node_proof()); },
       "ProofInvalid"},
      {"proof of the node key", [](Action& a) { a.set_node_proof(a.validator_proof()); },
       "ProofInvalid"},
      {"no proof", [](Action& a) { a.clear_node_proof(); }, "ProofInvalid"},
      {"name", [](Action& a) { a.set_name("Ada"); }, "CodeInvalid"},
      {"no name", [](Action& a) { a.clear_name(); }, "CodeInvalid"},
      {"somebody's name", [](Action& a) { a.set_name("olga-node"); }, "CodeInUse"},
  };
  Dao dao(a_network());
  make_operator(dao, "ada");
  for (const Case& row : cases) {
    v1::Action action = register_nominee(dao, "ada");
    row.spoil(*action.mutable_register_nominee());
    EXPECT_EQ(dao.apply("ada", action).error(), row.error) << row.name;
    EXPECT_EQ(standing(dao, "ada"), "") << row.name;
  }
  // Another account cannot use what ada's keys signed for ada.
  make_operator(dao, "kofi");
  EXPECT_EQ(dao.apply("kofi", register_nominee(dao, "ada")).error(), "ProofInvalid");
  EXPECT_EQ(dao.apply("ada", register_nominee(dao, "ada")).error(), "Ok");
  EXPECT_EQ(dao.apply("ada", register_nominee(dao, "ada", 1)).error(), "AlreadyRegistered");
}

TEST(RegisterNominee, never_takes_a_key_twice_not_even_from_its_owner) {
  Dao dao(a_network());
  nominate(dao, "ada");
  ASSERT_TRUE(dao.as("ada").apply(leave()).ok());
  EXPECT_EQ(dao.apply("ada", register_nominee(dao, "ada")).error(), "KeyReused");
  EXPECT_EQ(dao.apply("ada", register_nominee(dao, "ada", 1)).error(), "Ok");
  EXPECT_EQ(standing(dao, "ada"), "NOMINEE");
  dao.end_block();
}

TEST(ProveReady, counts_from_the_height_at_which_it_is_executed) {
  Dao dao(a_network());
  nominate(dao, "ada");
  end_blocks(dao, 4);
  make_ready(dao, "ada");
  EXPECT_EQ(validators::find_liveness(dao.state(), dao.account("ada"))->last_ready_height(), 5U);
}

TEST(ProveReady, takes_digests_of_the_window_only) {
  Dao dao(a_network());
  nominate(dao, "ada");
  end_blocks(dao, 39);
  ASSERT_EQ(dao.height().value(), 40U);
  struct Case {
    const char* name;
    std::uint64_t height;
    const char* error;
  };
  const Case cases[] = {
      {"the oldest", 31, "Ok"},
      {"one too old", 30, "ReadyTooOld"},
      {"genesis", 0, "ReadyTooOld"},
      {"the parent", 39, "Ok"},
      {"this block", 40, "ReadyWrongDigest"},
      {"one to come", 41, "ReadyWrongDigest"},
  };
  for (const Case& row : cases) {
    EXPECT_EQ(dao.apply("ada", prove_ready("ada", row.height)).error(), row.error) << row.name;
  }
}

TEST(ProveReady, refuses_each_flaw_by_its_name) {
  Dao dao(a_network());
  end_blocks(dao, 5);
  EXPECT_EQ(dao.apply("ada", prove_ready("ada", 3)).error(), "NomineeUnknown");
  nominate(dao, "ada");
  v1::Action other_chain = prove_ready("ada", 3);
  other_chain.mutable_prove_ready()->set_digest(digest_at(4));
  EXPECT_EQ(dao.apply("ada", other_chain).error(), "ReadyWrongDigest");
  v1::Action short_digest = prove_ready("ada", 3);
  short_digest.mutable_prove_ready()->set_digest("d");
  EXPECT_EQ(dao.apply("ada", short_digest).error(), "Malformed");
  v1::Action unsigned_one = prove_ready("ada", 3);
  unsigned_one.mutable_prove_ready()->clear_signature();
  EXPECT_EQ(dao.apply("ada", unsigned_one).error(), "ProofInvalid");
  EXPECT_EQ(dao.apply("ada", prove_ready("kofi", 3)).error(), "ProofInvalid");
  v1::Action of_height_4 = prove_ready("ada", 4);
  of_height_4.mutable_prove_ready()->set_height(3);
  of_height_4.mutable_prove_ready()->set_digest(digest_at(3));
  EXPECT_EQ(dao.apply("ada", of_height_4).error(), "ProofInvalid");
  ASSERT_TRUE(dao.as("ada").apply(leave()).ok());
  EXPECT_EQ(dao.apply("ada", prove_ready("ada", 3)).error(), "NomineeUnknown");
}

TEST(ProveReady, of_an_earlier_node_says_nothing_of_the_next_one) {
  Dao dao(a_network());
  nominate(dao, "ada");
  end_blocks(dao, 2);
  make_ready(dao, "ada");
  ASSERT_TRUE(dao.as("ada").apply(leave()).ok());
  ASSERT_TRUE(dao.apply("ada", register_nominee(dao, "ada", 1)).ok());
  EXPECT_FALSE(validators::find_liveness(dao.state(), dao.account("ada")).has_value());
}

TEST(ProveReady, follows_a_window_that_the_dao_changed) {
  Dao dao(a_network());
  nominate(dao, "ada");
  end_blocks(dao, 20);
  constitution::put_value(dao.state(), "consensus.ready_window", 4);
  end_blocks(dao, 6);
  const std::uint64_t height = dao.height().value();
  EXPECT_EQ(dao.apply("ada", prove_ready("ada", height - 4)).error(), "ReadyTooOld");
  EXPECT_EQ(dao.apply("ada", prove_ready("ada", height - 3)).error(), "Ok");
}

TEST(ValidatorProofs, have_golden_bytes) {
  const ChainId chain{.bytes = {1}};
  const AccountId account{.bytes = {2}};
  const std::string zeros(62, '0');
  const std::string key(32, '\x03');
  const std::string node(32, '\x04');
  std::string threes;
  std::string fours;
  for (int i = 0; i < 32; ++i) {
    threes += "03";
    fours += "04";
  }
  EXPECT_EQ(hex(validators::key_proof(chain, account, key, node)),
            "73616c75732e76616c70726f6f662e31"  // salus.valproof.1
            "01" +
                zeros + "02" + zeros + threes + fours);
  EXPECT_EQ(hex(validators::ready_proof(chain, 258, key)),
            "73616c75732e72656164792e31000000"  // salus.ready.1
            "01" +
                zeros + "0000000000000102" + threes);
  EXPECT_EQ(hex(validators::reseat_proof(chain, std::string(16, '\x05'))),
            "73616c75732e7265736561742e310000"  // salus.reseat.1
            "01" +
                zeros + "05050505050505050505050505050505");
}

}  // namespace
}  // namespace salus::dao::test
