// Owns: what an export says of a block, a transaction and an event, as JSON.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "salus/v1/chain.pb.h"
#include "salus/v1/tx.pb.h"
#include "upkeep/json.h"

namespace salus::upkeep {

// An event and where it stands in the ledger: what anybody needs to find it again.
struct Placed {
  const v1::FinalizedBlock& block;
  // Absent: of the due work, behind all transactions.
  std::optional<int> transaction;
  // Among the events of its transaction, or of the due work.
  int index = 0;
  const v1::Event& event;
};

// In order, until `visit` answers false; false then.
bool each_event(const v1::FinalizedBlock& block, const std::function<bool(const Placed&)>& visit);

// `EVENT_KIND_PAYOUT_PAID` as `payout_paid`.
std::string word_of(std::string_view name, std::string_view prefix);
std::string kind_of(const v1::Event& event);
std::string height_of(const v1::FinalizedBlock& block);

Json block_json(const v1::FinalizedBlock& block);
Json transaction_json(const v1::FinalizedBlock& block, int index);
Json event_json(const Placed& placed);

}  // namespace salus::upkeep
