// Owns: what a node looks like to its RPC services, without a replica: a small chain with a mempool
// behind a real gRPC server on a free loopback port. Blocks are made when a test says so.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ledger/chain.h"
#include "mempool/mempool.h"
#include "rpc/server.h"
#include "salus/v1/error_detail.pb.h"

namespace salus::test {

class ANode {
 public:
  explicit ANode(Papers papers = Papers::Plain,
                 const v1::GenesisDocument& document = small_genesis());
  ~ANode();
  ANode(const ANode&) = delete;
  ANode& operator=(const ANode&) = delete;

  std::string endpoint() const { return "127.0.0.1:" + std::to_string(port_); }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  rpc::Server& server() { return *server_; }
  void stop_server() { server_.reset(); }
  Chain& chain() { return chain_; }
  rpc::Backend backend();

  // Puts all that waits into a block, finalizes it, answers who waited, wakes subscribers.
  void seal();
  // The same, and no block when nothing waits: who asks again and again lets no height pass by.
  void seal_what_waits();
  // A block of just these, past the mempool.
  void seal(const std::vector<Validated<wire::Transaction>>& transactions);
  // One action of a person of the test DAO, finalized; asserts that it was applied.
  void apply(std::string_view name, const v1::Action& action);
  // The same, and the name of its refusal, or "Ok".
  std::string try_to(std::string_view name, const v1::Action& action);
  // Empty blocks until this much time has passed.
  void pass_ms(std::uint64_t ms);
  // Submissions are kept and never answered from now on.
  void hold_submissions() { holding_ = true; }
  std::size_t held();
  // Snapshots hold no ledger from now on: the node still starts.
  void pretend_to_start() { starting_ = true; }
  // It has diverged, and says so to who listens.
  void halt();

 private:
  void submit(const Bytes& bytes, bool wait_finalized,
              const std::function<void(rpc::SubmitOutcome)>& done);

  // Of the chain, the pool and who waits: gRPC's threads submit while tests seal.
  std::mutex mutex_;
  Chain chain_;
  mempool::Mempool pool_{chain_.chain_id()};
  std::multimap<TxId, std::function<void(rpc::SubmitOutcome)>> waiting_;
  std::vector<std::function<void(rpc::SubmitOutcome)>> held_;
  bool holding_ = false;
  std::atomic<bool> starting_ = false;
  std::atomic<bool> halted_ = false;
  std::mutex subscribers_mutex_;
  std::map<std::uint64_t, std::function<void(Height)>> subscribers_;
  std::uint64_t next_subscriber_ = 1;
  std::unique_ptr<rpc::Server> server_;
  std::uint16_t port_ = 0;
  std::shared_ptr<grpc::Channel> channel_;
};

// What travels in `grpc-status-details-bin`; empty when there is none.
v1::ErrorDetail detail_of(const grpc::Status& status);
// "Ok", or the name of the refusal.
std::string name_of(const grpc::Status& status);

// Payment of 500 tokens of fund 1 to ada with the deposit of the spend track, and a ballot on it.
v1::Action submit_payment(const AccountId& payee);
v1::Action vote_yes(std::uint64_t proposal);

// Calls a method by its path, as any program without our stubs would.
grpc::Status call(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                  const std::string& request, std::string* response = nullptr);

}  // namespace salus::test
