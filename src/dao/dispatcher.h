// Owns: the one place that knows every action: who may apply it (Member, DAO or both), which scope
// its keys need (G-2.2), and which module does it. Facts that cross modules (is the sender of a
// members-only token a member?) are looked up here and handed down; modules never call upward
// (G-1.8).
#pragma once

#include <cstdint>
#include <vector>

#include "dao/batch.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/action.pb.h"
#include "state/overlay.h"

namespace salus::dao {

// What one kind of action asks of whoever applies it.
struct Access {
  v1::Action::KindCase kind;
  bool member;
  bool dao;
  // Bit of AccountKey.scope that the signing keys need; 0 where no transaction may carry the
  // action.
  std::uint32_t scope;
};

// The whole table, one row a kind, ascending by field number.
const std::vector<Access>& access_table();
const Access* find_access(v1::Action::KindCase kind);
// What the keys of a signer need for this very action: who signs a joint act needs what its content
// needs.
std::uint32_t scope_of(const v1::Action& action, const Access& access, const state::Overlay& state);

// Stateless limits of one action, those of a proposal's own actions included (H-0.2).
Outcome check_action(const v1::Action& action);

// Applies one action with the authority of `context`, which the action must accept (G-1.8).
Outcome apply_action(const v1::Action& action, ActionContext& context, state::Overlay& state);

// The same for governance, which executes batches and may not look upward.
const Dispatch& dispatch();

}  // namespace salus::dao
