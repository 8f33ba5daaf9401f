// Owns: `salus budget` and `salus grant`. Spending from a budget and paying a milestone are joint
// acts: the first signer opens one, whoever says the same signs it.
#include <fmt/format.h>

#include <memory>

#include "apps/salus/cli.h"
#include "apps/salus/dao_verbs.h"
#include "apps/salus/names.h"
#include "queries/words.h"

namespace salus::cli {

namespace {

std::string names_of(Cli& cli, const google::protobuf::RepeatedPtrField<std::string>& accounts) {
  std::string out;
  for (const std::string& account : accounts) {
    out += (out.empty() ? "" : ", ") + cli.name_of(account);
  }
  return out;
}

v1::BudgetInfo get_budget(Cli& cli, std::uint32_t id) {
  v1::GetBudgetRequest request;
  request.set_budget(id);
  return cli.read(request).budget();
}

void show_budget(Cli& cli, std::uint32_t id) {
  v1::GetBudgetRequest request;
  request.set_budget(id);
  const auto response = cli.read(request);
  const v1::BudgetInfo& info = response.budget();
  const v1::Budget& budget = info.budget();
  const auto print = [&](std::uint64_t units) { return cli.print_amount(units, budget.asset()); };
  const std::string holders = budget.holder_role() != 0
                                  ? "every active " + role_name(budget.holder_role())
                                  : names_of(cli, budget.holders());
  std::string text = facts(
      {{"budget", std::to_string(budget.id())},
       {"state",
        info.open() ? "open" : print_enum(v1::BudgetState_Name(budget.state()), "BUDGET_STATE_")},
       {"fund", fmt::format("{}, which has {} free", budget.fund(), print(info.free()))},
       {"cap",
        fmt::format("{} in each {}", print(budget.cap()), queries::spell_span(budget.period_ms()))},
       {"left", fmt::format("{} until {}", print(info.left()), print_time(info.period_until_ms()))},
       {"one payment", "at most " + print(budget.per_payment())},
       {"from, until", print_time(budget.from_ms()) + ", " + print_time(budget.until_ms())},
       {"who spends", fmt::format("{} of {}", budget.needed(), holders)},
       {"who is paid",
        budget.payees().empty() ? "any active member" : names_of(cli, budget.payees())},
       {"category", std::to_string(budget.category())}});
  v1::BudgetUseRequest use_request;
  use_request.set_budget(id);
  use_request.set_page_size(100);
  v1::BudgetUseResponse use;
  Table table{{"charged with", "number", "amount", "payee", "state"}};
  do {
    const auto page = cli.read(use_request);
    for (const v1::Payout& payout : page.payouts()) {
      table.add({"payout", std::to_string(payout.id()), print(payout.amount()),
                 cli.name_of(payout.payee()),
                 print_enum(v1::PayoutState_Name(payout.state()), "PAYOUT_STATE_")});
      *use.add_payouts() = payout;
    }
    for (const v1::Grant& grant : page.grants()) {
      table.add({"grant", std::to_string(grant.id()), print(grant.total()),
                 cli.name_of(grant.payee()),
                 print_enum(v1::GrantState_Name(grant.state()), "GRANT_STATE_")});
      *use.add_grants() = grant;
    }
    for (const v1::ScheduleInfo& stream : page.streams()) {
      table.add({"stream", std::to_string(stream.schedule().id()), print(stream.schedule().total()),
                 cli.name_of(stream.schedule().payee()),
                 print_enum(v1::ScheduleState_Name(stream.schedule().state()), "SCHEDULE_STATE_")});
      *use.add_streams() = stream;
    }
    use_request.set_page_token(page.next_page_token());
  } while (!use_request.page_token().empty());
  Json json = to_json(response);
  json["use"] = to_json(use);
  cli.answer(json, text + table.str("Nothing was charged to it."));
}

struct Spending {
  std::uint32_t budget = 0;
  std::string amount;
  std::string to;
};

void spend(Cli& cli, const Spending& spending) {
  const v1::Budget budget = get_budget(cli, spending.budget).budget();
  v1::Action action;
  v1::SpendBudget& spent = *action.mutable_spend_budget();
  spent.set_budget(spending.budget);
  spent.set_amount(cli.amount(spending.amount, budget.asset()));
  spent.set_payee(cli.account(spending.to).to_string());
  cli.send({action},
           budget.needed() == 1
               ? fmt::format("Spent {} for {}.", spending.amount, spending.to)
               : fmt::format("Signed. It is paid once {} holders say the same.", budget.needed()));
}

v1::GetGrantResponse get_grant(Cli& cli, std::uint64_t id) {
  v1::GetGrantRequest request;
  request.set_grant(id);
  return cli.read(request);
}

void show_grant(Cli& cli, std::uint64_t id) {
  const auto response = get_grant(cli, id);
  const v1::GrantInfo& info = response.grant();
  const v1::Grant& grant = info.grant();
  const auto print = [&](std::uint64_t units) { return cli.print_amount(units, grant.asset()); };
  std::vector<std::pair<std::string, std::string>> lines{
      {"grant", std::to_string(grant.id())},
      {"state", print_enum(v1::GrantState_Name(grant.state()), "GRANT_STATE_")},
      {"fund", std::to_string(grant.fund())},
      {"payee", cli.name_of(grant.payee())},
      {"total", print(grant.total())},
      {"paid", print(info.paid())},
      {"reviewers", fmt::format("{} of {}", grant.needed(), names_of(cli, grant.reviewers()))},
      {"decided by", fmt::format("proposal {}", grant.proposal())}};
  if (grant.state() == v1::GRANT_STATE_PENDING) {
    lines.emplace_back("accept until", print_time(grant.until_ms()));
  }
  if (info.act() != 0) {
    lines.emplace_back("review", fmt::format("{} of {} signed, joint act {}", info.signed_(),
                                             grant.needed(), info.act()));
  }
  Table table{{"tranche", "amount", "due", "state", "deliverable"}};
  for (int i = 0; i < grant.tranches_size(); ++i) {
    const v1::Tranche& tranche = grant.tranches(i);
    table.add({std::to_string(i + 1), print(info.amounts(i)), print_time(tranche.due_ms()),
               print_enum(v1::TrancheState_Name(tranche.state()), "TRANCHE_STATE_"),
               tranche.deliverable_hash().empty()
                   ? "-"
                   : hex(as_bytes(tranche.deliverable_hash())).substr(0, 16)});
  }
  cli.answer(response, facts(lines) + table.str("No tranches."));
}

struct Review {
  std::uint64_t grant = 0;
  std::uint32_t tranche = 0;
  std::string deliverable;
};

// The tranche that is next, where none is named.
std::uint32_t tranche_of(const Review& review, const v1::GrantInfo& info) {
  if (review.tranche != 0) return review.tranche;
  if (info.next_tranche() == 0) {
    throw Stop{Exit::Refused, fmt::format("Every tranche of grant {} is paid.", review.grant)};
  }
  return info.next_tranche();
}

void claim(Cli& cli, const Review& review) {
  const v1::GrantInfo info = get_grant(cli, review.grant).grant();
  v1::Action action;
  v1::ClaimTranche& claim = *action.mutable_claim_tranche();
  claim.set_grant(review.grant);
  claim.set_tranche(tranche_of(review, info));
  claim.set_deliverable_hash(digest_of(review.deliverable, "--deliverable-hash"));
  cli.send({action}, fmt::format("Claimed tranche {}. Its reviewers decide.", claim.tranche()));
}

// What is signed names the deliverable that was looked at: another one that is claimed meanwhile
// does not pass under the same signature.
template <typename Signed>
void fill_review(Cli& cli, const Review& review, Signed& out) {
  const v1::GrantInfo info = get_grant(cli, review.grant).grant();
  out.set_grant(review.grant);
  out.set_tranche(tranche_of(review, info));
  if (!review.deliverable.empty()) {
    out.set_deliverable_hash(digest_of(review.deliverable, "--deliverable-hash"));
    return;
  }
  if (out.tranche() > static_cast<std::uint32_t>(info.grant().tranches_size())) {
    usage(fmt::format("Grant {} has {} tranches.", review.grant, info.grant().tranches_size()));
  }
  out.set_deliverable_hash(
      info.grant().tranches(static_cast<int>(out.tranche()) - 1).deliverable_hash());
}

void add_grants(CLI::App& app, Cli& cli) {
  auto review = std::make_shared<Review>();
  const auto add = [&](const std::string& name, const std::string& what) {
    CLI::App* command = verb(app, "grant", name, what);
    command->add_option("GRANT", review->grant)->required();
    return command;
  };
  add("show", "A grant and its milestones")->callback([&cli, review] {
    show_grant(cli, review->grant);
  });
  add("accept", "Start a grant that was awarded to you")->callback([&cli, review] {
    v1::Action action;
    action.mutable_accept_grant()->set_grant(review->grant);
    cli.send({action}, "Accepted.");
  });
  add("cancel", "End the rest of a grant that is 90 days late, as a treasurer, with a second one")
      ->callback([&cli, review] {
        v1::Action action;
        action.mutable_cancel_grant()->set_grant(review->grant);
        cli.send({action}, "Signed; the rest goes back once a second treasurer agrees.");
      });
  CLI::App* claimed = add("claim", "Show that a milestone is reached");
  claimed->add_option("--tranche", review->tranche, "Absent: the next one");
  claimed->add_option("--deliverable-hash", review->deliverable, "Digest of what you delivered")
      ->required();
  claimed->callback([&cli, review] { claim(cli, *review); });
  const auto add_review = [&](const std::string& name, const std::string& what,
                              const std::function<void()>& run) {
    CLI::App* command = add(name, what);
    command->add_option("--tranche", review->tranche, "Absent: the next one");
    command->add_option("--deliverable-hash", review->deliverable,
                        "What you reviewed; absent: what is claimed now");
    command->callback(run);
  };
  add_review("approve", "Pay a claimed milestone, with the other reviewers", [&cli, review] {
    v1::Action action;
    fill_review(cli, *review, *action.mutable_approve_tranche());
    cli.send({action}, "Approved; it is paid once enough reviewers say the same.");
  });
  add_review("return", "Send a claimed milestone back, with the other reviewers", [&cli, review] {
    v1::Action action;
    fill_review(cli, *review, *action.mutable_return_tranche());
    cli.send({action}, "Signed; it goes back once enough reviewers say the same.");
  });
}

}  // namespace

void add_budget_verbs(CLI::App& app, Cli& cli) {
  auto spending = std::make_shared<Spending>();
  CLI::App* show = verb(app, "budget", "show", "A budget, what is left, and what was spent");
  show->add_option("BUDGET", spending->budget)->required();
  show->callback([&cli, spending] { show_budget(cli, spending->budget); });
  CLI::App* pay = verb(app, "budget", "spend", "Pay from a budget, with its other holders");
  pay->add_option("BUDGET", spending->budget)->required();
  pay->add_option("--amount", spending->amount)->required();
  pay->add_option("--to", spending->to, "@name or id")->required();
  pay->callback([&cli, spending] { spend(cli, *spending); });
  add_grants(app, cli);
}

}  // namespace salus::cli
