// Owns: validator sets that follow each other on whole replicas (C38 to C45): sets grow and shrink
// by proposals, under load, with crashes at every moment around the boundary; who was away catches
// up over several epochs, and who joins begins to vote by itself. No fork, no lost transaction.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/assert.h"
#include "dao/governance/proposals.h"
#include "dao/validators/validators.h"
#include "ledger/reader.h"
#include "sim/actions.h"

namespace salus::sim {
namespace {

using dao::test::kSecond;
using dao::test::kToken;

std::string operator_of(std::uint16_t node) { return fmt::format("operator {}", node); }

NetworkOptions growing(std::size_t n, std::size_t spares, std::uint64_t seed = 1,
                       const Faults& faults = {}) {
  NetworkOptions options = validators(n, seed, faults);
  options.spares = spares;
  options.parameters.emplace_back("consensus.epoch_blocks_min", 3);
  return options;
}

v1::Action register_nominee(const Network& network, std::uint16_t node) {
  const auto validator = dao::test::key_of(fmt::format("v{} validator", node));
  const auto link = dao::test::key_of(fmt::format("v{} node", node));
  v1::Action action;
  v1::RegisterNominee& nominee = *action.mutable_register_nominee();
  nominee.set_validator_key(validator.public_key().to_string());
  nominee.set_node_key(link.public_key().to_string());
  nominee.set_name(fmt::format("v{}", node));
  const Bytes message =
      dao::validators::key_proof(network.chain_id(), network.account(operator_of(node)),
                                 nominee.validator_key(), nominee.node_key());
  nominee.set_validator_proof(validator.sign(message).to_string());
  nominee.set_node_proof(link.sign(message).to_string());
  return action;
}

v1::Action prove_ready(const Network& network, std::uint16_t node) {
  const ledger::Tip& tip = network.replica(node).ledger().finalized();
  v1::Action action;
  v1::ProveReady& ready = *action.mutable_prove_ready();
  ready.set_height(tip.height.value());
  ready.set_digest(tip.digest.to_string());
  const Bytes message =
      dao::validators::ready_proof(network.chain_id(), ready.height(), ready.digest());
  const auto key = dao::test::key_of(fmt::format("v{} validator", node));
  ready.set_signature(key.sign(message).to_string());
  return action;
}

v1::Action reseat(const Network& network, std::uint16_t node, char nonce) {
  v1::Action action;
  v1::Reseat& again = *action.mutable_reseat();
  again.set_nonce(std::string(16, nonce));
  const Bytes message = dao::validators::reseat_proof(network.chain_id(), again.nonce());
  const auto key = dao::test::key_of(fmt::format("v{} validator", node));
  again.set_signature(key.sign(message).to_string());
  return action;
}

struct Change {
  std::vector<std::uint16_t> add;
  std::vector<std::uint16_t> remove;
};

v1::Action submit_change(const Network& network, const Change& change) {
  v1::Action action;
  v1::Submit& submit = *action.mutable_submit();
  submit.set_scheme(v1::SCHEME_YES_NO);
  v1::ChangeSet& set = *submit.add_options()->add_actions()->mutable_change_set();
  for (const std::uint16_t node : change.add) {
    v1::NomineeRef& nominee = *set.add_add();
    nominee.set_operator_account(network.account(operator_of(node)).to_string());
    const auto key = dao::test::key_of(fmt::format("v{} validator", node));
    nominee.set_validator_key(key.public_key().to_string());
  }
  for (const std::uint16_t node : change.remove) {
    set.add_remove(network.account(operator_of(node)).to_string());
  }
  submit.set_text_hash(std::string(32, 't'));
  submit.set_deposit(50 * kToken);
  return action;
}

std::uint64_t epoch_at(const Network& network, std::uint16_t node) {
  return ledger::Reader{network.disk(node).store()}.tip().validators.epoch();
}

std::size_t members_at(const Network& network, std::uint16_t node) {
  const auto tip = ledger::Reader{network.disk(node).store()}.tip();
  return static_cast<std::size_t>(tip.validators.validators_size());
}

bool votes(const Network& network, std::uint16_t node) {
  return network.replica(node).status().consensus.mode == consensus::Mode::Voting;
}

// Every running node is in epoch `epoch`, ledger and core.
bool are_all_in(const Network& network, std::uint64_t epoch) {
  for (std::uint16_t node = 0; node < network.size(); ++node) {
    if (!network.is_up(node)) continue;
    if (epoch_at(network, node) != epoch) return false;
    if (network.replica(node).status().consensus.epoch != Epoch{epoch}) return false;
  }
  return true;
}

bool finishes(Network& network, Network::Handle handle, std::uint64_t span_ms = 20'000) {
  return network.run_until([&] { return network.is_final(handle); }, span_ms);
}

// What it did, by the word of the node that it was given to: "ERROR_CODE_UNSPECIFIED" is well.
bool is_told(Network& network, Network::Handle handle) {
  return network.run_until([&] { return network.client(handle).result.has_value(); }, 20'000);
}

std::string code_of(const Network& network, Network::Handle handle) {
  const auto& result = network.client(handle).result;
  return result ? v1::ErrorCode_Name(result->code()) : std::string{"no result"};
}

// Registers the node of `node` and shows that it follows the chain.
void nominate(Network& network, std::uint16_t node) {
  const auto registered = network.submit(0, operator_of(node), register_nominee(network, node));
  ASSERT_TRUE(is_told(network, registered));
  const auto& result = network.client(registered).result;
  ASSERT_TRUE(result && result->code() == v1::ERROR_CODE_UNSPECIFIED)
      << code_of(network, registered);
}

void make_ready(Network& network, std::uint16_t node) {
  const auto ready = network.submit(0, operator_of(node), prove_ready(network, node));
  ASSERT_TRUE(is_told(network, ready));
  const auto& result = network.client(ready).result;
  ASSERT_TRUE(result && result->code() == v1::ERROR_CODE_UNSPECIFIED) << code_of(network, ready);
}

// A proposal from its submission to the height at which it executes. `number` counts from 1.
void decide(Network& network, const Change& change, std::uint64_t number) {
  const auto submitted = network.submit(0, "mira", submit_change(network, change));
  ASSERT_TRUE(is_told(network, submitted));
  const auto& result = network.client(submitted).result;
  ASSERT_TRUE(result && result->code() == v1::ERROR_CODE_UNSPECIFIED)
      << code_of(network, submitted);
  const auto state = [&] {
    const ledger::Reader reader{network.disk(0).store()};
    const auto proposal = dao::governance::find_proposal(reader.state(), number);
    return proposal ? proposal->state() : v1::PROPOSAL_STATE_UNSPECIFIED;
  };
  ASSERT_TRUE(
      network.run_until([&] { return state() == v1::PROPOSAL_STATE_VOTING; }, 60 * kSecond));
  for (const char* name :
       {"mira", "noor", "pavel", "chen", "diaz", "ada", "kofi", "hope", "anne"}) {
    network.submit(0, name, vote_yes(number));
  }
  ASSERT_TRUE(
      network.run_until([&] { return state() == v1::PROPOSAL_STATE_EXECUTED; }, 400 * kSecond))
      << static_cast<int>(state());
}

TEST(Epochs, an_operator_asks_for_one_and_everybody_enters_it) {
  for (const std::size_t n : {1U, 2U, 4U, 7U}) {
    Network network{growing(n, 0)};
    network.start_all();
    const auto asked = network.submit(0, operator_of(0), reseat(network, 0, 'n'));
    ASSERT_TRUE(network.run_until([&] { return are_all_in(network, 1); }, 10 * kSecond))
        << n << network.oracle().report();
    EXPECT_TRUE(network.is_final(asked));
    const auto paid = pay(network, 0);
    EXPECT_TRUE(finishes(network, paid));
    network.run_for(2 * kSecond);
    EXPECT_TRUE(network.all_equal());
    EXPECT_EQ(network.oracle().report(), "") << n;
  }
}

TEST(Epochs, they_follow_each_other_quickly) {
  Network network{growing(4, 0)};
  network.start_all();
  for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) {
    const auto node = static_cast<std::uint16_t>(epoch);
    network.submit(0, operator_of(node), reseat(network, node, 'n'));
    ASSERT_TRUE(network.run_until([&] { return are_all_in(network, epoch); }, 10 * kSecond))
        << epoch;
  }
  EXPECT_EQ(network.oracle().report(), "");
}

TEST(Epochs, a_boundary_costs_no_timeout) {
  Network network{growing(4, 0)};
  network.start_all();
  network.run_for(1 * kSecond);
  network.submit(0, operator_of(0), reseat(network, 0, 'n'));
  const std::uint64_t before = network.now();
  ASSERT_TRUE(network.run_until([&] { return are_all_in(network, 1); }, 10 * kSecond));
  EXPECT_LT(network.now() - before, 500U);
  const std::uint64_t entered = network.now();
  const auto paid = pay(network, 1);
  ASSERT_TRUE(finishes(network, paid));
  EXPECT_LT(network.now() - entered, 500U);
}

TEST(Epochs, a_set_grows_by_proposals_and_shrinks_again) {
  Network network{growing(4, 3)};
  network.start_all();
  std::uint64_t number = 0;
  std::uint64_t epoch = 0;
  for (std::uint16_t node = 4; node < 7; ++node) {
    EXPECT_FALSE(votes(network, node));
    nominate(network, node);
    make_ready(network, node);
    decide(network, {.add = {node}, .remove = {}}, ++number);
    // The readiness may have passed while people voted: it waits until it is shown again.
    make_ready(network, node);
    ASSERT_TRUE(network.run_until([&] { return are_all_in(network, epoch + 1); }, 60 * kSecond));
    ++epoch;
    EXPECT_EQ(members_at(network, 0), node + 1U);
    EXPECT_TRUE(votes(network, node)) << "it joined by itself";
    const auto paid = pay(network, node);
    EXPECT_TRUE(finishes(network, paid));
  }
  for (const std::uint16_t node : {std::uint16_t{0}, std::uint16_t{5}}) {
    decide(network, {.add = {}, .remove = {node}}, ++number);
    ASSERT_TRUE(network.run_until([&] { return are_all_in(network, epoch + 1); }, 60 * kSecond));
    ++epoch;
    EXPECT_FALSE(votes(network, node)) << "it left, and follows";
  }
  EXPECT_EQ(members_at(network, 0), 5U);
  const auto paid = pay(network, 0);
  EXPECT_TRUE(finishes(network, paid));
  network.run_for(2 * kSecond);
  EXPECT_TRUE(network.all_equal());
  EXPECT_TRUE(network.are_all_final());
  EXPECT_EQ(network.oracle().report(), "");
}

TEST(Epochs, a_node_that_was_away_catches_up_over_several_boundaries) {
  Network network{growing(4, 0)};
  network.start_all();
  network.run_for(500);
  network.crash(3);
  for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) {
    const auto node = static_cast<std::uint16_t>(epoch - 1);
    network.submit(0, operator_of(node), reseat(network, node, 'n'));
    ASSERT_TRUE(network.run_until([&] { return are_all_in(network, epoch); }, 60 * kSecond))
        << epoch;
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(finishes(network, pay(network, 0)));
  }
  network.start(3);
  ASSERT_TRUE(network.run_until([&] { return are_all_in(network, 3) && network.all_equal(); },
                                30 * kSecond));
  EXPECT_TRUE(votes(network, 3));
  // One of the others may go now.
  network.crash(0);
  EXPECT_TRUE(finishes(network, pay(network, 1), 60 * kSecond));
  EXPECT_EQ(network.oracle().report(), "");
}

TEST(Epochs, a_node_that_was_cut_off_at_the_boundary_is_told_how_it_ended) {
  Network network{growing(4, 0)};
  network.start_all();
  network.run_for(500);
  network.partition({{0, 1, 2}, {3}});
  network.submit(0, operator_of(0), reseat(network, 0, 'n'));
  ASSERT_TRUE(network.run_until([&] { return epoch_at(network, 0) == 1; }, 60 * kSecond));
  network.heal();
  EXPECT_TRUE(network.run_until([&] { return are_all_in(network, 1); }, 5 * kSecond));
  EXPECT_EQ(network.oracle().report(), "");
}

struct Moment {
  std::uint64_t after_ms = 0;
  bool all = false;
};

// Crashes swept over the whole change: from the transaction that asks for it to well behind it.
void crash_at(std::uint64_t seed, const Moment& moment) {
  Faults faults;
  faults.delay_ms_max = 8;
  faults.disk_ms_max = 6;
  Network network{growing(4, 0, seed, faults)};
  network.start_all();
  network.run_for(300);
  network.submit(0, operator_of(1), reseat(network, 1, 'n'));
  for (const char* name : {"mira", "noor", "pavel"})
    network.submit(1, name, dao::test::transfer(network.account("ada"), 1));
  network.run_for(moment.after_ms);
  const auto victim = static_cast<std::uint16_t>(seed % 4);
  for (std::uint16_t node = 0; node < 4; ++node) {
    if (moment.all || node == victim) network.crash(node);
  }
  network.run_for(20);
  network.start_all();
  const bool done = settles(network, 60 * kSecond) &&
                    network.run_until([&] { return are_all_in(network, 1); }, 60 * kSecond);
  EXPECT_TRUE(done) << "seed " << seed << " after " << moment.after_ms
                    << (moment.all ? " all" : "");
  for (std::uint16_t node = 0; node < 4; ++node) EXPECT_TRUE(votes(network, node)) << node;
  EXPECT_TRUE(settles(network, 30 * kSecond));
  ASSERT_EQ(network.oracle().report(), "") << "seed " << seed << " after " << moment.after_ms;
}

TEST(Epochs, one_crashes_at_any_moment_around_the_boundary) {
  for (std::uint64_t ms = 0; ms <= 240; ms += 3) crash_at(1 + ms, {.after_ms = ms, .all = false});
}

TEST(Epochs, all_crash_at_any_moment_around_the_boundary) {
  for (std::uint64_t ms = 0; ms <= 240; ms += 3) crash_at(1 + ms, {.after_ms = ms, .all = true});
}

// A fifth validator joins under load; everybody, or the one that joins, loses its power on the way.
TEST(Epochs, crashes_while_a_validator_joins_cost_time_only) {
  for (std::uint64_t trial = 0; trial < 14; ++trial) {
    Faults faults;
    faults.delay_ms_max = 8;
    faults.disk_ms_max = 6;
    Network network{growing(4, 1, trial + 1, faults)};
    network.start_all();
    nominate(network, 4);
    make_ready(network, 4);
    decide(network, {.add = {4}, .remove = {}}, 1);
    network.submit(1, operator_of(4), prove_ready(network, 4));
    for (std::uint16_t i = 0; i < 6; ++i) pay(network, i % 4, i % 2 == 0 ? "mira" : "noor");
    network.run_for(trial / 2 * 15);
    const bool all = trial % 2 == 0;
    for (std::uint16_t node = all ? 0 : 4; node < 5; ++node) network.crash(node);
    network.run_for(20);
    network.start_all();
    for (int i = 0; i < 60 && !are_all_in(network, 1); ++i) {
      network.submit_lost_again();
      network.run_for(1'000);
    }
    EXPECT_TRUE(are_all_in(network, 1)) << trial;
    EXPECT_TRUE(settles(network, 60 * kSecond)) << trial;
    EXPECT_TRUE(votes(network, 4)) << trial;
    ASSERT_EQ(network.oracle().report(), "") << trial;
  }
}

}  // namespace
}  // namespace salus::sim
