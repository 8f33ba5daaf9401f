// Owns: the step from an epoch's end to the next set.
#include "upkeep/epoch_sets.h"

#include <google/protobuf/util/json_util.h>

#include <optional>
#include <utility>

#include "dao/application.h"
#include "ledger/genesis.h"
#include "ledger/inclusion.h"
#include "ledger/keys.h"
#include "salus/v1/chain.pb.h"
#include "state/nothing_stored.h"
#include "state/overlay.h"
#include "state/table.h"

namespace salus::upkeep {

namespace {

// C40: the boundary's header certifies the state in which the next set is pending.
std::optional<sync::TrustedSet> set_after(const sync::TrustedSet& trusted,
                                          const v1::EpochEnd& end) {
  const auto boundary = sync::verify_headers(trusted, end.boundary());
  if (!boundary || boundary->header.height == Height{0}) return std::nullopt;
  const bool is_proven = ledger::verify(boundary->header.height.previous(),
                                        boundary->header.state_root, end.next_set())
                             .has_value();
  if (!is_proven || end.next_set().records_size() != 1) return std::nullopt;
  const v1::ProvenRecord& record = end.next_set().records(0);
  sync::TrustedSet next{
      .chain_id = trusted.chain_id, .epoch = trusted.epoch.next(), .validators = {}};
  if (record.key() != state::Key{state::Table::PendingSet}.str() || !record.has_value() ||
      !next.validators.ParseFromString(record.value()) ||
      next.validators.epoch() != next.epoch.value()) {
    return std::nullopt;
  }
  return next;
}

}  // namespace

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
    v1::EpochEnd end;
    auto next = end.ParseFromString(*stored) ? set_after(out.sets_.back(), end) : std::nullopt;
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
