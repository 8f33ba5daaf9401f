// Owns: `salus vote`.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "apps/salus/ballot_words.h"
#include "apps/salus/cli.h"
#include "apps/salus/dao_verbs.h"
#include "apps/salus/names.h"

namespace salus::cli {

namespace {

struct Ballot {
  std::uint64_t id = 0;
  std::vector<std::string> words;
  std::string reason;
};

v1::Proposal get_proposal(Cli& cli, std::uint64_t id) {
  v1::GetProposalRequest request;
  request.set_proposal(id);
  return cli.read(request).proposal();
}

// Only options have words of their own; the four plain ones need no look at the proposal.
bool is_plain(const std::vector<std::string>& words) {
  const auto plain = [](const std::string& text) {
    const std::string what = text.substr(0, text.find('='));
    return what == "yes" || what == "no" || what == "veto";
  };
  return std::ranges::any_of(words, plain);
}

void cast(Cli& cli, const Ballot& ballot) {
  v1::Action action;
  v1::Vote& vote = *action.mutable_vote();
  vote.set_proposal(ballot.id);
  const v1::Scheme scheme =
      is_plain(ballot.words) ? v1::SCHEME_YES_NO : get_proposal(cli, ballot.id).scheme();
  if (const auto wrong = fill_ballot(scheme, ballot.words, vote)) usage(*wrong);
  if (!ballot.reason.empty()) vote.set_reason_hash(digest_of(ballot.reason, "--reason-hash"));
  cli.send({action}, "Voted.");
}

// The same as cast, for whoever has voted: a slip shall not cast a first ballot.
void change(Cli& cli, const Ballot& ballot) {
  v1::GetBallotRequest request;
  request.set_proposal(ballot.id);
  request.set_account(cli.own_account().to_string());
  if (!cli.read(request).ballot().cast()) {
    throw Stop{Exit::NotFound,
               fmt::format("You have not voted on it. Say: salus vote cast {} ...", ballot.id)};
  }
  cast(cli, ballot);
}

void show_one(Cli& cli, std::uint64_t id, const std::string& who) {
  v1::GetBallotRequest request;
  request.set_proposal(id);
  request.set_account(cli.account(who).to_string());
  const v1::Scheme scheme = get_proposal(cli, id).scheme();
  const auto response = cli.read(request);
  const v1::Stance& stance = response.ballot();
  cli.answer(response, facts({{"member", cli.name_of(stance.account())},
                              {"ballot", print_ballot(scheme, stance)},
                              {"at", print_time(stance.at_ms())},
                              {"changes", std::to_string(stance.changes())}}));
}

void show_all(Cli& cli, std::uint64_t id) {
  const v1::Scheme scheme = get_proposal(cli, id).scheme();
  v1::ListBallotsRequest request;
  request.set_proposal(id);
  request.set_page_size(200);
  v1::ListBallotsResponse all;
  Table table{{"member", "ballot", "at", "changes"}};
  do {
    const auto page = cli.read(request);
    for (const v1::Stance& stance : page.ballots()) {
      *all.add_ballots() = stance;
      // Who only let others vote has a record, and no ballot.
      if (!stance.cast()) continue;
      table.add({cli.name_of(stance.account()), print_ballot(scheme, stance),
                 print_time(stance.at_ms()), std::to_string(stance.changes())});
    }
    all.set_height(page.height());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("No ballots."));
}

}  // namespace

void add_vote_verbs(CLI::App& app, Cli& cli) {
  constexpr const char* kWords =
      "yes, no, abstain, veto, or parts yes=60 no=40; of options: 2, or 1=50 none=50; approved "
      "ones: 1 3; credits: 1=5 2=3";
  auto ballot = std::make_shared<Ballot>();
  const auto add = [&](const std::string& name, const std::string& what,
                       void (*run)(Cli&, const Ballot&)) {
    CLI::App* command = verb(app, "vote", name, what);
    command->add_option("PROPOSAL", ballot->id)->required();
    command->add_option("CHOICE", ballot->words, kWords)->required();
    command->add_option("--reason-hash", ballot->reason, "Digest of the reason you published");
    command->callback([&cli, ballot, run] { run(cli, *ballot); });
  };
  add("cast", "Vote, or change your vote, on a proposal", cast);
  add("change", "Change the vote that you have cast", change);

  struct Shown {
    std::uint64_t id = 0;
    std::string who;
  };
  auto shown = std::make_shared<Shown>();
  CLI::App* show = verb(app, "vote", "show", "The ballots on a proposal, or one member's");
  show->add_option("PROPOSAL", shown->id)->required();
  show->add_option("MEMBER", shown->who);
  show->callback([&cli, shown] {
    if (shown->who.empty()) return show_all(cli, shown->id);
    show_one(cli, shown->id, shown->who);
  });

  CLI::App* recuse = verb(app, "vote", "recuse", "Step back from a vote: a conflict of interest");
  recuse->add_option("PROPOSAL", shown->id)->required();
  recuse->callback([&cli, shown] {
    v1::Action action;
    action.mutable_declare_conflict()->set_proposal(shown->id);
    cli.send({action}, "Recused.");
  });
}

}  // namespace salus::cli
