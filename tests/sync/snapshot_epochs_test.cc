// Owns: a chain of more epochs than an offer carries is joined all the same: the ends of the first
// ones come in pages, each judged as it comes, and nobody is believed.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>

#include "consensus/codec.h"
#include "dao/a_dao.h"
#include "ledger/chain.h"
#include "ledger/keys.h"
#include "ledger/outcome_codec.h"
#include "ledger/state_proof.h"
#include "ledger/tip.h"
#include "state/nothing_stored.h"
#include "state/record.h"
#include "state/table.h"
#include "state/tree.h"
#include "sync/a_peer.h"
#include "sync/snapshot_join.h"

namespace salus::sync {
namespace {

constexpr std::uint64_t kEpochs = 1'600;

// One validator ends epoch after epoch, each with one block; the last epoch has the two blocks that
// an offer needs. Nothing but what proofs are made of.
class LongChain {
 public:
  LongChain() {
    SALUS_ASSERT(crypto::initialise(), "libsodium starts");
    chain_id_.bytes.fill(7);
    for (std::uint64_t epoch = 0; epoch < kEpochs; ++epoch) add_end(Epoch{epoch});
    const Root state = pending_state(Epoch{kEpochs}).root;
    add_block(Epoch{kEpochs}, state);
    tip_ = add_block(Epoch{kEpochs}, state);
    put(std::string{ledger::kTipKey}, ledger::encode(ledger::TipRecord{.height = height_,
                                                                       .digest = tip_,
                                                                       .epoch = Epoch{kEpochs},
                                                                       .view = View{1},
                                                                       .time = WallMs{1},
                                                                       .state_root = state,
                                                                       .results_root = {},
                                                                       .active = false}));
  }

  ledger::Reader reader() const { return ledger::Reader{store_}; }
  TrustedSet genesis() const {
    return {.chain_id = chain_id_, .epoch = Epoch{0}, .validators = set_of(Epoch{0})};
  }
  Height height() const { return height_; }

 private:
  struct Pending {
    Root root;
    v1::StateProof proof;
  };

  static v1::ValidatorSet set_of(Epoch epoch) {
    v1::ValidatorSet set;
    set.set_epoch(epoch.value());
    v1::ValidatorInfo& only = *set.add_validators();
    only.set_validator_key(test::key_pair(1).public_key().to_string());
    only.set_node_key(test::key_pair(2).public_key().to_string());
    only.set_name("the only one");
    return set;
  }

  // The state before the next block: the set of the epoch after `epoch` waits in it.
  Pending pending_state(Epoch epoch) const {
    const std::string key = state::Key{state::Table::PendingSet}.str();
    const std::string value = state::encode(set_of(epoch.next()));
    const state::NothingStored nothing;
    const state::Pages empty{nothing, std::nullopt, 0};
    state::Pages pages = empty.branch(height_);
    state::update_tree(pages, {{key, value}});
    auto proof = ledger::prove_state(pages, [&](std::string_view) { return std::optional{value}; },
                                     {&key, 1});
    SALUS_ASSERT(proof.has_value(), "one key can be proven");
    return {.root = state::root_of(pages), .proof = std::move(*proof)};
  }

  void put(std::string key, std::string value) {
    StoreBatch batch;
    batch.put(std::move(key), std::move(value));
    SALUS_ASSERT(store_.write(batch).has_value(), "memory holds");
  }

  struct Signed {
    std::string header;
    Digest digest;
    std::string certificate;
  };
  Signed sign(Epoch epoch, const Root& state) {
    ledger::Header header;
    header.chain_id = chain_id_;
    header.epoch = epoch;
    header.view = View{1};
    header.height = height_.next();
    header.parent = tip_;
    header.time = WallMs{1};
    header.state_root = state;
    const auto set = consensus::ValidatorSet::make(
        {{test::key_pair(1).public_key(),
          *NodeId::from(test::key_pair(2).public_key().to_string())}});
    header.validator_set_hash = set->hash();
    const Bytes bytes = ledger::encode(header);
    const Digest digest = ledger::digest_of(bytes);
    const consensus::Subject subject =
        consensus::finalize({.epoch = epoch, .view = View{1}, .parent = View{0}, .digest = digest});
    consensus::Certificate certificate{.subject = subject, .set_size = 1, .signatures = {}};
    certificate.signatures.emplace(
        ValidatorIndex{0}, test::key_pair(1).sign(consensus::signed_bytes(chain_id_, subject)));
    const Bytes encoded = consensus::encode(certificate);
    return {.header = std::string{as_chars(bytes)},
            .digest = digest,
            .certificate = std::string{as_chars(encoded)}};
  }

  void add_end(Epoch epoch) {
    Pending pending = pending_state(epoch);
    const Signed boundary = sign(epoch, pending.root);
    v1::EpochEnd end;
    end.mutable_boundary()->add_headers(boundary.header);
    end.mutable_boundary()->set_certificate(boundary.certificate);
    end.mutable_next_set()->Swap(&pending.proof);
    put(ledger::epoch_end_key(epoch), state::encode(end));
    height_ = height_.next();
    tip_ = boundary.digest;
  }

  Digest add_block(Epoch epoch, const Root& state) {
    const Signed block = sign(epoch, state);
    height_ = height_.next();
    tip_ = block.digest;
    put(ledger::header_key(height_), block.header);
    put(ledger::certificate_key(height_), block.certificate);
    put(ledger::height_key(block.digest), ledger::encode_height(height_));
    return block.digest;
  }

  storage::MemoryStore store_;
  ChainId chain_id_;
  Height height_;
  Digest tip_;
};

LongChain& origin() {
  static auto* chain = new LongChain;
  return *chain;
}

using Manner = std::function<std::optional<AnswerMessage>(const FetchMessage& message)>;

std::optional<AnswerMessage> honest(const FetchMessage& message) {
  const ledger::Reader reader = origin().reader();
  if (std::holds_alternative<FetchSnapshot>(message)) {
    return SnapshotAnswer{make_offer(reader).value_or(Bytes{})};
  }
  if (const auto* epochs = std::get_if<FetchEpochs>(&message)) {
    return make_epochs(reader, epochs->from);
  }
  return std::nullopt;
}

// Of the state nothing is served: it ends where the offer is taken.
class Join {
 public:
  explicit Join(std::map<NodeId, Manner> peers) : peers_(std::move(peers)) { restart(); }

  void restart() {
    join_.emplace(store_, origin().genesis());
    for (const auto& [id, manner] : peers_) join_->link_up(id);
  }
  void step() {
    now_ += 100;
    join_->tick(MonoMs{now_});
    auto effects = join_->take_effects();
    punished_.insert(effects.punished.begin(), effects.punished.end());
    if (!effects.batch.writes.empty()) {
      EXPECT_TRUE(store_.write(effects.batch).has_value());
      ++batches_;
      join_->batch_written();
    }
    for (const auto& request : effects.requests) {
      if (std::holds_alternative<FetchEpochs>(request.message)) ++pages_asked_;
      const auto answer = peers_.at(request.to)(request.message);
      if (!answer) continue;
      const auto read = decode_answer(encode(*answer));
      ASSERT_TRUE(read == answer);
      if (const auto* offer = std::get_if<SnapshotAnswer>(&*read)) {
        join_->on_answer(request.to, *offer);
      } else if (const auto* epochs = std::get_if<EpochsAnswer>(&*read)) {
        join_->on_answer(request.to, *epochs);
      }
    }
  }
  // Whether an offer is taken within `most` ms.
  bool run(std::uint64_t most) {
    while (!join_->progress().height && now_ < most) step();
    return join_->progress().height == Height{origin().height().value() - 1};
  }

  const std::set<NodeId>& punished() const { return punished_; }
  const storage::MemoryStore& store() const { return store_; }
  int batches() const { return batches_; }
  int pages_asked() const { return pages_asked_; }

 private:
  std::map<NodeId, Manner> peers_;
  storage::MemoryStore store_;
  std::optional<SnapshotJoin> join_;
  std::set<NodeId> punished_;
  std::uint64_t now_ = 0;
  int batches_ = 0;
  int pages_asked_ = 0;
};

TEST(SnapshotEpochs, no_offer_and_no_page_grows_with_the_chain) {
  const Bytes offer = *make_offer(origin().reader());
  const auto read = read_offer(offer);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->proof.epoch_ends_size(), static_cast<int>(kAnswerEpochEndsMax));
  EXPECT_EQ(read->first, Epoch{kEpochs - kAnswerEpochEndsMax});
  EXPECT_LT(offer.size(), kAnswerBytesSoftMax + kEpochEndBytesMax);
  const EpochsAnswer page = make_epochs(origin().reader(), Epoch{3});
  EXPECT_EQ(page.ends.size(), kAnswerEpochEndsMax);
  EXPECT_TRUE(make_epochs(origin().reader(), Epoch{kEpochs}).ends.empty());
}

TEST(SnapshotEpochs, more_than_an_offer_carries_come_first_and_in_pages) {
  Join join{{{peer(1), honest}, {peer(2), honest}}};
  ASSERT_TRUE(join.run(60'000));
  EXPECT_EQ(join.pages_asked(), 6);
  EXPECT_TRUE(join.punished().empty());
  std::size_t ends = 0;
  const std::string prefix = ledger::epoch_end_key(Epoch{0}).substr(0, 1);
  join.store().scan(prefix, prefix,
                    [&](std::string_view, std::string_view) { return ++ends, true; });
  EXPECT_GE(ends, kEpochs - kAnswerEpochEndsMax);
}

TEST(SnapshotEpochs, that_are_here_are_not_asked_for_again_after_a_kill) {
  Join join{{{peer(1), honest}}};
  while (join.batches() < 3) join.step();
  EXPECT_TRUE(is_joining(join.store())) << "the store is no ledger of genesis any more";
  const int asked = join.pages_asked();
  join.restart();
  ASSERT_TRUE(join.run(60'000));
  EXPECT_LE(join.pages_asked(), 7);
  EXPECT_GE(asked, 3);
}

TEST(SnapshotEpochs, one_changed_end_costs_its_sender_its_place) {
  const auto bent = [](const FetchMessage& message) {
    auto answer = honest(message);
    if (auto* epochs = answer ? std::get_if<EpochsAnswer>(&*answer) : nullptr) {
      epochs->ends[100].back() ^= 1;
    }
    return answer;
  };
  Join join{{{peer(1), bent}, {peer(2), honest}}};
  ASSERT_TRUE(join.run(60'000));
  EXPECT_EQ(join.punished(), std::set<NodeId>{peer(1)});
}

TEST(SnapshotEpochs, one_that_offers_later_epochs_than_it_leads_to_delays_nobody_for_long) {
  const auto mute = [](const FetchMessage& message) -> std::optional<AnswerMessage> {
    if (std::holds_alternative<FetchEpochs>(message)) return std::nullopt;
    return honest(message);
  };
  const auto bare = [](const FetchMessage& message) -> std::optional<AnswerMessage> {
    if (const auto* epochs = std::get_if<FetchEpochs>(&message)) {
      return EpochsAnswer{.from = epochs->from, .ends = {}};
    }
    return honest(message);
  };
  Join join{{{peer(1), mute}, {peer(2), bare}, {peer(3), honest}}};
  EXPECT_TRUE(join.run(120'000));
}

TEST(SnapshotEpochs, a_proof_from_a_later_epoch_is_as_short_as_what_is_left) {
  const ledger::Reader reader = origin().reader();
  const auto whole = prove_finality(reader, origin().height(), Epoch{0});
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->epoch_ends_size(), static_cast<int>(kEpochs));
  const auto verified = verify_finality(origin().genesis(), *whole);
  ASSERT_TRUE(verified);
  const auto rest = prove_finality(reader, origin().height(), Epoch{kEpochs - 2});
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->epoch_ends_size(), 2);
  const auto own = prove_finality(reader, origin().height(), Epoch{kEpochs});
  ASSERT_TRUE(own);
  EXPECT_TRUE(verify_finality(verified->trusted, *own));
}

// What an empty part costs its sender is two bytes, and us some fifty.
TEST(SnapshotEpochs, parts_of_a_proof_are_counted_before_they_are_built) {
  const auto whole = prove_finality(origin().reader(), origin().height(), Epoch{0});
  const std::string bytes = state::encode(*whole);
  EXPECT_TRUE(parse_finality_proof(as_bytes(bytes)));
  std::string ends;
  for (int i = 0; i <= kEpochEndsMax + 1; ++i) ends += std::string{"\x0a\x00", 2};
  EXPECT_FALSE(parse_finality_proof(as_bytes(ends))) << "too many ends";
  std::string headers;
  for (int i = 0; i <= kHeadersMax + 1; ++i) headers += std::string{"\x0a\x00", 2};
  v1::FinalityProof empty;
  ASSERT_TRUE(empty.mutable_header()->ParseFromString(headers));
  const std::string many = state::encode(empty);
  EXPECT_FALSE(parse_finality_proof(as_bytes(many))) << "too many headers";
  v1::EpochEnd end;
  for (int i = 0; i < 4; ++i) end.mutable_next_set()->add_records();
  const std::string records = state::encode(end);
  EXPECT_FALSE(parse_epoch_end(as_bytes(records))) << "more than one record";
  EXPECT_FALSE(parse_finality_proof(as_bytes("\x0a\x7f"))) << "a length beyond the end";
}

}  // namespace
}  // namespace salus::sync
