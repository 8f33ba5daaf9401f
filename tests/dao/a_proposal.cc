// Owns: the actions of proposals and the ways through their states.
#include "dao/a_proposal.h"

#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "dao/governance/proposals.h"

namespace salus::dao::test {

namespace {

std::string without_prefix(const std::string& name, std::string_view prefix) {
  return name.substr(prefix.size());
}

}  // namespace

v1::Action submit(const std::vector<v1::Action>& frozen, std::uint64_t deposit) {
  v1::Action action;
  v1::Submit& submit = *action.mutable_submit();
  submit.set_scheme(v1::SCHEME_YES_NO);
  submit.set_text_hash(std::string(32, 't'));
  submit.set_deposit(deposit);
  v1::ProposalOption& option = *submit.add_options();
  for (const v1::Action& one : frozen) *option.add_actions() = one;
  return action;
}

v1::Action submit_by_endorsement(const std::vector<v1::Action>& frozen) {
  v1::Action action = submit(frozen, 0);
  action.mutable_submit()->set_by_endorsement(true);
  return action;
}

v1::Action top_up(std::uint64_t proposal, std::uint64_t amount) {
  v1::Action action;
  action.mutable_top_up()->set_proposal(proposal);
  action.mutable_top_up()->set_amount(amount);
  return action;
}

v1::Action endorse(std::uint64_t proposal) {
  v1::Action action;
  action.mutable_endorse()->set_proposal(proposal);
  return action;
}

v1::Action cancel(std::uint64_t proposal) {
  v1::Action action;
  action.mutable_cancel()->set_proposal(proposal);
  return action;
}

v1::Action vote(std::uint64_t proposal, v1::Choice choice) {
  return vote(proposal, std::vector<Part>{{choice, 1}});
}

v1::Action vote(std::uint64_t proposal, const std::vector<Part>& parts) {
  v1::Action action;
  action.mutable_vote()->set_proposal(proposal);
  for (const Part& part : parts) {
    v1::BallotPart& one = *action.mutable_vote()->add_parts();
    one.set_choice(part.choice);
    one.set_part(part.part);
  }
  return action;
}

v1::Action retry(std::uint64_t proposal) {
  v1::Action action;
  action.mutable_retry_execution()->set_proposal(proposal);
  return action;
}

v1::Action declare_conflict(std::uint64_t proposal) {
  v1::Action action;
  action.mutable_declare_conflict()->set_proposal(proposal);
  return action;
}

v1::Action cancel_proposal(std::uint64_t proposal) {
  v1::Action action;
  action.mutable_cancel_proposal()->set_proposal(proposal);
  return action;
}

v1::Action set_parameter(std::string_view name, std::uint64_t from, std::uint64_t to) {
  v1::Action action;
  action.mutable_set_parameter()->set_name(std::string{name});
  action.mutable_set_parameter()->set_from(from);
  action.mutable_set_parameter()->set_to(to);
  return action;
}

v1::Action create_fund(std::string_view code) {
  v1::Action action;
  action.mutable_create_fund()->set_code(std::string{code});
  action.mutable_create_fund()->set_purpose(1);
  return action;
}

v1::Action move_funds(std::uint32_t from, std::uint32_t to, std::uint64_t amount) {
  v1::Action action;
  action.mutable_move_funds()->set_from(from);
  action.mutable_move_funds()->set_to(to);
  action.mutable_move_funds()->set_amount(amount);
  return action;
}

v1::Action donate(std::uint32_t fund, std::uint64_t amount) {
  v1::Action action;
  action.mutable_donate()->set_fund(fund);
  action.mutable_donate()->set_amount(amount);
  return action;
}

v1::Action pay(std::uint32_t fund, std::uint64_t amount, const AccountId& payee) {
  v1::Action action;
  action.mutable_pay()->set_fund(fund);
  action.mutable_pay()->set_amount(amount);
  action.mutable_pay()->set_payee(payee.to_string());
  return action;
}

v1::Action accept_payout(std::uint64_t payout) {
  v1::Action action;
  action.mutable_accept_payout()->set_payout(payout);
  return action;
}

v1::Action mark_payee() {
  v1::Action action;
  action.mutable_mark_payee();
  return action;
}

v1::Proposal proposal(const Dao& dao, std::uint64_t id) {
  return governance::find_proposal(dao.state(), id).value_or(v1::Proposal{});
}

std::string state_of(const Dao& dao, std::uint64_t id) {
  return without_prefix(v1::ProposalState_Name(proposal(dao, id).state()), "PROPOSAL_STATE_");
}

std::string rule_of(const Dao& dao, std::uint64_t id) {
  return without_prefix(v1::VerdictRule_Name(proposal(dao, id).outcome().rule()), "VERDICT_RULE_");
}

v1::Tally tally(const Dao& dao, std::uint64_t id, std::uint32_t chamber) {
  return governance::find_tally(dao.state(), id, chamber).value_or(v1::Tally{});
}

std::uint64_t fund_balance(const Dao& dao, std::uint32_t fund) {
  return assets::balance(dao.state(), accounts::fund_account(chain_id(), fund), assets::kNative);
}

void advance_to(Dao& dao, std::uint64_t at_ms) {
  ASSERT_GE(at_ms, dao.now_ms());
  dao.advance_ms(at_ms - dao.now_ms());
}

void pass_to(Dao& dao, std::uint64_t at_ms) {
  advance_to(dao, at_ms);
  dao.end_block();
}

std::uint64_t open_voting(Dao& dao, std::string_view proposer,
                          const std::vector<v1::Action>& frozen, std::uint64_t deposit) {
  EXPECT_EQ(dao.apply(proposer, submit(frozen, deposit)).error(), "Ok");
  const std::uint64_t id = governance::last_proposal_id(dao.state());
  dao.end_block();
  dao.pass_ms(kNoticeMs);
  EXPECT_EQ(state_of(dao, id), "VOTING");
  return id;
}

void all_vote_yes(Dao& dao, std::uint64_t id) {
  for (const char* name :
       {"mira", "noor", "pavel", "chen", "diaz", "ada", "kofi", "hope", "anne"}) {
    const Applied applied = dao.apply(name, vote(id, v1::CHOICE_YES));
    EXPECT_TRUE(applied.ok() || applied.error() == "Recused") << name << ": " << applied.error();
  }
  dao.end_block();
}

void pass_vote(Dao& dao, std::uint64_t id) {
  all_vote_yes(dao, id);
  pass_to(dao, proposal(dao, id).phase_until_ms());
  EXPECT_EQ(state_of(dao, id), "TIMELOCK");
}

std::vector<Person> institutions(const std::vector<Seat>& seats) {
  std::vector<Person> people;
  for (const Seat& seat : seats) {
    people.push_back({.name = seat.name,
                      .roles = membership::bit(membership::Role::Institution),
                      .seats = seat.seats,
                      .tokens = 1'000});
  }
  for (const char* name : {"olga", "omar", "otto", "oona"}) {
    people.push_back({.name = name, .roles = 0, .seats = 0, .tokens = 0});
  }
  return people;
}

v1::GenesisDocument a_chamber_of_seats(const std::vector<Person>& people, const Rules& rules) {
  v1::GenesisDocument document = a_document(people);
  for (v1::Track& track : *document.mutable_tracks()) {
    if (track.code() != "standard") continue;
    track.clear_chambers();
    v1::TrackChamber& chamber = *track.add_chambers();
    chamber.set_chamber(kInstitutions);
    chamber.set_mode(v1::CHAMBER_MODE_REQUIRED);
    chamber.set_approval_bp(rules.approval_bp);
    chamber.set_support_bp(rules.support_bp);
    chamber.set_min_approval_bp(rules.min_approval_bp);
    chamber.set_reserved_veto_bp(rules.reserved_veto_bp);
    chamber.set_if_small(v1::IF_SMALL_FAIL);
  }
  return document;
}

}  // namespace salus::dao::test
