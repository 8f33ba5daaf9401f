// Owns: `salus proposal` where it reads: one proposal, the list, its tally, its times, and why it
// stands as it does, also offline from an export (G-13.1, G-13.2).
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iterator>
#include <memory>

#include "apps/salus/action_words.h"
#include "apps/salus/cli.h"
#include "apps/salus/dao_verbs.h"
#include "apps/salus/names.h"
#include "queries/why_text.h"
#include "queries/words.h"

namespace salus::cli {

namespace {

using queries::spell_votes;

std::string state_of(v1::ProposalState state) {
  return print_enum(v1::ProposalState_Name(state), "PROPOSAL_STATE_");
}

std::string scheme_of(const v1::Proposal& proposal) {
  std::string out = print_enum(v1::Scheme_Name(proposal.scheme()), "SCHEME_");
  if (proposal.winners() > 0) out += fmt::format(", {} may win", proposal.winners());
  return out;
}

std::string tally_rows(Names& names, const v1::Proposal& proposal,
                       const v1::GetTallyResponse& response) {
  const bool heads = proposal.scheme() == v1::SCHEME_QUADRATIC;
  const bool options =
      proposal.scheme() == v1::SCHEME_CHOICE || proposal.scheme() == v1::SCHEME_APPROVAL || heads;
  std::vector<std::string> head{"chamber", "eligible"};
  if (options) {
    for (int i = 1; i <= proposal.options_size(); ++i) head.push_back(fmt::format("option {}", i));
    head.push_back(proposal.scheme() == v1::SCHEME_APPROVAL ? "empty" : "none");
    if (proposal.scheme() == v1::SCHEME_CHOICE) head.push_back("abstain");
  } else {
    head.insert(head.end(), {"yes", "no", "abstain", "veto"});
  }
  head.insert(head.end(), {"voters", ""});
  Table table{head};
  const auto votes = [&](std::uint64_t count) {
    return heads ? std::to_string(count) : spell_votes(count);
  };
  for (const v1::Tally& tally : response.tallies()) {
    std::vector<std::string> row{names.chamber(tally.chamber()),
                                 heads ? std::to_string(tally.members() - tally.recused_members())
                                       : spell_votes(tally.eligible() - tally.recused())};
    if (options) {
      for (const std::uint64_t option : tally.options()) row.push_back(votes(option));
      row.push_back(votes(proposal.scheme() == v1::SCHEME_APPROVAL ? tally.empty() : tally.none()));
      if (proposal.scheme() == v1::SCHEME_CHOICE) row.push_back(votes(tally.abstain()));
    } else {
      for (const std::uint64_t count : {tally.yes(), tally.no(), tally.abstain(), tally.veto()}) {
        row.push_back(votes(count));
      }
    }
    row.push_back(std::to_string(tally.voters()));
    // A chamber that is there asks for one member at least.
    const char* left_out = tally.min_members() == 0 ? "left out: gone" : "left out: small";
    row.push_back(tally.left_out() ? left_out : tally.too_small() ? "too small" : "");
    table.add(row);
  }
  return table.str("Voting has not begun.");
}

std::string missing_lines(const google::protobuf::RepeatedPtrField<v1::Threshold>& thresholds) {
  std::string out;
  for (const v1::Threshold& row : thresholds) out += "  " + row.sentence() + "\n";
  return out;
}

v1::GetTallyResponse get_tally(Cli& cli, std::uint64_t id) {
  v1::GetTallyRequest request;
  request.set_proposal(id);
  return cli.read(request);
}

v1::GetProposalResponse get_proposal(Cli& cli, std::uint64_t id) {
  v1::GetProposalRequest request;
  request.set_proposal(id);
  return cli.read(request);
}

std::string next_step(const v1::Proposal& proposal) {
  // What a member can do in each state; nothing in the others.
  switch (proposal.state()) {
    case v1::PROPOSAL_STATE_SUBMITTED:
      return fmt::format("next: salus proposal endorse {}\n", proposal.id());
    case v1::PROPOSAL_STATE_VOTING:
    case v1::PROPOSAL_STATE_CONFIRMING:
      return fmt::format("next: salus vote cast {} ...\n", proposal.id());
    case v1::PROPOSAL_STATE_OBJECTION:
      return fmt::format("next: salus vote cast {} no\n", proposal.id());
    case v1::PROPOSAL_STATE_FAILED:
      return fmt::format("next: salus proposal retry {}\n", proposal.id());
    default:
      return {};
  }
}

std::string facts_of(Cli& cli, Names& names, const v1::Proposal& proposal) {
  std::uint64_t paid = 0;
  for (const v1::Deposit& deposit : proposal.deposits()) paid += deposit.amount();
  std::vector<std::pair<std::string, std::string>> lines{
      {"track", names.track(proposal.lead())},
      {"scheme", scheme_of(proposal)},
      {"submitted", print_time(proposal.submitted_ms())},
      {"phase ends", print_time(proposal.phase_until_ms())},
      {"deposit", fmt::format("{} of {}", cli.print_amount(paid, 0),
                              cli.print_amount(proposal.deposit_required(), 0))},
      {"endorsers", fmt::format("{} of {}", proposal.endorsed(), proposal.endorsers_needed())}};
  if (proposal.version() > 1) {
    lines.emplace_back("version", std::to_string(proposal.version()));
  }
  for (const std::uint64_t earlier : proposal.prerequisites()) {
    lines.emplace_back("after", fmt::format("proposal {}", earlier));
  }
  if (proposal.appeal_of() != 0) {
    lines.emplace_back("appeals against", fmt::format("proposal {}", proposal.appeal_of()));
  }
  for (const std::string& account : proposal.recused()) {
    lines.emplace_back("recused", cli.name_of(account));
  }
  if (proposal.eta_ms() != 0) lines.emplace_back("executes at", print_time(proposal.eta_ms()));
  if (proposal.failure_code() != 0) {
    lines.emplace_back(
        "last attempt",
        print_enum(v1::ErrorCode_Name(static_cast<v1::ErrorCode>(proposal.failure_code())),
                   "ERROR_CODE_"));
  }
  for (const std::uint32_t winner : proposal.outcome().winners()) {
    if (proposal.options_size() > 1) lines.emplace_back("won", fmt::format("option {}", winner));
  }
  return facts(lines);
}

std::string defences_of(Cli& cli, const v1::Proposal& proposal) {
  v1::ListDefencesRequest request;
  request.set_proposal(proposal.id());
  std::string out;
  const auto response = cli.read(request);
  for (const v1::Defence& defence : response.defences()) {
    const bool of_now = defence.version() == proposal.version();
    out += fmt::format(
        "  {} answers {}: text {}\n", cli.name_of(defence.account()),
        of_now ? "it" : fmt::format("version {}, before it was amended", defence.version()),
        hex(as_bytes(defence.statement_hash())));
  }
  return out;
}

bool concerns_somebody(const v1::Proposal& proposal) {
  for (const v1::ProposalOption& option : proposal.options()) {
    for (const v1::Action& action : option.actions()) {
      if (action.has_expel_member() || action.has_suspend_member()) return true;
    }
  }
  return false;
}

void show(Cli& cli, std::uint64_t id, bool diff) {
  const auto response = get_proposal(cli, id);
  const v1::Proposal& proposal = response.proposal();
  ActionWords words{cli};
  const auto tally = get_tally(cli, id);
  std::string text = fmt::format("Proposal {}   {}   by {}\n", id, state_of(proposal.state()),
                                 cli.name_of(proposal.proposer()));
  text += diff ? words.diff(proposal.options()) : words.list(proposal.options());
  text += facts_of(cli, words.names(), proposal);
  if (concerns_somebody(proposal)) text += defences_of(cli, proposal);
  text += tally_rows(words.names(), proposal, tally) + missing_lines(tally.thresholds()) +
          next_step(proposal);
  Json json = to_json(response);
  json["proposal"]["failure_code"] =
      v1::ErrorCode_Name(static_cast<v1::ErrorCode>(proposal.failure_code()));
  cli.answer(json, text);
}

void list_waiting(Cli& cli) {
  v1::NeedsMeRequest request;
  request.set_account(cli.own_account().to_string());
  const auto response = cli.read(request);
  ActionWords words{cli};
  Table table{{"id", "state", "phase ends", "your votes", "what"}};
  for (const v1::OpenVote& vote : response.votes()) {
    const v1::Proposal& proposal = vote.proposal();
    table.add({std::to_string(proposal.id()),
               state_of(proposal.state()) + (vote.only_against() ? ", only no or veto" : ""),
               print_time(proposal.phase_until_ms()), spell_votes(vote.power()),
               proposal.options(0).actions().empty() ? "a resolution"
                                                     : words.line(proposal.options(0).actions(0))});
  }
  cli.answer(response, table.str("Nothing waits for your vote."));
}

struct Filter {
  bool needs_me = false;
  std::string state;
  std::string track;
};

void list(Cli& cli, const Filter& filter) {
  if (filter.needs_me) return list_waiting(cli);
  v1::ListProposalsRequest request;
  request.set_page_size(100);
  ActionWords words{cli};
  if (!filter.track.empty()) request.set_track(words.names().track_id(filter.track));
  if (!filter.state.empty()) {
    std::string name = "PROPOSAL_STATE_";
    for (const char c : filter.state) name += static_cast<char>(std::toupper(c));
    v1::ProposalState state = v1::PROPOSAL_STATE_UNSPECIFIED;
    if (!v1::ProposalState_Parse(name, &state)) {
      usage(fmt::format("'{}' is no state of a proposal.", filter.state));
    }
    request.set_state(state);
  }
  v1::ListProposalsResponse all;
  Table table{{"id", "state", "phase ends", "proposer", "what"}};
  do {
    const auto page = cli.read(request);
    for (const v1::Proposal& proposal : page.proposals()) {
      const bool resolution = proposal.options(0).actions().empty();
      table.add({std::to_string(proposal.id()), state_of(proposal.state()),
                 print_time(proposal.phase_until_ms()), cli.name_of(proposal.proposer()),
                 resolution ? "a resolution" : words.line(proposal.options(0).actions(0))});
      *all.add_proposals() = proposal;
    }
    all.set_height(page.height());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("No proposals."));
}

std::string why_text(std::uint64_t id, const v1::WhyResponse& response) {
  std::string text = fmt::format("Proposal {}   {}   {}\n", id, state_of(response.state()),
                                 response.decided() ? "as it was decided" : "if it closed now");
  Table table{{"rule", "chamber", "option", "left", "right", "holds"}};
  for (const v1::OutcomeLine& line : response.outcome().lines()) {
    table.add({print_enum(v1::VerdictRule_Name(line.rule()), "VERDICT_RULE_"),
               std::to_string(line.chamber()), std::to_string(line.option()), line.lhs(),
               line.rhs(), line.ok() ? "yes" : "no"});
  }
  text += table.str("Voting has not begun.");
  for (const std::string& sentence : response.sentences()) text += sentence + "\n";
  if (!response.thresholds().empty()) {
    text += "What is missing:\n" + missing_lines(response.thresholds());
  }
  for (const std::string& sentence : response.circumstances()) text += sentence + "\n";
  if (response.has_failure()) {
    text += fmt::format("The last execution was refused. {}: {}\n", response.failure().name(),
                        response.failure().sentence());
  }
  return text;
}

void write_export(Cli& cli, std::uint64_t id, const std::string& to) {
  v1::ExportProposalRequest request;
  request.set_proposal(id);
  const auto response = cli.read(request);
  google::protobuf::util::JsonPrintOptions print;
  print.add_whitespace = true;
  print.preserve_proto_field_names = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(response.export_(), &text, print).ok()) {
    throw Stop{Exit::Refused, "The export can't be written as JSON."};
  }
  std::ofstream out{to};
  out << text;
  out.flush();
  if (!out) usage(fmt::format("{} can't be written.", to));
  cli.answer(Json{{"file", to}},
             fmt::format("Wrote {}.\nnext: salus proposal why --from {}\n", to, to));
}

v1::ProposalExport read_export(const std::string& file) {
  std::ifstream in{file};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  v1::ProposalExport facts;
  if (!in || !google::protobuf::util::JsonStringToMessage(text, &facts).ok()) {
    usage(fmt::format("{} can't be read, or is no export of a proposal.", file));
  }
  return facts;
}

void why(Cli& cli, std::uint64_t id, const std::string& from) {
  if (!from.empty()) {
    const v1::ProposalExport facts = read_export(from);
    const auto response = queries::explain(facts);
    return cli.answer(response, why_text(facts.proposal().id(), response));
  }
  if (id == 0) usage("Say which proposal, or --from FILE of an export.");
  v1::WhyRequest request;
  request.set_proposal(id);
  const auto response = cli.read(request);
  cli.answer(response, why_text(id, response));
}

void show_tally(Cli& cli, std::uint64_t id) {
  const auto proposal = get_proposal(cli, id).proposal();
  const auto response = get_tally(cli, id);
  Names names{cli};
  cli.answer(response,
             tally_rows(names, proposal, response) + missing_lines(response.thresholds()));
}

void show_times(Cli& cli, std::uint64_t id) {
  v1::TimelineRequest request;
  request.set_proposal(id);
  const auto response = cli.read(request);
  v1::ExecutionStatusRequest status_request;
  status_request.set_proposal(id);
  const auto status = cli.read(status_request);
  Table table{{"when (UTC)", "", "what"}};
  for (const v1::TimelineEntry& entry : response.entries()) {
    table.add({print_time(entry.at_ms()), entry.ahead() ? "ahead" : "", entry.sentence()});
  }
  Json json = to_json(response);
  json["execution"] = to_json(status);
  cli.answer(json, fmt::format("Proposal {}   {}   at {}\n", id, state_of(response.state()),
                               print_time(response.now_ms())) +
                       table.str("Nothing yet.") + status.sentence() + "\n");
}

}  // namespace

void add_proposal_views(CLI::App& app, Cli& cli) {
  struct Asked {
    std::uint64_t id = 0;
    bool diff = false;
    std::string file;
  };
  auto asked = std::make_shared<Asked>();
  const auto add = [&](const std::string& name, const std::string& what) {
    CLI::App* command = verb(app, "proposal", name, what);
    command->add_option("PROPOSAL", asked->id)->required();
    return command;
  };
  CLI::App* shown = add("show", "A proposal, its tally, and what is missing");
  shown->add_flag("--diff", asked->diff, "Every action as before -> after");
  shown->callback([&cli, asked] { show(cli, asked->id, asked->diff); });
  add("tally", "The counters of each chamber, and what is missing")->callback([&cli, asked] {
    show_tally(cli, asked->id);
  });
  add("timeline", "When what happened, and what is ahead")->callback([&cli, asked] {
    show_times(cli, asked->id);
  });
  CLI::App* exported = add("export", "All that a verdict is computed from, for anybody to check");
  exported->add_option("--to", asked->file, "File to write")->required();
  exported->callback([&cli, asked] { write_export(cli, asked->id, asked->file); });

  CLI::App* explained = verb(app, "proposal", "why",
                             "The outcome, rule by rule with the numbers, and what is missing");
  explained->add_option("PROPOSAL", asked->id);
  explained->add_option("--from", asked->file, "Compute it offline from an export");
  explained->callback([&cli, asked] { why(cli, asked->id, asked->file); });

  auto filter = std::make_shared<Filter>();
  CLI::App* listed = verb(app, "proposal", "list", "All proposals, newest first");
  listed->add_flag("--needs-me", filter->needs_me, "Only those that wait for your vote");
  listed->add_option("--state", filter->state, "For example voting, failed, executed");
  listed->add_option("--track", filter->track, "Only those that this track leads");
  listed->callback([&cli, filter] { list(cli, *filter); });
}

}  // namespace salus::cli
