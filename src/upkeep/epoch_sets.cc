// Owns: the walk along the recorded ends.
#include "upkeep/epoch_sets.h"

#include <google/protobuf/util/json_util.h>

#include <utility>

#include "dao/application.h"
#include "ledger/genesis.h"
#include "ledger/keys.h"
#include "salus/v1/chain.pb.h"
#include "state/nothing_stored.h"
#include "state/overlay.h"

namespace salus::upkeep {

Result<EpochSets, std::string> EpochSets::follow(const Store& store,
                                                 const std::string& genesis_bytes, Epoch last) {
  v1::GenesisDocument document;
  const auto parsed = google::protobuf::util::JsonStringToMessage(genesis_bytes, &document);
  if (!parsed.ok()) {
    return std::unexpected("The genesis document in the ledger does not parse: " +
                           std::string{parsed.message()});
  }
  const ChainId chain_id = ledger::chain_id_of(as_bytes(genesis_bytes));
  const state::NothingStored nothing;
  state::Overlay state{nothing, {}};
  if (const auto applied = dao::apply_genesis(document, chain_id, state); !applied) {
    return std::unexpected("The genesis document in the ledger is refused: " +
                           applied.error().reason);
  }
  EpochSets out;
  out.sets_.push_back(
      {.chain_id = chain_id, .epoch = Epoch{0}, .validators = dao::validator_set(state)});
  while (out.sets_.back().epoch < last) {
    const Epoch epoch = out.sets_.back().epoch;
    const auto stored = store.get(ledger::epoch_end_key(epoch));
    if (!stored) break;
    const auto end = sync::parse_epoch_end(as_bytes(*stored));
    auto next = end ? sync::set_after(out.sets_.back(), *end)
                    : std::unexpected(sync::FinalityFlaw::SetUnproven);
    if (!next) {
      return std::unexpected("The record of how epoch " + std::to_string(epoch.value()) +
                             " ended proves no validator set.");
    }
    out.sets_.push_back(std::move(*next));
  }
  return out;
}

const sync::TrustedSet* EpochSets::find(Epoch epoch) const {
  return epoch.value() < sets_.size() ? &sets_[epoch.value()] : nullptr;
}

}  // namespace salus::upkeep
