// Owns: what governance may ask of the dispatcher, handed down as functions so that no module calls
// upward (G-1.8): the frozen actions of a proposal are checked at submission (G-7.1) and applied at
// execution with authority Dao (G-7.14).
#pragma once

#include <functional>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao {

struct Dispatch {
  // Stateless limits.
  std::function<Outcome(const v1::Action&)> check;
  // Whether an executed proposal may apply it; a proposal inside a proposal never.
  std::function<bool(const v1::Action&)> accepts_dao;
  // Applies one action; refused, it may leave the overlay half changed: the caller drops it.
  std::function<Outcome(const v1::Action&, ActionContext&, state::Overlay&)> apply;
  // Who gains or loses by the actions of all options (G-7.10), without repetition, ascending.
  std::function<std::vector<AccountId>(
      const google::protobuf::RepeatedPtrField<v1::ProposalOption>&, const state::Overlay&)>
      interested;
};

}  // namespace salus::dao
