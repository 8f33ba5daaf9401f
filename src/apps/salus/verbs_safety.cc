// Owns: `salus act`, `salus pause`, `salus sentinel` and `salus upgrade`: what several people do
// together, and what an operator must know ahead.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "apps/salus/action_words.h"
#include "apps/salus/cli.h"
#include "apps/salus/dao_verbs.h"
#include "apps/salus/names.h"
#include "apps/salus/proposals.h"
#include "queries/words.h"

namespace salus::cli {

namespace {

std::string types_of(const google::protobuf::RepeatedField<std::uint32_t>& types) {
  std::string out;
  for (const std::uint32_t type : types) out += (out.empty() ? "" : ", ") + action_type(type);
  return out;
}

v1::GetActResponse get_act(Cli& cli, std::uint64_t id) {
  v1::GetActRequest request;
  request.set_act(id);
  return cli.read(request);
}

std::string signers_of(Cli& cli, const v1::JointAct& act) {
  std::string out;
  for (const std::string& signer : act.signers()) {
    out += (out.empty() ? "" : ", ") + cli.name_of(signer);
  }
  return out;
}

void list_acts(Cli& cli, bool all_of_them) {
  v1::ListActsRequest request;
  if (!all_of_them) request.set_state(v1::ACT_STATE_OPEN);
  request.set_page_size(100);
  ActionWords words{cli};
  v1::ListActsResponse all;
  Table table{{"id", "signed", "by", "until", "state", "what"}};
  do {
    const auto page = cli.read(request);
    for (const v1::JointAct& act : page.acts()) {
      table.add({std::to_string(act.id()),
                 fmt::format("{} of {}", act.signers_size(), act.needed()), signers_of(cli, act),
                 print_time(act.until_ms()),
                 print_enum(v1::ActState_Name(act.state()), "ACT_STATE_"),
                 act.has_content() ? words.line(act.content()) : action_type(act.kind())});
      *all.add_acts() = act;
    }
    all.set_height(page.height());
    all.set_now_ms(page.now_ms());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("No joint act is open."));
}

void show_act(Cli& cli, std::uint64_t id) {
  const auto response = get_act(cli, id);
  const v1::JointAct& act = response.act();
  ActionWords words{cli};
  cli.answer(
      response,
      facts({{"joint act", std::to_string(act.id())},
             {"state", print_enum(v1::ActState_Name(act.state()), "ACT_STATE_")},
             {"what", act.has_content() ? words.line(act.content()) : action_type(act.kind())},
             {"signed",
              fmt::format("{} of {}: {}", act.signers_size(), act.needed(), signers_of(cli, act))},
             {"opened by", cli.name_of(act.opened_by())},
             {"until", print_time(act.until_ms())},
             {"content", hex(as_bytes(act.content_hash()))}}));
}

// What is signed is what was read: the content is shown, and its hash goes into the signature.
void sign_act(Cli& cli, std::uint64_t id, const std::string& content) {
  const v1::JointAct act = get_act(cli, id).act();
  v1::Action action;
  action.mutable_co_sign()->set_act(id);
  action.mutable_co_sign()->set_content_hash(
      content.empty() ? act.content_hash() : digest_of(content, "--content-hash"));
  ActionWords words{cli};
  cli.send({action}, act.has_content() ? "Signed: " + words.line(act.content()) : "Signed.");
}

void add_acts(CLI::App& app, Cli& cli) {
  struct Asked {
    std::uint64_t id = 0;
    std::string content;
    bool all = false;
  };
  auto asked = std::make_shared<Asked>();
  CLI::App* listed = verb(app, "act", "list", "Joint acts that wait for signers");
  listed->add_flag("--all", asked->all, "Closed ones too");
  listed->callback([&cli, asked] { list_acts(cli, asked->all); });
  CLI::App* shown = verb(app, "act", "show", "A joint act: what it does and who signed");
  shown->add_option("ACT", asked->id)->required();
  shown->callback([&cli, asked] { show_act(cli, asked->id); });
  CLI::App* signed_by = verb(app, "act", "sign", "Sign a joint act that others opened");
  signed_by->add_option("ACT", asked->id)->required();
  signed_by->add_option("--content-hash", asked->content, "What you read; absent: what it is now");
  signed_by->callback([&cli, asked] { sign_act(cli, asked->id, asked->content); });
  CLI::App* withdrawn = verb(app, "act", "withdraw", "Take back a joint act that you opened");
  withdrawn->add_option("ACT", asked->id)->required();
  withdrawn->callback([&cli, asked] {
    v1::Action action;
    action.mutable_withdraw_act()->set_act(asked->id);
    cli.send({action}, "Taken back.");
  });
}

void show_pauses(Cli& cli, bool all_of_them) {
  v1::ListPausesRequest request;
  request.set_active(!all_of_them);
  request.set_page_size(100);
  const auto response = cli.read(request);
  Table table{{"id", "stops", "from", "until", "by", "in force"}};
  for (const v1::PauseRecord& pause : response.pauses()) {
    std::string by;
    for (const std::string& who : pause.by()) by += (by.empty() ? "" : ", ") + cli.name_of(who);
    table.add({std::to_string(pause.id()), types_of(pause.types()), print_time(pause.from_ms()),
               print_time(pause.until_ms()), by,
               response.now_ms() < pause.until_ms() ? "yes" : "no"});
  }
  cli.answer(response, table.str(all_of_them ? "There never was a pause." : "Nothing is paused."));
}

struct NewPause {
  std::vector<std::string> types;
  std::string span;
  std::uint64_t id = 0;
  bool all = false;
};

void open_pause(Cli& cli, const NewPause& asked) {
  v1::Action action;
  v1::Pause& pause = *action.mutable_pause();
  for (const std::string& name : asked.types) {
    const std::uint32_t type = action_number(name);
    if (type == 0) usage(fmt::format("There is no action '{}', for example pay.", name));
    pause.add_types(type);
  }
  std::sort(pause.mutable_types()->begin(), pause.mutable_types()->end());
  pause.set_span_ms(span_of(asked.span));
  cli.send({action}, "Signed. It begins once enough sentinels say the same.");
}

void list_sentinels(Cli& cli) {
  v1::ListSentinelsRequest request;
  request.set_page_size(200);
  v1::ListSentinelsResponse all;
  Table table{{"sentinel", "until", "charge", "spent"}};
  do {
    const auto page = cli.read(request);
    for (const v1::SentinelInfo& info : page.sentinels()) {
      table.add({cli.name_of(info.office().account()), print_time(info.office().until_ms()),
                 info.charge() ? "yes" : "no", print_time(info.spent_ms())});
      *all.add_sentinels() = info;
    }
    all.set_height(page.height());
    all.set_needed(page.needed());
    all.set_renewals(page.renewals());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("Nobody is a sentinel.") +
                      fmt::format("It takes {} of them to pause something.\n", all.needed()));
}

void add_pauses(CLI::App& app, Cli& cli) {
  auto asked = std::make_shared<NewPause>();
  auto terms = std::make_shared<Terms>();
  CLI::App* shown = verb(app, "pause", "show", "What is paused, and until when");
  shown->add_flag("--all", asked->all, "Those that are over too");
  shown->callback([&cli, asked] { show_pauses(cli, asked->all); });
  CLI::App* opened = verb(app, "pause", "open", "Stop action types for a while, as a sentinel");
  opened->add_option("TYPE", asked->types, "For example pay award_grant; at most 8")->required();
  opened->add_option("--span", asked->span, "For how long, for example 24h")->required();
  opened->callback([&cli, asked] { open_pause(cli, *asked); });
  CLI::App* joined = verb(app, "pause", "join", "Sign a pause that another sentinel opened");
  joined->add_option("ACT", asked->id, "Its joint act. See: salus act list")->required();
  joined->callback([&cli, asked] { sign_act(cli, asked->id, {}); });
  CLI::App* ended = verb(app, "pause", "end", "Propose to end a pause early");
  ended->add_option("PAUSE", asked->id)->required();
  add_terms(*ended, terms);
  ended->callback([&cli, asked, terms] {
    v1::Action action;
    action.mutable_end_pause()->set_pause(asked->id);
    propose(cli, action, *terms);
  });
  verb(app, "sentinel", "list", "Who may pause, and who holds a charge")->callback([&cli] {
    list_sentinels(cli);
  });
}

void show_upgrade(Cli& cli, std::uint32_t version) {
  v1::GetUpgradeRequest request;
  request.set_version(version);
  const auto response = cli.read(request);
  if (!response.has_upgrade()) {
    return cli.answer(response, fmt::format("The network runs version {} of the protocol; no "
                                            "upgrade is scheduled.\n",
                                            response.active_version()));
  }
  const v1::Upgrade& upgrade = response.upgrade();
  std::string text =
      facts({{"runs now", std::to_string(response.active_version())},
             {"upgrade to", std::to_string(upgrade.version())},
             {"state", print_enum(v1::UpgradeState_Name(upgrade.state()), "UPGRADE_STATE_")},
             {"from height", std::to_string(upgrade.from_height())},
             {"until height", std::to_string(upgrade.until_height())},
             {"height now", std::to_string(response.height())},
             {"manifest", hex(as_bytes(upgrade.manifest_hash()))}});
  if (upgrade.state() == v1::UPGRADE_STATE_SCHEDULED) {
    Table table{{"operator", "ready", "height"}};
    for (const v1::ReadyOperator& row : response.operators()) {
      table.add({cli.name_of(row.operator_account()), row.ready() ? "yes" : "no",
                 std::to_string(row.height())});
    }
    text += table.str("No validators.") +
            fmt::format("{} are ready, {} are needed.\n", response.ready(), response.needed());
  }
  cli.answer(response, text);
}

void add_upgrades(CLI::App& app, Cli& cli) {
  struct Asked {
    std::uint32_t version = 0;
    bool withdraw = false;
  };
  auto asked = std::make_shared<Asked>();
  CLI::App* shown = verb(app, "upgrade", "show", "The coming version, and who is ready for it");
  shown->add_option("VERSION", asked->version, "Absent: the scheduled one, or the one in force");
  shown->callback([&cli, asked] { show_upgrade(cli, asked->version); });
  CLI::App* ready = verb(app, "upgrade", "ready", "Say that your node knows a version");
  ready->add_option("VERSION", asked->version)->required();
  ready->add_flag("--withdraw", asked->withdraw, "Take that back");
  ready->callback([&cli, asked] {
    v1::Action action;
    action.mutable_signal_ready()->set_version(asked->version);
    action.mutable_signal_ready()->set_withdraw(asked->withdraw);
    cli.send({action}, asked->withdraw ? "Taken back." : "Signalled.");
  });
}

}  // namespace

void add_safety_verbs(CLI::App& app, Cli& cli) {
  add_acts(app, cli);
  add_pauses(app, cli);
  add_upgrades(app, cli);
}

}  // namespace salus::cli
