// Owns: the recount of plans, recoveries and what is due of them (G-2.6, G-12.4).
#include <algorithm>

#include "dao/accounts/recovery.h"
#include "dao/due.h"
#include "state/record.h"

namespace salus::dao::accounts {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

Key guarded_key(std::string_view guardian, std::string_view account) {
  return Key{Table::Guarded}.bytes(as_bytes(guardian)).bytes(as_bytes(account));
}

bool is_sound(const v1::RecoveryPlan& plan, const std::string& account) {
  const auto& guardians = plan.guardians();
  const bool distinct =
      std::ranges::adjacent_find(guardians, std::ranges::greater_equal{}) == guardians.end();
  return distinct && guardians.size() >= 1 && guardians.size() <= kGuardiansMax &&
         std::ranges::find(guardians, account) == guardians.end() && plan.needed() >= 1 &&
         plan.needed() <= static_cast<std::uint32_t>(guardians.size());
}

// The index names exactly the guardians of the plans in force.
void check_plans(const Overlay& state, std::vector<std::string>& broken) {
  std::size_t named = 0;
  const std::string accounts = Key{Table::Accounts}.str();
  state.scan(accounts, accounts, [&](std::string_view, std::string_view value) {
    const auto account = state::decode<v1::Account>(value);
    if (!account.has_recovery()) return true;
    if (!is_sound(account.recovery(), account.id())) {
      broken.push_back("G-2.6: the guardians of " + hex(as_bytes(account.id())) + " do not fit");
    }
    for (const std::string& guardian : account.recovery().guardians()) {
      ++named;
      if (!state.contains(guarded_key(guardian, account.id()).str())) {
        broken.emplace_back("section 2: a guardian is not found by his name");
      }
    }
    return true;
  });
  const std::string index = Key{Table::Guarded}.str();
  state.scan(index, index, [&](std::string_view, std::string_view) { return named-- > 0; });
  if (named != 0) broken.emplace_back("section 2: the index of guardians names somebody else");
}

}  // namespace

void add_broken_recoveries(const Overlay& state, std::vector<std::string>& broken) {
  check_plans(state, broken);
  auto ends = due::queued(state, due::Kind::RecoveryEnd);
  const std::string recoveries = Key{Table::Recoveries}.str();
  state.scan(recoveries, recoveries, [&](std::string_view, std::string_view value) {
    const auto recovery = state::decode<v1::Recovery>(value);
    const auto item = ends.find({recovery.account(), recovery.until_ms()});
    const bool queued = runs(recovery) && item != ends.end();
    if (queued) ends.erase(item);
    if (runs(recovery) != queued) broken.emplace_back("G-12.4: a recovery has no due item");
    const auto supporters = static_cast<std::uint32_t>(recovery.supporters_size());
    const bool waits = recovery.state() == v1::RECOVERY_STATE_STARTED;
    if (waits == (supporters >= recovery.plan().needed()) &&
        recovery.state() != v1::RECOVERY_STATE_LAPSED &&
        recovery.state() != v1::RECOVERY_STATE_CANCELLED) {
      broken.emplace_back("section 2: a recovery does not stand where its guardians put it");
    }
    return true;
  });
  auto changes = due::queued(state, due::Kind::RecoveryChange);
  const std::string waiting = Key{Table::RecoveryChanges}.str();
  state.scan(waiting, waiting, [&](std::string_view, std::string_view value) {
    const auto change = state::decode<v1::RecoveryChange>(value);
    const auto item = changes.find({change.account(), change.at_ms()});
    if (item == changes.end()) {
      broken.emplace_back("G-12.4: a change of guardians has no due item");
    } else {
      changes.erase(item);
    }
    return true;
  });
  if (!ends.empty() || !changes.empty()) {
    broken.emplace_back("G-12.4: a due item of a recovery without its record");
  }
}

}  // namespace salus::dao::accounts
