// Owns: the runners of sections 6 and 7 that ask a pure function: deposits, duplicates, limits,
// tracks and windows.
#include "dao/governance/rules.h"

#include <algorithm>
#include <map>

#include "dao/governance/deposits.h"
#include "support/vectors/ground.h"
#include "support/vectors/voting.h"

namespace salus::vectors {

namespace {

namespace gov = salus::dao::governance;

std::string said(const dao::Outcome& outcome) {
  return outcome ? "ok" : std::string{name(outcome.error())};
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

const std::vector<std::string> kSchemes{"yes_no",   "optimistic", "choice",
                                        "approval", "quadratic",  "ranked"};

v1::Track track_of(const std::string& code, const Json& in) {
  v1::Track track;
  track.set_code(code);
  track.set_rank(small_or(in, "rank", 0));
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

}  // namespace

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
              {"endorsers", gov::needed_endorsers(small_or(in, "endorsers", 0), throttle)}};
}

std::optional<Json> run_duplicate(const Json& in) {
  std::map<std::string, v1::Payload> payloads;
  // Of each payload, whether what is open with it is an appeal.
  std::map<std::string, bool> appeals;
  const gov::Resubmission spans{
      .bar_ms = number(in.at("resubmit_bar")),
      .appeal_window_ms = number_or(in, "appeal_window", gov::kAppealWindowMs)};
  Json results = Json::array();
  std::uint64_t id = 0;
  for (const Json& op : in.at("ops")) {
    v1::Payload& payload = payloads[op.at(2)];
    const std::uint64_t now = number(op.at(0));
    if (op.at(1) == "submit") {
      const bool appeal = op.size() > 3 && op.at(3) == "appeal";
      // An appeal names what it appeals against; the last one that ended is all there is.
      const std::uint64_t of = appeal ? std::max<std::uint64_t>(payload.last(), 1) : 0;
      const auto outcome = gov::check_duplicate(payload, now, spans, of);
      if (outcome) {
        gov::note_open(payload, ++id, appeal);
        appeals[op.at(2)] = appeal;
      }
      results.push_back(said(outcome));
      continue;
    }
    v1::ProposalState end{};
    if (!v1::ProposalState_Parse("PROPOSAL_STATE_" + op.at(1).get<std::string>(), &end)) {
      throw Malformed("no state " + op.at(1).dump());
    }
    gov::note_end(payload, end, now, appeals[op.at(2)]);
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

}  // namespace salus::vectors
