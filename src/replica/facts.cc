// Owns: the reading of sets and parameters out of state.
#include "replica/facts.h"

#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "dao/application.h"
#include "dao/validators/validators.h"

namespace salus::replica {

std::string epoch_end_key(Epoch epoch) {
  ByteWriter out;
  out.u8('e');
  out.u64(epoch.value());
  return std::string{as_chars(out.out())};
}

consensus::ValidatorSet validator_set(const ledger::Tip& tip) {
  std::vector<consensus::Validator> members;
  for (const v1::ValidatorInfo& info : tip.validators.validators()) {
    const auto key = PublicKey::from(info.validator_key());
    const auto node = NodeId::from(info.node_key());
    SALUS_ASSERT(key && node, "state holds validators with keys of 32 bytes");
    members.push_back({.validator_key = *key, .node_key = *node});
  }
  auto set = consensus::ValidatorSet::make(std::move(members));
  SALUS_ASSERT(set.has_value(), "state holds a validator set of 1 to 128 with distinct keys");
  return std::move(*set);
}

std::optional<Reseat> find_reseat(const ledger::Tip& tip, const state::Overlay& state,
                                  const PublicKey& validator_key) {
  for (const v1::ValidatorInfo& info : tip.validators.validators()) {
    if (PublicKey::from(info.validator_key()) != validator_key) continue;
    const auto operated_by = AccountId::from(info.operator_account());
    if (!operated_by) return std::nullopt;
    const auto validator = dao::validators::find_validator(state, *operated_by);
    if (!validator || validator->reseat_nonce().empty()) return std::nullopt;
    return Reseat{.nonce = validator->reseat_nonce(), .epoch = Epoch{validator->reseat_epoch()}};
  }
  return std::nullopt;
}

consensus::Parameters consensus_parameters(const state::Overlay& state) {
  const auto value = [&state](std::string_view name) { return dao::parameter(state, name); };
  return {.delta_ms = value("consensus.delta_ms"),
          .delta_ms_max = value("consensus.delta_ms_max"),
          .retry_ms = value("consensus.retry_ms"),
          .standstill_ms = value("consensus.standstill_ms"),
          .fetch_ms = value("consensus.fetch_ms"),
          .skip_turns = value("consensus.skip_turns"),
          .block_interval_ms = value("consensus.block_interval_ms"),
          .heartbeat_ms = value("consensus.heartbeat_ms"),
          .clock_ahead_ms = value("consensus.clock_ahead_ms"),
          .block_bytes_max = value("consensus.block_bytes_max"),
          .epoch_blocks_min = value("consensus.epoch_blocks_min"),
          .ready_window = value("consensus.ready_window")};
}

BlockLimits block_limits(const state::Overlay& state) {
  return {.bytes_max = dao::parameter(state, "consensus.block_bytes_max"),
          .transactions_max = dao::parameter(state, "ledger.block_txs_max")};
}

std::string reseat_command(std::string_view nonce) {
  return "salus validator reseat " + std::string{nonce} +
         " --validator-key FILE --key OPERATOR_KEY";
}

}  // namespace salus::replica
