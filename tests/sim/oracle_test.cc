// Owns: the oracle tells on each broken rule that it watches. It is shown votes and frames that no
// correct node makes.
#include "sim/oracle.h"

#include <gtest/gtest.h>

#include "consensus/codec.h"
#include "dao/a_dao.h"
#include "ledger/chain.h"
#include "replica/facts.h"
#include "sim/genesis.h"

namespace salus::sim {
namespace {

class OracleTells : public ::testing::Test {
 public:
  Digest block(std::uint8_t name) const {
    Digest digest;
    digest.bytes[0] = name;
    return digest;
  }
  consensus::Candidate candidate(std::uint64_t view, std::uint64_t parent,
                                 std::uint8_t name) const {
    return {.epoch = Epoch{}, .view = View{view}, .parent = View{parent}, .digest = block(name)};
  }
  void sign(std::uint16_t who, const consensus::Subject& subject) {
    oracle.vote_signed(who, who, consensus::signed_bytes(genesis.chain_id, subject));
  }
  void notarize(std::initializer_list<std::uint16_t> voters, const consensus::Candidate& what) {
    for (const std::uint16_t who : voters) sign(who, consensus::notarize(what));
  }
  void finalize(std::initializer_list<std::uint16_t> voters, const consensus::Candidate& what) {
    for (const std::uint16_t who : voters) sign(who, consensus::finalize(what));
  }
  void nullify(std::initializer_list<std::uint16_t> voters, std::uint64_t view) {
    for (const std::uint16_t who : voters) sign(who, consensus::nullify(Epoch{}, View{view}));
  }
  bool told(std::string_view rule) const {
    return oracle.report().find(std::string{rule} + ":") != std::string::npos;
  }

  const Genesis& genesis = genesis_of(4, {});
  Oracle oracle{genesis.chain_id, genesis.set};
};

TEST_F(OracleTells, nothing_of_a_view_that_goes_well) {
  notarize({0, 1, 2}, candidate(1, 0, 1));
  finalize({0, 1, 2}, candidate(1, 0, 1));
  nullify({0, 1, 2}, 2);
  notarize({0, 1, 2}, candidate(3, 1, 2));
  EXPECT_EQ(oracle.report(), "");
}

TEST_F(OracleTells, of_two_notarizations_of_a_view) {
  oracle.excuse(0);
  oracle.excuse(1);
  notarize({0, 1, 2}, candidate(1, 0, 1));
  notarize({0, 1, 3}, candidate(1, 0, 2));
  EXPECT_TRUE(told("O1"));
}

TEST_F(OracleTells, of_a_finalization_without_notarization) {
  finalize({0, 1, 2}, candidate(1, 0, 1));
  EXPECT_TRUE(told("O2"));
}

TEST_F(OracleTells, of_a_view_that_is_final_and_nullified) {
  for (const std::uint16_t who : {std::uint16_t{0}, std::uint16_t{1}}) oracle.excuse(who);
  notarize({0, 1, 2}, candidate(1, 0, 1));
  finalize({0, 1, 2}, candidate(1, 0, 1));
  nullify({0, 1, 3}, 1);
  EXPECT_TRUE(told("O3"));
}

TEST_F(OracleTells, of_a_parent_that_is_not_notarized_and_of_a_view_jumped_over) {
  notarize({0, 1, 2}, candidate(2, 1, 1));
  EXPECT_TRUE(told("O5"));
  Oracle other{genesis.chain_id, genesis.set};
  oracle = other;
  notarize({0, 1, 2}, candidate(3, 0, 1));
  EXPECT_TRUE(told("O5"));
}

TEST_F(OracleTells, of_each_vote_that_the_table_refuses) {
  struct Case {
    const char* name;
    std::function<void(OracleTells&)> votes;
  };
  const Case kCases[] = {
      {"two notarize votes",
       [](OracleTells& it) {
         it.notarize({0}, it.candidate(2, 1, 1));
         it.notarize({0}, it.candidate(2, 1, 2));
       }},
      {"notarize in an older view",
       [](OracleTells& it) {
         it.notarize({0}, it.candidate(2, 1, 1));
         it.notarize({0}, it.candidate(1, 0, 2));
       }},
      {"finalize after nullify",
       [](OracleTells& it) {
         it.nullify({0}, 2);
         it.finalize({0}, it.candidate(2, 1, 1));
       }},
      {"nullify after finalize",
       [](OracleTells& it) {
         it.finalize({0}, it.candidate(2, 1, 1));
         it.nullify({0}, 2);
       }},
      {"finalize in an older view",
       [](OracleTells& it) {
         it.finalize({0}, it.candidate(2, 1, 1));
         it.finalize({0}, it.candidate(1, 0, 1));
       }},
  };
  for (const Case& row : kCases) {
    oracle = Oracle{genesis.chain_id, genesis.set};
    row.votes(*this);
    EXPECT_TRUE(told("O7")) << row.name;
  }
}

TEST_F(OracleTells, of_a_certificate_that_proves_nothing) {
  const consensus::Subject subject = consensus::nullify(Epoch{}, View{1});
  consensus::Certificate certificate{.subject = subject, .set_size = 4, .signatures = {}};
  const Bytes message = consensus::signed_bytes(genesis.chain_id, subject);
  for (std::uint16_t i = 0; i < 3; ++i) {
    const auto key = dao::test::key_of(validator_key_name(i));
    certificate.signatures[ValidatorIndex{i}] = key.sign(message);
  }
  oracle.frame_sent(0, 0, FrameType::Certificate, consensus::encode(certificate));
  EXPECT_EQ(oracle.report(), "");
  auto forged = certificate;
  forged.signatures[ValidatorIndex{2}].bytes[5] ^= 1;
  oracle.frame_sent(0, 0, FrameType::Certificate, consensus::encode(forged));
  EXPECT_TRUE(told("O6"));
  oracle = Oracle{genesis.chain_id, genesis.set};
  certificate.signatures.erase(ValidatorIndex{1});
  oracle.frame_sent(0, 0, FrameType::Certificate, consensus::encode(certificate));
  EXPECT_TRUE(told("O6")) << "two of four";
}

TEST_F(OracleTells, of_a_vote_on_a_link_before_it_is_durable) {
  const consensus::Subject subject = consensus::notarize(candidate(1, 0, 1));
  const auto key = dao::test::key_of(validator_key_name(2));
  const consensus::Vote vote{
      .subject = subject,
      .signer = ValidatorIndex{2},
      .signature = key.sign(consensus::signed_bytes(genesis.chain_id, subject))};
  oracle.frame_sent(2, 2, FrameType::Vote, consensus::encode(vote));
  EXPECT_NE(oracle.report().find("O8"), std::string::npos);
  oracle = Oracle{genesis.chain_id, genesis.set};
  sign(2, subject);
  oracle.frame_sent(2, 2, FrameType::Vote, consensus::encode(vote));
  EXPECT_EQ(oracle.report(), "");
}

// Regression: seed 1250 of a sweep. Whoever joins by the state of a node that computes differently
// must refuse its parts.
TEST_F(OracleTells, nothing_when_the_parts_of_a_differing_node_are_refused) {
  oracle.expect_difference(1);
  oracle.punished(0, 1, "a part of a snapshot that is not of it");
  EXPECT_EQ(oracle.report(), "");
  oracle.punished(0, 1, "bad signature");
  EXPECT_TRUE(told("O15"));
}

TEST_F(OracleTells, of_an_honest_validator_that_is_punished_or_accused) {
  oracle.punished(0, 1, "bad signature");
  EXPECT_TRUE(told("O15"));
  oracle = Oracle{genesis.chain_id, genesis.set};
  oracle.excuse(3);
  oracle.noticed(0, {.level = Notice::Level::Error,
                     .text = "Validator 3 signed two votes that exclude each other. epoch=0"});
  EXPECT_EQ(oracle.report(), "");
  oracle.noticed(0, {.level = Notice::Level::Error,
                     .text = "Validator 2 signed two votes that exclude each other. epoch=0"});
  EXPECT_TRUE(told("O15"));
}

// Regression: seed 2266 of a sweep. Validator 0 left, so that the traitor at 3 is at 2 of the next
// set.
TEST_F(OracleTells, nothing_of_a_traitor_whose_index_moved_with_the_set) {
  std::vector<consensus::Validator> members{genesis.set.members().begin(),
                                            genesis.set.members().end()};
  members.erase(members.begin());
  oracle.epoch_began(0, Epoch{1}, *consensus::ValidatorSet::make(members));
  oracle.excuse(3);
  const auto accuse = [&](std::string_view words) {
    oracle.noticed(0, {.level = Notice::Level::Error, .text = std::string{words}});
  };
  accuse("Validator 2 signed two votes that exclude each other. epoch=1 view=7");
  EXPECT_EQ(oracle.report(), "");
  accuse("Validator 2 signed two votes that exclude each other. epoch=0 view=7");
  EXPECT_TRUE(told("O15"));
}

// Found by a sweep: the oracle took a traitor's vote in a far view, for a block that was final long
// before, for a sign that the chain had come that far, and missed what had become final last.
TEST(OracleRegression, a_vote_of_a_traitor_in_a_far_view_does_not_tell_how_far_the_chain_came) {
  test::Chain chain{test::small_genesis(), test::Papers::Real};
  Oracle oracle{chain.chain_id(), replica::validator_set(chain.ledger().finalized())};
  const auto sign = [&](std::uint16_t who, const consensus::Subject& subject) {
    oracle.vote_signed(who, who, consensus::signed_bytes(chain.chain_id(), subject));
  };
  const auto make_final = [&](const consensus::Candidate& candidate) {
    for (std::uint16_t who = 0; who < 3; ++who) sign(who, consensus::notarize(candidate));
    for (std::uint16_t who = 0; who < 3; ++who) sign(who, consensus::finalize(candidate));
  };
  const auto tells = [&] {
    oracle.finish();
    return oracle.report().find("O10:") != std::string::npos;
  };

  const Digest first = chain.extend(chain.tip(), {});
  chain.finalize(first);
  make_final({.epoch = Epoch{}, .view = View{1}, .parent = View{0}, .digest = first});
  oracle.batch_written(0, chain.store());
  // Final by its votes, and on no disk yet when all is over.
  Digest last;
  last.bytes[0] = 9;
  make_final({.epoch = Epoch{}, .view = View{2}, .parent = View{1}, .digest = last});
  oracle.excuse(3);
  sign(3, consensus::notarize({.epoch = Epoch{},
                               .view = View{std::uint64_t{1} << 62U},
                               .parent = View{0},
                               .digest = first}));
  EXPECT_FALSE(tells()) << oracle.report();

  // Once a later view is final and on the chain, what was final before it and is not is a fork.
  const Digest other = chain.extend(chain.tip(), {}, 3);
  chain.finalize(other);
  make_final({.epoch = Epoch{}, .view = View{3}, .parent = View{1}, .digest = other});
  oracle.batch_written(0, chain.store());
  EXPECT_TRUE(tells());
}

}  // namespace
}  // namespace salus::sim
