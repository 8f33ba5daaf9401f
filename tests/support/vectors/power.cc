// Owns: the runners of section 5: power through delegation, in every order of its ballots, and
// histories.
#include "dao/power/power.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "dao/due.h"
#include "dao/governance/casting.h"
#include "dao/governance/governance.h"
#include "dao/governance/proposals.h"
#include "dao/governance/verdict.h"
#include "dao/power/delegation.h"
#include "dao/power/tables.h"
#include "state/record.h"
#include "support/vectors/ground.h"
#include "support/vectors/voting.h"

namespace salus::vectors {

namespace {

namespace gov = salus::dao::governance;
namespace power = salus::dao::power;

std::string word(const Json& op, std::size_t place) { return op.at(place).get<std::string>(); }

// The chambers that the members of a vector ever stand in.
std::set<std::uint32_t> chambers_of(const Json& ops) {
  std::set<std::uint32_t> chambers{1};
  for (const Json& op : ops) {
    if (op.at(0) == "member" || op.at(0) == "chamber") {
      chambers.insert(static_cast<std::uint32_t>(number(op.at(2))));
    }
  }
  return chambers;
}

// One run of the operations in one order.
class Election {
 public:
  explicit Election(const Json& in) {
    v1::Track track;
    for (const std::uint32_t id : chambers_of(in.at("ops"))) {
      ground_.set_chamber(id, 0, true);
      v1::TrackChamber& chamber = *track.add_chambers();
      chamber.set_chamber(id);
      chamber.set_mode(v1::CHAMBER_MODE_REQUIRED);
      chamber.set_if_small(v1::IF_SMALL_SKIP);
    }
    track.set_voting_ms(kForever);
    track.set_delegation(in.value("delegation", true));
    ground_.set_track(track);
    if (in.contains("term_max")) {
      ground_.set_parameter("governance.delegation_term_max", number(in.at("term_max")));
    }
  }

  void run(const Json& op, std::size_t place) {
    const std::string what = word(op, 0);
    std::string error;
    if (what == "member") {
      add_member(word(op, 1), static_cast<std::uint32_t>(number(op.at(2))), number(op.at(3)));
    } else if (what == "delegate") {
      error = delegate(op);
    } else if (what == "clear") {
      v1::ClearDelegation action;
      action.set_track(kTrack);
      error = apply(word(op, 1), action);
    } else if (what == "weight") {
      error = weigh(word(op, 1), chamber_[word(op, 1)], number(op.at(2)));
    } else if (what == "chamber") {
      error = weigh(word(op, 1), static_cast<std::uint32_t>(number(op.at(2))), number(op.at(3)));
    } else if (what == "close_profile") {
      v1::SetDelegateProfile action;
      action.set_statement_hash(std::string(Hash::kSize, '\x01'));
      error = apply(word(op, 1), action);
    } else if (what == "time") {
      move_to(number(op.at(1)));
    } else if (what == "start") {
      start(word(op, 1), op.size() > 2 ? op.at(2) : Json::array());
    } else if (what == "vote") {
      error = vote(word(op, 1), word(op, 2), op.at(3));
    } else if (what == "recuse") {
      v1::DeclareConflict action;
      action.set_proposal(proposals_.at(word(op, 1)));
      error = govern(word(op, 2), action);
    } else {
      throw Malformed("no operation \"" + what + "\"");
    }
    if (!error.empty()) errors_[std::to_string(place)] = document_name(error);
  }

  Json answer() {
    Json counters = Json::object();
    Json eligible = Json::object();
    for (const auto& [name, id] : proposals_) {
      counters[name] = Json::object();
      eligible[name] = Json::object();
      for (const v1::Tally& tally : gov::tallies(ground_.state(), proposal(id))) {
        const std::string chamber = std::to_string(tally.chamber());
        const Json counted = counters_of(tally);
        if (!counted.empty()) counters[name][chamber] = counted;
        if (gov::eligible(tally) > 0) eligible[name][chamber] = gov::eligible(tally);
      }
    }
    Json received = Json::object();
    for (const auto& [name, chamber] : chamber_) {
      const power::Hops hops = power::received_now(ground_.state(), Ground::account(name), kTrack);
      received[name] = {hops[0], hops[1], hops[2]};
    }
    return Json{{"errors", errors_},
                {"counters", counters},
                {"eligible", eligible},
                {"received", received}};
  }

 private:
  v1::Proposal proposal(std::uint64_t id) {
    return gov::find_proposal(ground_.state(), id).value_or(v1::Proposal{});
  }

  static Json counters_of(const v1::Tally& tally) {
    Json out = Json::object();
    const auto add = [&](const std::string& name, std::uint64_t value) {
      if (value != 0) out[name] = value;
    };
    add("yes", tally.yes());
    add("no", tally.no());
    add("abstain", tally.abstain());
    add("veto", tally.veto());
    return out;
  }

  template <typename Action>
  std::string apply(const std::string& name, const Action& action) {
    return ground_.act(Ground::account(name), dao::Authority::Member,
                       [&](dao::ActionContext& context, state::Overlay& state) -> dao::Outcome {
                         if (auto shape = power::check(action); !shape) return shape;
                         return power::apply(action, context, state);
                       });
  }
  template <typename Action>
  std::string govern(const std::string& name, const Action& action) {
    return ground_.act(Ground::account(name), dao::Authority::Member,
                       [&](dao::ActionContext& context, state::Overlay& state) -> dao::Outcome {
                         if (auto shape = gov::check(action); !shape) return shape;
                         return gov::apply(action, context, state);
                       });
  }

  std::string weigh(const std::string& name, std::uint32_t chamber, std::uint64_t units) {
    const auto set = power::set_weight(ground_.state(), Ground::account(name), chamber, units);
    chamber_[name] = chamber;
    return set ? std::string{} : std::string{dao::name(set.error())};
  }

  // Profiles are open unless closed.
  void add_member(const std::string& name, std::uint32_t chamber, std::uint64_t units) {
    if (const std::string error = weigh(name, chamber, units); !error.empty()) {
      throw Malformed("member " + name + ": " + error);
    }
    v1::DelegateProfile profile;
    profile.set_account(Ground::account(name).to_string());
    profile.set_open(true);
    profile.set_statement_hash(std::string(Hash::kSize, '\x01'));
    state::put(ground_.state(), power::profile_key(Ground::account(name)), profile);
  }

  std::string delegate(const Json& op) {
    v1::SetDelegation action;
    action.set_track(kTrack);
    for (const Json& target : op.at(2)) {
      v1::DelegationTarget& to = *action.add_targets();
      to.set_to(Ground::account(word(target, 0)).to_string());
      to.set_share(static_cast<std::uint32_t>(number(target.at(1))));
    }
    const std::uint64_t until = op.size() > 3 ? number(op.at(3)) : ground_.now() + 1'000;
    action.set_until_ms(ground_.at(until));
    return apply(word(op, 1), action);
  }

  // What lapses by then has lapsed.
  void move_to(std::uint64_t time) {
    ground_.move_to(time);
    const std::uint64_t now = ground_.at(time);
    while (const auto item = dao::due::first_due(ground_.state(), dao::due::Class::Lapses, now)) {
      dao::due::remove(ground_.state(), *item);
      if (item->kind() != static_cast<std::uint32_t>(dao::due::Kind::DelegationEnd)) continue;
      std::vector<v1::Event> events;
      power::end_delegation(ground_.state(), as_bytes(item->ref()), events);
    }
  }

  // A proposal whose notice is over: its due item opens the voting.
  void start(const std::string& name, const Json& recused) {
    state::Overlay& state = ground_.state();
    v1::Proposal proposal;
    proposal.set_id(gov::take_proposal_id(state));
    proposal.set_version(1);
    proposal.set_proposer(Ground::account(name).to_string());
    proposal.set_lead(kTrack);
    proposal.set_scheme(v1::SCHEME_YES_NO);
    proposal.add_options();
    proposal.set_payload_hash(Ground::account(name).to_string());
    proposal.set_state(v1::PROPOSAL_STATE_NOTICE);
    proposal.set_phase_until_ms(ground_.at(ground_.now()));
    for (const Json& account : recused) {
      proposal.add_recused(Ground::account(account.get<std::string>()).to_string());
    }
    gov::put_proposal(state, proposal);
    std::vector<v1::Event> events;
    gov::on_due(dao::due::Kind::VotingStart, dao::due::ref_of(proposal.id()), ground_.block(),
                state, events, {});
    proposals_[name] = proposal.id();
  }

  std::string vote(const std::string& name, const std::string& who, const Json& parts) {
    v1::Vote action;
    action.set_proposal(proposals_.at(name));
    for (const auto& [choice, part] : parts.items())
      *action.add_parts() = part_of(choice, number(part));
    return govern(who, action);
  }

  Ground ground_;
  std::map<std::string, std::uint32_t> chamber_;
  std::map<std::string, std::uint64_t> proposals_;
  Json errors_ = Json::object();
};

Json run_in(const Json& in, const std::vector<std::size_t>& order) {
  Election election(in);
  for (const std::size_t place : order) election.run(in.at("ops").at(place), place);
  return election.answer();
}

}  // namespace

std::optional<Json> run_power(const Json& in) {
  std::vector<std::size_t> order(in.at("ops").size());
  std::iota(order.begin(), order.end(), 0U);
  Json first = run_in(in, order);
  if (!in.contains("permute")) return first;
  const std::size_t from = number(in.at("permute").at(0));
  const std::size_t to = number(in.at("permute").at(1));
  if (from > to || to > order.size() || to - from > 7) throw Malformed("permute is out of range");
  const auto begin = order.begin() + static_cast<std::ptrdiff_t>(from);
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(to);
  while (std::next_permutation(begin, end)) {
    Json other = run_in(in, order);
    // G-5.10: whichever order is wrong is the answer.
    if (other.at("counters") != first.at("counters") ||
        other.at("eligible") != first.at("eligible")) {
      return other;
    }
  }
  return first;
}

std::optional<Json> run_history(const Json& in) {
  salus::test::MemoryStore store;
  state::Overlay state(store, "s");
  const AccountId who = Ground::account("somebody");
  Json as_taken = Json::object();
  Json values = Json::object();
  for (const Json& op : in.at("ops")) {
    if (op.at(0) == "write") {
      const auto set = power::set_weight(state, who, 1, number(op.at(1)));
      if (!set) throw Malformed(std::string{dao::name(set.error())});
    } else if (op.at(0) == "snapshot") {
      const std::uint64_t s = power::take_snapshot(state);
      as_taken[std::to_string(s)] = power::weight_at(state, who, s).units;
    } else if (op.at(0) == "close") {
      const auto live = power::live_snapshots(state);
      if (std::ranges::find(live, number(op.at(1))) == live.end()) {
        throw Malformed("snapshot " + op.at(1).dump() + " is not live");
      }
      power::release_snapshot(state, number(op.at(1)));
    } else {
      throw Malformed("no operation " + op.at(0).dump());
    }
  }
  for (const auto& [s, value] : as_taken.items()) {
    values[s] = power::weight_at(state, who, std::stoull(s)).units;
  }
  const auto history = state::find_or_default<v1::WeightHistory>(
      state, state::Key{state::Table::Weights}.bytes(who.view()));
  return Json{{"all_values", as_taken},
              {"values", values},
              {"now", power::weight_now(state, who).units},
              {"points", history.points_size()}};
}

}  // namespace salus::vectors
