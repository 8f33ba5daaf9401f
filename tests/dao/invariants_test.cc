// Owns: proof that what `salus ledger verify` recounts is really recounted: one record is bent, and
// the sentence that says so comes.
#include <gtest/gtest.h>

#include "dao/a_money.h"
#include "dao/application.h"
#include "dao/governance/proposals.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::test {
namespace {

using state::Key;
using state::Table;

// A fund was created by vote, a second proposal is open with one endorsement, and half of a
// schedule is vested, claimed to the last unit.
Dao a_busy_dao() {
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  pass_vote(dao, id);
  pass_to(dao, proposal(dao, id).eta_ms());
  EXPECT_EQ(dao.apply("mira", submit_by_endorsement({create_fund("other")})).error(), "Ok");
  EXPECT_EQ(dao.apply("noor", endorse(2)).error(), "Ok");
  const std::uint64_t now = dao.now_ms() - kGenesisMs;
  const v1::Action schedule =
      open_schedule(dao.account("zed"), {{now, 0}, {now + 100 * kSecond, 100}});
  EXPECT_EQ(dao.apply("chen", schedule).error(), "Ok");
  EXPECT_EQ(dao.apply("zed", accept_schedule(1)).error(), "Ok");
  dao.pass_ms(50 * kSecond);
  EXPECT_EQ(dao.apply("zed", claim_schedule(1)).error(), "Ok");
  dao.end_block();
  return dao;
}

template <typename Record>
void bend(Dao& dao, const Key& key, const std::function<void(Record&)>& how) {
  auto record = state::find<Record>(dao.state(), key);
  ASSERT_TRUE(record.has_value());
  how(*record);
  state::put(dao.state(), key, *record);
}

void expect_broken(const Dao& dao, std::string_view rule) {
  const auto broken = broken_invariants(dao.state());
  const auto told = [&](const std::string& sentence) { return sentence.starts_with(rule); };
  EXPECT_TRUE(std::ranges::any_of(broken, told)) << rule << " is not missed";
}

TEST(Invariants, hold_in_a_busy_dao) {
  const Dao dao = a_busy_dao();
  EXPECT_EQ(broken_invariants(dao.state()), std::vector<std::string>{});
}

TEST(Invariants, miss_the_mark_of_what_was_executed) {
  Dao dao = a_busy_dao();
  const Key key = Key{Table::Executions}.bytes(as_bytes(proposal(dao, 1).execution_id()));
  state::erase(dao.state(), key);
  expect_broken(dao, "G-7.13");
}

TEST(Invariants, notice_a_mark_that_nothing_stands_for) {
  Dao dao = a_busy_dao();
  const Key key = Key{Table::Executions}.bytes(as_bytes(std::string(32, 'x')));
  v1::Execution execution;
  execution.set_id(std::string(32, 'x'));
  execution.set_state(v1::EXECUTION_STATE_DONE);
  state::put(dao.state(), key, execution);
  expect_broken(dao, "G-7.13");
}

TEST(Invariants, notice_a_claim_of_what_is_not_vested) {
  Dao dao = a_busy_dao();
  bend<v1::Schedule>(dao, Key{Table::Schedules}.u64(1),
                     [](v1::Schedule& schedule) { schedule.set_claimed(51); });
  expect_broken(dao, "G-3.5: more of schedule 1 was claimed");
}

TEST(Invariants, notice_a_counter_that_counts_nothing) {
  struct Case {
    Table table;
    std::string key;
  };
  for (const Case& row : {Case{.table = Table::OpenByTrack, .key = std::string(1, '\x10')},
                          Case{.table = Table::OpenByMember, .key = std::string(32, 'x')}}) {
    Dao dao = a_busy_dao();
    v1::OpenCount leaked;
    leaked.set_open(1);
    state::put(dao.state(), Key{row.table}.bytes(as_bytes(row.key)), leaked);
    expect_broken(dao, "G-7.17");
  }
}

TEST(Invariants, recount_endorsers_and_open_payloads) {
  Dao endorsed = a_busy_dao();
  bend<v1::Proposal>(endorsed, Key{Table::Proposals}.u64(2),
                     [](v1::Proposal& proposal) { proposal.set_endorsed(2); });
  expect_broken(endorsed, "G-7.17: the endorsers");
  Dao open = a_busy_dao();
  bend<v1::Payload>(open, Key{Table::Payloads}.bytes(as_bytes(proposal(open, 1).payload_hash())),
                    [](v1::Payload& payload) { payload.set_open(1); });
  expect_broken(open, "G-7.11");
}

}  // namespace
}  // namespace salus::dao::test
