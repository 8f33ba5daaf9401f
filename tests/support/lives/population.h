// Owns: who lives in a drawn DAO: accounts in the order in which they came, and every key that was
// ever made for them, so that whoever the state says holds an account can sign for it. Keys come
// from names: equal names have equal keys.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "crypto/ed25519.h"
#include "salus/v1/accounts.pb.h"

namespace salus::dao::lives {

class Population {
 public:
  void add(const std::string& name, const AccountId& account);
  // Oldest first; at least one.
  const std::vector<AccountId>& accounts() const { return accounts_; }
  bool knows(const AccountId& account) const { return names_.contains(account); }
  // "mira"; of an account that was added.
  const std::string& name_of(const AccountId& account) const;
  const AccountId& account(const std::string& name) const;

  // The key of a name, made when it is first asked for.
  const crypto::KeyPair& key(const std::string& name);
  // One that key() made; null for a key of nobody here.
  const crypto::KeyPair* find_key(std::string_view public_key) const;
  // Keys that together reach the account's threshold, each with every scope; empty if nobody here
  // holds them.
  std::vector<const crypto::KeyPair*> signers_of(const v1::Account& account) const;

  // A number that was never given before.
  std::uint64_t take_number() { return ++last_number_; }

 private:
  std::vector<AccountId> accounts_;
  std::map<AccountId, std::string> names_;
  std::map<std::string, AccountId, std::less<>> ids_;
  // Pointers into it stay.
  std::map<std::string, crypto::KeyPair, std::less<>> keys_;
  std::map<std::string, const crypto::KeyPair*, std::less<>> by_public_key_;
  std::uint64_t last_number_ = 0;
};

}  // namespace salus::dao::lives
