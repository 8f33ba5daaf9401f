// Owns: `salus proposal` where it writes: from a draft to a submission, and what a proposer, an
// endorser or a retrying member does afterwards.
#include <fmt/format.h>

#include <fstream>
#include <memory>

#include "apps/salus/action_words.h"
#include "apps/salus/cli.h"
#include "apps/salus/dao_verbs.h"
#include "apps/salus/drafts.h"
#include "apps/salus/names.h"
#include "apps/salus/proposal_file.h"
#include "apps/salus/proposals.h"
#include "dao/dispatcher.h"
#include "dao/error.h"
#include "queries/words.h"
#include "upkeep/records.h"

namespace salus::cli {

namespace {

// What is proposed: a file, or the few usual things by flags.
struct Content {
  std::string file;
  // FUND:AMOUNT:@payee
  std::vector<std::string> pays;
  std::vector<std::string> admits;
  bool resolution = false;
};

v1::Action pay_action(Cli& cli, const std::string& text) {
  const std::size_t first = text.find(':');
  const std::size_t second = first == std::string::npos ? first : text.find(':', first + 1);
  if (second == std::string::npos) {
    usage(fmt::format("'{}' is not FUND:AMOUNT:@payee, for example general:250:@tomas.", text));
  }
  v1::Action action;
  v1::Pay& pay = *action.mutable_pay();
  pay.set_fund(cli.fund(text.substr(0, first)));
  pay.set_amount(cli.amount(text.substr(first + 1, second - first - 1), 0));
  pay.set_payee(cli.account(text.substr(second + 1)).to_string());
  return action;
}

v1::Submit read_content(Cli& cli, const Content& content) {
  if (!content.file.empty()) return read_proposal_file(cli, content.file);
  v1::Submit submit;
  submit.set_scheme(v1::SCHEME_YES_NO);
  v1::ProposalOption& option = *submit.add_options();
  for (const std::string& pay : content.pays) *option.add_actions() = pay_action(cli, pay);
  for (const std::string& who : content.admits) {
    option.add_actions()->mutable_admit_member()->set_account(cli.account(who).to_string());
  }
  if (option.actions().empty() != content.resolution) {
    usage("Say what is proposed: --file, --pay, --admit, or --resolution for none of them.");
  }
  return submit;
}

void write_draft(Cli& cli, const std::string& name, const std::string& to) {
  if (name.empty()) {
    Table table{{"draft", "what"}};
    Json names = Json::array();
    for (const Draft& draft : drafts()) {
      table.add({std::string{draft.action}, std::string{draft.what}});
      names.push_back(std::string{draft.action});
    }
    for (const char* scheme : {"choice", "approval", "quadratic"}) {
      table.add({scheme, "Several options, decided by this scheme."});
      names.push_back(scheme);
    }
    return cli.answer(Json{{"drafts", names}},
                      table.str("") + "next: salus proposal draft pay --to proposal.toml\n");
  }
  const auto file = draft_file(name);
  if (!file) usage(fmt::format("There is no draft '{}'. See: salus proposal draft", name));
  if (to.empty()) return cli.answer(Json{{"file", *file}}, *file);
  if (std::ifstream{to}) usage(fmt::format("{} exists. Choose another name.", to));
  std::ofstream out{to};
  out << *file;
  out.flush();
  if (!out) usage(fmt::format("{} can't be written.", to));
  cli.answer(Json{{"file", to}},
             fmt::format("Wrote {}. Change it, then: salus proposal lint --file {}\n", to, to));
}

// Everything that can be judged without the state (G-7.1).
void lint(Cli& cli, const Content& content, const Terms& terms) {
  v1::Submit submit = read_content(cli, content);
  apply_terms(cli, terms, submit);
  int actions = 0;
  for (const v1::ProposalOption& option : submit.options()) actions += option.actions_size();
  v1::Action action;
  *action.mutable_submit() = submit;
  const auto checked = dao::check_action(action);
  if (!checked) {
    throw Stop{Exit::Refused,
               fmt::format("The proposal is not well formed. {}: {}", dao::name(checked.error()),
                           dao::sentence(checked.error()))};
  }
  cli.answer(submit, fmt::format("The proposal is well formed, {} actions.\n", actions));
}

v1::GetEffectiveTrackResponse track_of(Cli& cli, const v1::Submit& submit) {
  v1::GetEffectiveTrackRequest request;
  *request.mutable_options() = submit.options();
  request.set_scheme(submit.scheme());
  request.set_winners(submit.winners());
  request.set_urgent(submit.urgent());
  request.set_appeal(submit.appeal_of() != 0);
  return cli.read(request);
}

std::string print_terms(Cli& cli, const v1::GetEffectiveTrackResponse& terms) {
  std::string interested;
  for (const std::string& account : terms.interested()) interested += " " + cli.name_of(account);
  return facts({{"lead track", terms.effective().rules().code()},
                {"deposit", cli.print_amount(terms.deposit_required(), 0)},
                {"or endorsers", std::to_string(terms.endorsers_needed())},
                {"recused", interested.empty() ? "nobody" : interested.substr(1)}});
}

// What differs between two values of a record, field by field; the whole where there was or will be
// none.
std::string words_of(const upkeep::Json& value, const upkeep::Json& other) {
  if (value.is_null()) return "-";
  if (!value.is_object() || !other.is_object()) return value.dump();
  std::string out;
  for (const auto& [field, content] : value.items()) {
    if (other.contains(field) && other.at(field) == content) continue;
    out += fmt::format("{}{}={}", out.empty() ? "" : " ", field, content.dump());
  }
  return out.empty() ? "-" : out;
}

// Every record that the batch would change (G-13.3): rows of `table`, and the same for programs.
Json changes_in(const v1::SimulateActionsResponse& response, int option, Table& table) {
  Json all = Json::array();
  for (const v1::RecordChange& change : response.changes()) {
    const auto optional = [](bool there, const std::string& bytes) {
      return there ? std::optional{bytes} : std::nullopt;
    };
    const auto before = optional(change.has_before(), change.before());
    const auto after = optional(change.has_after(), change.after());
    const upkeep::RecordName name = upkeep::name_of(change.key());
    const auto was = upkeep::value_of(change.key(), before);
    const auto is = upkeep::value_of(change.key(), after);
    table.add({std::to_string(option), fmt::format("{}.{} {}", name.module, name.table, name.key),
               words_of(was, is), words_of(is, was)});
    all.push_back(upkeep::to_json({.state_key = change.key(), .first = before, .second = after},
                                  "before", "after"));
  }
  return all;
}

// Each option is tried by itself: only the winning ones will run.
void simulate(Cli& cli, const Content& content, const Terms& terms, bool show_records) {
  v1::Submit submit = read_content(cli, content);
  apply_terms(cli, terms, submit);
  Table table{{"option", "action", "if executed now"}};
  Table changes{{"option", "record", "before", "after"}};
  Json json = Json::object();
  json["options"] = Json::array();
  bool all = true;
  for (int number = 1; number <= submit.options_size(); ++number) {
    v1::SimulateActionsRequest request;
    *request.mutable_actions() = submit.options(number - 1).actions();
    request.set_winners(submit.winners());
    for (int other = 0; other < submit.options_size(); ++other) {
      if (other != number - 1) *request.add_others() = submit.options(other);
    }
    const auto response = cli.read(request);
    for (int i = 0; i < response.actions_size(); ++i) {
      const v1::SimulatedAction& action = response.actions(i);
      all = all && action.ok();
      table.add({std::to_string(number), std::to_string(i),
                 action.ok()
                     ? "applies"
                     : fmt::format("{}: {}", action.error().name(), action.error().sentence())});
    }
    if (response.has_batch_error()) {
      all = false;
      table.add({std::to_string(number), "all",
                 fmt::format("{}: {}", response.batch_error().name(),
                             response.batch_error().sentence())});
    }
    Json option_json = to_json(response);
    option_json["changes"] = changes_in(response, number, changes);
    json["options"].push_back(std::move(option_json));
  }
  const auto track = track_of(cli, submit);
  json["track"] = to_json(track);
  json["applies"] = all;
  ActionWords words{cli};
  cli.answer(json, words.diff(submit.options()) + table.str("No actions: a resolution.") +
                       (show_records ? changes.str("No record would change.") : "") +
                       print_terms(cli, track));
}

void amend(Cli& cli, std::uint64_t id, const Content& content, const Terms& terms) {
  v1::Submit submit = read_content(cli, content);
  apply_terms(cli, terms, submit);
  v1::Action action;
  v1::Amend& change = *action.mutable_amend();
  change.set_proposal(id);
  change.set_scheme(submit.scheme());
  change.set_winners(submit.winners());
  change.mutable_options()->Swap(submit.mutable_options());
  change.set_text_hash(submit.text_hash());
  *change.mutable_prerequisites() = submit.prerequisites();
  cli.send({action}, "Amended. Endorsements are void, deposits stay.");
}

void add_content(CLI::App& command, const std::shared_ptr<Content>& content) {
  command.add_option("--file", content->file, "A proposal file, TOML or JSON");
  command.add_option("--pay", content->pays, "FUND:AMOUNT:@payee, may be repeated");
  command.add_option("--admit", content->admits,
                     "An applicant of a chamber that votes on admission");
  command.add_flag("--resolution", content->resolution, "A resolution: no actions");
}

void add_simple(CLI::App& app, Cli& cli, const std::string& name, const std::string& what,
                const std::function<void(v1::Action&, std::uint64_t)>& fill,
                const std::string& done) {
  auto id = std::make_shared<std::uint64_t>(0);
  CLI::App* command = verb(app, "proposal", name, what);
  command->add_option("PROPOSAL", *id)->required();
  command->callback([&cli, id, fill, done] {
    v1::Action action;
    fill(action, *id);
    cli.send({action}, done);
  });
}

void add_drafting(CLI::App& app, Cli& cli) {
  struct Where {
    std::string name;
    std::string to;
  };
  auto where = std::make_shared<Where>();
  CLI::App* draft = verb(app, "proposal", "draft", "A commented proposal file to begin with");
  draft->add_option("ACTION", where->name, "Absent: a list of all of them");
  draft->add_option("--to", where->to, "File to write; absent: shown");
  draft->callback([&cli, where] { write_draft(cli, where->name, where->to); });

  auto content = std::make_shared<Content>();
  auto terms = std::make_shared<Terms>();
  CLI::App* make = verb(app, "proposal", "submit", "Submit a proposal");
  CLI::App* check = verb(app, "proposal", "lint", "Say whether a proposal is well formed");
  CLI::App* try_it = verb(app, "proposal", "simulate", "What it would do if it were executed now");
  for (CLI::App* command : {make, check, try_it}) {
    add_content(*command, content);
    add_terms(*command, terms);
  }
  make->callback(
      [&cli, content, terms] { submit_proposal(cli, read_content(cli, *content), *terms); });
  check->callback([&cli, content, terms] { lint(cli, *content, *terms); });
  auto show_records = std::make_shared<bool>(false);
  try_it->add_flag("--records", *show_records, "Also every record that would change");
  try_it->callback(
      [&cli, content, terms, show_records] { simulate(cli, *content, *terms, *show_records); });

  auto id = std::make_shared<std::uint64_t>(0);
  CLI::App* change =
      verb(app, "proposal", "amend", "Replace your own proposal's content before voting starts");
  change->add_option("PROPOSAL", *id)->required();
  add_content(*change, content);
  change->add_option("--text-hash", terms->text_hash, "Digest of the published text");
  change->callback([&cli, id, content, terms] { amend(cli, *id, *content, *terms); });
}

}  // namespace

void add_governance_verbs(CLI::App& app, Cli& cli) {
  add_drafting(app, cli);
  add_simple(
      app, cli, "endorse", "Back a proposal so that it starts without a full deposit",
      [](v1::Action& a, std::uint64_t of) { a.mutable_endorse()->set_proposal(of); }, "Endorsed.");
  add_simple(
      app, cli, "cancel", "Take your own proposal back before voting starts",
      [](v1::Action& a, std::uint64_t of) { a.mutable_cancel()->set_proposal(of); }, "Cancelled.");
  add_simple(
      app, cli, "retry", "Try a failed execution again",
      [](v1::Action& a, std::uint64_t of) { a.mutable_retry_execution()->set_proposal(of); },
      "Tried again.");

  struct More {
    std::uint64_t id = 0;
    std::string amount;
  };
  auto more = std::make_shared<More>();
  CLI::App* topup = verb(app, "proposal", "topup", "Add to the deposit of a proposal");
  topup->add_option("PROPOSAL", more->id)->required();
  topup->add_option("--amount", more->amount)->required();
  topup->callback([&cli, more] {
    v1::Action action;
    action.mutable_top_up()->set_proposal(more->id);
    action.mutable_top_up()->set_amount(cli.amount(more->amount, 0));
    cli.send({action}, "Added to the deposit.");
  });

  add_proposal_views(app, cli);
  add_vote_verbs(app, cli);
  add_power_verbs(app, cli);
  add_constitution_verbs(app, cli);
  add_budget_verbs(app, cli);
  add_treasury_verbs(app, cli);
  add_schedule_verbs(app, cli);
  add_recovery_verbs(app, cli);
  add_safety_verbs(app, cli);
  add_standing_verbs(app, cli);
  add_credential_verbs(app, cli);
}

}  // namespace salus::cli
