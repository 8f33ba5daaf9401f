// Owns: where the records of delegation lie. Used inside power only.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "state/table.h"

namespace salus::dao::power {

inline state::Key delegation_key(const AccountId& account, std::uint32_t track) {
  return state::Key{state::Table::Delegations}
      .bytes(account.view())
      .u8(static_cast<std::uint8_t>(track));
}
inline state::Key received_key(const AccountId& account, std::uint32_t track) {
  return state::Key{state::Table::Received}
      .bytes(account.view())
      .u8(static_cast<std::uint8_t>(track));
}
inline state::Key delegators_key(const AccountId& delegate, std::uint32_t track) {
  return state::Key{state::Table::DelegatorsOf}
      .bytes(delegate.view())
      .u8(static_cast<std::uint8_t>(track));
}
inline state::Key profile_key(const AccountId& account) {
  return state::Key{state::Table::DelegateProfiles}.bytes(account.view());
}

}  // namespace salus::dao::power
