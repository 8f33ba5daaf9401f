// Owns: regressions of section 15 about what a validator has on its disk: whatever is left of it,
// never two votes where there may be one (S7 to S12, S17).
#include <gtest/gtest.h>

#include <filesystem>

#include "storage/power_cut.h"

namespace salus::storage {
namespace {

// From cometbft/cometbft#6031, gnolang/gno#5915 and Galxe/gravity-sdk#743. PowerCut in
// tests/storage has more lives.
TEST(Regressions, guard_survives_power_cut) {
  const Life kLives[] = {
      {"first vote ever", {notarizes(1, "A", 1'200)}},
      {"finalize after notarize", {notarizes(1), finalizes(1)}},
      {"nullify after notarize", {notarizes(1), nullifies(1)}},
      {"notarize after nullify", {nullifies(1), notarizes(1, "A", 900)}},
  };
  for (const Life& life : kLives) cut_power_in_the_last_turn(life);
}

// From tendermint/tendermint#3418.
TEST(Regressions, key_without_guard_is_amnesia) {
  for (const bool has_voted : {true, false}) {
    SCOPED_TRACE(has_voted);
    AValidator validator;
    if (has_voted) {
      auto node = validator.start();
      validator.run(node, notarizes(1));
    }
    std::filesystem::remove(validator.folder / "guard");
    // The second start finds the guard that the first one put there, and is not deceived by it.
    for (int start = 0; start < 2; ++start) {
      const auto node = validator.start();
      EXPECT_EQ(node.standing, Standing::Restricted);
      ASSERT_TRUE(node.guard.restriction());
      EXPECT_EQ(node.guard.restriction()->kind, RestrictionKind::Amnesia);
      EXPECT_FALSE(node.why.empty());
    }
  }
}

// From ava-labs/Simplex#551.
TEST(Regressions, old_epoch_records_stay_out) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
  }
  // Its own past under the name of the next epoch is corruption and no input (S17).
  const Path old_folder = validator.journal_folder();
  validator.epoch = Epoch{4};
  std::filesystem::copy(old_folder, validator.journal_folder(),
                        std::filesystem::copy_options::recursive);
  const auto node = validator.start();
  EXPECT_EQ(node.standing, Standing::Restricted);
  EXPECT_EQ(node.registers(), consensus::Registers{});

  // Record by record, whatever kind it is.
  const consensus::Record kRecords[] = {
      consensus::OwnVoteRecord{consensus::nullify(Epoch{3}, View{1})},
      consensus::CertificateRecord{{.subject = consensus::nullify(Epoch{3}, View{1}),
                                    .set_size = 1,
                                    .signatures = {{ValidatorIndex{0}, Signature{}}}}},
      consensus::CandidateRecord{a_candidate(1), Bytes(40, 0x42)},
      consensus::HaltRecord{consensus::HaltReason::Diverged, Epoch{3}, View{1}},
  };
  for (const consensus::Record& record : kRecords) {
    const Bytes payload = consensus::encode_payload(a_chain(), record);
    const auto type = static_cast<std::uint8_t>(consensus::type_of(record));
    EXPECT_TRUE(consensus::decode_payload(type, payload, a_chain(), Epoch{3})) << int{type};
    const auto foreign = consensus::decode_payload(type, payload, a_chain(), Epoch{4});
    ASSERT_FALSE(foreign) << int{type};
    EXPECT_EQ(foreign.error(), consensus::RecordError::OtherEpoch) << int{type};
  }
}

}  // namespace
}  // namespace salus::storage
