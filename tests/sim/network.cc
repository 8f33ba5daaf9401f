// Owns: time, chance and links of the simulated network.
#include "sim/network.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "ledger/reader.h"
#include "replica/situation.h"
#include "sim/network_node.h"

namespace salus::sim {

Network::Network(NetworkOptions options)
    : options_(std::move(options)),
      random_(options_.seed, 1),
      genesis_(genesis_of(options_.n, options_.parameters, options_.spares)),
      sequences_(genesis_.sequences),
      oracle_(genesis_.chain_id, genesis_.set) {
  SALUS_ASSERT(options_.twins.empty() || options_.spares == 0, "a network has twins or spares");
  const std::size_t nodes = options_.n + options_.twins.size() + options_.spares;
  const auto off_max = static_cast<std::int64_t>(options_.faults.clock_off_ms_max);
  for (std::size_t i = 0; i < nodes; ++i) {
    const auto validator = i < options_.n || options_.twins.empty()
                               ? static_cast<std::uint16_t>(i)
                               : options_.twins[i - options_.n];
    keys_.push_back(dao::test::key_of(validator_key_name(validator)));
    oracle_.know(validator, keys_.back().public_key());
    nodes_.push_back(std::make_unique<Node>(static_cast<std::uint16_t>(i), validator, genesis_));
    nodes_.back()->clock_off_ms =
        static_cast<std::int64_t>(draw(0, 2 * options_.faults.clock_off_ms_max)) - off_max;
  }
  linked_.resize(nodes * nodes);
  parted_.resize(nodes * nodes);
  cut_.resize(nodes * nodes);
  clogged_until_.resize(nodes * nodes);
  last_arrival_.resize(nodes * nodes);
  busy_until_us_.resize(nodes * nodes);
}

Network::~Network() = default;

// --- Time and chance.

void Network::at(std::uint64_t time, std::move_only_function<void()> action) {
  std::size_t slot = slots_.size();
  if (free_slots_.empty()) {
    slots_.push_back(std::move(action));
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
    slots_[slot] = std::move(action);
  }
  schedule_.push_back({.time = std::max(time, now_), .order = ++ordered_, .slot = slot});
  std::push_heap(schedule_.begin(), schedule_.end());
}

void Network::run_next() {
  std::pop_heap(schedule_.begin(), schedule_.end());
  const Scheduled next = schedule_.back();
  schedule_.pop_back();
  now_ = next.time;
  auto action = std::move(slots_[next.slot]);
  slots_[next.slot] = nullptr;
  free_slots_.push_back(next.slot);
  ++events_run_;
  action();
}

void Network::in_this_life(Node& node, std::uint64_t time,
                           std::move_only_function<void(Node&)> action) {
  at(time, [this, index = node.index, life = node.life, action = std::move(action)]() mutable {
    Node& then = *nodes_[index];
    if (then.life == life && then.replica) action(then);
  });
}

void Network::run_for(std::uint64_t span_ms) {
  const std::uint64_t end = now_ + span_ms;
  while (!schedule_.empty() && schedule_.front().time <= end) run_next();
  now_ = end;
}

bool Network::run_until(const std::function<bool()>& done, std::uint64_t span_ms) {
  const std::uint64_t end = now_ + span_ms;
  while (!done()) {
    if (schedule_.empty() || schedule_.front().time > end) {
      now_ = end;
      return done();
    }
    run_next();
  }
  return true;
}

void Network::trace(std::uint16_t node, std::uint64_t what, std::uint64_t value) {
  trace_.word(now_);
  trace_.word(std::uint64_t{node} << 32U | what);
  trace_.word(value);
}

void Network::trace(std::uint16_t node, std::uint64_t what, ByteView bytes) {
  trace(node, what, bytes.size());
  trace_.bytes(bytes);
}

void Network::tell_line(const std::string& text) const {
  tell_(fmt::format("{:>9} {}", now_, text));
}

// --- Clocks.

MonoMs Network::mono(std::uint16_t node) const {
  const auto drift = static_cast<std::int64_t>(now_) * nodes_[node]->drift_ppm / 1'000'000;
  return MonoMs{now_ + static_cast<std::uint64_t>(drift)};
}

WallMs Network::wall(std::uint16_t node) const {
  const auto off = static_cast<std::uint64_t>(nodes_[node]->clock_off_ms);
  return WallMs{dao::test::kGenesisMs + mono(node).value() + off};
}

void Network::shift_clock(std::uint16_t node, std::int64_t by_ms) {
  nodes_[node]->clock_off_ms += by_ms;
}

// The monotonic clock goes on from where it is: a node's drift changes only while it is down.
void Network::set_drift(std::uint16_t node, std::int64_t ppm) {
  if (!is_up(node)) nodes_[node]->drift_ppm = ppm;
}

void Network::reset_clock(std::uint16_t node) { nodes_[node]->clock_off_ms = 0; }

void Network::set_slow(std::uint16_t node, std::uint64_t execute_ms) {
  nodes_[node]->execute_ms = execute_ms;
}

// --- Links.

ValidatorIndex Network::validator_of(std::uint16_t node) const {
  return ValidatorIndex{nodes_[node]->validator};
}

NodeId Network::node_id(std::uint16_t node) const { return nodes_[node]->id; }

std::optional<std::uint16_t> Network::leader_of(std::uint16_t node) const {
  const Situation situation = nodes_[node]->replica->situation();
  const std::size_t leader = situation.status.consensus.leader.value();
  if (leader >= situation.members.size()) return std::nullopt;
  for (std::uint16_t other = 0; other < nodes_.size(); ++other) {
    if (node_id(other) == situation.members[leader].node) return other;
  }
  return std::nullopt;
}

bool Network::is_on(std::uint16_t node) const {
  const Node& asked = *nodes_[node];
  return asked.replica != nullptr || asked.joiner != nullptr || asked.is_puppet;
}

bool Network::refuses(std::uint16_t by, std::uint16_t whom) const {
  const auto found = nodes_[by]->refused_until.find(whom);
  return found != nodes_[by]->refused_until.end() && found->second > now_;
}

void Network::set_link(std::uint16_t a, std::uint16_t b, bool up) {
  if (is_linked(a, b) == up) return;
  linked_[pair_of(a, b)] = up ? 1 : 0;
  linked_[pair_of(b, a)] = up ? 1 : 0;
  for (const auto& [one, other] : {std::pair{a, b}, std::pair{b, a}}) {
    if (sync::SnapshotJoin* const joiner = nodes_[one]->joiner.get()) {
      up ? joiner->link_up(node_id(other)) : joiner->link_down(node_id(other));
      in_this_join(*nodes_[one], now_, [this](Node& then) { step_join(then); });
      continue;
    }
    if (!nodes_[one]->replica) continue;
    if (up) {
      queue(*nodes_[one], LinkUp{node_id(other)});
      continue;
    }
    // Of twins, the other one may still be there.
    bool is_gone = true;
    for (std::uint16_t node = 0; node < nodes_.size(); ++node) {
      const bool is_same = nodes_[node]->validator == nodes_[other]->validator;
      if (is_same && node != one && is_linked(one, node)) is_gone = false;
    }
    if (is_gone) queue(*nodes_[one], LinkDown{node_id(other)});
  }
}

void Network::set_links(std::uint16_t node) {
  for (std::uint16_t other = 0; other < nodes_.size(); ++other) {
    // Twins do not know each other: a node has no link to itself.
    if (nodes_[other]->validator == nodes_[node]->validator) continue;
    const bool up = is_on(node) && is_on(other) && parted_[pair_of(node, other)] == 0 &&
                    !refuses(node, other) && !refuses(other, node);
    set_link(node, other, up);
  }
}

void Network::partition(const std::vector<std::set<std::uint16_t>>& groups) {
  std::vector<std::size_t> group(nodes_.size(), 0);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const std::uint16_t node : groups[i]) group[node] = i;
  }
  for (std::uint16_t a = 0; a < nodes_.size(); ++a) {
    for (std::uint16_t b = 0; b < nodes_.size(); ++b) {
      parted_[pair_of(a, b)] = group[a] != group[b] ? 1 : 0;
    }
  }
  for (std::uint16_t node = 0; node < nodes_.size(); ++node) set_links(node);
}

namespace {

// Outages that lie over a pair.
void count(std::uint8_t& outages, bool begins) {
  if (begins) {
    ++outages;
  } else if (outages > 0) {
    --outages;
  }
}

}  // namespace

void Network::set_parted(std::uint16_t a, std::uint16_t b, bool parted) {
  count(parted_[pair_of(a, b)], parted);
  count(parted_[pair_of(b, a)], parted);
  set_links(a);
}

void Network::set_cut(std::uint16_t from, std::uint16_t to, bool cut) {
  count(cut_[pair_of(from, to)], cut);
}

void Network::clog(std::uint16_t from, std::uint16_t to, std::uint64_t span_ms) {
  clogged_until_[pair_of(from, to)] = now_ + span_ms;
}

void Network::heal() {
  std::ranges::fill(parted_, std::uint8_t{0});
  std::ranges::fill(cut_, std::uint8_t{0});
  std::ranges::fill(clogged_until_, std::uint64_t{0});
  for (std::uint16_t node = 0; node < nodes_.size(); ++node) set_links(node);
}

void Network::heal(const std::vector<std::uint16_t>& nodes) {
  for (const std::uint16_t from : nodes) {
    for (const std::uint16_t to : nodes) {
      parted_[pair_of(from, to)] = cut_[pair_of(from, to)] = 0;
      clogged_until_[pair_of(from, to)] = 0;
    }
    set_links(from);
  }
}

void Network::calm(const std::vector<std::uint16_t>& nodes, const Faults& faults) {
  calm_ = faults;
  for (const std::uint16_t node : nodes) nodes_[node]->is_calm = true;
}

const Faults& Network::faults_of(const Node& node) const {
  return node.is_calm ? calm_ : options_.faults;
}

const Faults& Network::faults_between(std::uint16_t from, std::uint16_t to) const {
  return nodes_[from]->is_calm ? faults_of(*nodes_[to]) : options_.faults;
}

void Network::send(Frame frame) {
  if (!is_linked(frame.from, frame.to)) return;
  Corruption* const corruption = nodes_[frame.from]->corruption;
  if (corruption == nullptr) return transmit(std::move(frame));
  std::vector<Frame> instead;
  corruption->sends(std::move(frame), instead);
  for (Frame& other : instead) inject(std::move(other));
}

void Network::inject(Frame frame) {
  if (!is_linked(frame.from, frame.to)) return;
  oracle_.frame_sent(frame.from, nodes_[frame.from]->validator, frame.type, frame.payload);
  transmit(std::move(frame));
}

std::uint64_t Network::leaves_at(std::size_t pair, std::size_t bytes, const Faults& faults) {
  const std::uint64_t bytes_per_s = faults.link_mib_per_s << 20U;
  if (bytes_per_s == 0) return now_;
  std::uint64_t& busy = busy_until_us_[pair];
  busy = std::max(busy, now_ * 1'000) + bytes * 1'000'000 / bytes_per_s;
  return busy / 1'000;
}

void Network::transmit(Frame frame) {
  ++frames_sent_;
  if (keep_ && !keep_(frame)) return;
  const std::size_t pair = pair_of(frame.from, frame.to);
  const Faults& faults = faults_between(frame.from, frame.to);
  if (cut_[pair] != 0 || random_.permille(faults.lost)) return;
  const int copies = random_.permille(faults.repeated) ? 2 : 1;
  // One connection: who restarts hears nothing that was said to its earlier life.
  const std::uint64_t from_life = nodes_[frame.from]->life;
  const std::uint64_t to_life = nodes_[frame.to]->life;
  for (int copy = 0; copy < copies; ++copy) {
    const std::uint64_t leaves = leaves_at(pair, frame.payload.size(), faults);
    std::uint64_t arrival = std::max(leaves, clogged_until_[pair]) +
                            draw(faults.delay_ms_min, faults.delay_ms_max) +
                            random_.exponential(faults.delay_mean_ms);
    if (faults.ordered) arrival = std::max(arrival, last_arrival_[pair]);
    last_arrival_[pair] = arrival;
    at(arrival,
       [this, from_life, to_life, sent = copy + 1 < copies ? frame : std::move(frame)]() mutable {
         const bool same = nodes_[sent.from]->life == from_life && nodes_[sent.to]->life == to_life;
         if (same) deliver(std::move(sent));
       });
  }
}

void Network::deliver(Frame frame) {
  Node& node = *nodes_[frame.to];
  if (!is_linked(frame.from, frame.to) || (!node.replica && !node.joiner)) return;
  tell([&] { return fmt::format("v{} <- v{} {}", frame.to, frame.from, describe(frame)); });
  trace(frame.to, 1, frame.payload);
  if (node.joiner) return hear_while_joining(node, frame);
  if (node.corruption != nullptr) node.corruption->hears(frame);
  queue(node,
        FrameIn{
            .from = node_id(frame.from), .type = frame.type, .payload = std::move(frame.payload)});
}

// --- What there is to see.

bool Network::is_up(std::uint16_t node) const { return nodes_[node]->replica != nullptr; }
const Replica& Network::replica(std::uint16_t node) const { return *nodes_[node]->replica; }
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

std::string describe(const Frame& frame) {
  ByteReader in{frame.payload};
  const auto kind = [](std::uint8_t value) {
    constexpr const char* kNames[] = {
        "", "notarize", "nullify", "finalize", "notarization", "nullification", "finalization"};
    return value < std::size(kNames) ? kNames[value] : "malformed";
  };
  switch (frame.type) {
    case FrameType::Vote: {
      const char* const name = kind(in.u8());
      const std::uint16_t signer = in.u16();
      const std::uint64_t epoch = in.u64();
      return fmt::format("vote {} {}/{} by {}", name, epoch, in.u64(), signer);
    }
    case FrameType::Certificate: {
      const char* const name = kind(in.u8());
      const std::uint64_t epoch = in.u64();
      return fmt::format("{} {}/{}", name, epoch, in.u64());
    }
    case FrameType::Block:
      (void)in.u64();
      return fmt::format("block {} of {} B", in.fixed<Digest>().to_hex().substr(0, 8),
                         frame.payload.size());
    case FrameType::Fetch:
      return fmt::format("fetch, kind {}", in.u8());
    case FrameType::Answer:
      return fmt::format("answer, kind {}, {} B", in.u8(), frame.payload.size());
    case FrameType::Status: {
      const std::uint64_t epoch = in.u64();
      const std::uint64_t view = in.u64();
      return fmt::format("status {}/{} final {}", epoch, view, in.u64());
    }
    case FrameType::Transaction:
      return fmt::format("transaction of {} B", frame.payload.size());
  }
  return "unknown";
}

}  // namespace salus::sim
