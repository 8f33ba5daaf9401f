// Owns: what each list answers, page by page.
#include "queries/errors.h"
#include "queries/paging.h"
#include "rpc/a_service.h"
#include "salus/v1/transactions_service.grpc.pb.h"

namespace salus::rpc {
namespace {

using queries::kPageSizeStandard;
using queries::last_id;
using queries::page_size;

TEST_F(Services, list_every_record_once_whatever_the_page) {
  v1::ListMembersResponse whole;
  ASSERT_TRUE(ask(v1::ListMembersRequest{}, whole).ok());
  // Zed, who applied, is one too.
  EXPECT_EQ(whole.members_size(), 10);
  EXPECT_EQ(whole.next_page_token(), "");
  for (std::uint32_t size = 1; size <= 10; ++size) {
    v1::ListMembersRequest request;
    request.set_page_size(size);
    std::vector<std::string> seen;
    do {
      v1::ListMembersResponse page;
      ASSERT_TRUE(ask(request, page).ok());
      EXPECT_LE(page.members_size(), static_cast<int>(size));
      for (const auto& member : page.members()) seen.push_back(member.account());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && seen.size() <= 10);
    ASSERT_EQ(seen.size(), 10U) << size;
    for (std::size_t i = 0; i < seen.size(); ++i) {
      EXPECT_EQ(seen[i], whole.members(static_cast<int>(i)).account()) << size;
    }
  }
}

TEST_F(Services, refuse_a_page_token_of_something_else) {
  const std::string foreign = "not a token";
  v1::ListMembersRequest members;
  members.set_page_token(foreign);
  v1::ListMembersResponse members_page;
  EXPECT_EQ(name_of(ask(members, members_page)), "PageTokenInvalid");
  v1::ListProposalsRequest proposals;
  proposals.set_page_token(foreign);
  v1::ListProposalsResponse proposals_page;
  EXPECT_EQ(name_of(ask(proposals, proposals_page)), "PageTokenInvalid");
  v1::ListAccountTransactionsRequest transactions;
  transactions.set_account(person("mira"));
  transactions.set_page_token(foreign);
  v1::ListAccountTransactionsResponse transactions_page;
  EXPECT_EQ(name_of(ask(transactions, transactions_page)), "PageTokenInvalid");
  v1::ListBalancesRequest balances;
  balances.set_account(person("mira"));
  v1::ListMembersRequest one;
  one.set_page_size(1);
  ASSERT_TRUE(ask(one, members_page).ok());
  balances.set_page_token(members_page.next_page_token());
  v1::ListBalancesResponse balances_page;
  EXPECT_EQ(name_of(ask(balances, balances_page)), "PageTokenInvalid");
}

TEST(Pages, are_no_larger_than_two_hundred) {
  EXPECT_EQ(page_size(0), kPageSizeStandard);
  EXPECT_EQ(page_size(1), 1U);
  EXPECT_EQ(page_size(200), 200U);
  EXPECT_EQ(page_size(201), 200U);
  EXPECT_EQ(page_size(~0U), 200U);
}

TEST(Pages, find_the_end_of_a_numbered_list_by_point_reads) {
  for (std::uint64_t count = 0; count <= 70; ++count) {
    int reads = 0;
    const auto last = last_id([&](std::uint64_t id) {
      ++reads;
      return id <= count;
    });
    EXPECT_EQ(last, count);
    EXPECT_LE(reads, 16);
  }
}

TEST_F(Services, list_the_transactions_of_an_account_in_pages_of_at_most_a_hundred) {
  ANode node;
  std::vector<Validated<wire::Transaction>> many;
  for (std::uint64_t i = 0; i < 120; ++i) many.push_back(node.chain().transfer(0, i));
  node.seal(many);
  v1::ListAccountTransactionsRequest request;
  request.set_account(node.chain().account(0).to_string());
  const auto stub = v1::Transactions::NewStub(node.channel());
  const auto page = [&](std::uint32_t size, const std::string& token) {
    grpc::ClientContext context;
    v1::ListAccountTransactionsResponse response;
    request.set_page_size(size);
    request.set_page_token(token);
    EXPECT_TRUE(stub->ListAccountTransactions(&context, request, &response).ok());
    return response;
  };
  EXPECT_EQ(page(0, "").records_size(), 20);
  const auto first = page(1'000, "");
  EXPECT_EQ(first.records_size(), 100);
  const auto second = page(1'000, first.next_page_token());
  EXPECT_EQ(second.records_size(), 20);
  EXPECT_EQ(second.next_page_token(), "");
}

}  // namespace
}  // namespace salus::rpc
