// Owns: the mempool against a twin that is a plain list: the same refusals, the same contents, and
// blocks that keep order, bounds and fairness, over random admissions, takes and final blocks.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "mempool/a_pool.h"

namespace salus::mempool {
namespace {

using test::APool;
using test::kAccounts;
using test::Wanted;

constexpr std::uint64_t kWindow = 6;
constexpr Limits kLimits{.count_max = 20, .bytes_max = 6'000};

struct Waiting {
  std::size_t from;
  std::uint64_t sequence;
  std::uint64_t expiry;
  std::size_t bytes;
  TxId id;
};

// Says what ought to happen, line by line as the design does (G-2.3, G-2.4).
class Twin {
 public:
  std::string expected(const Waiting& offered, std::uint64_t tip, std::uint64_t next) const {
    if (std::ranges::any_of(list_, [&](const Waiting& w) { return w.id == offered.id; })) {
      return "AlreadyKnown";
    }
    if (offered.expiry <= tip) return "ExpiryPassed";
    if (offered.sequence < next) return "SequenceUsed";
    if (offered.sequence >= next + kWindow) return "SequenceGap";
    std::size_t of_account = 0;
    std::size_t bytes = 0;
    for (const Waiting& waiting : list_) {
      bytes += waiting.bytes;
      if (waiting.from != offered.from) continue;
      if (waiting.sequence == offered.sequence) return "SequenceUsed";
      ++of_account;
    }
    if (of_account >= kWindow) return "QuotaExceeded";
    const bool fits = (list_.size() + 1) * 10 <= kLimits.count_max * 9 &&
                      (bytes + offered.bytes) * 10 <= kLimits.bytes_max * 9;
    return fits ? "Ok" : "MempoolFull";
  }
  void add(const Waiting& waiting) { list_.push_back(waiting); }
  void after_block(std::uint64_t tip, const std::vector<std::uint64_t>& next) {
    std::erase_if(list_,
                  [&](const Waiting& w) { return w.expiry <= tip || w.sequence < next[w.from]; });
  }
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const Waiting& waiting : list_) sum += waiting.bytes;
    return sum;
  }
  const std::vector<Waiting>& list() const { return list_; }
  // How many of an account could go into the next block.
  std::uint64_t ready(std::size_t from, std::uint64_t next, std::uint64_t height) const {
    std::uint64_t count = 0;
    while (std::ranges::any_of(list_, [&](const Waiting& w) {
      return w.from == from && w.sequence == next + count && w.expiry >= height;
    })) {
      ++count;
    }
    return count;
  }

 private:
  std::vector<Waiting> list_;
};

class Game {
 public:
  explicit Game(std::uint64_t seed) : random_(seed) { pool_.set_window(kWindow); }

  void play(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) {
      const std::uint64_t dice = below(10);
      if (dice < 7) offer();
      if (dice == 7) check_block(pool_.take(block_limits()));
      if (dice == 8) finalize_own();
      if (dice == 9) finalize_foreign();
      compare();
    }
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  std::uint64_t tip() { return pool_.tip_height().value(); }
  TakeLimits block_limits() {
    return limits_ = {.count_max = below(12), .bytes_max = below(4'000)};
  }

  Wanted some_transaction() {
    const std::size_t from = below(kAccounts);
    const std::uint64_t next = pool_.next_sequence(from);
    const std::uint64_t shift = below(kWindow + 3);
    return {.from = from,
            .sequence = next + shift > 2 ? next + shift - 2 : 0,
            .expiry_height = tip() + below(12),
            .amount = 1 + below(3),
            .actions = 1 + static_cast<int>(below(4))};
  }
  static Waiting waiting_of(const Wanted& wanted, const wire::Transaction& transaction) {
    return {wanted.from, wanted.sequence, wanted.expiry_height, transaction.raw().size(),
            transaction.id()};
  }

  void offer() {
    const Wanted wanted = some_transaction();
    const auto transaction = pool_.make(wanted);
    const Waiting waiting = waiting_of(wanted, *transaction);
    const std::string expected = twin_.expected(waiting, tip(), pool_.next_sequence(wanted.from));
    EXPECT_EQ(pool_.admit(transaction), expected);
    if (expected == "Ok") twin_.add(waiting);
  }

  // In order, within bounds, no account two ahead of one that still has something ready, and
  // nothing left out while there was room.
  void check_block(const std::vector<Validated<wire::Transaction>>& taken) {
    std::vector<std::uint64_t> got(kAccounts, 0);
    std::size_t bytes = 0;
    for (const auto& transaction : taken) {
      std::size_t from = 0;
      while (pool_.chain().account(from) != transaction->account()) ++from;
      EXPECT_EQ(transaction->sequence(), pool_.next_sequence(from) + got[from]);
      ++got[from];
      bytes += transaction->raw().size() + 4;
    }
    EXPECT_LE(taken.size(), limits_.count_max);
    EXPECT_LE(bytes, limits_.bytes_max);
    std::uint64_t ready_in_all = 0;
    for (std::size_t a = 0; a < kAccounts; ++a) {
      const std::uint64_t ready = twin_.ready(a, pool_.next_sequence(a), tip() + 1);
      ready_in_all += ready;
      EXPECT_LE(got[a], ready);
      if (got[a] == ready) continue;
      for (std::size_t b = 0; b < kAccounts; ++b) EXPECT_LE(got[b], got[a] + 1);
    }
    const bool has_room = taken.size() < limits_.count_max && bytes + 1'000 < limits_.bytes_max;
    if (has_room) {
      EXPECT_EQ(taken.size(), ready_in_all);
    }
    EXPECT_EQ(pool_.has_executable(), ready_in_all > 0);
  }

  void finalize_own() {
    const auto taken = pool_.take(block_limits());
    check_block(taken);
    finalize(taken);
  }
  // What the leader of another node had.
  void finalize_foreign() {
    Wanted wanted = some_transaction();
    wanted.sequence = pool_.next_sequence(wanted.from);
    wanted.expiry_height = tip() + 1;
    finalize({pool_.make(wanted)});
  }
  void finalize(const std::vector<Validated<wire::Transaction>>& transactions) {
    pool_.finalize(transactions);
    std::vector<std::uint64_t> next;
    for (std::size_t a = 0; a < kAccounts; ++a) next.push_back(pool_.next_sequence(a));
    twin_.after_block(tip(), next);
  }

  void compare() {
    EXPECT_EQ(pool_.pool().count(), twin_.list().size());
    EXPECT_EQ(pool_.pool().bytes(), twin_.bytes());
    for (const Waiting& waiting : twin_.list()) EXPECT_TRUE(pool_.pool().has(waiting.id));
    EXPECT_LE(pool_.pool().count(), kLimits.count_max);
    EXPECT_LE(pool_.pool().bytes(), kLimits.bytes_max);
  }

  std::mt19937_64 random_;
  APool pool_{kLimits};
  Twin twin_;
  TakeLimits limits_{0, 0};
};

TEST(MempoolModel, agrees_with_a_plain_list_over_random_operations) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Game{seed}.play(300);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace salus::mempool
