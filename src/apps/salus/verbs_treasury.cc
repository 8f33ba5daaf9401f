// Owns: `salus treasury` beyond the balance, and `salus payout`. An export carries its own sums,
// and they are checked against the fund's proven balance before it is written.
#include <fmt/format.h>

#include <fstream>
#include <memory>

#include "apps/salus/cli.h"
#include "apps/salus/dao_verbs.h"
#include "apps/salus/money_words.h"
#include "apps/salus/names.h"
#include "queries/words.h"

namespace salus::cli {

namespace {

struct Asked {
  std::string fund;
  std::uint32_t asset = 0;
  std::string from;
  std::string until;
  std::string to;
  bool by_category = false;
  std::uint32_t days = 90;
  std::uint64_t id = 0;
  std::string who;
  std::string state;
};

struct Window {
  std::uint64_t from_ms = 0;
  std::uint64_t until_ms = 0;
};

Window window_of(Cli& cli, const Asked& asked) {
  Window window;
  if (!asked.from.empty()) window.from_ms = time_of(cli, asked.from);
  if (!asked.until.empty()) window.until_ms = time_of(cli, asked.until);
  return window;
}

std::string entry_word(v1::FundEntryKind kind) {
  return print_enum(v1::FundEntryKind_Name(kind), "FUND_ENTRY_KIND_");
}

// Every line of a fund's ledger in a window, and the totals it is to add up to.
v1::FundLedgerResponse read_ledger(Cli& cli, std::uint32_t fund, std::uint32_t asset,
                                   const Window& window) {
  v1::FundLedgerRequest request;
  request.set_fund(fund);
  request.set_asset(asset);
  request.set_from_ms(window.from_ms);
  request.set_until_ms(window.until_ms);
  request.set_page_size(200);
  v1::FundLedgerResponse all;
  do {
    auto page = cli.read(request);
    for (v1::FundEntry& entry : *page.mutable_entries()) {
      all.add_entries()->Swap(&entry);
    }
    all.set_height(page.height());
    *all.mutable_totals() = page.totals();
    all.set_balance(page.balance());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

void show_ledger(Cli& cli, const Asked& asked) {
  const std::uint32_t fund = cli.fund(asked.fund);
  const auto ledger = read_ledger(cli, fund, asked.asset, window_of(cli, asked));
  Table table{{"when (UTC)", "what", "number", "in", "out", "balance", "account", "category"}};
  for (const v1::FundEntry& entry : ledger.entries()) {
    const auto print = [&](std::uint64_t units) {
      return units == 0 ? std::string{} : cli.print_amount(units, asked.asset);
    };
    table.add({print_time(entry.at_ms()), entry_word(entry.kind()), std::to_string(entry.ref()),
               print(entry.in()), print(entry.out()),
               cli.print_amount(entry.balance(), asked.asset), cli.name_of(entry.account()),
               std::to_string(entry.category())});
  }
  cli.answer(ledger,
             table.str("No movements.") +
                 fmt::format("Free now: {}\n", cli.print_amount(ledger.balance(), asked.asset)));
}

void show_categories(Cli& cli, const Asked& asked) {
  v1::CategoryTotalsRequest request;
  request.set_fund(cli.fund(asked.fund));
  request.set_asset(asked.asset);
  const Window window = window_of(cli, asked);
  request.set_from_ms(window.from_ms);
  request.set_until_ms(window.until_ms);
  const auto response = cli.read(request);
  Table table{{"category", "in", "out", "movements"}};
  for (const v1::CategoryTotal& total : response.totals()) {
    table.add({std::to_string(total.category()), cli.print_amount(total.in(), asked.asset),
               cli.print_amount(total.out(), asked.asset), std::to_string(total.entries())});
  }
  cli.answer(response, table.str("No movements.") +
                           (response.whole() ? "" : "Only the last 10000 movements are in it.\n"));
}

void show_forecast(Cli& cli, std::uint32_t days) {
  v1::ForecastRequest request;
  request.set_days(days);
  const auto response = cli.read(request);
  Table table{{"fund", "asset", "free", "promised", "milestones", "streams", "waiting", "budgets",
               "free then"}};
  for (const v1::ForecastLine& line : response.lines()) {
    const auto print = [&](std::uint64_t units) { return cli.print_amount(units, line.asset()); };
    table.add({std::to_string(line.fund()), std::to_string(line.asset()), print(line.free()),
               print(line.promised()), print(line.tranches()), print(line.streams()),
               print(line.payouts()), print(line.budgets()), print(line.free_then())});
  }
  cli.answer(
      response,
      fmt::format("Until {} UTC. Milestones, streams and waiting payouts are promised already; "
                  "budgets permit that much more. Nothing that may come in is counted.\n",
                  print_time(response.until_ms())) +
          table.str("No fund ever held anything."));
}

void list_budgets(Cli& cli, const Asked& asked) {
  v1::ListBudgetsRequest request;
  if (!asked.fund.empty()) request.set_fund(cli.fund(asked.fund));
  request.set_page_size(100);
  v1::ListBudgetsResponse all;
  Table table{{"id", "fund", "cap", "each", "spent", "left", "until", "category", "state"}};
  do {
    const auto page = cli.read(request);
    for (const v1::BudgetInfo& info : page.budgets()) {
      const v1::Budget& budget = info.budget();
      const auto print = [&](std::uint64_t units) {
        return cli.print_amount(units, budget.asset());
      };
      table.add({std::to_string(budget.id()), std::to_string(budget.fund()), print(budget.cap()),
                 queries::spell_span(budget.period_ms()),
                 print(info.open() ? budget.cap() - info.left() : 0), print(info.left()),
                 print_time(budget.until_ms()), std::to_string(budget.category()),
                 info.open() ? "open"
                             : print_enum(v1::BudgetState_Name(budget.state()), "BUDGET_STATE_")});
      *all.add_budgets() = info;
    }
    all.set_height(page.height());
    all.set_now_ms(page.now_ms());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("No budgets."));
}

void list_streams(Cli& cli, const Asked& asked) {
  v1::ListStreamsRequest request;
  if (!asked.fund.empty()) request.set_fund(cli.fund(asked.fund));
  request.set_page_size(100);
  v1::ListStreamsResponse all;
  Table table{{"schedule", "fund", "payee", "total", "due by now", "paid", "until", "state"}};
  do {
    const auto page = cli.read(request);
    for (const v1::ScheduleInfo& info : page.streams()) {
      const v1::Schedule& schedule = info.schedule();
      const auto print = [&](std::uint64_t units) {
        return cli.print_amount(units, schedule.asset());
      };
      table.add({std::to_string(schedule.id()), std::to_string(info.stream().fund()),
                 cli.name_of(schedule.payee()), print(schedule.total()), print(info.vested()),
                 print(schedule.claimed()),
                 print_time(schedule.points(schedule.points_size() - 1).at_ms()),
                 print_enum(v1::ScheduleState_Name(schedule.state()), "SCHEDULE_STATE_")});
      *all.add_streams() = info;
    }
    all.set_height(page.height());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("No streams."));
}

void list_grants(Cli& cli, const Asked& asked) {
  v1::ListGrantsRequest request;
  if (!asked.who.empty()) request.set_account(cli.account(asked.who).to_string());
  request.set_page_size(100);
  v1::ListGrantsResponse all;
  Table table{{"id", "fund", "payee", "total", "paid", "next", "state"}};
  do {
    const auto page = cli.read(request);
    for (const v1::GrantInfo& info : page.grants()) {
      const v1::Grant& grant = info.grant();
      table.add({std::to_string(grant.id()), std::to_string(grant.fund()),
                 cli.name_of(grant.payee()), cli.print_amount(grant.total(), grant.asset()),
                 cli.print_amount(info.paid(), grant.asset()),
                 info.next_tranche() == 0 ? "-" : std::to_string(info.next_tranche()),
                 print_enum(v1::GrantState_Name(grant.state()), "GRANT_STATE_")});
      *all.add_grants() = info;
    }
    all.set_height(page.height());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("No grants."));
}

// One fund and asset as CSV; `lines` grow. Whoever adds it up gets what the chain has.
void export_one(Cli& cli, std::uint32_t fund, std::uint32_t asset, const Window& window,
                std::vector<std::string>& lines) {
  const auto ledger = read_ledger(cli, fund, asset, window);
  LedgerSums sums;
  for (const v1::FundEntry& entry : ledger.entries()) {
    sums.add(entry);
    lines.push_back(csv_line(entry));
  }
  lines.push_back(csv_trailer(fund, asset, sums));
  const bool whole = window.from_ms == 0 && window.until_ms == 0;
  if (const auto wrong = sums.contradiction(ledger, whole)) {
    throw Stop{Exit::Unproven, fmt::format("Fund {}, asset {}: {}", fund, asset, *wrong)};
  }
}

void export_ledger(Cli& cli, const Asked& asked) {
  v1::ListFundsRequest request;
  request.set_page_size(200);
  const Window window = window_of(cli, asked);
  const std::uint32_t only = asked.fund.empty() ? 0 : cli.fund(asked.fund);
  std::vector<std::string> lines{std::string{kCsvHead}};
  do {
    const auto page = cli.read(request);
    for (const v1::FundInfo& info : page.funds()) {
      if (only != 0 && info.fund().id() != only) continue;
      for (const v1::FundHolding& held : info.holdings()) {
        export_one(cli, info.fund().id(), held.asset(), window, lines);
      }
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  // A CSV stands alone: the proof's word would be no line of it.
  if (asked.to.empty()) {
    fmt::print("{}", text);
    return;
  }
  std::ofstream out{asked.to};
  out << text;
  out.flush();
  if (!out) usage(fmt::format("{} can't be written.", asked.to));
  cli.answer(Json{{"file", asked.to}, {"lines", std::to_string(lines.size())}},
             fmt::format("Wrote {} lines to {}; their sums are the funds' balances.\n",
                         lines.size(), asked.to));
}

void list_payouts(Cli& cli, const Asked& asked) {
  v1::ListPayoutsRequest request;
  if (!asked.who.empty()) request.set_payee(cli.account(asked.who).to_string());
  if (!asked.state.empty()) {
    std::string name = "PAYOUT_STATE_";
    for (const char c : asked.state) name += static_cast<char>(std::toupper(c));
    v1::PayoutState state = v1::PAYOUT_STATE_UNSPECIFIED;
    if (!v1::PayoutState_Parse(name, &state)) {
      usage(fmt::format("'{}' is no state: waiting, paid, expired or cancelled.", asked.state));
    }
    request.set_state(state);
  }
  request.set_page_size(100);
  v1::ListPayoutsResponse all;
  Table table{{"id", "proposal", "budget", "fund", "amount", "payee", "state", "until"}};
  do {
    const auto page = cli.read(request);
    for (const v1::Payout& payout : page.payouts()) {
      table.add({std::to_string(payout.id()), std::to_string(payout.proposal()),
                 std::to_string(payout.budget()), std::to_string(payout.fund()),
                 cli.print_amount(payout.amount(), payout.asset()), cli.name_of(payout.payee()),
                 print_enum(v1::PayoutState_Name(payout.state()), "PAYOUT_STATE_"),
                 payout.state() == v1::PAYOUT_STATE_WAITING ? print_time(payout.until_ms())
                                                            : std::string{"-"}});
      *all.add_payouts() = payout;
    }
    all.set_height(page.height());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("No payouts."));
}

void show_payout(Cli& cli, std::uint64_t id) {
  v1::WhyPaidRequest request;
  request.set_payout(id);
  const auto response = cli.read(request);
  const v1::Payout& payout = response.payout();
  std::string text =
      facts({{"payout", std::to_string(payout.id())},
             {"amount", cli.print_amount(payout.amount(), payout.asset())},
             {"fund", std::to_string(payout.fund())},
             {"payee", cli.name_of(payout.payee())},
             {"state", print_enum(v1::PayoutState_Name(payout.state()), "PAYOUT_STATE_")},
             {"made", print_time(payout.at_ms())},
             {"category", std::to_string(payout.category())},
             {"origin", hex(as_bytes(payout.origin()))}});
  for (const std::string& sentence : response.sentences()) text += sentence + "\n";
  for (const std::string& signer : response.act().signers()) {
    text += fmt::format("  signed by {}\n", cli.name_of(signer));
  }
  cli.answer(response, text);
}

void add_lists(CLI::App& app, Cli& cli, const std::shared_ptr<Asked>& asked) {
  struct List {
    const char* name;
    const char* what;
    void (*run)(Cli&, const Asked&);
  };
  for (const List& list :
       {List{"budgets", "Standing permissions to spend, and what is left of them", list_budgets},
        List{"streams", "Sums that funds pay over time", list_streams},
        List{"grants", "Sums that funds pay by milestones", list_grants}}) {
    CLI::App* command = verb(app, "treasury", list.name, list.what);
    if (list.run == list_grants) {
      command->add_option("--account", asked->who, "Only with this payee or reviewer");
    } else {
      command->add_option("--fund", asked->fund, "Only of this fund");
    }
    command->callback([&cli, asked, run = list.run] { run(cli, *asked); });
  }
}

}  // namespace

void add_treasury_verbs(CLI::App& app, Cli& cli) {
  auto asked = std::make_shared<Asked>();
  add_lists(app, cli, asked);
  const auto add_window = [&](CLI::App* command) {
    command->add_option("--from", asked->from, "2026-01-01; absent: from the beginning");
    command->add_option("--until", asked->until, "Before this day; absent: until now");
  };
  CLI::App* ledger = verb(app, "treasury", "ledger", "Every movement of a fund");
  ledger->add_option("FUND", asked->fund, "Code or number")->required();
  ledger->add_option("--asset", asked->asset);
  ledger->add_flag("--by-category", asked->by_category, "Sums instead of movements");
  add_window(ledger);
  ledger->callback([&cli, asked] {
    if (asked->by_category) return show_categories(cli, *asked);
    show_ledger(cli, *asked);
  });
  CLI::App* forecast = verb(app, "treasury", "forecast", "What the funds will need");
  forecast->add_option("--days", asked->days, "1 to 365")->check(CLI::Range(1, 365));
  forecast->callback([&cli, asked] { show_forecast(cli, asked->days); });
  CLI::App* exported =
      verb(app, "treasury", "export", "Every movement as CSV, with sums that are checked");
  exported->add_option("--fund", asked->fund, "Only of this fund");
  exported->add_option("--to", asked->to, "File to write; absent: shown");
  add_window(exported);
  exported->callback([&cli, asked] { export_ledger(cli, *asked); });

  CLI::App* listed = verb(app, "payout", "list", "What was paid, and what waits for its payee");
  listed->add_option("--payee", asked->who);
  listed->add_option("--state", asked->state, "waiting, paid, expired, cancelled");
  listed->callback([&cli, asked] { list_payouts(cli, *asked); });
  CLI::App* shown = verb(app, "payout", "show", "A payment, and why it was made");
  shown->add_option("PAYOUT", asked->id)->required();
  shown->callback([&cli, asked] { show_payout(cli, asked->id); });
  CLI::App* accept = verb(app, "payout", "accept", "Take a waiting payout");
  accept->add_option("PAYOUT", asked->id)->required();
  accept->callback([&cli, asked] {
    v1::Action action;
    action.mutable_accept_payout()->set_payout(asked->id);
    cli.send({action}, fmt::format("Accepted payout {}.", asked->id));
  });
}

}  // namespace salus::cli
