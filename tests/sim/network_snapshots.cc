// Owns: a node that begins with a snapshot of its peers: links and a store, no replica, as
// node/snapshot_joiner does it. Some of those whom it asks lie.
#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "ledger/reader.h"
#include "sim/network_node.h"
#include "sync/messages.h"

namespace salus::sim {

namespace {

// Its sender is not asked again; the link comes back for the replica.
constexpr std::uint64_t kRefusedMs = 5'000;
// Between two looks of a joiner that waits for nothing in particular.
constexpr std::uint64_t kLookMs = 1'000;

}  // namespace

bool Network::is_joining(std::uint16_t node) const { return nodes_[node]->joiner != nullptr; }

void Network::join_by_snapshot(std::uint16_t index) {
  nodes_[index]->wants_snapshot = true;
  start(index);
}

bool Network::begin_join(Node& node) {
  const Store& store = node.disk.store();
  const auto is_empty = [&] { return ledger::Reader{store}.tip().height == Height{}; };
  if (!sync::is_joining(store) && !(node.wants_snapshot && is_empty())) return false;
  tell([&] { return fmt::format("v{} joins by snapshot", node.index); });
  trace(node.index, 10, 0);
  ++node.life;
  node.joiner = std::make_unique<sync::SnapshotJoin>(
      store,
      sync::TrustedSet{
          .chain_id = genesis_.chain_id, .epoch = Epoch{}, .validators = genesis_.validators});
  set_links(node.index);
  step_join(node);
  return true;
}

void Network::in_this_join(Node& node, std::uint64_t time,
                           std::move_only_function<void(Node&)> action) {
  at(time, [this, index = node.index, life = node.life, action = std::move(action)]() mutable {
    Node& then = *nodes_[index];
    if (then.life == life && then.joiner) action(then);
  });
}

void Network::step_join(Node& node) {
  node.joiner->tick(mono(node.index));
  sync::SnapshotJoin::Effects effects = node.joiner->take_effects();
  for (const NodeId& peer : effects.punished) refuse_liar(node, peer);
  for (const auto& request : effects.requests) {
    Frame frame{.from = node.index,
                .to = 0,
                .type = FrameType::Fetch,
                .payload = sync::encode(request.message)};
    for (std::uint16_t to = 0; to < nodes_.size(); ++to) {
      if (node_id(to) != request.to) continue;
      frame.to = to;
      oracle_.frame_sent(node.index, node.validator, frame.type, frame.payload);
      send(frame);
    }
  }
  if (!effects.batch.writes.empty()) {
    node.join_batch = std::move(effects.batch);
    in_this_join(node, now_ + disk_delay(node), [this](Node& then) {
      write_join_batch(then);
      then.joiner->batch_written();
      step_join(then);
    });
  }
  if (node.joiner->is_done()) return end_join(node);
  arm_join(node);
}

void Network::write_join_batch(Node& node) {
  SALUS_ASSERT(node.disk.store().write(*node.join_batch).has_value(), "memory holds");
  node.join_batch.reset();
}

void Network::arm_join(Node& node) {
  const std::uint64_t mono_now = mono(node.index).value();
  std::uint64_t wait = kLookMs;
  if (const auto deadline = node.joiner->deadline()) {
    const std::uint64_t due =
        deadline->value() > mono_now ? deadline->value() - mono_now : std::uint64_t{1};
    wait = std::min(wait, due);
  }
  const std::uint64_t then_at = now_ + wait;
  if (node.join_look_at > now_ && node.join_look_at <= then_at) return;
  node.join_look_at = then_at;
  in_this_join(node, then_at, [this, then_at](Node& then) {
    if (then.join_look_at == then_at) step_join(then);
  });
}

void Network::refuse_liar(Node& node, const NodeId& peer) {
  for (std::uint16_t other = 0; other < nodes_.size(); ++other) {
    if (node_id(other) != peer) continue;
    oracle_.punished(node.index, other, "a part of a snapshot that is not of it");
    node.refused_until[other] = now_ + kRefusedMs;
    set_link(node.index, other, false);
  }
  at(now_ + kRefusedMs, [this, index = node.index] { set_links(index); });
}

void Network::hear_while_joining(Node& node, const Frame& frame) {
  if (frame.type != FrameType::Answer) return;
  const auto message = sync::decode_answer(frame.payload);
  const NodeId from = node_id(frame.from);
  if (!message) return refuse_liar(node, from);
  if (const auto* offer = std::get_if<sync::SnapshotAnswer>(&*message)) {
    node.joiner->on_answer(from, *offer);
  } else if (const auto* part = std::get_if<sync::PartAnswer>(&*message)) {
    node.joiner->on_answer(from, *part);
  }
  step_join(node);
}

void Network::end_join(Node& node) {
  tell([&] {
    return fmt::format("v{} has a snapshot of height {}", node.index, height(node.index).value());
  });
  drop_joiner(node);
  start(node.index);
}

void Network::drop_joiner(Node& node) {
  // Of what was on its way to the disk, chance keeps all or nothing.
  if (node.join_batch && random_.one_in(2)) write_join_batch(node);
  node.join_batch.reset();
  node.joiner.reset();
  node.join_look_at = 0;
  ++node.life;
  const Store& store = node.disk.store();
  if (!sync::is_joining(store) && ledger::Reader{store}.tip().height > Height{}) {
    node.wants_snapshot = false;
    ++snapshots_;
    oracle_.node_joined(node.index, store);
  }
  set_links(node.index);
}

}  // namespace salus::sim
