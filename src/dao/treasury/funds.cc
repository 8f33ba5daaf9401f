// Owns: the records of funds and their books.
#include "dao/treasury/funds.h"

#include "base/assert.h"
#include "base/u128.h"
#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::treasury {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

const Key kFundCounter = Key{Table::TreasuryCounters}.u8(2);

Key totals_key(std::uint32_t fund, std::uint32_t asset) {
  return Key{Table::FundTotals}.u32(fund).u32(asset);
}
Key entries_key(std::uint32_t fund, std::uint32_t asset) {
  return Key{Table::FundEntries}.u32(fund).u32(asset);
}

void put_totals(Overlay& state, const Booking& booking, const v1::FundTotals& books) {
  state::put(state, totals_key(booking.fund, booking.asset), books);
}

// The line of a movement, with the balance after it; `books` count it already.
void put_entry(Overlay& state, const BookTime& when, const Booking& booking, bool comes_in,
               v1::FundTotals& books) {
  books.set_entries(books.entries() + 1);
  v1::FundEntry entry;
  entry.set_fund(booking.fund);
  entry.set_asset(booking.asset);
  entry.set_number(books.entries());
  entry.set_at_ms(when.at_ms);
  entry.set_height(when.height);
  entry.set_kind(booking.kind);
  if (comes_in) {
    entry.set_in(booking.amount);
  } else {
    entry.set_out(booking.amount);
  }
  entry.set_balance(books.in() - books.out());
  entry.set_account(booking.account);
  entry.set_category(booking.category);
  entry.set_origin(booking.origin);
  entry.set_ref(booking.ref);
  state::put(state, entries_key(booking.fund, booking.asset).u64(entry.number()), entry);
  put_totals(state, booking, books);
}

void add_in(v1::FundTotals& books, std::uint64_t amount) {
  const auto in = checked_add(books.in(), amount);
  // What flows in a circle is counted each time, so the sum may one day be full; the balance is
  // not.
  books.set_in(in ? *in : books.in() - books.out() + amount);
  if (!in) books.set_out(0);
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

std::uint64_t free_of(const Overlay& state, const v1::Fund& fund, std::uint32_t asset) {
  return assets::balance(state, account_of(fund), asset);
}

Outcome check_free(const Overlay& state, const v1::Fund& fund, std::uint32_t asset,
                   std::uint64_t amount) {
  if (!assets::find_asset(state, asset)) return refuse(Error::AssetUnknown);
  if (free_of(state, fund, asset) < amount) return refuse(Error::FundShort);
  return {};
}

BookTime book_time(const BlockContext& block) {
  return {.at_ms = block.time.value(), .height = block.height.value()};
}

void book_in(Overlay& state, const BookTime& when, const Booking& booking) {
  auto books = totals(state, booking.fund, booking.asset);
  add_in(books, booking.amount);
  put_entry(state, when, booking, true, books);
}

void book_out(Overlay& state, const BookTime& when, const Booking& booking) {
  auto books = totals(state, booking.fund, booking.asset);
  const auto left = checked_sub(books.in() - books.out(), booking.amount);
  SALUS_ASSERT(left.has_value(), "a fund never gives out more than it has (G-9.3)");
  books.set_out(books.out() + booking.amount);
  put_entry(state, when, booking, false, books);
}

void book_return(Overlay& state, const BookTime& when, const Booking& booking) {
  keep_promise(state, booking.fund, booking.asset, booking.amount);
  auto books = totals(state, booking.fund, booking.asset);
  // The books may have been closed by an overflow since it went out.
  if (books.out() < booking.amount) {
    add_in(books, booking.amount);
  } else {
    books.set_out(books.out() - booking.amount);
  }
  put_entry(state, when, booking, true, books);
}

void promise(Overlay& state, std::uint32_t fund, std::uint32_t asset, std::uint64_t amount) {
  auto books = totals(state, fund, asset);
  const auto sum = checked_add(books.promised(), amount);
  SALUS_ASSERT(sum.has_value(), "promises lie in escrows, which the supply bounds (G-9.2)");
  books.set_promised(*sum);
  state::put(state, totals_key(fund, asset), books);
}

void keep_promise(Overlay& state, std::uint32_t fund, std::uint32_t asset, std::uint64_t amount) {
  auto books = totals(state, fund, asset);
  const auto left = checked_sub(books.promised(), amount);
  SALUS_ASSERT(left.has_value(), "only what was promised is kept (G-9.2)");
  books.set_promised(*left);
  state::put(state, totals_key(fund, asset), books);
}

void put_fund(Overlay& state, const ChainId& chain_id, std::uint32_t id, std::string code,
              std::uint32_t purpose) {
  v1::Fund fund;
  fund.set_id(id);
  fund.set_code(std::move(code));
  fund.set_purpose(purpose);
  fund.set_account(accounts::fund_account(chain_id, id).to_string());
  state::put(state, Key{Table::Funds}.u32(id), fund);
}

std::uint32_t take_fund_number(Overlay& state) {
  return static_cast<std::uint32_t>(state::take_number(state, kFundCounter));
}

}  // namespace salus::dao::treasury
