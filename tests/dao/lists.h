// Owns: what a test sees of tables that production code pages through (queries/paging.h): records
// and indices in the order of their keys, from a place on, and no more than asked for.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "salus/v1/treasury.pb.h"
#include "state/record.h"

namespace salus::dao::test {

// What `take(rest of the key, value)` makes of the records below `prefix`, from `from` on.
template <typename Take>
auto listed(const state::Overlay& state, const state::Key& prefix, const state::Key& from,
            std::size_t limit, const Take& take) {
  std::vector<decltype(take(std::string_view{}, std::string_view{}))> found;
  const std::size_t skipped = prefix.str().size();
  state.scan(prefix.str(), from.str(), [&](std::string_view key, std::string_view value) {
    if (found.size() == limit) return false;
    found.push_back(take(key.substr(skipped), value));
    return true;
  });
  return found;
}

template <typename Record>
std::vector<Record> records(const state::Overlay& state, const state::Key& prefix,
                            const state::Key& from, std::size_t limit) {
  return listed(state, prefix, from, limit, [](std::string_view, std::string_view value) {
    return state::decode<Record>(value);
  });
}

inline std::vector<v1::Payout> payouts(const state::Overlay& state, std::uint64_t from,
                                       std::size_t limit) {
  const state::Key table{state::Table::Payouts};
  return records<v1::Payout>(state, table, state::Key{table}.u64(from), limit);
}

inline std::vector<v1::Grant> grants(const state::Overlay& state, std::uint64_t from,
                                     std::size_t limit) {
  const state::Key table{state::Table::Grants};
  return records<v1::Grant>(state, table, state::Key{table}.u64(from), limit);
}

inline std::vector<v1::Stream> streams(const state::Overlay& state, std::uint64_t from,
                                       std::size_t limit) {
  const state::Key table{state::Table::Streams};
  return records<v1::Stream>(state, table, state::Key{table}.u64(from), limit);
}

inline std::vector<v1::FundEntry> fund_entries(const state::Overlay& state, std::uint32_t fund,
                                               std::uint32_t asset, std::uint64_t from,
                                               std::size_t limit) {
  const state::Key book = state::Key{state::Table::FundEntries}.u32(fund).u32(asset);
  return records<v1::FundEntry>(state, book, state::Key{book}.u64(from), limit);
}

// Ids that an index holds below an account.
inline std::vector<std::uint64_t> numbers_of(const state::Overlay& state, state::Table index,
                                             const AccountId& account, std::uint64_t from,
                                             std::size_t limit) {
  const state::Key prefix = state::Key{index}.bytes(account.view());
  return listed(
      state, prefix, state::Key{prefix}.u64(from), limit,
      [](std::string_view rest, std::string_view) { return ByteReader{as_bytes(rest)}.u64(); });
}

inline std::vector<AccountId> accounts_below(const state::Overlay& state, const state::Key& prefix,
                                             std::size_t limit) {
  return listed(state, prefix, prefix, limit,
                [](std::string_view rest, std::string_view) { return *AccountId::from(rest); });
}

}  // namespace salus::dao::test
