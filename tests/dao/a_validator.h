// Owns: the validators of the test DAO by name: their keys, their actions and their votes, and a
// DAO whose epochs are three blocks at least, with a readiness window of ten heights.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dao/a_dao.h"
#include "dao/validators/evidence.h"
#include "dao/validators/validators.h"

namespace salus::dao::test {

inline constexpr std::uint64_t kEpochBlocksMin = 3;
inline constexpr std::uint64_t kReadyWindow = 10;

// a_document() with those parameters; `more` accounts named op0, op1 ... sit in the set from the
// start, after olga, omar, otto and oona.
v1::GenesisDocument a_network(std::size_t more = 0);
std::vector<Person> people_of_network(std::size_t more = 0);
void set_in(v1::GenesisDocument& document, std::string_view name, std::uint64_t value);

// The keys of somebody's node; the genesis validators have generation 0.
crypto::KeyPair validator_key_of(std::string_view name, int generation = 0);
crypto::KeyPair node_key_of(std::string_view name, int generation = 0);

// Actions, by their names.
v1::Action register_nominee(const Dao& dao, std::string_view name, int generation = 0);
v1::Action prove_ready(std::string_view name, std::uint64_t height, int generation = 0);
v1::Action rekey(const Dao& dao, std::string_view name, int generation);
v1::Action leave();
struct Names {
  std::vector<std::string> add;
  std::vector<std::string> remove;
  bool force = false;
};
v1::Action change_set(const Dao& dao, const Names& names);
v1::Action withdraw_change(std::uint64_t change);
v1::Action reseat(std::string_view name, char nonce, int generation = 0);

// A vote as the validator signs it: bytes as on the wire.
struct VoteOf {
  validators::VoteKind kind = validators::VoteKind::Notarize;
  std::uint64_t epoch = 0;
  std::uint64_t view = 7;
  std::uint64_t parent = 6;
  char block = 'a';
};
std::string signed_vote(std::string_view name, std::uint16_t index, const VoteOf& vote,
                        int generation = 0);
v1::Action report(const std::string& first, const std::string& second);

// The digest of the block at a height, as the test DAO's blocks name it.
std::string digest_at(std::uint64_t height);

// "ACTIVE"; "" where there is no record.
std::string standing(const Dao& dao, std::string_view name);
v1::Validator validator(const Dao& dao, std::string_view name);
// Operators of a set by name, in index order; {} for none.
std::vector<std::string> members(const std::optional<v1::ValidatorSet>& set);
std::vector<std::string> members(const Dao& dao);
// The rules for which the queue's changes wait, oldest first: "Q4", "" for its turn only.
std::vector<std::string> waits(const Dao& dao);

// A member becomes operator, registers, and proves that its node is there.
void nominate(Dao& dao, std::string_view name, int generation = 0);
void make_ready(Dao& dao, std::string_view name, int generation = 0);
// Asks for new keys and proves that their node is there.
void change_keys(Dao& dao, std::string_view name, int generation);
void end_blocks(Dao& dao, std::uint64_t count);
// Ends blocks until the next epoch has begun; at most 20.
void cross_boundary(Dao& dao);

}  // namespace salus::dao::test
