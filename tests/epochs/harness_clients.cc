// Owns: clients that sign, submit, follow the answers and ask again.
#include <fmt/format.h>

#include <algorithm>

#include "epochs/harness_node.h"
#include "state/record.h"
#include "wire/transaction.h"

namespace salus::replica::testing {

Bytes Network::signed_transaction(std::string_view name, std::uint64_t sequence,
                                  const v1::Action& action) const {
  v1::TxBody body;
  body.set_chain_id(chain_id_.to_string());
  body.set_account(account(name).to_string());
  body.set_sequence(sequence);
  body.set_expiry_height(oracle_.height().value() + 1'000);
  *body.add_actions() = action;
  v1::Transaction envelope;
  envelope.set_body(state::encode(body));
  const crypto::KeyPair key = dao::test::key_of(name);
  v1::TxSignature& signature = *envelope.add_signatures();
  signature.set_key(key.public_key().to_string());
  signature.set_signature(key.sign(wire::signed_bytes(envelope.body())).to_string());
  const std::string raw = state::encode(envelope);
  const ByteView bytes = as_bytes(raw);
  return {bytes.begin(), bytes.end()};
}

Network::Handle Network::submit(std::uint16_t node, std::string_view name,
                                const v1::Action& action) {
  Client client;
  client.transaction = signed_transaction(name, take_sequence(name), action);
  client.id = wire::Transaction::decode(client.transaction)->id();
  clients_.push_back(std::move(client));
  const Handle handle = clients_.size() - 1;
  submit_to(node, handle);
  return handle;
}

void Network::submit_again(std::uint16_t node, Handle handle) { submit_to(node, handle); }

void Network::submit_to(std::uint16_t node, Handle handle) {
  Client& client = clients_[handle];
  client.state.reset();
  client.answers.clear();
  client.node = node;
  client.node_was_lost = !is_up(node);
  if (client.node_was_lost) return;
  const std::uint64_t ticket = next_ticket_++;
  tickets_[ticket] = handle;
  queue(*nodes_[node], Submission{.ticket = Ticket{ticket}, .transaction = client.transaction});
}

void Network::submit_lost_again() {
  for (Handle handle = 0; handle < clients_.size(); ++handle) {
    const Client& client = clients_[handle];
    const bool gave_up =
        client.state == SubmissionState::Dropped || client.state == SubmissionState::Refused;
    if (is_final(handle) || (!client.node_was_lost && !gave_up)) continue;
    std::vector<std::uint16_t> up;
    for (std::uint16_t node = 0; node < nodes_.size(); ++node) {
      if (is_up(node)) up.push_back(node);
    }
    if (up.empty()) return;
    submit_to(up[draw(0, up.size() - 1)], handle);
  }
}

bool Network::are_all_final() const {
  return std::ranges::all_of(clients_,
                             [this](const Client& client) { return oracle_.is_final(client.id); });
}

void Network::answer(std::uint16_t node, const Reply& reply) {
  trace(node, static_cast<std::uint64_t>(reply.state));
  oracle_.replied(node, reply, nodes_[node]->disk.store());
  const auto found = tickets_.find(reply.ticket.value());
  if (found == tickets_.end()) {
    return oracle_.violate(fmt::format("v{} answers a ticket that nobody holds", node));
  }
  Client& client = clients_[found->second];
  if (reply.state != SubmissionState::Admitted) tickets_.erase(found);
  client.state = reply.state;
  client.code = reply.code;
  client.result = reply.result;
  client.height = reply.height;
  client.answers.push_back(reply.state);
}

}  // namespace salus::replica::testing
