// Owns: a chain whose papers are real, behind a node that is asked for proofs of it.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "dao/a_dao.h"
#include "dao/validators/validators.h"
#include "rpc/a_node.h"
#include "salus/v1/chain_service.grpc.pb.h"
#include "salus/verify.h"

namespace salus::client {

using test::ANode;
using test::Papers;

inline std::string name_of(const Flaw& flaw) { return std::string{name(flaw)}; }
template <typename T>
std::string outcome(const Result<T, Flaw>& result) {
  return result ? "Ok" : name_of(result.error());
}

class VerifyTest : public testing::Test {
 protected:
  template <typename Response, typename Request>
  Response ask(grpc::Status (v1::Chain::Stub::*method)(grpc::ClientContext*, const Request&,
                                                       Response*),
               const Request& request) {
    const auto stub = v1::Chain::NewStub(node_.channel());
    grpc::ClientContext context;
    Response response;
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    EXPECT_TRUE(status.ok()) << test::name_of(status);
    return response;
  }
  v1::FinalityProof finality(std::uint64_t height = 0, std::uint64_t from_epoch = 0) {
    v1::GetFinalityRequest request;
    request.set_height(height);
    request.set_from_epoch(from_epoch);
    return ask(&v1::Chain::Stub::GetFinality, request).finality();
  }
  v1::Receipt receipt_of(const TxId& id) {
    v1::GetReceiptRequest request;
    request.set_tx_id(id.to_string());
    return ask(&v1::Chain::Stub::GetReceipt, request).receipt();
  }
  TrustedSet genesis() {
    return *trust_genesis(node_.chain().genesis_bytes(), node_.chain().chain_id());
  }
  // A sitting validator asks for the same set again, and blocks go by until the epoch is over.
  void end_epoch(const std::string& operated_by, char nonce) {
    v1::Action action;
    v1::Reseat& reseat = *action.mutable_reseat();
    reseat.set_nonce(std::string(16, nonce));
    const Bytes message = dao::validators::reseat_proof(node_.chain().chain_id(), reseat.nonce());
    reseat.set_signature(dao::test::key_of(operated_by + " validator").sign(message).to_string());
    node_.apply(operated_by, action);
    const std::uint64_t before = epoch();
    for (int blocks = 0; epoch() == before && blocks < 40; ++blocks) node_.seal({});
    ASSERT_EQ(epoch(), before + 1)
        << dao::validators::set_changes(node_.chain().ledger().finalized_state()).DebugString();
    node_.seal({});
  }
  std::uint64_t epoch() { return node_.chain().ledger().finalized().validators.epoch(); }

  ANode node_{Papers::Real};
};

}  // namespace salus::client
