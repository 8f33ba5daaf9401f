// Owns: the history of that node.
#include "rpc/a_dao_node.h"

namespace salus::rpc {

namespace {

using test::ANode;

v1::GenesisDocument document() {
  v1::GenesisDocument out = test::small_genesis();
  for (v1::Track& track : *out.mutable_tracks()) {
    track.set_delegation(true);
    // Yes/no, choice, approval.
    track.set_schemes(1 | 4 | 8);
  }
  return out;
}

template <typename Fill>
v1::Action action_of(const Fill& fill) {
  v1::Action action;
  fill(action);
  return action;
}

v1::Action open_profile() {
  return action_of([](v1::Action& a) {
    a.mutable_set_delegate_profile()->set_open(true);
    a.mutable_set_delegate_profile()->set_statement_hash(std::string(32, 's'));
  });
}

v1::Action delegate_to(const AccountId& to, std::uint32_t track, std::uint32_t share) {
  return action_of([&](v1::Action& a) {
    v1::SetDelegation& set = *a.mutable_set_delegation();
    set.set_track(track);
    set.set_until_ms(kGenesisMs + 1'000'000 * kSecond);
    v1::DelegationTarget& target = *set.add_targets();
    target.set_to(to.to_string());
    target.set_share(share);
  });
}

v1::Action big_proposal(ANode& node) {
  const auto id = [&](std::string_view name) { return node.chain().person(name).to_string(); };
  v1::Action action;
  v1::Submit& submit = *action.mutable_submit();
  submit.set_scheme(v1::SCHEME_YES_NO);
  submit.set_text_hash(std::string(32, 'b'));
  submit.set_deposit(200 * kToken);
  v1::ProposalOption& option = *submit.add_options();

  v1::SetBudget& budget = *option.add_actions()->mutable_set_budget();
  budget.set_fund(1);
  budget.set_cap(100 * kToken);
  budget.set_period_ms(1'000 * kSecond);
  budget.set_length_ms(10'000 * kSecond);
  budget.set_category(7);
  budget.add_holders(id("mira"));
  budget.set_needed(1);
  budget.set_per_payment(50 * kToken);

  v1::AwardGrant& grant = *option.add_actions()->mutable_award_grant();
  grant.set_fund(1);
  grant.set_total(300 * kToken);
  grant.set_payee(id("ada"));
  grant.add_reviewers(id("chen"));
  grant.set_needed(1);
  for (const std::uint32_t bp : {4'000U, 6'000U}) {
    v1::TrancheTerms& tranche = *grant.add_tranches();
    tranche.set_bp(bp);
    tranche.set_due_ms(kGenesisMs + bp * kSecond);
  }

  v1::OpenStream& stream = *option.add_actions()->mutable_open_stream();
  stream.set_fund(1);
  stream.set_payee(id("ada"));
  stream.set_category(9);
  stream.set_total(100 * kToken);
  stream.add_points()->set_at_ms(kGenesisMs);
  v1::SchedulePoint& last = *stream.add_points();
  last.set_at_ms(kGenesisMs + 1'000'000 * kSecond);
  last.set_sum(100 * kToken);

  v1::GrantOffice& office = *option.add_actions()->mutable_grant_office();
  office.set_account(id("pavel"));
  office.set_role(12);
  office.set_term_ms(100'000 * kSecond);

  v1::SetParameter& parameter = *option.add_actions()->mutable_set_parameter();
  parameter.set_name("governance.retry_gap");
  parameter.set_from(5 * kSecond);
  parameter.set_to(7 * kSecond);
  return action;
}

void decide(ANode& node) {
  node.apply("hope", big_proposal(node));
  node.pass_ms(11 * kSecond);
  for (const char* name : {"noor", "pavel", "diaz", "kofi", "hope", "anne"}) {
    // Whoever is concerned may be recused; the others carry it.
    static_cast<void>(node.try_to(name, test::vote_yes(1)));
  }
  node.pass_ms(101 * kSecond);
  node.pass_ms(21 * kSecond);
  node.pass_ms(1);
}

void spend(ANode& node) {
  const AccountId noor = node.chain().person("noor");
  node.apply("mira", action_of([&](v1::Action& a) {
               v1::SpendBudget& spent = *a.mutable_spend_budget();
               spent.set_budget(1);
               spent.set_amount(40 * kToken);
               spent.set_payee(noor.to_string());
             }));
  node.apply("ada", action_of([](v1::Action& a) { a.mutable_accept_grant()->set_grant(1); }));
  node.apply("ada", action_of([](v1::Action& a) { a.mutable_accept_schedule()->set_schedule(1); }));
  const auto claim = [](std::uint32_t tranche) {
    return action_of([&](v1::Action& a) {
      v1::ClaimTranche& claimed = *a.mutable_claim_tranche();
      claimed.set_grant(1);
      claimed.set_tranche(tranche);
      claimed.set_deliverable_hash(std::string(32, 'd'));
    });
  };
  node.apply("ada", claim(1));
  node.apply("chen", action_of([](v1::Action& a) {
               v1::ApproveTranche& approved = *a.mutable_approve_tranche();
               approved.set_grant(1);
               approved.set_tranche(1);
               approved.set_deliverable_hash(std::string(32, 'd'));
             }));
  node.apply("ada", claim(2));
}

void bind_people(ANode& node) {
  const AccountId noor = node.chain().person("noor");
  node.apply("pavel", action_of([](v1::Action& a) {
               a.mutable_pause()->add_types(153);
               a.mutable_pause()->set_span_ms(3'600 * kSecond);
             }));
  node.apply("mira", action_of([&](v1::Action& a) {
               v1::SetRecovery& set = *a.mutable_set_recovery();
               set.add_guardians(noor.to_string());
               set.set_needed(1);
               set.set_delay_ms(3 * 86'400 * kSecond);
             }));
  node.apply("mira", action_of([&](v1::Action& a) {
               v1::OpenSchedule& open = *a.mutable_open_schedule();
               open.set_payee(noor.to_string());
               open.set_total(10 * kToken);
               open.set_cancel_by(1);
               open.add_points()->set_at_ms(kGenesisMs);
               v1::SchedulePoint& last = *open.add_points();
               last.set_at_ms(kGenesisMs + 1'000 * kSecond);
               last.set_sum(10 * kToken);
             }));
}

}  // namespace

void Decided::SetUpTestSuite() {
  node_ = new ANode{test::Papers::Real, document()};
  ANode& node = *node_;
  node.apply("mira", open_profile());
  node.apply("noor", delegate_to(node.chain().person("mira"), 3, 60));
  decide(node);
  spend(node);
  bind_people(node);
  node.apply("noor", test::submit_payment(node.chain().person("ada")));
  node.pass_ms(11 * kSecond);
  node.apply("mira", test::vote_yes(2));
  // What is proven is the state before the latest block.
  node.seal({});

  auto client = client::Client::connect(
      {.endpoints = {node.endpoint()}, .timeout = std::chrono::seconds{30}, .tls_roots = {}});
  SALUS_ASSERT(client.has_value(), "an endpoint is given");
  client_ = new client::Client{std::move(*client)};
  light_ = new client::LightClient{
      *client_, *client::trust_genesis(node.chain().genesis_bytes(), node.chain().chain_id()),
      node.chain().genesis_bytes()};
}

void Decided::TearDownTestSuite() {
  delete light_;
  delete client_;
  delete node_;
  light_ = nullptr;
  client_ = nullptr;
  node_ = nullptr;
}

}  // namespace salus::rpc
