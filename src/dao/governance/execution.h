// Owns: a batch is applied whole and once, or not at all (G-7.13, G-7.14).
#pragma once

#include "dao/batch.h"
#include "dao/governance/proposals.h"

namespace salus::dao::governance {

// Tries the batch of a proposal in TIMELOCK or FAILED, and moves it to EXECUTED or FAILED. The
// proposal's due item may stand in the queue; it is taken care of.
void execute(state::Overlay& state, const Moment& moment, v1::Proposal proposal,
             const Dispatch& dispatch);

}  // namespace salus::dao::governance
