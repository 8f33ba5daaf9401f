// Owns: a register vote that a later one has replaced is not signed again. Seen by salus-sim, seed
// 546 of its first version: a validator came back with a notarize vote in its registers whose block
// bytes the journal had lost, and waited for the bytes before it signed again (C13). Meanwhile it
// voted in the next view; when the bytes came it asked for the old vote, which the sign guard
// refuses (C9), and the process ended.
#include <gtest/gtest.h>

#include <algorithm>

#include "consensus/rig.h"

namespace salus::consensus::testing {
namespace {

TEST(RecoveredNotarize, is_not_signed_again_after_a_later_one) {
  const Candidate lost = Rig::candidate(1, 0, 'A');
  const Candidate later = Rig::candidate(2, 0, 'B');
  Recovered recovered;
  recovered.registers.record(notarize(lost));
  recovered.stage = Stage{1};
  recovered.restarted = true;
  Rig rig{4, 0, std::move(recovered)};
  rig.open_gate();
  rig.flush();

  rig.certificate_in(Rig::skip(1), {1, 2, 3});
  rig.flush();
  rig.vote(2, notarize(later));
  rig.bring('B');
  rig.answer(later, Purpose::Notarize, true);
  rig.flush();
  ASSERT_TRUE(rig.has_cast(notarize(later)));

  rig.bring('A');
  rig.flush();
  EXPECT_FALSE(rig.has_cast(notarize(lost)));
}

// The same without the later vote: it is signed again as soon as its bytes are durable.
TEST(RecoveredNotarize, is_signed_again_once_its_bytes_are_here) {
  const Candidate lost = Rig::candidate(1, 0, 'A');
  Recovered recovered;
  recovered.registers.record(notarize(lost));
  recovered.stage = Stage{1};
  recovered.restarted = true;
  Rig rig{4, 0, std::move(recovered)};
  rig.open_gate();
  rig.flush();
  EXPECT_FALSE(rig.has_cast(notarize(lost)));
  rig.bring('A');
  rig.flush();
  EXPECT_TRUE(rig.has_cast(notarize(lost)));
}

}  // namespace
}  // namespace salus::consensus::testing
