// Owns: `salus recovery`, and `salus account` where it changes keys or ends the account.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "apps/salus/cli.h"
#include "apps/salus/dao_verbs.h"
#include "apps/salus/names.h"
#include "dao/accounts/accounts.h"
#include "queries/words.h"

namespace salus::cli {

namespace {

struct NewKeys {
  std::string account;
  // Files, with or without =WEIGHT.
  std::vector<std::string> files;
  std::uint32_t threshold = 1;
};

v1::Account get_account(Cli& cli, const AccountId& id) {
  v1::GetAccountRequest request;
  request.set_account(id.to_string());
  return cli.read(request).account();
}

struct HeldKey {
  v1::AccountKey key;
  std::string proof;
};

// Each new key signs that its holder agrees; keys come in ascending order (G-2.1). `out` is a
// RotateKeys or a StartRecovery.
template <typename Change>
void fill_keys(Cli& cli, const NewKeys& asked, const v1::Account& account, Change& out) {
  const auto id = AccountId::from(account.id());
  if (!id) throw Stop{Exit::Refused, "The account's id is not 32 bytes long."};
  const Bytes message = dao::accounts::rotate_proof(*id, account.auth_version() + 1);
  std::vector<HeldKey> held;
  for (const std::string& text : asked.files) {
    const std::size_t equals = text.rfind('=');
    std::uint32_t weight = 1;
    if (equals != std::string::npos) {
      const std::string number = text.substr(equals + 1);
      if (number.empty() || number.size() > 3 ||
          number.find_first_not_of("0123456789") != std::string::npos) {
        usage(fmt::format("'{}' is not FILE=WEIGHT, for example phone.key=1.", text));
      }
      weight = static_cast<std::uint32_t>(std::stoul(number));
    }
    const client::SigningKey key = cli.load_key(text.substr(0, equals));
    HeldKey one;
    one.key.set_key(key.public_key().to_string());
    one.key.set_weight(weight);
    one.key.set_scope(dao::accounts::kScopesAll);
    one.proof = key.sign(message).to_string();
    held.push_back(std::move(one));
  }
  std::ranges::sort(held, {}, [](const HeldKey& one) { return one.key.key(); });
  for (const HeldKey& one : held) {
    *out.add_keys() = one.key;
    out.add_proofs(one.proof);
  }
  out.set_threshold(asked.threshold);
}

void rotate(Cli& cli, const NewKeys& asked) {
  v1::Action action;
  fill_keys(cli, asked, get_account(cli, cli.own_account()), *action.mutable_rotate_keys());
  cli.send({action}, "The keys are changed; the old ones sign nothing any more.");
}

void start(Cli& cli, const NewKeys& asked) {
  const AccountId account = cli.account(asked.account);
  v1::Action action;
  v1::StartRecovery& started = *action.mutable_start_recovery();
  started.set_account(account.to_string());
  fill_keys(cli, asked, get_account(cli, account), started);
  cli.send({action},
           fmt::format("Started. Other guardians support it with: salus recovery support"));
}

v1::GetRecoveryResponse get_recovery(Cli& cli, const AccountId& account) {
  v1::GetRecoveryRequest request;
  request.set_account(account.to_string());
  return cli.read(request);
}

// A guardian signs the very keys that he read.
void support(Cli& cli, const std::string& who, const std::string& content) {
  const AccountId account = cli.account(who);
  v1::Action action;
  v1::SupportRecovery& supported = *action.mutable_support_recovery();
  supported.set_account(account.to_string());
  supported.set_content_hash(content.empty() ? get_recovery(cli, account).recovery().content_hash()
                                             : digest_of(content, "--content-hash"));
  if (supported.content_hash().empty()) {
    throw Stop{Exit::NotFound, fmt::format("No recovery of {} is under way.", who)};
  }
  cli.send({action}, fmt::format("Supported the recovery of {}.", who));
}

struct Plan {
  std::vector<std::string> guardians;
  std::uint32_t needed = 0;
  std::string delay;
  bool remove = false;
};

void set_plan(Cli& cli, const Plan& plan) {
  v1::Action action;
  v1::SetRecovery& set = *action.mutable_set_recovery();
  if (plan.guardians.empty() != plan.remove) {
    usage("Name the guardians, or say --remove.");
  }
  for (const std::string& who : plan.guardians) {
    set.add_guardians(cli.account(who).to_string());
  }
  std::sort(set.mutable_guardians()->begin(), set.mutable_guardians()->end());
  if (!plan.remove) {
    if (plan.needed == 0 || plan.delay.empty()) usage("Say --needed and --delay.");
    set.set_needed(plan.needed);
    set.set_delay_ms(span_of(plan.delay));
  }
  cli.send({action}, "Set. If there was a plan before, the change waits for its delay.");
}

std::string print_plan(Cli& cli, const v1::RecoveryPlan& plan) {
  std::string guardians;
  for (const std::string& guardian : plan.guardians()) guardians += " " + cli.name_of(guardian);
  if (guardians.empty()) return "nobody";
  return fmt::format("{} of{}, after {}", plan.needed(), guardians,
                     queries::spell_span(plan.delay_ms()));
}

std::string aloud(const v1::GetRecoveryResponse& response) {
  if (!response.has_plan()) {
    return "Nobody can help this account to new keys. See: salus recovery set\n";
  }
  if (response.open_guardians() >= response.plan().needed()) return {};
  return fmt::format(
      "Only {} of its guardians still have an open account, {} are needed: no recovery can "
      "succeed. Name others: salus recovery set\n",
      response.open_guardians(), response.plan().needed());
}

void add_recovery_lines(Cli& cli, const v1::Recovery& recovery,
                        std::vector<std::pair<std::string, std::string>>& lines) {
  lines.emplace_back("last recovery",
                     print_enum(v1::RecoveryState_Name(recovery.state()), "RECOVERY_STATE_") +
                         (recovery.firm() ? ", can't be cancelled" : ""));
  std::string supporters;
  for (const std::string& who : recovery.supporters()) supporters += " " + cli.name_of(who);
  lines.emplace_back("supported by", fmt::format("{} of {}:{}", recovery.supporters_size(),
                                                 recovery.plan().needed(), supporters));
  for (const v1::AccountKey& key : recovery.keys()) {
    lines.emplace_back("new key", hex(as_bytes(key.key())));
  }
  if (recovery.state() == v1::RECOVERY_STATE_WAITING) {
    lines.emplace_back("keys change at", print_time(recovery.until_ms()));
  }
  if (recovery.state() == v1::RECOVERY_STATE_STARTED) {
    lines.emplace_back("lapses at", print_time(recovery.until_ms()));
  }
  if (recovery.blocked_until_ms() != 0) {
    lines.emplace_back("no new one before", print_time(recovery.blocked_until_ms()));
  }
  lines.emplace_back("content", hex(as_bytes(recovery.content_hash())));
}

void show(Cli& cli, const std::string& who) {
  const AccountId account = who.empty() ? cli.own_account() : cli.account(who);
  const auto response = get_recovery(cli, account);
  std::vector<std::pair<std::string, std::string>> lines{
      {"account", cli.name_of(account.to_string())},
      {"guardians", print_plan(cli, response.plan())}};
  if (response.has_change()) {
    lines.emplace_back("from " + print_time(response.change().at_ms()),
                       print_plan(cli, response.change().plan()));
  }
  if (response.has_recovery()) add_recovery_lines(cli, response.recovery(), lines);
  cli.answer(response, facts(lines) + aloud(response));
}

void list_guarded(Cli& cli, const std::string& who) {
  v1::ListGuardedRequest request;
  const AccountId guardian = who.empty() ? cli.own_account() : cli.account(who);
  request.set_guardian(guardian.to_string());
  request.set_page_size(100);
  v1::ListGuardedResponse all;
  Table table{{"name", "account"}};
  do {
    const auto page = cli.read(request);
    for (const std::string& account : page.accounts()) {
      table.add({cli.name_of(account), hex(as_bytes(account))});
      all.add_accounts(account);
    }
    all.set_height(page.height());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("Guards nobody."));
}

void add_keys(CLI::App& command, const std::shared_ptr<NewKeys>& keys) {
  command.add_option("--new-key", keys->files, "Key file, or FILE=WEIGHT; may be repeated")
      ->required();
  command.add_option("--threshold", keys->threshold, "Weight that must sign from then on");
}

}  // namespace

void add_recovery_verbs(CLI::App& app, Cli& cli) {
  auto keys = std::make_shared<NewKeys>();
  CLI::App* rotated = verb(app, "account", "rotate", "Replace your account's keys at once");
  add_keys(*rotated, keys);
  rotated->callback([&cli, keys] { rotate(cli, *keys); });
  verb(app, "account", "close", "Close your account for ever")->callback([&cli] {
    v1::Action action;
    action.mutable_close_account();
    cli.send({action}, "Closed.");
  });

  auto plan = std::make_shared<Plan>();
  CLI::App* set = verb(app, "recovery", "set", "Name who may help you to new keys");
  set->add_option("GUARDIAN", plan->guardians, "@name or id, at most 9");
  set->add_option("--needed", plan->needed, "How many of them it takes");
  set->add_option("--delay", plan->delay, "From then until the keys change, for example 7d");
  set->add_flag("--remove", plan->remove, "Nobody any more");
  set->callback([&cli, plan] { set_plan(cli, *plan); });

  CLI::App* started = verb(app, "recovery", "start", "Begin to help an account to new keys");
  started->add_option("ACCOUNT", keys->account)->required();
  add_keys(*started, keys);
  started->callback([&cli, keys] { start(cli, *keys); });

  struct Asked {
    std::string who;
    std::string content;
  };
  auto asked = std::make_shared<Asked>();
  CLI::App* supported = verb(app, "recovery", "support", "Help too, with the keys that you read");
  supported->add_option("ACCOUNT", asked->who)->required();
  supported->add_option("--content-hash", asked->content, "Absent: the one that is under way");
  supported->callback([&cli, asked] { support(cli, asked->who, asked->content); });
  verb(app, "recovery", "cancel", "Stop the recovery of your own account")->callback([&cli] {
    v1::Action action;
    action.mutable_cancel_recovery();
    cli.send({action}, "Cancelled.");
  });
  CLI::App* shown = verb(app, "recovery", "show", "Who may help an account, and what is under way");
  shown->add_option("ACCOUNT", asked->who, "Absent: your own");
  shown->callback([&cli, asked] { show(cli, asked->who); });
  CLI::App* guarded = verb(app, "recovery", "list", "Whom an account guards");
  guarded->add_option("GUARDIAN", asked->who, "Absent: your own");
  guarded->callback([&cli, asked] { list_guarded(cli, asked->who); });
}

}  // namespace salus::cli
