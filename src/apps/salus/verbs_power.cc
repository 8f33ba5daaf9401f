// Owns: `salus power` and `salus delegate`.
#include <fmt/format.h>

#include <memory>

#include "apps/salus/cli.h"
#include "apps/salus/dao_verbs.h"
#include "apps/salus/names.h"
#include "apps/salus/spans.h"
#include "queries/words.h"

namespace salus::cli {

namespace {

using queries::spell_votes;

struct Asked {
  std::string who;
  std::string track;
  std::uint64_t proposal = 0;
};

std::string by_hop(const google::protobuf::RepeatedField<std::uint64_t>& hops) {
  std::string out;
  for (int i = 0; i < hops.size(); ++i) {
    out += fmt::format("{}{} by {} hop{}", i == 0 ? "" : ", ", spell_votes(hops.at(i)), i + 1,
                       i == 0 ? "" : "s");
  }
  return out.empty() ? "-" : out;
}

void show_power(Cli& cli, const Asked& asked) {
  Names names{cli};
  v1::GetPowerRequest request;
  const AccountId account = asked.who.empty() ? cli.own_account() : cli.account(asked.who);
  request.set_account(account.to_string());
  request.set_proposal(asked.proposal);
  if (!asked.track.empty()) request.set_track(names.track_id(asked.track));
  const auto power = cli.read(request);
  std::vector<std::pair<std::string, std::string>> lines{
      {"account", cli.name_of(account.to_string())},
      {"chamber", names.chamber(power.chamber())},
      {"weight", std::to_string(power.weight())},
      {"a ballot carries", spell_votes(power.power()) + " votes"}};
  if (power.track() != 0) {
    lines.emplace_back("track", names.track(power.track()));
    lines.emplace_back("delegation", power.delegation() ? "counts" : "does not count here");
    lines.emplace_back("received", by_hop(power.received()));
    std::uint64_t sent = 0;
    for (const std::uint64_t part : power.sent()) sent += part;
    lines.emplace_back("sent on", spell_votes(sent) + " votes, unless it votes itself");
  }
  cli.answer(power, facts(lines) + power.sentence() + "\n");
}

struct NewDelegation {
  std::string track;
  // @name or @name=SHARE
  std::vector<std::string> to;
  std::string until = "+180d";
};

v1::DelegationTarget target_of(Cli& cli, const std::string& text) {
  const std::size_t equals = text.find('=');
  v1::DelegationTarget target;
  target.set_to(cli.account(text.substr(0, equals)).to_string());
  target.set_share(100);
  if (equals == std::string::npos) return target;
  const std::string share = text.substr(equals + 1);
  if (share.empty() || share.size() > 3 ||
      share.find_first_not_of("0123456789") != std::string::npos) {
    usage(fmt::format("'{}' is not @name=PERCENT, for example @noor=60.", text));
  }
  target.set_share(static_cast<std::uint32_t>(std::stoul(share)));
  return target;
}

void set_delegation(Cli& cli, const NewDelegation& asked) {
  Names names{cli};
  v1::Action action;
  v1::SetDelegation& set = *action.mutable_set_delegation();
  set.set_track(names.track_id(asked.track));
  for (const std::string& to : asked.to) *set.add_targets() = target_of(cli, to);
  set.set_until_ms(time_of(cli, asked.until));
  cli.send({action}, fmt::format("Delegated on track {} until {} UTC. Your own vote always comes "
                                 "first.",
                                 asked.track, print_time(set.until_ms())));
}

void add_rows(Cli& cli, Names& names, Table& table, const v1::DelegationInfo& info) {
  for (int i = 0; i < info.targets_size(); ++i) {
    table.add({cli.name_of(info.account()), names.track(info.track()),
               cli.name_of(info.targets(i).to()), fmt::format("{} %", info.targets(i).share()),
               print_time(info.until_ms()), info.live(i) ? "yes" : "no: ended by the delegate"});
  }
}

// Whom one lets vote, and on a track also who lets him vote.
void show_delegations(Cli& cli, const Asked& asked) {
  Names names{cli};
  const AccountId account = asked.who.empty() ? cli.own_account() : cli.account(asked.who);
  v1::GetDelegationRequest request;
  request.set_account(account.to_string());
  if (!asked.track.empty()) request.set_track(names.track_id(asked.track));
  const auto response = cli.read(request);
  Table table{{"member", "track", "delegate", "share", "until", "live"}};
  for (const v1::DelegationInfo& info : response.delegations()) add_rows(cli, names, table, info);
  Json json = to_json(response);
  std::string text = table.str("Delegates to nobody.");
  if (!asked.track.empty()) {
    v1::ListDelegatorsRequest from;
    from.set_delegate(account.to_string());
    from.set_track(request.track());
    from.set_page_size(100);
    v1::ListDelegatorsResponse all;
    Table inbound{{"member", "track", "delegate", "share", "until", "live"}};
    do {
      const auto page = cli.read(from);
      for (const v1::DelegationInfo& info : page.delegations()) {
        add_rows(cli, names, inbound, info);
        *all.add_delegations() = info;
      }
      from.set_page_token(page.next_page_token());
    } while (!from.page_token().empty());
    json["delegators"] = to_json(all)["delegations"];
    text += inbound.str("Nobody delegates to this account there.");
  }
  cli.answer(json, text);
}

void list_delegates(Cli& cli, const std::string& chamber, const std::string& track) {
  Names names{cli};
  v1::ListDelegatesRequest request;
  if (!chamber.empty()) request.set_chamber(names.chamber_id(chamber));
  if (!track.empty()) request.set_track(names.track_id(track));
  request.set_page_size(100);
  v1::ListDelegatesResponse all;
  Table table{{"delegate", "chamber", "weight", "received", "voted on", "statement"}};
  do {
    const auto page = cli.read(request);
    for (const v1::DelegateInfo& info : page.delegates()) {
      table.add({cli.name_of(info.profile().account()), names.chamber(info.chamber()),
                 std::to_string(info.weight()), spell_votes(info.received()),
                 fmt::format("{} of {}", info.profile().ballots(), page.votings()),
                 hex(as_bytes(info.profile().statement_hash())).substr(0, 16)});
      *all.add_delegates() = info;
    }
    all.set_height(page.height());
    all.set_votings(page.votings());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("Nobody offers to vote for others."));
}

void set_profile(Cli& cli, bool open, const std::string& statement) {
  v1::Action action;
  v1::SetDelegateProfile& set = *action.mutable_set_delegate_profile();
  set.set_open(open);
  set.set_statement_hash(statement.empty() ? std::string(Hash::kSize, '\0')
                                           : digest_of(statement, "--statement-hash"));
  cli.send({action}, open ? "You now offer to vote for others of your chamber."
                          : "Closed. Every delegation to you has ended.");
}

}  // namespace

void add_power_verbs(CLI::App& app, Cli& cli) {
  auto asked = std::make_shared<Asked>();
  CLI::App* power = verb(app, "power", "show", "What a ballot carries, or why it carries nothing");
  power->add_option("ACCOUNT", asked->who, "Absent: your own");
  power->add_option("--track", asked->track, "With the power that is delegated on it");
  power->add_option("--proposal", asked->proposal, "As it was read when its voting started");
  power->callback([&cli, asked] { show_power(cli, *asked); });

  auto fresh = std::make_shared<NewDelegation>();
  CLI::App* set = verb(app, "delegate", "set", "Let others of your chamber vote when you don't");
  set->add_option("DELEGATE", fresh->to, "@name, or @name=60 @other=40; at most 4")->required();
  set->add_option("--track", fresh->track, "On proposals that this track leads")->required();
  set->add_option("--until", fresh->until, "2027-01-31, or +180d");
  set->callback([&cli, fresh] { set_delegation(cli, *fresh); });

  CLI::App* clear = verb(app, "delegate", "clear", "Take a delegation back");
  clear->add_option("--track", asked->track)->required();
  clear->callback([&cli, asked] {
    v1::Action action;
    action.mutable_clear_delegation()->set_track(Names{cli}.track_id(asked->track));
    cli.send({action}, "Taken back.");
  });

  CLI::App* show = verb(app, "delegate", "show", "Whom an account lets vote, and who lets it vote");
  show->add_option("ACCOUNT", asked->who, "Absent: your own");
  show->add_option("--track", asked->track, "Only on this track, with who delegates to it");
  show->callback([&cli, asked] { show_delegations(cli, *asked); });

  struct Profile {
    bool close = false;
    std::string statement;
    std::string chamber;
    std::string track;
  };
  auto profile = std::make_shared<Profile>();
  CLI::App* offer = verb(app, "delegate", "profile", "Offer to vote for others, or stop");
  offer->add_flag("--close", profile->close, "Stop; every delegation to you ends at once");
  offer->add_option("--statement-hash", profile->statement, "Digest of what you published");
  offer->callback([&cli, profile] { set_profile(cli, !profile->close, profile->statement); });

  CLI::App* list = verb(app, "delegate", "list", "Who offers to vote for others");
  list->add_option("--chamber", profile->chamber);
  list->add_option("--track", profile->track, "With the power delegated on it");
  list->callback([&cli, profile] { list_delegates(cli, profile->chamber, profile->track); });
}

}  // namespace salus::cli
