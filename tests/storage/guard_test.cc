// Owns: the golden bytes of a guard page, and the promise that the guard signs nothing that
// contradicts what it signed (S8).
#include <gtest/gtest.h>

#include <random>

#include "a_validator.h"
#include "storage/guard_page.h"
#include "storage/sign_guard.h"

namespace salus::storage {
namespace {

GuardPage a_page() {
  GuardPage page;
  page.write = 6;
  page.validator_key = a_key().public_key();
  page.chain_id = a_chain();
  page.stage = Stage{17};
  page.journal = LogPosition{126'976};
  page.epoch = Epoch{3};
  page.registers.notarize = a_candidate(9);
  page.registers.nullify = View{8};
  page.registers.finalize = a_candidate(7);
  page.restriction = Restriction{RestrictionKind::Twin, a_nonce()};
  return page;
}

TEST(GuardPage, has_golden_bytes) {
  const Bytes page = encode(a_page());
  ASSERT_EQ(page.size(), kGuardPageBytes);
  EXPECT_EQ(
      hex(ByteView{page}.first(kGuardBytes)),
      "73616c75732e67756172642e310000000000000000000006cecc1507dc1ddd7295951c290888f095adb9044d"
      "1b73d696e6df065d683bd4fc613648ebe62ba12b093362e6aa2ab297100bb7e3a3f11c88e56ac9007ed3881a"
      "0000000000000011000000000001f0000000000000000003000000000000000900000000000000080db4c324"
      "9bde49f1d99698b93bd365c219fae9693394c3220629ca5d1f960e4600000000000000080000000000000007"
      "00000000000000060db4c3249bde49f1d99698b93bd365c219fae9693394c3220629ca5d1f960e46025a5a5a"
      "5a5a5a5a5a5a5a5a5a5a5a5a5af6cfb386");
}

TEST(GuardPage, reads_back) {
  EXPECT_EQ(decode_guard_page(encode(a_page())), a_page());
  EXPECT_EQ(decode_guard_page(encode(GuardPage{})), GuardPage{});
}

TEST(GuardPage, is_refused_when_any_bit_of_its_sector_differs) {
  const Bytes good = encode(a_page());
  for (std::size_t bit = 0; bit < 512 * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_EQ(decode_guard_page(bad), std::nullopt) << bit;
  }
  EXPECT_EQ(decode_guard_page(ByteView{good}.first(kGuardPageBytes - 1)), std::nullopt);
}

TEST(GuardPage, decoder_takes_any_bytes) {
  constexpr std::uint64_t kSeed = 43;
  std::mt19937_64 random{kSeed};
  for (int round = 0; round < 5'000; ++round) {
    Bytes bytes = encode(a_page());
    const std::size_t changes = 1 + random() % 8;
    bool changed = false;
    for (std::size_t i = 0; i < changes; ++i) {
      auto& byte = bytes[random() % kGuardBytes];
      const auto value = static_cast<std::uint8_t>(random());
      changed = changed || byte != value;
      byte = value;
    }
    EXPECT_TRUE(!changed || bytes == encode(a_page()) || !decode_guard_page(bytes))
        << "seed " << kSeed << " round " << round;
  }
}

struct GuardTest : ::testing::Test {
  salus::testing::TempFolder temp;
  Path path = temp / "guard";

  void SetUp() override { ASSERT_TRUE(SignGuard::create(path, a_key().public_key())); }

  SignGuard open() {
    auto guard = SignGuard::open(path, a_key(), a_chain());
    EXPECT_TRUE(guard) << guard.error().reason;
    return std::move(*guard);
  }
  GuardError refused(crypto::KeyPair key, const ChainId& chain) {
    auto guard = SignGuard::open(path, std::move(key), chain);
    EXPECT_FALSE(guard);
    return guard ? GuardError{} : guard.error();
  }
  static Result<std::vector<Signature>, SignError> sign(SignGuard& guard, std::uint64_t stage,
                                                        const Turn& turn,
                                                        const ChainId& chain = a_chain()) {
    std::vector<Bytes> votes;
    for (const auto& vote : turn.votes) votes.push_back(consensus::signed_bytes(chain, vote));
    return guard.sign(Stage{stage}, LogPosition{stage * 4'096}, votes);
  }
};
using GuardDeathTest = GuardTest;

TEST_F(GuardTest, remembers_what_it_signed) {
  {
    auto guard = open();
    ASSERT_TRUE(sign(guard, 1, notarizes(4)));
    ASSERT_TRUE(sign(guard, 2, nullifies(3)));
    ASSERT_TRUE(sign(guard, 5, finalizes(4)));
  }
  auto guard = open();
  EXPECT_EQ(guard.stage(), Stage{5});
  EXPECT_EQ(guard.epoch(), Epoch{3});
  EXPECT_EQ(guard.journal_in(Epoch{3}), LogPosition{5 * 4'096});
  EXPECT_EQ(guard.registers_in(Epoch{3}).notarize, a_candidate(4));
  EXPECT_EQ(guard.registers_in(Epoch{3}).nullify, View{3});
  EXPECT_EQ(guard.registers_in(Epoch{3}).finalize, a_candidate(4));
  EXPECT_EQ(guard.registers_in(Epoch{4}), consensus::Registers{});
  EXPECT_EQ(guard.journal_in(Epoch{4}), LogPosition{});
}

TEST_F(GuardTest, has_its_page_on_the_disk_before_it_answers) {
  auto guard = open();
  ASSERT_TRUE(sign(guard, 1, notarizes(4)));
  // Another reader, as a process after a kill would be.
  EXPECT_EQ(open().registers_in(Epoch{3}).notarize, a_candidate(4));
}

TEST_F(GuardTest, signs_again_only_what_equals_a_register) {
  auto guard = open();
  const auto first = sign(guard, 1, notarizes(4));
  ASSERT_TRUE(first);
  const std::uint64_t syncs = guard.syncs();
  EXPECT_EQ(*sign(guard, 1, notarizes(4)), *first);
  EXPECT_EQ(guard.syncs(), syncs) << "nothing new was said";
  EXPECT_EQ(*sign(guard, 2, notarizes(4)), *first);
  EXPECT_EQ(guard.stage(), Stage{2});
}

TEST_F(GuardDeathTest, refuses_what_column_two_of_c9_refuses) {
  struct Case {
    const char* name;
    Turn first;
    Turn second;
  };
  const Case kCases[] = {
      {"another candidate in the same view", notarizes(5, "A"), notarizes(5, "B")},
      {"notarize of an earlier view", notarizes(5), notarizes(4)},
      {"finalize after nullify", nullifies(5), finalizes(5)},
      {"finalize below nullify", nullifies(5), finalizes(4)},
      {"nullify after finalize", finalizes(5), nullifies(5)},
      {"nullify below finalize", finalizes(5), nullifies(4)},
      {"another finalize in the same view", finalizes(5, "A"), finalizes(5, "B")},
  };
  for (const Case& row : kCases) {
    SCOPED_TRACE(row.name);
    std::filesystem::remove(path);
    ASSERT_TRUE(SignGuard::create(path, a_key().public_key()));
    auto guard = open();
    ASSERT_TRUE(sign(guard, 1, row.first));
    EXPECT_DEATH((void)sign(guard, 2, row.second), "C9");
    // After a restart too.
    auto again = open();
    EXPECT_DEATH((void)sign(again, 2, row.second), "C9");
  }
}

TEST_F(GuardDeathTest, refuses_stages_that_do_not_increase) {
  auto guard = open();
  ASSERT_TRUE(sign(guard, 3, notarizes(1)));
  EXPECT_DEATH((void)sign(guard, 3, notarizes(2)), "vote stages increase");
  EXPECT_DEATH((void)sign(guard, 2, notarizes(2)), "vote stages increase");
  EXPECT_DEATH((void)sign(guard, 2, notarizes(1)), "vote stages increase");
}

TEST_F(GuardDeathTest, refuses_older_epochs_other_chains_and_what_is_no_vote) {
  auto guard = open();
  ASSERT_TRUE(sign(guard, 1, notarizes(1)));
  EXPECT_DEATH((void)sign(guard, 2, {{consensus::nullify(Epoch{2}, View{9})}, 0}),
               "an epoch that has ended");
  EXPECT_DEATH((void)sign(guard, 2, notarizes(2), a_chain("another")), "another chain");
  EXPECT_DEATH((void)guard.sign(Stage{2}, LogPosition{}, {Bytes{1, 2, 3}}), "no vote");
  EXPECT_DEATH((void)guard.sign(Stage{2}, LogPosition{}, {}), "a vote stage has votes");
}

TEST_F(GuardTest, starts_a_later_epoch_with_empty_registers) {
  auto guard = open();
  ASSERT_TRUE(sign(guard, 1, notarizes(9)));
  ASSERT_TRUE(sign(guard, 2, {{consensus::nullify(Epoch{4}, View{1})}, 0}));
  EXPECT_EQ(guard.epoch(), Epoch{4});
  EXPECT_EQ(guard.registers_in(Epoch{4}).notarize, std::nullopt);
  EXPECT_EQ(guard.registers_in(Epoch{4}).nullify, View{1});
}

TEST_F(GuardTest, falls_back_to_the_older_page_when_the_newer_is_damaged) {
  {
    auto guard = open();
    ASSERT_TRUE(sign(guard, 1, notarizes(1)));
    ASSERT_TRUE(sign(guard, 2, notarizes(2)));
  }
  // Writes: 0 created, 1 bound to the chain, 2 and 3 signed; the last lies in the second page.
  rot(path, 4'096 + 100);
  EXPECT_EQ(open().stage(), Stage{1});
  rot(path, 100);
  EXPECT_EQ(refused(a_key(), a_chain()).fault, GuardFault::Corrupt);
}

TEST_F(GuardTest, refuses_another_key_and_another_chain) {
  {
    auto guard = open();
  }
  EXPECT_EQ(refused(a_key(2), a_chain()).fault, GuardFault::OtherKey);
  EXPECT_EQ(refused(a_key(), a_chain("another")).fault, GuardFault::OtherChain);
  std::filesystem::remove(path);
  EXPECT_EQ(refused(a_key(), a_chain()).fault, GuardFault::Missing);
}

TEST_F(GuardTest, is_never_created_over_another) {
  const auto second = SignGuard::create(path, a_key().public_key());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, GuardFault::Exists);
}

TEST_F(GuardTest, keeps_the_key_after_a_refused_open) {
  auto key = a_key();
  const auto guard = SignGuard::open(temp / "nowhere", std::move(key), a_chain());
  ASSERT_FALSE(guard);
  // That a refused open leaves the key alone is the point.
  EXPECT_EQ(key.seed(), a_key().seed());  // NOLINT(bugprone-use-after-move)
}

TEST_F(GuardTest, signs_nothing_once_restricted_whichever_page_is_lost) {
  {
    auto guard = open();
    ASSERT_TRUE(sign(guard, 1, notarizes(1)));
    ASSERT_TRUE(guard.restrict(RestrictionKind::Twin, a_nonce()));
    EXPECT_FALSE(sign(guard, 2, notarizes(2)));
    EXPECT_FALSE(sign(guard, 1, notarizes(1)));
    // The first reason is the one that its nonce names.
    ASSERT_TRUE(guard.restrict(RestrictionKind::Moved, Nonce{}));
  }
  const Disk disk = read_disk(temp.path());
  for (const std::uint64_t page : {0ULL, 4'096ULL}) {
    write_disk(temp.path(), disk);
    rot(path, page + 100);
    auto guard = open();
    EXPECT_EQ(guard.restriction(), (Restriction{RestrictionKind::Twin, a_nonce()}));
    EXPECT_FALSE(sign(guard, 2, notarizes(2)));
  }
}

TEST_F(GuardTest, put_in_place_of_a_lost_one_is_restricted_in_both_pages) {
  {
    const auto guard = SignGuard::create_restricted(path, a_key(), a_chain(), Epoch{3}, Stage{8},
                                                    {RestrictionKind::Amnesia, a_nonce()});
    ASSERT_TRUE(guard);
  }
  EXPECT_TRUE(std::filesystem::exists(temp / "guard.set-aside.1"));
  const Disk disk = read_disk(temp.path());
  for (const std::uint64_t page : {0ULL, 4'096ULL}) {
    write_disk(temp.path(), disk);
    rot(path, page + 100);
    const auto guard = open();
    EXPECT_TRUE(guard.restriction());
    EXPECT_EQ(guard.stage(), Stage{8});
  }
}

}  // namespace
}  // namespace salus::storage
