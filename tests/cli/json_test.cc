// Owns: the shape that programs rely on: every field by its own name, 64-bit numbers as text, bytes
// in hexadecimal, and what is absent is absent.
#include "apps/salus/json.h"

#include <gtest/gtest.h>

#include "salus/v1/chain_service.pb.h"
#include "salus/v1/query_service.pb.h"

namespace salus::cli {
namespace {

TEST(ToJson, shows_every_field_in_the_order_of_the_record) {
  v1::GetStatusResponse status;
  status.set_chain_id("\x01\xff");
  status.set_network("test");
  status.set_height(~std::uint64_t{0});
  status.set_mode(v1::NODE_MODE_VALIDATOR);
  status.set_peers_linked(3);
  EXPECT_EQ(
      to_json(status).dump(),
      R"({"chain_id":"01ff","network":"test","class":"GENESIS_CLASS_UNSPECIFIED",)"
      R"("height":"18446744073709551615","digest":"","state_root":"","time_ms":"0",)"
      R"("epoch":"0","view":"0","mode":"NODE_MODE_VALIDATOR","peers_linked":3,)"
      R"("node_name":"","version":"","mempool_transactions":0,"disk_syncs":"0","lowest_block_height":"0",)"
      R"("lowest_state_height":"0","lowest_results_height":"0"})");
}

TEST(ToJson, shows_a_message_only_where_there_is_one_and_a_list_always) {
  v1::GetProposalResponse empty;
  EXPECT_FALSE(to_json(empty).contains("proposal"));
  v1::ListFundsResponse funds;
  EXPECT_EQ(to_json(funds)["funds"].dump(), "[]");
  auto* info = funds.add_funds();
  info->mutable_fund()->set_code("general");
  info->add_holdings()->set_balance(7);
  const Json json = to_json(funds);
  EXPECT_EQ(json["funds"][0]["fund"]["code"], "general");
  EXPECT_EQ(json["funds"][0]["holdings"][0]["balance"], "7");
  EXPECT_EQ(json["funds"][0]["holdings"][0]["asset"], 0);
}

TEST(ToJson, shows_the_one_action_that_is_set) {
  v1::Action action;
  action.mutable_vote()->set_proposal(17);
  const Json json = to_json(action);
  EXPECT_EQ(json.size(), 1U);
  EXPECT_EQ(json["vote"]["proposal"], "17");
}

TEST(ToJson, repeats_bytes_enums_and_numbers) {
  v1::Event event;
  event.add_accounts("\x0a");
  event.set_kind(v1::EVENT_KIND_TRANSFERRED);
  const Json json = to_json(event);
  EXPECT_EQ(json["accounts"][0], "0a");
  EXPECT_EQ(json["kind"], "EVENT_KIND_TRANSFERRED");
}

}  // namespace
}  // namespace salus::cli
