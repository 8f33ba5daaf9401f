// Owns: the reckoning of who left when.
#include "node/welcome.h"

#include <algorithm>

#include "dao/validators/validators.h"
#include "ledger/header.h"
#include "ledger/reader.h"

namespace salus::node {

namespace {

// How long ago the block at `height` was made, by its own time; a clock that went back makes it
// now.
std::uint64_t age_ms(const ledger::Reader& reader, std::uint64_t height, WallMs now) {
  const auto bytes = reader.header_bytes(Height{height});
  // Pruned: long ago.
  const auto header = bytes ? ledger::decode_header(as_bytes(*bytes)) : std::nullopt;
  if (!header) return kFormerMs;
  const WallMs then = header->time;
  return now > then ? now.value() - then.value() : 0;
}

}  // namespace

std::map<NodeId, std::uint64_t> former_members(const ledger::Ledger& ledger, const Store& store,
                                               WallMs now) {
  namespace validators = dao::validators;
  std::map<NodeId, std::uint64_t> out;
  const ledger::Reader reader{store};
  v1::ValidatorSet after = ledger.finalized().validators;
  while (after.epoch() > 0) {
    const auto before =
        validators::set_of_epoch(ledger.finalized_state(), Epoch{after.epoch() - 1});
    const std::uint64_t age = before ? age_ms(reader, after.opened_height(), now) : kFormerMs;
    if (age >= kFormerMs) break;
    for (const v1::ValidatorInfo& info : before->validators()) {
      // Who sat in several sets left the last one latest.
      if (const auto node = NodeId::from(info.node_key())) out.emplace(*node, kFormerMs - age);
    }
    after = *before;
  }
  for (const v1::ValidatorInfo& info : ledger.finalized().validators.validators()) {
    if (const auto node = NodeId::from(info.node_key())) out.erase(*node);
  }
  return out;
}

Welcome::Welcome(const consensus::ValidatorSet& set, const std::map<NodeId, std::uint64_t>& former,
                 MonoMs now) {
  for (const consensus::Validator& member : set.members()) members_.push_back(member.node_key);
  for (const auto& [node, ms] : former) former_.emplace(node, MonoMs{now.value() + ms});
}

void Welcome::begin(const consensus::ValidatorSet& set, MonoMs now) {
  const MonoMs until{now.value() + kFormerMs};
  for (const NodeId& node : members_) former_.insert_or_assign(node, until);
  members_.clear();
  for (const consensus::Validator& member : set.members()) {
    members_.push_back(member.node_key);
    former_.erase(member.node_key);
  }
}

bool Welcome::expire(MonoMs now) {
  return std::erase_if(former_, [now](const auto& entry) { return entry.second <= now; }) > 0;
}

std::vector<NodeId> Welcome::nodes() const {
  std::vector<NodeId> out = members_;
  for (const auto& [node, until] : former_) out.push_back(node);
  return out;
}

}  // namespace salus::node
