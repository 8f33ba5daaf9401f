// Owns: the recount of the treasury: what each fund promises, what its ledger adds up to, and that
// each obligation has one origin and one due item (G-9.1 to G-9.7, G-12.4).
#include <map>
#include <set>

#include "base/u128.h"
#include "dao/assets/assets.h"
#include "dao/assets/schedules.h"
#include "dao/due.h"
#include "dao/treasury/treasury.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::treasury {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

template <typename Record, typename Visit>
void each(const Overlay& state, Table table, Visit visit) {
  const std::string prefix = Key{table}.str();
  state.scan(prefix, prefix, [&](std::string_view, std::string_view value) {
    visit(state::decode<Record>(value));
    return true;
  });
}

// What is recounted on the way over the obligations.
class Recount {
 public:
  explicit Recount(const Overlay& state) : state_(state) {}

  std::vector<std::string> run() {
    each<v1::Payout>(state_, Table::Payouts, [&](const v1::Payout& one) { check(one); });
    each<v1::Grant>(state_, Table::Grants, [&](const v1::Grant& one) { check(one); });
    each<v1::Stream>(state_, Table::Streams, [&](const v1::Stream& one) { check(one); });
    each<v1::Budget>(state_, Table::Budgets, [&](const v1::Budget& one) { check(one); });
    each<v1::FundEntry>(state_, Table::FundEntries, [&](const v1::FundEntry& one) { add(one); });
    check_books();
    for (const auto& queue : {expiries_, lapses_, ends_}) {
      expect(queue.empty(), "G-12.4: a due item of the treasury without its record");
    }
    return std::move(broken_);
  }

 private:
  using Pot = std::pair<std::uint32_t, std::uint32_t>;  // fund, asset
  using Queue = std::multiset<std::pair<std::string, std::uint64_t>>;

  void expect(bool holds, const std::string& sentence) {
    if (!holds) broken_.push_back(sentence);
  }

  void expect_queued(Queue& queue, std::uint64_t id, std::uint64_t at_ms, bool should,
                     const std::string& name) {
    const Bytes ref = due::ref_of(id);
    const auto item = queue.find({std::string{as_chars(ref)}, at_ms});
    expect(should == (item != queue.end()), "G-12.4: the end of " + name + " is not queued once");
    if (item != queue.end()) queue.erase(item);
  }

  void expect_new(const std::string& origin, const std::string& name) {
    expect(origins_.insert(origin).second, "G-9.5: " + name + " shares its origin with another");
  }

  void check(const v1::Payout& payout) {
    const std::string name = "payout " + std::to_string(payout.id());
    expect_new(payout.origin(), name);
    const bool waiting = payout.state() == v1::PAYOUT_STATE_WAITING;
    const std::uint64_t held =
        assets::escrowed(state_, v1::ESCROW_OWNER_PAYOUT, payout.id(), payout.asset());
    expect(held == (waiting ? payout.amount() : 0),
           "G-9.2: the escrow of " + name + " is not what it promises");
    promised_[{payout.fund(), payout.asset()}] += held;
    expect_queued(expiries_, payout.id(), payout.until_ms(), waiting, name);
  }

  void check(const v1::Grant& grant) {
    const std::string name = "grant " + std::to_string(grant.id());
    expect_new(grant.origin(), name);
    const bool pending = grant.state() == v1::GRANT_STATE_PENDING;
    const bool open = pending || grant.state() == v1::GRANT_STATE_ACTIVE;
    const std::uint64_t held =
        assets::escrowed(state_, v1::ESCROW_OWNER_GRANT, grant.id(), grant.asset());
    expect(held == (open ? unpaid(grant) : 0),
           "G-9.2: the escrow of " + name + " is not what it promises");
    promised_[{grant.fund(), grant.asset()}] += held;
    expect_queued(lapses_, grant.id(), grant.until_ms(), pending, name);
    std::vector<std::uint32_t> bps;
    for (const v1::Tranche& tranche : grant.tranches()) bps.push_back(tranche.bp());
    expect(check_tranches(bps).has_value(), "G-9.7: the parts of " + name + " are not whole");
    // In order: after the first that is not paid everything is untouched.
    const std::uint32_t next = next_tranche(grant);
    for (int i = 0; next != 0 && i < grant.tranches_size(); ++i) {
      const bool untouched = grant.tranches(i).state() == v1::TRANCHE_STATE_OPEN;
      expect(i < static_cast<int>(next) || untouched, "section 9: " + name + " paid out of order");
    }
    expect((next == 0) == (grant.state() == v1::GRANT_STATE_COMPLETED),
           "section 9: " + name + " is complete when all is paid");
  }

  void check(const v1::Stream& stream) {
    const auto schedule = assets::find_schedule(state_, stream.schedule());
    const std::string name = "stream " + std::to_string(stream.schedule());
    if (!schedule) return expect(false, "G-9.9: " + name + " has no schedule");
    expect_new(schedule->origin(), name);
    promised_[{stream.fund(), schedule->asset()}] +=
        assets::escrowed(state_, v1::ESCROW_OWNER_SCHEDULE, stream.schedule(), schedule->asset());
  }

  void check(const v1::Budget& budget) {
    const std::string name = "budget " + std::to_string(budget.id());
    expect(budget.spent() <= budget.cap(), "G-9.6: " + name + " is over its cap");
    expect(budget.period_ms() > 0 && budget.from_ms() < budget.until_ms(),
           "G-9.6: the times of " + name + " do not fit");
    expect_queued(ends_, budget.id(), budget.until_ms(), budget.state() == v1::BUDGET_STATE_ACTIVE,
                  name);
  }

  void add(const v1::FundEntry& entry) {
    const Pot pot{entry.fund(), entry.asset()};
    in_[pot] += entry.in();
    out_[pot] += entry.out();
    ++entries_[pot];
    expect(in_[pot] - out_[pot] == entry.balance(),
           "G-9.3: a line of fund " + std::to_string(entry.fund()) + " says another balance");
  }

  void check_books() {
    const std::string prefix = Key{Table::FundTotals}.str();
    state_.scan(prefix, prefix, [&](std::string_view key, std::string_view value) {
      ByteReader reader{as_bytes(key.substr(1))};
      const std::uint32_t id = reader.u32();
      const std::uint32_t asset = reader.u32();
      check_totals({id, asset}, state::decode<v1::FundTotals>(value));
      return true;
    });
    for (const auto& [pot, amount] : promised_) {
      expect(amount == totals(state_, pot.first, pot.second).promised(),
             "G-9.2: fund " + std::to_string(pot.first) + " promises something else");
    }
  }

  void check_totals(const Pot& pot, const v1::FundTotals& books) {
    const std::string name = "fund " + std::to_string(pot.first);
    const auto fund = find_fund(state_, pot.first);
    if (!fund) return expect(false, "G-9.3: books of " + name + ", which does not exist");
    const std::uint64_t balance = free_of(state_, *fund, pot.second);
    expect(books.in() - books.out() == balance, "G-9.3: in - out is not the balance of " + name);
    expect(in_[pot] - out_[pot] == balance, "G-9.3: the ledger of " + name + " does not add up");
    expect(entries_[pot] == books.entries(), "G-9.3: the ledger of " + name + " has gaps");
    promised_.try_emplace(pot, 0);
  }

  const Overlay& state_;
  Queue expiries_ = due::queued(state_, due::Kind::PayoutExpiry);
  Queue lapses_ = due::queued(state_, due::Kind::GrantLapse);
  Queue ends_ = due::queued(state_, due::Kind::BudgetEnd);
  std::set<std::string> origins_;
  std::map<Pot, U128> promised_;
  std::map<Pot, U128> in_;
  std::map<Pot, U128> out_;
  std::map<Pot, std::uint64_t> entries_;
  std::vector<std::string> broken_;
};

}  // namespace

std::vector<std::string> broken_invariants(const Overlay& state) { return Recount{state}.run(); }

}  // namespace salus::dao::treasury
