// Owns: peers are served by turns, and an ended link leaves nothing behind.
#include "node/inbox.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace salus::node {
namespace {

NodeId peer(std::uint8_t number) {
  NodeId out;
  out.bytes.fill(number);
  return out;
}

replica::FrameIn frame(std::uint8_t from, std::uint8_t number) {
  return {.from = peer(from), .type = FrameType::Vote, .payload = Bytes{number}};
}

// What comes out, in order: `2:7` is frame 7 of peer 2, `+2` and `-2` its link's up and down.
std::vector<std::string> drain(Inbox& inbox) {
  std::vector<std::string> out;
  while (!inbox.is_empty()) {
    const auto [event, receipt] = inbox.take();
    if (const auto* in = std::get_if<replica::FrameIn>(&event)) {
      out.push_back(std::to_string(in->from.bytes[0]) + ":" + std::to_string(in->payload[0]));
    } else if (const auto* up = std::get_if<replica::LinkUp>(&event)) {
      out.push_back("+" + std::to_string(up->peer.bytes[0]));
    } else {
      out.push_back("-" + std::to_string(std::get<replica::LinkDown>(event).peer.bytes[0]));
    }
  }
  return out;
}

using Order = std::vector<std::string>;

TEST(Inbox, each_peer_has_its_turn_however_much_another_sent) {
  Inbox inbox;
  for (std::uint8_t i = 0; i < 4; ++i) inbox.add(frame(1, i), nullptr);
  inbox.add(frame(2, 7), nullptr);
  inbox.add(frame(3, 8), nullptr);
  inbox.add(frame(3, 9), nullptr);
  EXPECT_EQ(drain(inbox), (Order{"1:0", "2:7", "3:8", "1:1", "3:9", "1:2", "1:3"}));
}

TEST(Inbox, a_link_that_ends_takes_its_frames_with_it) {
  Inbox inbox;
  inbox.link_up(peer(1));
  inbox.add(frame(1, 0), nullptr);
  EXPECT_EQ(drain(inbox), (Order{"+1", "1:0"}));
  auto receipt = std::make_shared<const int>(0);
  const std::weak_ptr<const int> held = receipt;
  inbox.add(frame(1, 1), std::move(receipt));
  EXPECT_FALSE(held.expired());
  inbox.link_down(peer(1));
  EXPECT_TRUE(held.expired());
  inbox.link_up(peer(1));
  inbox.add(frame(1, 2), nullptr);
  EXPECT_EQ(drain(inbox), (Order{"-1", "+1", "1:2"}));
}

TEST(Inbox, a_peer_that_links_anew_for_ever_leaves_one_down_and_one_up) {
  Inbox inbox;
  inbox.link_up(peer(1));
  EXPECT_EQ(drain(inbox), (Order{"+1"}));
  for (std::uint8_t i = 0; i < 9; ++i) {
    inbox.link_down(peer(1));
    inbox.link_up(peer(1));
    inbox.add(frame(1, i), nullptr);
  }
  EXPECT_EQ(inbox.count(peer(1)), 3U);
  EXPECT_EQ(drain(inbox), (Order{"-1", "+1", "1:8"}));
  inbox.link_down(peer(1));
  inbox.link_up(peer(1));
  inbox.link_down(peer(1));
  EXPECT_EQ(drain(inbox), (Order{"-1"})) << "the replica never hears of a link that is over";
}

}  // namespace
}  // namespace salus::node
