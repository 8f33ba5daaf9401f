// Owns: the making of a traitor's blocks and votes.
#include "sim/traitor.h"

#include <algorithm>

#include "base/assert.h"
#include "consensus/codec.h"
#include "sim/actions.h"

namespace salus::sim {

std::set<std::uint16_t> Traitor::others() const {
  std::set<std::uint16_t> out;
  for (std::uint16_t i = 0; i < network_.size(); ++i) {
    if (i != index_) out.insert(i);
  }
  return out;
}

bool Traitor::turn_traitor_when_it_leads() {
  for (int round = 0; round < 40; ++round) {
    bool leads = network_.all_equal();
    for (std::uint16_t node = 0; node < network_.size(); ++node) {
      const auto status = network_.replica(node).status().consensus;
      leads &= status.leader.value() == index_ && status.finalized.next() == status.view;
      view_ = status.view;
    }
    if (leads) {
      turn_traitor();
      return true;
    }
    pay(network_, any_other(), "zed");
    network_.run_for(round % 2 == 0 ? 6'000 : 40);
  }
  return false;
}

ledger::Header Traitor::header() const {
  const ledger::Tip& tip = network_.replica(any_other()).ledger().finalized();
  return header_at(std::max(network_.wall(index_), tip.time.next()));
}

ledger::Header Traitor::header_at(WallMs time) const {
  const ledger::Ledger& ledger = network_.replica(any_other()).ledger();
  return ledger
      .build({.epoch = Epoch{},
              .view = view_,
              .proposer = ValidatorIndex{index_},
              .parent = ledger.finalized().digest,
              .time = time,
              .transactions = {}})
      .block->header();
}

std::vector<Validated<wire::Transaction>> Traitor::transactions(std::span<const Bytes> raw) const {
  std::vector<Validated<wire::Transaction>> out;
  for (const Bytes& bytes : raw) out.push_back(*wire::Transaction::decode_and_verify(bytes));
  return out;
}

void Traitor::send(const std::set<std::uint16_t>& to, FrameType type, const Bytes& payload) {
  for (const std::uint16_t node : to) {
    network_.inject({.from = index_, .to = node, .type = type, .payload = payload});
  }
}

void Traitor::show(const std::set<std::uint16_t>& to, const Digest& digest, ByteView block) {
  send(to, FrameType::Block,
       wire::encode(wire::BlockFrame{.epoch = Epoch{}, .digest = digest, .bytes = block}));
}

void Traitor::vote(const std::set<std::uint16_t>& to, const Digest& digest) {
  const consensus::Subject subject = consensus::notarize(
      {.epoch = Epoch{}, .view = view_, .parent = view_.previous(), .digest = digest});
  const Bytes message = consensus::signed_bytes(network_.chain_id(), subject);
  send(to, FrameType::Vote,
       consensus::encode(
           consensus::Vote{.subject = subject,
                           .signer = ValidatorIndex{index_},
                           .signature = network_.validator_key(index_).sign(message)}));
}

void Traitor::offer(const std::set<std::uint16_t>& to, const Validated<ledger::Block>& block) {
  show(to, block->digest(), as_bytes(block->bytes()));
  vote(to, block->digest());
}

}  // namespace salus::sim
