// Owns: every submission of a client is answered exactly once: refused, admitted or finalized, or
// at its deadline with what is known by then. Lives on the driver's strand.
#pragma once

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>

#include "node/driver.h"
#include "node/samples.h"
#include "rpc/backend.h"

namespace salus::node {

class Submissions {
 public:
  using Deadline = rpc::Backend::Deadline;
  using Done = std::function<void(rpc::SubmitOutcome)>;

  Submissions(boost::asio::io_context& io, Driver::Strand strand,
              std::function<void(replica::Event)> queue)
      : strand_(std::move(strand)), queue_(std::move(queue)), timer_(io) {}

  void submit(Bytes transaction, bool wait_finalized, Deadline deadline, Done done);
  void on_reply(const replica::Reply& reply);
  // Answers all that wait with what is known: the node stops.
  void stop();
  // From submission to finality, of those that waited for it.
  const Samples& finality() const { return finality_; }

 private:
  struct Waiting {
    std::chrono::steady_clock::time_point since;
    bool wait_finalized;
    Deadline deadline;
    Done done;
    TxId id;
  };

  void finish(std::map<std::uint64_t, Waiting>::iterator entry, rpc::SubmitOutcome outcome);
  void arm();

  Driver::Strand strand_;
  std::function<void(replica::Event)> queue_;
  boost::asio::steady_timer timer_;
  std::map<std::uint64_t, Waiting> waiting_;
  std::multimap<Deadline, std::uint64_t> deadlines_;
  std::uint64_t next_ticket_ = 1;
  Samples finality_;
};

}  // namespace salus::node
