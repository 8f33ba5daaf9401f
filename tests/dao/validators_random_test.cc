// Owns: a long life of the set from one seed: whoever registers, readies, leaves, changes keys or
// is voted in or out, in any order, the invariants hold after every block and no set that becomes
// pending breaks Q1 to Q5. The twin below does its own arithmetic.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "dao/a_validator.h"
#include "dao/application.h"

namespace salus::dao::test {
namespace {

constexpr std::size_t kMore = 4;
constexpr int kBlocks = 400;

// What the set of the test DAO may be, in the plainest words (G-10.3). A node is its validator key,
// which nobody ever uses again, so what a key has shown is never forgotten here.
class Twin {
 public:
  explicit Twin(const Dao& dao) : dao_(dao) {
    const v1::ValidatorSet set = validator_set(dao.state());
    for (const auto& info : set.validators()) {
      of_genesis_.insert(info.validator_key());
    }
  }

  void on_ready(const std::string& key) { ready_[key] = dao_.height().value(); }

  // After a block of `height` that was built by `proposer` has ended.
  void on_block(std::uint64_t height, std::uint16_t proposer, const v1::ValidatorSet& set_before) {
    if (proposer < set_before.validators_size()) {
      proposed_[set_before.validators(proposer).validator_key()] = height;
    }
    const auto pending = pending_set(dao_.state());
    if (pending) judge(*pending, height);
  }

  int pendings() const { return pendings_; }
  int rekeys() const { return rekeys_; }

 private:
  bool is_live(const std::string& key, std::uint64_t height, std::uint64_t n) const {
    const auto ready = ready_.find(key);
    if (ready != ready_.end() && height < ready->second + kReadyWindow) return true;
    const auto proposed = proposed_.find(key);
    if (proposed != proposed_.end()) return height < proposed->second + 4 * n;
    return of_genesis_.contains(key) && height < 4 * n;
  }

  void judge(const v1::ValidatorSet& pending, std::uint64_t height) {
    ++pendings_;
    const v1::ValidatorSet current = validator_set(dao_.state());
    const auto n = static_cast<std::uint64_t>(current.validators_size());
    const auto size = static_cast<std::uint64_t>(pending.validators_size());
    EXPECT_GE(size, 4U) << "Q1";
    EXPECT_LE(size, 64U) << "Q1";

    std::set<std::string> before;
    std::set<std::string> keys_before;
    for (const auto& info : current.validators()) {
      before.insert(info.operator_account());
      keys_before.insert(info.validator_key());
    }
    std::set<std::string> after;
    std::set<std::string> keys;
    std::uint64_t live = 0;
    std::uint64_t changes = 0;
    for (const auto& info : pending.validators()) {
      EXPECT_TRUE(after.insert(info.operator_account()).second) << "Q5";
      EXPECT_TRUE(keys.insert(info.validator_key()).second) << "Q5";
      EXPECT_TRUE(keys.insert(info.node_key()).second) << "Q5";
      const bool alive = is_live(info.validator_key(), height, n);
      if (alive) ++live;
      if (keys_before.contains(info.validator_key())) continue;
      EXPECT_TRUE(alive) << "Q4: " << info.name();
      if (before.contains(info.operator_account())) {
        ++rekeys_;
      } else {
        ++changes;
      }
    }
    for (const std::string& who : before) changes += after.contains(who) ? 0U : 1U;
    // A quorum leaves out fewer than a third.
    EXPECT_LE(3 * (size - std::min(live, size)), size - 1) << "Q2: n " << size;
    EXPECT_LE(changes, n < 4 ? 1 : (n - 1) / 3) << "Q3: n " << n;
  }

  const Dao& dao_;
  std::map<std::string, std::uint64_t> ready_;
  std::map<std::string, std::uint64_t> proposed_;
  std::set<std::string> of_genesis_;
  int pendings_ = 0;
  int rekeys_ = 0;
};

class Life {
 public:
  explicit Life(std::uint64_t seed)
      : random_(seed), dao_(a_network(kMore), people_of_network(kMore)), twin_(dao_) {
    for (const std::string& name : names_) {
      if (membership::is_member(dao_.state(), dao_.account(name))) {
        EXPECT_EQ(dao_.apply_as_dao(grant_office(dao_.account(name), membership::Role::Operator,
                                                 1'000'000 * kSecond)),
                  "Ok");
      }
    }
  }

  void run() {
    for (int i = 0; i < kBlocks; ++i) {
      for (std::uint64_t acts = pick(4); acts > 0; --acts) act(names_[pick(names_.size())]);
      const BlockContext block = dao_.block();
      const v1::ValidatorSet before = validator_set(dao_.state());
      const bool boundary = pending_set(dao_.state()).has_value();
      dao_.end_block();
      twin_.on_block(block.height.value(), block.proposer.value(), before);
      EXPECT_EQ(validator_set(dao_.state()).epoch(), before.epoch() + (boundary ? 1 : 0));
      EXPECT_FALSE(boundary && pending_set(dao_.state())) << "C41";
    }
  }

  const Twin& twin() const { return twin_; }
  std::uint64_t epoch() const { return validator_set(dao_.state()).epoch(); }

 private:
  std::uint64_t pick(std::uint64_t n) { return random_() % n; }

  void act(const std::string& name) {
    int& generation = generations_[name];
    switch (pick(9)) {
      case 0: {
        if (dao_.apply(name, register_nominee(dao_, name, generation + 1)).ok()) ++generation;
        return;
      }
      case 1:
      case 2:
      case 3: {
        const std::uint64_t height = dao_.height().value();
        const std::uint64_t at =
            height > 1 ? height - 1 - pick(std::min<std::uint64_t>(height - 1, kReadyWindow + 2))
                       : 0;
        const int of = pick(2) == 0 ? seated_generation(name) : generation;
        if (dao_.apply(name, prove_ready(name, at, of)).ok()) {
          twin_.on_ready(validator_key_of(name, of).public_key().to_string());
        }
        return;
      }
      case 4:
        if (dao_.apply(name, rekey(dao_, name, generation + 1)).ok()) ++generation;
        return;
      case 5:
        if (pick(3) == 0) dao_.as(name).apply(leave());
        return;
      case 6:
        dao_.apply_as_dao(change_set(dao_, {.add = {name}, .remove = {}}));
        return;
      case 7: {
        const std::string other = names_[pick(names_.size())];
        const bool both = pick(2) == 0 && other != name;
        dao_.apply_as_dao(change_set(
            dao_,
            {.add = both ? std::vector{other} : std::vector<std::string>{}, .remove = {name}}));
        return;
      }
      default:
        if (pick(4) == 0) dao_.apply_as_dao(withdraw_change(pick(20)));
        if (pick(4) == 0) dao_.apply(name, reseat(name, 'n', seated_generation(name)));
        return;
    }
  }

  // Which of its keys the register holds now.
  int seated_generation(const std::string& name) {
    const std::string key = validator(dao_, name).info().validator_key();
    for (int i = 0; i <= generations_[name]; ++i) {
      if (validator_key_of(name, i).public_key().to_string() == key) return i;
    }
    return 0;
  }

  std::mt19937_64 random_;
  Dao dao_;
  Twin twin_;
  std::vector<std::string> names_{"ada",  "kofi", "chen", "diaz", "hope", "olga",
                                  "omar", "otto", "oona", "op0",  "op1",  "op2"};
  std::map<std::string, int> generations_;
};

TEST(RandomSets, never_break_a_rule_of_the_preflight) {
  int pendings = 0;
  int rekeys = 0;
  const char* given = std::getenv("SALUS_SEED");
  const std::uint64_t first = given != nullptr ? std::stoull(given) : 1;
  const std::uint64_t last = given != nullptr ? first : 6;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE("SALUS_SEED=" + std::to_string(seed) +
                 " build/dev/bin/validators_test --gtest_filter='RandomSets.*'");
    Life life(seed);
    life.run();
    pendings += life.twin().pendings();
    rekeys += life.twin().rekeys();
    EXPECT_GE(life.epoch(), 3U) << "the set lives";
  }
  EXPECT_GE(rekeys, 1) << "keys change";
  std::cout << "sets that became pending: " << pendings << ", " << rekeys << " by new keys\n";
}

}  // namespace
}  // namespace salus::dao::test
