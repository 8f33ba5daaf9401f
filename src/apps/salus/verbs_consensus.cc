// Owns: `salus consensus`: what a node says of its consensus on its operator's socket.
#include "apps/salus/cli.h"
#include "apps/salus/consensus_view.h"
#include "apps/salus/operator_socket.h"

namespace salus::cli {

namespace {

void explain(Cli& cli) {
  const auto why = ask_operator(cli.options, v1::WhyStalledRequest{});
  cli.answer(why, print(why));
  if (!why.well()) cli.exit = Exit::Stalled;
}

}  // namespace

void add_consensus_verbs(CLI::App& app, Cli& cli) {
  verb(app, "consensus", "status", "Mode, view, deadlines, links and disk of this node")
      ->callback([&cli] {
        const auto status = ask_operator(cli.options, v1::ConsensusStatusRequest{});
        cli.answer(status, print(status));
      });
  verb(app, "consensus", "votes", "Who voted in the last views, one row a validator")
      ->callback([&cli] {
        const auto votes = ask_operator(cli.options, v1::ConsensusVotesRequest{});
        cli.answer(votes, print(votes));
      });
  verb(app, "consensus", "why-stalled",
       "One verdict on the chain, and what to do; exit code 5 unless healthy or idle")
      ->callback([&cli] { explain(cli); });
}

}  // namespace salus::cli
