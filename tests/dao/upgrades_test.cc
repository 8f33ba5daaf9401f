// Owns: proof that a protocol version changes by vote and by readiness together, at one block that
// every node knows before it (G-10.7 to G-10.11).
#include "dao/validators/upgrades.h"

#include "dao/a_people.h"
#include "dao/a_validator.h"
#include "dao/application.h"

namespace salus::dao::test {
namespace {

constexpr std::uint64_t kNotice = 5;
constexpr std::uint64_t kWindow = 4;

v1::GenesisDocument a_network_with_notice() {
  v1::GenesisDocument document = a_network();
  set_in(document, "validators.upgrade_notice", kNotice);
  set_in(document, "validators.upgrade_window", kWindow);
  return document;
}

std::string upgrade_state(const Dao& dao, std::uint32_t version) {
  const auto upgrade = validators::find_upgrade(dao.state(), version);
  return upgrade ? v1::UpgradeState_Name(upgrade->state()).substr(14) : "";
}

// The network of olga, omar, otto and oona with version 2 scheduled in block 1 for height 7, in
// block 2.
class Scheduled : public testing::Test {
 protected:
  Scheduled() {
    EXPECT_EQ(dao.apply_as_dao(schedule_upgrade(2, 2 + kNotice)), "Ok");
    dao.end_block();
  }
  void signal(std::initializer_list<const char*> names) {
    for (const char* name : names) {
      ASSERT_EQ(dao.as(name).apply(signal_ready(2)).error(), "Ok") << name;
    }
  }
  Dao dao{a_network_with_notice()};
};

TEST(Upgrade, is_newer_and_announced_and_one_at_a_time) {
  Dao dao(a_network_with_notice());
  EXPECT_EQ(dao::protocol_version(dao.state()), 1U);
  EXPECT_EQ(dao.as("olga").apply(schedule_upgrade(2, 100)).error(), "NotAuthorized");
  EXPECT_EQ(dao.apply_as_dao(schedule_upgrade(1, 100)), "VersionNotNewer");
  EXPECT_EQ(dao.apply_as_dao(schedule_upgrade(2, dao.height().value() + kNotice - 1)),
            "UpgradeTooSoon");
  ASSERT_EQ(dao.apply_as_dao(schedule_upgrade(2, dao.height().value() + kNotice)), "Ok")
      << "a notice is reached";
  EXPECT_EQ(dao.apply_as_dao(schedule_upgrade(3, 100)), "UpgradeExists");
  const auto coming = dao::coming_upgrade(dao.state());
  ASSERT_TRUE(coming.has_value());
  EXPECT_EQ(coming->version, 2U);
  EXPECT_EQ(coming->from_height, Height{6});
  EXPECT_EQ(validators::find_upgrade(dao.state(), 2)->until_height(), 6 + kWindow);
  EXPECT_EQ(dao.apply_as_dao(cancel_upgrade(3)), "UpgradeUnknown");
  ASSERT_EQ(dao.apply_as_dao(cancel_upgrade(2)), "Ok");
  EXPECT_EQ(dao.apply_as_dao(cancel_upgrade(2)), "UpgradeUnknown");
  EXPECT_EQ(upgrade_state(dao, 2), "CANCELLED");
  EXPECT_EQ(dao.apply_as_dao(schedule_upgrade(2, 100)), "Ok") << "decided anew";
  dao.end_block();
}

TEST(Upgrade, proposed_must_be_newer_already) {
  Dao dao(a_network_with_notice());
  EXPECT_EQ(dao.as("mira").apply(submit({schedule_upgrade(1, 100)}, 50 * kToken)).error(),
            "VersionNotNewer");
  EXPECT_EQ(dao.as("mira").apply(submit({schedule_upgrade(2, 100)}, 50 * kToken)).error(), "Ok");
}

TEST_F(Scheduled, becomes_active_at_the_end_of_the_first_block_of_its_window_when_all_are_ready) {
  signal({"olga", "omar", "otto", "oona"});
  end_blocks(dao, 4);  // blocks 2 to 5
  EXPECT_EQ(dao::protocol_version(dao.state()), 1U);
  dao.end_block();  // block 6
  EXPECT_EQ(dao::protocol_version(dao.state()), 1U) << "from_height is the first";
  const EndOfBlock end = dao.end_block();  // block 7
  EXPECT_TRUE(end.active);
  EXPECT_EQ(dao::protocol_version(dao.state()), 2U) << "the version of block 8 (G-10.7)";
  EXPECT_EQ(upgrade_state(dao, 2), "ACTIVE");
  EXPECT_EQ(dao::active_upgrade(dao.state())->from_height, Height{8});
  EXPECT_FALSE(dao::coming_upgrade(dao.state()).has_value());
  EXPECT_EQ(dao.apply_as_dao(schedule_upgrade(2, 100)), "VersionNotNewer") << "it never falls";
  EXPECT_EQ(dao.as("olga").apply(signal_ready(2, true)).error(), "UpgradeUnknown")
      << "no way back once it is active";
}

TEST_F(Scheduled, waits_for_the_last_and_expires_without_him) {
  signal({"olga", "omar", "otto"});
  end_blocks(dao, 6);
  // 90 % of four is all four (G-8.20).
  EXPECT_EQ(upgrade_state(dao, 2), "SCHEDULED");
  end_blocks(dao, kWindow - 1);  // block 10, the last of the window
  EXPECT_EQ(upgrade_state(dao, 2), "SCHEDULED");
  signal({"oona"});
  dao.end_block();  // block 11 = until_height: it is over
  EXPECT_EQ(upgrade_state(dao, 2), "EXPIRED");
  EXPECT_EQ(dao::protocol_version(dao.state()), 1U);
}

TEST_F(Scheduled, counts_who_is_ready_in_the_last_block_of_the_window_and_no_longer_who_withdrew) {
  signal({"olga", "omar", "otto", "oona"});
  ASSERT_EQ(dao.as("oona").apply(signal_ready(2, true)).error(), "Ok");
  end_blocks(dao, 8);
  EXPECT_EQ(upgrade_state(dao, 2), "SCHEDULED");
  signal({"oona"});
  dao.end_block();  // block 10
  EXPECT_EQ(upgrade_state(dao, 2), "ACTIVE");
}

TEST_F(Scheduled, is_signalled_by_operators_for_the_scheduled_version) {
  EXPECT_EQ(dao.as("mira").apply(signal_ready(2)).error(), "ValidatorUnknown");
  EXPECT_EQ(dao.as("olga").apply(signal_ready(3)).error(), "UpgradeUnknown");
  EXPECT_EQ(dao.as("olga").apply(signal_ready(0)).error(), "UpgradeUnknown");
  // A nominee may: his set may be the one that votes.
  nominate(dao, "ada");
  EXPECT_EQ(dao.as("ada").apply(signal_ready(2)).error(), "Ok");
  signal({"olga"});
  const auto ready = validators::readiness(dao.state(), dao::validator_set(dao.state()),
                                           *validators::find_upgrade(dao.state(), 2));
  EXPECT_EQ(ready.n, 4U);
  EXPECT_EQ(ready.ready, 1U);
  EXPECT_EQ(ready.need, 4U);
}

TEST(Upgrade, asks_the_pending_set_too) {
  const validators::Readiness all{.n = 4, .ready = 4, .need = 4};
  validators::UpgradeInput input{.height = 150,
                                 .from_height = 100,
                                 .until_height = 200,
                                 .current = all,
                                 .pending = validators::Readiness{.n = 5, .ready = 4, .need = 5}};
  EXPECT_FALSE(validators::becomes_active(input));
  input.pending->ready = 5;
  EXPECT_TRUE(validators::becomes_active(input));
  input.height = 200;
  EXPECT_FALSE(validators::becomes_active(input));
}

}  // namespace
}  // namespace salus::dao::test
