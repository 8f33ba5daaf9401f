// Owns: `salus track` and `salus param`.
#include <fmt/format.h>

#include <memory>

#include "apps/salus/action_words.h"
#include "apps/salus/cli.h"
#include "apps/salus/dao_verbs.h"
#include "apps/salus/names.h"
#include "apps/salus/proposal_file.h"
#include "dao/constitution.h"
#include "queries/words.h"

namespace salus::cli {

namespace {

using queries::spell_bp;
using queries::spell_span;

void list_tracks(Cli& cli) {
  Names names{cli};
  const auto& response = names.tracks();
  Table table{{"id", "track", "notice", "voting", "objection", "timelock", "deposit", "endorsers",
               "delegation"}};
  for (const v1::Track& track : response.tracks()) {
    table.add({std::to_string(track.id()), track.code(), spell_span(track.notice_ms()),
               spell_span(track.voting_ms()), spell_span(track.objection_ms()),
               spell_span(track.timelock_min_ms()), cli.print_amount(track.deposit(), 0),
               std::to_string(track.endorsers()), track.delegation() ? "yes" : "no"});
  }
  cli.answer(response, table.str("No tracks."));
}

std::string schemes_of(std::uint32_t bits) {
  std::string out;
  for (int i = v1::SCHEME_YES_NO; i <= v1::SCHEME_QUADRATIC; ++i) {
    if ((bits & (1U << static_cast<unsigned>(i - 1))) == 0) continue;
    out += (out.empty() ? "" : ", ") +
           print_enum(v1::Scheme_Name(static_cast<v1::Scheme>(i)), "SCHEME_");
  }
  return out.empty() ? "none" : out;
}

// Rules of a track, or of the join of several.
std::string print_rules(Cli& cli, Names& names, const v1::Track& track) {
  std::string caps;
  for (const v1::SpendCap& cap : track.spend_caps()) {
    caps += fmt::format("{}{} a proposal, {} in {} (asset {})", caps.empty() ? "" : "; ",
                        cli.print_amount(cap.per_proposal(), cap.asset()),
                        cli.print_amount(cap.per_window(), cap.asset()),
                        spell_span(track.window_ms()), cap.asset());
  }
  std::string text = facts(
      {{"track", fmt::format("{}, rank {}", track.code(), track.rank())},
       {"schemes", schemes_of(track.schemes())},
       {"notice", spell_span(track.notice_ms())},
       {"voting", fmt::format("{}, extended once by {} if support comes late",
                              spell_span(track.voting_ms()), spell_span(track.extension_ms()))},
       {"confirmation", spell_span(track.confirmation_ms())},
       {"objection", spell_span(track.objection_ms())},
       {"timelock", fmt::format("{} to {}", spell_span(track.timelock_min_ms()),
                                spell_span(track.timelock_max_ms()))},
       {"grace", spell_span(track.grace_ms())},
       {"deposit", fmt::format("{}, or {} endorsers", cli.print_amount(track.deposit(), 0),
                               track.endorsers())},
       {"open at once", std::to_string(track.max_open())},
       {"spends", caps.empty() ? "nothing" : caps},
       {"delegation", track.delegation() ? "counts" : "does not count"},
       {"group veto", track.group_veto() ? "yes" : "no"},
       {"who proposes",
        track.propose_roles() == 0 ? "any member" : role_names(track.propose_roles())}});
  Table table{{"chamber", "mode", "approval", "support", "min-approval", "objection", "own veto",
               "if small"}};
  const auto share = [](std::uint32_t bp) { return bp == 0 ? std::string{"-"} : spell_bp(bp); };
  for (const v1::TrackChamber& row : track.chambers()) {
    table.add({names.chamber(row.chamber()),
               print_enum(v1::ChamberMode_Name(row.mode()), "CHAMBER_MODE_"),
               share(row.approval_bp()), share(row.support_bp()), share(row.min_approval_bp()),
               share(row.objection_bp()), share(row.reserved_veto_bp()),
               print_enum(v1::IfSmall_Name(row.if_small()), "IF_SMALL_")});
  }
  return text + table.str("No chamber decides.");
}

void show_track(Cli& cli, const std::string& which) {
  Names names{cli};
  v1::GetTrackRequest request;
  request.set_track(names.track_id(which));
  const auto response = cli.read(request);
  cli.answer(response, print_rules(cli, names, response.track()));
}

void explain(Cli& cli, const std::string& file) {
  const v1::Submit submit = read_proposal_file(cli, file);
  v1::GetEffectiveTrackRequest request;
  *request.mutable_options() = submit.options();
  request.set_scheme(submit.scheme());
  request.set_winners(submit.winners());
  request.set_urgent(submit.urgent());
  request.set_appeal(submit.appeal_of() != 0);
  const auto response = cli.read(request);
  ActionWords words{cli};
  Table table{{"option", "action", "least track", "what"}};
  for (const v1::ActionTrack& row : response.actions()) {
    const v1::Action& action =
        submit.options(static_cast<int>(row.option()) - 1).actions(static_cast<int>(row.action()));
    table.add({std::to_string(row.option()), std::to_string(row.action()), row.track(),
               words.line(action)});
  }
  cli.answer(response,
             table.str("No actions: a resolution.") +
                 fmt::format("Together they run under these rules, led by {}; deposit {}, or {} "
                             "endorsers:\n",
                             response.effective().rules().code(),
                             cli.print_amount(response.deposit_required(), 0),
                             response.endorsers_needed()) +
                 print_rules(cli, words.names(), response.effective().rules()));
}

// A parameter as people read it: spans as spans.
std::string print_value(const std::string& unit, std::uint64_t value) {
  return unit == "ms" ? fmt::format("{} ({})", value, spell_span(value)) : std::to_string(value);
}

void list_parameters(Cli& cli, const std::string& prefix) {
  v1::ListParametersRequest request;
  request.set_prefix(prefix);
  const auto response = cli.read(request);
  Table table{{"parameter", "value", "least", "most"}};
  for (const v1::Parameter& parameter : response.parameters()) {
    const auto* rule = dao::constitution::find_rule(parameter.name());
    if (rule == nullptr) continue;
    // Class TEST lowers the least: `param show` asks the network for it.
    const std::string unit = rule->unit == dao::constitution::Unit::Span ? "ms" : "";
    table.add({parameter.name(), print_value(unit, parameter.value()),
               print_value(unit, rule->bounds.min), print_value(unit, rule->bounds.max)});
  }
  cli.answer(response, table.str("No parameter of that name."));
}

void show_parameter(Cli& cli, const std::string& name) {
  v1::GetParameterRequest request;
  request.set_name(name);
  const auto response = cli.read(request);
  cli.answer(response, facts({{"parameter", name},
                              {"value", print_value(response.unit(), response.parameter().value())},
                              {"least", print_value(response.unit(), response.min())},
                              {"most", print_value(response.unit(), response.max())},
                              {"standard", print_value(response.unit(), response.standard())},
                              {"counts", response.unit()}}));
}

void show_history(Cli& cli, const std::string& name) {
  v1::GetParameterHistoryRequest request;
  request.set_name(name);
  const auto response = cli.read(request);
  Table table{{"when (UTC)", "height", "proposal", "before", "after"}};
  for (const v1::ParameterChange& change : response.history().changes()) {
    table.add({print_time(change.at_ms()), std::to_string(change.height()),
               std::to_string(change.proposal()), std::to_string(change.before()),
               std::to_string(change.after())});
  }
  cli.answer(response, table.str("It still has its first value.") +
                           fmt::format("Now {}.\n", response.value()));
}

}  // namespace

void add_constitution_verbs(CLI::App& app, Cli& cli) {
  verb(app, "track", "list", "The tracks and their times")->callback([&cli] { list_tracks(cli); });
  auto which = std::make_shared<std::string>();
  CLI::App* track = verb(app, "track", "show", "The rules of a track");
  track->add_option("TRACK", *which, "Code or number")->required();
  track->callback([&cli, which] { show_track(cli, *which); });
  CLI::App* explained =
      verb(app, "track", "explain", "Under which rules a proposal file would run, and why");
  explained->add_option("FILE", *which, "A proposal file")->required();
  explained->callback([&cli, which] { explain(cli, *which); });

  auto name = std::make_shared<std::string>();
  CLI::App* list = verb(app, "param", "list", "The constitution's parameters and their bounds");
  list->add_option("PREFIX", *name, "For example governance.");
  list->callback([&cli, name] { list_parameters(cli, *name); });
  CLI::App* show = verb(app, "param", "show", "One parameter, and how far it may change");
  show->add_option("NAME", *name)->required();
  show->callback([&cli, name] { show_parameter(cli, *name); });
  CLI::App* history = verb(app, "param", "history", "How a parameter changed by vote");
  history->add_option("NAME", *name)->required();
  history->callback([&cli, name] { show_history(cli, *name); });
}

}  // namespace salus::cli
