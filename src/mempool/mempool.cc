// Owns: who may wait, who goes next, who goes away.
#include "mempool/mempool.h"

#include <algorithm>
#include <set>
#include <utility>

#include "dao/application.h"
#include "ledger/execution.h"

namespace salus::mempool {

namespace {

// A safety action is small; a large transaction may not hide behind one.
constexpr std::size_t kSafetyBytesMax = 4096;
// Tag and length of a transaction inside a block.
constexpr std::size_t kFramingBytes = 4;

// What stops harm and must not wait behind a flood (H-0.8): taking keys, credentials, standing or
// oneself out of use.
bool is_safety(const v1::Action& action) {
  switch (action.kind_case()) {
    case v1::Action::kRotateKeys:
    case v1::Action::kRevokeCredential:
    case v1::Action::kSuspendMember:
    case v1::Action::kExit:
      return true;
    default:
      return false;
  }
}

bool is_safety(const wire::Transaction& transaction) {
  return transaction.raw().size() <= kSafetyBytesMax &&
         std::ranges::all_of(transaction.body().actions(),
                             [](const v1::Action& action) { return is_safety(action); });
}

dao::Outcome check_on_tip(const wire::Transaction& transaction, const FinalizedView& chain) {
  return dao::check_authentic(chain.state, transaction.body(), transaction.signers(),
                              chain.tip.next(), dao::parameter(chain.state, "accounts.window"));
}

// A recovery replaces keys without a transaction of the account: what the old ones signed waits for
// nothing, and holds no place that the owner needs.
bool has_lost_its_keys(const wire::Transaction& waiting, const FinalizedView& chain) {
  const auto outcome = check_on_tip(waiting, chain);
  return !outcome && (outcome.error() == dao::Error::KeyUnknown ||
                      outcome.error() == dao::Error::AccountClosed);
}

// One account's transactions on the way into a block.
class Lane {
 public:
  using Waiting = std::map<std::uint64_t, Validated<wire::Transaction>>;
  explicit Lane(const Waiting& waiting) : at_(waiting.begin()), end_(waiting.end()) {}

  // The next that a block may hold, or nullptr for ever. Sequences that an unfinalized ancestor
  // used are passed over; anything else that is refused blocks what comes after it.
  const Validated<wire::Transaction>* next(ledger::AuthenticityCheck& check) {
    while (at_ != end_) {
      const auto& transaction = at_->second;
      ++at_;
      const auto outcome = check.admit(*transaction);
      if (outcome) return &transaction;
      if (outcome.error() != dao::Error::SequenceUsed) at_ = end_;
    }
    return nullptr;
  }
  void stop() { at_ = end_; }

 private:
  Waiting::const_iterator at_;
  Waiting::const_iterator end_;
};

}  // namespace

dao::Outcome Mempool::judge(const wire::Transaction& transaction,
                            const FinalizedView& chain) const {
  using dao::Error;
  if (has(transaction.id())) return dao::refuse(Error::AlreadyKnown);
  if (transaction.chain_id() != chain_id_) return dao::refuse(Error::WrongChain);
  if (transaction.expiry() <= chain.tip) return dao::refuse(Error::ExpiryPassed);
  // It would wait for a block that can't come, and everything behind it with it.
  const std::size_t block_max = std::min<std::size_t>(
      ledger::kBlockBytesMax, dao::parameter(chain.state, "consensus.block_bytes_max"));
  if (ledger::block_bytes_bound(1, transaction.raw().size()) > block_max) {
    return dao::refuse(Error::TooLarge);
  }
  if (const auto limits = dao::check(transaction.body()); !limits) return limits;
  if (const auto authentic = check_on_tip(transaction, chain); !authentic) return authentic;

  const auto account = accounts_.find(transaction.account());
  if (account != accounts_.end()) {
    const Waiting& waiting = account->second;
    const auto counts = [&](const auto& entry) { return !has_lost_its_keys(*entry.second, chain); };
    // First come, first served: replacing would let a thief's key race its owner's.
    const auto held = waiting.find(transaction.sequence());
    if (held != waiting.end() && counts(*held)) return dao::refuse(Error::SequenceUsed);
    const std::uint64_t quota = dao::parameter(chain.state, "accounts.window");
    const bool is_at_quota =
        waiting.size() >= quota &&
        static_cast<std::uint64_t>(std::ranges::count_if(waiting, counts)) >= quota;
    if (is_at_quota) return dao::refuse(Error::QuotaExceeded);
  }
  if (!has_room_for(transaction)) return dao::refuse(Error::MempoolFull);
  return {};
}

bool Mempool::has_room_for(const wire::Transaction& transaction) const {
  const std::size_t percent = is_safety(transaction) ? 100 : 100 - kReservedPercent;
  return count() + 1 <= limits_.count_max * percent / 100 &&
         bytes_ + transaction.raw().size() <= limits_.bytes_max * percent / 100;
}

template <typename Predicate>
void Mempool::remove_if(const AccountId& account, const Predicate& is_gone) {
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return;
  std::vector<std::uint64_t> gone;
  for (const auto& [sequence, transaction] : found->second) {
    if (is_gone(*transaction)) gone.push_back(sequence);
  }
  for (const std::uint64_t sequence : gone) remove(account, sequence);
}

dao::Outcome Mempool::admit(Validated<wire::Transaction> transaction, const FinalizedView& chain) {
  if (const auto judged = judge(*transaction, chain); !judged) return judged;
  const auto account = accounts_.find(transaction->account());
  const bool is_in_the_way =
      account != accounts_.end() &&
      (account->second.contains(transaction->sequence()) ||
       account->second.size() >= dao::parameter(chain.state, "accounts.window"));
  if (is_in_the_way) {
    remove_if(transaction->account(),
              [&](const wire::Transaction& waiting) { return has_lost_its_keys(waiting, chain); });
  }
  const Place place{transaction->account(), transaction->sequence()};
  by_id_.emplace(transaction->id(), place);
  leaves_.insert(wire::leaf_of(as_bytes(transaction->raw())));
  by_expiry_.emplace(std::pair{transaction->expiry(), transaction->id()}, place);
  bytes_ += transaction->raw().size();
  accounts_[place.account].emplace(place.sequence, std::move(transaction));
  return {};
}

const Validated<wire::Transaction>* Mempool::find(const TxId& id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  return &accounts_.at(found->second.account).at(found->second.sequence);
}

std::vector<Validated<wire::Transaction>> Mempool::take(TakeLimits limits,
                                                        const state::Overlay& parent,
                                                        Height height) {
  std::vector<Validated<wire::Transaction>> out;
  if (accounts_.empty()) return out;
  ledger::AuthenticityCheck check{parent, chain_id_, height};

  std::vector<std::pair<AccountId, Lane>> lanes;
  const auto first = accounts_.lower_bound(turn_);
  for (auto at = first; at != accounts_.end(); ++at) lanes.emplace_back(at->first, at->second);
  for (auto at = accounts_.begin(); at != first; ++at) lanes.emplace_back(at->first, at->second);

  std::size_t bytes = 0;
  for (bool found_any = true; found_any;) {
    found_any = false;
    for (auto& [account, lane] : lanes) {
      const auto* transaction = lane.next(check);
      if (transaction == nullptr) continue;
      const std::size_t with_it = bytes + (*transaction)->raw().size() + kFramingBytes;
      // A vote has lowered the bound since it came: alone it fits no block, so it stops nobody
      // else.
      if (with_it - bytes > limits.bytes_max) {
        lane.stop();
        continue;
      }
      if (out.size() == limits.count_max || with_it > limits.bytes_max) {
        turn_ = account;
        return out;
      }
      bytes = with_it;
      out.push_back(*transaction);
      found_any = true;
    }
  }
  return out;
}

bool Mempool::has_executable(const state::Overlay& parent, Height height) const {
  ledger::AuthenticityCheck check{parent, chain_id_, height};
  return std::ranges::any_of(
      accounts_, [&](const auto& account) { return Lane{account.second}.next(check) != nullptr; });
}

void Mempool::on_finalized(const ledger::Block& block, const FinalizedView& chain) {
  // One look at an account, however many of its transactions the block holds.
  std::set<AccountId> senders;
  for (const auto& transaction : block.transactions()) senders.insert(transaction.account());
  for (const AccountId& sender : senders) {
    // Used sequences, and what keys signed that the account no longer holds.
    remove_if(sender, [&](const wire::Transaction& waiting) {
      return !check_on_tip(waiting, chain).has_value();
    });
  }
  while (!by_expiry_.empty() && by_expiry_.begin()->first.first <= chain.tip) {
    const Place place = by_expiry_.begin()->second;
    remove(place.account, place.sequence);
  }
}

void Mempool::remove(const AccountId& account, std::uint64_t sequence) {
  const auto found = accounts_.find(account);
  const auto waiting = found->second.find(sequence);
  const wire::Transaction& transaction = *waiting->second;
  bytes_ -= transaction.raw().size();
  by_id_.erase(transaction.id());
  leaves_.erase(wire::leaf_of(as_bytes(transaction.raw())));
  by_expiry_.erase({transaction.expiry(), transaction.id()});
  found->second.erase(waiting);
  if (found->second.empty()) accounts_.erase(found);
}

}  // namespace salus::mempool
