// Owns: `salus member defend|recheck|history`, `salus chamber show`, and `salus office` where it
// changes.
#include <fmt/format.h>

#include <memory>

#include "apps/salus/action_words.h"
#include "apps/salus/cli.h"
#include "apps/salus/dao_verbs.h"
#include "apps/salus/names.h"
#include "apps/salus/proposals.h"

namespace salus::cli {

namespace {

void defend(Cli& cli, std::uint64_t proposal, const std::string& statement) {
  v1::Action action;
  action.mutable_file_defence()->set_proposal(proposal);
  action.mutable_file_defence()->set_statement_hash(digest_of(statement, "--statement-hash"));
  cli.send({action}, "Filed. It is shown with the proposal.");
}

// What state keeps, and behind it the member's own transactions, which a node lists.
void show_history(Cli& cli, const std::string& who) {
  const AccountId account = who.empty() ? cli.own_account() : cli.account(who);
  v1::GetMemberRequest member_request;
  member_request.set_account(account.to_string());
  const auto member = cli.read(member_request).member();
  v1::GetWeightHistoryRequest request;
  request.set_account(account.to_string());
  const auto weights = cli.read(request);
  Names names{cli};
  Table table{{"from snapshot", "chamber", "weight"}};
  for (const v1::WeightPoint& point : weights.points()) {
    table.add({std::to_string(point.since()), names.chamber(point.chamber()),
               std::to_string(point.weight())});
  }
  std::string text =
      facts({{"member", cli.name_of(member.account())},
             {"state", print_enum(v1::MemberState_Name(member.state()), "MEMBER_STATE_")},
             {"joined", print_time(member.joined_ms())},
             {"weight from", print_time(member.weight_from_ms())},
             {"suspended until", print_time(member.suspended_until_ms())},
             {"barred until", print_time(member.bar_until_ms())}}) +
      table.str("It never had weight.");
  Json json = to_json(weights);
  json["member"] = to_json(member);
  text += "His transactions: salus account show, salus chain events\n";
  cli.answer(json, text);
}

void show_chamber(Cli& cli, const std::string& which) {
  Names names{cli};
  v1::GetChamberRequest request;
  request.set_chamber(names.chamber_id(which));
  const auto response = cli.read(request);
  const v1::ChamberInfo& info = response.chamber();
  const v1::Chamber& chamber = info.chamber();
  cli.answer(
      response,
      facts({{"chamber", fmt::format("{}, {}", chamber.id(), chamber.code())},
             {"members with weight", std::to_string(info.members())},
             {"weight", std::to_string(info.weight())},
             {"counts", print_enum(v1::ChamberRule_Name(chamber.rule()), "CHAMBER_RULE_")},
             {"roles", role_names(chamber.roles())},
             {"precedence", std::to_string(chamber.precedence())},
             {"admission", print_enum(v1::Admission_Name(chamber.admission()), "ADMISSION_")},
             {"small below", fmt::format("{} members", chamber.min_members())},
             {"opened", chamber.opened() ? "yes" : "not yet"}}));
}

struct Office {
  std::string who;
  std::string role;
  std::string term = "365d";
};

std::uint32_t office_of(const std::string& name) {
  const auto role = role_number(name);
  if (!role || *role < 10) {
    usage(fmt::format("'{}' is no office: treasurer, operator or sentinel.", name));
  }
  return *role;
}

void add_offices(CLI::App& app, Cli& cli) {
  auto office = std::make_shared<Office>();
  auto terms = std::make_shared<Terms>();
  CLI::App* grant = verb(app, "office", "grant", "Propose to give somebody an office");
  grant->add_option("ACCOUNT", office->who)->required();
  grant->add_option("--role", office->role, "treasurer, operator or sentinel")->required();
  grant->add_option("--term", office->term, "For how long, for example 365d");
  add_terms(*grant, terms);
  grant->callback([&cli, office, terms] {
    v1::Action action;
    v1::GrantOffice& given = *action.mutable_grant_office();
    given.set_account(cli.account(office->who).to_string());
    given.set_role(office_of(office->role));
    given.set_term_ms(span_of(office->term));
    propose(cli, action, *terms);
  });
  // Who holds it lays it down by himself; for anybody else it is a proposal.
  CLI::App* end = verb(app, "office", "end", "Lay down your office, or propose to end another's");
  end->add_option("ACCOUNT", office->who, "Absent: your own");
  end->add_option("--role", office->role, "treasurer, operator or sentinel")->required();
  add_terms(*end, terms);
  end->callback([&cli, office, terms] {
    const AccountId own = cli.own_account();
    const AccountId who = office->who.empty() ? own : cli.account(office->who);
    v1::Action action;
    action.mutable_end_office()->set_account(who.to_string());
    action.mutable_end_office()->set_role(office_of(office->role));
    if (who != own) return propose(cli, action, *terms);
    cli.send({action}, "Laid down.");
  });
}

}  // namespace

void add_standing_verbs(CLI::App& app, Cli& cli) {
  struct Asked {
    std::uint64_t proposal = 0;
    std::string statement;
    std::string who;
  };
  auto asked = std::make_shared<Asked>();
  CLI::App* answer = verb(app, "member", "defend", "Answer a proposal about you, once");
  answer->add_option("PROPOSAL", asked->proposal)->required();
  answer->add_option("--statement-hash", asked->statement, "Digest of what you published")
      ->required();
  answer->callback([&cli, asked] { defend(cli, asked->proposal, asked->statement); });
  CLI::App* history = verb(app, "member", "history", "Where a member stood");
  history->add_option("ACCOUNT", asked->who, "Absent: your own");
  history->callback([&cli, asked] { show_history(cli, asked->who); });
  CLI::App* again = verb(app, "member", "recheck", "Weigh a member anew by his credentials of now");
  again->add_option("ACCOUNT", asked->who)->required();
  again->callback([&cli, asked] {
    v1::Action action;
    action.mutable_recheck()->set_account(cli.account(asked->who).to_string());
    cli.send({action}, "Weighed anew.");
  });
  CLI::App* chamber = verb(app, "chamber", "show", "A chamber: who is in it, and how it counts");
  chamber->add_option("CHAMBER", asked->who, "Code or number")->required();
  chamber->callback([&cli, asked] { show_chamber(cli, asked->who); });
  add_offices(app, cli);
}

}  // namespace salus::cli
