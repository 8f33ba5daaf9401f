// Owns: no peer can hold a joiner up: whoever is silent, slow, or answers now and then, the join
// ends in a bounded time, and among true offers the highest is taken.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>

#include "ledger/chain.h"
#include "sync/a_peer.h"
#include "sync/snapshot_join.h"

namespace salus::sync {
namespace {

using test::Chain;
using test::Papers;

Chain& origin() {
  static auto* chain = [] {
    auto* made = new Chain{test::small_genesis(), Papers::Real};
    for (std::uint64_t height = 0; height < 12; ++height) {
      made->finalize(made->extend(made->tip(), {made->transfer(0, height)}));
    }
    return made;
  }();
  return *chain;
}

struct Said {
  AnswerMessage message;
  std::uint64_t delay_ms = 20;
};
using Manner = std::function<std::optional<Said>(const FetchMessage& message, std::uint64_t now)>;

AnswerMessage honest(const FetchMessage& message, std::uint64_t every) {
  const ledger::Reader chain = origin().reader();
  if (std::holds_alternative<FetchSnapshot>(message)) {
    return SnapshotAnswer{make_offer(chain, every).value_or(Bytes{})};
  }
  const auto& asked = std::get<FetchPart>(message);
  PartAnswer answer{.height = asked.height, .path = asked.path, .part = {}};
  auto part = state::make_chunk(*chain.pages_at(asked.height), *chain.state_at(asked.height),
                                asked.path, {.records = 8, .bytes = 2'000});
  if (part) answer.part = std::move(*part);
  return answer;
}

bool is_offer(const FetchMessage& message) {
  return std::holds_alternative<FetchSnapshot>(message);
}

// Serves the state after `height` and lacks every other one.
Manner keeps(Height height, std::uint64_t every, std::uint64_t delay_ms = 20) {
  return [=](const FetchMessage& message, std::uint64_t) -> std::optional<Said> {
    const auto* part = std::get_if<FetchPart>(&message);
    if (part != nullptr && part->height != height) {
      return Said{PartAnswer{.height = part->height, .path = part->path, .part = {}}, delay_ms};
    }
    return Said{honest(message, every), delay_ms};
  };
}

// Offers what it never serves.
Manner offers_alone(std::uint64_t every) {
  return [=](const FetchMessage& message, std::uint64_t) -> std::optional<Said> {
    if (!is_offer(message)) return std::nullopt;
    return Said{honest(message, every)};
  };
}

// Answers one part of `every_ms`, and lets all others time out.
Manner now_and_then(std::uint64_t every, std::uint64_t every_ms) {
  auto last = std::make_shared<std::optional<std::uint64_t>>();
  return [=](const FetchMessage& message, std::uint64_t now) -> std::optional<Said> {
    if (is_offer(message)) return Said{honest(message, every)};
    if (*last && now < **last + every_ms) return std::nullopt;
    *last = now;
    return Said{honest(message, every)};
  };
}

class Join {
 public:
  explicit Join(std::map<NodeId, Manner> peers) : peers_(std::move(peers)) {
    const Chain fresh{test::small_genesis(), Papers::Real};
    StoreBatch begin;
    for (const auto& [key, value] : fresh.store().entries()) begin.put(key, value);
    EXPECT_TRUE(store_.write(begin).has_value());
    join_.emplace(store_, TrustedSet{.chain_id = fresh.chain_id(),
                                     .epoch = Epoch{0},
                                     .validators = fresh.reader().tip().validators});
    for (const auto& [id, manner] : peers_) join_->link_up(id);
  }

  // How long it took, in virtual ms; nullopt: longer than `most`.
  std::optional<std::uint64_t> run(std::uint64_t most) {
    for (; now_ <= most; now_ += kStepMs) {
      if (flaps_ && now_ % *flaps_ == 0) {
        join_->link_down(peer(1));
        join_->link_up(peer(1));
      }
      deliver();
      join_->tick(MonoMs{now_});
      auto effects = join_->take_effects();
      EXPECT_TRUE(effects.punished.empty());
      if (!effects.batch.writes.empty()) {
        EXPECT_TRUE(store_.write(effects.batch).has_value());
        join_->batch_written();
      }
      if (join_->is_done()) return now_;
      for (const auto& request : effects.requests) {
        ++asked_[request.to];
        auto said = peers_.at(request.to)(request.message, now_);
        if (!said) continue;
        flying_.emplace(now_ + said->delay_ms, std::pair{request.to, std::move(said->message)});
      }
    }
    return std::nullopt;
  }
  // The first peer's link breaks and comes back, again and again.
  void flap_every(std::uint64_t ms) { flaps_ = ms; }
  Height height() const { return ledger::Reader{store_}.tip().height; }
  int asked(std::uint8_t number) { return asked_[peer(number)]; }

 private:
  static constexpr std::uint64_t kStepMs = 20;

  void deliver() {
    while (!flying_.empty() && flying_.begin()->first <= now_) {
      const auto [from, message] = std::move(flying_.extract(flying_.begin()).mapped());
      if (const auto* offer = std::get_if<SnapshotAnswer>(&message)) join_->on_answer(from, *offer);
      if (const auto* part = std::get_if<PartAnswer>(&message)) join_->on_answer(from, *part);
    }
  }

  std::map<NodeId, Manner> peers_;
  std::map<NodeId, int> asked_;
  std::multimap<std::uint64_t, std::pair<NodeId, AnswerMessage>> flying_;
  storage::MemoryStore store_;
  std::optional<SnapshotJoin> join_;
  std::optional<std::uint64_t> flaps_;
  std::uint64_t now_ = 0;
};

// Of distance 5 the origin offers height 10, of distance 4 height 8, of distance 11 height 11.
constexpr std::uint64_t kHighest = 11;
constexpr std::uint64_t kMiddle = 5;
constexpr std::uint64_t kLow = 4;

TEST(SnapshotPeers, the_highest_true_offer_is_taken) {
  Join join{{{peer(1), keeps(Height{8}, kLow)},
             {peer(2), keeps(Height{10}, kMiddle, 1'500)},
             {peer(3), keeps(Height{8}, kLow)}}};
  ASSERT_TRUE(join.run(60'000));
  EXPECT_EQ(join.height(), Height{10}) << "it came later, and in time";
}

TEST(SnapshotPeers, one_that_offers_and_then_goes_silent_is_left_for_the_next_best) {
  Join join{{{peer(1), offers_alone(kHighest)}, {peer(2), keeps(Height{8}, kLow)}}};
  ASSERT_TRUE(join.run(180'000));
  EXPECT_EQ(join.height(), Height{8});
}

TEST(SnapshotPeers, one_that_is_silent_among_others_costs_its_patience_a_few_times) {
  Join join{{{peer(1), offers_alone(kMiddle)}, {peer(2), keeps(Height{10}, kMiddle)}}};
  const auto took = join.run(180'000);
  ASSERT_TRUE(took);
  EXPECT_EQ(join.height(), Height{10});
  EXPECT_LT(*took, 90'000U);
}

TEST(SnapshotPeers, one_that_trickles_cannot_keep_a_joiner_from_another_offer) {
  Join join{{{peer(1), now_and_then(kHighest, 25'000)}, {peer(2), keeps(Height{8}, kLow)}}};
  ASSERT_TRUE(join.run(300'000));
  EXPECT_EQ(join.height(), Height{8});
}

TEST(SnapshotPeers, one_that_breaks_its_link_before_it_is_late_is_late_all_the_same) {
  Join join{{{peer(1), offers_alone(kHighest)}, {peer(2), keeps(Height{8}, kLow)}}};
  join.flap_every(9'000);
  ASSERT_TRUE(join.run(300'000));
  EXPECT_EQ(join.height(), Height{8});
}

TEST(SnapshotPeers, a_slow_one_is_enough_when_it_is_alone) {
  Join join{{{peer(1), keeps(Height{10}, kMiddle, 4'000)}}};
  ASSERT_TRUE(join.run(1'200'000));
  EXPECT_EQ(join.height(), Height{10});
}

TEST(SnapshotPeers, one_that_was_silent_may_come_back_and_what_is_here_already_is_kept) {
  // Mute from the first parts on for two minutes, then whole.
  int parts_before = 0;
  int parts_after = 0;
  const auto manner = [&](const FetchMessage& message, std::uint64_t now) -> std::optional<Said> {
    const bool is_mute = now > 2'100 && now < 120'000;
    if (is_mute && !is_offer(message)) return std::nullopt;
    if (!is_offer(message)) ++(is_mute || now < 120'000 ? parts_before : parts_after);
    return Said{honest(message, kMiddle)};
  };
  Join join{{{peer(1), manner}}};
  ASSERT_TRUE(join.run(400'000));
  EXPECT_EQ(join.height(), Height{10});
  int whole = 0;
  const auto counting = [&](const FetchMessage& message, std::uint64_t) -> std::optional<Said> {
    if (!is_offer(message)) ++whole;
    return Said{honest(message, kMiddle)};
  };
  Join again{{{peer(1), counting}}};
  ASSERT_TRUE(again.run(60'000));
  EXPECT_GT(parts_before, 0);
  EXPECT_LT(parts_after, whole) << "parts that were here were fetched anew";
}

TEST(SnapshotPeers, one_that_is_silent_is_asked_for_nothing_for_a_while) {
  Join join{{{peer(1), offers_alone(kMiddle)}}};
  EXPECT_FALSE(join.run(55'000));
  const int asked = join.asked(1);
  EXPECT_FALSE(join.run(75'000));
  EXPECT_LT(join.asked(1) - asked, 5);
}

}  // namespace
}  // namespace salus::sync
