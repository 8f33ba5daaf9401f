// Owns: the small node's half of the backend.
#include "rpc/a_node.h"

#include <grpcpp/generic/generic_stub.h>

#include "dao/a_dao.h"
#include "dao/accounts/accounts.h"

namespace salus::test {

ANode::ANode(Papers papers, const v1::GenesisDocument& document) : chain_(document, papers) {
  auto started = rpc::Server::start(
      backend(), {.listen = "127.0.0.1:0", .tls_certificate = {}, .tls_key = {}});
  SALUS_ASSERT(started.has_value(), started ? "" : started.error().reason);
  server_ = std::move(*started);
  server_->set_ready(true);
  port_ = server_->port();
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  channel_ = grpc::CreateCustomChannel(endpoint(), grpc::InsecureChannelCredentials(), arguments);
}

ANode::~ANode() { server_.reset(); }

rpc::Backend ANode::backend() {
  return {.submit =
              [this](Bytes bytes, bool wait_finalized, rpc::Backend::Deadline,
                     std::function<void(rpc::SubmitOutcome)> done) {
                submit(bytes, wait_finalized, done);
              },
          .snapshot = [this]() -> std::unique_ptr<const Store> {
            if (starting_) return std::make_unique<storage::MemoryStore>();
            return chain_.store().snapshot();
          },
          .status =
              [] {
                return rpc::NodeStatus{.name = "v1",
                                       .version = "1.2.3",
                                       .epoch = Epoch{0},
                                       .view = View{9},
                                       .mode = v1::NODE_MODE_VALIDATOR,
                                       .peers_linked = 3,
                                       .mempool_transactions = 4,
                                       .disk_syncs = 5};
              },
          .is_halted = [this] { return halted_.load(); },
          .subscribe =
              [this](std::function<void(Height)> finalized) {
                const std::lock_guard lock{subscribers_mutex_};
                subscribers_.emplace(next_subscriber_, std::move(finalized));
                return next_subscriber_++;
              },
          .unsubscribe =
              [this](std::uint64_t subscription) {
                const std::lock_guard lock{subscribers_mutex_};
                subscribers_.erase(subscription);
              },
          .chain_id = chain_.chain_id(),
          .network = "test-dao",
          .genesis = chain_.genesis_bytes()};
}

void ANode::halt() {
  halted_ = true;
  server_->set_ready(false);
  const std::lock_guard lock{subscribers_mutex_};
  for (const auto& [subscription, call] : subscribers_) call(chain_.ledger().finalized().height);
}

void ANode::submit(const Bytes& bytes, bool wait_finalized,
                   const std::function<void(rpc::SubmitOutcome)>& done) {
  const std::lock_guard lock{mutex_};
  if (holding_) {
    held_.push_back(done);
    return;
  }
  auto transaction = wire::Transaction::decode_and_verify(bytes);
  if (!transaction) return done({.id = {}, .refused = dao::Error::Malformed, .finalized = {}});
  const TxId id = (*transaction)->id();
  const mempool::FinalizedView view{chain_.ledger().finalized().height,
                                    chain_.ledger().finalized_state()};
  const auto admitted = pool_.admit(std::move(*transaction), view);
  if (!admitted) return done({.id = id, .refused = admitted.error(), .finalized = {}});
  if (!wait_finalized) return done({.id = id, .refused = {}, .finalized = {}});
  waiting_.emplace(id, done);
}

void ANode::seal() {
  std::vector<Validated<wire::Transaction>> taken;
  {
    const std::lock_guard lock{mutex_};
    taken = pool_.take({1'000, 1'000'000}, chain_.ledger().finalized_state(),
                       chain_.ledger().finalized().height.next());
  }
  seal(taken);
}

void ANode::seal_what_waits() {
  {
    const std::lock_guard lock{mutex_};
    if (pool_.count() == 0) return;
  }
  seal();
}

void ANode::seal(const std::vector<Validated<wire::Transaction>>& transactions) {
  Height height;
  {
    const std::lock_guard lock{mutex_};
    const Digest digest = chain_.extend(chain_.tip(), transactions);
    const ledger::Block block = **chain_.ledger().find(digest);
    chain_.finalize(digest);
    height = block.header().height;
    pool_.on_finalized(block, {height, chain_.ledger().finalized_state()});
    for (const auto& transaction : block.transactions()) {
      const auto found = chain_.reader().find_transaction(transaction.id());
      const auto [first, last] = waiting_.equal_range(transaction.id());
      for (auto at = first; at != last; ++at) {
        at->second(
            {.id = transaction.id(), .refused = {}, .finalized = height, .result = found->result});
      }
      waiting_.erase(first, last);
    }
  }
  const std::lock_guard lock{subscribers_mutex_};
  for (const auto& [subscription, finalized] : subscribers_) finalized(height);
}

void ANode::apply(std::string_view name, const v1::Action& action) {
  const std::string refused = try_to(name, action);
  SALUS_ASSERT(refused == "Ok", "tests apply what is applied: " + refused);
}

std::string ANode::try_to(std::string_view name, const v1::Action& action) {
  v1::TxBody body;
  body.set_chain_id(chain_.chain_id().to_string());
  body.set_account(chain_.person(name).to_string());
  const auto account =
      dao::accounts::find_account(chain_.ledger().finalized_state(), chain_.person(name));
  body.set_sequence(account->next_sequence());
  body.set_expiry_height(10'000);
  *body.add_actions() = action;
  v1::Transaction envelope;
  envelope.set_body(state::encode(body));
  const auto key = dao::test::key_of(name);
  auto* signature = envelope.add_signatures();
  signature->set_key(key.public_key().to_string());
  signature->set_signature(key.sign(wire::signed_bytes(envelope.body())).to_string());
  const std::string raw = state::encode(envelope);
  const auto transaction = wire::Transaction::decode_and_verify(as_bytes(raw));
  SALUS_ASSERT(transaction.has_value(), "tests sign properly");
  seal({*transaction});
  const auto found = chain_.reader().find_transaction((*transaction)->id());
  SALUS_ASSERT(found.has_value(), "what is sealed is found");
  if (found->result.code() == v1::ERROR_CODE_UNSPECIFIED) return "Ok";
  return std::string{dao::name(static_cast<dao::Error>(found->result.code()))};
}

void ANode::pass_ms(std::uint64_t ms) {
  chain_.set_step_ms(ms);
  seal({});
  chain_.set_step_ms(1);
}

std::size_t ANode::held() {
  const std::lock_guard lock{mutex_};
  return held_.size();
}

v1::ErrorDetail detail_of(const grpc::Status& status) {
  v1::RpcStatus details;
  v1::ErrorDetail detail;
  if (details.ParseFromString(status.error_details()) && details.details_size() == 1) {
    details.details(0).UnpackTo(&detail);
  }
  return detail;
}

std::string name_of(const grpc::Status& status) {
  return status.ok() ? "Ok" : detail_of(status).name();
}

v1::Action submit_payment(const AccountId& payee) {
  v1::Action action;
  v1::Submit& submit = *action.mutable_submit();
  submit.set_scheme(v1::SCHEME_YES_NO);
  v1::Pay& pay = *submit.add_options()->add_actions()->mutable_pay();
  pay.set_fund(1);
  pay.set_amount(500 * dao::test::kToken);
  pay.set_payee(payee.to_string());
  submit.set_text_hash(std::string(32, 't'));
  submit.set_deposit(20 * dao::test::kToken);
  return action;
}

v1::Action vote_yes(std::uint64_t proposal) {
  v1::Action action;
  action.mutable_vote()->set_proposal(proposal);
  v1::BallotPart& part = *action.mutable_vote()->add_parts();
  part.set_choice(v1::CHOICE_YES);
  part.set_part(10'000);
  return action;
}

grpc::Status call(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                  const std::string& request, std::string* response) {
  grpc::GenericStub stub{channel};
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const grpc::Slice slice{request};
  const grpc::ByteBuffer sent{&slice, 1};
  grpc::ByteBuffer received;
  grpc::Status status;
  const auto reader = stub.PrepareUnaryCall(&context, path, sent, &queue);
  reader->StartCall();
  reader->Finish(&received, &status, &queue);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) continue;
  if (status.ok() && response != nullptr) {
    std::vector<grpc::Slice> slices;
    received.Dump(&slices);
    response->clear();
    for (const auto& part : slices) {
      response->append(static_cast<const char*>(static_cast<const void*>(part.begin())),
                       part.size());
    }
  }
  return status;
}

}  // namespace salus::test
