// Owns: the records of funds and their books.
#include "dao/treasury/funds.h"

#include "base/assert.h"
#include "base/u128.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::treasury {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

Key totals_key(std::uint32_t fund, std::uint32_t asset) {
  return Key{Table::FundTotals}.u32(fund).u32(asset);
}

}  // namespace

std::optional<v1::Fund> find_fund(const Overlay& state, std::uint32_t id) {
  return state::find<v1::Fund>(state, Key{Table::Funds}.u32(id));
}

std::optional<v1::Fund> find_fund(const Overlay& state, std::string_view code) {
  for (v1::Fund& fund : funds(state)) {
    if (fund.code() == code) return std::move(fund);
  }
  return std::nullopt;
}

std::vector<v1::Fund> funds(const Overlay& state) {
  std::vector<v1::Fund> all;
  // Each one was opened by a vote, so they are few.
  for (std::uint32_t id = 1; auto fund = find_fund(state, id); ++id) all.push_back(*fund);
  return all;
}

AccountId account_of(const v1::Fund& fund) {
  const auto account = AccountId::from(fund.account());
  SALUS_ASSERT(account.has_value(), "a stored fund names its account");
  return *account;
}

v1::FundTotals totals(const Overlay& state, std::uint32_t fund, std::uint32_t asset) {
  return state::find_or_default<v1::FundTotals>(state, totals_key(fund, asset));
}

void book_in(Overlay& state, std::uint32_t fund, std::uint32_t asset, std::uint64_t amount) {
  auto books = totals(state, fund, asset);
  const auto in = checked_add(books.in(), amount);
  // What flows in a circle is counted each time, so the sum may one day be full; the balance is
  // not.
  if (!in) {
    books.set_in(books.in() - books.out() + amount);
    books.set_out(0);
  } else {
    books.set_in(*in);
  }
  state::put(state, totals_key(fund, asset), books);
}

void book_out(Overlay& state, std::uint32_t fund, std::uint32_t asset, std::uint64_t amount) {
  auto books = totals(state, fund, asset);
  const auto left = checked_sub(books.in() - books.out(), amount);
  SALUS_ASSERT(left.has_value(), "a fund never gives out more than it has (G-9.3)");
  books.set_out(books.out() + amount);
  state::put(state, totals_key(fund, asset), books);
}

void book_return(Overlay& state, std::uint32_t fund, std::uint32_t asset, std::uint64_t amount) {
  auto books = totals(state, fund, asset);
  if (books.out() < amount) {
    // The books were closed by an overflow since it went out.
    return book_in(state, fund, asset, amount);
  }
  books.set_out(books.out() - amount);
  state::put(state, totals_key(fund, asset), books);
}

}  // namespace salus::dao::treasury
