// Owns: proof that money is neither made nor lost (G-3.1, G-3.2, G-3.6, G-8.16).
#include "dao/assets/assets.h"

#include "dao/a_money.h"
#include "dao/accounts/accounts.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::test {
namespace {

constexpr std::uint32_t kPoints = 7;  // members only
constexpr std::uint32_t kBadge = 8;   // neither transferable nor burnable

TEST(Transfer, moves_what_the_sender_has) {
  Dao dao;
  const Applied moved = dao.as("mira").apply(transfer(dao.account("zed"), 1'000 * kToken));
  EXPECT_EQ(moved.error(), "Ok");
  EXPECT_TRUE(moved.told(v1::EVENT_KIND_TRANSFERRED));
  EXPECT_EQ(dao.tokens("mira"), 0U);
  EXPECT_EQ(dao.tokens("zed"), 1'500 * kToken);
  dao.end_block();
}

TEST(Transfer, refuses_and_changes_nothing) {
  Dao dao;
  const AccountId zed = dao.account("zed");
  struct Case {
    const char* name;
    v1::Action action;
    const char* error;
  };
  v1::Action short_to = transfer(zed, 1);
  short_to.mutable_transfer()->set_to("short");
  const Case cases[] = {
      {"nothing", transfer(zed, 0), "AmountZero"},
      {"to oneself", transfer(dao.account("mira"), 1), "SelfTransfer"},
      {"more than there is", transfer(zed, 1'000 * kToken + 1), "InsufficientFunds"},
      {"unknown asset", transfer(zed, 1, 99), "AssetUnknown"},
      {"not opened", transfer(AccountId{}, 1), "PayeeUnknown"},
      {"a fund", transfer(accounts::fund_account(chain_id(), 1), 1), "PayeeUnknown"},
      {"not transferable", transfer(zed, 1, kBadge), "NotTransferable"},
      {"to a stranger", transfer(zed, 1, kPoints), "MembersOnly"},
      {"no account id", short_to, "Limit"},
  };
  for (const Case& row : cases) {
    EXPECT_EQ(dao.as("mira").apply(row.action).error(), row.error) << row.name;
  }
  EXPECT_EQ(dao.tokens("mira"), 1'000 * kToken);
  EXPECT_EQ(dao.tokens("zed"), 500 * kToken);
  dao.end_block();
}

TEST(Transfer, of_a_members_only_asset_stays_among_members) {
  Dao dao;
  ASSERT_EQ(dao.apply_as_dao(mint(dao.account("mira"), 10, kPoints)), "Ok");
  EXPECT_EQ(dao.as("mira").apply(transfer(dao.account("noor"), 10, kPoints)).error(), "Ok");
  EXPECT_EQ(dao.as("noor").apply(transfer(dao.account("zed"), 1, kPoints)).error(), "MembersOnly");
  dao.end_block();
}

TEST(Mint, of_the_native_asset_is_capped_for_365_days) {
  Dao dao;
  const std::uint64_t supply = assets::find_asset(dao.state(), 0)->supply();
  const std::uint64_t cap = supply * 200 / 10'000;
  const AccountId mira = dao.account("mira");
  EXPECT_EQ(dao.apply_as_dao(mint(mira, cap + 1)), "MintCap");
  EXPECT_EQ(dao.apply_as_dao(mint(mira, cap)), "Ok");
  EXPECT_EQ(dao.apply_as_dao(mint(mira, 1)), "MintCap");
  // The next window counts from the supply that then is.
  dao.advance_ms(365 * membership::kDayMs);
  const std::uint64_t next_cap = (supply + cap) * 200 / 10'000;
  EXPECT_EQ(dao.apply_as_dao(mint(mira, next_cap)), "Ok");
  EXPECT_EQ(dao.apply_as_dao(mint(mira, 1)), "MintCap");
}

TEST(Mint, is_the_issuers_and_within_max_supply) {
  Dao dao;
  const AccountId mira = dao.account("mira");
  EXPECT_EQ(dao.as("mira").apply(mint(mira, 1)).error(), "NotAuthorized");
  EXPECT_EQ(dao.apply_as_dao(mint(mira, 1'001, kPoints)), "SupplyCap");
  EXPECT_EQ(dao.apply_as_dao(mint(mira, 1'000, kPoints)), "Ok");
  EXPECT_EQ(dao.apply_as_dao(mint(mira, 1, kPoints)), "SupplyCap");
  EXPECT_EQ(dao.apply_as_dao(mint(mira, 1, 99)), "AssetUnknown");
  EXPECT_EQ(dao.apply_as_dao(mint(AccountId{}, 1)), "PayeeUnknown");
  EXPECT_EQ(dao.apply_as_dao(mint(mira, ~std::uint64_t{0})), "SupplyCap");
  dao.end_block();
}

TEST(Burn, lowers_the_supply_by_what_the_owner_gives_up) {
  Dao dao;
  const std::uint64_t supply = assets::find_asset(dao.state(), 0)->supply();
  EXPECT_EQ(dao.as("mira").apply(burn(1'000 * kToken + 1)).error(), "InsufficientFunds");
  EXPECT_EQ(dao.as("mira").apply(burn(10)).error(), "Ok");
  EXPECT_EQ(assets::find_asset(dao.state(), 0)->supply(), supply - 10);
  EXPECT_EQ(dao.as("mira").apply(burn(1, kPoints)).error(), "NotBurnable");
  EXPECT_EQ(dao.as("mira").apply(burn(0)).error(), "AmountZero");
  EXPECT_EQ(dao.as("mira").apply(burn(1, 99)).error(), "AssetUnknown");
  dao.end_block();
}

TEST(Escrow, gives_back_what_came_in_and_never_more) {
  Dao dao;
  constexpr auto kOwner = v1::ESCROW_OWNER_PAYOUT;
  // Owner 999 exists nowhere: only the sum of money is looked at here.
  const AccountId mira = dao.account("mira");
  state::Overlay& state = dao.state();
  EXPECT_EQ(assets::escrow_in(state, mira, kOwner, 999, 0, 2'000 * kToken),
            refuse(Error::InsufficientFunds));
  ASSERT_TRUE(assets::escrow_in(state, mira, kOwner, 999, 0, 300));
  EXPECT_EQ(assets::escrowed(state, kOwner, 999, 0), 300U);
  EXPECT_TRUE(assets::broken_invariants(state).empty());
  EXPECT_EQ(assets::escrow_out(state, kOwner, 999, 0, mira, 301), refuse(Error::InsufficientFunds));
  EXPECT_EQ(assets::escrow_out(state, v1::ESCROW_OWNER_PROPOSAL, 999, 0, mira, 1),
            refuse(Error::InsufficientFunds));
  ASSERT_TRUE(assets::escrow_out(state, kOwner, 999, 0, dao.account("zed"), 300));
  EXPECT_EQ(assets::escrowed(state, kOwner, 999, 0), 0U);
  EXPECT_EQ(dao.tokens("zed"), 500 * kToken + 300);
  EXPECT_TRUE(assets::broken_invariants(state).empty());
}

TEST(CreateAsset, makes_the_next_asset_with_its_issuer) {
  Dao dao;
  const std::string zed = dao.account("zed").to_string();
  v1::Action eleven = create_asset("eleven", 1, 0);
  eleven.mutable_create_asset()->set_decimals(10);
  EXPECT_EQ(dao.as("mira").apply(create_asset("vouchers", 100, 1)).error(), "NotAuthorized");
  EXPECT_EQ(dao.apply_as_dao(create_asset("No Spaces", 100, 1)), "CodeInvalid");
  EXPECT_EQ(dao.apply_as_dao(create_asset("badge", 100, 1)), "CodeInUse");
  EXPECT_EQ(dao.apply_as_dao(create_asset("vouchers", 0, 1)), "AmountZero");
  EXPECT_EQ(dao.apply_as_dao(create_asset("vouchers", 100, 8)), "Limit");
  EXPECT_EQ(dao.apply_as_dao(create_asset("vouchers", 100, 1, "short")), "Limit");
  EXPECT_EQ(dao.apply_as_dao(eleven), "Limit");
  EXPECT_EQ(dao.apply_as_dao(create_asset("vouchers", 100, 1, std::string(32, 'x'))),
            "AccountUnknown");
  ASSERT_EQ(dao.apply_as_dao(create_asset("vouchers", 100, 1, zed)), "Ok");
  const auto asset = assets::find_asset(dao.state(), 9);
  ASSERT_TRUE(asset.has_value());
  EXPECT_EQ(asset->code(), "vouchers");
  EXPECT_EQ(asset->supply(), 0U);

  const AccountId mira = dao.account("mira");
  EXPECT_EQ(dao.apply_as_dao(mint(mira, 1, 9)), "NotAuthorized") << "the issuer's right";
  EXPECT_EQ(dao.as("mira").apply(mint(mira, 1, 9)).error(), "NotAuthorized");
  EXPECT_EQ(dao.as("zed").apply(mint(mira, 101, 9)).error(), "SupplyCap");
  EXPECT_EQ(dao.as("zed").apply(mint(mira, 100, 9)).error(), "Ok");
  EXPECT_EQ(assets::balances(dao.state(), mira).size(), 2U);
  EXPECT_EQ(assets::all(dao.state()).size(), 4U);
  dao.end_block();
}

TEST(SetAsset, never_takes_a_right_from_holders) {
  // Section 3, G-3.6: no vote can freeze what somebody holds.
  using assets::kBurnable;
  using assets::kMembersOnly;
  using assets::kTransferable;
  Dao dao;
  ASSERT_EQ(dao.apply_as_dao(mint(dao.account("mira"), 400, kPoints)), "Ok");
  const std::uint32_t now = kTransferable | kMembersOnly;
  EXPECT_EQ(dao.apply_as_dao(set_asset(kPoints, kMembersOnly, 1'000)), "RightsTaken");
  EXPECT_EQ(dao.apply_as_dao(set_asset(0, kTransferable | kBurnable | kMembersOnly, 400)),
            "SupplyCap");
  EXPECT_EQ(dao.apply_as_dao(set_asset(0, kTransferable | kBurnable | kMembersOnly,
                                       assets::find_asset(dao.state(), 0)->max_supply())),
            "RightsTaken");
  EXPECT_EQ(dao.apply_as_dao(set_asset(kPoints, now, 1'001)), "SupplyCap") << "it may only fall";
  EXPECT_EQ(dao.apply_as_dao(set_asset(kPoints, now, 399)), "SupplyCap") << "not below the supply";
  EXPECT_EQ(dao.apply_as_dao(set_asset(99, now, 1'000)), "AssetUnknown");
  EXPECT_EQ(dao.apply_as_dao(set_asset(kPoints, 8, 1'000)), "Limit");
  EXPECT_EQ(dao.as("mira").apply(set_asset(kPoints, now, 400)).error(), "NotAuthorized");
  ASSERT_EQ(dao.apply_as_dao(set_asset(kPoints, kTransferable | kBurnable, 400)), "Ok");
  EXPECT_EQ(dao.as("mira").apply(transfer(dao.account("zed"), 1, kPoints)).error(), "Ok");
  EXPECT_EQ(dao.as("zed").apply(burn(1, kPoints)).error(), "Ok");
  EXPECT_EQ(dao.apply_as_dao(mint(dao.account("mira"), 2, kPoints)), "SupplyCap");
  dao.end_block();
}

// G-3.1: a sum that does not fit is refused before anything moves.
TEST(Escrow, refuses_a_sum_that_does_not_fit) {
  Dao dao;
  state::Overlay attempt = dao.state().branch();
  const auto owner = v1::ESCROW_OWNER_PROPOSAL;
  const AccountId mira = dao.account("mira");
  ASSERT_TRUE(assets::escrow_in(attempt, mira, owner, 9, assets::kNative, 1));
  const state::Key key =
      state::Key(state::Table::Escrows).u8(static_cast<std::uint8_t>(owner)).u64(9).u32(0);
  auto escrow = state::find<v1::Escrow>(attempt, key);
  ASSERT_TRUE(escrow);
  escrow->set_in(~std::uint64_t{0} - 1);
  state::put(attempt, key, *escrow);
  EXPECT_EQ(assets::escrow_in(attempt, mira, owner, 9, assets::kNative, 2).error(),
            Error::Overflow);
  EXPECT_TRUE(assets::escrow_in(attempt, mira, owner, 9, assets::kNative, 1));
}

TEST(CreateAsset, is_refused_when_every_number_is_taken) {
  Dao dao;
  v1::Asset last;
  last.set_id(~std::uint32_t{0});
  last.set_code("the-last");
  state::put(dao.state(), state::Key(state::Table::Assets).u32(last.id()), last);
  EXPECT_EQ(dao.apply_as_dao(create_asset("one-more", 1, 0)), "Overflow");
}

}  // namespace
}  // namespace salus::dao::test
