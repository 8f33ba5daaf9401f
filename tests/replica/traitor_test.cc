// Owns: one of four validators breaks the rules with its key, or sends what is no message at all.
// Nothing of it becomes final, no correct node diverges, and the chain goes on.
#include "sim/traitor.h"

#include <gtest/gtest.h>

#include <string>

#include "crypto/merkle.h"
#include "ledger/body_codec.h"
#include "ledger/reader.h"
#include "sim/actions.h"

namespace salus::sim {
namespace {

// A chain at rest is in an odd view: each transaction takes two.
constexpr std::uint16_t kTraitor = 3;

// A transfer through a correct node, and nobody is worse off.
void check_that_the_chain_goes_on(Network& network, std::string_view name) {
  pay(network, 1);
  EXPECT_TRUE(
      network.run_until([&] { return network.are_all_final() && network.all_equal(); }, 10'000))
      << name;
  for (std::uint16_t node = 0; node < network.size(); ++node) {
    if (!network.is_up(node)) continue;
    const ReplicaStatus status = network.replica(node).status();
    EXPECT_EQ(status.consensus.mode, consensus::Mode::Voting) << name;
    EXPECT_FALSE(status.diverged) << name;
  }
  EXPECT_EQ(network.oracle().report(), "") << name;
}

// Four validators at the moment at which one of them turns, leading the current view.
struct Scene {
  explicit Scene(std::string_view its_name) : name(its_name) {
    network.start_all();
    network.run_for(100);
    pay(network, 0);
    network.run_for(1'000);
    EXPECT_TRUE(traitor.turn_traitor_when_it_leads()) << name;
  }

  void expect_never_final(const Digest& digest) const {
    for (const std::uint16_t node : traitor.others()) {
      const ledger::Reader reader{network.disk(node).store()};
      EXPECT_FALSE(reader.height_of(digest)) << name;
    }
  }
  // Who asks for the bytes of a candidate gets these.
  void answer_fetches_with(const Digest& digest, ByteView block) {
    network.watch([this, digest, bytes = Bytes{block.begin(), block.end()}](const Frame& frame) {
      if (frame.to == kTraitor && frame.type == FrameType::Fetch) {
        traitor.show({frame.from}, digest, bytes);
      }
      return true;
    });
  }
  std::uint64_t invalid_candidates() const {
    return network.replica(0).status().consensus.counters.invalid_candidates;
  }
  void expect_that_the_chain_goes_on() { check_that_the_chain_goes_on(network, name); }

  std::string_view name;
  Network network{validators(4)};
  Traitor traitor{network, kTraitor};
};

struct Forged {
  const char* name;
  bool is_invalid;
  void (*forge)(ledger::Header& header);
};

constexpr Forged kForged[] = {
    {"another chain", true, [](ledger::Header& header) { header.chain_id.bytes[0] ^= 1; }},
    {"a later epoch", true, [](ledger::Header& header) { header.epoch = Epoch{1}; }},
    {"another view", true, [](ledger::Header& header) { header.view = header.view.next(); }},
    {"another proposer", true, [](ledger::Header& header) { header.proposer = ValidatorIndex{0}; }},
    {"a height left out", true,
     [](ledger::Header& header) { header.height = header.height.next(); }},
    {"an unknown parent", false, [](ledger::Header& header) { header.parent.bytes[5] ^= 1; }},
    {"another set", true, [](ledger::Header& header) { header.validator_set_hash.bytes[0] ^= 1; }},
    {"an old time", true, [](ledger::Header& header) { header.time = WallMs{1}; }},
    {"a time far ahead", false,
     [](ledger::Header& header) { header.time = WallMs{header.time.value() + 3'600'000}; }},
    {"a wrong state root", true, [](ledger::Header& header) { header.state_root.bytes[9] ^= 1; }},
    {"a wrong results root", true,
     [](ledger::Header& header) { header.results_root.bytes[9] ^= 1; }},
};

// C29, C32.
TEST(Traitor, a_leader_with_a_forged_header_is_skipped) {
  for (const Forged& row : kForged) {
    Scene scene{row.name};
    ledger::Header header = scene.traitor.header();
    row.forge(header);
    const auto block = ledger::Block::make(header, {});
    pay(scene.network, 0);
    scene.answer_fetches_with(block->digest(), as_bytes(block->bytes()));
    scene.traitor.offer(scene.traitor.others(), block);
    scene.network.run_for(5'000);
    scene.expect_never_final(block->digest());
    // A clock may be wrong for a while, and what does not follow the final block is not even kept;
    // all else is wrong for ever (C8).
    EXPECT_EQ(scene.invalid_candidates() > 0, row.is_invalid) << row.name;
    scene.expect_that_the_chain_goes_on();
  }
}

// The same scenario with nothing forged: a correct candidate of a silent leader becomes final, so
// the rows above fail for their own reason.
TEST(Traitor, an_honest_candidate_of_it_becomes_final) {
  Scene scene{""};
  const auto block = ledger::Block::make(scene.traitor.header(), {});
  scene.traitor.offer(scene.traitor.others(), block);
  scene.network.run_for(5'000);
  const ledger::Reader reader{scene.network.disk(0).store()};
  EXPECT_TRUE(reader.height_of(block->digest()));
  scene.expect_that_the_chain_goes_on();
}

TEST(Traitor, a_leader_with_a_transaction_out_of_sequence_is_skipped) {
  Scene scene{""};
  const Bytes raw[] = {scene.network.signed_transaction(
      "hope", 1'000, {.actions = {dao::test::transfer(scene.network.account("noor"), 1)}})};
  const auto block = ledger::Block::make(scene.traitor.header(), scene.traitor.transactions(raw));
  scene.traitor.offer(scene.traitor.others(), block);
  scene.network.run_for(5'000);
  scene.expect_never_final(block->digest());
  EXPECT_GT(scene.invalid_candidates(), 0U);
  scene.expect_that_the_chain_goes_on();
}

// The header binds the very bytes of the transaction, so the digest itself is condemned (C8); the
// peer that shows it is not at fault.
TEST(Traitor, a_leader_with_a_badly_signed_transaction_is_skipped) {
  for (const bool is_malformed : {false, true}) {
    Scene scene{is_malformed ? "malformed" : "badly signed"};
    Bytes raw = scene.network.signed_transaction(
        "hope", 0, {.actions = {dao::test::transfer(scene.network.account("noor"), 1)}});
    if (is_malformed) {
      raw = {1, 2, 3};
    } else {
      raw.back() ^= 1;
    }
    ledger::Header header = scene.traitor.header();
    const Hash leaf = wire::leaf_of(raw);
    header.transactions_root = crypto::merkle_root({&leaf, 1});
    const Bytes head = ledger::encode(header);
    const Digest digest = ledger::digest_of(head);
    const std::string body = ledger::encode_body(head, {ByteView{raw}});
    scene.traitor.show(scene.traitor.others(), digest, as_bytes(body));
    scene.traitor.vote(scene.traitor.others(), digest);
    scene.network.run_for(5'000);
    scene.expect_never_final(digest);
    EXPECT_GT(scene.invalid_candidates(), 0U) << scene.name;
    scene.expect_that_the_chain_goes_on();
  }
}

// What a frame claims to be is not looked at.
TEST(Traitor, bytes_under_a_false_digest_are_not_that_block) {
  Scene scene{""};
  const auto block = ledger::Block::make(scene.traitor.header(), {});
  ledger::Header header = scene.traitor.header();
  header.state_root.bytes[0] ^= 1;
  const auto named = ledger::Block::make(header, {});
  scene.traitor.show(scene.traitor.others(), named->digest(), as_bytes(block->bytes()));
  scene.traitor.vote(scene.traitor.others(), named->digest());
  scene.network.run_for(5'000);
  scene.expect_never_final(named->digest());
  scene.expect_that_the_chain_goes_on();
}

TEST(Traitor, a_leader_that_withholds_the_bytes_is_skipped) {
  Scene scene{""};
  const auto block = ledger::Block::make(scene.traitor.header(), {});
  scene.traitor.vote(scene.traitor.others(), block->digest());
  scene.network.run_for(5'000);
  scene.expect_never_final(block->digest());
  scene.expect_that_the_chain_goes_on();
}

// C6, C37: those who lack the bytes fetch them from those who have them.
TEST(Traitor, a_block_shown_to_one_reaches_all) {
  Scene scene{""};
  const auto block = ledger::Block::make(scene.traitor.header(), {});
  scene.traitor.vote(scene.traitor.others(), block->digest());
  scene.traitor.show({0}, block->digest(), as_bytes(block->bytes()));
  scene.network.run_for(8'000);
  scene.expect_that_the_chain_goes_on();
}

TEST(Traitor, an_equivocating_leader_finalizes_at_most_one_of_its_blocks) {
  for (const bool is_open : {false, true}) {
    Scene scene{is_open ? "both to all" : "one each"};
    const auto a = ledger::Block::make(scene.traitor.header(), {});
    const auto b =
        ledger::Block::make(scene.traitor.header_at(scene.traitor.header().time.next()), {});
    pay(scene.network, 0);
    if (is_open) {
      for (const auto* block : {&a, &b}) scene.traitor.offer(scene.traitor.others(), *block);
    } else {
      scene.traitor.offer({0}, a);
      scene.traitor.offer({1, 2}, b);
    }
    scene.network.run_for(8'000);
    const ledger::Reader reader{scene.network.disk(0).store()};
    EXPECT_FALSE(reader.height_of(a->digest()) && reader.height_of(b->digest()));
    if (is_open) {
      EXPECT_GT(scene.network.oracle().excused_alarms(), 0U) << "no evidence";
    }
    scene.expect_that_the_chain_goes_on();
  }
}

// Blocks cost nothing to make: that they fit the chain does not earn them memory (section 10).
TEST(Traitor, a_flood_of_blocks_takes_no_room_from_others) {
  Scene scene{""};
  ledger::Header header = scene.traitor.header();
  for (std::uint64_t i = 0; i < 6'000; ++i) {
    header.time = header.time.next();
    const auto block = ledger::Block::make(header, {});
    scene.traitor.show(scene.traitor.others(), block->digest(), as_bytes(block->bytes()));
    if (i % 100 == 0) scene.network.run_for(1);
  }
  scene.expect_that_the_chain_goes_on();
}

// Real frames of every type, as they were, cut, longer, or with a bit turned, again and again.
TEST(Traitor, garbage_and_replays_of_each_type_cost_the_sender_only) {
  Network network{validators(4)};
  Traitor traitor{network, kTraitor};
  std::map<FrameType, std::vector<Bytes>> heard;
  network.watch([&](const Frame& frame) {
    std::vector<Bytes>& kept = heard[frame.type];
    if (network.is_up(kTraitor) && kept.size() < 200) kept.push_back(frame.payload);
    return true;
  });
  const auto say = [&](FrameType type, Bytes payload) {
    switch (network.draw(0, 5)) {
      case 0:
        break;
      case 1:
        payload.resize(network.draw(0, payload.size()));
        break;
      case 2:
        payload.push_back(7);
        break;
      case 3:
        payload.assign(network.draw(0, 300), static_cast<std::uint8_t>(network.draw(0, 255)));
        break;
      default:
        if (!payload.empty()) {
          payload[network.draw(0, payload.size() - 1)] ^=
              static_cast<std::uint8_t>(1U << network.draw(0, 7));
        }
    }
    traitor.send({static_cast<std::uint16_t>(network.draw(0, 3) % 4)}, type, payload);
  };
  // Fetch and Answer are spoken by those who were away.
  network.start_all();
  network.run_for(100);
  network.crash(2);
  for (int i = 0; i < 20; ++i) {
    pay(network, 0);
    network.run_for(200);
  }
  network.start(2);
  network.run_for(3'000);
  traitor.turn_traitor();
  for (int i = 0; i < 600; ++i) {
    if (i % 10 == 0) pay(network, static_cast<std::uint16_t>(i % 2));
    for (std::uint8_t type = 0; type <= 8; ++type) {
      const std::vector<Bytes>& kept = heard[static_cast<FrameType>(type)];
      const Bytes payload = kept.empty() ? Bytes(50, 3) : kept[network.draw(0, kept.size() - 1)];
      if (network.draw(0, 9) == 0) say(static_cast<FrameType>(type), payload);
    }
    network.run_for(100);
  }
  for (std::uint8_t type = 1; type <= 7; ++type) {
    EXPECT_FALSE(heard[static_cast<FrameType>(type)].empty()) << "no frame of type " << +type;
  }
  EXPECT_GT(network.oracle().punishments(), 20U);
  check_that_the_chain_goes_on(network, "garbage");
}

}  // namespace
}  // namespace salus::sim
