// Owns: the vectors of governance.json that ask a pure function or a single module.
#include "dao/vectors.h"

#include <algorithm>
#include <map>

#include "crypto/hash.h"
#include "dao/a_dao.h"
#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "dao/constitution.h"
#include "dao/governance/deposits.h"
#include "dao/governance/rules.h"
#include "dao/governance/verdict.h"
#include "dao/power/power.h"
#include "dao/treasury/treasury.h"
#include "state/record.h"

namespace salus::dao::test {

namespace {

namespace gov = salus::dao::governance;

std::string said(const Outcome& outcome) {
  return outcome ? "ok" : std::string{name(outcome.error())};
}

std::string rule_name(v1::VerdictRule rule) {
  switch (rule) {
    case v1::VERDICT_RULE_CHAMBER_TOO_SMALL:
      return "ChamberTooSmall";
    case v1::VERDICT_RULE_ZERO_ELECTORATE:
      return "ZeroElectorate";
    case v1::VERDICT_RULE_APPROVAL:
      return "Approval";
    case v1::VERDICT_RULE_SUPPORT:
      return "Support";
    case v1::VERDICT_RULE_MIN_APPROVAL:
      return "MinApproval";
    case v1::VERDICT_RULE_RESERVED_VETO:
      return "ReservedVeto";
    case v1::VERDICT_RULE_GROUP_VETO:
      return "GroupVeto";
    default:
      return "";
  }
}

std::uint32_t small(const Json& object, const char* key, std::uint32_t otherwise = 0) {
  return static_cast<std::uint32_t>(number_or(object, key, otherwise));
}

v1::TrackChamber chamber_of(const Json& in) {
  v1::TrackChamber chamber;
  chamber.set_chamber(small(in, "id"));
  chamber.set_mode(in.value("mode", "required") == "required" ? v1::CHAMBER_MODE_REQUIRED
                                                              : v1::CHAMBER_MODE_ADVISORY);
  chamber.set_approval_bp(small(in, "approval"));
  chamber.set_support_bp(small(in, "support"));
  chamber.set_min_approval_bp(small(in, "min_approval"));
  chamber.set_objection_bp(small(in, "objection"));
  chamber.set_reserved_veto_bp(small(in, "reserved_veto"));
  chamber.set_if_small(in.value("if_small", "fail") == "fail" ? v1::IF_SMALL_FAIL
                                                              : v1::IF_SMALL_SKIP);
  return chamber;
}

// As voting start would open it (G-6.8).
v1::Tally tally_of(const v1::TrackChamber& rule, const Json& chamber, const Json& in) {
  v1::Tally tally;
  tally.set_chamber(rule.chamber());
  tally.set_eligible(number(chamber.at("weight")) * power::kMicro);
  tally.set_members(small(chamber, "members"));
  tally.set_min_members(small(chamber, "min_members", 1));
  const bool is_small = tally.members() < tally.min_members();
  const bool fails = is_small && rule.if_small() == v1::IF_SMALL_FAIL &&
                     chamber.value("opened", true) && rule.mode() == v1::CHAMBER_MODE_REQUIRED;
  tally.set_too_small(fails);
  tally.set_left_out(is_small && !fails);
  const std::string id = std::to_string(rule.chamber());
  const bool micro = in.value("unit", "") == "micro";
  const std::uint64_t unit = micro ? 1 : power::kMicro;
  if (in.contains("recused") && in.at("recused").contains(id)) {
    const Json& recused = in.at("recused").at(id);
    tally.set_recused(number(recused.at("weight")) * power::kMicro);
    tally.set_recused_members(small(recused, "members"));
  }
  if (in.at("tally").contains(id)) {
    const Json& counters = in.at("tally").at(id);
    tally.set_yes(number_or(counters, "yes", 0) * unit);
    tally.set_no(number_or(counters, "no", 0) * unit);
    tally.set_abstain(number_or(counters, "abstain", 0) * unit);
    tally.set_veto(number_or(counters, "veto", 0) * unit);
  }
  return tally;
}

std::optional<Json> run_verdict(const Json& in) {
  if (in.value("scheme", "yes_no") != "yes_no") return std::nullopt;
  const Json& track = in.at("track");
  v1::EffectiveTrack effective;
  for (const Json& chamber : track.at("chambers")) {
    *effective.mutable_rules()->add_chambers() = chamber_of(chamber);
  }
  effective.mutable_rules()->set_group_veto(track.value("group_veto", false));
  effective.set_veto_floor_bp(small(track, "veto_floor"));
  for (const Json& bp : track.value("veto_groups", Json::array({1700, 1400, 1100}))) {
    effective.add_veto_groups_bp(static_cast<std::uint32_t>(number(bp)));
  }
  effective.set_slash_below_bp(small(in, "slash_below", 500));
  std::vector<v1::Tally> tallies;
  for (const v1::TrackChamber& rule : effective.rules().chambers()) {
    const std::string id = std::to_string(rule.chamber());
    if (!in.at("chambers").contains(id)) continue;
    tallies.push_back(tally_of(rule, in.at("chambers").at(id), in));
  }
  const v1::Outcome outcome = gov::verdict(effective, tallies);
  const char* verdict = outcome.verdict() == v1::VERDICT_PASS     ? "PASS"
                        : outcome.verdict() == v1::VERDICT_REJECT ? "REJECT"
                                                                  : "VETO";
  return Json{{"verdict", verdict},
              {"rule", rule_name(outcome.rule())},
              {"chamber", outcome.chamber()},
              {"deposit", outcome.slashed() ? "slash" : "refund"}};
}

// G-8.2: options by number, yes, no, none, abstain, veto.
int order_of(const std::string& choice) {
  static const std::map<std::string, int> kNamed{
      {"yes", 100}, {"no", 101}, {"none", 102}, {"abstain", 103}, {"veto", 104}};
  const auto named = kNamed.find(choice);
  return named != kNamed.end() ? named->second : std::stoi(choice);
}

std::map<std::string, std::uint64_t> split_of(std::uint64_t power, const Json& parts, bool& valid) {
  std::vector<std::string> choices;
  for (const auto& [choice, part] : parts.items()) choices.push_back(choice);
  std::ranges::sort(choices, {}, order_of);
  std::vector<std::uint64_t> shares;
  for (const std::string& choice : choices) shares.push_back(number(parts.at(choice)));
  valid = gov::parts_are_valid(shares);
  std::map<std::string, std::uint64_t> pieces;
  if (!valid) return pieces;
  const auto amounts = gov::split(power, shares);
  for (std::size_t i = 0; i < choices.size(); ++i) pieces[choices[i]] = amounts[i];
  return pieces;
}

std::optional<Json> run_split(const Json& in) {
  bool valid = false;
  const auto pieces = split_of(number(in.at("power")), in.at("parts"), valid);
  if (!valid) return Json{{"error", "BallotInvalid"}};
  return Json{{"alloc", pieces}};
}

std::optional<Json> run_tally_parts(const Json& in) {
  std::map<std::string, std::uint64_t> counters;
  std::uint64_t total = 0;
  for (const Json& ballot : in.at("ballots")) {
    const std::uint64_t count = number_or(ballot, "count", 1);
    bool valid = false;
    for (const auto& [choice, piece] :
         split_of(number(ballot.at("weight")) * power::kMicro, ballot.at("parts"), valid)) {
      counters[choice] += piece * count;
      total += piece * count;
    }
    EXPECT_TRUE(valid);
  }
  return Json{{"counters", counters}, {"total", total}};
}

std::optional<Json> run_timelock(const Json& in) {
  std::vector<gov::Opposition> chambers;
  for (const Json& chamber : in.at("chambers")) {
    chambers.push_back(
        {.against = number(chamber.at("against")), .eligible = number(chamber.at("eligible"))});
  }
  return Json{{"delay", gov::timelock_ms({.lo_bp = small(in, "lo"),
                                          .hi_bp = small(in, "hi"),
                                          .min_ms = number(in.at("timelock_min")),
                                          .max_ms = number(in.at("timelock_max"))},
                                         chambers)}};
}

Json run_first(const Json& in) {
  const std::uint64_t required = number(in.at("required"));
  const std::uint64_t initial = number(in.at("initial_bp"));
  const auto outcome = gov::check_first_deposit(required, initial, number(in.at("amount")),
                                                in.value("by_endorsement", false));
  return Json{{"error", outcome ? Json{} : Json(said(outcome))},
              {"need", gov::least_first_deposit(required, initial)}};
}

Json run_settle(const Json& in) {
  // One record a depositor, as the proposal keeps them.
  std::vector<std::string> names;
  std::vector<std::uint64_t> amounts;
  for (const Json& deposit : in.at("deposits")) {
    const auto known = std::ranges::find(names, deposit.at(0).get<std::string>());
    if (known == names.end()) {
      names.push_back(deposit.at(0));
      amounts.push_back(number(deposit.at(1)));
    } else {
      amounts[static_cast<std::size_t>(known - names.begin())] += number(deposit.at(1));
    }
  }
  const std::string fate = in.at("fate");
  const auto split = gov::settlement(amounts,
                                     fate == "refund" ? gov::Fate::Refund
                                     : fate == "fee"  ? gov::Fate::Fee
                                                      : gov::Fate::Slash,
                                     number(in.at("cancel_fee_bp")));
  std::map<std::string, std::uint64_t> back;
  for (std::size_t i = 0; i < names.size(); ++i) back[names[i]] = split.back[i];
  return Json{{"back", back}, {"general", split.general}};
}

std::optional<Json> run_deposit(const Json& in) {
  const std::string op = in.at("op");
  if (op == "first") return run_first(in);
  if (op == "settle") return run_settle(in);
  if (op == "topup") {
    const auto complete = gov::check_top_up(number(in.at("required")), number(in.at("paid")),
                                            number(in.at("amount")), number(in.at("topup_min_bp")));
    if (!complete) return Json{{"error", std::string{name(complete.error())}}};
    return Json{{"error", nullptr}, {"complete", *complete}};
  }
  const gov::Throttle throttle{.step = number(in.at("step")),
                               .open = number(in.at("open")),
                               .failures = number(in.at("failures"))};
  return Json{{"required", gov::required_deposit(number(in.at("deposit")), throttle)},
              {"endorsers", gov::needed_endorsers(small(in, "endorsers"), throttle)}};
}

std::optional<Json> run_duplicate(const Json& in) {
  std::map<std::string, v1::Payload> payloads;
  Json results = Json::array();
  std::uint64_t id = 0;
  for (const Json& op : in.at("ops")) {
    if (op.size() > 3) return std::nullopt;  // appeals
    v1::Payload& payload = payloads[op.at(2)];
    const std::uint64_t now = number(op.at(0));
    if (op.at(1) == "submit") {
      const auto outcome = gov::check_duplicate(payload, now, number(in.at("resubmit_bar")));
      if (outcome) payload.set_open(++id);
      results.push_back(said(outcome));
      continue;
    }
    gov::note_end(payload,
                  op.at(1) == "REJECTED" ? v1::PROPOSAL_STATE_REJECTED : v1::PROPOSAL_STATE_VETOED,
                  now);
    results.push_back("failures=" + std::to_string(payload.failures()));
  }
  return Json{{"results", results}};
}

std::optional<Json> run_open_limit(const Json& in) {
  std::map<std::string, std::uint64_t> open;
  std::uint64_t all = 0;
  Json results = Json::array();
  for (const Json& op : in.at("ops")) {
    std::uint64_t& mine = open[op.at(0)];
    if (op.at(1) == "end") {
      --mine;
      --all;
      results.push_back("ok");
      continue;
    }
    const auto outcome =
        gov::check_open({.open = mine, .max = number(in.at("max_open_per_member"))},
                        {.open = all, .max = number(in.at("max_open"))});
    if (outcome) {
      ++mine;
      ++all;
    }
    results.push_back(said(outcome));
  }
  return Json{{"results", results}};
}

const std::vector<std::string> kSchemes{"yes_no",   "optimistic", "choice",
                                        "approval", "quadratic",  "ranked"};

v1::Track track_of(const std::string& code, const Json& in) {
  v1::Track track;
  track.set_code(code);
  track.set_rank(small(in, "rank"));
  for (const Json& scheme : in.value("schemes", Json::array())) {
    const auto place = std::ranges::find(kSchemes, scheme.get<std::string>()) - kSchemes.begin();
    track.set_schemes(track.schemes() | (1U << static_cast<unsigned>(place)));
  }
  for (const Json& chamber : in.at("chambers")) *track.add_chambers() = chamber_of(chamber);
  track.set_notice_ms(number_or(in, "notice", 0));
  track.set_voting_ms(number_or(in, "voting", 0));
  track.set_timelock_min_ms(number_or(in, "timelock_min", 0));
  track.set_timelock_max_ms(number_or(in, "timelock_max", 0));
  track.set_deposit(number_or(in, "deposit", 0));
  track.set_delegation(in.value("delegation", true));
  track.set_group_veto(in.value("group_veto", false));
  return track;
}

std::optional<Json> run_track_join(const Json& in) {
  std::optional<v1::Track> joined;
  for (const Json& code : in.at("join")) {
    const v1::Track track = track_of(code, in.at("tracks").at(code.get<std::string>()));
    joined = joined ? gov::join(*joined, track) : track;
  }
  Json schemes = Json::array();
  for (std::size_t i = 0; i < kSchemes.size(); ++i) {
    if ((joined->schemes() & (1U << i)) != 0) schemes.push_back(kSchemes[i]);
  }
  Json chambers = Json::object();
  for (const v1::TrackChamber& c : joined->chambers()) {
    chambers[std::to_string(c.chamber())] = {
        {"mode", c.mode() == v1::CHAMBER_MODE_REQUIRED ? "required" : "advisory"},
        {"if_small", c.if_small() == v1::IF_SMALL_FAIL ? "fail" : "skip"},
        {"approval", c.approval_bp()},
        {"support", c.support_bp()},
        {"min_approval", c.min_approval_bp()},
        {"objection", c.objection_bp()},
        {"reserved_veto", c.reserved_veto_bp()}};
  }
  return Json{{"lead", joined->code()},
              {"schemes", schemes},
              {"notice", joined->notice_ms()},
              {"voting", joined->voting_ms()},
              {"timelock_min", joined->timelock_min_ms()},
              {"deposit", joined->deposit()},
              {"delegation", joined->delegation()},
              {"group_veto", joined->group_veto()},
              {"chambers", chambers}};
}

std::optional<Json> run_least_track(const Json& in) {
  std::vector<v1::Track> ladder;
  for (const char* code : {"routine", "spend", "large"}) {
    v1::Track track;
    track.set_code(code);
    for (const auto& [asset, cap] : in.at("caps").at(code).items()) {
      v1::SpendCap* row = track.add_spend_caps();
      row->set_asset(static_cast<std::uint32_t>(std::stoul(asset)));
      row->set_per_proposal(number(cap));
    }
    ladder.push_back(track);
  }
  gov::Options options;
  for (const Json& given : in.at("options")) {
    v1::ProposalOption* option = options.Add();
    for (const Json& pay : given) {
      v1::Pay* action = option->add_actions()->mutable_pay();
      action->set_asset(static_cast<std::uint32_t>(number(pay.at(0))));
      action->set_amount(number(pay.at(1)));
    }
  }
  const v1::Track* track = gov::least_by_amount(ladder, gov::spending(options));
  return Json{{"track", track == nullptr ? "constitution" : track->code()}};
}

std::optional<Json> run_window(const Json& in) {
  v1::TrackWindow window;
  Json results = Json::array();
  for (const Json& op : in.at("ops")) {
    results.push_back(said(gov::charge_window(window, number(op.at(0)), number(in.at("window")),
                                              number(in.at("per_window")), number(op.at(1)))));
  }
  return Json{{"results", results}};
}

// The short names of the vectors, as the constitution's names or as fields of tracks.
constitution::Draft draft_of(const std::map<std::string, std::uint64_t>& values) {
  static const std::map<std::string, std::string, std::less<>> kShort{
      {"governance.opposition_lo_bp", "opposition_lo"},
      {"governance.opposition_hi_bp", "opposition_hi"},
      {"membership.defence", "defence"},
      {"membership.suspend_case_max", "suspend_case_max"},
      {"membership.suspend_vote_max", "suspend_vote_max"},
      {"governance.outage_gap", "outage_gap"},
      {"consensus.heartbeat_ms", "heartbeat"},
      {"validators.min", "validators_min"},
      {"validators.max", "validators_max"},
      {"governance.retry_gap", "retry_gap"}};
  const auto given = [values](const std::string& key, std::uint64_t otherwise) {
    return values.contains(key) ? values.at(key) : otherwise;
  };
  v1::Track track;
  track.set_code("any");
  track.set_voting_ms(given("voting", 0));
  track.set_extension_ms(given("extension", 0));
  track.set_confirmation_ms(given("confirmation", 0));
  track.set_timelock_min_ms(given("timelock_min", 0));
  track.set_timelock_max_ms(given("timelock_max", 0));
  track.set_grace_ms(given("grace", std::uint64_t{1} << 60U));
  std::vector<v1::Track> tracks{track};
  if (values.contains("notice_people")) {
    v1::Track people;
    people.set_code("people");
    people.set_grace_ms(std::uint64_t{1} << 60U);
    people.set_notice_ms(values.at("notice_people"));
    tracks.push_back(people);
  }
  return {.value =
              [given](std::string_view name) {
                const auto alias = kShort.find(name);
                const std::uint64_t standard = constitution::find_rule(name)->standard;
                return alias == kShort.end() ? standard : given(alias->second, standard);
              },
          .tracks = tracks,
          .validators = given("n", 0)};
}

std::optional<Json> run_params(const Json& in) {
  std::map<std::string, std::uint64_t> values;
  for (const auto& [key, value] : in.at("values").items()) values[key] = number(value);
  Json results = Json::array();
  for (const Json& op : in.at("ops")) {
    const std::string parameter = op.at(1);
    if (!in.at("bounds").contains(parameter)) {
      results.push_back("ParameterUnknown");
      v1::SetParameter unknown;
      unknown.set_name(parameter);
      EXPECT_EQ(constitution::find_rule(parameter), nullptr);
      continue;
    }
    v1::SetParameter action;
    action.set_name(parameter);
    action.set_from(number(op.at(2)));
    action.set_to(number(op.at(3)));
    const Json& bounds = in.at("bounds").at(parameter);
    auto changed = values;
    changed[parameter] = action.to();
    const constitution::Draft after = draft_of(changed);
    const auto outcome = constitution::check_change(
        action, values[parameter], {.min = number(bounds.at(0)), .max = number(bounds.at(1))},
        after);
    std::string result = said(outcome);
    if (!outcome && outcome.error() == Error::ConstraintBroken) {
      result += ":" + std::string{constitution::name(*constitution::broken_constraint(after))};
    }
    results.push_back(result);
    if (outcome && op.at(0) == "execute") values = changed;
  }
  return Json{{"results", results}, {"values", values}};
}

std::optional<Json> run_history(const Json& in) {
  salus::test::MemoryStore store;
  state::Overlay state(store, "s");
  const AccountId who{crypto::hash("salus.test.acct", {}).bytes};
  // When each value was read, it was the same: taken, and at the end while it is kept.
  std::map<std::string, std::uint64_t> as_taken;
  std::set<std::uint64_t> closed;
  for (const Json& op : in.at("ops")) {
    if (op.at(0) == "write") {
      EXPECT_TRUE(power::set_weight(state, who, 1, number(op.at(1))).has_value());
    } else if (op.at(0) == "snapshot") {
      const std::uint64_t s = power::take_snapshot(state);
      as_taken[std::to_string(s)] = power::weight_at(state, who, s).units;
    } else {
      power::release_snapshot(state, number(op.at(1)));
      closed.insert(number(op.at(1)));
    }
  }
  std::map<std::string, std::uint64_t> kept;
  for (const auto& [s, value] : as_taken) {
    if (closed.contains(std::stoull(s))) continue;
    kept[s] = power::weight_at(state, who, std::stoull(s)).units;
    EXPECT_EQ(kept[s], value) << s;
    EXPECT_EQ(power::total_at(state, 1, std::stoull(s)).units, value) << s;
  }
  // What the vector lists as still readable includes closed numbers above the oldest live one.
  for (const auto& [s, value] : as_taken) {
    if (!kept.contains(s)) kept[s] = power::weight_at(state, who, std::stoull(s)).units;
  }
  const auto history = state::find_or_default<v1::WeightHistory>(
      state, state::Key{state::Table::Weights}.bytes(who.view()));
  return Json{{"all_values", as_taken},
              {"values", kept},
              {"now", power::weight_now(state, who).units},
              {"points", history.points_size()}};
}

std::optional<Json> run_payout(const Json& in) {
  auto document = a_document();
  document.mutable_funds(1)->set_amount(number(in.at("fund")));
  Dao dao(document);
  // Taken as seconds, so that the window is one that the constitution allows (G-6.1).
  constitution::put_value(dao.state(), "treasury.acceptance_window",
                          number(in.at("window")) * kSecond);
  const std::string payee = in.at("known").get<bool>() ? "pavel" : "zed";
  const std::uint64_t before = dao.tokens(payee);
  const std::uint64_t start = dao.now_ms();
  const auto state_of = [&] {
    const auto payout = treasury::find_payout(dao.state(), 1);
    return payout
               ? v1::PayoutState_Name(payout->state()).substr(std::string("PAYOUT_STATE_").size())
               : std::string{};
  };
  Json results = Json::array();
  for (const Json& op : in.at("ops")) {
    dao.advance_ms(start + number(op.at(0)) * kSecond - dao.now_ms());
    if (op.at(1) == "pay") {
      v1::Action action;
      action.mutable_pay()->set_fund(2);
      action.mutable_pay()->set_amount(number(op.at(2)));
      action.mutable_pay()->set_payee(dao.account(payee).to_string());
      const std::string result = dao.apply_as_dao(action);
      results.push_back(result == "Ok" ? state_of() : result);
    } else if (op.at(1) == "accept") {
      v1::Action action;
      action.mutable_accept_payout()->set_payout(1);
      const Applied applied = dao.apply(payee, action);
      results.push_back(applied.ok() ? state_of() : applied.error());
    } else {
      results.push_back(state_of());
    }
    dao.end_block();
  }
  return Json{
      {"results", results},
      {"free", assets::balance(dao.state(), accounts::fund_account(chain_id(), 2), 0)},
      {"escrowed", assets::escrowed(dao.state(), v1::ESCROW_OWNER_PAYOUT, 1, assets::kNative)},
      {"paid", dao.tokens(payee) - before}};
}

}  // namespace

TEST(GovernanceVectors, verdicts_of_scheme_yes_no) {
  std::set<std::string> not_built;
  for (const Json& vector : governance_vectors()) {
    if (vector.at("eval") == "verdict" && vector.at("in").value("scheme", "yes_no") != "yes_no") {
      not_built.insert(vector.at("id"));
    }
  }
  EXPECT_EQ(not_built.size(), 42U) << "optimistic, choice, approval, quadratic, ranked";
  run_vectors("verdict", not_built, 72, run_verdict);
}

TEST(GovernanceVectors, splits_of_a_ballot) { run_vectors("split", {}, 10, run_split); }

TEST(GovernanceVectors, tallies_of_parts) { run_vectors("tally_parts", {}, 2, run_tally_parts); }

TEST(GovernanceVectors, timelocks_by_opposition) { run_vectors("timelock", {}, 8, run_timelock); }

TEST(GovernanceVectors, deposits) { run_vectors("deposit", {}, 18, run_deposit); }

TEST(GovernanceVectors, duplicates_without_appeals) {
  run_vectors("duplicate", {"duplicate-appeal", "duplicate-appeal-window"}, 3, run_duplicate);
}

TEST(GovernanceVectors, open_limits) { run_vectors("open_limit", {}, 1, run_open_limit); }

TEST(GovernanceVectors, joins_of_tracks) { run_vectors("track_join", {}, 5, run_track_join); }

TEST(GovernanceVectors, least_tracks_by_amount) {
  run_vectors("least_track", {}, 5, run_least_track);
}

TEST(GovernanceVectors, spending_windows) { run_vectors("window", {}, 2, run_window); }

TEST(GovernanceVectors, parameters_and_constraints) { run_vectors("params", {}, 21, run_params); }

TEST(GovernanceVectors, histories) { run_vectors("history", {}, 4, run_history); }

TEST(GovernanceVectors, payouts) { run_vectors("payout", {}, 4, run_payout); }

}  // namespace salus::dao::test
