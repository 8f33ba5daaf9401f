// Owns: the definition: each member's power stops at the first voters on its way; what meets nobody
// counts nowhere.
#include "dao/governance/recount.h"

#include <algorithm>
#include <string>

#include "base/assert.h"
#include "base/ids.h"
#include "base/u128.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::governance {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

constexpr std::uint64_t kMicroVotes = 1'000'000;

// What stood at the snapshot, read from the first point to the last.
template <typename History>
auto value_at(const History& history, std::uint64_t snapshot) {
  std::remove_cvref_t<decltype(history.points(0))> value;
  for (const auto& point : history.points()) {
    if (point.since() <= snapshot) value = point;
  }
  return value;
}

struct Election {
  const Overlay& state;
  const v1::Proposal& proposal;
  std::map<std::string, v1::WeightPoint> weights;
  std::map<std::string, v1::DelegationPoint> delegations;
  std::map<std::string, v1::Stance> ballots;
  // What each voter carries, micro-votes.
  std::map<std::string, U128> carried;

  bool is_recused(const std::string& account) const {
    return std::ranges::find(proposal.recused(), account) != proposal.recused().end();
  }
  bool stops(const std::string& account) const {
    return ballots.contains(account) || is_recused(account);
  }

  void read() {
    const std::uint64_t s = proposal.power_snapshot();
    const std::string weight_table = Key{Table::Weights}.str();
    state.scan(weight_table, weight_table, [&](std::string_view key, std::string_view value) {
      const auto point = value_at(state::decode<v1::WeightHistory>(value), s);
      weights[std::string{key.substr(1)}] = point;
      return true;
    });
    const std::string delegation_table = Key{Table::Delegations}.str();
    state.scan(delegation_table, delegation_table, [&](std::string_view key, std::string_view v) {
      if (static_cast<unsigned char>(key.back()) != proposal.lead()) return true;
      const std::string account{key.substr(1, AccountId::kSize)};
      delegations[account] = value_at(state::decode<v1::DelegationHistory>(v), s);
      return true;
    });
    const std::string stances = Key{Table::Stances}.u64(proposal.id()).str();
    state.scan(stances, stances, [&](std::string_view, std::string_view value) {
      auto stance = state::decode<v1::Stance>(value);
      if (stance.cast()) ballots[stance.account()] = std::move(stance);
      return true;
    });
  }

  void push(const std::string& from, U128 amount, int hops) {
    if (stops(from)) {
      carried[from] += amount;
      return;
    }
    if (hops == 3 || !proposal.effective().rules().delegation() ||
        proposal.scheme() == v1::SCHEME_QUADRATIC) {
      return;
    }
    for (const v1::DelegationEdge& edge : delegations[from].targets()) {
      const v1::WeightPoint& to = weights[edge.to()];
      if (to.serial() != edge.serial() || to.chamber() != weights[from].chamber()) continue;
      push(edge.to(), amount * edge.share() / 100, hops + 1);
    }
  }
};

void add(std::uint64_t amount, const v1::BallotPart& part, v1::Tally& tally) {
  switch (part.choice()) {
    case v1::CHOICE_YES:
      return tally.set_yes(tally.yes() + amount);
    case v1::CHOICE_NO:
      return tally.set_no(tally.no() + amount);
    case v1::CHOICE_ABSTAIN:
      return tally.set_abstain(tally.abstain() + amount);
    case v1::CHOICE_VETO:
      return tally.set_veto(tally.veto() + amount);
    case v1::CHOICE_NONE:
      return tally.set_none(tally.none() + amount);
    default: {
      const int place = static_cast<int>(part.option()) - 1;
      return tally.set_options(place, tally.options(place) + amount);
    }
  }
}

// The definition of G-8.2: what the first i parts are due, less what the first i - 1 were.
void add_parts(const v1::Stance& ballot, U128 power, v1::Tally& tally) {
  const auto order = [](const v1::BallotPart& part) {
    constexpr int kOrder[] = {0, 1'001, 1'002, 1'004, 1'005, 1'003};
    return part.choice() == v1::CHOICE_OPTION ? static_cast<int>(part.option())
                                              : kOrder[static_cast<int>(part.choice())];
  };
  std::map<int, v1::BallotPart> parts;
  std::uint64_t whole = 0;
  for (const v1::BallotPart& part : ballot.parts()) {
    parts[order(part)] = part;
    whole += part.part();
  }
  std::uint64_t before = 0;
  for (const auto& [place, part] : parts) {
    const U128 piece = power * (before + part.part()) / whole - power * before / whole;
    add(static_cast<std::uint64_t>(piece), part, tally);
    before += part.part();
  }
}

void add_ballot(v1::Scheme scheme, const v1::Stance& ballot, U128 power, v1::Tally& tally) {
  const bool for_an_option = std::ranges::any_of(ballot.votes(), [](const v1::OptionVotes& entry) {
    return entry.option() > 0 && entry.votes() > 0;
  });
  if (scheme != v1::SCHEME_QUADRATIC || for_an_option) tally.set_voters(tally.voters() + 1);
  const auto amount = static_cast<std::uint64_t>(power);
  if (scheme == v1::SCHEME_APPROVAL) {
    tally.set_cast(tally.cast() + amount);
    if (ballot.options().empty()) tally.set_empty(tally.empty() + amount);
    for (const std::uint32_t option : ballot.options()) {
      const int place = static_cast<int>(option) - 1;
      tally.set_options(place, tally.options(place) + amount);
    }
    return;
  }
  if (scheme == v1::SCHEME_QUADRATIC) {
    for (const v1::OptionVotes& entry : ballot.votes()) {
      const int place = static_cast<int>(entry.option()) - 1;
      if (place < 0) {
        tally.set_none(tally.none() + entry.votes());
      } else {
        tally.set_options(place, tally.options(place) + entry.votes());
      }
    }
    return;
  }
  add_parts(ballot, power, tally);
}

}  // namespace

Recount recount(const Overlay& state, const v1::Proposal& proposal) {
  Election election{.state = state,
                    .proposal = proposal,
                    .weights = {},
                    .delegations = {},
                    .ballots = {},
                    .carried = {}};
  election.read();
  const auto weights = election.weights;
  for (const auto& [account, point] : weights) {
    if (point.weight() > 0) election.push(account, U128{point.weight()} * kMicroVotes, 0);
  }
  Recount chambers;
  for (const auto& [account, ballot] : election.ballots) {
    if (election.is_recused(account)) continue;
    v1::Tally& tally = chambers[election.weights[account].chamber()];
    const bool by_option = proposal.scheme() == v1::SCHEME_CHOICE ||
                           proposal.scheme() == v1::SCHEME_APPROVAL ||
                           proposal.scheme() == v1::SCHEME_QUADRATIC;
    while (by_option && tally.options_size() < proposal.options_size()) tally.add_options(0);
    add_ballot(proposal.scheme(), ballot, election.carried[account], tally);
  }
  return chambers;
}

bool same_counters(const v1::Tally& stored, const v1::Tally& counted) {
  const auto option = [](const v1::Tally& tally, int i) {
    return i < tally.options_size() ? tally.options(i) : 0;
  };
  for (int i = 0; i < std::max(stored.options_size(), counted.options_size()); ++i) {
    if (option(stored, i) != option(counted, i)) return false;
  }
  return stored.yes() == counted.yes() && stored.no() == counted.no() &&
         stored.abstain() == counted.abstain() && stored.veto() == counted.veto() &&
         stored.none() == counted.none() && stored.cast() == counted.cast() &&
         stored.empty() == counted.empty() && stored.voters() == counted.voters();
}

}  // namespace salus::dao::governance
