// Owns: the way from a drawn transaction to a client.
#include "sim/citizens.h"

#include "dao/accounts/accounts.h"
#include "dao/application.h"
#include "ledger/reader.h"
#include "sim/campaign.h"

namespace salus::sim {

Citizens::Citizens(Network& network, std::uint64_t seed)
    : network_(network), drawer_(seed, people_, {.keeps_network = true}) {
  for (const dao::test::Person& citizen : citizens()) {
    people_.add(citizen.name, network.account(citizen.name));
  }
  // Credentials and attestations come from nobody else.
  people_.add("registry", network.account("registry"));
}

void Citizens::act(std::uint16_t node) {
  const ledger::Reader reader{furthest_store(network_)};
  const state::Overlay state = reader.state();
  const dao::lives::Move move = drawer_.draw({.state = state,
                                              .chain_id = network_.chain_id(),
                                              .height = reader.tip_height().next(),
                                              .now_ms = network_.wall(node).value()});
  v1::TxBody body;
  body.set_chain_id(network_.chain_id().to_string());
  body.set_account(move.signer.to_string());
  for (const v1::Action& action : move.actions) *body.add_actions() = action;
  // No node ever takes what has no shape, and its sequence would be missing for ever.
  if (!dao::check(body)) return;
  const auto account = dao::accounts::find_account(state, move.signer);
  network_.submit(node, people_.name_of(move.signer),
                  Network::Wish{.actions = move.actions, .auth_version = account->auth_version()});
}

}  // namespace salus::sim
