// Owns: time, chance, links and lives of the test network.
#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "consensus/codec.h"
#include "dao/accounts/accounts.h"
#include "epochs/harness_node.h"
#include "ledger/genesis.h"
#include "ledger/reader.h"
#include "replica/facts.h"
#include "state/record.h"

namespace salus::replica::testing {

namespace {

std::string operator_of(std::size_t validator) { return fmt::format("operator {}", validator); }

// Operators of spares are members, so that they may nominate their nodes.
std::vector<dao::test::Person> people(const NetworkOptions& options) {
  auto list = dao::test::everybody();
  for (std::size_t i = 0; i < options.n + options.spares; ++i) {
    list.push_back({operator_of(i),
                    i < options.n ? 0U : dao::membership::bit(dao::membership::Role::Patient), 0,
                    0});
  }
  return list;
}

v1::GenesisDocument make_document(const NetworkOptions& options) {
  const auto everybody = people(options);
  v1::GenesisDocument document = dao::test::a_document(everybody);
  document.clear_validators();
  for (std::size_t i = 0; i < options.n; ++i) {
    v1::GenesisValidator& validator = *document.add_validators();
    const auto own = static_cast<std::uint32_t>(everybody.size() - options.n - options.spares + i);
    validator.set_operator_account(own);
    validator.set_name(fmt::format("v{}", i));
    const auto key = [&](std::string_view purpose) {
      return dao::test::key_of(fmt::format("v{} {}", i, purpose)).public_key().to_string();
    };
    validator.set_validator_key(key("validator"));
    validator.set_node_key(key("node"));
  }
  for (std::size_t i = 0; i < options.spares; ++i) {
    v1::GenesisOffice& office = *document.add_offices();
    office.set_account(static_cast<std::uint32_t>(everybody.size() - options.spares + i));
    office.set_role(static_cast<std::uint32_t>(dao::membership::Role::Operator));
    office.set_until_ms(dao::test::kGenesisMs + 1'000'000'000);
  }
  auto parameters = options.parameters;
  parameters.emplace_back("validators.min", 1);
  for (const auto& [name, value] : parameters) {
    v1::Parameter& parameter = *document.add_parameters();
    parameter.set_name(name);
    parameter.set_value(value);
  }
  return document;
}

consensus::ValidatorSet set_of(const StoreBatch& genesis) {
  storage::MemoryStore store;
  SALUS_ASSERT(store.write(genesis).has_value(), "memory holds a genesis");
  return validator_set(ledger::Ledger::open(store)->finalized());
}

StoreBatch genesis_batch(const v1::GenesisDocument& document, const std::string& bytes) {
  SALUS_ASSERT(crypto::initialise(), "libsodium starts");
  auto batch = ledger::make_genesis(document, as_bytes(bytes));
  SALUS_ASSERT(batch.has_value(), batch ? "" : batch.error().reason);
  return std::move(*batch);
}

}  // namespace

Network::Network(NetworkOptions options)
    : options_(std::move(options)),
      random_(options_.seed),
      genesis_bytes_(state::encode(make_document(options_))),
      chain_id_(ledger::chain_id_of(as_bytes(genesis_bytes_))),
      set_(set_of(genesis_batch(make_document(options_), genesis_bytes_))),
      oracle_(chain_id_, set_),
      group_(options_.n + options_.spares, 0) {
  const v1::GenesisDocument document = make_document(options_);
  const StoreBatch genesis = genesis_batch(document, genesis_bytes_);
  const auto everybody = people(options_);
  for (std::size_t i = 0; i < everybody.size(); ++i) {
    const v1::GenesisAccount& account = document.accounts(static_cast<int>(i));
    accounts_[everybody[i].name] = dao::accounts::account_id(chain_id_, as_bytes(account.nonce()),
                                                             account.keys(), account.threshold());
  }
  for (std::uint16_t i = 0; i < options_.n + options_.spares; ++i) {
    keys_.push_back(dao::test::key_of(fmt::format("v{} validator", i)));
    const crypto::KeyPair node_key = dao::test::key_of(fmt::format("v{} node", i));
    const NodeId id{node_key.public_key().bytes};
    ids_.push_back(id);
    oracle_.know(i, keys_.back().public_key());
    nodes_.push_back(std::make_unique<Node>(i, genesis, chain_id_, id, keys_.back()));
    const auto off = static_cast<std::int64_t>(draw(0, 2 * options_.faults.clock_off_ms_max));
    nodes_.back()->clock_off_ms = off - static_cast<std::int64_t>(options_.faults.clock_off_ms_max);
  }
  const ledger::Reader reader{nodes_.front()->disk.store()};
  const state::Overlay state = reader.state();
  for (const auto& [name, id] : accounts_) {
    sequences_[name] = dao::accounts::find_account(state, id)->next_sequence();
  }
}

Network::~Network() = default;

// --- Time and chance.

void Network::at(std::uint64_t time, Action action) {
  events_.emplace(std::pair{std::max(time, now_), ++ordered_}, std::move(action));
}

void Network::in_this_life(Node& node, std::uint64_t time, std::function<void(Node&)> action) {
  at(time, [this, index = node.index, life = node.life, action = std::move(action)] {
    Node& then = *nodes_[index];
    if (then.life == life && then.replica) action(then);
  });
}

std::uint64_t Network::draw(std::uint64_t low, std::uint64_t high) {
  return low >= high ? low : low + random_() % (high - low + 1);
}

void Network::trace(std::uint16_t node, std::uint64_t value) {
  for (const std::uint64_t part : {now_, std::uint64_t{node}, value}) {
    trace_ = (trace_ ^ part) * 0x100000001b3U;
  }
}

void Network::trace(std::uint16_t node, ByteView bytes) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3U;
  trace(node, hash);
}

void Network::run_for(std::uint64_t span_ms) {
  run_until([] { return false; }, span_ms);
}

bool Network::run_until(const std::function<bool()>& done, std::uint64_t span_ms) {
  const std::uint64_t end = now_ + span_ms;
  while (true) {
    if (done()) return true;
    const auto next = events_.begin();
    if (next == events_.end() || next->first.first > end) break;
    now_ = next->first.first;
    const Action action = std::move(next->second);
    events_.erase(next);
    action();
  }
  now_ = end;
  return done();
}

WallMs Network::wall(std::uint16_t node) const {
  const auto off = static_cast<std::uint64_t>(nodes_[node]->clock_off_ms);
  return WallMs{dao::test::kGenesisMs + now_ + off};
}

std::uint16_t Network::index_of(const NodeId& id) const {
  const auto found = std::ranges::find(ids_, id);
  SALUS_ASSERT(found != ids_.end(), "every node of the network is known");
  return static_cast<std::uint16_t>(found - ids_.begin());
}

// --- Links.

bool Network::is_on(std::uint16_t node) const {
  return nodes_[node]->replica != nullptr || nodes_[node]->is_puppet;
}

void Network::set_link(std::uint16_t a, std::uint16_t b, bool up) {
  const std::pair pair{std::min(a, b), std::max(a, b)};
  if (links_.contains(pair) == up) return;
  if (up) {
    links_.insert(pair);
  } else {
    links_.erase(pair);
  }
  for (const auto& [one, other] : {pair, std::pair{pair.second, pair.first}}) {
    if (!nodes_[one]->replica) continue;
    const NodeId peer = ids_[other];
    if (up) {
      queue(*nodes_[one], LinkUp{peer});
    } else {
      queue(*nodes_[one], LinkDown{peer});
    }
  }
}

void Network::set_links(std::uint16_t node) {
  for (std::uint16_t other = 0; other < nodes_.size(); ++other) {
    if (other == node) continue;
    const auto refuses = [this](std::uint16_t by, std::uint16_t whom) {
      const auto found = nodes_[by]->refused_until.find(whom);
      return found != nodes_[by]->refused_until.end() && found->second > now_;
    };
    const bool up = is_on(node) && is_on(other) && !are_parted(node, other) &&
                    !refuses(node, other) && !refuses(other, node);
    set_link(node, other, up);
  }
}

void Network::partition(const std::vector<std::set<std::uint16_t>>& groups) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const std::uint16_t node : groups[i]) group_[node] = static_cast<std::uint16_t>(i);
  }
  for (std::uint16_t node = 0; node < nodes_.size(); ++node) set_links(node);
}

void Network::heal() {
  std::ranges::fill(group_, std::uint16_t{0});
  for (std::uint16_t node = 0; node < nodes_.size(); ++node) set_links(node);
}

void Network::send(Frame frame) {
  const std::pair pair{std::min(frame.from, frame.to), std::max(frame.from, frame.to)};
  if (!links_.contains(pair)) return;
  ++frames_sent_;
  if (keep_ && !keep_(frame)) return;
  const Faults& faults = options_.faults;
  if (faults.lost > 0 && draw(0, 999) < faults.lost) return;
  const int copies = faults.repeated > 0 && draw(0, 999) < faults.repeated ? 2 : 1;
  // One connection: who restarts hears nothing that was said to its earlier life.
  const std::uint64_t from_life = nodes_[frame.from]->life;
  const std::uint64_t to_life = nodes_[frame.to]->life;
  const auto shared = std::make_shared<const Frame>(std::move(frame));
  for (int copy = 0; copy < copies; ++copy) {
    at(now_ + draw(faults.delay_ms_min, faults.delay_ms_max), [this, shared, from_life, to_life] {
      const bool same =
          nodes_[shared->from]->life == from_life && nodes_[shared->to]->life == to_life;
      if (same) deliver(*shared);
    });
  }
}

void Network::deliver(const Frame& frame) {
  const std::pair pair{std::min(frame.from, frame.to), std::max(frame.from, frame.to)};
  Node& node = *nodes_[frame.to];
  if (!links_.contains(pair) || !node.replica) return;
  queue(node, FrameIn{.from = ids_[frame.from], .type = frame.type, .payload = frame.payload});
}

void Network::inject(Frame frame) { send(std::move(frame)); }

// --- Lives.

void Network::start_all() {
  for (std::uint16_t node = 0; node < nodes_.size(); ++node) start(node);
}

void Network::start(std::uint16_t index) {
  Node& node = *nodes_[index];
  if (node.replica) return;
  auto restart = node.disk.restart();
  if (!restart) return oracle_.violate(fmt::format("O12: v{} can't start from its disk", index));
  oracle_.node_started(index, node.disk.store());
  ++node.life;
  node.is_puppet = false;
  node.replica =
      std::make_unique<Replica>(std::move(restart->config), node.disk.store(),
                                std::move(restart->ledger), std::move(restart->recovery));
  schedule_turn(node);
  set_links(index);
}

void Network::crash(std::uint16_t index) {
  Node& node = *nodes_[index];
  if (!node.replica) return;
  if (node.stage) {
    if (draw(0, 1) == 1) node.disk.write_journal(*node.stage);
    // Signatures exist only after the page does.
    if (draw(0, 1) == 1) {
      node.disk.write_guard(*node.stage);
      for (const Bytes& vote : node.stage->votes) oracle_.vote_signed(index, vote);
    }
  }
  if (node.batch && draw(0, 1) == 1) {
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
  node.stage.reset();
  node.batch.reset();
  node.refused_until.clear();
  set_links(index);
}

void Network::make_puppet(std::uint16_t index) {
  crash(index);
  nodes_[index]->is_puppet = true;
  oracle_.excuse(index);
  set_links(index);
}

bool Network::is_up(std::uint16_t node) const { return nodes_[node]->replica != nullptr; }
const Replica& Network::replica(std::uint16_t node) const { return *nodes_[node]->replica; }
const Disk& Network::disk(std::uint16_t node) const { return nodes_[node]->disk; }
std::uint64_t Network::syncs(std::uint16_t node) const { return nodes_[node]->syncs; }

Height Network::height(std::uint16_t node) const {
  return ledger::Reader{nodes_[node]->disk.store()}.tip().height;
}

Height Network::height_of(std::size_t count) const {
  std::vector<Height> heights;
  for (const auto& node : nodes_) {
    if (node->replica) heights.push_back(node->replica->ledger().finalized().height);
  }
  if (heights.size() < count) return Height{};
  std::ranges::sort(heights, std::greater{});
  return heights[count - 1];
}

bool Network::all_equal() const {
  std::set<std::pair<Height, Root>> seen;
  for (const auto& node : nodes_) {
    if (!node->replica) continue;
    const ledger::Tip& tip = node->replica->ledger().finalized();
    seen.emplace(tip.height, tip.state_root);
  }
  return seen.size() == 1;
}

std::string replay_command(std::uint64_t seed, std::string_view test) {
  return fmt::format("SALUS_SEED={} build/dev/bin/replica_test --gtest_filter='{}'", seed, test);
}

}  // namespace salus::replica::testing
