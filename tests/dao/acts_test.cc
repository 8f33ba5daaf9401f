// Owns: proof that a joint act needs its number of different, still entitled members, all of the
// same content (section 1, G-1.10), shown with a pause of two sentinels.
#include "dao/a_people.h"
#include "dao/pauses/pauses.h"

namespace salus::dao::test {
namespace {

constexpr std::uint64_t kHourMs = 3'600'000;
constexpr auto kPay = v1::Action::kPay;

v1::Action an_hour() { return pause({kPay}, kHourMs); }
bool is_stopped(const Dao& dao) { return pauses::is_paused(dao.state(), kPay, dao.now_ms()); }
v1::ActState act_state(const Dao& dao, std::uint64_t id) {
  return acts::find_act(dao.state(), id)->state();
}

TEST(JointAct, is_applied_inside_the_action_of_the_last_signer_it_needs) {
  Dao dao(a_watched_document());
  const Applied opened = dao.as("mira").apply(an_hour());
  ASSERT_EQ(opened.error(), "Ok");
  EXPECT_TRUE(opened.told(v1::EVENT_KIND_ACT_OPENED));
  EXPECT_FALSE(is_stopped(dao));
  const auto act = acts::find_act(dao.state(), 1);
  ASSERT_TRUE(act.has_value());
  EXPECT_EQ(act->needed(), 2U);
  EXPECT_EQ(act->until_ms(), dao.now_ms() + 7 * membership::kDayMs);
  EXPECT_EQ(acts::find_open(dao.state(), chain_id(), an_hour())->id(), 1U);
  dao.end_block();

  const Applied signed_last = dao.as("noor").apply(co_sign(dao, 1));
  ASSERT_EQ(signed_last.error(), "Ok");
  EXPECT_TRUE(signed_last.told(v1::EVENT_KIND_ACT_APPLIED));
  EXPECT_TRUE(is_stopped(dao));
  EXPECT_EQ(act_state(dao, 1), v1::ACT_STATE_APPLIED);
  EXPECT_FALSE(acts::find_act(dao.state(), 1)->has_content());
  EXPECT_FALSE(acts::find_open(dao.state(), chain_id(), an_hour()).has_value());
  dao.end_block();
}

TEST(JointAct, is_joined_by_the_whole_content_too_and_by_no_other) {
  Dao dao(a_watched_document());
  ASSERT_EQ(dao.as("mira").apply(an_hour()).error(), "Ok");
  // Another span is another content: two acts wait.
  ASSERT_EQ(dao.as("noor").apply(pause({kPay}, 2 * kHourMs)).error(), "Ok");
  EXPECT_FALSE(is_stopped(dao));
  EXPECT_EQ(acts::last_act(dao.state()), 2U);
  v1::Action wrong = co_sign(dao, 1);
  wrong.mutable_co_sign()->set_content_hash(co_sign(dao, 2).co_sign().content_hash());
  EXPECT_EQ(dao.as("pavel").apply(wrong).error(), "ContentMismatch");
  ASSERT_EQ(dao.as("noor").apply(an_hour()).error(), "Ok");
  EXPECT_TRUE(is_stopped(dao));
  dao.end_block();
}

// Iroha CVE-2018-3756: one key counted many times.
TEST(Incident, iroha_one_signer_counted_many_times_counts_once) {
  Dao dao(a_watched_document());
  ASSERT_EQ(dao.as("mira").apply(an_hour()).error(), "Ok");
  EXPECT_EQ(dao.as("mira").apply(an_hour()).error(), "AlreadySigned");
  EXPECT_EQ(dao.as("mira").apply(co_sign(dao, 1)).error(), "AlreadySigned");
  EXPECT_FALSE(is_stopped(dao));
  dao.end_block();
}

TEST(JointAct, drops_who_lost_the_right_to_sign_before_it_takes_effect) {
  Dao dao(a_watched_document());
  ASSERT_EQ(dao.as("mira").apply(an_hour()).error(), "Ok");
  ASSERT_EQ(
      dao.as("mira").apply(end_office(dao.account("mira"), membership::Role::Sentinel)).error(),
      "Ok");
  ASSERT_EQ(dao.as("noor").apply(co_sign(dao, 1)).error(), "Ok");
  EXPECT_FALSE(is_stopped(dao)) << "mira is no sentinel any more";
  EXPECT_EQ(acts::find_act(dao.state(), 1)->signers_size(), 1);
  EXPECT_EQ(act_state(dao, 1), v1::ACT_STATE_OPEN);
  dao.end_block();
  ASSERT_EQ(dao.as("pavel").apply(co_sign(dao, 1)).error(), "Ok");
  EXPECT_TRUE(is_stopped(dao));
  EXPECT_FALSE(pauses::has_charge(dao.state(), dao.account("noor")));
  EXPECT_TRUE(pauses::has_charge(dao.state(), dao.account("mira"))) << "she did not take part";
  dao.end_block();
}

TEST(JointAct, lapses_after_seven_days_and_the_time_of_the_block_decides) {
  Dao dao(a_watched_document());
  ASSERT_EQ(dao.as("mira").apply(an_hour()).error(), "Ok");
  const v1::Action late = co_sign(dao, 1);
  dao.end_block();
  // Its lapse is due in this block, and has not run yet.
  dao.advance_ms(acts::kOpenForMs);
  EXPECT_EQ(dao.as("noor").apply(late).error(), "ActClosed");
  // The same content opens a new one meanwhile.
  ASSERT_EQ(dao.as("noor").apply(an_hour()).error(), "Ok");
  EXPECT_EQ(acts::last_act(dao.state()), 2U);
  dao.end_block();
  EXPECT_EQ(act_state(dao, 1), v1::ACT_STATE_LAPSED);
  EXPECT_EQ(act_state(dao, 2), v1::ACT_STATE_OPEN);
  dao.pass_ms(acts::kOpenForMs);
  EXPECT_EQ(act_state(dao, 2), v1::ACT_STATE_LAPSED);
  EXPECT_EQ(dao.as("pavel").apply(late).error(), "ActClosed");
}

TEST(JointAct, is_signed_until_the_last_millisecond) {
  Dao dao(a_watched_document());
  ASSERT_EQ(dao.as("mira").apply(an_hour()).error(), "Ok");
  dao.pass_ms(acts::kOpenForMs - 1);
  EXPECT_EQ(dao.as("noor").apply(co_sign(dao, 1)).error(), "Ok");
  EXPECT_TRUE(is_stopped(dao));
}

TEST(JointAct, is_withdrawn_by_its_first_signer_alone) {
  Dao dao(a_watched_document());
  ASSERT_EQ(dao.as("mira").apply(an_hour()).error(), "Ok");
  EXPECT_EQ(dao.as("noor").apply(withdraw_act(1)).error(), "NotAuthorized");
  EXPECT_EQ(dao.as("mira").apply(withdraw_act(9)).error(), "ActUnknown");
  ASSERT_EQ(dao.as("mira").apply(withdraw_act(1)).error(), "Ok");
  EXPECT_EQ(act_state(dao, 1), v1::ACT_STATE_WITHDRAWN);
  EXPECT_EQ(dao.as("mira").apply(withdraw_act(1)).error(), "ActClosed");
  EXPECT_EQ(dao.as("noor").apply(co_sign(dao, 1)).error(), "ActClosed");
  EXPECT_EQ(dao.as("noor").apply(co_sign(dao, 7)).error(), "ActUnknown");
  dao.end_block();
}

TEST(JointAct, takes_no_signature_of_who_may_not_sign_its_content) {
  Dao dao(a_watched_document());
  EXPECT_EQ(dao.as("chen").apply(an_hour()).error(), "NotAuthorized");
  ASSERT_EQ(dao.as("mira").apply(an_hour()).error(), "Ok");
  EXPECT_EQ(dao.as("chen").apply(co_sign(dao, 1)).error(), "NotAuthorized");
  EXPECT_EQ(dao.as("zed").apply(co_sign(dao, 1)).error(), "NotAuthorized");
  v1::Action empty;
  empty.mutable_co_sign()->set_act(1);
  EXPECT_EQ(dao.as("noor").apply(empty).error(), "Limit");
}

// The two rules that a pause cannot show: a conflicted signer, and a content over its size.
TEST(JointAct, refuses_the_conflicted_and_what_is_too_large_to_read) {
  Dao dao;
  std::vector<v1::Event> events;
  const BlockContext block = dao.block();
  ActionContext context{.block = block,
                        .authority = Authority::Member,
                        .signer = dao.account("mira"),
                        .proposal = 0,
                        .execution_id = {},
                        .action_index = 0,
                        .events = events};
  acts::Ask ask;
  ask.content = pay_from_general(dao.account("noor"), 1);
  ask.needed = 2;
  ask.entitled = [](const AccountId&) { return true; };
  ask.conflicted = [&](const AccountId& account) { return account == dao.account("noor"); };
  ASSERT_TRUE(acts::sign(ask, context, dao.state()).has_value());
  context.signer = dao.account("noor");
  EXPECT_EQ(acts::sign(ask, context, dao.state()).error(), Error::SignerConflicted);
  // Conflicted later: dropped when it takes effect.
  ask.conflicted = [&](const AccountId& account) { return account == dao.account("mira"); };
  const auto progress = acts::sign(ask, context, dao.state());
  ASSERT_TRUE(progress.has_value());
  EXPECT_EQ(progress->step, acts::Step::Signed);
  EXPECT_EQ(progress->signers, std::vector<AccountId>{dao.account("noor")});
  acts::close_open_act(dao.state(), progress->act, events);
  EXPECT_EQ(act_state(dao, progress->act), v1::ACT_STATE_WITHDRAWN);

  v1::Action large;
  large.mutable_submit()->set_text_hash(std::string(acts::kContentBytesMax, 'x'));
  ask.content = large;
  EXPECT_EQ(acts::sign(ask, context, dao.state()).error(), Error::Limit);
  dao.end_block();
}

}  // namespace
}  // namespace salus::dao::test
