// Owns: a slow subscriber delays nobody but itself, and costs one block of memory. Each stream
// reads from the store at its own cursor and writes one message at a time; a stream that reached
// the end sleeps until a block is finalized.
#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "rpc/backend.h"
#include "rpc/event_cursor.h"
#include "rpc/gate.h"
#include "salus/v1/chain_service.pb.h"

namespace salus::rpc {

class EventStream;

class Subscriptions {
 public:
  // `backend` and `gate` outlive this.
  Subscriptions(const Backend& backend, Gate& gate);
  ~Subscriptions();
  Subscriptions(const Subscriptions&) = delete;
  Subscriptions& operator=(const Subscriptions&) = delete;

  // The stream of one call; gRPC tells it when it is over.
  grpc::ServerWriteReactor<v1::SubscribeEventsResponse>* open(
      const v1::SubscribeEventsRequest& request);
  // Ends every stream with NodeStopping and refuses new ones. Once, before the server shuts down.
  void stop();

 private:
  friend EventStream;
  void run();
  void forget(const EventStream& stream);

  const Backend& backend_;
  Gate& gate_;
  std::mutex mutex_;
  std::condition_variable woken_;
  // Shared with gRPC, which may still hold a stream that ended here, and the other way round.
  std::list<std::shared_ptr<EventStream>> streams_;
  bool news_ = false;
  bool stopping_ = false;
  std::uint64_t subscription_ = 0;
  // Wakes sleeping streams, so that the node's own thread only says that there are news.
  std::thread waker_;
};

}  // namespace salus::rpc
