// Owns: subscribers get every matching event once and in order, go on where they were, cost a
// bounded place, and are told when the node stops.
#include <gtest/gtest.h>

#include <thread>

#include "dao/a_dao.h"
#include "rpc/a_node.h"
#include "rpc/access_table.h"
#include "rpc/event_cursor.h"
#include "salus/v1/chain_service.grpc.pb.h"

namespace salus::rpc {
namespace {

using test::ANode;
using test::detail_of;
using test::name_of;

class Subscriber {
 public:
  Subscriber(ANode& node, const v1::SubscribeEventsRequest& request)
      : stub_(v1::Chain::NewStub(node.channel())),
        reader_(stub_->SubscribeEvents(&context_, request)) {}
  ~Subscriber() { end(); }

  // Blocks until there is one; nullopt when the stream ended.
  std::optional<v1::SubscribeEventsResponse> next() {
    v1::SubscribeEventsResponse message;
    if (!reader_->Read(&message)) return std::nullopt;
    return message;
  }
  // The next event, past words of mere progress.
  v1::SubscribeEventsResponse next_event() {
    while (auto message = next()) {
      if (message->has_placed()) return *message;
    }
    ADD_FAILURE() << "the stream ended";
    return {};
  }
  grpc::Status status() {
    v1::SubscribeEventsResponse message;
    while (reader_->Read(&message)) continue;
    finished_ = true;
    return reader_->Finish();
  }
  void end() {
    if (finished_) return;
    context_.TryCancel();
    status();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::Chain::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<v1::SubscribeEventsResponse>> reader_;
  bool finished_ = false;
};

v1::SubscribeEventsRequest from(std::uint64_t height, std::uint32_t index = 0) {
  v1::SubscribeEventsRequest request;
  request.mutable_from()->set_height(height);
  request.mutable_from()->set_index(index);
  return request;
}

std::string place(const v1::SubscribeEventsResponse& message) {
  return std::to_string(message.placed().at().height()) + "." +
         std::to_string(message.placed().at().index());
}

// Two transfers in block 1, none in 2, one in 3.
void fill(ANode& node) {
  node.seal({node.chain().transfer(0, 0), node.chain().transfer(1, 0)});
  node.seal();
  node.seal({node.chain().transfer(2, 0)});
}

TEST(Subscription, gives_past_events_in_order_with_where_they_are) {
  ANode node;
  fill(node);
  for (const std::uint64_t start : {0U, 1U}) {
    Subscriber subscriber{node, from(start)};
    const auto first = subscriber.next_event();
    EXPECT_EQ(place(first), "1.0");
    EXPECT_EQ(first.placed().tx_id(), node.chain().transfer(0, 0)->id().to_string());
    EXPECT_EQ(first.placed().event().kind(), v1::EVENT_KIND_TRANSFERRED);
    EXPECT_GT(first.placed().time_ms(), dao::test::kGenesisMs);
    EXPECT_EQ(first.next().index(), 1U);
    EXPECT_EQ(place(subscriber.next_event()), "1.1");
    EXPECT_EQ(place(subscriber.next_event()), "3.0");
  }
}

TEST(Subscription, goes_on_from_any_cursor_without_loss_or_repeat) {
  ANode node;
  fill(node);
  std::vector<std::string> all;
  std::vector<v1::EventCursor> cursors;
  {
    Subscriber subscriber{node, from(1)};
    for (int i = 0; i < 3; ++i) {
      const auto message = subscriber.next_event();
      all.push_back(place(message));
      cursors.push_back(message.next());
    }
  }
  for (std::size_t i = 0; i + 1 < cursors.size(); ++i) {
    Subscriber again{node, from(cursors[i].height(), cursors[i].index())};
    for (std::size_t k = i + 1; k < all.size(); ++k) EXPECT_EQ(place(again.next_event()), all[k]);
  }
  // Past the last event of a block is the start of the next.
  Subscriber past{node, from(1, 99)};
  EXPECT_EQ(place(past.next_event()), "3.0");
}

TEST(Subscription, without_a_cursor_begins_with_the_next_block_and_is_woken_by_it) {
  ANode node;
  fill(node);
  Subscriber subscriber{node, {}};
  std::optional<v1::SubscribeEventsResponse> got;
  std::atomic<bool> done = false;
  std::thread reader{[&] {
    got = subscriber.next_event();
    done = true;
  }};
  std::uint64_t sequence = 1;
  while (!done) node.seal({node.chain().transfer(0, sequence++)});
  reader.join();
  EXPECT_GT(got->placed().at().height(), 3U);
}

TEST(Subscription, from_the_future_sleeps_until_it_comes) {
  ANode node;
  fill(node);
  Subscriber subscriber{node, from(5)};
  node.seal({node.chain().transfer(0, 1)});
  node.seal({node.chain().transfer(0, 2)});
  EXPECT_EQ(place(subscriber.next_event()), "5.0");
}

TEST(Subscription, is_filtered_by_account_and_by_kind) {
  ANode node;
  fill(node);
  v1::SubscribeEventsRequest of_account = from(1);
  // Account 3 receives from account 2 alone.
  of_account.set_account(node.chain().account(3).to_string());
  Subscriber by_account{node, of_account};
  EXPECT_EQ(place(by_account.next_event()), "3.0");

  node.apply("zed", dao::test::ask_admission("zed", 1));
  v1::SubscribeEventsRequest of_kind = from(1);
  of_kind.add_kinds(v1::EVENT_KIND_TRANSFERRED);
  Subscriber transfers{node, of_kind};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(transfers.next_event().placed().event().kind(), v1::EVENT_KIND_TRANSFERRED);
  }
  node.seal({node.chain().transfer(3, 0)});
  EXPECT_EQ(place(transfers.next_event()), "5.0");
}

// A filter that nothing matches still says how far it got, so that nobody looks twice.
TEST(Subscription, tells_its_progress_where_nothing_matches) {
  ANode node;
  for (std::uint64_t i = 0; i < kBlocksPerStepMax + 3; ++i) node.seal();
  v1::SubscribeEventsRequest request = from(1);
  request.set_account(node.chain().account(3).to_string());
  Subscriber subscriber{node, request};
  const auto first = subscriber.next();
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->has_placed());
  EXPECT_EQ(first->next().height(), kBlocksPerStepMax + 1);
  const auto second = subscriber.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->next().height(), kBlocksPerStepMax + 4);
}

TEST(Subscription, with_a_wrong_filter_is_refused) {
  ANode node;
  v1::SubscribeEventsRequest request;
  request.set_account("short");
  grpc::Status status = Subscriber{node, request}.status();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(name_of(status), "ArgumentInvalid");
  request.Clear();
  for (int i = 0; i <= kFilterKindsMax; ++i) request.add_kinds(v1::EVENT_KIND_TRANSFERRED);
  EXPECT_EQ(name_of(Subscriber{node, request}.status()), "ArgumentInvalid");
}

// Seen: the only method that did not look at its row of the access table.
TEST(Subscription, that_is_too_large_is_refused) {
  ANode node;
  v1::SubscribeEventsRequest request;
  request.set_account(std::string(kSmallRequestBytesMax, 'x'));
  EXPECT_EQ(name_of(Subscriber{node, request}.status()), "RequestTooLarge");
}

TEST(Subscription, beyond_the_last_place_is_refused_and_a_place_is_given_back) {
  ANode node;
  node.seal({node.chain().transfer(0, 0)});
  std::vector<std::unique_ptr<Subscriber>> subscribers;
  for (std::uint32_t i = 0; i < concurrent_max(RateClass::Subscribe); ++i) {
    subscribers.push_back(std::make_unique<Subscriber>(node, from(1)));
    ASSERT_EQ(place(subscribers.back()->next_event()), "1.0") << i;
  }
  const grpc::Status status = Subscriber{node, from(1)}.status();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(name_of(status), "TooManySubscriptions");
  subscribers.pop_back();
  // The node hears of it in its own time.
  while (true) {
    Subscriber again{node, from(1)};
    if (again.next()) break;
    ASSERT_EQ(name_of(again.status()), "TooManySubscriptions");
  }
}

// A reader that does not read keeps one message here and one in gRPC's window; the node goes on.
TEST(Subscription, that_nobody_reads_delays_nobody) {
  ANode node;
  Subscriber lazy{node, from(1)};
  std::uint64_t sequence = 0;
  for (int block = 0; block < 20; ++block) {
    std::vector<Validated<wire::Transaction>> transactions;
    for (int i = 0; i < 50; ++i) transactions.push_back(node.chain().transfer(0, sequence++));
    node.seal(transactions);
  }
  Subscriber keen{node, from(20)};
  EXPECT_EQ(place(keen.next_event()), "20.0");
  // And it missed nothing.
  std::uint64_t events = 0;
  std::string last;
  while (last != "20.49") {
    last = place(lazy.next_event());
    ++events;
  }
  EXPECT_EQ(events, 1'000U);
}

TEST(Subscription, is_told_when_the_node_stops) {
  ANode node;
  fill(node);
  Subscriber subscriber{node, from(1)};
  for (int i = 0; i < 3; ++i) subscriber.next_event();
  std::thread stopper{[&] { node.stop_server(); }};
  const grpc::Status status = subscriber.status();
  stopper.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(name_of(status), "NodeStopping");
}

TEST(Subscription, of_a_node_that_starts_is_refused) {
  ANode node;
  node.pretend_to_start();
  EXPECT_EQ(name_of(Subscriber{node, from(1)}.status()), "NodeStarting");
}

// C31: what it would tell may be wrong.
TEST(Subscription, ends_when_the_node_has_halted_and_none_begins) {
  ANode node;
  fill(node);
  Subscriber subscriber{node, from(1)};
  for (int i = 0; i < 3; ++i) subscriber.next_event();
  node.halt();
  const grpc::Status status = subscriber.status();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(name_of(status), "NodeHalted");
  EXPECT_EQ(name_of(Subscriber{node, from(1)}.status()), "NodeHalted");
}

}  // namespace
}  // namespace salus::rpc
