// Owns: clients that sign, submit, follow the answers and ask again.
#include <fmt/format.h>

#include "dao/accounts/accounts.h"
#include "dao/validators/validators.h"
#include "ledger/reader.h"
#include "sim/campaign.h"
#include "sim/network_node.h"
#include "state/record.h"
#include "wire/transaction.h"

namespace salus::sim {

namespace {

// Within ledger.tx_expiry_max, and later than any run ends.
constexpr std::uint64_t kExpiryHeights = 1'000;

}  // namespace

Bytes Network::signed_transaction(std::string_view name, std::uint64_t sequence,
                                  const Wish& wish) const {
  v1::TxBody body;
  body.set_chain_id(genesis_.chain_id.to_string());
  body.set_account(account(name).to_string());
  body.set_sequence(sequence);
  body.set_expiry_height(oracle_.height().value() + kExpiryHeights);
  body.set_auth_version(wish.auth_version);
  for (const v1::Action& action : wish.actions) *body.add_actions() = action;
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

Network::Handle Network::add_client(std::string_view name, std::uint64_t sequence,
                                    const Wish& wish) {
  Client client;
  client.transaction = signed_transaction(name, sequence, wish);
  client.id = wire::Transaction::decode(client.transaction)->id();
  clients_.push_back(std::move(client));
  open_.push_back(clients_.size() - 1);
  return clients_.size() - 1;
}

Network::Handle Network::submit(std::uint16_t node, std::string_view name,
                                const v1::Action& action) {
  return submit(node, name, Wish{.actions = {action}});
}

Network::Handle Network::submit(std::uint16_t node, std::string_view name, const Wish& wish) {
  const Handle handle = add_client(name, take_sequence(name), wish);
  submit_to(node, handle);
  return handle;
}

Network::Handle Network::submit_rival(std::uint16_t node, std::string_view name,
                                      const v1::Action& action, Handle handle) {
  const auto original = wire::Transaction::decode(clients_[handle].transaction);
  const Handle rival = add_client(name, original->sequence(), Wish{.actions = {action}});
  clients_[rival].rival = handle;
  clients_[handle].rival = rival;
  submit_to(node, rival);
  return rival;
}

Network::Handle Network::ask_reseat(std::uint16_t node) {
  Node& asking = *nodes_[node];
  std::string nonce = asking.restriction_nonce;
  while (nonce.size() < 16) nonce.push_back(static_cast<char>(draw(1, 127)));
  v1::Action action;
  v1::Reseat& reseat = *action.mutable_reseat();
  reseat.set_nonce(nonce);
  const Bytes message = dao::validators::reseat_proof(chain_id(), nonce);
  reseat.set_signature(keys_[node].sign(message).to_string());
  asking.may_be_reseated = true;
  return submit(node, fmt::format("operator {}", validator_of(node).value()), action);
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

void Network::submit_lost_again(const std::function<bool(std::uint16_t)>& may_ask) {
  std::vector<std::uint16_t> up;
  for (std::uint16_t node = 0; node < nodes_.size(); ++node) {
    if (is_up(node) && (!may_ask || may_ask(node))) up.push_back(node);
  }
  if (up.empty()) return;
  are_all_final();
  for (const Handle handle : open_) {
    const Client& client = clients_[handle];
    const bool gave_up =
        client.state == SubmissionState::Dropped || client.state == SubmissionState::Refused;
    const bool is_elsewhere = may_ask && !may_ask(client.node);
    if (gave_up && client.code == v1::ERROR_CODE_ACCOUNT_CLOSED) note_orphan(handle);
    if (is_settled(handle) || (!client.node_was_lost && !gave_up && !is_elsewhere)) continue;
    submit_to(up[draw(0, up.size() - 1)], handle);
  }
}

// A node's word is not enough.
void Network::note_orphan(Handle handle) {
  Client& client = clients_[handle];
  const auto transaction = wire::Transaction::decode(client.transaction);
  const state::Overlay state = ledger::Reader{furthest_store(*this)}.state();
  const auto account = dao::accounts::find_account(state, transaction->account());
  client.is_orphan = account && account->state() == v1::ACCOUNT_STATE_CLOSED;
}

bool Network::is_settled(Handle handle) const {
  const Client& client = clients_[handle];
  return client.is_orphan || is_final(handle) || (client.rival && is_final(*client.rival));
}

bool Network::are_all_final() {
  std::erase_if(open_, [this](Handle handle) { return is_settled(handle); });
  return open_.empty();
}

std::string Network::describe_open() const {
  constexpr std::size_t kToldMax = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(kToldMax, open_.size()); ++i) {
    const Client& client = clients_[open_[i]];
    const auto transaction = wire::Transaction::decode(client.transaction);
    out += fmt::format("  not final: {} sequence {} auth {} at v{} state {} code {}\n",
                       hex(transaction->account().view()).substr(0, 8), transaction->sequence(),
                       transaction->body().auth_version(), client.node,
                       client.state ? static_cast<int>(*client.state) : -1,
                       v1::ErrorCode_Name(client.code));
  }
  return out;
}

void Network::answer(std::uint16_t node, const Reply& reply) {
  trace(node, 8, static_cast<std::uint64_t>(reply.state));
  oracle_.replied(node, reply, nodes_[node]->disk.store());
  tell([&] {
    return fmt::format("v{} answers {}: state {}", node, reply.ticket.value(),
                       static_cast<int>(reply.state));
  });
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

}  // namespace salus::sim
