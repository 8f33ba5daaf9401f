// Owns: the runners of auth, keyset, sequence, recovery, schedule, budget, batch, payout, grant,
// reached (sections 2, 3 and 9).
#include <algorithm>
#include <limits>
#include <map>

#include "dao/a_money.h"
#include "dao/accounts/accounts.h"
#include "dao/accounts/recovery.h"
#include "dao/assets/schedules.h"
#include "dao/constitution.h"
#include "dao/membership/membership.h"
#include "dao/treasury/treasury.h"
#include "support/vectors/runner.h"

namespace salus::vectors {

namespace {

using dao::test::Dao;
using dao::test::kGenesisMs;
using dao::test::kSecond;

Json error_of(const dao::Outcome& outcome) {
  return outcome ? Json{} : Json(std::string{dao::name(outcome.error())});
}

std::string said(const dao::Outcome& outcome) {
  return outcome ? "ok" : std::string{dao::name(outcome.error())};
}

// "WAITING" of PAYOUT_STATE_WAITING.
std::string bare(std::string name, std::string_view prefix) { return name.substr(prefix.size()); }

void advance(Dao& dao, std::uint64_t second) {
  const std::uint64_t at = kGenesisMs + second * kSecond;
  if (at > dao.now_ms()) dao.advance_ms(at - dao.now_ms());
}

dao::accounts::Keys keys_of(const Json& in) {
  dao::accounts::Keys keys;
  for (const auto& [name, key] : in.at("keys").items()) {
    *keys.Add() = dao::test::account_key(name, static_cast<std::uint32_t>(number(key.at(0))),
                                         static_cast<std::uint32_t>(number(key.at(1))));
  }
  dao::test::sort_keys(keys);
  return keys;
}

std::optional<Json> run_auth(const Json& in) {
  v1::Account account;
  *account.mutable_keys() = keys_of(in);
  account.set_threshold(small_or(in, "threshold", 0));
  std::vector<PublicKey> signers;
  for (const Json& name : in.at("signed_by")) {
    signers.push_back(dao::test::key_of(name.get<std::string>()).public_key());
  }
  return Json{
      {"error", error_of(dao::accounts::authorise(account, signers, small_or(in, "needs", 0)))}};
}

std::optional<Json> run_keyset(const Json& in) {
  return Json{
      {"error", error_of(dao::accounts::check_keys(keys_of(in), small_or(in, "threshold", 0)))}};
}

std::optional<Json> run_sequence(const Json& in) {
  const bool admission = in.at("at") == "admission";
  dao::accounts::SequenceRule rule{.next = number(in.at("next")),
                                   .window = admission ? number(in.at("window")) : 1,
                                   .height = Height{number(in.at("height"))},
                                   .ttl_max = std::nullopt};
  if (admission) rule.ttl_max = number(in.at("ttl_max"));
  const auto outcome = dao::accounts::check_sequence(rule, number(in.at("sequence")),
                                                     number(in.at("expiry_height")));
  return Json{{"error", error_of(outcome)}};
}

// The account `zed` with its guardians; times are taken as seconds.
class Recovering {
 public:
  explicit Recovering(const Json& in) : dao_(document_of(in), people_of(in)) {
    std::vector<AccountId> guardians;
    for (const Json& name : in.at("guardians"))
      guardians.push_back(dao_.account(name.get<std::string>()));
    const auto set = dao_.apply("zed", dao::test::set_recovery(guardians, small_or(in, "needed", 0),
                                                               number(in.at("delay")) * kSecond));
    if (!set.ok()) throw Malformed("the plan is refused: " + set.error());
  }

  std::string run(const Json& op) {
    advance(dao_, number(op.at(0)));
    const std::string what = op.at(1);
    if (what == "show") {
      dao_.end_block();
      return state();
    }
    const std::string who = what == "cancel" ? "zed" : op.at(2).get<std::string>();
    const auto applied = dao_.apply(who, action(what, op));
    const std::string answer = applied.ok() ? state() : applied.error();
    dao_.end_block();
    return answer;
  }

 private:
  static std::vector<dao::test::Person> people_of(const Json& in) {
    std::vector<dao::test::Person> people = dao::test::everybody();
    for (const Json& name : in.at("guardians"))
      people.push_back({.name = name.get<std::string>(), .roles = 0, .seats = 0, .tokens = 0});
    people.push_back({.name = "x", .roles = 0, .seats = 0, .tokens = 0});
    return people;
  }
  static v1::GenesisDocument document_of(const Json& in) {
    v1::GenesisDocument document = dao::test::a_document(people_of(in));
    v1::Parameter& cooldown = *document.add_parameters();
    cooldown.set_name("accounts.recovery_cooldown");
    cooldown.set_value(number(in.at("cooldown")) * kSecond);
    return document;
  }
  v1::Action action(const std::string& what, const Json& op) const {
    if (what == "cancel") return dao::test::cancel_recovery();
    const std::string key = op.at(3);
    return what == "start" ? dao::test::start_recovery(dao_, "zed", key)
                           : dao::test::support_recovery(dao_, "zed", key);
  }
  std::string state() const {
    const auto recovery = dao::accounts::find_recovery(dao_.state(), dao_.account("zed"));
    return bare(v1::RecoveryState_Name(recovery->state()), "RECOVERY_STATE_");
  }

  Dao dao_;
};

std::optional<Json> run_recovery(const Json& in) {
  Recovering recovering(in);
  Json results = Json::array();
  for (const Json& op : in.at("ops")) results.push_back(recovering.run(op));
  return Json{{"results", results}};
}

dao::assets::Points points_of(const Json& in, std::uint64_t from, std::uint64_t unit) {
  dao::assets::Points points;
  for (const Json& given : in.at("points")) {
    v1::SchedulePoint& point = *points.Add();
    point.set_at_ms(from + number(given.at(0)) * unit);
    point.set_sum(number(given.at(1)));
  }
  return points;
}

// A schedule from mira to noor, accepted at once; times are taken as seconds.
class Vesting {
 public:
  explicit Vesting(const Json& in) {
    v1::Action action;
    v1::OpenSchedule& open = *action.mutable_open_schedule();
    open.set_payee(dao_.account("noor").to_string());
    *open.mutable_points() = points_of(in, kGenesisMs, kSecond);
    open.set_total(number(in.at("total")));
    for (const Json& who : in.value("cancel_by", Json::array())) {
      open.set_cancel_by(open.cancel_by() | (who == "SOURCE" ? dao::assets::kCancelBySource
                                                             : dao::assets::kCancelByDao));
    }
    const bool runs =
        dao_.apply("mira", action).ok() && dao_.apply("noor", dao::test::accept_schedule(1)).ok();
    if (!runs) throw Malformed("mira has 10^9 base units");
  }

  std::string run(const Json& op) {
    advance(dao_, number(op.at(0)));
    const std::uint64_t mira = dao_.tokens("mira");
    const std::uint64_t noor = dao_.tokens("noor");
    std::string error;
    if (op.at(1) == "claim") {
      error = dao_.apply("noor", dao::test::claim_schedule(1, number(op.at(2)))).error();
    } else if (op.at(2) == "SOURCE") {
      error = dao_.apply("mira", dao::test::cancel_schedule(1)).error();
    } else {
      error = dao_.apply_as_dao(dao::test::cancel_schedule(1));
    }
    dao_.end_block();
    if (error != "Ok") return error;
    std::string result = "paid " + std::to_string(dao_.tokens("noor") - noor);
    if (op.at(1) == "cancel") result += " returned " + std::to_string(dao_.tokens("mira") - mira);
    return result;
  }
  std::string state() const {
    const auto schedule = dao::assets::find_schedule(dao_.state(), 1);
    return bare(v1::ScheduleState_Name(schedule->state()), "SCHEDULE_STATE_");
  }

 private:
  Dao dao_;
};

std::optional<Json> run_schedule(const Json& in) {
  const dao::assets::Points points = points_of(in, 0, 1);
  const auto checked = dao::assets::check_points(points, number(in.at("total")));
  if (!checked) return Json{{"error", error_of(checked)}};
  Json out{{"error", nullptr}};
  for (const Json& at : in.value("at", Json::array())) {
    out["vested"].push_back(dao::assets::vested(points, number(at)));
  }
  if (!in.contains("ops")) return out;
  Vesting vesting(in);
  for (const Json& op : in.at("ops")) out["results"].push_back(vesting.run(op));
  out["state"] = vesting.state();
  return out;
}

std::optional<Json> run_budget(const Json& in) {
  v1::Budget budget;
  budget.set_cap(number(in.at("cap")));
  budget.set_period_ms(number(in.at("period")));
  budget.set_from_ms(number(in.at("from")));
  budget.set_until_ms(number(in.at("until")));
  budget.set_per_payment(number_or(in, "per_payment", std::numeric_limits<std::uint64_t>::max()));
  budget.set_state(v1::BUDGET_STATE_ACTIVE);
  Json results = Json::array();
  for (const Json& op : in.at("ops")) {
    results.push_back(said(dao::treasury::charge(budget, number(op.at(0)), number(op.at(1)))));
  }
  return Json{{"results", results}};
}

// Every name is a fund, every batch a proposal that is voted through; an execution id that comes
// again is tried again.
class Batches {
 public:
  explicit Batches(const Json& in) : dao_(document_of(in, funds_)) {}

  std::string run(const Json& batch) {
    const std::string execution = batch.at("execution_id");
    const auto known = proposals_.find(execution);
    if (known != proposals_.end()) {
      dao_.pass_ms(5 * kSecond);
      const auto retried = dao_.apply("noor", dao::test::retry(known->second));
      dao_.end_block();
      return retried.ok() ? outcome(known->second) : retried.error();
    }
    std::vector<v1::Action> frozen;
    for (const Json& pay : batch.at("pay")) {
      frozen.push_back(
          dao::test::move_funds(funds_.at(pay.at(0)), funds_.at(pay.at(1)), number(pay.at(2))));
    }
    const std::uint64_t id = dao::test::open_voting(dao_, "mira", frozen);
    proposals_[execution] = id;
    dao::test::pass_vote(dao_, id);
    dao::test::pass_to(dao_, dao::test::proposal(dao_, id).eta_ms());
    return outcome(id);
  }

  Json balances() const {
    Json all;
    for (const auto& [name, fund] : funds_) all[name] = dao::test::fund_balance(dao_, fund);
    return all;
  }

 private:
  using Funds = std::map<std::string, std::uint32_t>;

  static v1::GenesisDocument document_of(const Json& in, Funds& funds) {
    v1::GenesisDocument document = dao::test::a_document();
    const auto add = [&](const std::string& name, std::uint64_t amount) {
      const auto id = static_cast<std::uint32_t>(document.funds_size()) + 1;
      if (!funds.emplace(name, id).second) return;
      v1::GenesisFund& fund = *document.add_funds();
      fund.set_id(id);
      fund.set_code("pot-" + std::to_string(id));
      fund.set_amount(amount);
    };
    for (const auto& [name, amount] : in.at("balances").items()) add(name, number(amount));
    for (const Json& batch : in.at("batches")) {
      for (const Json& pay : batch.at("pay")) {
        add(pay.at(0), 0);
        add(pay.at(1), 0);
      }
    }
    return document;
  }
  std::string outcome(std::uint64_t id) const {
    const v1::Proposal proposal = dao::test::proposal(dao_, id);
    if (proposal.state() == v1::PROPOSAL_STATE_EXECUTED) return "ok";
    const auto error = static_cast<dao::Error>(proposal.failure_code());
    return std::string{dao::name(error)} + "@" + std::to_string(proposal.failure_action());
  }

  Funds funds_;
  Dao dao_;
  std::map<std::string, std::uint64_t> proposals_;
};

std::optional<Json> run_batch(const Json& in) {
  Batches batches(in);
  Json results = Json::array();
  for (const Json& batch : in.at("batches")) results.push_back(batches.run(batch));
  return Json{{"results", results}, {"balances", batches.balances()}};
}

std::optional<Json> run_payout(const Json& in) {
  constexpr std::uint32_t kFund = 2;
  auto document = dao::test::a_document();
  document.mutable_funds(1)->set_amount(number(in.at("fund")));
  Dao dao(document);
  // Taken as seconds, so that the window is one that the constitution allows (G-6.1).
  dao::constitution::put_value(dao.state(), "treasury.acceptance_window",
                               number(in.at("window")) * kSecond);
  const std::string payee = in.at("known").get<bool>() ? "pavel" : "zed";
  const std::uint64_t before = dao.tokens(payee);
  const auto look = [&] {
    const auto payout = dao::treasury::find_payout(dao.state(), 1);
    return payout ? bare(v1::PayoutState_Name(payout->state()), "PAYOUT_STATE_") : std::string{};
  };
  Json results = Json::array();
  for (const Json& op : in.at("ops")) {
    advance(dao, number(op.at(0)));
    std::string error = "Ok";
    if (op.at(1) == "pay") {
      error = dao.apply_as_dao(dao::test::pay(kFund, number(op.at(2)), dao.account(payee)));
    } else if (op.at(1) == "accept") {
      error = dao.apply(payee, dao::test::accept_payout(1)).error();
    }
    results.push_back(error == "Ok" ? look() : error);
    dao.end_block();
  }
  return Json{{"results", results},
              {"free", dao::test::fund_balance(dao, kFund)},
              {"escrowed", dao::assets::escrowed(dao.state(), v1::ESCROW_OWNER_PAYOUT, 1, 0)},
              {"paid", dao.tokens(payee) - before}};
}

std::optional<Json> run_grant(const Json& in) {
  std::vector<std::uint32_t> bps;
  for (const Json& bp : in.at("bp")) bps.push_back(static_cast<std::uint32_t>(number(bp)));
  const auto checked = dao::treasury::check_tranches(bps);
  if (!checked) return Json{{"error", error_of(checked)}};
  return Json{{"error", nullptr},
              {"tranches", dao::treasury::tranche_amounts(number(in.at("total")), bps)}};
}

std::optional<Json> run_reached(const Json& in) {
  return Json{{"ok", dao::membership::reached(number(in.at("have")), number(in.at("need")))}};
}

constexpr Eval kEvals[] = {{"auth", run_auth},         {"keyset", run_keyset},
                           {"sequence", run_sequence}, {"recovery", run_recovery},
                           {"schedule", run_schedule}, {"budget", run_budget},
                           {"batch", run_batch},       {"payout", run_payout},
                           {"grant", run_grant},       {"reached", run_reached}};

}  // namespace

std::span<const Eval> money_evals() { return kEvals; }

}  // namespace salus::vectors
