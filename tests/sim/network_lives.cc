// Owns: the lives of simulated nodes: starts, crashes, and what becomes of their disks.
#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "ledger/reader.h"
#include "sim/network_node.h"
#include "state/layout.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::sim {

void Network::start_all() {
  for (std::uint16_t node = 0; node < nodes_.size(); ++node) start(node);
}

void Network::start(std::uint16_t index) {
  Node& node = *nodes_[index];
  if (node.replica || node.joiner || begin_join(node)) return;
  auto restart = node.disk.restart(random_, node.known_version);
  if (dies_of_cut(node, MemoryDisk::Writers::OneThread)) return;
  if (!restart) {
    if (!node.is_disk_full && !node.may_abort) {
      oracle_.violate(
          fmt::format("O12: v{} can't start from its disk: {}", index, restart.error()));
    }
    // What a failed sync left behind, nobody knows.
    if (node.may_abort) {
      node.disk.files().lose_power(random_);
    } else {
      node.disk.files().lose_process(random_);
    }
    node.disk.close();
    return try_again(node);
  }
  node.disk.settle();
  begin_life(node, std::move(*restart));
}

void Network::start_twice(std::uint16_t index) {
  Node& node = *nodes_[index];
  if (node.replica || node.joiner || begin_join(node)) return;
  const auto restart = node.disk.restart(random_, node.known_version);
  if (restart && random_.one_in(2)) {
    node.disk.files().lose_process(random_);
  } else {
    node.disk.files().lose_power(random_);
  }
  node.disk.close();
  start(index);
}

void Network::begin_life(Node& node, Restart restart) {
  const std::uint16_t index = node.index;
  const bool restricted = restart.standing == storage::Standing::Restricted;
  tell([&] { return fmt::format("v{} starts{}", index, restricted ? ", restricted" : ""); });
  trace(index, 2, restricted ? 1U : 0U);
  if (restricted && !node.must_be_restricted && !node.may_be_restricted) {
    oracle_.violate(
        fmt::format("O12: v{} starts restricted, nothing asked for it: {}", index, restart.why));
  }
  if (restart.standing == storage::Standing::LedgerBehind && !node.is_ledger_lost) {
    oracle_.violate(fmt::format("O12: v{} starts behind its guard, nothing asked for it: {}", index,
                                restart.why));
  }
  // Recovery found the reseat in the ledger (S11).
  if (!restricted && node.may_be_reseated) node.must_be_restricted = false;
  node.restriction_nonce = restart.config.restriction_nonce;
  if (!restricted && node.must_be_restricted) {
    oracle_.violate(fmt::format("O12: v{} may vote though its memory is lost", index));
  }
  oracle_.node_started(index, node.disk.store());
  ++node.life;
  node.is_puppet = false;
  node.declines = false;
  // A fault may have come to a disk that nobody used.
  node.may_abort = node.disk.files().is_failure_due();
  node.busy_until = now_;
  // A traitor and a twin sign twice by design: their own watch would end their part.
  restart.config.snapshot_every = options_.snapshot_every;
  restart.config.watches_own_key = options_.twins.empty() && node.corruption == nullptr;
  node.replica = std::make_unique<Replica>(std::move(restart.config), node.disk.store(),
                                           std::move(restart.ledger), std::move(restart.recovery));
  schedule_turn(node);
  set_links(index);
}

void Network::crash(std::uint16_t index, CrashKind kind) {
  Node& node = *nodes_[index];
  if (node.joiner) drop_joiner(node);
  if (!node.replica) return;
  tell([&] { return fmt::format("v{} crashes", index); });
  trace(index, 3, kind == CrashKind::Power ? 1U : 0U);
  if (kind == CrashKind::Power) {
    node.disk.files().lose_power(random_);
  } else {
    node.disk.files().lose_process(random_);
  }
  node.disk.close();
  if (node.batch && random_.one_in(2)) {
    SALUS_ASSERT(node.disk.store().write(node.batch->batch).has_value(), "memory holds");
    oracle_.batch_written(index, node.disk.store());
  }
  for (Client& client : clients_) {
    if (client.node == index) client.node_was_lost = true;
  }
  ++node.life;
  node.replica.reset();
  node.queue.clear();
  node.turn_scheduled = false;
  node.armed.reset();
  node.token.reset();
  node.stage.reset();
  node.batch.reset();
  node.refused_until.clear();
  set_links(index);
}

void Network::cut_power_at(std::uint16_t node, const PowerCut& cut, std::uint64_t seed) {
  nodes_[node]->disk.files().cut_at(cut);
  nodes_[node]->cut_seed = seed;
}

bool Network::was_cut(std::uint16_t node) const { return nodes_[node]->was_cut; }

bool Network::dies_of_cut(Node& node, MemoryDisk::Writers writers) {
  MemoryDisk& files = node.disk.files();
  if (!files.is_cut()) return false;
  Random random{node.cut_seed};
  files.lose_power_at_cut(random, writers);
  node.was_cut = true;
  if (node.replica) {
    crash(node.index, CrashKind::Power);
  } else {
    node.disk.close();
  }
  return true;
}

void Network::pause(std::uint16_t node, std::uint64_t span_ms) {
  nodes_[node]->busy_until = std::max(nodes_[node]->busy_until, now_ + span_ms);
}

void Network::abort(Node& node, const std::string& reason) {
  tell([&] { return fmt::format("v{} aborts: {}", node.index, reason); });
  if (!node.may_abort && !node.is_disk_full) {
    oracle_.violate(fmt::format("O12: v{} aborts: {}", node.index, reason));
  }
  oracle_.node_aborted();
  // What a failed sync left behind, nobody knows.
  crash(node.index, CrashKind::Power);
  try_again(node);
}

void Network::try_again(Node& node) {
  if (restart_failed_ms_ == 0) return;
  at(now_ + restart_failed_ms_, [this, index = node.index, life = node.life] {
    if (nodes_[index]->life == life) start(index);
  });
}

void Network::make_puppet(std::uint16_t index) {
  crash(index);
  nodes_[index]->is_puppet = true;
  oracle_.excuse(index);
  set_links(index);
}

void Network::corrupt(std::uint16_t node, Corruption* corruption) {
  nodes_[node]->corruption = corruption;
  if (corruption != nullptr) oracle_.excuse(node);
}

// --- Disks.

Disk& Network::disk(std::uint16_t node) { return nodes_[node]->disk; }
const Disk& Network::disk(std::uint16_t node) const { return nodes_[node]->disk; }

void Network::fail_next_sync(std::uint16_t node) {
  nodes_[node]->disk.files().fail_next_sync();
  nodes_[node]->may_abort = true;
}

void Network::fail_next_write(std::uint16_t node) {
  nodes_[node]->disk.files().fail_next_write();
  nodes_[node]->may_abort = true;
}

void Network::set_disk_full(std::uint16_t node, bool full) {
  nodes_[node]->disk.files().set_full(full);
  nodes_[node]->is_disk_full = full;
}

bool Network::damage_journal(std::uint16_t index) {
  Node& node = *nodes_[index];
  const bool done = !node.replica && node.disk.damage_journal(random_);
  if (done) node.must_be_restricted = true;
  return done;
}

void Network::lose_disk(std::uint16_t index) {
  Node& node = *nodes_[index];
  if (node.replica) return;
  node.disk.lose_everything();
  node.must_be_restricted = true;
  oracle_.node_rolled_back(index, Height{});
}

void Network::lose_ledger(std::uint16_t index) {
  Node& node = *nodes_[index];
  if (node.replica) return;
  node.disk.lose_ledger();
  node.is_ledger_lost = true;
  oracle_.node_rolled_back(index, Height{});
}

void Network::make_differ(std::uint16_t index) {
  Node& node = *nodes_[index];
  if (node.replica || node.differs) return;
  const std::string key{
      state::Key{state::Table::Balances}.bytes(account("noor").view()).u32(0).str()};
  const std::string place = std::string{state::kStatePrefix} + key;
  v1::Balance balance;
  const auto held = node.disk.store().get(place);
  SALUS_ASSERT(held && balance.ParseFromString(*held), "noor has a balance");
  balance.set_amount(balance.amount() + 1);
  StoreBatch batch;
  batch.put(place, state::encode(balance));
  SALUS_ASSERT(node.disk.store().write(batch).has_value(), "memory holds");
  node.differs = true;
  oracle_.expect_difference(index);
}

void Network::condemn(std::uint16_t index, const Digest& digest) {
  oracle_.expect_difference(index);
  queue(*nodes_[index], Verified{CondemnedBlock{digest}});
}

// A running node is stopped for it, and goes on with the new build.
void Network::install(std::uint16_t index, std::uint32_t known_version) {
  Node& node = *nodes_[index];
  if (node.known_version == known_version) return;
  node.known_version = known_version;
  if (!node.replica) return;
  crash(index, CrashKind::Process);
  start(index);
}

bool Network::differs(std::uint16_t node) const { return nodes_[node]->differs; }

void Network::back_up(std::uint16_t index) {
  Node& node = *nodes_[index];
  node.backup = node.disk.backup();
  node.backup_height = height(index).value();
}

bool Network::has_backup(std::uint16_t node) const { return nodes_[node]->backup.has_value(); }

void Network::restore_backup(std::uint16_t index) {
  Node& node = *nodes_[index];
  if (node.replica || !node.backup) return;
  node.disk.restore(*node.backup);
  node.may_be_restricted = true;
  // Caught by S13 or not, it no longer knows what it signed: it counts as faulty (section 13).
  oracle_.excuse(index);
  oracle_.node_rolled_back(index, Height{node.backup_height});
}

bool Network::is_disk_spoilt(std::uint16_t node) const {
  return nodes_[node]->must_be_restricted || nodes_[node]->may_be_restricted ||
         nodes_[node]->differs || nodes_[node]->is_ledger_lost;
}

}  // namespace salus::sim
