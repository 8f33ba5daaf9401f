// Owns: proof that no order of right and wrong moves with money breaks an invariant: guardians,
// schedules, stakes, budgets, grants, streams and payouts at random over hundreds of blocks; after
// each block the whole state is recounted, and the same moves give the same root. SALUS_SEED runs
// one seed alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "dao/a_money.h"
#include "dao/a_people.h"
#include "dao/accounts/recovery.h"
#include "dao/assets/assets.h"
#include "dao/assets/schedules.h"
#include "dao/layout.h"
#include "dao/lists.h"
#include "dao/treasury/treasury.h"
#include "state/tree.h"

namespace salus::dao::test {
namespace {

constexpr int kBlocks = 400;
constexpr const char* kNames[] = {"mira", "noor", "pavel", "chen", "ada", "kofi", "hope", "zed"};

class Player {
 public:
  explicit Player(std::uint64_t seed) : random_(seed), dao_(document()) {}

  void play() {
    for (int i = 0; i < kBlocks && !testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE("block " + std::to_string(dao_.height().value()));
      for (std::uint64_t t = below(8); t > 0; --t) {
        const Move move = a_move();
        note(dao_.apply(move.name, move.action).error());
      }
      for (std::uint64_t t = below(3); t > 0; --t) note(dao_.apply_as_dao(a_vote()));
      sign_what_waits();
      dao_.end_block();
      check_money();
      dao_.advance_ms(chance(1) ? below(20 * membership::kDayMs) : below(12 * kSecond));
    }
  }

  Root root() const { return state::root_of_all(dao_.state().changes()); }
  const Dao& dao() const { return dao_; }
  const std::map<std::string, int>& answers() const { return answers_; }
  const std::map<std::string, int>& ends() const { return ends_; }

 private:
  struct Move {
    std::string name;
    v1::Action action;
  };

  static v1::GenesisDocument document() {
    v1::GenesisDocument document = a_document();
    document.mutable_chambers(kResearchers - 1)->set_rule(v1::CHAMBER_RULE_STAKE);
    const auto set = [&](std::string_view name, std::uint64_t value) {
      v1::Parameter& parameter = *document.add_parameters();
      parameter.set_name(std::string{name});
      parameter.set_value(value);
    };
    set("accounts.recovery_delay_min", 1 * kSecond);
    set("accounts.recovery_cooldown", 30 * kSecond);
    set("assets.unlock_delay", 20 * kSecond);
    return document;
  }

  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : random_() % n; }
  bool chance(std::uint64_t percent) { return below(100) < percent; }
  std::string a_name() { return kNames[below(std::size(kNames))]; }
  AccountId somebody() { return chance(2) ? AccountId{} : dao_.account(a_name()); }
  std::uint64_t an_amount() { return chance(10) ? below(2'000 * kToken) : below(200); }
  // One of the last few of `count` things, mostly.
  std::uint64_t one_of(std::uint64_t count) {
    if (count == 0 || chance(5)) return 1 + below(100);
    return count - below(std::min<std::uint64_t>(count, 6));
  }
  std::uint64_t a_payout() { return one_of(payouts_.size()); }
  std::uint64_t a_grant() { return one_of(grants_.size()); }
  std::uint32_t a_budget_id() {
    return static_cast<std::uint32_t>(one_of(treasury::budgets(dao_.state()).size()));
  }
  std::uint64_t a_schedule() {
    std::uint64_t last = 0;
    while (assets::find_schedule(dao_.state(), last + 1)) ++last;
    return one_of(last);
  }
  // Who it is for, mostly.
  std::string name_of(const std::string& account) {
    for (const char* name : kNames) {
      if (chance(90) && dao_.account(name).to_string() == account) return name;
    }
    return a_name();
  }
  std::string payee_of_schedule(std::uint64_t id) {
    const auto schedule = assets::find_schedule(dao_.state(), id);
    return schedule ? name_of(schedule->payee()) : a_name();
  }
  std::string payee_of_payout(std::uint64_t id) {
    const auto payout = treasury::find_payout(dao_.state(), id);
    return payout ? name_of(payout->payee()) : a_name();
  }

  void note(const std::string& answer) { ++answers_[answer]; }

  // Two to four points from now on, each later and not less.
  std::vector<Point> some_points() {
    std::vector<Point> points{{dao_.now_ms() - kGenesisMs + below(5 * kSecond), 0}};
    for (std::uint64_t i = 1 + below(3); i > 0; --i) {
      points.push_back(
          {points.back().after_ms + 1 + below(90 * kSecond), points.back().sum + below(300)});
    }
    if (points.back().sum == 0) points.back().sum = 1 + below(100);
    return points;
  }

  v1::Action a_plan() {
    std::set<AccountId> guardians;
    for (std::uint64_t i = below(4); i > 0; --i) guardians.insert(dao_.account(a_name()));
    const auto count = static_cast<std::uint32_t>(guardians.size());
    if (count == 0) return set_recovery({}, 0, 0);
    return set_recovery({guardians.begin(), guardians.end()},
                        1 + static_cast<std::uint32_t>(below(count)), (1 + below(60)) * kSecond);
  }

  // A recovery to the key that the account has: the player can go on signing.
  Move a_recovery() {
    const std::string name = a_name();
    const auto account = accounts::find_account(dao_.state(), dao_.account(name));
    const auto& guardians = account->recovery().guardians();
    std::string guardian = a_name();
    if (!guardians.empty()) {
      guardian =
          name_of(guardians[static_cast<int>(below(static_cast<std::uint64_t>(guardians.size())))]);
    }
    return {guardian, chance(50) ? start_recovery(dao_, name, name)
                                 : support_recovery(dao_, name, chance(90) ? name : "other")};
  }

  Move a_move_with_a_schedule() {
    const std::uint64_t id = a_schedule();
    switch (below(4)) {
      case 0:
        return {payee_of_schedule(id), accept_schedule(id)};
      case 1:
        return {a_name(), cancel_schedule(id)};
      default:
        return {payee_of_schedule(id), claim_schedule(id, chance(60) ? 0 : below(120))};
    }
  }

  Move a_move() {
    switch (below(14)) {
      case 0:
        return {a_name(), a_plan()};
      case 1:
      case 2:
        return a_recovery();
      case 3:
        return {a_name(), chance(30) ? cancel_recovery() : transfer(somebody(), an_amount())};
      case 4:
        return {a_name(),
                open_schedule(somebody(), some_points(), static_cast<std::uint32_t>(below(4)))};
      case 5:
      case 6:
      case 7:
        return a_move_with_a_schedule();
      case 8:
        return {chance(80) ? "ada" : a_name(),
                chance(60) ? lock_stake(below(5 * kToken)) : unlock_stake()};
      case 9:
      case 10:
        return {chance(50)   ? "mira"
                : chance(80) ? "noor"
                             : a_name(),
                spend_budget(a_budget_id(), below(70), somebody())};
      case 11: {
        const std::uint64_t id = a_payout();
        return {payee_of_payout(id), accept_payout(id)};
      }
      case 12:
        return {chance(80) ? "pavel" : a_name(), accept_grant(a_grant())};
      default:
        return {a_name(), chance(20) ? cancel_grant(a_grant()) : donate(1, an_amount())};
    }
  }

  v1::Action a_budget() {
    v1::Action action = set_budget(dao_);
    v1::SetBudget& budget = *action.mutable_set_budget();
    budget.set_fund(chance(80) ? 1 : 2);
    budget.set_needed(1 + static_cast<std::uint32_t>(below(2)));
    budget.set_length_ms((10 + below(200)) * kSecond);
    budget.set_cap(100 + below(2'000));
    budget.set_per_payment(1 + below(budget.cap()));
    if (chance(50)) budget.add_payees(dao_.account("zed").to_string());
    return action;
  }

  v1::Action an_award() {
    v1::Action action = award_grant(dao_);
    action.mutable_award_grant()->set_total(1 + below(1'000));
    if (chance(30)) action.mutable_award_grant()->set_budget(a_budget_id());
    return action;
  }

  v1::Action a_vote() {
    switch (below(12)) {
      case 0:
      case 1:
        return pay(1 + static_cast<std::uint32_t>(below(2)), an_amount(),
                   chance(50) ? dao_.account("zed") : somebody());
      case 2:
        return a_budget();
      case 3:
        return chance(60) ? renew_budget(a_budget_id()) : end_budget(a_budget_id());
      case 4:
        return an_award();
      case 5:
      case 6:
        return open_stream(somebody(), some_points(), chance(30) ? a_budget_id() : 0);
      case 7:
        return cancel_stream(a_schedule());
      case 8:
        return chance(20) ? cancel_grant(a_grant()) : cancel_payout(a_payout());
      case 9:
        return cancel_payout(a_payout());
      case 10:
        return move_funds(1 + static_cast<std::uint32_t>(below(2)), 2, an_amount());
      default:
        return chance(50) ? cancel_schedule(a_schedule())
                          : create_asset("asset-" + std::to_string(below(40)), 1'000, 1);
    }
  }

  // Reviewers and holders look at what is there.
  void sign_what_waits() {
    for (const v1::Grant& grant : grants(dao_.state(), 1, 100)) {
      const std::uint32_t next = treasury::next_tranche(grant);
      if (grant.state() != v1::GRANT_STATE_ACTIVE || next == 0) continue;
      if (chance(30)) note(dao_.apply("pavel", claim_tranche(grant.id(), next)).error());
      for (const char* name : {"chen", "ada", "zed"}) {
        if (!chance(25)) continue;
        note(dao_.apply(name, chance(80) ? approve_tranche(grant.id(), next)
                                         : return_tranche(grant.id(), next))
                 .error());
      }
    }
    const std::uint64_t last = acts::last_act(dao_.state());
    for (std::uint64_t id = last > 5 ? last - 5 : 1; id <= last; ++id) {
      if (chance(40)) note(dao_.apply(chance(50) ? "mira" : "noor", co_sign(dao_, id)).error());
    }
  }

  // Nothing is lost between accounts, funds and escrows, and no fund promises what it has not.
  void check_money() {
    const std::uint64_t supply = assets::find_asset(dao_.state(), 0)->supply();
    if (supply_ == 0) supply_ = supply;
    EXPECT_EQ(supply, supply_) << "nobody mints or burns here (G-3.1)";
    for (const v1::Payout& payout : payouts(dao_.state(), 1, 10'000)) {
      auto& known = payouts_[payout.id()];
      if (known == v1::PAYOUT_STATE_UNSPECIFIED || known == v1::PAYOUT_STATE_WAITING) {
        if (known != payout.state()) ++ends_[v1::PayoutState_Name(payout.state())];
        known = payout.state();
      }
      EXPECT_EQ(known, payout.state()) << "a payout that ended changed";
    }
    for (const v1::Grant& grant : grants(dao_.state(), 1, 10'000)) {
      auto& known = grants_[grant.id()];
      if (known != grant.state()) ++ends_[v1::GrantState_Name(grant.state())];
      known = grant.state();
    }
  }

  std::mt19937_64 random_;
  Dao dao_;
  std::uint64_t supply_ = 0;
  std::map<std::uint64_t, v1::PayoutState> payouts_;
  std::map<std::uint64_t, v1::GrantState> grants_;
  std::map<std::string, int> answers_;
  std::map<std::string, int> ends_;
};

std::vector<std::uint64_t> seeds() {
  if (const char* only = std::getenv("SALUS_SEED")) return {std::stoull(only)};
  return {1, 2, 3};
}

TEST(RandomMoney, keeps_every_invariant_and_has_one_root) {
  std::map<std::string, int> answers;
  std::map<std::string, int> ends;
  for (const std::uint64_t seed : seeds()) {
    SCOPED_TRACE("SALUS_SEED=" + std::to_string(seed) +
                 " build/dev/bin/money_test --gtest_filter='RandomMoney.*'");
    Player player(seed);
    player.play();
    Player again(seed);
    again.play();
    ASSERT_EQ(player.root(), again.root()) << "the same moves gave another root";
    for (const auto& [answer, times] : player.answers()) answers[answer] += times;
    for (const auto& [state, times] : player.ends()) ends[state] += times;
    expect_known_layout(player.dao().state());
    if (HasFailure()) return;
  }
  for (const auto& [answer, times] : answers) std::cout << answer << " " << times << "\n";
  for (const auto& [state, times] : ends) std::cout << state << " " << times << "\n";
  if (std::getenv("SALUS_SEED") != nullptr) return;
  // A life in which nothing happens proves nothing.
  for (const char* state :
       {"PAYOUT_STATE_PAID", "PAYOUT_STATE_EXPIRED", "PAYOUT_STATE_CANCELLED",
        "GRANT_STATE_COMPLETED", "GRANT_STATE_LAPSED", "GRANT_STATE_CANCELLED"}) {
    EXPECT_GT(ends[state], 0) << state;
  }
  for (const char* error : {"BudgetExceeded", "OverClaim", "FundShort", "TrancheState",
                            "RecoveryExists", "RecoveryBlocked", "RecoveryFirm", "StakeLocked",
                            "NotHolder", "SignerConflicted", "AlreadySigned"}) {
    EXPECT_GT(answers[error], 0) << error;
  }
}

}  // namespace
}  // namespace salus::dao::test
