// Owns: cores on a virtual clock and network, driven from one seed.
#include "consensus/harness.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "crypto/hash.h"

namespace salus::consensus::testing {

namespace {

ChainId test_chain() {
  ChainId id;
  id.bytes.fill(0x5a);
  return id;
}

std::vector<crypto::KeyPair> make_keys(std::size_t n) {
  EXPECT_TRUE(crypto::initialise());
  std::vector<crypto::KeyPair> keys;
  for (std::size_t i = 0; i < n; ++i) {
    crypto::Seed seed{};
    seed[0] = static_cast<std::uint8_t>(i + 1);
    keys.push_back(crypto::KeyPair::from_seed(seed));
  }
  return keys;
}

ValidatorSet make_set(const std::vector<crypto::KeyPair>& keys) {
  std::vector<Validator> members;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    NodeId node;
    node.bytes[0] = static_cast<std::uint8_t>(i + 1);
    node.bytes[31] = 0x77;
    members.push_back({.validator_key = keys[i].public_key(), .node_key = node});
  }
  return *ValidatorSet::make(std::move(members));
}

}  // namespace

struct Cluster::Node {
  std::uint16_t index = 0;

  // Durable: journal, guard, ledger.
  std::vector<Record> journal;
  Registers journal_registers;
  Registers guard_registers;
  Stage journal_stage;
  Stage guard_stage;
  bool ever_started = false;
  std::optional<Certificate> ledger_certificate;
  Digest ledger_tip;
  std::uint64_t ledger_height = 0;
  std::set<Digest> ledger_blocks;

  // Volatile.
  std::optional<Core> core;
  std::uint64_t life = 0;
  std::optional<std::uint64_t> deadline;
  std::set<Digest> blocks;
  std::set<int> mempool;
  std::optional<StageWork> flying;
  std::vector<std::pair<Check, std::uint64_t>> checks;
  std::optional<Digest> judged_parent;
  std::optional<bool> said_due;
  std::optional<Certificate> finalization;
  std::optional<Certificate> epoch_end;
  std::uint64_t busy_until = 0;
  bool ledger_waits = false;

  std::vector<Report> reports;
};

Cluster::Cluster(ClusterOptions options)
    : options_(std::move(options)),
      random_(options_.seed),
      chain_id_(test_chain()),
      keys_(make_keys(options_.n)),
      set_(make_set(keys_)),
      oracle_(options_.n),
      group_(options_.n, 0) {
  genesis_ = *Digest::from(chain_id_.view());
  blocks_[genesis_] = Block{.digest = genesis_,
                            .parent = {},
                            .height = 0,
                            .view = 0,
                            .proposer = 0,
                            .is_last = false,
                            .transactions = {},
                            .chain_transactions = {}};
  for (std::size_t i = 0; i < options_.n; ++i) {
    auto node = std::make_unique<Node>();
    node->index = static_cast<std::uint16_t>(i);
    node->ledger_tip = genesis_;
    node->ledger_blocks.insert(genesis_);
    nodes_.push_back(std::move(node));
  }
}

Cluster::~Cluster() = default;

// --- Time and chance.

void Cluster::at(std::uint64_t time, Action action) {
  queue_.emplace(std::pair{std::max(time, now_), ++sequence_}, std::move(action));
}

std::uint64_t Cluster::draw(std::uint64_t low, std::uint64_t high) {
  return low >= high ? low : low + random_() % (high - low + 1);
}

void Cluster::trace(std::uint64_t value) { trace_ = (trace_ ^ value) * 0x100000001b3ULL + now_; }

void Cluster::run_for(std::uint64_t span_ms) {
  run_until([] { return false; }, span_ms);
}

bool Cluster::run_until(const std::function<bool()>& done, std::uint64_t span_ms) {
  const std::uint64_t end = now_ + span_ms;
  while (true) {
    if (done()) return true;
    const auto next = queue_.begin();
    if (next == queue_.end() || next->first.first > end) break;
    now_ = next->first.first;
    const Action action = std::move(next->second);
    queue_.erase(next);
    action();
  }
  now_ = end;
  return done();
}

// --- The network.

bool Cluster::connected(std::uint16_t a, std::uint16_t b) const {
  return group_[a] == group_[b] && nodes_[a]->core && nodes_[b]->core;
}

void Cluster::deliver(const Message& message, std::function<void(Node&)> arrive) {
  if (!connected(message.from, message.to) || (keep_ && !keep_(message))) return;
  const Faults& faults = options_.faults;
  if (faults.lost > 0 && random_() % 1000 < faults.lost) return;
  const int copies = faults.repeated > 0 && random_() % 1000 < faults.repeated ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    const std::uint64_t time = now_ + draw(faults.delay_ms_min, faults.delay_ms_max);
    at(time, [this, message, arrive] {
      if (connected(message.from, message.to)) arrive(*nodes_[message.to]);
    });
  }
}

std::vector<std::uint16_t> Cluster::targets(std::uint16_t from,
                                            std::optional<std::uint16_t> to) const {
  if (to) return {*to};
  std::vector<std::uint16_t> others;
  for (std::uint16_t i = 0; i < nodes_.size(); ++i) {
    if (i != from) others.push_back(i);
  }
  return others;
}

void Cluster::send_vote(std::uint16_t from, std::optional<std::uint16_t> to, const Vote& vote) {
  const Bytes bytes = encode(vote);
  for (const std::uint16_t target : targets(from, to)) {
    deliver({.from = from, .to = target, .kind = Kind::Vote, .subject = vote.subject},
            [this, bytes, from](Node& node) {
              const auto checked =
                  validate_vote(bytes, context(), set_[ValidatorIndex{from}].node_key);
              ASSERT_TRUE(checked) << sentence(checked.error());
              step(node, VoteIn{*checked});
            });
  }
}

void Cluster::send_certificate(std::uint16_t from, std::optional<std::uint16_t> to,
                               const Certificate& certificate, Kind kind) {
  const Bytes bytes = encode(certificate);
  oracle_.certificate(certificate);
  for (const std::uint16_t target : targets(from, to)) {
    deliver({.from = from, .to = target, .kind = kind, .subject = certificate.subject},
            [this, bytes, from](Node& node) {
              const auto checked = validate_certificate(bytes, context());
              ASSERT_TRUE(checked) << sentence(checked.error());
              step(node, CertificateIn{.certificate = *checked,
                                       .from = set_[ValidatorIndex{from}].node_key});
            });
  }
}

void Cluster::send_block(std::uint16_t from, std::optional<std::uint16_t> to,
                         const Digest& digest) {
  for (const std::uint16_t target : targets(from, to)) {
    deliver({.from = from, .to = target, .kind = Kind::Block, .subject = std::nullopt},
            [this, digest](Node& node) { take_block(node, digest); });
  }
}

std::uint16_t Cluster::index_of(const NodeId& id) const { return set_.find(id)->value(); }

VoteContext Cluster::context() const {
  return {.chain_id = chain_id_,
          .epoch = Epoch{},
          .set = set_,
          .verify = [this](const PublicKey& key, ByteView message, const Signature& signature) {
            const auto known = known_signatures_.find(signature);
            if (known != known_signatures_.end() && known->second.first == key &&
                std::ranges::equal(known->second.second, message)) {
              return true;
            }
            return crypto::verify(key, message, signature);
          }};
}

// --- Life and death.

void Cluster::start_all() {
  for (std::uint16_t i = 0; i < nodes_.size(); ++i) start(i);
}

bool Cluster::is_up(std::uint16_t node) const { return nodes_[node]->core.has_value(); }

void Cluster::start(std::uint16_t index) {
  Node& node = *nodes_[index];
  if (node.core) return;
  Recovered recovered;
  // S9: level the two by the later one.
  if (node.guard_stage >= node.journal_stage) {
    recovered.registers = node.guard_registers;
    recovered.stage = node.guard_stage;
  } else {
    recovered.registers = node.journal_registers;
    recovered.stage = node.journal_stage;
  }
  EXPECT_LE(recovered.stage.value(),
            std::min(node.guard_stage.value(), node.journal_stage.value()) + 1);
  node.guard_registers = node.journal_registers = recovered.registers;
  node.guard_stage = node.journal_stage = recovered.stage;
  recovered.restarted = node.ever_started;
  node.ever_started = true;

  for (const Record& record : node.journal) {
    // Through the bytes, as a disk would give them back.
    const auto read = decode_payload(static_cast<std::uint8_t>(type_of(record)),
                                     encode_payload(chain_id_, record), chain_id_, Epoch{});
    ASSERT_TRUE(read) << sentence(read.error());
    if (const auto* held = std::get_if<CertificateRecord>(&*read)) {
      recovered.certificates.push_back(*Certificate::validate(held->certificate, context()));
    } else if (const auto* kept = std::get_if<CandidateRecord>(&*read)) {
      recovered.candidates.push_back(kept->candidate);
      node.blocks.insert(kept->candidate.digest);
    } else if (const auto* halt = std::get_if<HaltRecord>(&*read)) {
      recovered.halt = *halt;
    }
  }
  if (node.ledger_certificate) {
    recovered.finalized = *Certificate::validate(*node.ledger_certificate, context());
  }
  node.core.emplace(CoreConfig{.chain_id = chain_id_,
                               .epoch = Epoch{},
                               .set = set_,
                               .own_index = ValidatorIndex{index},
                               .parameters = options_.parameters,
                               .first_ancestor = genesis_},
                    std::move(recovered));
  step(node, Tick{MonoMs{now_}});
  for (const auto& [digest, block] : blocks_) {
    if (block.is_last && has_block(node, digest)) step(node, BoundaryIn{digest});
  }
  for (std::uint16_t other = 0; other < nodes_.size(); ++other) {
    if (other != index && connected(index, other)) link(index, other);
  }
}

void Cluster::link(std::uint16_t a, std::uint16_t b) {
  step(*nodes_[a], LinkUp{set_[ValidatorIndex{b}].node_key});
  step(*nodes_[b], LinkUp{set_[ValidatorIndex{a}].node_key});
}

void Cluster::crash(std::uint16_t index) {
  Node& node = *nodes_[index];
  if (!node.core) return;
  if (node.flying) {
    CrashLoss loss = crash_loss_;
    if (loss == CrashLoss::Random) loss = static_cast<CrashLoss>(1 + random_() % 4);
    const bool journal = loss == CrashLoss::KeepAll || loss == CrashLoss::JournalOnly;
    const bool guard = loss == CrashLoss::KeepAll || loss == CrashLoss::GuardOnly;
    keep_stage(node, *node.flying, journal, guard);
  }
  ++node.life;
  node.core.reset();
  node.deadline.reset();
  node.blocks.clear();
  node.flying.reset();
  node.checks.clear();
  node.judged_parent.reset();
  node.said_due.reset();
  node.finalization.reset();
  node.epoch_end.reset();
  node.busy_until = 0;
  node.ledger_waits = false;
}

void Cluster::partition(const std::vector<std::set<std::uint16_t>>& groups) {
  const std::vector<std::uint16_t> before = group_;
  std::ranges::fill(group_, std::uint16_t{0});
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (const std::uint16_t member : groups[g]) {
      group_[member] = static_cast<std::uint16_t>(g + 1);
    }
  }
  for (std::uint16_t a = 0; a < nodes_.size(); ++a) {
    for (std::uint16_t b = 0; b < a; ++b) {
      if (before[a] != before[b] && connected(a, b)) link(a, b);
    }
  }
}

void Cluster::heal() { partition({}); }

// --- Stages.

void Cluster::step(Node& node, const Event& event) {
  if (!node.core) return;
  const auto perform_all = [&](const Effects& effects) {
    for (const Early& early : effects.early) perform(node, early);
    for (const Ask& ask : effects.ask) perform(node, ask);
  };
  perform_all(node.core->step(Tick{MonoMs{now_}}));
  if (!std::holds_alternative<Tick>(event)) perform_all(node.core->step(event));
  trace(node.index);
  trace(event.index());
  trace(node.core->view().value());
  run_stage(node);
}

void Cluster::run_stage(Node& node) {
  if (node.flying) return;
  auto work = node.core->take_stage();
  if (!work) return;
  node.flying = std::move(*work);
  const bool to_disk = node.flying->needs_log() || node.flying->needs_signer();
  const std::uint64_t sync =
      to_disk ? draw(options_.faults.sync_ms_min, options_.faults.sync_ms_max) : 0;
  at(now_ + sync, [this, &node, life = node.life] {
    if (!node.core || node.life != life || !node.flying) return;
    StageWork done = std::move(*node.flying);
    node.flying.reset();
    finish_stage(node, life, std::move(done));
  });
}

// What of a stage is on the disks. A vote in either is a vote that the oracle counts as signed.
void Cluster::keep_stage(Node& node, const StageWork& work, bool journal, bool guard) {
  std::vector<Subject> subjects;
  for (const Bytes& bytes : work.votes) subjects.push_back(parse_signed_bytes(bytes)->subject);
  const auto record = [](Registers& registers, const Subject& subject) {
    if (registers.holds(subject)) return;
    EXPECT_TRUE(may_vote(registers, subject)) << "C9: the guard refuses a vote of the core";
    registers.record(subject);
  };
  if (guard && work.needs_signer()) {
    EXPECT_GT(work.stage, node.guard_stage);
    node.guard_stage = work.stage;
    for (const Subject& subject : subjects) record(node.guard_registers, subject);
  }
  if (journal) {
    if (work.needs_signer()) node.journal_stage = work.stage;
    for (const Record& one : work.records) {
      if (const auto* vote = std::get_if<OwnVoteRecord>(&one)) {
        record(node.journal_registers, vote->subject);
      }
      node.journal.push_back(one);
    }
  }
}

void Cluster::finish_stage(Node& node, std::uint64_t life, StageWork work) {
  keep_stage(node, work, /*journal=*/true, /*guard=*/true);
  std::vector<Signature> signatures;
  for (const Bytes& bytes : work.votes) {
    const Signature signature = keys_[node.index].sign(bytes);
    known_signatures_.insert_or_assign(signature, std::pair{keys_[node.index].public_key(), bytes});
    signatures.push_back(signature);
    oracle_.signed_vote(node.index, parse_signed_bytes(bytes)->subject);
  }
  const auto token = DurableToken::after({}, signatures);
  const Stage stage = work.stage;
  const std::vector<Late> late = std::move(work.late).open(*token);
  step(node, Durable{.stage = stage, .signatures = std::move(signatures)});
  for (const Late& one : late) {
    if (node.core && node.life == life) perform(node, one);
  }
}

// --- Effects.

void Cluster::perform(Node& node, const Early& early) {
  if (const auto* relay = std::get_if<RelayBlock>(&early)) {
    send_block(node.index, std::nullopt, relay->candidate.digest);
  } else if (const auto* fetch = std::get_if<Fetch>(&early)) {
    const std::uint16_t to = index_of(fetch->to);
    deliver({.from = node.index, .to = to, .kind = Kind::Fetch, .subject = std::nullopt},
            [this, fetch = *fetch, from = node.index](Node& peer) {
              step(peer, FetchIn{.from = set_[ValidatorIndex{from}].node_key,
                                 .epoch = fetch.epoch,
                                 .view = fetch.view,
                                 .kind = fetch.kind});
            });
  } else if (const auto* answer = std::get_if<Answer>(&early)) {
    EXPECT_LE(answer->certificates.size(), 64U);
    for (const Certificate& held : answer->certificates) {
      send_certificate(node.index, index_of(answer->to), held, Kind::Answer);
    }
  } else if (const auto* retry = std::get_if<Retry>(&early)) {
    const auto to = retry->to ? std::optional{index_of(*retry->to)} : std::nullopt;
    for (const Vote& vote : retry->votes) send_vote(node.index, to, vote);
    for (const Certificate& held : retry->certificates) {
      send_certificate(node.index, to, held, Kind::Certificate);
    }
  } else if (const auto* due = std::get_if<SendStatus>(&early)) {
    const auto to = due->to ? std::optional{index_of(*due->to)} : std::nullopt;
    for (const std::uint16_t target : targets(node.index, to)) {
      const StatusOut out = node.core->status_for(set_[ValidatorIndex{target}].node_key);
      deliver({.from = node.index, .to = target, .kind = Kind::Status, .subject = std::nullopt},
              [this, out, from = node.index](Node& peer) {
                StatusIn in{.from = set_[ValidatorIndex{from}].node_key,
                            .epoch = out.epoch,
                            .view = out.view,
                            .finalized = out.finalized,
                            .own_votes = {}};
                for (const Vote& vote : out.votes_of_receiver) {
                  in.own_votes.push_back(*Vote::validate(vote, context()));
                }
                step(peer, in);
              });
    }
  }
}

void Cluster::perform(Node& node, const Late& late) {
  if (const auto* send = std::get_if<SendVote>(&late)) {
    send_vote(node.index, std::nullopt, send->vote);
  } else if (const auto* spread = std::get_if<SendCertificate>(&late)) {
    send_certificate(node.index, std::nullopt, spread->certificate, Kind::Certificate);
  } else if (const auto* done = std::get_if<Finalized>(&late)) {
    node.finalization = done->certificate;
    write_ledger(node);
  } else if (const auto* end = std::get_if<EpochEnd>(&late)) {
    node.epoch_end = end->certificate;
  }
}

void Cluster::perform(Node& node, const Ask& ask) {
  if (const auto* build = std::get_if<Build>(&ask)) {
    answer_build(node, *build);
  } else if (const auto* check = std::get_if<Check>(&ask)) {
    const std::uint64_t ready = now_ + draw(0, options_.faults.check_ms_max);
    node.checks.emplace_back(*check, ready);
    at(ready, [this, &node, life = node.life] {
      if (node.core && node.life == life) answer_checks(node);
    });
  } else if (const auto* cancel = std::get_if<CancelCheck>(&ask)) {
    std::erase_if(node.checks,
                  [&](const auto& one) { return one.first.candidate == cancel->candidate; });
  } else if (const auto* deadline = std::get_if<Deadline>(&ask)) {
    const std::uint64_t time = deadline->at.value();
    EXPECT_GT(time, now_) << "a deadline in the past would spin";
    node.deadline = time;
    at(time, [this, &node, time, life = node.life] {
      if (node.core && node.life == life && node.deadline == time) step(node, Tick{MonoMs{now_}});
    });
  } else if (const auto* fetch = std::get_if<FetchBlock>(&ask)) {
    if (has_block(node, fetch->digest)) {
      at(now_, [this, &node, digest = fetch->digest] { take_block(node, digest); });
      return;
    }
    deliver({.from = node.index,
             .to = index_of(fetch->from),
             .kind = Kind::Fetch,
             .subject = std::nullopt},
            [this, digest = fetch->digest, from = node.index](Node& peer) {
              if (has_block(peer, digest)) send_block(peer.index, from, digest);
            });
  } else if (const auto* judge = std::get_if<JudgeWork>(&ask)) {
    node.judged_parent = judge->parent;
    node.said_due.reset();
    at(now_, [this, &node] { answer_work(node); });
  } else if (const auto* report = std::get_if<Report>(&ask)) {
    node.reports.push_back(*report);
  }
}

// --- The application.

Digest Cluster::make_block(const Digest& parent, std::uint64_t view, std::uint16_t proposer) {
  Block block{.digest = {},
              .parent = parent,
              .height = blocks_.at(parent).height + 1,
              .view = view,
              .proposer = proposer,
              .is_last = false,
              .transactions = {},
              .chain_transactions = blocks_.at(parent).chain_transactions};
  block.is_last = options_.last_height == block.height;
  ByteWriter header;
  header.bytes(parent.view());
  header.u64(view);
  header.u16(proposer);
  header.u64(blocks_.size());
  block.digest = *Digest::from(crypto::hash("test.block", header.out()).view());
  blocks_[block.digest] = block;
  return block.digest;
}

bool Cluster::is_boundary(const Digest& digest) const { return blocks_.at(digest).is_last; }

void Cluster::answer_build(Node& node, const Build& build) {
  if (is_boundary(build.parent_digest)) {
    at(now_, [this, &node, build, life = node.life] {
      if (node.life != life) return;
      step(node, BuildDone{.view = build.view, .block = build.parent_digest});
    });
    return;
  }
  const Digest digest = make_block(build.parent_digest, build.view.value(), node.index);
  Block& block = blocks_.at(digest);
  if (!build.empty_only) {
    for (const int transaction : node.mempool) {
      if (block.chain_transactions.insert(transaction).second) {
        block.transactions.insert(transaction);
      }
    }
  }
  node.blocks.insert(digest);
  built_at_.insert_or_assign(block.height, now_);
  if (is_boundary(digest)) {
    at(now_, [this, &node, digest, life = node.life] {
      if (node.life == life) step(node, BoundaryIn{digest});
    });
  }
  at(now_, [this, &node, digest, view = build.view, life = node.life] {
    if (node.life == life) step(node, BuildDone{.view = view, .block = digest});
  });
}

bool Cluster::has_block(const Node& node, const Digest& digest) const {
  return node.blocks.contains(digest) || node.ledger_blocks.contains(digest);
}

void Cluster::take_block(Node& node, const Digest& digest) {
  if (!node.core) return;
  node.blocks.insert(digest);
  step(node, BlockIn{digest});
  if (is_boundary(digest)) step(node, BoundaryIn{digest});
  write_ledger(node);
  answer_checks(node);
}

// Pending while the block or the execution of its parent is missing (C29).
void Cluster::answer_checks(Node& node) {
  std::vector<CheckDone> done;
  std::erase_if(node.checks, [&](const auto& one) {
    const auto& [check, ready] = one;
    if (ready > now_ || !has_block(node, check.candidate.digest)) return false;
    if (!has_block(node, check.parent_digest)) return false;
    const Block& block = blocks_.at(check.candidate.digest);
    const bool repeats = check.candidate.digest == check.parent_digest;
    const bool fresh = block.parent == check.parent_digest && !is_boundary(check.parent_digest) &&
                       block.view == check.candidate.view.value() &&
                       block.proposer == set_.leader_of(Epoch{}, check.candidate.view).value();
    const bool valid = repeats ? is_boundary(check.parent_digest) : fresh;
    done.push_back({.candidate = check.candidate,
                    .purpose = check.purpose,
                    .result = {.valid = valid, .reason = valid ? 0U : 7U}});
    return true;
  });
  for (const CheckDone& one : done) step(node, one);
}

// C27 (a) and (c).
void Cluster::answer_work(Node& node) {
  if (!node.core || !node.judged_parent) return;
  const Block& parent = blocks_.at(*node.judged_parent);
  // C27 (b): until the boundary block is final, its repeat is work.
  bool due = options_.under_load || !parent.transactions.empty() || is_boundary(parent.digest);
  for (const int transaction : node.mempool) {
    due = due || !parent.chain_transactions.contains(transaction);
  }
  if (node.said_due == due) return;
  node.said_due = due;
  step(node, WorkDue{.parent = *node.judged_parent, .due = due});
}

int Cluster::submit(const std::set<std::uint16_t>& nodes) {
  const int transaction = next_transaction_++;
  for (const std::uint16_t index : nodes) {
    nodes_[index]->mempool.insert(transaction);
    answer_work(*nodes_[index]);
  }
  return transaction;
}

int Cluster::submit() {
  std::set<std::uint16_t> everyone;
  for (std::uint16_t i = 0; i < nodes_.size(); ++i) everyone.insert(i);
  return submit(everyone);
}

// Blocks and certificate in one batch, in height order, only when the whole segment is here (S15).
void Cluster::write_ledger(Node& node) {
  if (!node.finalization) return;
  const Subject& subject = node.finalization->subject;
  std::vector<Digest> segment;
  for (Digest at_block = subject.candidate.digest; at_block != node.ledger_tip;
       at_block = blocks_.at(at_block).parent) {
    if (blocks_.at(at_block).height <= node.ledger_height) break;
    if (!has_block(node, at_block)) {
      // Ancestors by digest are the replica's to fetch (C37).
      const std::uint16_t peer = static_cast<std::uint16_t>(draw(0, nodes_.size() - 1));
      if (now_ >= node.busy_until && peer != node.index) {
        node.busy_until = now_ + 50;
        deliver({.from = node.index, .to = peer, .kind = Kind::Fetch, .subject = std::nullopt},
                [this, at_block, from = node.index](Node& other) {
                  if (has_block(other, at_block)) send_block(other.index, from, at_block);
                });
      }
      if (std::exchange(node.ledger_waits, true)) return;
      at(now_ + 60, [this, &node, life = node.life] {
        if (!node.core || node.life != life) return;
        node.ledger_waits = false;
        write_ledger(node);
      });
      return;
    }
    segment.push_back(at_block);
  }
  for (auto digest = segment.rbegin(); digest != segment.rend(); ++digest) {
    const Block& block = blocks_.at(*digest);
    oracle_.finalized(node.index, block);
    node.ledger_tip = *digest;
    node.ledger_height = block.height;
    node.ledger_blocks.insert(*digest);
    if (!final_at_.contains(block.height) && height_of(quorum()) >= block.height) {
      final_at_[block.height] = now_;
    }
    std::erase_if(node.mempool, [&](int one) { return block.transactions.contains(one); });
  }
  node.ledger_certificate = node.finalization;
  node.finalization.reset();
  // The journal is deleted only below the durable ledger.
  std::erase_if(node.journal, [&](const Record& record) {
    if (const auto* held = std::get_if<CertificateRecord>(&record)) {
      return held->certificate.subject.view() <= subject.view();
    }
    if (const auto* kept = std::get_if<CandidateRecord>(&record)) {
      return kept->candidate.view <= node.ledger_certificate->subject.view();
    }
    return false;
  });
  answer_checks(node);
  answer_work(node);
}

// --- What tests look at.

Core& Cluster::core(std::uint16_t node) { return *nodes_[node]->core; }

std::uint64_t Cluster::height(std::uint16_t node) const { return nodes_[node]->ledger_height; }

std::uint64_t Cluster::height_of(std::size_t count) const {
  std::vector<std::uint64_t> heights;
  for (const auto& node : nodes_) heights.push_back(node->ledger_height);
  std::ranges::sort(heights, std::greater{});
  return heights[count - 1];
}

bool Cluster::all_finalized(int transaction) const {
  return std::ranges::all_of(nodes_, [&](const auto& node) {
    return !node->core || blocks_.at(node->ledger_tip).chain_transactions.contains(transaction);
  });
}

const std::optional<Certificate>& Cluster::epoch_end(std::uint16_t node) const {
  return nodes_[node]->epoch_end;
}

const std::vector<Report>& Cluster::reports(std::uint16_t node) const {
  return nodes_[node]->reports;
}

Vote Cluster::sign_as(std::uint16_t signer, const Subject& subject) const {
  const Bytes bytes = signed_bytes(chain_id_, subject);
  const Signature signature = keys_[signer].sign(bytes);
  known_signatures_.insert_or_assign(signature, std::pair{keys_[signer].public_key(), bytes});
  return {.subject = subject, .signer = ValidatorIndex{signer}, .signature = signature};
}

void Cluster::inject(std::uint16_t to, const Vote& vote) {
  oracle_.signed_vote(vote.signer.value(), vote.subject);
  const auto checked = Vote::validate(vote, context());
  ASSERT_TRUE(checked);
  step(*nodes_[to], VoteIn{*checked});
}

void Cluster::inject(std::uint16_t to, std::uint16_t from, const Certificate& certificate) {
  const auto checked = Certificate::validate(certificate, context());
  ASSERT_TRUE(checked);
  step(*nodes_[to],
       CertificateIn{.certificate = *checked, .from = set_[ValidatorIndex{from}].node_key});
}

void Cluster::inject_block(std::uint16_t to, const Digest& digest) {
  take_block(*nodes_[to], digest);
}

std::string Cluster::violations() {
  oracle_.judge(blocks_);
  std::string all;
  for (const std::string& one : oracle_.violations()) all += one + "\n";
  return all;
}

}  // namespace salus::consensus::testing
