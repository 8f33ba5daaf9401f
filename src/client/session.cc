// Owns: the sequence of one account, as the client counts it on.
#include "salus/client.h"
#include "salus/light_client.h"

namespace salus::client {

Result<Session, Error> Session::open(Client& client, const AccountId& account,
                                     std::vector<const SigningKey*> keys) {
  Session session{client, account, std::move(keys)};
  if (auto refreshed = session.refresh(); !refreshed) return std::unexpected(refreshed.error());
  return session;
}

Result<Session, Error> Session::open(LightClient& light, const AccountId& account,
                                     std::vector<const SigningKey*> keys) {
  Session session{light.client(), account, std::move(keys)};
  session.light_ = &light;
  if (auto refreshed = session.refresh(); !refreshed) return std::unexpected(refreshed.error());
  return session;
}

// And the chain and height that it is of.
Result<v1::GetAccountResponse, Error> Session::read_account() {
  v1::GetAccountRequest request;
  request.set_account(account_.to_string());
  if (light_ != nullptr) {
    auto proven = light_->query(request);
    if (!proven) return proven;
    chain_id_ = light_->trusted().chain_id;
    height_ = light_->standing().height.value();
    return proven;
  }
  const auto status = client_->query(v1::GetStatusRequest{});
  if (!status) return std::unexpected(status.error());
  const auto chain_id = ChainId::from(status->chain_id());
  if (!chain_id) {
    return std::unexpected(Error{.name = "BadAnswer",
                                 .module = "client",
                                 .sentence = "The node answered with a chain id that is not 32 "
                                             "bytes. Check what listens at this address."});
  }
  chain_id_ = *chain_id;
  height_ = status->height();
  return client_->query(request);
}

Result<void, Error> Session::refresh() {
  const auto answer = read_account();
  if (!answer) return std::unexpected(answer.error());
  next_sequence_ = answer->account().next_sequence();
  auth_version_ = answer->account().auth_version();
  return {};
}

v1::TxBody Session::body(const std::vector<v1::Action>& actions) const {
  v1::TxBody body;
  body.set_chain_id(chain_id_.to_string());
  body.set_account(account_.to_string());
  body.set_sequence(next_sequence_);
  body.set_expiry_height(height_ + valid_for_);
  body.set_auth_version(auth_version_);
  for (const v1::Action& action : actions) *body.add_actions() = action;
  return body;
}

v1::Transaction Session::sign(const std::vector<v1::Action>& actions) {
  v1::Transaction transaction = client::sign(body(actions), keys_);
  ++next_sequence_;
  return transaction;
}

Result<v1::SubmitTransactionResponse, Error> Session::submit(const std::vector<v1::Action>& actions,
                                                             v1::SubmitWait wait) {
  auto outcome = client_->submit(sign(actions), wait);
  if (outcome) {
    // Where it was verified, it stays so until the next look: an expiry in the past is refused.
    if (light_ == nullptr) height_ = std::max(height_, outcome->height());
    return outcome;
  }
  // What failed may or may not have used its sequence: the network knows. If it does not answer
  // either, the caller learns the first error, which is the one that he asked about.
  if (auto refreshed = refresh(); !refreshed) return outcome;
  return outcome;
}

}  // namespace salus::client
