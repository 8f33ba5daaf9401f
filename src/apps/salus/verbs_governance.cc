// Owns: `salus proposal`, `salus vote`, `salus track`, `salus param`.
#include <fmt/format.h>
#include <sodium.h>

#include <memory>

#include "apps/salus/cli.h"
#include "apps/salus/json.h"
#include "apps/salus/proposal_file.h"
#include "dao/constitution.h"

namespace salus::cli {

namespace {

struct Draft {
  std::string file;
  // FUND:AMOUNT:@payee
  std::vector<std::string> pays;
  std::vector<std::string> admits;
  bool resolution = false;
  std::string deposit;
  bool by_endorsement = false;
  std::string text_hash;
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

v1::Submit to_submit(Cli& cli, const Draft& draft) {
  v1::Submit submit;
  if (!draft.file.empty()) {
    submit = read_proposal_file(cli, draft.file);
  } else {
    submit.set_scheme(v1::SCHEME_YES_NO);
    v1::ProposalOption& option = *submit.add_options();
    for (const std::string& pay : draft.pays) *option.add_actions() = pay_action(cli, pay);
    for (const std::string& who : draft.admits) {
      option.add_actions()->mutable_admit_member()->set_account(cli.account(who).to_string());
    }
    if (option.actions().empty() != draft.resolution) {
      usage("Say what is proposed: --file, --pay, --admit, or --resolution for none of them.");
    }
  }
  if (!draft.deposit.empty()) submit.set_deposit(cli.amount(draft.deposit, 0));
  if (draft.by_endorsement) submit.set_by_endorsement(true);
  Hash text;
  if (draft.text_hash.empty()) {
    // Without a published text the proposal still needs a name of its own (G-1.6).
    randombytes_buf(text.bytes.data(), text.bytes.size());
  } else if (const auto given = Hash::from_hex(draft.text_hash)) {
    text = *given;
  } else {
    usage("--text-hash takes the 64 hex digits of the published text's digest.");
  }
  submit.set_text_hash(text.to_string());
  return submit;
}

// The members' usual case: the whole deposit at once (G-7.2, G-7.3).
std::uint64_t whole_deposit(Cli& cli, const v1::Submit& submit) {
  v1::SimulateActionsRequest request;
  *request.mutable_actions() = submit.options(0).actions();
  return cli.read(request).deposit_required();
}

void submit(Cli& cli, const Draft& draft) {
  v1::Action action;
  *action.mutable_submit() = to_submit(cli, draft);
  v1::Submit& submit = *action.mutable_submit();
  if (submit.deposit() == 0 && !submit.by_endorsement()) {
    submit.set_deposit(whole_deposit(cli, submit));
  }
  cli.send({action}, "Submitted.");
}

void lint(Cli& cli, const Draft& draft, bool simulate) {
  const v1::Submit submit = to_submit(cli, draft);
  if (!simulate) {
    return cli.answer(submit, fmt::format("The proposal is well formed, {} actions.\n",
                                          submit.options(0).actions_size()));
  }
  v1::SimulateActionsRequest request;
  *request.mutable_actions() = submit.options(0).actions();
  const auto response = cli.read(request);
  Table table{{"action", "if executed now"}};
  for (int i = 0; i < response.actions_size(); ++i) {
    const v1::SimulatedAction& action = response.actions(i);
    table.add({std::to_string(i), action.ok() ? "applies"
                                              : fmt::format("{}: {}", action.error().name(),
                                                            action.error().sentence())});
  }
  std::string text = table.str("No actions: a resolution.");
  if (!response.lead_track().empty()) {
    text += fmt::format("Lead track {}, deposit {}.\n", response.lead_track(),
                        cli.print_amount(response.deposit_required(), 0));
  }
  cli.answer(response, text);
}

std::string state_of(const v1::Proposal& proposal) {
  return print_enum(v1::ProposalState_Name(proposal.state()), "PROPOSAL_STATE_");
}

std::string describe(Cli& cli, const v1::Action& action) {
  if (action.has_pay()) {
    const v1::Pay& pay = action.pay();
    return fmt::format("pay {} from fund {} to {}", cli.print_amount(pay.amount(), pay.asset()),
                       pay.fund(), cli.name_of(pay.payee()));
  }
  if (action.has_set_parameter()) {
    return fmt::format("set {} from {} to {}", action.set_parameter().name(),
                       action.set_parameter().from(), action.set_parameter().to());
  }
  if (action.has_admit_member()) return "admit " + cli.name_of(action.admit_member().account());
  if (action.has_change_set()) {
    std::string text = "change the validator set:";
    for (const v1::NomineeRef& added : action.change_set().add()) {
      text += " add " + cli.name_of(added.operator_account());
    }
    for (const std::string& removed : action.change_set().remove()) {
      text += " remove " + cli.name_of(removed);
    }
    return text + (action.change_set().force() ? ", by force" : "");
  }
  return to_json(action).dump();
}

std::string bars(Cli& cli, std::uint64_t proposal) {
  v1::GetTallyRequest request;
  request.set_proposal(proposal);
  const auto response = cli.read(request);
  Table table{{"chamber", "eligible", "yes", "no", "abstain", "veto", "voters"}};
  const auto votes = [](std::uint64_t micro) { return fmt::format("{}", micro / 1'000'000); };
  for (const v1::Tally& tally : response.tallies()) {
    table.add({std::to_string(tally.chamber()), votes(tally.eligible() - tally.recused()),
               votes(tally.yes()), votes(tally.no()), votes(tally.abstain()), votes(tally.veto()),
               std::to_string(tally.voters())});
  }
  return table.str("Voting has not begun.");
}

void show(Cli& cli, std::uint64_t id) {
  v1::GetProposalRequest request;
  request.set_proposal(id);
  const auto response = cli.read(request);
  const v1::Proposal& proposal = response.proposal();
  std::string text = fmt::format("Proposal {}   {}   by {}\n", id, state_of(proposal),
                                 cli.name_of(proposal.proposer()));
  for (const v1::ProposalOption& option : proposal.options()) {
    for (const v1::Action& action : option.actions()) text += "  " + describe(cli, action) + "\n";
  }
  std::vector<std::pair<std::string, std::string>> lines{
      {"submitted", print_time(proposal.submitted_ms())},
      {"phase ends", print_time(proposal.phase_until_ms())},
      {"deposit required", cli.print_amount(proposal.deposit_required(), 0)}};
  if (proposal.eta_ms() != 0) lines.emplace_back("executes at", print_time(proposal.eta_ms()));
  if (proposal.failure_code() != 0) {
    lines.emplace_back(
        "last attempt",
        print_enum(v1::ErrorCode_Name(static_cast<v1::ErrorCode>(proposal.failure_code())),
                   "ERROR_CODE_"));
  }
  text += facts(lines) + bars(cli, id);
  if (proposal.state() == v1::PROPOSAL_STATE_VOTING) {
    text += fmt::format("next: salus vote cast {} yes|no|abstain|veto\n", id);
  }
  Json json = to_json(response);
  json["proposal"]["failure_code"] =
      v1::ErrorCode_Name(static_cast<v1::ErrorCode>(proposal.failure_code()));
  cli.answer(json, text);
}

void list(Cli& cli) {
  v1::ListProposalsRequest request;
  request.set_page_size(100);
  v1::ListProposalsResponse all;
  Table table{{"id", "state", "phase ends", "proposer", "what"}};
  do {
    const auto page = cli.read(request);
    for (const v1::Proposal& proposal : page.proposals()) {
      const bool resolution = proposal.options(0).actions().empty();
      table.add({std::to_string(proposal.id()), state_of(proposal),
                 print_time(proposal.phase_until_ms()), cli.name_of(proposal.proposer()),
                 resolution ? "a resolution" : describe(cli, proposal.options(0).actions(0))});
      *all.add_proposals() = proposal;
    }
    all.set_height(page.height());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("No proposals."));
}

void why(Cli& cli, std::uint64_t id) {
  v1::WhyRequest request;
  request.set_proposal(id);
  const auto response = cli.read(request);
  std::string text =
      fmt::format("Proposal {}   {}   {}\n", id,
                  print_enum(v1::ProposalState_Name(response.state()), "PROPOSAL_STATE_"),
                  response.decided() ? "as it was decided" : "if it closed now");
  Table table{{"rule", "chamber", "left", "right", "holds"}};
  for (const v1::OutcomeLine& line : response.outcome().lines()) {
    table.add({print_enum(v1::VerdictRule_Name(line.rule()), "VERDICT_RULE_"),
               std::to_string(line.chamber()), line.lhs(), line.rhs(), line.ok() ? "yes" : "no"});
  }
  text += table.str("Voting has not begun.");
  for (const std::string& sentence : response.sentences()) text += sentence + "\n";
  cli.answer(response, text);
}

v1::Choice choice_of(const std::string& text) {
  if (text == "yes") return v1::CHOICE_YES;
  if (text == "no") return v1::CHOICE_NO;
  if (text == "abstain") return v1::CHOICE_ABSTAIN;
  if (text == "veto") return v1::CHOICE_VETO;
  usage(fmt::format("'{}' is no choice: yes, no, abstain or veto.", text));
}

// `yes`, or parts as `yes=60 no=40`.
void cast(Cli& cli, std::uint64_t id, const std::vector<std::string>& parts) {
  v1::Action action;
  v1::Vote& vote = *action.mutable_vote();
  vote.set_proposal(id);
  for (const std::string& text : parts) {
    const std::size_t equals = text.find('=');
    v1::BallotPart& part = *vote.add_parts();
    part.set_choice(choice_of(text.substr(0, equals)));
    part.set_part(1);
    if (equals == std::string::npos) continue;
    const std::string share = text.substr(equals + 1);
    if (share.empty() || share.size() > 5 ||
        share.find_first_not_of("0123456789") != std::string::npos) {
      usage(fmt::format("'{}' is not CHOICE=PART, for example yes=60.", text));
    }
    part.set_part(static_cast<std::uint32_t>(std::stoul(share)));
  }
  cli.send({action}, "Voted.");
}

void show_ballots(Cli& cli, std::uint64_t id) {
  v1::ListBallotsRequest request;
  request.set_proposal(id);
  request.set_page_size(100);
  const auto response = cli.read(request);
  Table table{{"member", "ballot", "at", "changes"}};
  for (const v1::Stance& stance : response.ballots()) {
    std::string ballot;
    for (const v1::BallotPart& part : stance.parts()) {
      ballot += fmt::format("{}{}", ballot.empty() ? "" : " ",
                            print_enum(v1::Choice_Name(part.choice()), "CHOICE_"));
      if (stance.parts_size() > 1) ballot += fmt::format("={}", part.part());
    }
    table.add({cli.name_of(stance.account()), ballot, print_time(stance.at_ms()),
               std::to_string(stance.changes())});
  }
  cli.answer(response, table.str("No ballots."));
}

void list_tracks(Cli& cli) {
  const auto response = cli.read(v1::ListTracksRequest{});
  Table table{{"id", "track", "notice s", "voting s", "timelock s", "deposit", "endorsers"}};
  for (const v1::Track& track : response.tracks()) {
    const auto seconds = [](std::uint64_t ms) { return std::to_string(ms / 1'000); };
    table.add({std::to_string(track.id()), track.code(), seconds(track.notice_ms()),
               seconds(track.voting_ms()), seconds(track.timelock_min_ms()),
               cli.print_amount(track.deposit(), 0), std::to_string(track.endorsers())});
  }
  cli.answer(response, table.str("No tracks."));
}

void list_parameters(Cli& cli, const std::string& prefix) {
  v1::ListParametersRequest request;
  request.set_prefix(prefix);
  const auto response = cli.read(request);
  Table table{{"parameter", "value"}};
  for (const v1::Parameter& parameter : response.parameters()) {
    table.add({parameter.name(), std::to_string(parameter.value())});
  }
  cli.answer(response, table.str("No parameter of that name."));
}

void show_parameter(Cli& cli, const std::string& name) {
  v1::GetParameterRequest request;
  request.set_name(name);
  const auto response = cli.read(request);
  // Bounds are compiled in: a node of this version has the same.
  const auto* rule = dao::constitution::find_rule(name);
  std::vector<std::pair<std::string, std::string>> lines{
      {"parameter", name}, {"value", std::to_string(response.parameter().value())}};
  if (rule != nullptr) {
    const auto status = must(cli.client().query(v1::GetStatusRequest{}));
    const auto bounds = dao::constitution::bounds_in(status.class_(), rule->unit, rule->bounds);
    lines.emplace_back("least", std::to_string(bounds.min));
    lines.emplace_back("most", std::to_string(bounds.max));
  }
  cli.answer(response, facts(lines));
}

void add_draft_options(CLI::App& command, const std::shared_ptr<Draft>& draft) {
  command.add_option("--file", draft->file, "A proposal file, TOML or JSON");
  command.add_option("--pay", draft->pays, "FUND:AMOUNT:@payee, may be repeated");
  command.add_option("--admit", draft->admits, "An applicant of a chamber that votes on admission");
  command.add_flag("--resolution", draft->resolution, "A resolution: no actions");
  command.add_option("--deposit", draft->deposit, "First deposit; absent: all that is required");
  command.add_flag("--by-endorsement", draft->by_endorsement, "Without a deposit");
  command.add_option("--text-hash", draft->text_hash, "Digest of the published text");
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

}  // namespace

void add_governance_verbs(CLI::App& app, Cli& cli) {
  auto draft = std::make_shared<Draft>();
  CLI::App* make = verb(app, "proposal", "submit", "Submit a proposal");
  add_draft_options(*make, draft);
  make->callback([&cli, draft] { submit(cli, *draft); });
  CLI::App* check = verb(app, "proposal", "lint", "Say whether a proposal is well formed");
  add_draft_options(*check, draft);
  check->callback([&cli, draft] { lint(cli, *draft, false); });
  CLI::App* simulate =
      verb(app, "proposal", "simulate", "What it would do if it were executed now");
  add_draft_options(*simulate, draft);
  simulate->callback([&cli, draft] { lint(cli, *draft, true); });

  auto id = std::make_shared<std::uint64_t>(0);
  const auto add_read = [&](const std::string& noun, const std::string& name,
                            const std::string& what, void (*run)(Cli&, std::uint64_t)) {
    CLI::App* command = verb(app, noun, name, what);
    command->add_option("PROPOSAL", *id)->required();
    command->callback([&cli, id, run] { run(cli, *id); });
  };
  add_read("proposal", "show", "A proposal and its tally", show);
  add_read("proposal", "why", "The outcome, rule by rule with the numbers", why);
  add_read("proposal", "tally", "The counters of each chamber", [](Cli& shown, std::uint64_t of) {
    v1::GetTallyRequest request;
    request.set_proposal(of);
    shown.answer(shown.read(request), bars(shown, of));
  });
  add_read("vote", "show", "The ballots on a proposal", show_ballots);
  verb(app, "proposal", "list", "All proposals")->callback([&cli] { list(cli); });

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

  auto more = std::make_shared<std::string>();
  CLI::App* topup = verb(app, "proposal", "topup", "Add to the deposit of a proposal");
  topup->add_option("PROPOSAL", *id)->required();
  topup->add_option("--amount", *more)->required();
  topup->callback([&cli, id, more] {
    v1::Action action;
    action.mutable_top_up()->set_proposal(*id);
    action.mutable_top_up()->set_amount(cli.amount(*more, 0));
    cli.send({action}, "Added to the deposit.");
  });

  auto parts = std::make_shared<std::vector<std::string>>();
  CLI::App* ballot = verb(app, "vote", "cast", "Vote, or change your vote, on a proposal");
  ballot->add_option("PROPOSAL", *id)->required();
  ballot->add_option("CHOICE", *parts, "yes, no, abstain, veto; or yes=60 no=40")->required();
  ballot->callback([&cli, id, parts] { cast(cli, *id, *parts); });
  CLI::App* recuse = verb(app, "vote", "recuse", "Step back from a vote: a conflict of interest");
  recuse->add_option("PROPOSAL", *id)->required();
  recuse->callback([&cli, id] {
    v1::Action action;
    action.mutable_declare_conflict()->set_proposal(*id);
    cli.send({action}, "Recused.");
  });

  verb(app, "track", "list", "The tracks and their times")->callback([&cli] { list_tracks(cli); });
  auto prefix = std::make_shared<std::string>();
  CLI::App* parameters = verb(app, "param", "list", "The constitution's parameters; spans in ms");
  parameters->add_option("PREFIX", *prefix);
  parameters->callback([&cli, prefix] { list_parameters(cli, *prefix); });
  auto name = std::make_shared<std::string>();
  CLI::App* parameter = verb(app, "param", "show", "One parameter, and how far it may change");
  parameter->add_option("NAME", *name)->required();
  parameter->callback([&cli, name] { show_parameter(cli, *name); });
}

}  // namespace salus::cli
