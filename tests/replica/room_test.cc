// Owns: blocks that nobody asked for take neither room nor work from what finality rests on
// (consensus.md, section 10).
#include <gtest/gtest.h>

#include <algorithm>

#include "consensus/codec.h"
#include "ledger/body_codec.h"
#include "sim/actions.h"
#include "wire/block_frame.h"

namespace salus::sim {
namespace {

constexpr std::uint16_t kTraitors = 3;
constexpr std::uint64_t kOffered = 2;
// As many blocks of the largest size as fill the ledger to the last byte.
constexpr std::size_t kFill = ledger::kBlocksBytesMax / ledger::kBlockBytesMax;

NetworkOptions ten_with_blocks_of(std::uint64_t bytes_max) {
  NetworkOptions options = validators(10);
  options.parameters.emplace_back("consensus.block_bytes_max", bytes_max);
  return options;
}

// Ten validators at rest. The next three leaders turn traitors; the victim leads after them.
struct RoomTest : testing::Test {
  explicit RoomTest(std::uint64_t block_bytes_max = ledger::kBlockBytesMax)
      : network(ten_with_blocks_of(block_bytes_max)) {
    network.start_all();
    network.run_for(100);
    pay(network, 0);
    network.run_for(3'000);
    view = network.replica(0).view();
    for (std::uint16_t i = 0; i < kTraitors; ++i) network.make_puppet(leader(i));
    victim = leader(kTraitors);
    network.watch([this](const Frame& frame) {
      if (frame.to != victim && frame.type == FrameType::Fetch) answer_fetch(frame);
      return true;
    });
  }

  std::uint16_t leader(std::uint64_t views_ahead) const {
    return static_cast<std::uint16_t>((view.value() + views_ahead) % network.size());
  }
  // Well signed, by somebody who may not; so many that the block has exactly the largest size.
  std::vector<Validated<wire::Transaction>> filling() const {
    constexpr std::size_t kTag = 4;
    constexpr std::size_t kTransactions = 128;
    constexpr std::size_t kRaw = 65'531;
    const std::size_t rest = ledger::kBlockBytesMax - (ledger::kHeaderBytes + 3) -
                             kTransactions * kTag - (kTransactions - 1) * kRaw;
    std::vector<Validated<wire::Transaction>> out(kTransactions - 1, transaction_of(kRaw));
    out.push_back(transaction_of(rest));
    return out;
  }
  Validated<wire::Transaction> transaction_of(std::size_t bytes) const {
    v1::Action action;
    std::string& hash = *action.mutable_submit()->mutable_text_hash();
    const auto make = [&] { return network.signed_transaction("hope", 1, {.actions = {action}}); };
    hash.assign(60'000, 't');
    hash.resize(hash.size() + bytes - make().size());
    return *wire::Transaction::decode_and_verify(make());
  }
  // Of a block on the tip.
  ledger::Header header(std::uint64_t views_ahead, std::uint64_t number) const {
    const ledger::Ledger& chain = network.replica(victim).ledger();
    return chain
        .build({.epoch = Epoch{},
                .view = View{view.value() + views_ahead},
                .proposer = ValidatorIndex{leader(views_ahead)},
                .parent = chain.finalized().digest,
                .time = WallMs{chain.finalized().time.value() + 1 + number},
                .transactions = {}})
        .block->header();
  }
  // Valid but for its transactions.
  Validated<ledger::Block> junk(std::uint64_t views_ahead, std::uint64_t number) const {
    return ledger::Block::make(header(views_ahead, number), large);
  }
  void show(std::uint16_t from, const std::string& block) {
    const wire::BlockFrame frame{.epoch = Epoch{}, .digest = {}, .bytes = as_bytes(block)};
    network.inject(
        {.from = from, .to = victim, .type = FrameType::Block, .payload = wire::encode(frame)});
  }
  void vote(std::uint64_t views_ahead, const Digest& digest) {
    const View its_view{view.value() + views_ahead};
    const consensus::Subject subject = consensus::notarize(
        {.epoch = Epoch{}, .view = its_view, .parent = view.previous(), .digest = digest});
    const Bytes message = consensus::signed_bytes(network.chain_id(), subject);
    network.inject({.from = leader(views_ahead),
                    .to = victim,
                    .type = FrameType::Vote,
                    .payload = consensus::encode(consensus::Vote{
                        .subject = subject,
                        .signer = ValidatorIndex{leader(views_ahead)},
                        .signature = network.validator_key(leader(views_ahead)).sign(message)})});
  }
  // Who asks for the bytes of a candidate gets them.
  void answer_fetch(const Frame& frame) {
    const auto asked = sync::decode_fetch(frame.payload);
    const auto* fetch = asked ? std::get_if<sync::FetchBlock>(&*asked) : nullptr;
    if (fetch == nullptr || frame.from != victim) return;
    for (const auto& block : voted) {
      if (fetch->digest == block->digest()) show(frame.to, block->bytes());
    }
  }
  std::size_t held(const std::vector<Digest>& digests) const {
    return static_cast<std::size_t>(std::ranges::count_if(digests, [&](const Digest& digest) {
      return network.replica(victim).ledger().has(digest);
    }));
  }

  Network network;
  View view;
  std::uint16_t victim = 0;
  std::vector<Validated<wire::Transaction>> large = filling();
  std::vector<Validated<ledger::Block>> voted;
};

// Regression: eight such blocks on the tip, two offered and one voted for in each traitor's view,
// and no block could be added, built or fetched any more, so none became final and none went.
TEST_F(RoomTest, a_ledger_full_of_junk_on_the_tip_does_not_stop_the_chain) {
  std::vector<Digest> shown;
  for (std::uint64_t ahead = 0; ahead < kTraitors; ++ahead) {
    for (std::uint64_t number = 0; number < kOffered; ++number) {
      const auto block = junk(ahead, number);
      shown.push_back(block->digest());
      show(leader(ahead), block->bytes());
    }
  }
  pay(network, victim);
  for (std::uint64_t ahead = 0; ahead < kTraitors; ++ahead) {
    ASSERT_TRUE(network.run_until(
        [&] { return network.replica(victim).view().value() >= view.value() + ahead; }, 20'000));
    voted.push_back(junk(ahead, kOffered));
    shown.push_back(voted.back()->digest());
    vote(ahead, voted.back()->digest());
    const std::size_t expected = std::min(shown.size(), kFill);
    ASSERT_TRUE(network.run_until([&] { return held(shown) >= expected; }, 1'000)) << ahead;
  }
  EXPECT_TRUE(
      network.run_until([&] { return network.are_all_final() && network.all_equal(); }, 30'000))
      << network.height(victim).value();
  EXPECT_EQ(held(shown), 0U);
  EXPECT_EQ(network.oracle().report(), "");
}

// As the parameters say, with blocks of 64 KiB.
struct SmallBlocks : RoomTest {
  SmallBlocks() : RoomTest(kBytesMax) {}
  static constexpr std::size_t kBytesMax = std::size_t{64} << 10U;

  // Whoever sends a body that its header does not name is found out by the reading of it.
  bool is_read(std::uint16_t from, const ledger::Header& header, std::size_t bytes) {
    const std::uint64_t before = network.oracle().punishments();
    std::string body = ledger::encode_body(ledger::encode(header), {});
    body.resize(bytes, 0);
    show(from, body);
    network.run_for(10);
    return network.oracle().punishments() > before;
  }
};

// Regression: any linked peer had 8 MiB read for it, before the votes of others, and went free.
TEST_F(SmallBlocks, only_what_may_be_kept_is_read_beyond_its_header) {
  const ledger::Header welcome = header(0, 0);
  EXPECT_FALSE(is_read(leader(1), welcome, kBytesMax)) << "another one leads that view";
  EXPECT_FALSE(is_read(leader(0), welcome, kBytesMax + 1)) << "it is too large";
  ledger::Header low = welcome;
  low.height = network.replica(victim).ledger().finalized().height;
  EXPECT_FALSE(is_read(leader(0), low, kBytesMax)) << "it cannot follow what is final";
  EXPECT_TRUE(is_read(leader(0), welcome, kBytesMax));
}

}  // namespace
}  // namespace salus::sim
