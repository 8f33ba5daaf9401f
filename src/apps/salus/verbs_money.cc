// Owns: `salus asset`, `salus balance`, `salus transfer`, `salus fund`, `salus treasury`.
#include <fmt/format.h>

#include <memory>

#include "apps/salus/cli.h"

namespace salus::cli {

namespace {

void show_balance(Cli& cli, const std::string& who) {
  v1::ListBalancesRequest request;
  request.set_account(cli.account(who).to_string());
  request.set_page_size(100);
  const auto response = cli.read(request);
  Table table{{"asset", "balance"}};
  for (const v1::Balance& balance : response.balances()) {
    table.add(
        {std::to_string(balance.asset()), cli.print_amount(balance.amount(), balance.asset())});
  }
  cli.answer(response, table.str("Nothing."));
}

void list_assets(Cli& cli) {
  v1::ListAssetsRequest request;
  request.set_page_size(100);
  const auto response = cli.read(request);
  Table table{{"id", "asset", "decimals", "supply", "most", "issuer"}};
  for (const v1::Asset& asset : response.assets()) {
    const auto print = [&](std::uint64_t units) { return cli.print_amount(units, asset.id()); };
    table.add({std::to_string(asset.id()), asset.code(), std::to_string(asset.decimals()),
               print(asset.supply()), print(asset.max_supply()),
               asset.issuer().empty() ? "the DAO" : cli.name_of(asset.issuer())});
  }
  cli.answer(response, table.str("No assets."));
}

v1::ListFundsResponse funds(Cli& cli) {
  v1::ListFundsRequest request;
  request.set_page_size(100);
  return cli.read(request);
}

void list_funds(Cli& cli) {
  const auto response = funds(cli);
  Table table{{"id", "fund", "asset", "free", "escrowed", "in", "out"}};
  for (const v1::FundInfo& info : response.funds()) {
    for (const v1::FundHolding& held : info.holdings()) {
      const auto print = [&](std::uint64_t units) { return cli.print_amount(units, held.asset()); };
      table.add({std::to_string(info.fund().id()), info.fund().code(), std::to_string(held.asset()),
                 print(held.balance()), print(held.escrowed()), print(held.total_in()),
                 print(held.total_out())});
    }
    if (info.holdings().empty()) {
      table.add({std::to_string(info.fund().id()), info.fund().code(), "0", "0", "0", "0", "0"});
    }
  }
  cli.answer(response, fmt::format("At height {}\n", response.height()) + table.str("No funds."));
}

void list_payouts(Cli& cli) {
  v1::ListPayoutsRequest request;
  request.set_page_size(100);
  const auto response = cli.read(request);
  Table table{{"id", "proposal", "fund", "amount", "payee", "state"}};
  for (const v1::Payout& payout : response.payouts()) {
    table.add({std::to_string(payout.id()), std::to_string(payout.proposal()),
               std::to_string(payout.fund()), cli.print_amount(payout.amount(), payout.asset()),
               cli.name_of(payout.payee()),
               print_enum(v1::PayoutState_Name(payout.state()), "PAYOUT_STATE_")});
  }
  cli.answer(response, table.str("No payouts."));
}

struct Payment {
  std::string to;
  std::string amount;
  std::uint32_t asset = 0;
};

}  // namespace

void add_money_verbs(CLI::App& app, Cli& cli) {
  auto who = std::make_shared<std::string>();
  CLI::App* balance = verb(app, "balance", "show", "What an account holds");
  balance->add_option("ACCOUNT", *who)->required();
  balance->callback([&cli, who] { show_balance(cli, *who); });

  auto payment = std::make_shared<Payment>();
  CLI::App* send = verb(app, "transfer", "send", "Send tokens to an account");
  send->add_option("--to", payment->to, "@name or id")->required();
  send->add_option("--amount", payment->amount, "For example 12.5")->required();
  send->add_option("--asset", payment->asset, "0 is the native one");
  send->callback([&cli, payment] {
    v1::Action action;
    v1::Transfer& transfer = *action.mutable_transfer();
    transfer.set_to(cli.account(payment->to).to_string());
    transfer.set_asset(payment->asset);
    transfer.set_amount(cli.amount(payment->amount, payment->asset));
    cli.send({action}, fmt::format("Sent {} to {}.", payment->amount, payment->to));
  });

  auto gift = std::make_shared<Payment>();
  CLI::App* donate = verb(app, "fund", "donate", "Give tokens to a fund; there is no way back");
  donate->add_option("--fund", gift->to, "Its code or number")->required();
  donate->add_option("--amount", gift->amount)->required();
  donate->add_option("--asset", gift->asset);
  donate->callback([&cli, gift] {
    v1::Action action;
    v1::Donate& give = *action.mutable_donate();
    give.set_fund(cli.fund(gift->to));
    give.set_asset(gift->asset);
    give.set_amount(cli.amount(gift->amount, gift->asset));
    cli.send({action}, fmt::format("Gave {} to fund {}.", gift->amount, gift->to));
  });
  verb(app, "asset", "list", "The assets: 0 is the native one")->callback([&cli] {
    list_assets(cli);
  });
  verb(app, "fund", "list", "The funds and what they hold")->callback([&cli] { list_funds(cli); });
  verb(app, "treasury", "balance", "The same: every fund, free and promised")->callback([&cli] {
    list_funds(cli);
  });
  verb(app, "treasury", "payouts", "What was paid, and what waits for its payee")->callback([&cli] {
    list_payouts(cli);
  });

  auto payout = std::make_shared<std::uint64_t>(0);
  CLI::App* accept = verb(app, "treasury", "accept", "Take a waiting payout");
  accept->add_option("PAYOUT", *payout)->required();
  accept->callback([&cli, payout] {
    v1::Action action;
    action.mutable_accept_payout()->set_payout(*payout);
    cli.send({action}, fmt::format("Accepted payout {}.", *payout));
  });
  verb(app, "treasury", "mark-payee", "Be paid at once in future")->callback([&cli] {
    v1::Action action;
    action.mutable_mark_payee();
    cli.send({action}, "Marked as a payee.");
  });
}

}  // namespace salus::cli
