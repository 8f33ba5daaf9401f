// Owns: a batch is applied whole and once, or not at all (G-7.13, G-7.14).
#pragma once

#include <cstdint>
#include <optional>

#include "dao/batch.h"
#include "dao/governance/proposals.h"

namespace salus::dao::governance {

// Tries the batch of a proposal in TIMELOCK or FAILED, and moves it to EXECUTED or FAILED. The
// proposal's due item may stand in the queue; it is taken care of.
void execute(state::Overlay& state, const Moment& moment, v1::Proposal proposal,
             const Dispatch& dispatch);

// Until when the pause of one of the winning actions' types holds it; nothing if none does.
std::optional<std::uint64_t> paused_until(const state::Overlay& state, const v1::Proposal& proposal,
                                          std::uint64_t now_ms);

}  // namespace salus::dao::governance
