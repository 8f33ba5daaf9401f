// Owns: the runners of a proposal's life: its phases by the clock (G-7.5 to G-7.9), and its
// execution (G-7.13 to G-7.16).
#include <algorithm>
#include <map>

#include "dao/application.h"
#include "dao/dispatcher.h"
#include "dao/due.h"
#include "dao/governance/casting.h"
#include "dao/governance/governance.h"
#include "dao/governance/proposals.h"
#include "dao/power/power.h"
#include "dao/treasury/funds.h"
#include "salus/v1/constitution.pb.h"
#include "state/record.h"
#include "support/vectors/ground.h"
#include "support/vectors/voting.h"

namespace salus::vectors {

namespace {

namespace gov = salus::dao::governance;

// The account that the ground's genesis gave to a name of its document.
AccountId proposer_of(state::Overlay& state) {
  // The first member of genesis; who he is does not matter, he has tokens.
  std::optional<AccountId> found;
  const std::string table = state::Key{state::Table::Balances}.str();
  state.scan(table, table, [&](std::string_view key, std::string_view) {
    const AccountId account = *AccountId::from(key.substr(1, AccountId::kSize));
    const auto member =
        state::find<v1::Member>(state, state::Key{state::Table::Members}.bytes(account.view()));
    if (member && member->state() == v1::MEMBER_STATE_ACTIVE) found = account;
    return !found;
  });
  if (!found) throw Malformed("the ground has no member with tokens");
  return *found;
}

dao::Error error_of(const std::string& name) {
  static const std::map<std::string, dao::Error> names{
#define SALUS_ERROR(error, proto, status, sentence) {#error, dao::Error::error},
#include "dao/error_table.inc"
#undef SALUS_ERROR
  };
  const auto found = names.find(name);
  if (found == names.end()) throw Malformed("no error \"" + name + "\"");
  return found->second;
}

v1::Track track_of(const Json& in) {
  const Json& times = in.at("times");
  v1::Track track;
  for (const Json& chamber : in.at("track").at("chambers")) {
    *track.add_chambers() = chamber_of(chamber);
  }
  track.set_group_veto(in.at("track").value("group_veto", false));
  track.set_notice_ms(number_or(times, "notice", 0));
  track.set_voting_ms(number_or(times, "voting", 0));
  track.set_extension_ms(number_or(times, "extension", 0));
  track.set_confirmation_ms(number_or(times, "confirmation", 0));
  track.set_objection_ms(number_or(times, "objection", 0));
  track.set_timelock_min_ms(number_or(times, "timelock_min", 0));
  track.set_timelock_max_ms(std::max(number_or(times, "timelock_max", 0), track.timelock_min_ms()));
  track.set_grace_ms(number_or(times, "grace", kForever));
  return track;
}

// What speaks for a proposal, or leaves it open.
bool only_against_grew(const v1::Tally& before, const v1::Tally& after) {
  for (int i = 0; i < std::max(before.options_size(), after.options_size()); ++i) {
    const std::uint64_t was = i < before.options_size() ? before.options(i) : 0;
    if (i < after.options_size() && after.options(i) > was) return false;
  }
  return after.yes() <= before.yes() && after.abstain() <= before.abstain();
}

class Life {
 public:
  explicit Life(const Json& in) : in_(in), scheme_(scheme_of(in)) {
    ground_.set_track(track_of(in));
    const Json& track = in.at("track");
    ground_.set_parameter("governance.veto_floor_bp", number_or(track, "veto_floor", 0));
    ground_.set_parameter("governance.opposition_lo_bp", number_or(in, "lo", 500));
    ground_.set_parameter("governance.opposition_hi_bp", number_or(in, "hi", 2'500));
    ground_.set_parameter("governance.outage_gap", number_or(in, "outage_gap", kForever));
    ground_.set_parameter("governance.deposit_window", number_or(in, "deposit_window", kForever));
    proposer_ = proposer_of(ground_.state());
    fill_chambers(in.at("chambers"));
    submit(number(in.at("submitted")));
  }

  void block(const Json& block) {
    const std::uint64_t time = number(block.at("at"));
    if (time != ground_.now()) ground_.move_to(time);
    const std::string at = std::to_string(time);
    if (block.value("deposit_complete", false)) {
      v1::Action action;
      action.mutable_top_up()->set_proposal(id_);
      action.mutable_top_up()->set_amount(1);
      note(at, apply(action));
    }
    if (block.contains("tally")) note(at, set_tallies(block.at("tally")));
    dao::end_block(ground_.block(), ground_.state());

    const v1::Proposal now = proposal();
    states_[at] = state_name(now.state());
    if (!started_ && gov::is_voting(now.state())) started_ = time;
    if (!executed_ && now.state() == v1::PROPOSAL_STATE_EXECUTED) executed_ = time;
  }

  Json answer() {
    const v1::Proposal now = proposal();
    Json out{{"states", states_},
             {"errors", errors_},
             {"extended", now.extended()},
             {"rule", rule_name(now.outcome().rule())},
             {"until", ground_.since(now.phase_until_ms())},
             {"eta", ground_.since(now.eta_ms())},
             {"grace_until", ground_.since(now.grace_until_ms())}};
    if (started_) out["started"] = *started_;
    if (executed_) out["executed_at"] = *executed_;
    if (now.has_outcome()) out["closed_at"] = ground_.since(now.outcome().at_ms());
    return out;
  }

 private:
  v1::Proposal proposal() {
    return gov::find_proposal(ground_.state(), id_).value_or(v1::Proposal{});
  }

  std::string apply(const v1::Action& action) {
    return ground_.act(proposer_, dao::Authority::Member,
                       [&](dao::ActionContext& context, state::Overlay& state) {
                         return dao::apply_action(action, context, state);
                       });
  }

  void note(const std::string& at, const std::string& error) {
    if (!error.empty()) errors_[at] = document_name(error);
  }

  // The totals as a vector gives them, with the proposer as the one who may submit.
  void fill_chambers(const Json& chambers) {
    bool first = true;
    for (const auto& [name, chamber] : chambers.items()) {
      const auto id = static_cast<std::uint32_t>(std::stoul(name));
      ground_.set_chamber(id, small_or(chamber, "min_members", 1), chamber.value("opened", true));
      if (first) {
        static_cast<void>(dao::power::set_weight(ground_.state(), proposer_, id, 1));
        first = false;
      }
      v1::TotalHistory history;
      v1::TotalPoint& point = *history.add_points();
      point.set_since(1);
      point.set_weight(number(chamber.at("weight")));
      point.set_members(small_or(chamber, "members", 0));
      state::put(ground_.state(),
                 state::Key{state::Table::Totals}.u8(static_cast<std::uint8_t>(id)), history);
    }
  }

  // A resolution, half of whose deposit is still missing.
  void submit(std::uint64_t time) {
    ground_.move_to(time);
    v1::Action action;
    v1::Submit& submit = *action.mutable_submit();
    submit.set_scheme(scheme_);
    for (std::uint32_t i = 0; i < small_or(in_, "options", 1); ++i) submit.add_options();
    submit.set_text_hash(std::string(Hash::kSize, '\x01'));
    submit.set_deposit(1);
    const bool several = scheme_ == v1::SCHEME_APPROVAL || scheme_ == v1::SCHEME_QUADRATIC;
    if (several) submit.set_winners(small_or(in_, "winners", 1));
    if (const std::string error = apply(action); !error.empty()) {
      throw Malformed("the proposal is refused: " + error);
    }
    id_ = gov::last_proposal_id(ground_.state());
    const Json& blocks = in_.at("blocks");
    const bool shared = !blocks.empty() && number(blocks.at(0).at("at")) == time;
    if (!shared) dao::end_block(ground_.block(), ground_.state());
  }

  // The block's ballots, as one change of the counters that voting must be open for.
  std::string set_tallies(const Json& tallies) {
    const v1::Proposal proposal = this->proposal();
    std::vector<v1::Tally> changed;
    bool against = true;
    for (const auto& [chamber, counters] : tallies.items()) {
      const auto id = static_cast<std::uint32_t>(std::stoul(chamber));
      const v1::Tally before = gov::find_tally(ground_.state(), id_, id).value_or(v1::Tally{});
      v1::Tally after = before;
      for (std::uint64_t& option : *after.mutable_options()) option = 0;
      after.clear_yes();
      after.clear_no();
      after.clear_abstain();
      after.clear_veto();
      after.clear_none();
      after.clear_cast();
      after.clear_empty();
      set_counters(counters, scheme_, in_.value("unit", "") == "micro" ? 1 : dao::power::kMicro,
                   after);
      against = against && only_against_grew(before, after);
      changed.push_back(std::move(after));
    }
    const auto open =
        gov::check_voting(proposal, ground_.state(), ground_.at(ground_.now()), against);
    if (!open) return std::string{dao::name(open.error())};
    for (const v1::Tally& tally : changed) gov::put_tally(ground_.state(), tally);
    gov::mark_changed(ground_.state(), id_);
    return {};
  }

  const Json& in_;
  v1::Scheme scheme_;
  Ground ground_;
  AccountId proposer_;
  std::uint64_t id_ = 0;
  Json states_ = Json::object();
  Json errors_ = Json::object();
  std::optional<std::uint64_t> started_;
  std::optional<std::uint64_t> executed_;
};

// A proposal that waits for its time, and a batch that does what a vector says.
class Batch {
 public:
  explicit Batch(const Json& in) {
    ground_.set_parameter("governance.retry_gap", number(in.at("retry_gap")));
    proposer_ = proposer_of(ground_.state());
    state::Overlay& state = ground_.state();
    v1::Proposal proposal;
    proposal.set_id(gov::take_proposal_id(state));
    proposal.set_version(1);
    proposal.set_proposer(proposer_.to_string());
    proposal.set_lead(kTrack);
    proposal.set_scheme(v1::SCHEME_YES_NO);
    proposal.add_options()->add_actions()->mutable_create_fund()->set_code("fund");
    proposal.set_payload_hash(std::string(Hash::kSize, '\x01'));
    proposal.set_state(v1::PROPOSAL_STATE_TIMELOCK);
    proposal.set_eta_ms(ground_.at(number(in.at("eta"))));
    proposal.set_phase_until_ms(proposal.eta_ms());
    proposal.set_grace_until_ms(ground_.at(number(in.at("grace_until"))));
    proposal.set_execution_id(
        gov::execution_id(ground_.block().chain_id, proposal.id(), 1).to_string());
    proposal.mutable_outcome()->set_verdict(v1::VERDICT_PASS);
    proposal.mutable_outcome()->add_winners(1);
    proposal.set_settled(true);
    id_ = proposal.id();
    gov::reschedule(state, proposal, proposal.eta_ms());
    gov::put_proposal(state, proposal);
  }

  std::string run(const Json& op) {
    const std::uint64_t time = number(op.at(0));
    if (time != ground_.now()) ground_.move_to(time);
    const std::string what = op.at(1);
    const std::string outcome = op.size() > 2 && op.at(2).is_string() ? op.at(2) : Json("ok");
    if (what == "block") return end_block(outcome);
    if (what == "retry") return retry(outcome);
    if (what == "pause") return pause(number(op.at(2)));
    if (what == "cancel") return cancel();
    throw Malformed("no operation \"" + what + "\"");
  }

  v1::Proposal proposal() {
    return gov::find_proposal(ground_.state(), id_).value_or(v1::Proposal{});
  }

 private:
  dao::Dispatch dispatch(const std::string& outcome) {
    const auto answer = outcome == "ok" ? std::nullopt : std::optional{error_of(outcome)};
    return {
        .check = [](const v1::Action&) { return dao::Outcome{}; },
        .accepts_dao = [](const v1::Action&) { return true; },
        .apply = [answer](const v1::Action&, dao::ActionContext&, state::Overlay&) -> dao::Outcome {
          if (answer) return dao::refuse(*answer);
          return {};
        },
        .interested = [](const auto&, const state::Overlay&) { return std::vector<AccountId>{}; }};
  }

  std::string end_block(const std::string& outcome) {
    using dao::due::Class;
    bool ran = false;
    for (const Class due_class : {Class::Ends, Class::Executions}) {
      while (const auto item =
                 dao::due::first_due(ground_.state(), due_class, ground_.at(ground_.now()))) {
        dao::due::remove(ground_.state(), *item);
        std::vector<v1::Event> events;
        gov::on_due(static_cast<dao::due::Kind>(item->kind()), as_bytes(item->ref()),
                    ground_.block(), ground_.state(), events, dispatch(outcome));
        ran = true;
      }
    }
    const bool waits = ran && proposal().state() == v1::PROPOSAL_STATE_TIMELOCK;
    return waits ? "WAITS" : state();
  }

  std::string retry(const std::string& outcome) {
    v1::RetryExecution action;
    action.set_proposal(id_);
    const std::string error = ground_.act(
        proposer_, dao::Authority::Member, [&](dao::ActionContext& context, state::Overlay& state) {
          return gov::apply(action, context, state, dispatch(outcome));
        });
    return error.empty() ? state() : error;
  }

  // As two sentinels would have left it (section 11).
  std::string pause(std::uint64_t until) {
    const auto type = static_cast<std::uint32_t>(v1::Action::kCreateFund);
    v1::PausedType record;
    record.set_type(type);
    record.set_pause(1);
    record.set_from_ms(ground_.at(ground_.now()));
    record.set_until_ms(ground_.at(until));
    state::put(ground_.state(), state::Key{state::Table::PausedTypes}.u32(type), record);
    return "PAUSED";
  }

  std::string cancel() {
    v1::CancelProposal action;
    action.set_proposal(id_);
    const std::string error = ground_.act({}, dao::Authority::Dao,
                                          [&](dao::ActionContext& context, state::Overlay& state) {
                                            return gov::apply(action, context, state);
                                          });
    return error.empty() ? state() : error;
  }

  std::string state() {
    const v1::Proposal now = proposal();
    std::string name = state_name(now.state());
    if (now.state() == v1::PROPOSAL_STATE_FAILED) {
      name += ":" + std::string{dao::name(static_cast<dao::Error>(now.failure_code()))};
    }
    return name;
  }

  Ground ground_;
  AccountId proposer_;
  std::uint64_t id_ = 0;
};

}  // namespace

std::optional<Json> run_timeline(const Json& in) {
  if (scheme_of(in) == v1::SCHEME_RANKED) return std::nullopt;
  Life life(in);
  for (const Json& block : in.at("blocks")) life.block(block);
  return life.answer();
}

std::optional<Json> run_execution(const Json& in) {
  Batch batch(in);
  Json results = Json::array();
  for (const Json& op : in.at("ops")) results.push_back(batch.run(op));
  const v1::Proposal proposal = batch.proposal();
  return Json{{"results", results},
              {"state", state_name(proposal.state())},
              {"attempts", proposal.attempts()}};
}

}  // namespace salus::vectors
