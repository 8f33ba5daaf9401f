// Owns: the recount.
#include "dao/books.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/u128.h"
#include "salus/v1/accounts.pb.h"
#include "salus/v1/assets.pb.h"
#include "salus/v1/membership.pb.h"
#include "salus/v1/treasury.pb.h"
#include "state/table.h"

namespace salus::dao::test {

namespace {

using state::Overlay;
using state::Table;

constexpr std::uint64_t kMicroVotes = 1'000'000;

std::string prefix_of(Table table) { return std::string(1, static_cast<char>(table)); }

// Every record of a table with its key, without the table byte.
template <typename Message, typename Visit>
void each(const Overlay& state, Table table, const std::string& key, Visit visit) {
  const std::string prefix = prefix_of(table) + key;
  state.scan(prefix, prefix, [&](std::string_view found, std::string_view value) {
    Message message;
    EXPECT_TRUE(message.ParseFromArray(value.data(), static_cast<int>(value.size())));
    visit(found.substr(1), message);
    return true;
  });
}

std::string big_endian(std::uint64_t number) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(number >> shift));
  return out;
}

bool is_terminal(v1::ProposalState state) { return state >= v1::PROPOSAL_STATE_EXECUTED; }
bool is_voting(v1::ProposalState state) {
  return state >= v1::PROPOSAL_STATE_VOTING && state <= v1::PROPOSAL_STATE_OBJECTION;
}
bool has_passed(v1::ProposalState state) {
  return state >= v1::PROPOSAL_STATE_TIMELOCK && state <= v1::PROPOSAL_STATE_EXECUTED;
}

std::string name_of(const v1::Proposal& proposal) {
  return "proposal " + std::to_string(proposal.id()) + " " +
         v1::ProposalState_Name(proposal.state());
}

std::uint64_t attribute(const v1::Event& event, v1::EventField field) {
  for (const v1::EventAttribute& one : event.attributes()) {
    if (one.field() == field) return one.value();
  }
  ADD_FAILURE() << v1::EventKind_Name(event.kind()) << " without " << v1::EventField_Name(field);
  return 0;
}

std::vector<v1::Tally> tallies(const Overlay& state, std::uint64_t proposal) {
  std::vector<v1::Tally> all;
  each<v1::Tally>(state, Table::Tallies, big_endian(proposal),
                  [&](std::string_view, const v1::Tally& tally) { all.push_back(tally); });
  return all;
}

// Section 8 in its own words; true if the proposal passes and no chamber vetoes.
bool passes(const v1::EffectiveTrack& track, const std::vector<v1::Tally>& tallies) {
  bool anybody = false;
  std::map<int, int> vetoing;  // by place in veto_groups_bp
  bool vetoed = false;
  for (const v1::TrackChamber& rule : track.rules().chambers()) {
    const auto found = std::ranges::find(tallies, rule.chamber(), &v1::Tally::chamber);
    if (found == tallies.end()) return false;
    const v1::Tally& t = *found;
    if (t.too_small()) return false;
    if (t.left_out()) continue;
    const U128 e = t.eligible() - t.recused();
    const U128 yes = U128{t.yes()} * 10'000;
    if (rule.mode() == v1::CHAMBER_MODE_REQUIRED) {
      anybody = true;
      if (e == 0) return false;
      if (yes <= (U128{t.yes()} + t.no() + t.veto()) * rule.approval_bp()) return false;
      if ((U128{t.yes()} + t.abstain()) * 10'000 < e * rule.support_bp()) return false;
      if (yes < e * rule.min_approval_bp()) return false;
    }
    const auto at = [&](std::uint32_t bp) {
      return t.veto() > 0 &&
             U128{t.veto()} * 10'000 >= (U128{t.yes()} + t.abstain() + t.veto()) * bp &&
             U128{t.veto()} * 10'000 >= e * track.veto_floor_bp();
    };
    vetoed = vetoed || (rule.reserved_veto_bp() > 0 && at(rule.reserved_veto_bp()));
    for (int i = 0; i < track.veto_groups_bp_size(); ++i) vetoing[i] += at(track.veto_groups_bp(i));
  }
  for (const auto& [place, chambers] : vetoing) {
    vetoed = vetoed || (track.rules().group_veto() && chambers >= place + 2);
  }
  return anybody && !vetoed;
}

}  // namespace

Books::Books(const Overlay& genesis) {
  each<v1::Asset>(genesis, Table::Assets, "", [&](std::string_view, const v1::Asset& asset) {
    supply_[asset.id()] = asset.supply();
  });
}

void Books::note(const std::string& signer, const std::vector<v1::Action>& actions,
                 const v1::TxResult& result, const Changes& changes, const Overlay& before) {
  const std::string key = prefix_of(Table::Accounts) + signer;
  const auto account = changes.find(key);
  ASSERT_NE(account, changes.end()) << "G-2.4: a transaction always uses its sequence";
  v1::Account then;
  v1::Account now;
  ASSERT_TRUE(then.ParseFromString(before.get(key).value_or("")));
  ASSERT_TRUE(now.ParseFromString(account->second.value_or("")));
  EXPECT_EQ(now.next_sequence(), then.next_sequence() + 1) << "G-2.4";

  if (result.code() != v1::ERROR_CODE_UNSPECIFIED) {
    EXPECT_EQ(changes.size(), 1U) << "G-1.5: a refused transaction changes nothing else";
    now.set_next_sequence(then.next_sequence());
    EXPECT_EQ(now.SerializeAsString(), then.SerializeAsString()) << "G-1.5";
    EXPECT_EQ(result.events_size(), 0) << "G-1.9";
    EXPECT_LT(result.action_index(), actions.size());
    return;
  }
  // The ids of new proposals stand in the events, in the order of the actions.
  std::vector<std::uint64_t> submitted;
  for (const v1::Event& event : result.events()) {
    if (event.kind() == v1::EVENT_KIND_PROPOSAL_SUBMITTED) {
      submitted.push_back(attribute(event, v1::EVENT_FIELD_PROPOSAL));
    }
  }
  std::size_t next = 0;
  for (const v1::Action& action : actions) {
    if (action.has_submit()) {
      ASSERT_LT(next, submitted.size());
      Known& known = proposals_[submitted[next++]];
      if (action.submit().deposit() > 0) known.paid_in[signer] += action.submit().deposit();
    }
    note_action(signer, action);
  }
  note_events(result.events());
}

void Books::note_action(const std::string& signer, const v1::Action& action) {
  if (action.has_top_up()) {
    proposals_[action.top_up().proposal()].paid_in[signer] += action.top_up().amount();
  }
  if (action.has_mint()) supply_[action.mint().asset()] += action.mint().amount();
  if (action.has_burn()) supply_[action.burn().asset()] -= action.burn().amount();
  if (action.has_vote()) {
    Ballot ballot;
    for (const v1::BallotPart& part : action.vote().parts()) ballot[part.choice()] = part.part();
    proposals_[action.vote().proposal()].ballots[signer] = ballot;
  }
}

void Books::note_events(const google::protobuf::RepeatedPtrField<v1::Event>& events) {
  for (const v1::Event& event : events) note_event(event);
}

void Books::note_event(const v1::Event& event) {
  if (event.kind() == v1::EVENT_KIND_DEPOSIT_RETURNED) {
    Known& known = proposals_[attribute(event, v1::EVENT_FIELD_PROPOSAL)];
    const bool first =
        known.returned.emplace(event.accounts(0), attribute(event, v1::EVENT_FIELD_AMOUNT)).second;
    EXPECT_TRUE(first) << "G-7.4: a deposit was returned twice";
  }
  if (event.kind() == v1::EVENT_KIND_DEPOSIT_SLASHED) {
    Known& known = proposals_[attribute(event, v1::EVENT_FIELD_PROPOSAL)];
    EXPECT_FALSE(known.fined) << "G-7.4: deposits were kept twice";
    known.fined = true;
    known.kept = attribute(event, v1::EVENT_FIELD_AMOUNT);
  }
}

void Books::close(std::uint64_t now_ms, const std::vector<v1::Event>& due_events,
                  const Overlay& state) {
  for (const v1::Event& event : due_events) note_event(event);
  std::vector<v1::Proposal> all;
  each<v1::Proposal>(state, Table::Proposals, "",
                     [&](std::string_view, const v1::Proposal& one) { all.push_back(one); });
  EXPECT_EQ(all.size(), proposals_.size());
  for (const v1::Proposal& one : all) {
    SCOPED_TRACE(name_of(one));
    check_proposal(now_ms, one, state);
  }
  check_money(state);
  check_funds(state);
  check_payouts(state);
  check_executions(state);
}

void Books::check_money(const Overlay& state) {
  std::map<std::uint32_t, std::uint64_t> held;
  each<v1::Balance>(state, Table::Balances, "", [&](std::string_view, const v1::Balance& one) {
    held[one.asset()] += one.amount();
  });
  each<v1::Escrow>(state, Table::Escrows, "", [&](std::string_view, const v1::Escrow& one) {
    EXPECT_LE(one.out(), one.in()) << "G-3.2";
    held[one.asset()] += one.in() - one.out();
  });
  each<v1::Asset>(state, Table::Assets, "", [&](std::string_view, const v1::Asset& asset) {
    EXPECT_EQ(asset.supply(), supply_[asset.id()]) << "G-3.1: only Mint and Burn change supply";
    EXPECT_EQ(held[asset.id()], asset.supply()) << "G-3.1: asset " << asset.id();
  });
}

void Books::check_funds(const Overlay& state) {
  each<v1::Fund>(state, Table::Funds, "", [&](std::string_view key, const v1::Fund& fund) {
    std::map<std::uint32_t, std::uint64_t> balances;
    each<v1::Balance>(
        state, Table::Balances, fund.account(),
        [&](std::string_view, const v1::Balance& one) { balances[one.asset()] = one.amount(); });
    std::map<std::uint32_t, std::uint64_t> booked;
    const std::string id{key};
    each<v1::FundTotals>(state, Table::FundTotals, id,
                         [&](std::string_view at, const v1::FundTotals& totals) {
                           const auto asset = static_cast<std::uint32_t>(at[at.size() - 1]);
                           booked[asset] = totals.in() - totals.out();
                         });
    for (const auto& [asset, amount] : balances) EXPECT_EQ(booked[asset], amount) << "G-9.3";
  });
}

void Books::check_payouts(const Overlay& state) {
  std::map<std::uint64_t, int> paid;
  std::set<std::string> origins;
  each<v1::Payout>(state, Table::Payouts, "", [&](std::string_view, const v1::Payout& payout) {
    EXPECT_TRUE(origins.insert(payout.origin()).second) << "G-9.5: paid twice";
    ++paid[payout.proposal()];
  });
  for (const auto& [id, known] : proposals_) {
    int promised = 0;
    for (const v1::ProposalOption& option : known.last.options()) {
      promised += static_cast<int>(std::ranges::count_if(option.actions(), &v1::Action::has_pay));
    }
    const bool done = known.last.state() == v1::PROPOSAL_STATE_EXECUTED;
    EXPECT_EQ(paid[id], done ? promised : 0) << "G-9.1: payouts of proposal " << id;
  }
}

void Books::check_executions(const Overlay& state) {
  std::set<std::string> done;
  each<v1::Execution>(state, Table::Executions, "",
                      [&](std::string_view, const v1::Execution& one) {
                        EXPECT_EQ(one.state(), v1::EXECUTION_STATE_DONE);
                        done.insert(one.id());
                      });
  std::set<std::string> executed;
  for (const auto& [id, known] : proposals_) {
    if (known.last.state() != v1::PROPOSAL_STATE_EXECUTED) continue;
    EXPECT_TRUE(executed.insert(known.last.execution_id()).second) << "G-7.13";
  }
  EXPECT_EQ(done, executed) << "G-7.13: what is marked as done was executed, once";
}

void Books::check_proposal(std::uint64_t now_ms, const v1::Proposal& now, const Overlay& state) {
  Known& known = proposals_[now.id()];
  const v1::ProposalState then = known.last.state();
  if (is_terminal(then)) {
    // The sweep of its ballots may come and go.
    v1::Proposal same = now;
    same.set_due_ms(known.last.due_ms());
    EXPECT_EQ(same.SerializeAsString(), known.last.SerializeAsString())
        << "what ended never changes again";
    known.last = now;
    return;
  }
  if (is_voting(now.state()) && !is_voting(then)) {
    each<v1::WeightHistory>(
        state, Table::Weights, "", [&](std::string_view account, const v1::WeightHistory& history) {
          for (const v1::WeightPoint& point : history.points()) {
            if (point.since() > now.power_snapshot()) break;
            known.electorate[std::string{account}] = {point.chamber(), point.weight()};
          }
        });
  }
  if (is_voting(now.state())) check_electorate(known, now, state);
  if (is_voting(now.state()) || is_voting(then)) check_ballots(known, now, state);
  if (now.state() == v1::PROPOSAL_STATE_TIMELOCK && then != v1::PROPOSAL_STATE_TIMELOCK) {
    known.locked_at_ms = now_ms;
  }
  if (now.state() != then) check_move(now_ms, known, now, state);
  check_deposits(known, now);
  known.last = now;
}

void Books::check_move(std::uint64_t now_ms, const Known& known, const v1::Proposal& now,
                       const Overlay& state) {
  ++ends_[v1::ProposalState_Name(now.state())];
  const v1::ProposalState then = known.last.state();
  if (now.state() == v1::PROPOSAL_STATE_EXECUTED) {
    EXPECT_TRUE(then == v1::PROPOSAL_STATE_TIMELOCK || then == v1::PROPOSAL_STATE_FAILED)
        << "G-7.6: no track executes at once";
    EXPECT_GE(now_ms, known.last.eta_ms()) << "G-8.19";
    EXPECT_LT(now_ms, known.last.grace_until_ms()) << "G-8.19";
    EXPECT_GE(known.last.eta_ms(),
              known.locked_at_ms + known.last.effective().rules().timelock_min_ms())
        << "G-7.9";
    for (const v1::ProposalOption& option : now.options()) {
      for (const v1::Action& action : option.actions()) {
        if (action.has_mint()) supply_[action.mint().asset()] += action.mint().amount();
      }
    }
  }
  if (has_passed(now.state())) {
    EXPECT_TRUE(passes(now.effective(), tallies(state, now.id()))) << "G-8.22: it did not pass";
  }
  if (now.state() == v1::PROPOSAL_STATE_REJECTED || now.state() == v1::PROPOSAL_STATE_VETOED) {
    EXPECT_TRUE(is_voting(then));
    EXPECT_FALSE(passes(now.effective(), tallies(state, now.id()))) << "G-8.22: it passed";
  }
}

void Books::check_electorate(const Known& known, const v1::Proposal& now, const Overlay& state) {
  // What weighed at the power snapshot weighs for ever (G-5.6).
  each<v1::WeightHistory>(
      state, Table::Weights, "", [&](std::string_view account, const v1::WeightHistory& history) {
        Weight weight;
        for (const v1::WeightPoint& point : history.points()) {
          if (point.since() > now.power_snapshot()) break;
          weight = {point.chamber(), point.weight()};
        }
        const auto then = known.electorate.find(std::string{account});
        EXPECT_EQ(weight, then == known.electorate.end() ? Weight{} : then->second) << "G-5.6";
      });
}

void Books::check_ballots(const Known& known, const v1::Proposal& now, const Overlay& state) {
  std::map<std::uint32_t, std::map<int, std::uint64_t>> counted;
  std::map<std::uint32_t, std::uint32_t> voters;
  const std::set<std::string> recused(now.recused().begin(), now.recused().end());
  for (const auto& [account, ballot] : known.ballots) {
    if (recused.contains(account)) continue;
    const Weight weight = known.electorate.at(account);
    ++voters[weight.chamber];
    std::uint64_t whole = 0;
    for (const auto& [choice, part] : ballot) whole += part;
    U128 before = 0;
    const U128 power = U128{weight.units} * kMicroVotes;
    for (const auto& [choice, part] : ballot) {
      counted[weight.chamber][choice] +=
          static_cast<std::uint64_t>(power * (before + part) / whole - power * before / whole);
      before += part;
    }
  }
  std::map<std::uint32_t, std::uint64_t> eligible;
  for (const auto& [account, weight] : known.electorate) {
    eligible[weight.chamber] += weight.units * kMicroVotes;
  }
  for (const v1::Tally& tally : tallies(state, now.id())) {
    auto& chamber = counted[tally.chamber()];
    EXPECT_EQ(tally.yes(), chamber[v1::CHOICE_YES]) << "G-5.12";
    EXPECT_EQ(tally.no(), chamber[v1::CHOICE_NO]) << "G-5.12";
    EXPECT_EQ(tally.abstain(), chamber[v1::CHOICE_ABSTAIN]) << "G-5.12";
    EXPECT_EQ(tally.veto(), chamber[v1::CHOICE_VETO]) << "G-5.12";
    EXPECT_EQ(tally.voters(), voters[tally.chamber()]) << "G-5.13: one ballot a member";
    EXPECT_EQ(tally.eligible(), eligible[tally.chamber()]) << "G-5.6";
    EXPECT_LE(tally.yes() + tally.no() + tally.abstain() + tally.veto() + tally.recused(),
              tally.eligible())
        << "G-5.12: more was cast than there is";
  }
  std::size_t stances = 0;
  each<v1::Stance>(state, Table::Stances, big_endian(now.id()),
                   [&](std::string_view, const v1::Stance& stance) {
                     ++stances;
                     EXPECT_TRUE(known.ballots.contains(stance.account()));
                   });
  EXPECT_EQ(stances, known.ballots.size()) << "G-5.13";
}

void Books::check_deposits(const Known& known, const v1::Proposal& now) {
  std::uint64_t in = 0;
  for (const auto& [account, amount] : known.paid_in) in += amount;
  std::uint64_t back = 0;
  for (const auto& [account, amount] : known.returned) {
    const auto paid = known.paid_in.find(account);
    EXPECT_TRUE(paid != known.paid_in.end() && amount <= paid->second) << "G-7.4";
    back += amount;
  }
  const bool settled = now.state() >= v1::PROPOSAL_STATE_TIMELOCK;
  EXPECT_EQ(back + known.kept, settled ? in : 0) << "G-7.4: settled exactly once";
  if (known.kept == 0) return;
  const bool may_keep = now.state() == v1::PROPOSAL_STATE_REJECTED ||
                        now.state() == v1::PROPOSAL_STATE_LAPSED ||
                        now.state() == v1::PROPOSAL_STATE_CANCELLED;
  EXPECT_TRUE(may_keep) << "G-7.4: what passed, was vetoed or expired pays nothing";
}

}  // namespace salus::dao::test
