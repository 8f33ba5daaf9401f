// Owns: proof of how sets follow each other (C39 to C41), and of what may wait in the queue (G-10).
#include <functional>

#include "dao/a_proposal.h"
#include "dao/a_validator.h"
#include "dao/accounts/accounts.h"
#include "dao/application.h"
#include "dao/constitution.h"
#include "dao/validators/preflight.h"

namespace salus::dao::test {
namespace {

using List = std::vector<std::string>;
const List kGenesis{"olga", "omar", "otto", "oona"};

// ada is voted in and would be taken at once.
Dao with_a_queued_nominee() {
  Dao dao(a_network());
  nominate(dao, "ada");
  dao.end_block();
  make_ready(dao, "ada");
  EXPECT_EQ(dao.apply_as_dao(change_set(dao, {.add = {"ada"}, .remove = {}})), "Ok");
  return dao;
}

Dao of_five() {
  Dao dao = with_a_queued_nominee();
  cross_boundary(dao);
  return dao;
}

TEST(SetChange, becomes_pending_then_current_and_is_told_to_everybody) {
  Dao dao = with_a_queued_nominee();
  EXPECT_EQ(standing(dao, "ada"), "QUEUED");
  dao.end_block();  // block 2: the epoch is too young
  EXPECT_TRUE(set_change_waits(dao.state()));
  EXPECT_FALSE(pending_set(dao.state()).has_value());

  const EndOfBlock third = dao.end_block();  // block 3: epoch_blocks_min
  EXPECT_TRUE(third.active);
  EXPECT_EQ(members(pending_set(dao.state())), (List{"olga", "omar", "otto", "oona", "ada"}));
  EXPECT_EQ(members(dao), kGenesis);
  EXPECT_EQ(validator_set(dao.state()).epoch(), 0U);
  EXPECT_TRUE(set_change_waits(dao.state()));
  EXPECT_EQ(standing(dao, "ada"), "QUEUED");

  dao.end_block();  // block 4 is the boundary block
  EXPECT_FALSE(pending_set(dao.state()).has_value());
  EXPECT_FALSE(set_change_waits(dao.state()));
  const v1::ValidatorSet current = validator_set(dao.state());
  EXPECT_EQ(current.epoch(), 1U);
  EXPECT_EQ(current.opened_height(), 4U);
  EXPECT_EQ(members(dao).back(), "ada");
  EXPECT_EQ(standing(dao, "ada"), "ACTIVE");
  EXPECT_EQ(members(set_of_epoch(dao.state(), Epoch{0})), kGenesis);
}

TEST(SetChange, waits_for_a_sleeping_nominee_while_others_pass_by) {
  Dao dao(a_network());
  nominate(dao, "ada");
  nominate(dao, "kofi");
  ASSERT_EQ(dao.apply_as_dao(change_set(dao, {.add = {"ada"}, .remove = {}})), "Ok");
  ASSERT_EQ(dao.apply_as_dao(change_set(dao, {.add = {"kofi"}, .remove = {}})), "Ok");
  dao.end_block();
  EXPECT_EQ(waits(dao), (List{"Q4", "Q4"}));
  EXPECT_FALSE(set_change_waits(dao.state())) << "nothing that a block would change";
  make_ready(dao, "kofi");
  cross_boundary(dao);
  EXPECT_EQ(members(dao).back(), "kofi");
  EXPECT_EQ(waits(dao), (List{"Q4"}));
  EXPECT_EQ(standing(dao, "ada"), "QUEUED");
}

TEST(SetChange, takes_one_at_a_time_the_oldest_first) {
  Dao dao(a_network(3), people_of_network(3));
  ASSERT_TRUE(dao.as("op0").apply(leave()).ok());
  ASSERT_TRUE(dao.as("op1").apply(leave()).ok());
  cross_boundary(dao);
  EXPECT_EQ(members(dao), (List{"olga", "omar", "otto", "oona", "op1", "op2"}));
  EXPECT_EQ(standing(dao, "op0"), "RETIRED");
  EXPECT_EQ(standing(dao, "op1"), "LEAVING");
  EXPECT_EQ(validator_set(dao.state()).opened_height(), 4U);
  end_blocks(dao, 2);
  EXPECT_FALSE(pending_set(dao.state()).has_value()) << "epoch 1 has two blocks";
  cross_boundary(dao);
  EXPECT_EQ(validator_set(dao.state()).opened_height(), 8U);
  EXPECT_EQ(standing(dao, "op1"), "RETIRED");
}

TEST(SetChange, queued_by_a_boundary_block_waits_for_the_next_epoch) {
  Dao dao = with_a_queued_nominee();
  end_blocks(dao, 2);
  ASSERT_TRUE(pending_set(dao.state()).has_value());
  // In the boundary block itself the coming set is what counts: without ada four are the least.
  EXPECT_EQ(dao.as("olga").apply(leave()).error(), "Ok");
  dao.end_block();
  EXPECT_EQ(validator_set(dao.state()).epoch(), 1U);
  EXPECT_EQ(standing(dao, "olga"), "LEAVING");
  EXPECT_EQ(waits(dao), (List{""}));
  EXPECT_FALSE(pending_set(dao.state()).has_value());
  cross_boundary(dao);
  EXPECT_EQ(members(dao), (List{"omar", "otto", "oona", "ada"}));
}

TEST(SetChange, of_a_network_without_live_members_waits_and_force_does_not) {
  Dao dao(a_network(3), people_of_network(3));
  // Only the first four build blocks here; 4n heights later the others count as absent.
  end_blocks(dao, 28);
  ASSERT_EQ(dao.apply_as_dao(change_set(dao, {.add = {}, .remove = {"olga"}})), "Ok");
  end_blocks(dao, 4);
  EXPECT_EQ(waits(dao), (List{"Q2"}));
  EXPECT_EQ(validator_set(dao.state()).epoch(), 0U);
  EXPECT_EQ(dao.apply_as_dao(withdraw_change(1)), "Ok");
  EXPECT_EQ(standing(dao, "olga"), "ACTIVE");
  ASSERT_EQ(dao.apply_as_dao(change_set(dao, {.add = {}, .remove = {"olga"}, .force = true})),
            "Ok");
  cross_boundary(dao);
  EXPECT_EQ(standing(dao, "olga"), "RETIRED");
}

TEST(ChangeSet, refuses_each_flaw_by_its_name) {
  Dao dao(a_network());
  nominate(dao, "ada");
  nominate(dao, "kofi");
  struct Case {
    const char* name;
    Names names;
    const char* error;
  };
  const Case cases[] = {
      {"nothing", {}, "Limit"},
      {"no nominee", {.add = {"mira"}, .remove = {}}, "Malformed"},
      {"a member again", {.add = {"olga"}, .remove = {}}, "NomineeUnknown"},
      {"twice", {.add = {"ada", "ada"}, .remove = {}}, "Limit"},
      {"in and out", {.add = {"ada"}, .remove = {"ada"}}, "Limit"},
      {"no member", {.add = {}, .remove = {"kofi"}}, "ValidatorUnknown"},
      {"below the least", {.add = {}, .remove = {"olga"}}, "SetChangeInvalid"},
      {"below the least by force",
       {.add = {}, .remove = {"olga"}, .force = true},
       "SetChangeInvalid"},
      {"too many at once", {.add = {"ada", "kofi"}, .remove = {}}, "SetChangeInvalid"},
  };
  for (const Case& row : cases) {
    EXPECT_EQ(dao.apply_as_dao(change_set(dao, row.names)), row.error) << row.name;
  }
  v1::Action nine = change_set(dao, {.add = {}, .remove = {"olga"}});
  for (int i = 0; i < 8; ++i) nine.mutable_change_set()->add_remove(std::string(32, char(i)));
  EXPECT_EQ(dao.apply_as_dao(nine), "Limit");
  v1::Action short_one;
  short_one.mutable_change_set()->add_remove("olga");
  EXPECT_EQ(dao.apply_as_dao(short_one), "Malformed");
  v1::Action other_key = change_set(dao, {.add = {"ada"}, .remove = {}});
  other_key.mutable_change_set()->mutable_add(0)->set_validator_key(std::string(32, 'k'));
  EXPECT_EQ(dao.apply_as_dao(other_key), "NomineeUnknown");
  EXPECT_EQ(dao.apply("olga", change_set(dao, {.add = {"ada"}, .remove = {}})).error(),
            "NotAuthorized");
  EXPECT_EQ(dao.apply_as_dao(change_set(dao, {.add = {"ada"}, .remove = {}})), "Ok");
  EXPECT_EQ(dao.apply_as_dao(change_set(dao, {.add = {"ada"}, .remove = {}})), "ChangeOpen");
}

TEST(ChangeSet, counts_an_organisation_over_all_its_operators) {
  Dao dao(a_network());
  nominate(dao, "ada");
  const auto office =
      grant_office(dao.account("kofi"), membership::Role::Operator, 1'000 * kSecond);
  ASSERT_EQ(dao.apply_as_dao(office), "Ok");
  v1::Action kofi = register_nominee(dao, "kofi");
  kofi.mutable_register_nominee()->set_org(dao.account("ada").to_string());
  ASSERT_TRUE(dao.apply("kofi", kofi).ok());
  dao.end_block();
  make_ready(dao, "ada");
  ASSERT_EQ(dao.apply_as_dao(change_set(dao, {.add = {"ada"}, .remove = {}})), "Ok");
  cross_boundary(dao);
  EXPECT_EQ(dao.apply_as_dao(change_set(dao, {.add = {"kofi"}, .remove = {}})), "SetChangeInvalid");
}

TEST(ChangeSet, is_judged_when_it_is_proposed_and_again_when_it_executes) {
  Dao dao(a_network());
  nominate(dao, "ada");
  const auto removal = change_set(dao, {.add = {}, .remove = {"olga"}});
  EXPECT_EQ(dao.apply("hope", submit({removal}, 50 * kToken)).error(), "SetChangeInvalid");
  const auto addition = change_set(dao, {.add = {"ada"}, .remove = {}});
  EXPECT_EQ(dao.apply("hope", submit({addition}, 50 * kToken)).error(), "Ok");
  const v1::Proposal one = proposal(dao, 1);
  EXPECT_EQ(one.lead(), 6U) << "track network (G-6.5)";
  ASSERT_EQ(one.recused_size(), 1) << "the nominee's operator is recused (G-7.10)";
  EXPECT_EQ(one.recused(0), dao.account("ada").to_string());
  const auto forced = change_set(dao, {.add = {"ada"}, .remove = {}, .force = true});
  EXPECT_EQ(dao.apply("hope", submit({forced}, 200 * kToken)).error(), "Ok");
  EXPECT_EQ(proposal(dao, 2).lead(), 8U) << "force needs the constitution's track";
}

TEST(Leave, is_refused_where_there_is_nothing_to_leave) {
  Dao dao(a_network(1), people_of_network(1));
  EXPECT_EQ(dao.as("mira").apply(leave()).error(), "ValidatorUnknown");
  EXPECT_EQ(dao.as("op0").apply(leave()).error(), "Ok");
  EXPECT_EQ(dao.as("op0").apply(leave()).error(), "LeaveQueued");
  EXPECT_EQ(dao.apply_as_dao(change_set(dao, {.add = {}, .remove = {"op0"}})), "LeaveQueued");
  end_blocks(dao, 3);
  ASSERT_TRUE(pending_set(dao.state()).has_value());
  EXPECT_EQ(dao.as("op0").apply(leave()).error(), "LeaveQueued") << "already pending";
  EXPECT_EQ(dao.apply_as_dao(change_set(dao, {.add = {}, .remove = {"op0"}})), "LeaveQueued");
  dao.end_block();
  EXPECT_EQ(dao.as("op0").apply(leave()).error(), "ValidatorUnknown");
  EXPECT_EQ(dao.as("olga").apply(leave()).error(), "SetChangeInvalid") << "four are the least";
}

TEST(Leave, of_a_nominee_drops_the_change_that_would_have_added_it) {
  Dao dao = with_a_queued_nominee();
  EXPECT_EQ(dao.as("ada").apply(leave()).error(), "Ok");
  EXPECT_EQ(standing(dao, "ada"), "WITHDRAWN");
  EXPECT_EQ(waits(dao), List{});
  end_blocks(dao, 5);
  EXPECT_EQ(members(dao), kGenesis);
}

TEST(Leave, once_its_joining_is_pending_is_a_member_s) {
  Dao dao = with_a_queued_nominee();
  end_blocks(dao, 2);
  ASSERT_TRUE(pending_set(dao.state()).has_value());
  EXPECT_EQ(dao.as("ada").apply(leave()).error(), "Ok");
  dao.end_block();
  EXPECT_EQ(standing(dao, "ada"), "LEAVING");
  cross_boundary(dao);
  EXPECT_EQ(standing(dao, "ada"), "RETIRED");
  EXPECT_EQ(accounts::find_account(dao.state(), dao.account("ada"))->obligations(), 0U);
}

TEST(Retired, operators_register_anew_with_new_keys) {
  Dao dao = of_five();
  ASSERT_TRUE(dao.as("ada").apply(leave()).ok());
  cross_boundary(dao);
  EXPECT_EQ(dao.apply("ada", register_nominee(dao, "ada")).error(), "KeyReused");
  EXPECT_EQ(dao.apply("ada", register_nominee(dao, "ada", 1)).error(), "Ok");
  EXPECT_EQ(dao.apply_as_dao(change_set(dao, {.add = {"ada"}, .remove = {}})), "Ok");
  dao.end_block();
  EXPECT_EQ(waits(dao), (List{"Q4"})) << "what the old node did does not count";
  make_ready(dao, "ada", 1);
  cross_boundary(dao);
  EXPECT_EQ(members(dao).back(), "ada");
}

TEST(Rekey, takes_effect_at_the_boundary_and_retires_the_old_key) {
  Dao dao(a_network());
  change_keys(dao, "omar", 1);
  EXPECT_EQ(dao.apply("omar", rekey(dao, "omar", 2)).error(), "ChangeOpen");
  EXPECT_EQ(dao.as("omar").apply(leave()).error(), "ChangeOpen");
  EXPECT_EQ(validator_set(dao.state()).validators(1).validator_key(),
            validator_key_of("omar").public_key().to_string());
  cross_boundary(dao);
  EXPECT_EQ(members(dao), kGenesis) << "the order stands";
  EXPECT_EQ(validator_set(dao.state()).validators(1).validator_key(),
            validator_key_of("omar", 1).public_key().to_string());
  EXPECT_EQ(validator_set(dao.state()).validators(1).node_key(),
            node_key_of("omar", 1).public_key().to_string());
  EXPECT_EQ(validator(dao, "omar").old_keys(0), validator_key_of("omar").public_key().to_string());
  EXPECT_EQ(dao.apply("omar", rekey(dao, "omar", 0)).error(), "KeyReused");
  make_ready(dao, "omar", 1);
}

TEST(Rekey, keeps_the_last_eight_old_keys) {
  v1::GenesisDocument document = a_network();
  set_in(document, "consensus.epoch_blocks_min", 1);
  Dao dao(document);
  for (int generation = 1; generation <= 10; ++generation) {
    change_keys(dao, "omar", generation);
    cross_boundary(dao);
  }
  EXPECT_EQ(validator(dao, "omar").old_keys_size(), 8);
  EXPECT_EQ(validator(dao, "omar").old_keys(7),
            validator_key_of("omar", 9).public_key().to_string());
}

TEST(Rekey, refuses_strangers_and_wrong_proofs) {
  Dao dao(a_network());
  nominate(dao, "ada");
  EXPECT_EQ(dao.apply("ada", rekey(dao, "ada", 1)).error(), "ValidatorUnknown");
  v1::Action wrong = rekey(dao, "omar", 1);
  wrong.mutable_rekey()->set_node_proof(wrong.rekey().validator_proof());
  EXPECT_EQ(dao.apply("omar", wrong).error(), "ProofInvalid");
  EXPECT_EQ(dao.apply("omar", rekey(dao, "omar", 1)).error(), "Ok");
}

TEST(Rekey, does_not_hold_off_a_removal_by_the_dao) {
  Dao dao(a_network(1), people_of_network(1));
  change_keys(dao, "op0", 1);
  EXPECT_EQ(dao.apply_as_dao(change_set(dao, {.add = {}, .remove = {"op0"}})), "Ok");
  EXPECT_EQ(waits(dao).size(), 1U);
  cross_boundary(dao);
  EXPECT_EQ(standing(dao, "op0"), "RETIRED");
}

// One of five is dead, and omar's new keys are those of a node that does not run: the three that
// would be left are no quorum of five, and no epoch could ever end again.
TEST(Rekey, to_a_node_that_does_not_run_does_not_cost_the_quorum) {
  Dao dao(a_network(1), people_of_network(1));
  end_blocks(dao, 20);
  ASSERT_FALSE(validators::is_live(dao.state(), dao.account("op0"), dao.height()));
  ASSERT_EQ(dao.apply("omar", rekey(dao, "omar", 1)).error(), "Ok");
  end_blocks(dao, 6);
  EXPECT_EQ(waits(dao), (List{"Q2"}));
  make_ready(dao, "omar");
  end_blocks(dao, 6);
  EXPECT_EQ(waits(dao), (List{"Q2"})) << "the old node says nothing of the new one";
  EXPECT_FALSE(set_change_waits(dao.state()));
  EXPECT_EQ(validator_set(dao.state()).epoch(), 0U);

  make_ready(dao, "omar", 1);
  cross_boundary(dao);
  EXPECT_EQ(validator(dao, "omar").info().validator_key(),
            validator_key_of("omar", 1).public_key().to_string());
}

TEST(Rekey, waits_for_its_new_node_as_for_a_nominee_where_the_quorum_is_safe) {
  Dao dao(a_network());
  ASSERT_EQ(dao.apply("omar", rekey(dao, "omar", 1)).error(), "Ok");
  end_blocks(dao, 4);
  EXPECT_EQ(waits(dao), (List{"Q4"}));
  EXPECT_TRUE(validators::is_live(dao.state(), dao.account("omar"), dao.height()))
      << "under its old key, for changes of others";
  make_ready(dao, "omar", 1);
  cross_boundary(dao);
  EXPECT_EQ(validator_set(dao.state()).epoch(), 1U);
}

TEST(Rekey, passes_within_the_window_of_the_proof_and_not_at_its_end) {
  const auto pending_after_eleven = [](std::uint64_t proof) {
    v1::GenesisDocument document = a_network();
    set_in(document, "consensus.epoch_blocks_min", 11);
    Dao dao(document);
    end_blocks(dao, proof - 1);
    change_keys(dao, "omar", 1);
    end_blocks(dao, 11 - proof);
    EXPECT_FALSE(pending_set(dao.state()).has_value()) << "the epoch has ten blocks";
    dao.end_block();
    return pending_set(dao.state()).has_value();
  };
  EXPECT_TRUE(pending_after_eleven(2)) << "nine heights ago";
  EXPECT_FALSE(pending_after_eleven(1)) << "ten heights ago: the window is over";
}

TEST(Rekey, makes_the_operator_live_by_the_proof_of_the_new_key_alone) {
  Dao dao(a_network());
  change_keys(dao, "omar", 1);
  const auto live_at = [&](std::uint64_t height) {
    return validators::is_live(dao.state(), dao.account("omar"), Height{height});
  };
  EXPECT_TRUE(live_at(15)) << "genesis vouches for the old key until height 16";
  cross_boundary(dao);
  const auto liveness = validators::find_liveness(dao.state(), dao.account("omar"));
  ASSERT_TRUE(liveness.has_value());
  EXPECT_EQ(liveness->last_proposed_height(), 0U) << "omar's old node built block 1";
  EXPECT_EQ(liveness->last_ready_height(), 1U);
  EXPECT_EQ(liveness->new_key_ready_height(), 0U);
  EXPECT_TRUE(live_at(10));
  EXPECT_FALSE(live_at(11)) << "the window of the proof is over";
  dao.end_block();  // block 5 is omar's
  EXPECT_TRUE(live_at(20));
  EXPECT_EQ(dao.apply("omar", prove_ready("omar", 3)).error(), "ProofInvalid")
      << "the old key is retired";
}

TEST(Rekey, hears_both_nodes_until_the_boundary_and_takes_no_other_keys) {
  Dao dao(a_network());
  EXPECT_EQ(dao.apply("omar", prove_ready("omar", 0, 1)).error(), "ProofInvalid");
  change_keys(dao, "omar", 1);
  EXPECT_EQ(dao.apply("omar", prove_ready("omar", 0, 2)).error(), "ProofInvalid");
  end_blocks(dao, 3);
  ASSERT_TRUE(pending_set(dao.state()).has_value());
  EXPECT_EQ(dao.apply("omar", rekey(dao, "omar", 2)).error(), "ChangeOpen");
  make_ready(dao, "omar", 1);
  make_ready(dao, "omar");
  dao.end_block();
  EXPECT_EQ(validator_set(dao.state()).epoch(), 1U);
  EXPECT_EQ(validators::find_liveness(dao.state(), dao.account("omar"))->last_ready_height(), 4U);
  EXPECT_EQ(dao.apply("omar", rekey(dao, "omar", 2)).error(), "Ok");
}

TEST(Rekey, that_is_withdrawn_leaves_no_proof_to_the_next_one) {
  Dao dao(a_network());
  change_keys(dao, "omar", 1);
  ASSERT_TRUE(dao.as("omar").apply(withdraw_change(1)).ok());
  EXPECT_EQ(dao.apply("omar", prove_ready("omar", 0, 1)).error(), "ProofInvalid");
  ASSERT_EQ(dao.apply("omar", rekey(dao, "omar", 2)).error(), "Ok");
  end_blocks(dao, 4);
  EXPECT_EQ(waits(dao), (List{"Q4"}));
  make_ready(dao, "omar", 2);
  cross_boundary(dao);
}

TEST(Reseat, needs_no_new_proof_and_keeps_what_its_node_showed) {
  Dao dao(a_network());
  ASSERT_EQ(dao.apply("omar", reseat("omar", 'n')).error(), "Ok");
  cross_boundary(dao);
  EXPECT_EQ(validators::find_liveness(dao.state(), dao.account("omar"))->last_proposed_height(),
            1U);
}

TEST(Reseat, opens_an_epoch_with_the_same_members_once_in_10000_heights) {
  Dao dao(a_network());
  EXPECT_EQ(dao.apply("ada", reseat("ada", 'n')).error(), "ValidatorUnknown");
  EXPECT_EQ(dao.apply("omar", reseat("olga", 'n')).error(), "ProofInvalid");
  v1::Action short_nonce = reseat("omar", 'n');
  short_nonce.mutable_reseat()->set_nonce("n");
  EXPECT_EQ(dao.apply("omar", short_nonce).error(), "Malformed");
  v1::Action unsigned_one = reseat("omar", 'n');
  unsigned_one.mutable_reseat()->clear_signature();
  EXPECT_EQ(dao.apply("omar", unsigned_one).error(), "ProofInvalid");
  ASSERT_EQ(dao.apply("omar", reseat("omar", 'n')).error(), "Ok");
  EXPECT_EQ(dao.apply("omar", reseat("omar", 'm')).error(), "ChangeOpen");
  cross_boundary(dao);
  EXPECT_EQ(members(dao), kGenesis);
  EXPECT_EQ(validator(dao, "omar").reseat_nonce(), std::string(16, 'n'));
  EXPECT_EQ(validator(dao, "omar").reseat_epoch(), 0U);
  EXPECT_EQ(dao.apply("omar", reseat("omar", 'm')).error(), "ReseatTooSoon");
}

TEST(Reseat, is_allowed_again_exactly_10000_heights_later) {
  Dao dao(a_network());
  ASSERT_TRUE(dao.apply("omar", reseat("omar", 'n')).ok());
  cross_boundary(dao);
  const auto at = [&](std::uint64_t height) {
    BlockContext block = dao.block();
    block.height = Height{height};
    std::vector<v1::Event> events;
    ActionContext context{.block = block,
                          .authority = Authority::Member,
                          .signer = dao.account("omar"),
                          .proposal = 0,
                          .execution_id = {},
                          .action_index = 0,
                          .events = events};
    state::Overlay attempt = dao.state().branch();
    const Outcome outcome = validators::apply(reseat("omar", 'm').reseat(), context, attempt);
    return outcome ? std::string{"Ok"} : std::string{name(outcome.error())};
  };
  EXPECT_EQ(at(10'000), "ReseatTooSoon");
  EXPECT_EQ(at(10'001), "Ok");
}

TEST(WithdrawChange, is_for_the_dao_and_for_who_asked) {
  Dao dao(a_network(2), people_of_network(2));
  ASSERT_TRUE(dao.as("op0").apply(leave()).ok());
  ASSERT_TRUE(dao.apply("op1", rekey(dao, "op1", 1)).ok());
  EXPECT_EQ(dao.as("op1").apply(withdraw_change(1)).error(), "NotAuthorized");
  EXPECT_EQ(dao.as("op0").apply(withdraw_change(9)).error(), "ChangeUnknown");
  EXPECT_TRUE(dao.as("op0").apply(withdraw_change(1)).told(v1::EVENT_KIND_SET_CHANGE_WITHDRAWN));
  EXPECT_EQ(standing(dao, "op0"), "ACTIVE");
  EXPECT_EQ(dao.apply_as_dao(withdraw_change(2)), "Ok");
  EXPECT_EQ(dao.apply("op1", rekey(dao, "op1", 1)).error(), "KeyReused") << "used is used";
  end_blocks(dao, 5);
  EXPECT_EQ(validator_set(dao.state()).epoch(), 0U);
}

TEST(SetChangeQueue, holds_sixteen_changes) {
  Dao dao(a_network(17), people_of_network(17));
  for (int i = 0; i < 16; ++i) {
    ASSERT_EQ(dao.as("op" + std::to_string(i)).apply(leave()).error(), "Ok") << i;
  }
  EXPECT_EQ(dao.as("op16").apply(leave()).error(), "QueueFull");
  EXPECT_EQ(dao.apply_as_dao(change_set(dao, {.add = {}, .remove = {"op16"}})), "QueueFull");
  cross_boundary(dao);
  EXPECT_EQ(dao.as("op16").apply(leave()).error(), "Ok");
}

TEST(SetOfEpoch, reaches_back_eight_epochs) {
  v1::GenesisDocument document = a_network();
  set_in(document, "consensus.epoch_blocks_min", 1);
  Dao dao(document);
  for (int epoch = 1; epoch <= 8; ++epoch) {
    change_keys(dao, "omar", epoch);
    cross_boundary(dao);
  }
  EXPECT_FALSE(set_of_epoch(dao.state(), Epoch{0}).has_value());
  for (std::uint64_t epoch = 1; epoch <= 8; ++epoch) {
    const auto set = set_of_epoch(dao.state(), Epoch{epoch});
    ASSERT_TRUE(set.has_value()) << epoch;
    EXPECT_EQ(set->epoch(), epoch);
    EXPECT_EQ(set->validators(1).validator_key(),
              validator_key_of("omar", static_cast<int>(epoch)).public_key().to_string());
  }
  EXPECT_FALSE(set_of_epoch(dao.state(), Epoch{9}).has_value());
}

TEST(Genesis, seats_its_validators_with_claimed_keys_and_names) {
  Dao dao(a_network());
  for (const std::string& name : kGenesis) {
    EXPECT_EQ(standing(dao, name), "ACTIVE");
    EXPECT_EQ(validator(dao, name).registered_height(), 0U);
  }
  EXPECT_EQ(set_of_epoch(dao.state(), Epoch{0})->validators_size(), 4);
  EXPECT_FALSE(pending_set(dao.state()).has_value());
  EXPECT_EQ(parameter(dao.state(), "validators.remove_equivocators"), 1U);
}

TEST(SetParameter, cannot_leave_the_pending_set_outside_its_bounds) {
  Dao dao = with_a_queued_nominee();
  end_blocks(dao, 2);
  ASSERT_TRUE(pending_set(dao.state()).has_value());
  EXPECT_EQ(dao.apply_as_dao(set_parameter("validators.max", 64, 4)), "ConstraintBroken")
      << "X8 holds of the current and of the pending set";
}

// There a set is voted in whose quorum is not present, or whose new node nobody has seen, and the
// network stands still (G-10.3). Here such a change waits in the queue, and the present set goes
// on.
TEST(Incident, besu_8425_fisco_3876_and_cita_381_a_change_of_validators_halts_the_network) {
  Dao dao(a_network());
  nominate(dao, "ada");
  ASSERT_EQ(dao.apply_as_dao(change_set(dao, {.add = {"ada"}, .remove = {}})), "Ok");
  dao.end_block();
  EXPECT_EQ(waits(dao), std::vector<std::string>{"Q4"}) << "nobody has seen its node";
  const auto before = members(dao);
  end_blocks(dao, 3 * kEpochBlocksMin);
  EXPECT_EQ(members(dao), before);
  EXPECT_FALSE(dao::pending_set(dao.state()).has_value());
  // Once its node is there, the change that waited takes its turn.
  make_ready(dao, "ada");
  cross_boundary(dao);
  EXPECT_EQ(members(dao).size(), before.size() + 1);
}

}  // namespace
}  // namespace salus::dao::test
