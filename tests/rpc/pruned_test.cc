// Owns: the proof that whoever asks for what this node has forgotten is told so by name, with the
// height that is still there.
#include "ledger/prune.h"
#include "rpc/a_service.h"
#include "salus/v1/chain_service.grpc.pb.h"

namespace salus::rpc {
namespace {

class Pruned : public testing::Test {
 protected:
  Pruned() {
    for (std::uint64_t i = 0; i < 10; ++i) {
      transfers_.push_back(node_.chain().transfer(0, i));
      node_.seal({transfers_.back()});
    }
    const auto step = ledger::prune_chain(node_.chain().store(),
                                          {.block = Height{5}, .results = Height{8}}, 9'999);
    EXPECT_TRUE(node_.chain().store().write(step.batch).has_value());
  }
  template <typename Request, typename Response>
  grpc::Status ask(const Request& request, Response& response) {
    std::string bytes;
    const MethodAccess& access = get_access_of_request(Request::descriptor()->full_name());
    const grpc::Status status =
        call(node_.channel(), std::string{access.path}, request.SerializeAsString(), &bytes);
    if (status.ok()) {
      EXPECT_TRUE(response.ParseFromString(bytes));
    }
    return status;
  }
  // The refusal names what is still there.
  static void expect_pruned(const grpc::Status& status, std::uint64_t lowest) {
    EXPECT_EQ(name_of(status), "HeightPruned");
    EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
    EXPECT_NE(status.error_message().find("height " + std::to_string(lowest)), std::string::npos)
        << status.error_message();
  }

  ANode node_{test::Papers::Real};
  std::vector<Validated<wire::Transaction>> transfers_;
};

TEST_F(Pruned, status_says_from_where_on_the_past_is_here) {
  v1::GetStatusResponse status;
  ASSERT_TRUE(ask(v1::GetStatusRequest{}, status).ok());
  EXPECT_EQ(status.lowest_block_height(), 5U);
  EXPECT_EQ(status.lowest_results_height(), 8U);
}

TEST_F(Pruned, blocks_are_refused_and_come_without_results_where_only_those_are_gone) {
  v1::GetBlockRequest request;
  v1::GetBlockResponse response;
  request.set_height(4);
  expect_pruned(ask(request, response), 5);
  request.set_height(5);
  ASSERT_TRUE(ask(request, response).ok());
  EXPECT_EQ(response.block().transactions_size(), 1);
  EXPECT_FALSE(response.block().has_results());
  request.set_height(8);
  ASSERT_TRUE(ask(request, response).ok());
  EXPECT_TRUE(response.block().has_results());
}

TEST_F(Pruned, transactions_and_receipts_are_refused) {
  v1::GetTransactionRequest request;
  v1::GetTransactionResponse response;
  v1::GetReceiptRequest receipt_request;
  v1::GetReceiptResponse receipt;
  const auto both = [&](std::size_t index, std::uint64_t lowest) {
    request.set_tx_id(transfers_[index]->id().to_string());
    receipt_request.set_tx_id(transfers_[index]->id().to_string());
    if (lowest == 0) {
      EXPECT_TRUE(ask(request, response).ok());
      EXPECT_TRUE(ask(receipt_request, receipt).ok());
      return;
    }
    expect_pruned(ask(request, response), lowest);
    expect_pruned(ask(receipt_request, receipt), lowest);
  };
  both(2, 5);
  both(5, 8);
  both(7, 0);
}

TEST_F(Pruned, finality_of_a_forgotten_block_is_refused_and_of_later_ones_proven) {
  v1::GetFinalityRequest request;
  v1::GetFinalityResponse response;
  request.set_height(4);
  expect_pruned(ask(request, response), 5);
  request.set_height(5);
  EXPECT_TRUE(ask(request, response).ok());
  request.set_height(11);
  EXPECT_EQ(name_of(ask(request, response)), "BlockNotFinalized");
  v1::GetProofRequest proof_request;
  v1::GetProofResponse proof;
  proof_request.add_keys("a");
  EXPECT_TRUE(ask(proof_request, proof).ok()) << "the latest certified state is always here";
}

TEST_F(Pruned, an_accounts_list_ends_with_a_refusal_and_not_as_if_there_were_no_more) {
  v1::ListAccountTransactionsRequest request;
  v1::ListAccountTransactionsResponse response;
  request.set_account(node_.chain().account(0).to_string());
  ASSERT_TRUE(ask(request, response).ok());
  EXPECT_EQ(response.records_size(), 3) << "those with results";
  request.set_page_token(response.next_page_token());
  expect_pruned(ask(request, response), 8);
}

TEST_F(Pruned, events_from_a_forgotten_place_are_refused) {
  const auto stub = v1::Chain::NewStub(node_.channel());
  const auto first_from = [&](std::uint64_t height, v1::SubscribeEventsResponse& first) {
    grpc::ClientContext context;
    v1::SubscribeEventsRequest request;
    request.mutable_from()->set_height(height);
    const auto reader = stub->SubscribeEvents(&context, request);
    const bool came = reader->Read(&first);
    if (came) context.TryCancel();
    return came ? grpc::Status::OK : reader->Finish();
  };
  v1::SubscribeEventsResponse first;
  expect_pruned(first_from(3, first), 8);
  EXPECT_TRUE(first_from(8, first).ok());
  EXPECT_EQ(first.placed().at().height(), 8U);
}

}  // namespace
}  // namespace salus::rpc
