// Owns: a client that submitted hears what became of its transaction, once, and only what is
// durable; and a transaction that this node took reaches the validators whoever leads.
#include <algorithm>

#include "ledger/keys.h"
#include "replica/replica.h"
#include "state/record.h"

namespace salus::replica {

void Replica::on(Submission& event) {
  if (tickets_.size() >= kTicketsMax) {
    return reply(event.ticket, TxId{}, SubmissionState::Refused, v1::ERROR_CODE_MEMPOOL_FULL);
  }
  // Cheap refusals before a signature is looked at.
  auto decoded = wire::Transaction::decode(event.transaction);
  if (!decoded) {
    return reply(event.ticket, TxId{}, SubmissionState::Refused, wire::code(decoded.error()));
  }
  const bool waits_here = mempool_.has(decoded->id());
  if (!waits_here) {
    if (const auto judged = mempool_.judge(*decoded, finalized_view()); !judged) {
      return reply(event.ticket, decoded->id(), SubmissionState::Refused,
                   static_cast<v1::ErrorCode>(judged.error()));
    }
  }
  out_.verifications.push_back(verify_transaction(event.ticket, std::move(event.transaction)));
}

void Replica::on(const Abandon& event) {
  const auto found = tickets_.find(event.ticket);
  if (found == tickets_.end()) return;
  const auto clients = waiting_clients_.find(found->second);
  if (clients != waiting_clients_.end()) {
    std::erase(clients->second, event.ticket);
    if (clients->second.empty()) waiting_clients_.erase(clients);
  }
  tickets_.erase(found);
}

void Replica::reply(Ticket ticket, const TxId& id, SubmissionState state, v1::ErrorCode code) {
  out_.replies.push_back({.ticket = ticket,
                          .id = id,
                          .state = state,
                          .code = code,
                          .height = {},
                          .result = std::nullopt});
}

void Replica::admit(VerifiedTransaction& verified) {
  const Ticket* ticket = std::get_if<Ticket>(&verified.source);
  const TxId id = verified.transaction->id();
  const std::string raw = verified.transaction->raw();
  const auto admitted = mempool_.admit(std::move(verified.transaction), finalized_view());
  const bool waits = admitted || admitted.error() == dao::Error::AlreadyKnown;
  if (ticket != nullptr) {
    // Asking again for a transaction that waits is no mistake: a client that lost its answer does.
    if (!waits || (!admitted && !mempool_.has(id))) {
      return reply(*ticket, id, SubmissionState::Refused,
                   static_cast<v1::ErrorCode>(admitted.error()));
    }
    waiting_clients_[id].push_back(*ticket);
    tickets_.insert_or_assign(*ticket, id);
    reply(*ticket, id, SubmissionState::Admitted, v1::ERROR_CODE_UNSPECIFIED);
    // Also one that was known: whoever relayed it to us may be gone, and others may lack it.
    const ByteView bytes = as_bytes(raw);
    out_.sends.push_back({.to = std::nullopt,
                          .type = FrameType::Transaction,
                          .payload = {bytes.begin(), bytes.end()}});
    if (own_.size() < kTicketsMax) own_.insert(id);
  }
  if (admitted) say_work();
}

void Replica::relay_waiting(const std::optional<NodeId>& to) {
  std::size_t count = 0;
  for (const TxId& id : own_) {
    const Validated<wire::Transaction>* waiting = mempool_.find(id);
    if (waiting == nullptr) continue;
    if (++count > kRelayMax) break;
    const ByteView bytes = as_bytes((*waiting)->raw());
    out_.sends.push_back(
        {.to = to, .type = FrameType::Transaction, .payload = {bytes.begin(), bytes.end()}});
  }
}

void Replica::settle_clients(const ledger::Block& block) {
  std::optional<v1::BlockResults> results;
  for (std::size_t i = 0; i < block.transactions().size(); ++i) {
    const TxId& id = block.transactions()[i].id();
    own_.erase(id);
    const auto clients = waiting_clients_.find(id);
    if (clients == waiting_clients_.end()) continue;
    if (!results) {
      // They are there: the pruner goes by heights that were told after this (S5).
      const auto stored = store_.get(ledger::results_key(block.header().height));
      results = state::decode<v1::BlockResults>(stored.value());
    }
    for (const Ticket ticket : clients->second) {
      tickets_.erase(ticket);
      out_.replies.push_back({.ticket = ticket,
                              .id = id,
                              .state = SubmissionState::Finalized,
                              .code = v1::ERROR_CODE_UNSPECIFIED,
                              .height = block.header().height,
                              .result = results->results(static_cast<int>(i))});
    }
    waiting_clients_.erase(clients);
  }
}

// Whoever waits for a transaction that is neither final nor waiting any more: it expired, or its
// account can no longer send it.
void Replica::drop_lost_clients() {
  std::erase_if(own_, [&](const TxId& id) { return !mempool_.has(id); });
  for (auto entry = waiting_clients_.begin(); entry != waiting_clients_.end();) {
    if (mempool_.has(entry->first)) {
      ++entry;
      continue;
    }
    for (const Ticket ticket : entry->second) {
      tickets_.erase(ticket);
      reply(ticket, entry->first, SubmissionState::Dropped, v1::ERROR_CODE_EXPIRED);
    }
    entry = waiting_clients_.erase(entry);
  }
}

}  // namespace salus::replica
