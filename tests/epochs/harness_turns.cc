// Owns: the turns of a node and the carrying out of its effects, as node/driver does it.
#include <fmt/format.h>

#include "base/assert.h"
#include "epochs/harness_node.h"

namespace salus::replica::testing {

namespace {

// A node that turns this often without time passing has a deadline that is never met.
constexpr std::uint64_t kTurnsAtOnceMax = 20'000;
constexpr std::uint64_t kPunishmentMs = 5'000;
constexpr std::size_t kEventsPerTurn = 256;

}  // namespace

void Network::queue(Node& node, Event event) {
  node.queue.push_back(std::move(event));
  schedule_turn(node);
}

void Network::schedule_turn(Node& node) {
  if (node.turn_scheduled || !node.replica) return;
  node.turn_scheduled = true;
  in_this_life(node, now_, [this](Node& then) { turn(then); });
}

void Network::turn(Node& node) {
  node.turn_scheduled = false;
  node.turns_at_once = node.turns_at == now_ ? node.turns_at_once + 1 : 0;
  node.turns_at = now_;
  if (node.turns_at_once == kTurnsAtOnceMax) {
    return oracle_.violate(fmt::format("v{} turns on the spot at {}, deadline {}{}", node.index,
                                       now_, node.replica->deadline().value(),
                                       node.replica->has_work() ? ", has work" : ""));
  }
  Replica& replica = *node.replica;
  replica.step(Tick{.mono = MonoMs{now_}, .wall = wall(node.index)});
  for (std::size_t i = 0; i < kEventsPerTurn && !node.queue.empty(); ++i) {
    Event event = std::move(node.queue.front());
    node.queue.pop_front();
    replica.step(std::move(event));
  }
  carry_out(node, replica.take_effects());
  if (replica.has_work()) {
    replica.work();
    carry_out(node, replica.take_effects());
  }
  if (!node.queue.empty() || replica.has_work()) schedule_turn(node);
  arm(node);
}

void Network::arm(Node& node) {
  const MonoMs deadline = node.replica->deadline();
  if (node.armed == deadline) return;
  node.armed = deadline;
  in_this_life(node, deadline.value(), [this, deadline](Node& then) {
    if (then.armed != deadline) return;
    then.armed.reset();
    schedule_turn(then);
  });
}

void Network::carry_out(Node& node, Effects effects) {
  if (effects.epoch) {
    const Faults& faults = options_.faults;
    in_this_life(node, now_ + draw(faults.disk_ms_min, faults.disk_ms_max),
                 [this, start = *effects.epoch](Node& then) {
                   then.disk.begin_epoch(start.epoch, start.before);
                   queue(then, JournalReady{});
                 });
  }
  if (effects.stage) write_stage(node, std::move(*effects.stage));
  for (Send& out : effects.sends) {
    trace(node.index, out.payload);
    if (out.to) {
      send({.from = node.index,
            .to = index_of(*out.to),
            .type = out.type,
            .payload = std::move(out.payload)});
      continue;
    }
    for (std::uint16_t to = 0; to < nodes_.size(); ++to) {
      if (to == node.index) continue;
      send({.from = node.index, .to = to, .type = out.type, .payload = out.payload});
    }
  }
  if (effects.batch) write_batch(node, std::move(*effects.batch));
  for (Verification& verification : effects.verifications) {
    if (options_.faults.verify_ms_max == 0) {
      queue(node, verification.run());
      continue;
    }
    const auto shared = std::make_shared<Verified>(verification.run());
    in_this_life(node, now_ + draw(0, options_.faults.verify_ms_max),
                 [this, shared](Node& then) { queue(then, std::move(*shared)); });
  }
  for (const Punish& punishment : effects.punishments) {
    const std::uint16_t peer = index_of(punishment.peer);
    oracle_.punished(node.index, peer, punishment.what);
    node.refused_until[peer] = now_ + kPunishmentMs;
    set_links(node.index);
    in_this_life(node, now_ + kPunishmentMs, [this](Node& then) { set_links(then.index); });
  }
  for (const Notice& notice : effects.notices) oracle_.noticed(node.index, notice);
  if (effects.restriction) {
    oracle_.violate(fmt::format("O12: v{} restricts its key", node.index));
  }
  for (const Reply& reply : effects.replies) answer(node.index, reply);
  if (effects.finalized) node.disk.discard_journal(node.replica->finalized_view_durable());
}

void Network::write_stage(Node& node, StageOut stage) {
  if (node.stage) oracle_.violate(fmt::format("S4: v{} has two stages in flight", node.index));
  node.syncs += (stage.records.empty() ? 0U : 1U) + (stage.votes.empty() ? 0U : 1U);
  node.stage = std::move(stage);
  const Faults& faults = options_.faults;
  in_this_life(node, now_ + draw(faults.disk_ms_min, faults.disk_ms_max),
               [this](Node& then) { finish_stage(then); });
}

void Network::finish_stage(Node& node) {
  StageOut stage = std::move(*node.stage);
  node.stage.reset();
  if (!stage.records.empty()) node.disk.write_journal(stage);
  std::vector<Signature> signatures;
  if (!stage.votes.empty()) {
    node.disk.write_guard(stage);
    for (const Bytes& vote : stage.votes) {
      oracle_.vote_signed(node.index, vote);
      signatures.push_back(keys_[node.index].sign(vote));
    }
  }
  auto token = consensus::DurableToken::after({}, std::move(signatures));
  queue(node, StageDurable{.stage = stage.stage, .token = std::move(*token)});
}

void Network::write_batch(Node& node, BatchOut batch) {
  if (node.batch) oracle_.violate(fmt::format("v{} has two batches in flight", node.index));
  ++node.syncs;
  node.batch = std::move(batch);
  const Faults& faults = options_.faults;
  // The store shows the batch before the replica hears that it is durable.
  const std::uint64_t written = now_ + draw(faults.disk_ms_min, faults.disk_ms_max);
  in_this_life(node, written, [this](Node& then) {
    const BatchOut done = std::move(*then.batch);
    then.batch.reset();
    SALUS_ASSERT(then.disk.store().write(done.batch).has_value(), "memory holds");
    trace(then.index, done.height.value());
    oracle_.batch_written(then.index, then.disk.store());
    const std::uint64_t heard = now_ + draw(0, options_.faults.disk_ms_max / 4);
    in_this_life(then, heard, [this](Node& later) { queue(later, BatchDurable{}); });
  });
}

}  // namespace salus::replica::testing
