// Owns: the record of a stake, which exists while its escrow holds money.
#include "dao/assets/stakes.h"

#include "base/assert.h"
#include "dao/accounts/accounts.h"
#include "dao/constitution.h"
#include "dao/due.h"
#include "state/record.h"

namespace salus::dao::assets {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

Key stake_key(const AccountId& account) { return Key{Table::StakeLocks}.bytes(account.view()); }
Key counter_key() { return Key{Table::AssetCounters}.u8(2); }

std::uint64_t held(const Overlay& state, const v1::StakeLock& lock) {
  return escrowed(state, v1::ESCROW_OWNER_STAKE, lock.id(), kNative);
}

void tell(std::vector<v1::Event>& events, v1::EventKind kind, const AccountId& account,
          std::uint64_t amount, std::uint64_t until_ms) {
  emit(events, kind, {account},
       {{v1::EVENT_FIELD_AMOUNT, amount}, {v1::EVENT_FIELD_UNTIL_MS, until_ms}});
}

}  // namespace

Outcome check(const v1::LockStake& action) {
  return action.amount() == 0 ? refuse(Error::AmountZero) : Outcome{};
}

Outcome apply(const v1::LockStake& action, bool may_lock, ActionContext& context, Overlay& state) {
  if (!may_lock) return refuse(Error::NotAuthorized);
  auto lock = find_stake(state, context.signer);
  if (lock && lock->unlock_ms() != 0) return refuse(Error::StakeLocked);
  if (!lock) {
    lock.emplace();
    lock->set_account(context.signer.to_string());
    lock->set_id(state::take_number(state, counter_key()));
    state::put(state, stake_key(context.signer), *lock);
    accounts::add_obligation(state, context.signer);
  }
  if (auto outcome = escrow_in(state, context.signer, v1::ESCROW_OWNER_STAKE, lock->id(), kNative,
                               action.amount());
      !outcome) {
    return outcome;
  }
  tell(context.events, v1::EVENT_KIND_STAKE_LOCKED, context.signer, action.amount(), 0);
  return {};
}

Outcome apply(const v1::UnlockStake& /*action*/, ActionContext& context, Overlay& state) {
  auto lock = find_stake(state, context.signer);
  if (!lock) return refuse(Error::StakeNone);
  if (lock->unlock_ms() != 0) return refuse(Error::StakeLocked);
  lock->set_unlock_ms(context.now_ms() + constitution::value(state, "assets.unlock_delay"));
  state::put(state, stake_key(context.signer), *lock);
  due::schedule(state, due::Class::Lapses, lock->unlock_ms(), due::Kind::StakeReturn,
                context.signer.view());
  tell(context.events, v1::EVENT_KIND_STAKE_UNLOCKING, context.signer, held(state, *lock),
       lock->unlock_ms());
  return {};
}

std::optional<v1::StakeLock> find_stake(const Overlay& state, const AccountId& account) {
  return state::find<v1::StakeLock>(state, stake_key(account));
}

std::uint64_t staked(const Overlay& state, const AccountId& account) {
  const auto lock = find_stake(state, account);
  return lock && lock->unlock_ms() == 0 ? held(state, *lock) : 0;
}

void return_stake(Overlay& state, const BlockContext& block, ByteView ref,
                  std::vector<v1::Event>& events) {
  const auto account = AccountId::from(as_chars(ref));
  const auto lock = account ? find_stake(state, *account) : std::nullopt;
  if (!lock || lock->unlock_ms() == 0 || block.time.value() < lock->unlock_ms()) return;
  const std::uint64_t amount = held(state, *lock);
  const auto back =
      escrow_out(state, v1::ESCROW_OWNER_STAKE, lock->id(), kNative, *account, amount);
  SALUS_ASSERT(back.has_value(), "a stake lies in its escrow");
  state::erase(state, stake_key(*account));
  accounts::end_obligation(state, *account);
  tell(events, v1::EVENT_KIND_STAKE_RETURNED, *account, amount, 0);
}

void add_broken_stakes(const Overlay& state, std::vector<std::string>& broken) {
  auto returns = due::queued(state, due::Kind::StakeReturn);
  const std::string prefix = Key{Table::StakeLocks}.str();
  state.scan(prefix, prefix, [&](std::string_view, std::string_view value) {
    const auto lock = state::decode<v1::StakeLock>(value);
    if (held(state, lock) == 0) broken.emplace_back("G-3.2: a stake without money");
    const auto item = returns.find({lock.account(), lock.unlock_ms()});
    if ((lock.unlock_ms() != 0) != (item != returns.end())) {
      broken.emplace_back("G-12.4: the return of a stake is not queued once");
    }
    if (item != returns.end()) returns.erase(item);
    return true;
  });
  if (!returns.empty()) broken.emplace_back("G-12.4: a return without a stake");
}

}  // namespace salus::dao::assets
