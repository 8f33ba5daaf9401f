// Owns: what a node answers to peers that miss something, also while its past is being forgotten
// beside it.
#include <gtest/gtest.h>

#include <functional>

#include "consensus/codec.h"
#include "crypto/ed25519.h"
#include "ledger/chain.h"
#include "ledger/keys.h"
#include "ledger/prune.h"
#include "replica/facts.h"
#include "replica/replica.h"
#include "sync/messages.h"
#include "wire/block_frame.h"

namespace salus::replica {
namespace {

using test::Chain;
using test::Papers;

NodeId peer() {
  NodeId id;
  id.bytes[0] = 1;
  return id;
}

// A store that somebody changes right after a key was read.
class ChangingStore final : public Store {
 public:
  explicit ChangingStore(Store& inner) : inner_(inner) {}

  std::optional<std::string> get(std::string_view key) const override {
    auto value = inner_.get(key);
    if (!after_.empty() && key == after_) {
      after_.clear();
      change_();
    }
    return value;
  }
  void scan(std::string_view prefix, std::string_view from,
            const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    inner_.scan(prefix, from, visit);
  }
  [[nodiscard]] Result<void, StoreError> write(const StoreBatch& batch) override {
    return inner_.write(batch);
  }
  void change_after(std::string key, std::function<void()> change) {
    after_ = std::move(key);
    change_ = std::move(change);
  }

 private:
  Store& inner_;
  mutable std::string after_;
  std::function<void()> change_;
};

class Serving : public ::testing::Test {
 protected:
  Serving() {
    for (std::uint64_t i = 0; i < 8; ++i) {
      chain_.finalize(chain_.extend(chain_.tip(), {chain_.transfer(0, i)}));
      digests_.push_back(chain_.tip());
    }
    auto ledger = ledger::Ledger::open(store_);
    const ledger::Tip tip = ledger->finalized();
    auto certificate =
        consensus::validate_certificate(tip.certificate, {.chain_id = chain_.chain_id(),
                                                          .epoch = Epoch{tip.validators.epoch()},
                                                          .set = validator_set(tip),
                                                          .verify = crypto::verify});
    EXPECT_TRUE(certificate.has_value());
    ReplicaRecovery recovery;
    recovery.consensus.finalized = std::move(*certificate);
    NodeId own;
    own.bytes[0] = 9;
    replica_.emplace(ReplicaConfig{.own_node = own, .validator_key = std::nullopt}, store_,
                     std::move(*ledger), std::move(recovery));
    replica_->step(Tick{.mono = MonoMs{1'000}, .wall = WallMs{1'000}});
    replica_->step(LinkUp{peer()});
    static_cast<void>(replica_->take_effects());
  }

  void forget_below(std::uint64_t height) {
    const auto pruning =
        ledger::prune_chain(chain_.store(), {Height{height}, Height{height}}, 99'999);
    ASSERT_TRUE(chain_.store().write(pruning.batch));
  }
  Effects ask(const sync::FetchMessage& message) {
    replica_->step(
        FrameIn{.from = peer(), .type = FrameType::Fetch, .payload = sync::encode(message)});
    return replica_->take_effects();
  }
  // The one Answer among what is sent.
  std::optional<sync::AnswerMessage> answer(const sync::FetchMessage& message) {
    std::optional<sync::AnswerMessage> out;
    for (const Send& send : ask(message).sends) {
      if (send.type == FrameType::Answer) out = sync::decode_answer(send.payload);
    }
    return out;
  }
  std::optional<Height> lowest_in(const std::optional<sync::AnswerMessage>& answer) {
    const auto* pruned = answer ? std::get_if<sync::PrunedAnswer>(&*answer) : nullptr;
    return pruned == nullptr ? std::nullopt : std::optional{pruned->lowest};
  }

  Chain chain_{test::small_genesis(), Papers::Real};
  ChangingStore store_{chain_.store()};
  // Of the blocks from height 1 on.
  std::vector<Digest> digests_;
  std::optional<Replica> replica_;
};

TEST_F(Serving, a_pruned_block_asked_for_by_its_digest_is_refused_with_the_height_still_there) {
  const auto has_block = [&](const Digest& digest) {
    const Effects effects = ask(sync::FetchBlock{digest});
    return std::ranges::any_of(effects.sends,
                               [](const Send& send) { return send.type == FrameType::Block; });
  };
  EXPECT_TRUE(has_block(digests_[2]));
  Digest unknown;
  unknown.bytes.fill(7);
  EXPECT_FALSE(answer(sync::FetchBlock{unknown})) << "nothing was pruned: another peer may have it";
  forget_below(5);
  EXPECT_EQ(lowest_in(answer(sync::FetchBlock{digests_[2]})), Height{5});
  EXPECT_TRUE(has_block(digests_[4]));
}

// The certificate of a block went while the block was read: the node stopped as if its disk lied.
TEST_F(Serving, blocks_that_are_pruned_while_they_are_read_are_refused) {
  store_.change_after(ledger::block_key(Height{2}), [this] { forget_below(6); });
  EXPECT_EQ(lowest_in(answer(sync::FetchChain{Height{2}})), Height{6});
}

TEST_F(Serving, a_block_that_is_pruned_while_it_is_read_is_refused) {
  store_.change_after(ledger::block_key(Height{3}), [this] { forget_below(6); });
  EXPECT_EQ(lowest_in(answer(sync::FetchBlock{digests_[2]})), Height{6});
}

// What a joiner asks for is long to read: none of it on the strand, all of it from one moment.
TEST_F(Serving, offers_epochs_and_parts_are_read_beside_the_strand) {
  const sync::FetchMessage asked[] = {sync::FetchSnapshot{}, sync::FetchEpochs{Epoch{0}},
                                      sync::FetchPart{Height{7}, state::Path{}}};
  for (const auto& message : asked) {
    const Effects effects = ask(message);
    EXPECT_TRUE(effects.sends.empty());
    ASSERT_EQ(effects.serves.size(), 1U);
    const auto snapshot = chain_.store().snapshot();
    const auto read = sync::decode_answer(make_part_answer(*snapshot, effects.serves[0]));
    ASSERT_TRUE(read);
    if (const auto* offer = std::get_if<sync::SnapshotAnswer>(&*read)) {
      EXPECT_FALSE(offer->offer.empty());
    } else if (const auto* epochs = std::get_if<sync::EpochsAnswer>(&*read)) {
      EXPECT_TRUE(epochs->ends.empty()) << "no epoch has ended";
    } else {
      EXPECT_FALSE(std::get<sync::PartAnswer>(*read).part.empty());
    }
  }
}

}  // namespace
}  // namespace salus::replica
