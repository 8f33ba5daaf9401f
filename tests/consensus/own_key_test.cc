// Owns: a key that is used elsewhere stops here (S13, S14), at once and for what was cast already.
#include <gtest/gtest.h>

#include "consensus/rig.h"

namespace salus::consensus::testing {
namespace {

// A vote that waited behind a stage in flight was once handed to the signer after the key had been
// found elsewhere: the restricted guard refused it, and the node ended as if its disk had failed.
TEST(OwnKey, found_elsewhere_signs_nothing_that_was_cast_before) {
  Rig rig{4, 0};
  rig.open_gate();
  rig.flush();
  const Candidate seen = Rig::candidate(1, 0, 'A');
  rig.vote(1, notarize(seen));
  rig.bring('A');
  rig.answer(seen, Purpose::Notarize, /*is_valid=*/true);
  const Subject foreign = notarize(Rig::candidate(3, 0, 'Z'));
  rig.status_from(2, {Rig::signed_by(0, foreign)});
  EXPECT_EQ(rig.core().mode(), Mode::Observing);
  ASSERT_EQ(rig.reported<ForeignVote>().size(), 1U);
  EXPECT_EQ(rig.reported<ForeignVote>()[0].meaning, ForeignVoteMeaning::Twin);

  rig.flush();
  EXPECT_TRUE(rig.cast.empty());
  for (const Record& record : rig.records) {
    EXPECT_FALSE(std::holds_alternative<OwnVoteRecord>(record));
  }
}

TEST(OwnKey, of_a_node_that_is_stopped_signs_nothing_more) {
  Rig rig{4, 0};
  rig.open_gate();
  rig.flush();
  const Candidate seen = Rig::candidate(1, 0, 'A');
  rig.vote(1, notarize(seen));
  rig.bring('A');
  rig.answer(seen, Purpose::Notarize, /*is_valid=*/true);
  rig.step(StopVoting{});
  rig.flush();
  EXPECT_TRUE(rig.cast.empty());
}

}  // namespace
}  // namespace salus::consensus::testing
