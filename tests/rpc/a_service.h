// Owns: one node with something for every method to find, for the tests of the services.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "dao/a_dao.h"
#include "rpc/a_node.h"
#include "rpc/access_table.h"
#include "salus/v1/chain_service.pb.h"
#include "salus/v1/operator_service.pb.h"
#include "salus/v1/query_service.pb.h"
#include "salus/v1/transactions_service.pb.h"

namespace salus::rpc {

using dao::test::kSecond;
using dao::test::kToken;
using test::ANode;
using test::call;
using test::detail_of;
using test::name_of;

// A node with a proposal that is being voted on, ballots, a credential, an application, an office
// and a payout: something for every method to find. One for all tests here, which only read it.
class Services : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    node_ = new ANode{test::Papers::Real};
    ANode& node = *node_;
    node.seal({node.chain().transfer(0, 0), node.chain().transfer(1, 0, 2'000'000)});
    node.apply("registry",
               dao::test::issue(node.chain().person("chen"), v1::CREDENTIAL_KIND_CLINICIAN,
                                dao::test::kGenesisMs + 400'000'000'000));
    node.apply("zed", dao::test::ask_admission("zed", 1));
    node.apply("mira", test::submit_payment(node.chain().person("ada")));
    node.apply("noor", test::submit_payment(node.chain().person("kofi")));
    node.pass_ms(11 * kSecond);
    for (const char* name : {"mira", "noor", "pavel", "chen", "hope", "anne"}) {
      node.apply(name, test::vote_yes(1));
    }
  }
  static void TearDownTestSuite() {
    delete node_;
    node_ = nullptr;
  }

  // Answers of a method by its own request: `ask<v1::GetAsset>("Assets", request, response)`.
  template <typename Request, typename Response>
  grpc::Status ask(const Request& request, Response& response) {
    std::string bytes;
    const MethodAccess& access = get_access_of_request(Request::descriptor()->full_name());
    const grpc::Status status =
        call(node_->channel(), std::string{access.path}, request.SerializeAsString(), &bytes);
    if (status.ok()) {
      EXPECT_TRUE(response.ParseFromString(bytes));
    }
    return status;
  }
  static std::string person(std::string_view name) {
    return node_->chain().person(name).to_string();
  }
  static std::uint64_t tip() { return node_->chain().ledger().finalized().height.value(); }

  inline static ANode* node_ = nullptr;
};

}  // namespace salus::rpc
