// Owns: the books of who is who.
#include "support/lives/population.h"

#include "base/assert.h"
#include "dao/a_dao.h"
#include "dao/accounts/accounts.h"

namespace salus::dao::lives {

void Population::add(const std::string& name, const AccountId& account) {
  accounts_.push_back(account);
  names_[account] = name;
  ids_[name] = account;
  key(name);
}

const std::string& Population::name_of(const AccountId& account) const {
  const auto found = names_.find(account);
  SALUS_ASSERT(found != names_.end(), "only accounts that were added have names");
  return found->second;
}

const AccountId& Population::account(const std::string& name) const {
  const auto found = ids_.find(name);
  SALUS_ASSERT(found != ids_.end(), "only accounts that were added have names");
  return found->second;
}

const crypto::KeyPair& Population::key(const std::string& name) {
  auto found = keys_.find(name);
  if (found == keys_.end()) {
    found = keys_.emplace(name, test::key_of(name)).first;
    by_public_key_[found->second.public_key().to_string()] = &found->second;
  }
  return found->second;
}

const crypto::KeyPair* Population::find_key(std::string_view public_key) const {
  const auto found = by_public_key_.find(public_key);
  return found == by_public_key_.end() ? nullptr : found->second;
}

std::vector<const crypto::KeyPair*> Population::signers_of(const v1::Account& account) const {
  std::vector<const crypto::KeyPair*> signers;
  std::uint32_t weight = 0;
  for (const v1::AccountKey& key : account.keys()) {
    if (weight >= account.threshold()) break;
    const crypto::KeyPair* known = find_key(key.key());
    if (known == nullptr || key.scope() != accounts::kScopesAll) continue;
    signers.push_back(known);
    weight += key.weight();
  }
  if (weight < account.threshold()) signers.clear();
  return signers;
}

}  // namespace salus::dao::lives
