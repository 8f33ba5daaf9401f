// Owns: the steps of a mempool beside a chain.
#include "mempool/a_pool.h"

#include "dao/accounts/accounts.h"
#include "dao/constitution.h"

namespace salus::test {

v1::TxBody APool::body(const Wanted& wanted) const {
  v1::TxBody out = transfer_body(chain_.chain_id(), chain_.account(wanted.from),
                                 chain_.account((wanted.from + 1) % kAccounts), wanted.sequence);
  out.set_expiry_height(wanted.expiry_height);
  out.mutable_actions(0)->mutable_transfer()->set_amount(wanted.amount);
  for (int i = 1; i < wanted.actions; ++i) *out.add_actions() = out.actions(0);
  return out;
}

Validated<wire::Transaction> APool::make(const Wanted& wanted) const {
  const auto own = static_cast<std::uint8_t>(wanted.from + 1);
  return signed_transaction(body(wanted),
                            wanted.keys.empty() ? std::vector<std::uint8_t>{own} : wanted.keys);
}

std::string APool::admit(const Validated<wire::Transaction>& transaction) {
  state::Overlay seen = chain_.ledger().finalized_state().branch();
  if (window_ != 0) dao::constitution::put_value(seen, "accounts.window", window_);
  if (block_bytes_ != 0) {
    dao::constitution::put_value(seen, "consensus.block_bytes_max", block_bytes_);
  }
  if (replaced_) {
    auto account = *dao::accounts::find_account(seen, chain_.account(replaced_->first));
    account.mutable_keys(0)->set_key(key_pair(replaced_->second).public_key().to_string());
    dao::accounts::put_account(seen, account);
  }
  const mempool::FinalizedView view{tip_height(), seen};
  const auto judged = pool_.judge(*transaction, view);
  const auto admitted = pool_.admit(transaction, view);
  SALUS_ASSERT(judged == admitted, "admit() says what judge() said");
  return admitted ? "Ok" : std::string{dao::name(admitted.error())};
}

std::vector<Validated<wire::Transaction>> APool::take(mempool::TakeLimits limits) {
  return pool_.take(limits, chain_.ledger().finalized_state(), tip_height().next());
}

bool APool::has_executable() {
  return pool_.has_executable(chain_.ledger().finalized_state(), tip_height().next());
}

void APool::finalize(const std::vector<Validated<wire::Transaction>>& transactions) {
  const Digest digest = chain_.extend(chain_.tip(), transactions);
  const ledger::Block block = **chain_.ledger().find(digest);
  SALUS_ASSERT(block.transactions().size() == transactions.size(), "none is left out");
  chain_.finalize(digest);
  pool_.on_finalized(block, {tip_height(), chain_.ledger().finalized_state()});
}

void APool::finalize_empty(std::uint64_t blocks) {
  for (std::uint64_t i = 0; i < blocks; ++i) finalize({});
}

std::uint64_t APool::next_sequence(std::size_t account) {
  const auto found =
      dao::accounts::find_account(chain_.ledger().finalized_state(), chain_.account(account));
  return found->next_sequence();
}

std::string places(const APool& pool, const std::vector<Validated<wire::Transaction>>& taken) {
  std::string out;
  for (const auto& transaction : taken) {
    std::size_t account = 0;
    while (pool.chain().account(account) != transaction->account()) ++account;
    out += (out.empty() ? "" : " ") + std::to_string(account) + ":" +
           std::to_string(transaction->sequence());
  }
  return out;
}

}  // namespace salus::test
