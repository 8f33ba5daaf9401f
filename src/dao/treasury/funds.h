// Owns: the books of funds: who they are, and what ever came in and went out (G-9.3). Below
// governance, which pays slashed deposits into fund general; above it, treasury spends.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
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

// Books what the caller moves in `assets`.
void book_in(state::Overlay& state, std::uint32_t fund, std::uint32_t asset, std::uint64_t amount);
void book_out(state::Overlay& state, std::uint32_t fund, std::uint32_t asset, std::uint64_t amount);
// A payout that nobody accepted comes back: what had gone out, did not.
void book_return(state::Overlay& state, std::uint32_t fund, std::uint32_t asset,
                 std::uint64_t amount);

}  // namespace salus::dao::treasury
