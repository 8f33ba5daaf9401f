// Owns: a submission is answered exactly once: when the node took or refused it, when it is
// finalized, or when its client went away. Waiting costs no thread.
#include <algorithm>

#include "rpc/answer_now.h"
#include "salus/v1/transactions_service.grpc.pb.h"

namespace salus::rpc {

namespace {

using Context = grpc::CallbackServerContext;
using Reactor = grpc::ServerUnaryReactor;
using Clock = std::chrono::steady_clock;

// Longer waits are for subscriptions.
constexpr std::chrono::milliseconds kWaitMax{60'000};
// Taken off the client's deadline, so that it hears the answer instead of its own clock.
constexpr std::chrono::milliseconds kWaitSlack{250};

Backend::Deadline deadline_of(const Context& context) {
  const auto left = context.deadline() - std::chrono::system_clock::now() - kWaitSlack;
  const auto bounded =
      std::clamp<std::chrono::system_clock::duration>(left, std::chrono::milliseconds{0}, kWaitMax);
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(bounded);
}

// Shared by gRPC, which may cancel the call, and the node, which may answer it: whoever comes first
// finishes it, and the last one frees it.
class Submission : public Reactor {
 public:
  Submission(const Shared& shared, v1::SubmitTransactionResponse& response, Gate::Ticket ticket)
      : shared_(shared), response_(&response), ticket_(std::move(ticket)) {}

  static Reactor* start(std::shared_ptr<Submission> submission, const Context& context,
                        const v1::SubmitTransactionRequest& request) {
    Submission* reactor = submission.get();
    reactor->self_ = submission;
    const ByteView bytes = as_bytes(request.transaction());
    reactor->shared_.backend.submit(
        Bytes{bytes.begin(), bytes.end()}, request.wait() == v1::SUBMIT_WAIT_FINALIZED,
        deadline_of(context), [submission = std::move(submission)](const SubmitOutcome& outcome) {
          submission->on_outcome(outcome);
        });
    return reactor;
  }

  void OnCancel() override {
    const std::lock_guard lock{mutex_};
    if (std::exchange(finished_, true)) return;
    Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { const auto last = std::move(self_); }

 private:
  void on_outcome(const SubmitOutcome& outcome) {
    const std::lock_guard lock{mutex_};
    if (std::exchange(finished_, true)) return;
    if (outcome.refused) return Finish(to_status(refusal(*outcome.refused)));
    describe(outcome);
    Finish(grpc::Status::OK);
  }

  void describe(const SubmitOutcome& outcome) {
    response_->set_tx_id(outcome.id.to_string());
    response_->set_status(v1::TRANSACTION_STATUS_WAITING);
    if (!outcome.finalized || !outcome.result) return;
    response_->set_status(v1::TRANSACTION_STATUS_FINALIZED);
    response_->set_height(outcome.finalized->value());
    if (is_refused(*outcome.result)) *response_->mutable_error() = detail_of(*outcome.result);
    *response_->mutable_result() = *outcome.result;
  }

  Shared shared_;
  v1::SubmitTransactionResponse* response_;
  Gate::Ticket ticket_;
  std::mutex mutex_;
  bool finished_ = false;
  std::shared_ptr<Submission> self_;
};

class TransactionsService : public v1::Transactions::CallbackService {
 public:
  explicit TransactionsService(const Shared& shared) : shared_(shared) {}

  Reactor* SubmitTransaction(Context* context, const v1::SubmitTransactionRequest* request,
                             v1::SubmitTransactionResponse* response) override {
    auto ticket = admit(shared_, *request);
    if (!ticket) {
      Reactor* reactor = context->DefaultReactor();
      reactor->Finish(to_status(ticket.error()));
      return reactor;
    }
    return Submission::start(std::make_shared<Submission>(shared_, *response, std::move(*ticket)),
                             *context, *request);
  }

  Reactor* SimulateTransaction(Context* context, const v1::SimulateTransactionRequest* request,
                               v1::SimulateTransactionResponse* response) override {
    return answer_now(shared_, context, *request, response);
  }
  Reactor* GetTransaction(Context* context, const v1::GetTransactionRequest* request,
                          v1::GetTransactionResponse* response) override {
    return answer_now(shared_, context, *request, response);
  }
  Reactor* ListAccountTransactions(Context* context,
                                   const v1::ListAccountTransactionsRequest* request,
                                   v1::ListAccountTransactionsResponse* response) override {
    return answer_now(shared_, context, *request, response);
  }

 private:
  Shared shared_;
};

}  // namespace

std::unique_ptr<grpc::Service> make_transactions(const Shared& shared) {
  return std::make_unique<TransactionsService>(shared);
}

}  // namespace salus::rpc
