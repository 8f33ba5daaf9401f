// Owns: the states of a tranche. OPEN -> CLAIMED -> PAID, or OPEN again; what reviewers sign names
// the very deliverable that they saw.
#include <algorithm>

#include "base/assert.h"
#include "dao/accounts/accounts.h"
#include "dao/acts/acts.h"
#include "dao/assets/assets.h"
#include "dao/treasury/funds.h"
#include "dao/treasury/grants.h"
#include "dao/treasury/treasury.h"

namespace salus::dao::treasury {

namespace {

using state::Overlay;

AccountId payee_of(const v1::Grant& grant) {
  const auto payee = AccountId::from(grant.payee());
  SALUS_ASSERT(payee.has_value(), "a stored grant names its payee");
  return *payee;
}

// A tranche as reviewers are to see it, with its grant.
struct Claimed {
  v1::Grant grant;
  std::uint32_t place = 0;
};
template <typename Review>
Result<Claimed, Error> get_claimed(const Overlay& state, const Review& review,
                                   const AccountId& signer) {
  auto grant = find_grant(state, review.grant());
  if (!grant) return refuse(Error::GrantUnknown);
  const auto& reviewers = grant->reviewers();
  if (std::ranges::find(reviewers, signer.to_string()) == reviewers.end()) {
    return refuse(Error::NotReviewer);
  }
  if (grant->state() != v1::GRANT_STATE_ACTIVE) return refuse(Error::GrantClosed);
  if (review.tranche() != next_tranche(*grant)) return refuse(Error::TrancheOrder);
  const v1::Tranche& tranche = grant->tranches(static_cast<int>(review.tranche()) - 1);
  if (tranche.state() != v1::TRANCHE_STATE_CLAIMED) return refuse(Error::TrancheState);
  // Who signed for one deliverable has not seen another.
  if (tranche.deliverable_hash() != review.deliverable_hash()) {
    return refuse(Error::ContentMismatch);
  }
  return Claimed{.grant = std::move(*grant), .place = review.tranche()};
}

Result<acts::Progress, Error> sign_review(const v1::Grant& grant, v1::Action content,
                                          ActionContext& context, Overlay& state) {
  const auto& reviewers = grant.reviewers();
  return acts::sign(
      {.content = std::move(content),
       .needed = grant.needed(),
       .entitled =
           [&](const AccountId& account) {
             return std::ranges::find(reviewers, account.to_string()) != reviewers.end() &&
                    accounts::is_open(state, account);
           },
       .conflicted =
           [&](const AccountId& account) { return account.to_string() == grant.payee(); }},
      context, state);
}

// The signer reviews a claimed tranche by `content`, which is `review` as an action. Nothing while
// others still have to sign; otherwise the tranche, of which no other review is open any more.
struct Reviewed {
  Claimed claimed;
  std::uint64_t act = 0;
};
template <typename Review>
Result<std::optional<Reviewed>, Error> review_claimed(const Review& review, v1::Action content,
                                                      ActionContext& context, Overlay& state) {
  auto claimed = get_claimed(state, review, context.signer);
  if (!claimed) return refuse(claimed.error());
  const auto progress = sign_review(claimed->grant, std::move(content), context, state);
  if (!progress) return refuse(progress.error());
  if (progress->step != acts::Step::Reached) return std::nullopt;
  close_reviews(state, context.block.chain_id, claimed->grant, context.events);
  return Reviewed{.claimed = std::move(*claimed), .act = progress->act};
}

template <typename Review>
Outcome check_review(const Review& action) {
  if (action.tranche() == 0 || action.tranche() > static_cast<std::uint32_t>(kTranchesMax)) {
    return refuse(Error::TrancheOrder);
  }
  return action.deliverable_hash().size() == Hash::kSize ? Outcome{} : refuse(Error::Limit);
}

// Written PAID before the money moves (G-9.5); a part of nothing is paid too.
void pay_tranche(Overlay& state, ActionContext& context, v1::Grant& grant, std::uint32_t place,
                 std::uint64_t act) {
  const std::uint64_t amount = tranche_amounts(grant)[place - 1];
  v1::Tranche& tranche = *grant.mutable_tranches(static_cast<int>(place) - 1);
  tranche.set_state(v1::TRANCHE_STATE_PAID);
  tranche.set_act(act);
  tranche.set_paid_ms(context.now_ms());
  const bool last = static_cast<int>(place) == grant.tranches_size();
  if (last) grant.set_state(v1::GRANT_STATE_COMPLETED);
  put_grant(state, grant);
  if (amount > 0) {
    const auto paid = assets::escrow_out(state, v1::ESCROW_OWNER_GRANT, grant.id(), grant.asset(),
                                         payee_of(grant), amount);
    SALUS_ASSERT(paid.has_value(), "an open grant's escrow holds what is unpaid (G-9.2)");
    keep_promise(state, grant.fund(), grant.asset(), amount);
  }
  tell_grant(state, context.events, v1::EVENT_KIND_TRANCHE_PAID, grant, amount, place);
  if (!last) return;
  accounts::end_obligation(state, payee_of(grant));
  tell_grant(state, context.events, v1::EVENT_KIND_GRANT_COMPLETED, grant, grant.total());
}

}  // namespace

void close_reviews(Overlay& state, const ChainId& chain_id, const v1::Grant& grant,
                   std::vector<v1::Event>& events) {
  const std::uint32_t place = next_tranche(grant);
  const std::string& hash = grant.tranches(static_cast<int>(place) - 1).deliverable_hash();
  v1::Action approve;
  approve.mutable_approve_tranche()->set_grant(grant.id());
  approve.mutable_approve_tranche()->set_tranche(place);
  approve.mutable_approve_tranche()->set_deliverable_hash(hash);
  v1::Action send_back;
  send_back.mutable_return_tranche()->set_grant(grant.id());
  send_back.mutable_return_tranche()->set_tranche(place);
  send_back.mutable_return_tranche()->set_deliverable_hash(hash);
  v1::Action cancel;
  cancel.mutable_cancel_grant()->set_grant(grant.id());
  for (const v1::Action& content : {approve, send_back, cancel}) {
    if (const auto act = acts::find_open(state, chain_id, content)) {
      acts::close_open_act(state, act->id(), events);
    }
  }
}

Outcome check(const v1::ClaimTranche& action) { return check_review(action); }

Outcome apply(const v1::ClaimTranche& action, ActionContext& context, Overlay& state) {
  auto grant = grant_of_payee(state, action.grant(), context.signer);
  if (!grant) return refuse(grant.error());
  if (grant->state() != v1::GRANT_STATE_ACTIVE) return refuse(Error::GrantClosed);
  if (action.tranche() != next_tranche(*grant)) return refuse(Error::TrancheOrder);
  v1::Tranche& tranche = *grant->mutable_tranches(static_cast<int>(action.tranche()) - 1);
  if (tranche.state() != v1::TRANCHE_STATE_OPEN) return refuse(Error::TrancheState);
  // Whoever was about to cancel for idleness has to look again.
  close_reviews(state, context.block.chain_id, *grant, context.events);
  tranche.set_state(v1::TRANCHE_STATE_CLAIMED);
  tranche.set_deliverable_hash(action.deliverable_hash());
  put_grant(state, *grant);
  tell_grant(state, context.events, v1::EVENT_KIND_TRANCHE_CLAIMED, *grant,
             tranche_amounts(*grant)[action.tranche() - 1], action.tranche());
  return {};
}

Outcome check(const v1::ApproveTranche& action) { return check_review(action); }

Outcome apply(const v1::ApproveTranche& action, ActionContext& context, Overlay& state) {
  v1::Action content;
  *content.mutable_approve_tranche() = action;
  auto reviewed = review_claimed(action, std::move(content), context, state);
  if (!reviewed) return refuse(reviewed.error());
  if (!*reviewed) return {};
  auto& [claimed, act] = **reviewed;
  pay_tranche(state, context, claimed.grant, claimed.place, act);
  return {};
}

Outcome check(const v1::ReturnTranche& action) { return check_review(action); }

Outcome apply(const v1::ReturnTranche& action, ActionContext& context, Overlay& state) {
  v1::Action content;
  *content.mutable_return_tranche() = action;
  auto reviewed = review_claimed(action, std::move(content), context, state);
  if (!reviewed) return refuse(reviewed.error());
  if (!*reviewed) return {};
  auto& [grant, place] = (*reviewed)->claimed;
  v1::Tranche& tranche = *grant.mutable_tranches(static_cast<int>(place) - 1);
  tranche.set_state(v1::TRANCHE_STATE_OPEN);
  tranche.clear_deliverable_hash();
  put_grant(state, grant);
  tell_grant(state, context.events, v1::EVENT_KIND_TRANCHE_RETURNED, grant, 0, place);
  return {};
}

}  // namespace salus::dao::treasury
