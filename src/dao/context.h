// Owns: everything an action may know besides the state: where and when it runs, and with whose
// authority. Time is the block's, never the machine's (G-1.1).
#pragma once

#include <vector>

#include "base/ids.h"
#include "salus/v1/tx.pb.h"

namespace salus::dao {

struct BlockContext {
  ChainId chain_id;
  Height height;
  // Header time, ms since 1970: *now* for every rule.
  WallMs time;
  Digest parent_digest;
  ValidatorIndex proposer;
};

// With whose authority an action is applied (architecture.md, section 5).
enum class Authority {
  Member,  // the signer of a transaction; who he is, the action checks
  Dao,     // an executed proposal
};

// One action being applied. Events that it emits are kept only if the whole transaction, or the
// whole batch, applies.
struct ActionContext {
  const BlockContext& block;
  Authority authority;
  // The signing account; with authority Dao it is zero.
  AccountId signer;
  // With authority Dao: the executing proposal, its execution id, and the action's place in the
  // batch. Payout ids derive from the last two (G-7.13).
  std::uint64_t proposal = 0;
  Hash execution_id;
  std::uint32_t action_index = 0;
  std::vector<v1::Event>& events;

  std::uint64_t now_ms() const { return block.time.value(); }
};

// Builds an event in one line: emit(context.events, kind, {accounts}, {{field, value}, ...}).
struct EventNumber {
  v1::EventField field;
  std::uint64_t value;
};
void emit(std::vector<v1::Event>& events, v1::EventKind kind, std::vector<AccountId> accounts,
          std::vector<EventNumber> numbers, bool alert = false);

}  // namespace salus::dao
