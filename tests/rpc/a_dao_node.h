// Owns: one node on which the DAO has decided, delegated and spent, and a light client that asks
// it: what the tests of the reads of governance and of money look at. Every answer of `proven` was
// proven record by record and computed by the asker.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "dao/a_dao.h"
#include "rpc/a_node.h"
#include "salus/light_client.h"
#include "salus/verify.h"

namespace salus::rpc {

using dao::test::kGenesisMs;
using dao::test::kSecond;
using dao::test::kToken;

// Patients mira (delegate), noor and pavel; noor delegates 60 percent to mira on track spend.
// Proposal 1, executed: budget 1 of mira, grant 1 of ada reviewed by chen, stream 1 to ada, pavel a
// sentinel, one parameter. Proposal 2, in voting: a payment; mira voted yes, hope and anne did not.
// Budget 1 paid noor; the grant's first tranche is paid, the second is claimed; pavel opened a
// pause that waits for another sentinel; mira has a recovery plan, and a schedule to noor.
class Decided : public testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  static test::ANode& node() { return *node_; }
  static std::string person(std::string_view name) {
    return node_->chain().person(name).to_string();
  }

  // The answer, proven; asserts that there is one.
  template <typename Request>
  auto proven(const Request& request) {
    auto answered = light_->query(request);
    EXPECT_TRUE(answered.has_value())
        << request.GetTypeName() << ": " << (answered ? "" : answered.error().name);
    return answered ? std::move(*answered)
                    : typename std::remove_reference_t<decltype(*answered)>{};
  }
  // The name of the proven refusal, or "Ok".
  template <typename Request>
  std::string refused(const Request& request) {
    const auto answered = light_->query(request);
    return answered ? "Ok" : answered.error().name;
  }

  inline static test::ANode* node_ = nullptr;
  inline static client::Client* client_ = nullptr;
  inline static client::LightClient* light_ = nullptr;
};

}  // namespace salus::rpc
