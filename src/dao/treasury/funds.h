// Owns: the books of funds: who they are, what ever came in and went out, and one line for each
// movement (G-9.3); what went out into escrows and is not paid yet (G-9.2). Below governance, which
// pays slashed deposits into fund general; above it, treasury spends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/treasury.pb.h"
#include "state/overlay.h"

namespace salus::dao::treasury {

// Where slashed deposits and fees go; there from genesis on.
inline constexpr std::uint32_t kGeneralFund = 1;

std::optional<v1::Fund> find_fund(const state::Overlay& state, std::uint32_t id);
std::optional<v1::Fund> find_fund(const state::Overlay& state, std::string_view code);
// All of them, ascending by id.
std::vector<v1::Fund> funds(const state::Overlay& state);
AccountId account_of(const v1::Fund& fund);
v1::FundTotals totals(const state::Overlay& state, std::uint32_t fund, std::uint32_t asset);
// What may be spent now (*free*): the balance of its account.
std::uint64_t free_of(const state::Overlay& state, const v1::Fund& fund, std::uint32_t asset);
// AssetUnknown, FundShort; all of it may be used up (G-8.16).
Outcome check_free(const state::Overlay& state, const v1::Fund& fund, std::uint32_t asset,
                   std::uint64_t amount);

// Why money moved; whatever the kind does not have stays empty.
struct Booking {
  std::uint32_t fund;
  std::uint32_t asset;
  std::uint64_t amount;
  v1::FundEntryKind kind;
  std::uint64_t ref = 0;
  std::string account = {};
  std::uint32_t category = 0;
  std::string origin = {};
};
// Where in time: of the block that moves it.
struct BookTime {
  std::uint64_t at_ms;
  std::uint64_t height;
};
BookTime book_time(const BlockContext& block);

// Books what the caller moves in `assets`.
void book_in(state::Overlay& state, const BookTime& when, const Booking& booking);
void book_out(state::Overlay& state, const BookTime& when, const Booking& booking);
// A promise that nobody took comes back: what had gone out, did not. Ends the promise too.
void book_return(state::Overlay& state, const BookTime& when, const Booking& booking);
// What goes out into an escrow is promised, until it is paid or returned.
void promise(state::Overlay& state, std::uint32_t fund, std::uint32_t asset, std::uint64_t amount);
void keep_promise(state::Overlay& state, std::uint32_t fund, std::uint32_t asset,
                  std::uint64_t amount);

void put_fund(state::Overlay& state, const ChainId& chain_id, std::uint32_t id, std::string code,
              std::uint32_t purpose);
std::uint32_t take_fund_number(state::Overlay& state);

}  // namespace salus::dao::treasury
