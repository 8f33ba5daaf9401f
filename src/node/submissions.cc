// Owns: tickets, their deadlines and their one answer.
#include "node/submissions.h"

#include <utility>

namespace salus::node {

void Submissions::submit(Bytes transaction, bool wait_finalized, Deadline deadline, Done done) {
  const std::uint64_t ticket = next_ticket_++;
  waiting_.emplace(ticket, Waiting{.since = std::chrono::steady_clock::now(),
                                   .wait_finalized = wait_finalized,
                                   .deadline = deadline,
                                   .done = std::move(done),
                                   .id = {}});
  deadlines_.emplace(deadline, ticket);
  if (deadlines_.begin()->second == ticket) arm();
  queue_(replica::Submission{.ticket = replica::Ticket{ticket},
                             .transaction = std::move(transaction)});
}

void Submissions::on_reply(const replica::Reply& reply) {
  const auto entry = waiting_.find(reply.ticket.value());
  if (entry == waiting_.end()) return;
  switch (reply.state) {
    case replica::SubmissionState::Admitted:
      entry->second.id = reply.id;
      if (entry->second.wait_finalized) return;
      queue_(replica::Abandon{reply.ticket});
      return finish(entry, {.id = reply.id, .refused = std::nullopt, .finalized = std::nullopt});
    case replica::SubmissionState::Finalized:
      finality_.add(
          static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                         std::chrono::steady_clock::now() - entry->second.since)
                                         .count()));
      return finish(entry, {.id = reply.id,
                            .refused = std::nullopt,
                            .finalized = reply.height,
                            .result = reply.result});
    case replica::SubmissionState::Refused:
    case replica::SubmissionState::Dropped:
      return finish(entry, {.id = reply.id,
                            .refused = static_cast<dao::Error>(reply.code),
                            .finalized = std::nullopt});
  }
}

void Submissions::finish(std::map<std::uint64_t, Waiting>::iterator entry,
                         rpc::SubmitOutcome outcome) {
  const auto [first, last] = deadlines_.equal_range(entry->second.deadline);
  for (auto at = first; at != last; ++at) {
    if (at->second != entry->first) continue;
    deadlines_.erase(at);
    break;
  }
  const Done done = std::move(entry->second.done);
  waiting_.erase(entry);
  done(std::move(outcome));
}

void Submissions::stop() {
  timer_.cancel();
  while (!waiting_.empty()) {
    const TxId id = waiting_.begin()->second.id;
    finish(waiting_.begin(), {.id = id, .refused = std::nullopt, .finalized = std::nullopt});
  }
}

void Submissions::arm() {
  if (deadlines_.empty()) return;
  timer_.expires_at(deadlines_.begin()->first);
  timer_.async_wait(boost::asio::bind_executor(strand_, [this](boost::system::error_code error) {
    if (error) return;
    const auto now = std::chrono::steady_clock::now();
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
      const auto entry = waiting_.find(deadlines_.begin()->second);
      const TxId id = entry->second.id;
      queue_(replica::Abandon{replica::Ticket{entry->first}});
      // Never admitted by its deadline: the node could not look at it in time.
      const bool admitted = !id.is_zero();
      finish(entry, {.id = id,
                     .refused = admitted ? std::nullopt : std::optional{dao::Error::NotReady},
                     .finalized = std::nullopt});
    }
    arm();
  }));
}

}  // namespace salus::node
