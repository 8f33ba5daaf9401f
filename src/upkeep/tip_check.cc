// Owns: the steps from the tip to its header, its finalization, and the tree.
#include "upkeep/tip_check.h"

#include "ledger/body_codec.h"
#include "ledger/genesis.h"
#include "ledger/header.h"
#include "ledger/keys.h"
#include "ledger/tip.h"
#include "state/layout.h"
#include "state/pages.h"
#include "state/tree.h"
#include "upkeep/epoch_sets.h"

namespace salus::upkeep {

namespace {

constexpr std::size_t kTipBytes = 129;

std::optional<std::string> header_at(const Store& store, Height height) {
  const auto body = store.get(ledger::block_key(height));
  if (!body) return store.get(ledger::header_key(height));
  const auto parts = ledger::decode_body(as_bytes(*body));
  return parts ? std::optional{std::string{as_chars(parts->header)}} : std::nullopt;
}

std::optional<std::string> finality_flaw(const Store& store, const std::string& genesis_bytes,
                                         const ledger::TipRecord& tip) {
  const auto sets = EpochSets::follow(store, genesis_bytes, tip.epoch);
  if (!sets) return sets.error();
  const sync::TrustedSet* set = sets->find(tip.epoch);
  if (set == nullptr) return "How an epoch ended is missing: no validators are known for the tip.";
  const auto header = header_at(store, tip.height);
  if (!header) return "The header of the tip's block is missing.";
  if (ledger::digest_of(as_bytes(*header)) != tip.digest) {
    return "The block of the tip's height is another one than the tip names.";
  }
  v1::FinalizedHeader proof;
  proof.add_headers(*header);
  proof.set_certificate(store.get(ledger::certificate_key(tip.height)).value_or(""));
  const auto verified = sync::verify_headers(*set, proof);
  if (!verified || verified->header.height != tip.height) {
    return "The finalization of the tip's block is missing, or no quorum signed it.";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_tip_flaw(const Store& store) {
  const auto tip_bytes = store.get(ledger::kTipKey);
  const auto genesis_bytes = store.get(ledger::kGenesisKey);
  if (!tip_bytes || !genesis_bytes || tip_bytes->size() != kTipBytes) {
    return "It has no genesis document or no tip.";
  }
  const ledger::TipRecord tip = ledger::decode_tip(*tip_bytes);
  if (tip.height == Height{0}) {
    const bool is_genesis =
        tip.digest.to_string() == ledger::chain_id_of(as_bytes(*genesis_bytes)).to_string();
    if (!is_genesis) return "The tip is not that of the genesis document.";
  } else if (auto flaw = finality_flaw(store, *genesis_bytes, tip)) {
    return flaw;
  }
  const state::PageId root{tip.height, state::Path{}};
  const bool has_tree = store.get(std::string{state::kPagePrefix} + root.key()).has_value();
  if (!has_tree || state::root_of(state::Pages{store, tip.height, 0}) != tip.state_root) {
    return "The tree of the state has another root than the tip names.";
  }
  return std::nullopt;
}

}  // namespace salus::upkeep
