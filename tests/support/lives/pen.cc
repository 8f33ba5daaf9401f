// Owns: the picking of what exists.
#include "support/lives/pen.h"

#include "dao/assets/assets.h"
#include "dao/governance/proposals.h"
#include "dao/power/power.h"

namespace salus::dao::lives {

std::optional<AccountId> Pen::somebody(const Is& is) const {
  for (int tries = 0; tries < 6; ++tries) {
    const AccountId account = anybody();
    if (is(account)) return account;
  }
  const auto& all = people.accounts();
  const std::size_t first = below(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const AccountId& account = all[(first + i) % all.size()];
    if (is(account)) return account;
  }
  return std::nullopt;
}

AccountId Pen::a_member() const {
  for (int tries = 0; tries < 6; ++tries) {
    const AccountId account = anybody();
    if (power::weight_now(state(), account).units > 0) return account;
  }
  return anybody();
}

std::optional<AccountId> Pen::holder_of(membership::Role role) const {
  return somebody([&](const AccountId& account) {
    return (membership::live_roles(state(), account, now()) & membership::bit(role)) != 0;
  });
}

std::optional<AccountId> Pen::known(std::string_view account) const {
  const auto id = AccountId::from(account);
  if (!id || !people.knows(*id)) return std::nullopt;
  return id;
}

std::optional<AccountId> Pen::one_of(
    const google::protobuf::RepeatedPtrField<std::string>& accounts) const {
  if (accounts.empty()) return std::nullopt;
  return known(accounts[static_cast<int>(below(static_cast<std::uint64_t>(accounts.size())))]);
}

std::vector<AccountId> Pen::some_accounts(std::uint64_t most) const {
  std::set<AccountId> chosen;
  for (std::uint64_t i = 1 + below(most); i > 0; --i) chosen.insert(a_member());
  return {chosen.begin(), chosen.end()};
}

std::string Pen::a_hash() const {
  std::string hash;
  while (hash.size() < Hash::kSize) hash.push_back(static_cast<char>(1 + below(127)));
  return hash;
}

std::uint64_t Pen::an_amount(std::uint64_t most) const {
  // Every order of magnitude, and now and then nothing at all.
  if (percent(1)) return 0;
  std::uint64_t scale = 1;
  for (std::uint64_t digits = below(12); digits > 0 && scale < most; --digits) scale *= 10;
  return 1 + below(std::min(scale, most));
}

std::uint64_t Pen::a_share(const AccountId& account, std::uint32_t asset) const {
  const std::uint64_t held = assets::balance(state(), account, asset);
  return an_amount(style.keeps_network ? 1 + held / 1'000 : 1 + held / 4);
}

std::uint64_t Pen::last_of(const std::function<bool(std::uint64_t)>& exists) {
  std::uint64_t beyond = 1;
  while (exists(beyond)) beyond *= 2;
  std::uint64_t last = beyond / 2;
  while (last + 1 < beyond) {
    const std::uint64_t middle = last + (beyond - last) / 2;
    (exists(middle) ? last : beyond) = middle;
  }
  return last;
}

std::optional<v1::Proposal> Pen::a_proposal(
    const std::function<bool(const v1::Proposal&)>& fits) const {
  constexpr std::uint64_t kNewest = 24;
  const std::uint64_t last = governance::last_proposal_id(state());
  std::vector<v1::Proposal> fitting;
  for (std::uint64_t id = last > kNewest ? last - kNewest + 1 : 1; id <= last; ++id) {
    auto proposal = governance::find_proposal(state(), id);
    if (proposal && fits(*proposal)) fitting.push_back(std::move(*proposal));
  }
  if (fitting.empty()) return std::nullopt;
  return chance.of(fitting);
}

}  // namespace salus::dao::lives
