// Owns: transactions of accounts: opening, new keys, guardians, recoveries, closing. Whoever takes
// new keys takes some that the population holds, so that everybody can sign again afterwards.
#include "dao/a_dao.h"
#include "dao/accounts/accounts.h"
#include "dao/accounts/recovery.h"
#include "dao/assets/assets.h"
#include "support/lives/pen.h"

namespace salus::dao::lives {

namespace {

constexpr std::size_t kAccountsMax = 44;
constexpr std::string_view kGuest = "guest ";

v1::AccountKey key_of(Population& people, const std::string& name) {
  v1::AccountKey key;
  key.set_key(people.key(name).public_key().to_string());
  key.set_weight(1);
  key.set_scope(accounts::kScopesAll);
  return key;
}

// One key or two, of which one or both must sign.
struct KeySet {
  accounts::Keys keys;
  std::uint32_t threshold = 1;
};
KeySet new_keys(const Pen& pen, const std::string& person) {
  KeySet set;
  // Who waits in a network signs with his first key.
  const std::string first = pen.style.keeps_network || pen.percent(50)
                                ? person
                                : person + " key " + std::to_string(pen.people.take_number());
  *set.keys.Add() = key_of(pen.people, first);
  if (pen.percent(30)) {
    *set.keys.Add() = key_of(pen.people, person + " second");
    std::ranges::sort(set.keys, {}, [](const v1::AccountKey& key) { return key.key(); });
    if (!pen.style.keeps_network && pen.percent(50)) set.threshold = 2;
  }
  return set;
}

template <typename Action>
void put_keys(const Population& people, const KeySet& set, const Bytes& proven, Action& action) {
  *action.mutable_keys() = set.keys;
  action.set_threshold(set.threshold);
  for (const v1::AccountKey& key : set.keys) {
    action.add_proofs(people.find_key(key.key())->sign(proven).to_string());
  }
}

bool is_open(const Pen& pen, const AccountId& account) {
  return accounts::is_open(pen.state(), account);
}

// A guest who was refused tries again before another one comes.
MaybeMove open_account(const Pen& pen) {
  auto name = std::string{kGuest};
  const auto waiting = pen.somebody(
      [&](const AccountId& account) { return !accounts::find_account(pen.state(), account); });
  if (!waiting && pen.people.accounts().size() >= kAccountsMax) return std::nullopt;
  name = waiting ? pen.people.name_of(*waiting) : name + std::to_string(pen.people.take_number());

  KeySet set;
  *set.keys.Add() = key_of(pen.people, name);
  v1::Action action;
  v1::OpenAccount& open = *action.mutable_open_account();
  open.set_nonce(test::nullifier_of(name).substr(0, accounts::kNonceBytes));
  const AccountId id =
      accounts::account_id(pen.view.chain_id, as_bytes(open.nonce()), set.keys, set.threshold);
  put_keys(pen.people, set, accounts::open_proof(id), open);
  // Nobody in a network signs for guests.
  if (!waiting && !pen.style.keeps_network) pen.people.add(name, id);
  const auto issuer = pen.somebody([&](const AccountId& account) {
    return membership::find_issuer(pen.state(), account).has_value();
  });
  return by(issuer && pen.percent(40) ? *issuer : pen.a_member(), std::move(action));
}

MaybeMove rotate(const Pen& pen) {
  const AccountId account = pen.anybody();
  const auto record = accounts::find_account(pen.state(), account);
  if (!record) return std::nullopt;
  v1::Action action;
  put_keys(pen.people, new_keys(pen, pen.people.name_of(account)),
           accounts::rotate_proof(account, record->auth_version() + (pen.percent(95) ? 1 : 0)),
           *action.mutable_rotate_keys());
  return by(account, std::move(action));
}

MaybeMove set_recovery(const Pen& pen) {
  const AccountId account = pen.anybody();
  v1::Action action;
  v1::SetRecovery& plan = *action.mutable_set_recovery();
  if (pen.percent(85)) {
    for (const AccountId& guardian : pen.some_accounts(4)) {
      if (guardian != account || pen.percent(10)) plan.add_guardians(guardian.to_string());
    }
    const auto count = static_cast<std::uint64_t>(plan.guardians_size());
    if (count == 0) return std::nullopt;
    plan.set_needed(1 + pen.chance.small(count));
    plan.set_delay_ms((1 + pen.below(40)) * kSecond);
  }
  return by(account, std::move(action));
}

std::optional<AccountId> guarded(const Pen& pen, bool runs) {
  return pen.somebody([&](const AccountId& account) {
    const auto record = accounts::find_account(pen.state(), account);
    return record && accounts::recovery_runs(pen.state(), account) == runs &&
           (runs || record->has_recovery());
  });
}

MaybeMove start_recovery(const Pen& pen) {
  const auto account = guarded(pen, false);
  if (!account) return std::nullopt;
  const auto record = accounts::find_account(pen.state(), *account);
  v1::Action action;
  v1::StartRecovery& start = *action.mutable_start_recovery();
  start.set_account(account->to_string());
  put_keys(pen.people, new_keys(pen, pen.people.name_of(*account)),
           accounts::rotate_proof(*account, record->auth_version() + 1), start);
  const auto guardian = pen.one_of(record->recovery().guardians());
  return by(guardian && pen.percent(95) ? *guardian : pen.anybody(), std::move(action));
}

MaybeMove support_recovery(const Pen& pen) {
  const auto account = guarded(pen, true);
  if (!account) return std::nullopt;
  const auto recovery = accounts::find_recovery(pen.state(), *account);
  v1::Action action;
  v1::SupportRecovery& support = *action.mutable_support_recovery();
  support.set_account(account->to_string());
  support.set_content_hash(pen.percent(95) ? recovery->content_hash() : pen.a_hash());
  const auto guardian = pen.one_of(recovery->plan().guardians());
  return by(guardian ? *guardian : pen.anybody(), std::move(action));
}

MaybeMove cancel_recovery(const Pen& pen) {
  const auto account = guarded(pen, true);
  if (!account) return std::nullopt;
  v1::Action action;
  action.mutable_cancel_recovery();
  return by(*account, std::move(action));
}

// Mostly one who has nothing to lose.
MaybeMove close_account(const Pen& pen) {
  const auto is_free = [&](const AccountId& account) {
    const auto record = accounts::find_account(pen.state(), account);
    return is_open(pen, account) && record->obligations() == 0 &&
           assets::balances(pen.state(), account).empty() &&
           !membership::is_member(pen.state(), account) &&
           !membership::find_application(pen.state(), account) &&
           !accounts::recovery_runs(pen.state(), account);
  };
  const auto account = pen.style.keeps_network ? pen.somebody([&](const AccountId& one) {
    return membership::is_member(pen.state(), one);
  })
                                               : pen.somebody(is_free);
  if (!account) return std::nullopt;
  // Validators and issuers of genesis are needed longer than one life's mood.
  const bool is_guest = pen.people.name_of(*account).starts_with(kGuest);
  if (!is_guest && !pen.style.keeps_network) return std::nullopt;
  v1::Action action;
  action.mutable_close_account();
  return by(*account, std::move(action));
}

}  // namespace

MaybeMove draw_of_accounts(const Pen& pen) {
  switch (pen.below(10)) {
    case 0:
      return open_account(pen);
    case 1:
      return rotate(pen);
    case 2:
    case 3:
      return set_recovery(pen);
    case 4:
    case 5:
      return start_recovery(pen);
    case 6:
    case 7:
      return support_recovery(pen);
    case 8:
      return cancel_recovery(pen);
    default:
      return close_account(pen);
  }
}

}  // namespace salus::dao::lives
