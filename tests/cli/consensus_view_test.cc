// Owns: the lines that an operator reads at night, to the letter.
#include "apps/salus/consensus_view.h"

#include <gtest/gtest.h>

namespace salus::cli {
namespace {

v1::ConsensusStatusResponse a_status() {
  v1::ConsensusStatusResponse status;
  status.set_node_name("st-anne");
  status.set_mode(v1::CONSENSUS_MODE_VOTING);
  status.set_heard(3);
  status.set_heard_needed(2);
  status.set_epoch(2);
  status.set_view(97);
  status.set_view_ms(312);
  status.set_leader("meridian");
  status.set_delay_ms(500);
  status.set_wait(v1::CONSENSUS_WAIT_NOTARIZATION);
  status.set_leader_deadline_ms(-20);
  status.set_view_deadline_ms(480);
  status.set_finalized_view(95);
  status.set_height(71);
  status.set_finalized_ago_ms(650);
  status.set_links_up(3);
  status.set_links_needed(2);
  status.set_validators(4);
  status.set_quorum(3);
  status.set_sync_p50_us(1'240);
  status.set_sync_p99_us(18'000);
  status.set_set_hash("\x01\xff");
  return status;
}

TEST(ConsensusStatus, shows_all_that_the_plan_names) {
  EXPECT_EQ(print(a_status()),
            "st-anne\n"
            "  mode          voting\n"
            "  epoch, view   2, 97 for 312 ms, led by meridian\n"
            "  waits for     notarization\n"
            "  delay         500 ms, back-off 0\n"
            "  deadlines     candidate was due, skip in 480 ms\n"
            "  finalized     height 71, view 95, 650 ms ago\n"
            "  validators    4, quorum 3\n"
            "  links         3 up, 2 needed\n"
            "  sync wait     p50 1.2 ms, p99 18.0 ms\n"
            "  open fetches  0\n"
            "  waiting       0 transactions\n"
            "  set hash      01ff\n");
}

TEST(ConsensusStatus, says_why_a_node_does_not_vote_and_what_an_idle_one_waits_for) {
  v1::ConsensusStatusResponse status = a_status();
  status.set_mode(v1::CONSENSUS_MODE_OBSERVING);
  status.set_observing(v1::OBSERVING_NOT_IN_SET);
  EXPECT_NE(print(status).find("mode          observing: not-in-set\n"), std::string::npos);

  status = a_status();
  status.set_heard(1);
  EXPECT_NE(print(status).find("mode          voting, after 1 of 2 validators are heard\n"),
            std::string::npos);

  status = a_status();
  status.clear_leader_deadline_ms();
  status.clear_view_deadline_ms();
  status.clear_finalized_ago_ms();
  status.set_wait(v1::CONSENSUS_WAIT_IDLE);
  status.set_heartbeat_in_ms(12'400);
  status.set_held_change("n 5, quorum 4, live 3: would wait");
  const std::string text = print(status);
  EXPECT_NE(text.find("waits for     idle, heartbeat in 12 s\n"), std::string::npos) << text;
  EXPECT_NE(text.find("deadlines     none, the view is idle\n"), std::string::npos) << text;
  EXPECT_NE(text.find("finalized     height 71, view 95, before this run\n"), std::string::npos);
  EXPECT_NE(text.find("set change    n 5, quorum 4, live 3: would wait\n"), std::string::npos);

  status = a_status();
  status.set_wait(v1::CONSENSUS_WAIT_NULLIFICATION);
  status.set_trigger(v1::NULLIFY_TRIGGER_LEADER_TIMEOUT);
  EXPECT_NE(print(status).find("waits for     nullification, skipping for leader-timeout\n"),
            std::string::npos);
}

TEST(ConsensusVotes, are_a_matrix_with_the_certificates_below) {
  v1::ConsensusVotesResponse votes;
  for (const std::uint64_t view : {99U, 100U, 101U}) votes.add_views()->set_view(view);
  votes.mutable_views(0)->set_certificates("NF");
  votes.mutable_views(1)->set_certificates("X");
  const auto add = [&](const char* name, std::vector<std::string> cells) -> v1::ValidatorRow& {
    v1::ValidatorRow& row = *votes.add_validators();
    row.set_name(name);
    for (const std::string& cell : cells) row.add_cells(cell);
    return row;
  };
  v1::ValidatorRow& own = add("st-anne", {"NF", "X", "P"});
  own.set_own(true);
  own.set_linked(true);
  own.set_view(101);
  own.set_height(71);
  v1::ValidatorRow& up = add("meridian", {"PF", "NX", "N!"});
  up.set_linked(true);
  up.set_heard_ago_ms(420);
  up.set_view(101);
  up.set_height(71);
  up.set_clock_offset_ms(-3);
  v1::ValidatorRow& down = add("registry", {"nf", "", ""});
  down.set_absent(true);
  EXPECT_EQ(print(votes),
            "epoch 0, views 99 to 101\n"
            "name             link  heard   view  height  clock  99  00  01\n"
            "st-anne          own   -        101      71  -      NF  X   P\n"
            "meridian         up    420 ms   101      71  -3 ms  PF  NX  N!\n"
            "registry absent  down  -          -       -  -      nf  ·   ·\n"
            "certificate                                         NF  X   ·\n"
            "P leader with its candidate, N notarize, X nullify, F finalize, ! votes that exclude "
            "each other;\nlower case: known only from a certificate; ·: nothing\n");
}

TEST(WhyStalled, is_a_verdict_a_reason_and_a_remedy) {
  v1::WhyStalledResponse why;
  why.set_verdict(v1::STALL_VERDICT_NO_LEADER);
  why.set_sentence("No candidate: bea is silent.");
  why.set_remedy("Wait.");
  EXPECT_EQ(print(why),
            "  verdict  no_leader\n"
            "  why      No candidate: bea is silent.\n"
            "  do       Wait.\n");
}

}  // namespace
}  // namespace salus::cli
