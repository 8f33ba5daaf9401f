// Owns: a joiner that trusts genesis alone ends where the chain is, whatever its peers send, and
// whenever it is killed.
#include <gtest/gtest.h>

#include <random>

#include "dao/a_dao.h"
#include "ledger/chain.h"
#include "replica/events.h"
#include "sync/a_peer.h"
#include "sync/snapshot_join.h"

namespace salus::sync {
namespace {

using test::Chain;
using test::Papers;

// A chain of twelve blocks with a few thousand records, so that its state has parts in parts.
Chain& origin() {
  static auto* chain = [] {
    auto* made = new Chain{test::small_genesis(), Papers::Real};
    for (std::uint64_t height = 0; height < 12; ++height) {
      made->finalize(
          made->extend(made->tip(), {made->transfer(0, height), made->transfer(1, height)}));
    }
    return made;
  }();
  return *chain;
}

TrustedSet genesis_set() {
  const Chain fresh{test::small_genesis(), Papers::Real};
  return {.chain_id = fresh.chain_id(),
          .epoch = Epoch{0},
          .validators = fresh.reader().tip().validators};
}

// Small parts, so that a small state has many.
PartAnswer part_of(const ledger::Reader& chain, const FetchPart& asked) {
  PartAnswer answer{.height = asked.height, .path = asked.path, .part = {}};
  const auto state = chain.state_at(asked.height);
  const auto pages = chain.pages_at(asked.height);
  if (state && pages) {
    auto part = state::make_chunk(*pages, *state, asked.path, {.records = 4, .bytes = 1'000});
    if (part) answer.part = std::move(*part);
  }
  return answer;
}

// What a peer does with a request; nullopt: nothing at all.
using Manner = std::function<std::optional<AnswerMessage>(const FetchMessage& message)>;

AnswerMessage honest(const FetchMessage& message) {
  const ledger::Reader chain = origin().reader();
  if (std::holds_alternative<FetchSnapshot>(message)) {
    return SnapshotAnswer{make_offer(chain, 5).value_or(Bytes{})};
  }
  return part_of(chain, std::get<FetchPart>(message));
}

class Joining {
 public:
  explicit Joining(std::map<NodeId, Manner> peers) : peers_(std::move(peers)) {
    const Chain fresh{test::small_genesis(), Papers::Real};
    for (const auto& [key, value] : fresh.store().entries()) begin_.put(key, value);
    EXPECT_TRUE(store_.write(begin_).has_value());
    restart();
  }

  // As after kill -9: what was durable is there, nothing else.
  void restart() {
    join_.emplace(store_, genesis_set());
    for (const auto& [id, manner] : peers_) join_->link_up(id);
  }

  // One step of everything that can happen; false once nothing can.
  bool step() {
    now_ += 100;
    join_->tick(MonoMs{now_});
    auto effects = join_->take_effects();
    for (const NodeId& id : effects.punished) punished_.push_back(id);
    if (!effects.batch.writes.empty()) {
      EXPECT_TRUE(store_.write(effects.batch).has_value());
      ++batches_;
      join_->batch_written();
    }
    for (const auto& request : effects.requests) {
      const auto answer = peers_.at(request.to)(request.message);
      if (!answer) continue;
      // As it would come over the wire.
      const auto read = decode_answer(encode(*answer));
      EXPECT_TRUE(read == answer);
      if (const auto* offer = std::get_if<SnapshotAnswer>(&*read))
        join_->on_answer(request.to, *offer);
      if (const auto* part = std::get_if<PartAnswer>(&*read)) join_->on_answer(request.to, *part);
    }
    return !join_->is_done();
  }
  void run(int steps = 3'000) {
    while (steps-- > 0 && step()) continue;
    EXPECT_TRUE(join_->is_done());
  }
  void expect_the_origins_state() {
    ASSERT_FALSE(is_joining(store_));
    const ledger::Reader joined{store_};
    const Height height = joined.tip().height;
    EXPECT_EQ(height, Height{10});
    const auto past = origin().reader().state_at(height);
    ASSERT_TRUE(past.has_value());
    std::map<std::string, std::string> theirs;
    std::map<std::string, std::string> ours;
    past->scan("s", "s", [&](std::string_view key, std::string_view value) {
      return theirs.emplace(key, value), true;
    });
    store_.scan("s", "s", [&](std::string_view key, std::string_view value) {
      return ours.emplace(key, value), true;
    });
    EXPECT_EQ(ours, theirs);
    // And it goes on: the origin's next blocks are valid here and give the same roots.
    auto ledger = ledger::Ledger::open(store_);
    ASSERT_TRUE(ledger.has_value());
    for (Height next = height.next(); next <= origin().reader().tip().height; next = next.next()) {
      const auto stored = origin().reader().stored_block(next);
      auto block = ledger::Block::decode_and_verify(as_bytes(stored->bytes));
      ASSERT_TRUE(block.has_value());
      const Digest digest = (*block)->digest();
      ASSERT_TRUE(ledger->add(std::move(*block)));
      ASSERT_TRUE(ledger->execute(digest));
      ASSERT_TRUE(store_.write(ledger->prepare_finalize(digest, stored->certificate)).has_value());
      ledger->confirm_finalized(digest);
      EXPECT_EQ(ledger->finalized().state_root.to_string(),
                origin().reader().block(next)->state_root());
    }
  }

  const std::vector<NodeId>& punished() const { return punished_; }
  int batches() const { return batches_; }
  SnapshotJoin& join() { return *join_; }
  storage::MemoryStore& store() { return store_; }

 private:
  std::map<NodeId, Manner> peers_;
  StoreBatch begin_;
  storage::MemoryStore store_;
  std::optional<SnapshotJoin> join_;
  std::vector<NodeId> punished_;
  std::uint64_t now_ = 0;
  int batches_ = 0;
};

TEST(Snapshot, fills_an_empty_ledger_that_then_goes_on_by_blocks) {
  Joining joining{{{peer(1), honest}, {peer(2), honest}}};
  joining.run();
  joining.expect_the_origins_state();
  EXPECT_TRUE(joining.punished().empty());
}

TEST(Snapshot, costs_each_peer_that_sends_a_wrong_part_its_place) {
  const auto bent = [](const FetchMessage& message) -> std::optional<AnswerMessage> {
    AnswerMessage answer = honest(message);
    if (auto* part = std::get_if<PartAnswer>(&answer)) part->part.back() ^= 1;
    return answer;
  };
  Joining joining{{{peer(1), bent}, {peer(2), honest}, {peer(3), bent}}};
  joining.run();
  joining.expect_the_origins_state();
  EXPECT_EQ(joining.punished(), (std::vector<NodeId>{peer(1), peer(3)}));
}

TEST(Snapshot, takes_no_offer_that_does_not_lead_back_to_genesis) {
  const auto bent = [](const FetchMessage& message) -> std::optional<AnswerMessage> {
    AnswerMessage answer = honest(message);
    if (auto* offer = std::get_if<SnapshotAnswer>(&answer)) offer->offer[200] ^= 1;
    return answer;
  };
  Joining joining{{{peer(1), bent}, {peer(2), honest}}};
  joining.run();
  joining.expect_the_origins_state();
  EXPECT_EQ(joining.punished(), std::vector<NodeId>{peer(1)});
}

TEST(Snapshot, refuses_each_changed_byte_of_an_offer) {
  const Bytes offer = *make_offer(origin().reader(), 5);
  const TrustedSet genesis = genesis_set();
  ASSERT_TRUE(verify_offer(genesis, offer).has_value());
  for (std::size_t at = 0; at < offer.size(); ++at) {
    Bytes bent = offer;
    bent[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
    const auto snapshot = verify_offer(genesis, bent);
    if (!snapshot) continue;
    // A protobuf message has more than one encoding; what it says must be the same.
    EXPECT_EQ(snapshot->tip, verify_offer(genesis, offer)->tip) << "byte " << at;
  }
}

TEST(Snapshot, asks_somebody_else_where_a_peer_is_silent_or_has_forgotten) {
  const auto silent = [](const FetchMessage&) -> std::optional<AnswerMessage> {
    return std::nullopt;
  };
  const auto forgetful = [](const FetchMessage& message) -> std::optional<AnswerMessage> {
    AnswerMessage answer = honest(message);
    if (auto* part = std::get_if<PartAnswer>(&answer)) part->part.clear();
    return answer;
  };
  Joining joining{{{peer(1), silent}, {peer(2), forgetful}, {peer(3), honest}}};
  joining.run();
  joining.expect_the_origins_state();
  EXPECT_TRUE(joining.punished().empty());
}

TEST(Snapshot, begins_anew_with_another_one_when_nobody_keeps_the_first) {
  int forgotten = 0;
  const auto manner = [&](const FetchMessage& message) -> std::optional<AnswerMessage> {
    AnswerMessage answer = honest(message);
    auto* part = std::get_if<PartAnswer>(&answer);
    if (part != nullptr && forgotten < 3) {
      ++forgotten;
      part->part.clear();
    }
    return answer;
  };
  Joining joining{{{peer(1), manner}}};
  joining.run();
  joining.expect_the_origins_state();
}

TEST(Snapshot, goes_on_after_a_kill_behind_any_batch) {
  Joining whole{{{peer(1), honest}, {peer(2), honest}}};
  whole.run();
  ASSERT_GT(whole.batches(), 5);
  for (int killed = 1; killed < whole.batches(); ++killed) {
    Joining joining{{{peer(1), honest}, {peer(2), honest}}};
    while (joining.batches() < killed && joining.step()) continue;
    if (!joining.join().is_done()) {
      EXPECT_TRUE(is_joining(joining.store())) << "batch " << killed;
      joining.restart();
    }
    joining.run();
    joining.expect_the_origins_state();
  }
}

TEST(Snapshot, offers_nothing_while_nothing_is_certified) {
  Chain chain{test::small_genesis(), Papers::Real};
  EXPECT_EQ(make_offer(chain.reader()), std::nullopt);
  chain.finalize(chain.extend(chain.tip(), {}));
  EXPECT_EQ(make_offer(chain.reader()), std::nullopt);
  chain.finalize(chain.extend(chain.tip(), {}));
  EXPECT_TRUE(make_offer(chain.reader()).has_value());
}

}  // namespace
}  // namespace salus::sync
