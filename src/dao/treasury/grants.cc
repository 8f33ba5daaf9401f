// Owns: the states of a grant as a whole: award, acceptance, end.
#include "dao/treasury/grants.h"

#include <algorithm>

#include "base/assert.h"
#include "base/u128.h"
#include "dao/accounts/accounts.h"
#include "dao/acts/acts.h"
#include "dao/assets/assets.h"
#include "dao/constitution.h"
#include "dao/due.h"
#include "dao/membership/membership.h"
#include "dao/treasury/budgets.h"
#include "dao/treasury/funds.h"
#include "dao/treasury/payouts.h"
#include "dao/treasury/treasury.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::treasury {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

const Key kGrantCounter = Key{Table::TreasuryCounters}.u8(4);

Key grant_key(std::uint64_t id) { return Key{Table::Grants}.u64(id); }

AccountId id_of(const std::string& bytes) {
  const auto id = AccountId::from(bytes);
  SALUS_ASSERT(id.has_value(), "a stored account id has 32 bytes");
  return *id;
}

bool is_pending(const v1::Grant& grant) { return grant.state() == v1::GRANT_STATE_PENDING; }
bool is_active(const v1::Grant& grant) { return grant.state() == v1::GRANT_STATE_ACTIVE; }

v1::Fund fund_of(const Overlay& state, const v1::Grant& grant) {
  const auto fund = find_fund(state, grant.fund());
  SALUS_ASSERT(fund.has_value(), "funds never go");
  return *fund;
}

Booking booking_of(const v1::Grant& grant, std::uint64_t amount, v1::FundEntryKind kind) {
  return {.fund = grant.fund(),
          .asset = grant.asset(),
          .amount = amount,
          .kind = kind,
          .ref = grant.id(),
          .account = grant.payee(),
          .category = grant.category(),
          .origin = grant.origin()};
}

template <typename Tranches>
std::vector<std::uint32_t> bps_of(const Tranches& tranches) {
  std::vector<std::uint32_t> bps;
  for (const auto& tranche : tranches) bps.push_back(tranche.bp());
  return bps;
}

Outcome check_reviewers(const v1::AwardGrant& action) {
  const auto& reviewers = action.reviewers();
  if (reviewers.empty() || reviewers.size() > kReviewersMax) return refuse(Error::NotReviewer);
  for (int i = 0; i < reviewers.size(); ++i) {
    if (reviewers[i].size() != AccountId::kSize) return refuse(Error::Limit);
    if (i > 0 && reviewers[i] <= reviewers[i - 1]) return refuse(Error::NotReviewer);
    // No one decides on his own pay (G-9.8).
    if (reviewers[i] == action.payee()) return refuse(Error::ReviewerConflicted);
  }
  const bool reachable =
      action.needed() >= 1 && action.needed() <= static_cast<std::uint32_t>(reviewers.size());
  return reachable ? Outcome{} : refuse(Error::NotReviewer);
}

v1::Grant make_grant(const v1::AwardGrant& action, const ActionContext& context) {
  v1::Grant grant;
  grant.set_fund(action.fund());
  grant.set_budget(action.budget());
  grant.set_asset(action.asset());
  grant.set_total(action.total());
  grant.set_payee(action.payee());
  for (const v1::TrancheTerms& terms : action.tranches()) {
    v1::Tranche& tranche = *grant.add_tranches();
    tranche.set_bp(terms.bp());
    tranche.set_due_ms(terms.due_ms());
    tranche.set_state(v1::TRANCHE_STATE_OPEN);
  }
  *grant.mutable_reviewers() = action.reviewers();
  grant.set_needed(action.needed());
  grant.set_state(v1::GRANT_STATE_PENDING);
  grant.set_origin(origin_of(context).to_string());
  grant.set_category(action.category());
  grant.set_proposal(context.proposal);
  grant.set_at_ms(context.now_ms());
  return grant;
}

// What is unpaid goes back to the fund, and to the budget if the period still runs (G-9.6).
void give_back(Overlay& state, const BlockContext& block, v1::Grant& grant, v1::GrantState end) {
  const std::uint64_t rest = unpaid(grant);
  if (is_active(grant)) accounts::end_obligation(state, id_of(grant.payee()));
  grant.set_state(end);
  put_grant(state, grant);
  if (rest == 0) return;
  const auto back = assets::escrow_out(state, v1::ESCROW_OWNER_GRANT, grant.id(), grant.asset(),
                                       account_of(fund_of(state, grant)), rest);
  SALUS_ASSERT(back.has_value(), "an open grant's escrow holds what is unpaid (G-9.2)");
  book_return(state, book_time(block), booking_of(grant, rest, v1::FUND_ENTRY_KIND_GRANT_BACK));
  credit_back(state, grant.budget(), grant.period_index(), rest, block.time.value());
}

// Treasurers together, once the payee let the next milestone pass by.
Result<bool, Error> sign_cancel(const v1::Grant& grant, const v1::CancelGrant& action,
                                ActionContext& context, Overlay& state) {
  const std::uint64_t now = context.now_ms();
  const auto is_treasurer = [&, now](const AccountId& account) {
    return (membership::live_roles(state, account, now) & bit(membership::Role::Treasurer)) != 0;
  };
  if (!is_treasurer(context.signer)) return refuse(Error::NotAuthorized);
  const std::uint32_t place = next_tranche(grant);
  SALUS_ASSERT(place > 0, "an open grant has an unpaid tranche");
  const v1::Tranche& next = grant.tranches(static_cast<int>(place) - 1);
  const bool overdue = is_active(grant) && next.state() == v1::TRANCHE_STATE_OPEN &&
                       now >= next.due_ms() && now - next.due_ms() >= kOverdueMs;
  if (!overdue) return refuse(Error::GrantNotOverdue);
  v1::Action content;
  *content.mutable_cancel_grant() = action;
  const auto progress = acts::sign(
      {.content = content,
       .needed = kTreasurersNeeded,
       .entitled = is_treasurer,
       .conflicted =
           [&](const AccountId& account) { return account.to_string() == grant.payee(); }},
      context, state);
  if (!progress) return refuse(progress.error());
  return progress->step == acts::Step::Reached;
}

}  // namespace

Outcome check_tranches(std::span<const std::uint32_t> bps) {
  if (bps.empty() || bps.size() > static_cast<std::size_t>(kTranchesMax)) {
    return refuse(Error::TranchesNotWhole);
  }
  std::uint64_t sum = 0;
  for (const std::uint32_t bp : bps) {
    if (bp == 0) return refuse(Error::TranchesNotWhole);
    sum += bp;
  }
  return sum == kWholeBp ? Outcome{} : refuse(Error::TranchesNotWhole);
}

std::vector<std::uint64_t> tranche_amounts(std::uint64_t total,
                                           std::span<const std::uint32_t> bps) {
  std::vector<std::uint64_t> amounts;
  std::uint64_t before = 0;
  std::uint64_t cumulative = 0;
  for (const std::uint32_t bp : bps) {
    cumulative += bp;
    const auto until_here = mul_div_floor(total, cumulative, kWholeBp);
    SALUS_ASSERT(until_here.has_value(), "a part of a total is at most the total");
    amounts.push_back(*until_here - before);
    before = *until_here;
  }
  return amounts;
}

std::vector<std::uint64_t> tranche_amounts(const v1::Grant& grant) {
  return tranche_amounts(grant.total(), bps_of(grant.tranches()));
}

std::uint64_t unpaid(const v1::Grant& grant) {
  const std::vector<std::uint64_t> amounts = tranche_amounts(grant);
  std::uint64_t rest = 0;
  for (int i = 0; i < grant.tranches_size(); ++i) {
    if (grant.tranches(i).state() != v1::TRANCHE_STATE_PAID) {
      rest += amounts[static_cast<std::size_t>(i)];
    }
  }
  return rest;
}

std::uint32_t next_tranche(const v1::Grant& grant) {
  for (int i = 0; i < grant.tranches_size(); ++i) {
    if (grant.tranches(i).state() != v1::TRANCHE_STATE_PAID) {
      return static_cast<std::uint32_t>(i) + 1;
    }
  }
  return 0;
}

Outcome check(const v1::AwardGrant& action) {
  if (action.total() == 0) return refuse(Error::AmountZero);
  if (!AccountId::from(action.payee())) return refuse(Error::PayeeUnknown);
  if (auto outcome = check_tranches(bps_of(action.tranches())); !outcome) return outcome;
  for (int i = 1; i < action.tranches_size(); ++i) {
    if (action.tranches(i).due_ms() < action.tranches(i - 1).due_ms()) {
      return refuse(Error::TrancheOrder);
    }
  }
  return check_reviewers(action);
}

Outcome apply(const v1::AwardGrant& action, ActionContext& context, Overlay& state) {
  const auto fund = find_fund(state, action.fund());
  if (!fund) return refuse(Error::FundUnknown);
  const AccountId payee = *AccountId::from(action.payee());
  if (auto outcome = check_payee(state, payee, action.asset()); !outcome) return outcome;
  for (const std::string& reviewer : action.reviewers()) {
    if (!accounts::is_open(state, id_of(reviewer))) return refuse(Error::NotReviewer);
  }
  if (auto outcome = check_free(state, *fund, action.asset(), action.total()); !outcome) {
    return outcome;
  }
  v1::Grant grant = make_grant(action, context);
  if (action.budget() != 0) {
    const auto budget = charged(state,
                                {.budget = action.budget(),
                                 .fund = action.fund(),
                                 .asset = action.asset(),
                                 .amount = action.total(),
                                 .payee = payee},
                                context.now_ms());
    if (!budget) return refuse(budget.error());
    put_budget(state, *budget);
    grant.set_period_index(budget->period_index());
  }

  grant.set_id(state::take_number(state, kGrantCounter));
  grant.set_until_ms(context.now_ms() + constitution::value(state, "treasury.acceptance_window"));
  if (auto outcome = assets::escrow_in(state, account_of(*fund), v1::ESCROW_OWNER_GRANT, grant.id(),
                                       grant.asset(), grant.total());
      !outcome) {
    return outcome;
  }
  put_grant(state, grant);
  book_out(state, book_time(context.block),
           booking_of(grant, grant.total(), v1::FUND_ENTRY_KIND_GRANT));
  promise(state, grant.fund(), grant.asset(), grant.total());
  due::schedule(state, due::Class::Lapses, grant.until_ms(), due::Kind::GrantLapse, grant.id());
  tell_grant(state, context.events, v1::EVENT_KIND_GRANT_AWARDED, grant, grant.total());
  return {};
}

Outcome apply(const v1::AcceptGrant& action, ActionContext& context, Overlay& state) {
  auto grant = grant_of_payee(state, action.grant(), context.signer);
  if (!grant) return refuse(grant.error());
  const bool open = is_pending(*grant) && context.now_ms() < grant->until_ms();
  if (!open) return refuse(Error::GrantClosed);
  due::cancel(state, due::Class::Lapses, grant->until_ms(), due::Kind::GrantLapse, grant->id());
  grant->set_state(v1::GRANT_STATE_ACTIVE);
  put_grant(state, *grant);
  accounts::add_obligation(state, context.signer);
  tell_grant(state, context.events, v1::EVENT_KIND_GRANT_ACCEPTED, *grant, grant->total());
  return {};
}

Outcome apply(const v1::CancelGrant& action, ActionContext& context, Overlay& state) {
  auto grant = find_grant(state, action.grant());
  if (!grant) return refuse(Error::GrantUnknown);
  if (!is_pending(*grant) && !is_active(*grant)) return refuse(Error::GrantClosed);
  if (context.authority != Authority::Dao) {
    const auto reached = sign_cancel(*grant, action, context, state);
    if (!reached) return refuse(reached.error());
    if (!*reached) return {};
  }
  if (is_pending(*grant)) {
    due::cancel(state, due::Class::Lapses, grant->until_ms(), due::Kind::GrantLapse,
                due::ref_of(grant->id()));
  }
  close_reviews(state, context.block.chain_id, *grant, context.events);
  const std::uint64_t rest = unpaid(*grant);
  give_back(state, context.block, *grant, v1::GRANT_STATE_CANCELLED);
  tell_grant(state, context.events, v1::EVENT_KIND_GRANT_CANCELLED, *grant, rest);
  return {};
}

void lapse_grant(Overlay& state, const BlockContext& block, ByteView ref,
                 std::vector<v1::Event>& events) {
  auto grant = find_grant(state, due::id_of(ref));
  if (!grant || !is_pending(*grant) || block.time.value() < grant->until_ms()) return;
  give_back(state, block, *grant, v1::GRANT_STATE_LAPSED);
  tell_grant(state, events, v1::EVENT_KIND_GRANT_LAPSED, *grant, grant->total());
}

void put_grant(Overlay& state, const v1::Grant& grant) {
  state::put(state, grant_key(grant.id()), grant);
}

// The payee and all reviewers hear of every step.
void tell_grant(const Overlay& state, std::vector<v1::Event>& events, v1::EventKind kind,
                const v1::Grant& grant, std::uint64_t amount, std::uint32_t tranche) {
  std::vector<AccountId> concerned{id_of(grant.payee())};
  for (const std::string& reviewer : grant.reviewers()) concerned.push_back(id_of(reviewer));
  emit(events, kind, concerned,
       {{v1::EVENT_FIELD_GRANT, grant.id()},
        {v1::EVENT_FIELD_TRANCHE, tranche},
        {v1::EVENT_FIELD_FUND, grant.fund()},
        {v1::EVENT_FIELD_ASSET, grant.asset()},
        {v1::EVENT_FIELD_AMOUNT, amount},
        {v1::EVENT_FIELD_CATEGORY, grant.category()},
        {v1::EVENT_FIELD_PROPOSAL, grant.proposal()},
        {v1::EVENT_FIELD_BALANCE, free_of(state, fund_of(state, grant), grant.asset())}},
       true);
}

// A grant that is the signer's to take from.
Result<v1::Grant, Error> grant_of_payee(const Overlay& state, std::uint64_t id,
                                        const AccountId& payee) {
  auto grant = find_grant(state, id);
  if (!grant) return refuse(Error::GrantUnknown);
  if (grant->payee() != payee.to_string()) return refuse(Error::NotPayee);
  return std::move(*grant);
}

std::optional<v1::Grant> find_grant(const Overlay& state, std::uint64_t id) {
  return state::find<v1::Grant>(state, grant_key(id));
}

}  // namespace salus::dao::treasury
