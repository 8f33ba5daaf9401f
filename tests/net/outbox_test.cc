// Owns: consensus leaves first, each class is bounded, and every loss is counted.
#include "net/outbox.h"

#include <gtest/gtest.h>

namespace salus::net {
namespace {

EncodedFrame frame(std::string_view text) {
  const ByteView bytes = as_bytes(text);
  return std::make_shared<const Bytes>(bytes.begin(), bytes.end());
}

std::string take_all(Outbox& box) {
  Bytes out;
  box.take(1'000'000, out);
  return std::string{as_chars(out)};
}

NetLimits three_frames_a_class() {
  NetLimits limits;
  limits.consensus_queue_frames_max = 3;
  limits.bulk_queue_frames_max = 3;
  limits.transaction_queue_frames_max = 3;
  return limits;
}

TEST(Outbox, sends_consensus_then_blocks_then_transactions_each_in_order) {
  Outbox box{NetLimits{}};
  box.push(FrameType::Transaction, frame("t1 "));
  box.push(FrameType::Block, frame("b1 "));
  box.push(FrameType::Vote, frame("v1 "));
  box.push(FrameType::Answer, frame("a2 "));
  box.push(FrameType::Status, frame("s2 "));
  box.push(FrameType::Fetch, frame("f3 "));
  box.push(FrameType::Certificate, frame("c3 "));
  EXPECT_EQ(take_all(box), "v1 s2 c3 b1 a2 f3 t1 ");
  EXPECT_EQ(box.queued_bytes(), 0U);
}

TEST(Outbox, forgets_the_oldest_vote_and_block_but_refuses_the_newest_transaction) {
  Outbox box{three_frames_a_class()};
  for (const char* number : {"1", "2", "3", "4", "5"}) {
    box.push(FrameType::Vote, frame(number));
    box.push(FrameType::Block, frame(number));
    box.push(FrameType::Transaction, frame(number));
  }
  EXPECT_EQ(take_all(box), "345345123");
  EXPECT_EQ(box.dropped(), (std::array<std::uint64_t, kSendClasses>{2, 2, 2}));
}

TEST(Outbox, is_bounded_in_bytes) {
  NetLimits limits;
  limits.bulk_queue_bytes_max = 10;
  Outbox box{limits};
  box.push(FrameType::Block, frame("aaaa"));
  box.push(FrameType::Block, frame("bbbb"));
  box.push(FrameType::Block, frame("cccc"));
  EXPECT_EQ(box.queued_bytes(), 8U);
  box.push(FrameType::Block, frame("longer than the queue"));
  EXPECT_EQ(take_all(box), "");
  EXPECT_EQ(box.dropped()[1], 4U);
}

TEST(Outbox, joins_frames_up_to_the_asked_bytes_and_never_cuts_one) {
  Outbox box{NetLimits{}};
  for (const char* text : {"1111", "2222", "3333"}) box.push(FrameType::Vote, frame(text));
  Bytes out;
  EXPECT_EQ(box.take(5, out), 2U);
  EXPECT_EQ(as_chars(out), "11112222");
}

TEST(Outbox, wakes_its_reader_once_until_it_found_nothing) {
  Outbox box{NetLimits{}};
  EXPECT_TRUE(box.push(FrameType::Vote, frame("1")));
  EXPECT_FALSE(box.push(FrameType::Vote, frame("2")));
  EXPECT_EQ(take_all(box), "12");
  EXPECT_FALSE(box.push(FrameType::Vote, frame("3")));
  EXPECT_EQ(take_all(box), "3");
  EXPECT_EQ(take_all(box), "");
  EXPECT_TRUE(box.push(FrameType::Vote, frame("4")));
}

TEST(Outbox, forgets_everything_once_shut) {
  Outbox box{NetLimits{}};
  box.push(FrameType::Vote, frame("1"));
  box.shut();
  EXPECT_FALSE(box.push(FrameType::Vote, frame("2")));
  EXPECT_EQ(box.queued_bytes(), 0U);
  EXPECT_EQ(take_all(box), "");
}

}  // namespace
}  // namespace salus::net
