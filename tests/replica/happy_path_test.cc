// Owns: transactions become final, clients hear of it, and an idle chain rests.
#include <gtest/gtest.h>

#include "sim/actions.h"

namespace salus::sim {
namespace {

class HappyPath : public ::testing::TestWithParam<std::size_t> {};

TEST_P(HappyPath, transfers_become_final_and_the_client_hears_it) {
  Network network{validators(GetParam())};
  network.start_all();
  network.run_for(100);
  std::vector<Network::Handle> handles;
  for (int i = 0; i < 10; ++i) {
    const auto node = static_cast<std::uint16_t>(static_cast<std::size_t>(i) % network.size());
    handles.push_back(pay(network, node));
    network.run_for(100);
  }
  EXPECT_TRUE(network.run_until([&] { return network.are_all_final(); }, 2'000));
  network.run_for(200);
  for (const auto handle : handles) {
    const auto& client = network.client(handle);
    EXPECT_EQ(client.answers, (std::vector{SubmissionState::Admitted, SubmissionState::Finalized}))
        << static_cast<int>(client.code);
    ASSERT_TRUE(client.result);
    EXPECT_EQ(client.result->code(), v1::ERROR_CODE_UNSPECIFIED);
  }
  EXPECT_TRUE(network.all_equal());
  EXPECT_EQ(network.oracle().report(), "");
}

INSTANTIATE_TEST_SUITE_P(of_validators, HappyPath, ::testing::Values(1, 2, 4, 7));

}  // namespace
}  // namespace salus::sim
