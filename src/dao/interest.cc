// Owns: the accounts that each kind of action is about.
#include "dao/interest.h"

#include <set>
#include <string_view>

#include "dao/assets/schedules.h"
#include "dao/membership/membership.h"
#include "dao/treasury/budgets.h"
#include "dao/treasury/grants.h"
#include "dao/treasury/payouts.h"
#include "dao/validators/validators.h"

namespace salus::dao {

namespace {

using state::Overlay;

class Interest {
 public:
  explicit Interest(const Overlay& state) : state_(state) {}

  void add(const v1::Action& action) {
    if (const auto account = membership::concerned_member(action)) accounts_.insert(*account);
    add_named(action);
    add_money(action);
    add_looked_up(action);
  }

  std::vector<AccountId> accounts() const { return {accounts_.begin(), accounts_.end()}; }

 private:
  void add(std::string_view bytes) {
    if (const auto account = AccountId::from(bytes)) accounts_.insert(*account);
  }
  void add(const google::protobuf::RepeatedPtrField<v1::NomineeRef>& nominees) {
    for (const v1::NomineeRef& nominee : nominees) add(nominee.operator_account());
  }
  void add(const google::protobuf::RepeatedPtrField<std::string>& all) {
    for (const std::string& bytes : all) add(bytes);
  }

  void add_named(const v1::Action& action) {
    if (action.has_admit_member()) add(action.admit_member().account());
    if (action.has_refuse_application()) add(action.refuse_application().account());
    if (action.has_grant_office()) add(action.grant_office().account());
    if (action.has_end_office()) add(action.end_office().account());
    if (action.has_set_issuer()) add(action.set_issuer().account());
    if (action.has_set_seats()) add(action.set_seats().account());
    if (action.has_reinstate()) add(action.reinstate().account());
    if (action.has_create_asset()) add(action.create_asset().issuer());
    add(action.change_set().add());
  }

  void add_money(const v1::Action& action) {
    if (action.has_pay()) add(action.pay().payee());
    if (action.has_mint()) add(action.mint().to());
    if (action.has_open_stream()) add(action.open_stream().payee());
    if (action.has_set_budget()) {
      add(action.set_budget().holders());
      add(action.set_budget().payees());
    }
    if (action.has_award_grant()) {
      add(action.award_grant().payee());
      add(action.award_grant().reviewers());
    }
  }

  // An id that names nothing concerns nobody; its action will be refused.
  void add_looked_up(const v1::Action& action) {
    if (action.has_cancel_payout()) {
      if (const auto payout = treasury::find_payout(state_, action.cancel_payout().payout())) {
        add(payout->payee());
      }
    }
    if (action.has_cancel_grant()) {
      if (const auto grant = treasury::find_grant(state_, action.cancel_grant().grant())) {
        add(grant->payee());
        add(grant->reviewers());
      }
    }
    if (action.has_cancel_stream()) add_schedule(action.cancel_stream().schedule());
    if (action.has_cancel_schedule()) add_schedule(action.cancel_schedule().schedule());
    if (action.has_renew_budget()) add_budget(action.renew_budget().budget());
    if (action.has_end_budget()) add_budget(action.end_budget().budget());
    if (action.has_withdraw_change()) {
      add_change(action.withdraw_change().change());
    }
    if (action.has_revoke_credential()) {
      const auto id = action.revoke_credential().id();
      if (const auto credential = membership::find_credential(state_, id)) {
        add(credential->account());
      }
    }
  }

  // Its source is a fund, or whoever gave his own money: he has nothing to gain that is not his.
  void add_schedule(std::uint64_t id) {
    if (const auto schedule = assets::find_schedule(state_, id)) add(schedule->payee());
  }

  void add_change(std::uint64_t id) {
    const v1::SetChangeQueue queue = validators::set_changes(state_);
    for (const v1::SetChange& change : queue.changes()) {
      if (change.id() == id) add(change.add());
    }
  }

  void add_budget(std::uint32_t id) {
    const auto budget = treasury::find_budget(state_, id);
    if (!budget) return;
    add(budget->holders());
    add(budget->payees());
  }

  const Overlay& state_;
  std::set<AccountId> accounts_;
};

}  // namespace

std::vector<AccountId> interested(
    const google::protobuf::RepeatedPtrField<v1::ProposalOption>& options, const Overlay& state) {
  Interest interest(state);
  for (const v1::ProposalOption& option : options) {
    for (const v1::Action& action : option.actions()) interest.add(action);
  }
  return interest.accounts();
}

}  // namespace salus::dao
