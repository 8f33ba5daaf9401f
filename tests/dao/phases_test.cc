// Owns: proof of every boundary in time of a proposal: the instant before, the instant, the one
// after (G-1.1, G-7.5 to G-7.9, G-8.13, G-8.14, G-8.19). Time is the block's.
#include <gtest/gtest.h>

#include "dao/a_proposal.h"
#include "dao/treasury/treasury.h"

namespace salus::dao::test {
namespace {

TEST(Notice, ends_at_its_instant_and_not_before) {
  Dao dao;
  ASSERT_EQ(dao.as("mira").apply(submit({create_fund("study")})).error(), "Ok");
  dao.end_block();
  const std::uint64_t start = kGenesisMs + kNoticeMs;
  EXPECT_EQ(proposal(dao, 1).phase_until_ms(), start);
  pass_to(dao, start - 1);
  EXPECT_EQ(state_of(dao, 1), "NOTICE");
  EXPECT_EQ(dao.as("noor").apply(vote(1, v1::CHOICE_YES)).error(), "VotingNotOpen");
  // The block that takes the power snapshot takes no ballot: it is due work, after transactions.
  advance_to(dao, start);
  EXPECT_EQ(dao.as("noor").apply(vote(1, v1::CHOICE_YES)).error(), "VotingNotOpen");
  dao.end_block();
  EXPECT_EQ(state_of(dao, 1), "VOTING");
  EXPECT_EQ(dao.as("noor").apply(vote(1, v1::CHOICE_YES)).error(), "Ok");
}

TEST(Voting, closes_at_its_instant_even_before_the_due_item_ran) {
  struct Case {
    const char* name;
    std::uint64_t before_end_ms;
    const char* error;
  };
  const Case cases[] = {{"one before the end", 1, "Ok"}, {"the end", 0, "VotingClosed"}};
  for (const Case& row : cases) {
    Dao dao;
    const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
    advance_to(dao, proposal(dao, id).phase_until_ms() - row.before_end_ms);
    EXPECT_EQ(dao.as("noor").apply(vote(id, v1::CHOICE_NO)).error(), row.error) << row.name;
    EXPECT_EQ(dao.as("noor").apply(declare_conflict(id)).error(), row.error) << row.name;
    EXPECT_EQ(state_of(dao, id), "VOTING");
    dao.end_block();
    EXPECT_EQ(state_of(dao, id), row.before_end_ms == 0 ? "REJECTED" : "VOTING") << row.name;
    if (row.before_end_ms > 0) continue;
    EXPECT_EQ(dao.as("pavel").apply(vote(id, v1::CHOICE_NO)).error(), "VotingClosed");
  }
}

TEST(Voting, has_no_early_close) {
  // G-7.6: unanimity does not end it, and a ballot may change until the end.
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  all_vote_yes(dao, id);
  pass_to(dao, proposal(dao, id).phase_until_ms() - 1);
  EXPECT_EQ(state_of(dao, id), "VOTING");
  EXPECT_EQ(dao.as("hope").apply(vote(id, v1::CHOICE_NO)).error(), "Ok");
  dao.end_block();
  dao.pass_ms(1);
  EXPECT_EQ(state_of(dao, id), "REJECTED");
}

// A chamber of one institution: it alone completes the support.
std::uint64_t voting_of_one(Dao& dao) { return open_voting(dao, "hope", {create_fund("study")}); }
std::vector<Person> one() { return institutions({{"hope", 10}}); }

TEST(Confirmation, is_asked_when_it_passed_for_less_than_its_span) {
  struct Case {
    const char* name;
    std::uint64_t before_end_ms;
    const char* state;
  };
  // G-8.13; the extension is out of the way: support comes early, by abstention.
  const Case cases[] = {{"one longer", kConfirmationMs + 1, "TIMELOCK"},
                        {"exactly its span", kConfirmationMs, "TIMELOCK"},
                        {"one shorter", kConfirmationMs - 1, "CONFIRMING"}};
  for (const Case& row : cases) {
    Dao dao(a_chamber_of_seats(one()), one());
    const std::uint64_t id = voting_of_one(dao);
    ASSERT_EQ(dao.as("hope").apply(vote(id, v1::CHOICE_ABSTAIN)).error(), "Ok");
    dao.end_block();
    const std::uint64_t end = proposal(dao, id).phase_until_ms();
    advance_to(dao, end - row.before_end_ms);
    ASSERT_EQ(dao.as("hope").apply(vote(id, v1::CHOICE_YES)).error(), "Ok");
    dao.end_block();
    EXPECT_EQ(proposal(dao, id).passing_since_ms(), end - row.before_end_ms);
    EXPECT_FALSE(proposal(dao, id).extended());
    pass_to(dao, end);
    EXPECT_EQ(state_of(dao, id), row.state) << row.name;
    if (state_of(dao, id) != "CONFIRMING") continue;
    const std::uint64_t confirmed = end - row.before_end_ms + kConfirmationMs;
    EXPECT_EQ(proposal(dao, id).phase_until_ms(), confirmed);
    EXPECT_EQ(state_of(dao, id), "CONFIRMING");
    pass_to(dao, confirmed);
    EXPECT_EQ(state_of(dao, id), "TIMELOCK");
  }
}

TEST(Confirming, ends_with_the_block_after_which_it_no_longer_passes) {
  Dao dao(a_chamber_of_seats(one()), one());
  const std::uint64_t id = voting_of_one(dao);
  ASSERT_EQ(dao.as("hope").apply(vote(id, v1::CHOICE_ABSTAIN)).error(), "Ok");
  dao.end_block();
  const std::uint64_t end = proposal(dao, id).phase_until_ms();
  advance_to(dao, end - 5 * kSecond);
  ASSERT_EQ(dao.as("hope").apply(vote(id, v1::CHOICE_YES)).error(), "Ok");
  dao.end_block();
  pass_to(dao, end);
  ASSERT_EQ(state_of(dao, id), "CONFIRMING");
  ASSERT_EQ(dao.as("hope").apply(vote(id, v1::CHOICE_NO)).error(), "Ok");
  dao.end_block();
  EXPECT_EQ(state_of(dao, id), "REJECTED");
}

TEST(Extension, is_given_once_for_support_that_comes_late) {
  struct Case {
    const char* name;
    std::uint64_t left_ms;
    bool extended;
  };
  // G-8.14.
  const Case cases[] = {{"one more than the extension left", kExtensionMs + 1, false},
                        {"exactly the extension left", kExtensionMs, false},
                        {"one less left", kExtensionMs - 1, true},
                        {"at the last instant", 1, true}};
  for (const Case& row : cases) {
    Dao dao(a_chamber_of_seats(one()), one());
    const std::uint64_t id = voting_of_one(dao);
    const std::uint64_t end = proposal(dao, id).phase_until_ms();
    advance_to(dao, end - row.left_ms);
    ASSERT_EQ(dao.as("hope").apply(vote(id, v1::CHOICE_YES)).error(), "Ok");
    dao.end_block();
    EXPECT_EQ(proposal(dao, id).extended(), row.extended) << row.name;
    EXPECT_EQ(proposal(dao, id).phase_until_ms(),
              row.extended ? end - row.left_ms + kExtensionMs : end)
        << row.name;
    // Support that goes and comes again gives no second one.
    const std::uint64_t until = proposal(dao, id).phase_until_ms();
    advance_to(dao, until - 1);
    ASSERT_EQ(dao.as("hope").apply(vote(id, v1::CHOICE_NO)).error(), "Ok");
    dao.end_block();
    ASSERT_EQ(dao.as("hope").apply(vote(id, v1::CHOICE_YES)).error(), "Ok");
    dao.end_block();
    EXPECT_EQ(proposal(dao, id).phase_until_ms(), until) << row.name;
  }
}

TEST(Objection, takes_ballots_against_and_only_those) {
  Dao dao;
  // Above the cap of *spend* (G-6.6), so on track *large*, which has an objection window.
  const std::uint64_t id =
      open_voting(dao, "mira", {pay(1, 50'001 * kToken, dao.account("zed"))}, 100 * kToken);
  ASSERT_EQ(proposal(dao, id).lead(), 4U);
  for (const char* name :
       {"mira", "noor", "pavel", "chen", "diaz", "ada", "kofi", "hope", "anne"}) {
    ASSERT_EQ(dao.apply(name, vote(id, v1::CHOICE_YES)).error(), "Ok");
  }
  dao.end_block();
  pass_to(dao, proposal(dao, id).phase_until_ms());
  ASSERT_EQ(state_of(dao, id), "OBJECTION");
  const std::vector<Part> mostly_no{{v1::CHOICE_NO, 9}, {v1::CHOICE_ABSTAIN, 1}};
  EXPECT_EQ(dao.as("noor").apply(vote(id, v1::CHOICE_YES)).error(), "OnlyAgainst");
  EXPECT_EQ(dao.as("noor").apply(vote(id, mostly_no)).error(), "OnlyAgainst");
  const std::vector<Part> against{{v1::CHOICE_NO, 1}, {v1::CHOICE_VETO, 1}};
  EXPECT_EQ(dao.as("noor").apply(vote(id, against)).error(), "Ok");
  dao.end_block();
  pass_to(dao, proposal(dao, id).phase_until_ms());
  EXPECT_EQ(state_of(dao, id), "TIMELOCK");
}

TEST(Execution, happens_at_eta_and_never_before) {
  Dao dao;
  const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
  pass_vote(dao, id);
  const std::uint64_t eta = proposal(dao, id).eta_ms();
  EXPECT_EQ(eta, dao.now_ms() + kTimelockMinMs);
  pass_to(dao, eta - 1);
  EXPECT_EQ(state_of(dao, id), "TIMELOCK");
  EXPECT_EQ(dao.as("mira").apply(retry(id)).error(), "NotRetryable");
  dao.pass_ms(1);
  EXPECT_EQ(state_of(dao, id), "EXECUTED");
  EXPECT_EQ(dao.as("mira").apply(retry(id)).error(), "AlreadyExecuted");
}

TEST(Execution, never_happens_at_the_end_of_grace_or_after_it) {
  struct Case {
    const char* name;
    std::int64_t after_grace_ms;
    const char* state;
  };
  // G-8.19. The chain stood still from before eta on; 990 s are less than an outage.
  const Case cases[] = {
      {"one before", -1, "EXECUTED"}, {"its end", 0, "EXPIRED"}, {"one after", 1, "EXPIRED"}};
  for (const Case& row : cases) {
    Dao dao;
    const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
    pass_vote(dao, id);
    EXPECT_EQ(proposal(dao, id).grace_until_ms(), proposal(dao, id).eta_ms() + kGraceMs);
    const auto end = static_cast<std::int64_t>(proposal(dao, id).grace_until_ms());
    pass_to(dao, static_cast<std::uint64_t>(end + row.after_grace_ms));
    EXPECT_EQ(state_of(dao, id), row.state) << row.name;
  }
}

// A payment of more than fund research holds, which has failed once.
std::uint64_t a_failed_payment(Dao& dao) {
  const std::uint64_t id = open_voting(dao, "mira", {pay(2, kToken, dao.account("zed"))});
  pass_vote(dao, id);
  pass_to(dao, proposal(dao, id).eta_ms());
  EXPECT_EQ(state_of(dao, id), "FAILED");
  return id;
}

TEST(Retry, waits_for_the_gap_and_loses_to_grace) {
  Dao dao;
  const std::uint64_t id = a_failed_payment(dao);
  constexpr std::uint64_t kGapMs = 5 * kSecond;
  const std::uint64_t last = proposal(dao, id).last_attempt_ms();
  advance_to(dao, last + kGapMs - 1);
  EXPECT_EQ(dao.as("noor").apply(retry(id)).error(), "RetryTooSoon");
  dao.advance_ms(1);
  // A batch refused again is a recorded attempt, not a refused transaction (G-7.14).
  EXPECT_EQ(dao.as("noor").apply(retry(id)).error(), "Ok");
  EXPECT_EQ(state_of(dao, id), "FAILED");
  EXPECT_EQ(proposal(dao, id).attempts(), 2U);
  EXPECT_EQ(dao.as("noor").apply(retry(id)).error(), "RetryTooSoon");
  EXPECT_EQ(dao.as("zed").apply(retry(id)).error(), "NotMember");

  const std::uint64_t grace = proposal(dao, id).grace_until_ms();
  ASSERT_EQ(dao.as("mira").apply(donate(2, kToken)).error(), "Ok");
  advance_to(dao, grace);
  // The time decides, though the due item has not run.
  EXPECT_EQ(dao.as("noor").apply(retry(id)).error(), "NotRetryable");
  dao.end_block();
  EXPECT_EQ(state_of(dao, id), "EXPIRED");
  EXPECT_EQ(dao.as("noor").apply(retry(id)).error(), "NotRetryable");
}

TEST(Retry, one_before_the_end_of_grace_still_pays) {
  Dao dao;
  const std::uint64_t id = a_failed_payment(dao);
  ASSERT_EQ(dao.as("mira").apply(donate(2, kToken)).error(), "Ok");
  pass_to(dao, proposal(dao, id).grace_until_ms() - 1);
  EXPECT_EQ(state_of(dao, id), "FAILED");
  ASSERT_EQ(dao.as("noor").apply(retry(id)).error(), "Ok");
  EXPECT_EQ(state_of(dao, id), "EXECUTED");
  EXPECT_EQ(fund_balance(dao, 2), 0U);
  dao.pass_ms(kGraceMs);
  EXPECT_EQ(state_of(dao, id), "EXECUTED");
}

TEST(Outage, is_credited_whole_once_a_gap_exceeds_the_limit) {
  struct Case {
    const char* name;
    std::uint64_t gap_ms;
    std::uint64_t credit_ms;
  };
  // G-7.8, with a gap of 60 s.
  constexpr std::uint64_t kGapMs = 60 * kSecond;
  const Case cases[] = {{"one under", kGapMs - 1, 0},
                        {"exactly", kGapMs, 0},
                        {"one over", kGapMs + 1, kGapMs + 1},
                        {"over the phase's end", 3 * kVotingMs, 3 * kVotingMs}};
  for (const Case& row : cases) {
    auto document = a_document();
    v1::Parameter& gap = *document.add_parameters();
    gap.set_name("governance.outage_gap");
    gap.set_value(kGapMs);
    Dao dao(document);
    const std::uint64_t id = open_voting(dao, "mira", {create_fund("study")});
    const std::uint64_t end = proposal(dao, id).phase_until_ms();
    dao.advance_ms(row.gap_ms);
    // In the block after the gap already, before any due item ran.
    EXPECT_EQ(dao.as("noor").apply(vote(id, v1::CHOICE_NO)).error(), "Ok") << row.name;
    dao.end_block();
    EXPECT_EQ(state_of(dao, id), "VOTING") << row.name;
    while (dao.now_ms() + kGapMs / 2 < end + row.credit_ms) dao.pass_ms(kGapMs / 2);
    pass_to(dao, end + row.credit_ms - 1);
    EXPECT_EQ(state_of(dao, id), "VOTING") << row.name;
    dao.pass_ms(1);
    EXPECT_EQ(state_of(dao, id), "REJECTED") << row.name;
  }
}

TEST(DepositWindow, lapses_at_its_instant_with_the_fee) {
  Dao dao;
  constexpr std::uint64_t kWindowMs = 60 * kSecond;
  const std::uint64_t before = dao.tokens("mira");
  const std::uint64_t general = fund_balance(dao, 1);
  ASSERT_EQ(dao.as("mira").apply(submit({create_fund("study")}, 5 * kToken)).error(), "Ok");
  pass_to(dao, kGenesisMs + kWindowMs - 1);
  EXPECT_EQ(state_of(dao, 1), "SUBMITTED");
  dao.advance_ms(1);
  EXPECT_EQ(dao.as("noor").apply(top_up(1, 15 * kToken)).error(), "TooLate");
  EXPECT_EQ(dao.as("noor").apply(endorse(1)).error(), "TooLate");
  dao.end_block();
  EXPECT_EQ(state_of(dao, 1), "LAPSED");
  // G-7.4: 10 % of it.
  EXPECT_EQ(dao.tokens("mira"), before - kToken / 2);
  EXPECT_EQ(fund_balance(dao, 1), general + kToken / 2);
}

TEST(Payout, of_an_unknown_payee_returns_at_the_end_of_its_window) {
  // G-9.4, G-8.19: at the instant of expiry, acceptance loses to time.
  constexpr std::uint64_t kWindowMs = 100 * kSecond;
  for (const bool in_time : {true, false}) {
    Dao dao;
    const std::uint64_t general = fund_balance(dao, 1);
    const std::uint64_t zed = dao.tokens("zed");
    ASSERT_EQ(dao.apply_as_dao(pay(1, kToken, dao.account("zed"))), "Ok");
    advance_to(dao, kGenesisMs + kWindowMs - (in_time ? 1 : 0));
    EXPECT_EQ(dao.as("mira").apply(accept_payout(1)).error(), "NotPayee");
    EXPECT_EQ(dao.as("zed").apply(accept_payout(1)).error(), in_time ? "Ok" : "PayoutClosed");
    dao.end_block();
    EXPECT_EQ(dao.tokens("zed"), in_time ? zed + kToken : zed);
    EXPECT_EQ(fund_balance(dao, 1), in_time ? general - kToken : general);
    dao.pass_ms(kWindowMs);
    EXPECT_EQ(dao.as("zed").apply(accept_payout(1)).error(),
              in_time ? "AlreadyPaid" : "PayoutClosed");
  }
}

}  // namespace
}  // namespace salus::dao::test
