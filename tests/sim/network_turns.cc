// Owns: the turns of a node and the carrying out of its effects, as node/driver does it.
#include <fmt/format.h>

#include "base/assert.h"
#include "sim/network_node.h"

namespace salus::sim {

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
  in_this_life(node, std::max(now_, node.busy_until), [this](Node& then) { turn(then); });
}

void Network::turn(Node& node) {
  node.turn_scheduled = false;
  // It was stopped since.
  if (node.busy_until > now_) return schedule_turn(node);
  node.turns_at_once = node.turns_at == now_ ? node.turns_at_once + 1 : 0;
  node.turns_at = now_;
  if (node.turns_at_once == kTurnsAtOnceMax) {
    return oracle_.violate(fmt::format("v{} turns on the spot at {}, deadline {}{}", node.index,
                                       now_, node.replica->deadline().value(),
                                       node.replica->has_work() ? ", has work" : ""));
  }
  const std::uint64_t life = node.life;
  Replica& replica = *node.replica;
  replica.step(Tick{.mono = mono(node.index), .wall = wall(node.index)});
  let_decline(node);
  for (std::size_t i = 0; i < kEventsPerTurn && !node.queue.empty(); ++i) {
    Event event = std::move(node.queue.front());
    node.queue.pop_front();
    replica.step(std::move(event));
  }
  carry_out(node, replica.take_effects());
  if (node.life != life) return;
  if (replica.has_work()) {
    const std::uint64_t busy = draw(0, faults_of(node).execute_ms_max) + node.execute_ms;
    replica.work();
    carry_out(node, replica.take_effects());
    if (node.life != life) return;
    if (busy > 0) node.busy_until = std::max(node.busy_until, now_ + busy);
  }
  if (!node.queue.empty() || replica.has_work()) schedule_turn(node);
  arm(node);
}

void Network::let_decline(Node& node) {
  const bool declines = random_.permille(faults_of(node).declined);
  if (declines == node.declines) return;
  node.declines = declines;
  node.replica->step(JournalSpace{
      .alarm = declines ? std::optional<std::string>{"a fault of this run"} : std::nullopt});
}

void Network::arm(Node& node) {
  const MonoMs deadline = node.replica->deadline();
  if (node.armed == deadline) return;
  node.armed = deadline;
  const std::uint64_t mono_now = mono(node.index).value();
  const std::uint64_t wait = deadline.value() > mono_now ? deadline.value() - mono_now : 0;
  // A deadline that never comes.
  if (wait > std::uint64_t{1} << 60U) return;
  in_this_life(node, now_ + wait, [this, deadline](Node& then) {
    if (then.armed != deadline) return;
    then.armed.reset();
    schedule_turn(then);
  });
}

void Network::carry_out(Node& node, Effects effects) {
  const std::uint64_t life = node.life;
  if (effects.stage) write_stage(node, std::move(*effects.stage));
  if (node.life != life) return;
  if (effects.epoch) begin_epoch(node, std::move(*effects.epoch));
  if (node.life != life) return;
  for (const ServePart& order : effects.serves) {
    effects.sends.push_back({.to = order.to,
                             .type = FrameType::Answer,
                             .payload = make_part_answer(node.disk.store(), order)});
  }
  for (Send& out : effects.sends) {
    trace(node.index, 4, out.payload);
    // What a traitor says is judged frame by frame, when it is said.
    if (node.corruption == nullptr) {
      oracle_.frame_sent(node.index, node.validator, out.type, out.payload);
    }
    const auto goes_to = [&](std::uint16_t to) {
      if (nodes_[to]->validator == node.validator) return false;
      return !out.to || node_id(to) == *out.to;
    };
    for (std::uint16_t to = 0; to < nodes_.size(); ++to) {
      if (!goes_to(to)) continue;
      send({.from = node.index, .to = to, .type = out.type, .payload = out.payload});
    }
  }
  if (effects.batch) write_batch(node, std::move(*effects.batch));
  for (Verification& verification : effects.verifications) {
    Verified verified = verification.run();
    if (faults_of(node).verify_ms_max == 0) {
      queue(node, std::move(verified));
      continue;
    }
    in_this_life(node, now_ + draw(0, faults_of(node).verify_ms_max),
                 [this, verified = std::move(verified)](Node& then) mutable {
                   queue(then, std::move(verified));
                 });
  }
  for (const Punish& punishment : effects.punishments) punish(node, punishment);
  for (const Notice& notice : effects.notices) {
    tell([&] { return fmt::format("v{} says: {}", node.index, notice.text); });
    // Asked for by let_decline.
    if (notice.text.starts_with("The journal has")) continue;
    // An old build says why it stops, and before that when it will.
    if (are_builds_old_ && notice.text.find("rotocol version") != std::string::npos) continue;
    oracle_.noticed(node.index, notice);
  }
  if (effects.restriction) {
    if (!node.may_be_restricted) {
      oracle_.violate(fmt::format("O12: v{} restricts its key", node.index));
    }
    const bool twin = *effects.restriction == Restriction::Twin;
    const auto done = node.disk.restrict_key(
        twin ? storage::RestrictionKind::Twin : storage::RestrictionKind::Amnesia, random_);
    if (dies_of_cut(node, MemoryDisk::Writers::OneThread)) return;
    if (!done) return abort(node, done.error());
    node.disk.settle();
  }
  for (const Reply& reply : effects.replies) answer(node.index, reply);
  if (effects.finalized && !node.stage && !node.replica->is_halted()) {
    const auto done = node.disk.discard_journal(node.replica->finalized_view_durable());
    if (dies_of_cut(node, MemoryDisk::Writers::OneThread)) return;
    if (!done) return abort(node, done.error());
  }
}

void Network::punish(Node& node, const Punish& punishment) {
  for (std::uint16_t peer = 0; peer < nodes_.size(); ++peer) {
    if (node_id(peer) != punishment.peer) continue;
    oracle_.punished(node.index, peer, punishment.what);
    node.refused_until[peer] = now_ + kPunishmentMs;
  }
  set_links(node.index);
  in_this_life(node, now_ + kPunishmentMs, [this](Node& then) { set_links(then.index); });
}

std::uint64_t Network::disk_delay(const Node& node) {
  const Faults& faults = faults_of(node);
  std::uint64_t delay = draw(faults.disk_ms_min, faults.disk_ms_max);
  if (random_.permille(faults.disk_stalls)) delay += draw(0, faults.disk_stall_ms_max);
  return delay;
}

void Network::write_stage(Node& node, StageOut stage) {
  if (node.stage) oracle_.violate(fmt::format("S4: v{} has two stages in flight", node.index));
  node.syncs += (stage.records.empty() ? 0U : 1U) + (stage.votes.empty() ? 0U : 1U);
  trace(node.index, 5, stage.stage.value());
  auto token = node.disk.write_stage(stage);
  if (dies_of_cut(node, MemoryDisk::Writers::TwoThreads)) return;
  if (!token) return abort(node, token.error());
  node.token.emplace(std::move(*token));
  node.stage = std::move(stage);
  in_this_life(node, now_ + disk_delay(node), [this](Node& then) {
    then.disk.settle();
    StageOut done = std::move(*then.stage);
    then.stage.reset();
    then.disk.note_stage(done.highest_view);
    oracle_.stage_signed(then.index, then.validator, std::move(done.votes));
    trace(then.index, 6, done.stage.value());
    consensus::DurableToken token_now = std::move(*then.token);
    then.token.reset();
    queue(then, StageDurable{.stage = done.stage, .token = std::move(token_now)});
  });
}

void Network::begin_epoch(Node& node, const EpochStart& start) {
  oracle_.epoch_began(node.index, start.epoch, start.set);
  trace(node.index, 9, start.epoch.value());
  tell([&] { return fmt::format("v{} begins epoch {}", node.index, start.epoch.value()); });
  if (start.ends_restriction) node.must_be_restricted = node.may_be_restricted = false;
  const auto done = node.disk.begin_epoch(start);
  if (dies_of_cut(node, MemoryDisk::Writers::OneThread)) return;
  if (!done) return abort(node, done.error());
  ++node.syncs;
  in_this_life(node, now_ + disk_delay(node), [this](Node& then) {
    then.disk.settle();
    queue(then, JournalReady{});
  });
}

void Network::write_batch(Node& node, BatchOut batch) {
  if (node.batch) oracle_.violate(fmt::format("v{} has two batches in flight", node.index));
  ++node.syncs;
  node.batch = std::move(batch);
  // The store shows the batch before the replica hears that it is durable.
  in_this_life(node, now_ + disk_delay(node), [this](Node& then) {
    const BatchOut done = std::move(*then.batch);
    then.batch.reset();
    const bool is_written = then.disk.files().count_batch();
    if (is_written) {
      SALUS_ASSERT(then.disk.store().write(done.batch).has_value(), "memory holds");
      tell([&] { return fmt::format("v{} final at height {}", then.index, done.height.value()); });
      trace(then.index, 7, done.height.value());
      oracle_.batch_written(then.index, then.disk.store());
    }
    if (dies_of_cut(then, MemoryDisk::Writers::TwoThreads)) return;
    const std::uint64_t heard = now_ + draw(0, faults_of(then).disk_ms_max / 4);
    in_this_life(then, heard, [this](Node& later) { queue(later, BatchDurable{}); });
  });
}

}  // namespace salus::sim
