// Owns: how each action is filled.
#include "dao/a_money.h"

#include <algorithm>

#include "dao/accounts/accounts.h"
#include "dao/accounts/recovery.h"

namespace salus::dao::test {

namespace {

// As the chain wants lists of accounts.
template <typename List>
void add_sorted(List& list, std::vector<AccountId> accounts) {
  std::ranges::sort(accounts);
  for (const AccountId& account : accounts) *list.Add() = account.to_string();
}

accounts::Keys one_key(std::string_view key) {
  accounts::Keys keys;
  *keys.Add() = account_key(key);
  return keys;
}

template <typename Points>
void add_points(Points& list, const std::vector<Point>& points) {
  for (const Point& point : points) {
    v1::SchedulePoint& added = *list.Add();
    added.set_at_ms(kGenesisMs + point.after_ms);
    added.set_sum(point.sum);
  }
}

template <typename Review>
void fill(Review& review, std::uint64_t id, std::uint32_t tranche, char deliverable) {
  review.set_grant(id);
  review.set_tranche(tranche);
  review.set_deliverable_hash(std::string(32, deliverable));
}

}  // namespace

v1::Action set_recovery(std::vector<AccountId> guardians, std::uint32_t needed,
                        std::uint64_t delay_ms) {
  v1::Action action;
  add_sorted(*action.mutable_set_recovery()->mutable_guardians(), std::move(guardians));
  action.mutable_set_recovery()->set_needed(needed);
  action.mutable_set_recovery()->set_delay_ms(delay_ms);
  return action;
}

v1::Action start_recovery(const Dao& dao, std::string_view account, std::string_view key) {
  const AccountId id = dao.account(account);
  const std::uint32_t version = accounts::find_account(dao.state(), id)->auth_version() + 1;
  v1::Action action;
  v1::StartRecovery& start = *action.mutable_start_recovery();
  start.set_account(id.to_string());
  *start.mutable_keys() = one_key(key);
  start.set_threshold(1);
  start.add_proofs(key_of(key).sign(accounts::rotate_proof(id, version)).to_string());
  return action;
}

v1::Action support_recovery(const Dao& dao, std::string_view account, std::string_view key) {
  const AccountId id = dao.account(account);
  v1::Action action;
  action.mutable_support_recovery()->set_account(id.to_string());
  action.mutable_support_recovery()->set_content_hash(
      accounts::recovery_content(id, one_key(key), 1).to_string());
  return action;
}

v1::Action cancel_recovery() {
  v1::Action action;
  action.mutable_cancel_recovery();
  return action;
}

v1::Action close_account() {
  v1::Action action;
  action.mutable_close_account();
  return action;
}

v1::Action open_schedule(const AccountId& payee, const std::vector<Point>& points,
                         std::uint32_t cancel_by, std::uint32_t asset) {
  v1::Action action;
  v1::OpenSchedule& open = *action.mutable_open_schedule();
  open.set_asset(asset);
  open.set_payee(payee.to_string());
  add_points(*open.mutable_points(), points);
  open.set_total(points.back().sum);
  open.set_cancel_by(cancel_by);
  return action;
}

v1::Action accept_schedule(std::uint64_t id) {
  v1::Action action;
  action.mutable_accept_schedule()->set_schedule(id);
  return action;
}

v1::Action claim_schedule(std::uint64_t id, std::uint64_t amount) {
  v1::Action action;
  action.mutable_claim_schedule()->set_schedule(id);
  action.mutable_claim_schedule()->set_amount(amount);
  return action;
}

v1::Action cancel_schedule(std::uint64_t id) {
  v1::Action action;
  action.mutable_cancel_schedule()->set_schedule(id);
  return action;
}

v1::Action lock_stake(std::uint64_t amount) {
  v1::Action action;
  action.mutable_lock_stake()->set_amount(amount);
  return action;
}

v1::Action unlock_stake() {
  v1::Action action;
  action.mutable_unlock_stake();
  return action;
}

v1::Action create_asset(std::string_view code, std::uint64_t max_supply, std::uint32_t flags,
                        const std::string& issuer) {
  v1::Action action;
  action.mutable_create_asset()->set_code(std::string{code});
  action.mutable_create_asset()->set_max_supply(max_supply);
  action.mutable_create_asset()->set_flags(flags);
  action.mutable_create_asset()->set_issuer(issuer);
  return action;
}

v1::Action set_asset(std::uint32_t id, std::uint32_t flags, std::uint64_t max_supply) {
  v1::Action action;
  action.mutable_set_asset()->set_asset(id);
  action.mutable_set_asset()->set_flags(flags);
  action.mutable_set_asset()->set_max_supply(max_supply);
  return action;
}

v1::Action set_budget(const Dao& dao) {
  v1::Action action;
  v1::SetBudget& budget = *action.mutable_set_budget();
  budget.set_fund(1);
  budget.set_cap(100);
  budget.set_period_ms(10 * kSecond);
  budget.set_length_ms(30 * kSecond);
  budget.set_category(4);
  add_sorted(*budget.mutable_holders(), {dao.account("mira"), dao.account("noor")});
  budget.set_needed(2);
  budget.set_per_payment(60);
  return action;
}

v1::Action renew_budget(std::uint32_t id) {
  v1::Action action;
  action.mutable_renew_budget()->set_budget(id);
  return action;
}

v1::Action end_budget(std::uint32_t id) {
  v1::Action action;
  action.mutable_end_budget()->set_budget(id);
  return action;
}

v1::Action spend_budget(std::uint32_t id, std::uint64_t amount, const AccountId& payee) {
  v1::Action action;
  action.mutable_spend_budget()->set_budget(id);
  action.mutable_spend_budget()->set_amount(amount);
  action.mutable_spend_budget()->set_payee(payee.to_string());
  return action;
}

v1::Action cancel_payout(std::uint64_t id) {
  v1::Action action;
  action.mutable_cancel_payout()->set_payout(id);
  return action;
}

v1::Action award_grant(const Dao& dao) {
  constexpr std::uint32_t kBps[] = {2'500, 2'500, 5'000};
  v1::Action action;
  v1::AwardGrant& grant = *action.mutable_award_grant();
  grant.set_fund(1);
  grant.set_total(1'000);
  grant.set_payee(dao.account("pavel").to_string());
  grant.set_category(5);
  for (const std::uint32_t bp : kBps) {
    v1::TrancheTerms& terms = *grant.add_tranches();
    terms.set_bp(bp);
    terms.set_due_ms(kGenesisMs + static_cast<std::uint64_t>(grant.tranches_size()) * 10 * kSecond);
  }
  add_sorted(*grant.mutable_reviewers(),
             {dao.account("chen"), dao.account("ada"), dao.account("zed")});
  grant.set_needed(2);
  return action;
}

v1::Action accept_grant(std::uint64_t id) {
  v1::Action action;
  action.mutable_accept_grant()->set_grant(id);
  return action;
}

v1::Action claim_tranche(std::uint64_t id, std::uint32_t tranche, char deliverable) {
  v1::Action action;
  fill(*action.mutable_claim_tranche(), id, tranche, deliverable);
  return action;
}

v1::Action approve_tranche(std::uint64_t id, std::uint32_t tranche, char deliverable) {
  v1::Action action;
  fill(*action.mutable_approve_tranche(), id, tranche, deliverable);
  return action;
}

v1::Action return_tranche(std::uint64_t id, std::uint32_t tranche, char deliverable) {
  v1::Action action;
  fill(*action.mutable_return_tranche(), id, tranche, deliverable);
  return action;
}

v1::Action cancel_grant(std::uint64_t id) {
  v1::Action action;
  action.mutable_cancel_grant()->set_grant(id);
  return action;
}

v1::Action open_stream(const AccountId& payee, const std::vector<Point>& points,
                       std::uint32_t budget) {
  v1::Action action;
  v1::OpenStream& stream = *action.mutable_open_stream();
  stream.set_fund(1);
  stream.set_payee(payee.to_string());
  stream.set_category(6);
  add_points(*stream.mutable_points(), points);
  stream.set_total(points.back().sum);
  stream.set_budget(budget);
  return action;
}

v1::Action cancel_stream(std::uint64_t id) {
  v1::Action action;
  action.mutable_cancel_stream()->set_schedule(id);
  return action;
}

}  // namespace salus::dao::test
