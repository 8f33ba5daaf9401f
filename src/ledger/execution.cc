// Owns: the order of a block's work.
#include "ledger/execution.h"

#include <utility>

#include "dao/application.h"
#include "ledger/results.h"
#include "ledger/tip.h"
#include "state/tree.h"

namespace salus::ledger {

namespace {

// As dao judges the k-th transaction of an account in a block: as if the k earlier ones were done.
dao::Outcome check_as_next(const state::Overlay& parent, const wire::Transaction& transaction,
                           Height height, std::uint64_t earlier) {
  if (earlier == 0) {
    return dao::check_authentic(parent, transaction.body(), transaction.signers(), height, 1);
  }
  if (transaction.sequence() < earlier) return dao::refuse(dao::Error::SequenceUsed);
  v1::TxBody shifted = transaction.body();
  shifted.set_sequence(transaction.sequence() - earlier);
  return dao::check_authentic(parent, shifted, transaction.signers(), height, 1);
}

}  // namespace

dao::Outcome AuthenticityCheck::admit(const wire::Transaction& transaction) {
  if (transaction.chain_id() != chain_id_) return dao::refuse(dao::Error::WrongChain);
  if (transaction.expiry() < height_) return dao::refuse(dao::Error::ExpiryPassed);
  if (const auto limits = dao::check(transaction.body()); !limits) return limits;

  const auto counted = earlier_.find(transaction.account());
  const std::uint64_t earlier = counted == earlier_.end() ? 0 : counted->second;
  const auto authentic = check_as_next(parent_, transaction, height_, earlier);
  if (!authentic) return authentic;
  earlier_[transaction.account()] = earlier + 1;
  return {};
}

bool are_authentic(const Block& block, const ChainId& chain_id, const state::Overlay& parent) {
  AuthenticityCheck check{parent, chain_id, block.header().height};
  for (const auto& transaction : block.transactions()) {
    if (!check.admit(transaction)) return false;
  }
  return true;
}

Executed execute_block(const Block& block, const ChainId& chain_id, state::Overlay state,
                       state::Pages tree) {
  const dao::BlockContext context{.chain_id = chain_id,
                                  .height = block.header().height,
                                  .time = block.header().time,
                                  .parent_digest = block.header().parent,
                                  .proposer = block.header().proposer};
  v1::BlockResults results;
  for (const auto& transaction : block.transactions()) {
    *results.add_results() =
        dao::execute(context, transaction.id(), transaction.body(), transaction.signers(), state);
  }
  dao::EndOfBlock end = dao::end_block(context, state);
  for (auto& event : end.events) *results.add_due_events() = std::move(event);

  state::update_tree(tree, state.changes());

  BlockOutcome outcome{.state_root = state::root_of(tree),
                       .results_root = results_root(results),
                       .active = end.active || !block.transactions().empty(),
                       .next_due = std::nullopt,
                       .next_epoch = {},
                       .set_change_due = dao::set_change_waits(state)};
  if (const auto due_ms = dao::next_due_ms(state)) outcome.next_due = WallMs{*due_ms};
  const v1::ValidatorSet set = dao::validator_set(state);
  outcome.next_epoch = Epoch{set.epoch()};
  const Hash set_hash = validator_set_hash(set);
  return {std::move(state), std::move(tree), outcome, std::move(results), set_hash};
}

}  // namespace salus::ledger
