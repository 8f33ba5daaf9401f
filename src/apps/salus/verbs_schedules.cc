// Owns: `salus schedule`, `salus stake`, and `salus asset` beyond the list.
#include <fmt/format.h>

#include <memory>

#include "apps/salus/amount.h"
#include "apps/salus/cli.h"
#include "apps/salus/dao_verbs.h"
#include "apps/salus/names.h"
#include "apps/salus/proposals.h"
#include "dao/assets/schedules.h"

namespace salus::cli {

namespace {

struct NewSchedule {
  std::string to;
  std::string total;
  std::uint32_t asset = 0;
  std::string from;
  std::string until;
  // TIME=SUM
  std::vector<std::string> points;
  std::string cancel_by = "source";
};

v1::SchedulePoint point_of(Cli& cli, const std::string& text, std::uint32_t asset) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos) {
    usage(fmt::format("'{}' is not TIME=SUM, for example 2027-01-31=100.", text));
  }
  v1::SchedulePoint point;
  point.set_at_ms(time_of(cli, text.substr(0, equals)));
  point.set_sum(cli.amount(text.substr(equals + 1), asset));
  return point;
}

std::uint32_t cancel_bits(const std::string& text) {
  if (text == "nobody") return 0;
  if (text == "source") return dao::assets::kCancelBySource;
  if (text == "dao") return dao::assets::kCancelByDao;
  if (text == "both") return dao::assets::kCancelBySource | dao::assets::kCancelByDao;
  usage(fmt::format("'{}' is not nobody, source, dao or both.", text));
}

// In a straight line between two times, unless points say otherwise.
void open(Cli& cli, const NewSchedule& asked) {
  v1::Action action;
  v1::OpenSchedule& open = *action.mutable_open_schedule();
  open.set_asset(asked.asset);
  open.set_payee(cli.account(asked.to).to_string());
  open.set_total(cli.amount(asked.total, asked.asset));
  open.set_cancel_by(cancel_bits(asked.cancel_by));
  for (const std::string& point : asked.points) {
    *open.add_points() = point_of(cli, point, asked.asset);
  }
  if (asked.points.empty()) {
    if (asked.from.empty() || asked.until.empty()) {
      usage("Say --from and --until, or each --point TIME=SUM.");
    }
    open.add_points()->set_at_ms(time_of(cli, asked.from));
    v1::SchedulePoint& last = *open.add_points();
    last.set_at_ms(time_of(cli, asked.until));
    last.set_sum(open.total());
  }
  cli.send({action}, fmt::format("Opened. {} accepts it with: salus schedule accept", asked.to));
}

std::string state_of(const v1::Schedule& schedule) {
  return print_enum(v1::ScheduleState_Name(schedule.state()), "SCHEDULE_STATE_");
}

// A stream is ended with the other holders of the budget that it was charged to.
void cancel(Cli& cli, std::uint64_t id) {
  v1::GetScheduleRequest request;
  request.set_schedule(id);
  v1::Action action;
  if (cli.read(request).schedule().has_stream()) {
    action.mutable_cancel_stream()->set_schedule(id);
    return cli.send({action}, "Signed; it ends once enough holders of its budget say the same.");
  }
  action.mutable_cancel_schedule()->set_schedule(id);
  cli.send({action}, "Cancelled.");
}

void show(Cli& cli, std::uint64_t id) {
  v1::GetScheduleRequest request;
  request.set_schedule(id);
  const auto response = cli.read(request);
  const v1::ScheduleInfo& info = response.schedule();
  const v1::Schedule& schedule = info.schedule();
  const auto print = [&](std::uint64_t units) { return cli.print_amount(units, schedule.asset()); };
  std::vector<std::pair<std::string, std::string>> lines{
      {"schedule", std::to_string(schedule.id())},
      {"state", state_of(schedule)},
      {"from", info.has_stream() ? fmt::format("fund {}", info.stream().fund())
                                 : cli.name_of(schedule.source())},
      {"to", cli.name_of(schedule.payee())},
      {"total", print(schedule.total())},
      {"due by now", print(info.vested())},
      {"paid", print(schedule.claimed())},
      {"to be claimed", print(info.claimable())}};
  if (schedule.state() == v1::SCHEDULE_STATE_PENDING) {
    lines.emplace_back("accept until", print_time(schedule.until_ms()));
  }
  Table points{{"when (UTC)", "due by then"}};
  for (const v1::SchedulePoint& point : schedule.points()) {
    points.add({print_time(point.at_ms()), print(point.sum())});
  }
  cli.answer(response, facts(lines) + points.str("No points."));
}

void list(Cli& cli, const std::string& who) {
  v1::ListSchedulesRequest request;
  const AccountId account = who.empty() ? cli.own_account() : cli.account(who);
  request.set_account(account.to_string());
  request.set_page_size(100);
  v1::ListSchedulesResponse all;
  Table table{{"id", "from", "to", "total", "paid", "to be claimed", "state"}};
  do {
    const auto page = cli.read(request);
    for (const v1::ScheduleInfo& info : page.schedules()) {
      const v1::Schedule& schedule = info.schedule();
      const auto print = [&](std::uint64_t units) {
        return cli.print_amount(units, schedule.asset());
      };
      table.add({std::to_string(schedule.id()),
                 info.has_stream() ? fmt::format("fund {}", info.stream().fund())
                                   : cli.name_of(schedule.source()),
                 cli.name_of(schedule.payee()), print(schedule.total()), print(schedule.claimed()),
                 print(info.claimable()), state_of(schedule)});
      *all.add_schedules() = info;
    }
    all.set_height(page.height());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("No schedules."));
}

void claim(Cli& cli, std::uint64_t id, const std::string& amount) {
  v1::Action action;
  v1::ClaimSchedule& claim = *action.mutable_claim_schedule();
  claim.set_schedule(id);
  if (!amount.empty()) {
    v1::GetScheduleRequest request;
    request.set_schedule(id);
    claim.set_amount(cli.amount(amount, cli.read(request).schedule().schedule().asset()));
  }
  cli.send({action}, amount.empty() ? "Claimed all that is due." : "Claimed " + amount + ".");
}

void add_schedules(CLI::App& app, Cli& cli) {
  auto fresh = std::make_shared<NewSchedule>();
  CLI::App* opened = verb(app, "schedule", "open", "Bind your own money to be paid over time");
  opened->add_option("--to", fresh->to, "@name or id")->required();
  opened->add_option("--total", fresh->total)->required();
  opened->add_option("--asset", fresh->asset);
  opened->add_option("--from", fresh->from, "When it begins: 2027-01-31 or +1d");
  opened->add_option("--until", fresh->until, "When all of it is due");
  opened->add_option("--point", fresh->points, "TIME=SUM due by then; the first sum is 0");
  opened->add_option("--cancel-by", fresh->cancel_by, "nobody, source, dao or both");
  opened->callback([&cli, fresh] { open(cli, *fresh); });

  struct Asked {
    std::uint64_t id = 0;
    std::string amount;
    std::string who;
  };
  auto asked = std::make_shared<Asked>();
  const auto add = [&](const std::string& name, const std::string& what) {
    CLI::App* command = verb(app, "schedule", name, what);
    command->add_option("SCHEDULE", asked->id)->required();
    return command;
  };
  add("show", "A schedule, and what is due")->callback([&cli, asked] { show(cli, asked->id); });
  add("accept", "Start a schedule that pays you")->callback([&cli, asked] {
    v1::Action action;
    action.mutable_accept_schedule()->set_schedule(asked->id);
    cli.send({action}, "Accepted.");
  });
  CLI::App* claimed = add("claim", "Take what is due");
  claimed->add_option("--amount", asked->amount, "Absent: all that is due");
  claimed->callback([&cli, asked] { claim(cli, asked->id, asked->amount); });
  add("cancel",
      "End a schedule of yours, or a stream of your budget: what is due is paid, the rest comes "
      "back")
      ->callback([&cli, asked] { cancel(cli, asked->id); });
  CLI::App* listed = verb(app, "schedule", "list", "Schedules that an account pays or receives");
  listed->add_option("ACCOUNT", asked->who, "Absent: your own");
  listed->callback([&cli, asked] { list(cli, asked->who); });
}

struct Money {
  std::uint32_t asset = 0;
  std::string amount;
  std::string to;
};

void show_asset(Cli& cli, std::uint32_t id) {
  v1::GetAssetRequest request;
  request.set_asset(id);
  const auto response = cli.read(request);
  const v1::Asset& asset = response.asset();
  const auto print = [&](std::uint64_t units) { return print_amount(units, asset.decimals()); };
  std::string flags;
  if ((asset.flags() & 1U) != 0) flags += "transferable ";
  if ((asset.flags() & 2U) != 0) flags += "members-only ";
  if ((asset.flags() & 4U) != 0) flags += "burnable ";
  cli.answer(response,
             facts({{"asset", fmt::format("{}, {}", asset.id(), asset.code())},
                    {"decimals", std::to_string(asset.decimals())},
                    {"supply", print(asset.supply())},
                    {"at most", print(asset.max_supply())},
                    {"minted by", asset.issuer().empty() ? "the DAO" : cli.name_of(asset.issuer())},
                    {"flags", flags.empty() ? "none" : flags}}));
}

struct NewAsset {
  std::string code;
  std::uint32_t decimals = 0;
  std::string max_supply;
  std::string issuer;
  bool members_only = false;
  bool burnable = false;
};

void create_asset(Cli& cli, const NewAsset& asked, const Terms& terms) {
  v1::Action action;
  v1::CreateAsset& create = *action.mutable_create_asset();
  create.set_code(asked.code);
  create.set_decimals(asked.decimals);
  const auto units = parse_amount(asked.max_supply, asked.decimals);
  if (!units) {
    usage(fmt::format("'{}' is not an amount with at most {} decimals.", asked.max_supply,
                      asked.decimals));
  }
  create.set_max_supply(*units);
  if (!asked.issuer.empty()) create.set_issuer(cli.account(asked.issuer).to_string());
  create.set_flags(dao::assets::kTransferable |
                   (asked.members_only ? dao::assets::kMembersOnly : 0U) |
                   (asked.burnable ? dao::assets::kBurnable : 0U));
  propose(cli, action, terms);
}

void add_assets(CLI::App& app, Cli& cli) {
  auto money = std::make_shared<Money>();
  CLI::App* shown = verb(app, "asset", "show", "An asset, its supply, and who mints it");
  shown->add_option("ASSET", money->asset)->required();
  shown->callback([&cli, money] { show_asset(cli, money->asset); });
  CLI::App* mint = verb(app, "asset", "mint", "Create units, as the asset's issuer");
  mint->add_option("ASSET", money->asset)->required();
  mint->add_option("--amount", money->amount)->required();
  mint->add_option("--to", money->to, "@name or id")->required();
  mint->callback([&cli, money] {
    v1::Action action;
    action.mutable_mint()->set_asset(money->asset);
    action.mutable_mint()->set_amount(cli.amount(money->amount, money->asset));
    action.mutable_mint()->set_to(cli.account(money->to).to_string());
    cli.send({action}, fmt::format("Minted {} for {}.", money->amount, money->to));
  });
  CLI::App* burn = verb(app, "asset", "burn", "Destroy units of yours");
  burn->add_option("ASSET", money->asset)->required();
  burn->add_option("--amount", money->amount)->required();
  burn->callback([&cli, money] {
    v1::Action action;
    action.mutable_burn()->set_asset(money->asset);
    action.mutable_burn()->set_amount(cli.amount(money->amount, money->asset));
    cli.send({action}, fmt::format("Burned {}.", money->amount));
  });

  auto fresh = std::make_shared<NewAsset>();
  auto terms = std::make_shared<Terms>();
  CLI::App* create = verb(app, "asset", "create", "Propose a new kind of token");
  create->add_option("CODE", fresh->code, "For example care-hours")->required();
  create->add_option("--decimals", fresh->decimals, "0 to 9");
  create->add_option("--max-supply", fresh->max_supply)->required();
  create->add_option("--issuer", fresh->issuer, "Who mints; absent: the DAO");
  create->add_flag("--members-only", fresh->members_only);
  create->add_flag("--burnable", fresh->burnable);
  add_terms(*create, terms);
  create->callback([&cli, fresh, terms] { create_asset(cli, *fresh, *terms); });
}

void show_stake(Cli& cli, const std::string& who) {
  v1::GetStakeRequest request;
  const AccountId account = who.empty() ? cli.own_account() : cli.account(who);
  request.set_account(account.to_string());
  const auto response = cli.read(request);
  cli.answer(response, facts({{"weighs", cli.print_amount(response.staked(), 0)},
                              {"bound", cli.print_amount(response.escrowed(), 0)},
                              {"back at", print_time(response.stake().unlock_ms())}}));
}

void add_stakes(CLI::App& app, Cli& cli) {
  auto text = std::make_shared<std::string>();
  CLI::App* lock = verb(app, "stake", "lock", "Bind tokens for weight, in a chamber of that rule");
  lock->add_option("--amount", *text)->required();
  lock->callback([&cli, text] {
    v1::Action action;
    action.mutable_lock_stake()->set_amount(cli.amount(*text, 0));
    cli.send({action}, "Locked.");
  });
  verb(app, "stake", "unlock", "Free all of it; its weight is gone at once")->callback([&cli] {
    v1::Action action;
    action.mutable_unlock_stake();
    cli.send({action}, "Unlocking.");
  });
  CLI::App* show = verb(app, "stake", "show", "What an account has bound for weight");
  show->add_option("ACCOUNT", *text, "Absent: your own");
  show->callback([&cli, text] { show_stake(cli, *text); });
}

}  // namespace

void add_schedule_verbs(CLI::App& app, Cli& cli) {
  add_schedules(app, cli);
  add_assets(app, cli);
  add_stakes(app, cli);
}

}  // namespace salus::cli
