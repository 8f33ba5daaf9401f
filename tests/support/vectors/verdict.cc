// Owns: the runners of section 8: verdicts, ballots and their counters, timelocks.
#include "dao/governance/verdict.h"

#include <algorithm>
#include <map>
#include <set>

#include "dao/governance/ballots.h"
#include "dao/power/power.h"
#include "support/vectors/ground.h"
#include "support/vectors/voting.h"

namespace salus::vectors {

namespace {

namespace gov = salus::dao::governance;

// As voting start would open it (G-6.8).
v1::Tally tally_of(const v1::TrackChamber& rule, const Json& chamber, const Json& in,
                   v1::Scheme scheme) {
  v1::Tally tally;
  tally.set_chamber(rule.chamber());
  tally.set_eligible(number(chamber.at("weight")) * dao::power::kMicro);
  tally.set_members(small_or(chamber, "members", 0));
  tally.set_min_members(small_or(chamber, "min_members", 1));
  const bool is_small = tally.members() < tally.min_members();
  const bool fails = is_small && rule.if_small() == v1::IF_SMALL_FAIL &&
                     chamber.value("opened", true) && rule.mode() == v1::CHAMBER_MODE_REQUIRED;
  tally.set_too_small(fails);
  tally.set_left_out(is_small && !fails);
  const std::string id = std::to_string(rule.chamber());
  const std::uint64_t unit = in.value("unit", "") == "micro" ? 1 : dao::power::kMicro;
  if (in.contains("recused") && in.at("recused").contains(id)) {
    const Json& recused = in.at("recused").at(id);
    tally.set_recused(number(recused.at("weight")) * dao::power::kMicro);
    tally.set_recused_members(small_or(recused, "members", 0));
  }
  for (std::uint32_t i = 0; gov::counts_options(scheme) && i < small_or(in, "options", 1); ++i) {
    tally.add_options(0);
  }
  if (in.at("tally").contains(id)) set_counters(in.at("tally").at(id), scheme, unit, tally);
  return tally;
}

v1::EffectiveTrack track_of(const Json& in) {
  const Json& track = in.at("track");
  v1::EffectiveTrack effective;
  for (const Json& chamber : track.at("chambers")) {
    *effective.mutable_rules()->add_chambers() = chamber_of(chamber);
  }
  effective.mutable_rules()->set_group_veto(track.value("group_veto", false));
  effective.set_veto_floor_bp(small_or(track, "veto_floor", 0));
  for (const Json& bp : track.value("veto_groups", Json::array({1700, 1400, 1100}))) {
    effective.add_veto_groups_bp(static_cast<std::uint32_t>(number(bp)));
  }
  effective.set_slash_below_bp(small_or(in, "slash_below", 500));
  return effective;
}

v1::OptionVotes votes_of(const std::string& option, std::uint64_t votes) {
  v1::OptionVotes entry;
  entry.set_option(option == "none" ? 0 : part_of(option, 1).option());
  if (votes > 0xffff'ffffU) throw Malformed("votes are above 32 bits");
  entry.set_votes(static_cast<std::uint32_t>(votes));
  return entry;
}

// Counters by name, those that are zero only where `named`.
Json counters_of(const v1::Tally& tally, const std::set<std::string>& named) {
  Json out = Json::object();
  const auto add = [&](const std::string& name, std::uint64_t value) {
    if (value != 0 || named.contains(name)) out[name] = value;
  };
  for (int i = 0; i < tally.options_size(); ++i) add(std::to_string(i + 1), tally.options(i));
  add("yes", tally.yes());
  add("no", tally.no());
  add("none", tally.none());
  add("abstain", tally.abstain());
  add("veto", tally.veto());
  return out;
}

gov::Ballot parts_of(const Json& parts) {
  gov::Ballot ballot;
  for (const auto& [choice, part] : parts.items())
    *ballot.parts.Add() = part_of(choice, number(part));
  return ballot;
}

// The scheme in which the choices of the parts occur.
gov::BallotRule rule_of(const gov::Ballot& ballot) {
  const bool choice = std::ranges::any_of(ballot.parts, [](const v1::BallotPart& part) {
    return part.choice() == v1::CHOICE_OPTION || part.choice() == v1::CHOICE_NONE;
  });
  return {.scheme = choice ? v1::SCHEME_CHOICE : v1::SCHEME_YES_NO, .options = 15, .credits = 0};
}

v1::Tally tally_with(std::uint32_t options) {
  v1::Tally tally;
  for (std::uint32_t i = 0; i < options; ++i) tally.add_options(0);
  return tally;
}

}  // namespace

std::optional<Json> run_verdict(const Json& in) {
  const v1::Scheme scheme = scheme_of(in);
  if (scheme == v1::SCHEME_RANKED) return std::nullopt;
  const v1::EffectiveTrack track = track_of(in);
  std::vector<v1::Tally> tallies;
  for (const v1::TrackChamber& rule : track.rules().chambers()) {
    const std::string id = std::to_string(rule.chamber());
    if (!in.at("chambers").contains(id)) continue;
    tallies.push_back(tally_of(rule, in.at("chambers").at(id), in, scheme));
  }
  gov::Decision decision{.scheme = scheme, .winners = small_or(in, "winners", 1), .lot = {}};
  if (in.contains("lot")) {
    const auto lot = Hash::from_hex(in.at("lot").get<std::string>());
    if (!lot) throw Malformed("lot is not 32 bytes in hexadecimal");
    decision.lot = *lot;
  }
  const v1::Outcome outcome = gov::verdict(track, tallies, decision);
  const char* verdict = outcome.verdict() == v1::VERDICT_PASS     ? "PASS"
                        : outcome.verdict() == v1::VERDICT_REJECT ? "REJECT"
                                                                  : "VETO";
  Json winners = Json::array();
  for (const std::uint32_t winner : outcome.winners()) winners.push_back(winner);
  return Json{{"verdict", verdict},
              {"rule", rule_name(outcome.rule())},
              {"chamber", outcome.chamber()},
              {"winners", winners},
              {"deposit", outcome.slashed() ? "slash" : "refund"}};
}

std::optional<Json> run_split(const Json& in) {
  const gov::Ballot ballot = parts_of(in.at("parts"));
  const gov::BallotRule rule = rule_of(ballot);
  if (const auto valid = gov::check_ballot(ballot, rule); !valid) {
    return Json{{"error", std::string{name(valid.error())}}};
  }
  v1::Tally tally = tally_with(rule.options);
  gov::count_ballot(tally, gov::Sign::Plus, rule.scheme, number(in.at("power")), ballot);
  std::set<std::string> named;
  for (const auto& [choice, part] : in.at("parts").items()) named.insert(choice);
  return Json{{"alloc", counters_of(tally, named)}};
}

std::optional<Json> run_tally_parts(const Json& in) {
  v1::Tally tally = tally_with(16);
  std::set<std::string> named;
  std::uint64_t total = 0;
  for (const Json& given : in.at("ballots")) {
    const gov::Ballot ballot = parts_of(given.at("parts"));
    const gov::BallotRule rule = rule_of(ballot);
    if (const auto valid = gov::check_ballot(ballot, rule); !valid) {
      return Json{{"error", std::string{name(valid.error())}}};
    }
    for (const auto& [choice, part] : given.at("parts").items()) named.insert(choice);
    const std::uint64_t power = number(given.at("weight")) * dao::power::kMicro;
    for (std::uint64_t i = 0; i < number_or(given, "count", 1); ++i) {
      gov::count_ballot(tally, gov::Sign::Plus, rule.scheme, power, ballot);
      total += power;
    }
  }
  return Json{{"counters", counters_of(tally, named)}, {"total", total}};
}

std::optional<Json> run_tally_sets(const Json& in) {
  const gov::BallotRule rule{
      .scheme = v1::SCHEME_APPROVAL, .options = small_or(in, "options", 1), .credits = 0};
  v1::Tally tally = tally_with(rule.options);
  std::set<std::string> named;
  for (const Json& given : in.at("ballots")) {
    gov::Ballot ballot;
    for (const Json& option : given.at("set")) {
      ballot.options.push_back(static_cast<std::uint32_t>(number(option)));
      named.insert(std::to_string(number(option)));
    }
    // A set has no order; the ballot lists it ascending.
    std::ranges::sort(ballot.options);
    if (const auto valid = gov::check_ballot(ballot, rule); !valid) {
      return Json{{"error", std::string{name(valid.error())}}};
    }
    for (std::uint64_t i = 0; i < number_or(given, "count", 1); ++i) {
      gov::count_ballot(tally, gov::Sign::Plus, rule.scheme, number(given.at("weight")), ballot);
    }
  }
  return Json{
      {"counters", counters_of(tally, named)}, {"cast", tally.cast()}, {"empty", tally.empty()}};
}

std::optional<Json> run_quadratic_ballot(const Json& in) {
  const gov::BallotRule rule{
      .scheme = v1::SCHEME_QUADRATIC, .options = 15, .credits = number(in.at("credits"))};
  v1::Tally tally = tally_with(rule.options);
  std::set<std::string> named;
  std::uint64_t cost = 0;
  for (const Json& given : in.at("ballots")) {
    gov::Ballot ballot;
    for (const auto& [option, votes] : given.items()) {
      ballot.votes.push_back(votes_of(option, number(votes)));
      named.insert(option);
    }
    if (const auto valid = gov::check_ballot(ballot, rule); !valid) {
      return Json{{"error", std::string{name(valid.error())}}};
    }
    for (const v1::OptionVotes& entry : ballot.votes) {
      cost += std::uint64_t{entry.votes()} * entry.votes();
    }
    gov::count_ballot(tally, gov::Sign::Plus, rule.scheme, 0, ballot);
  }
  return Json{{"counters", counters_of(tally, named)}, {"cost", cost}, {"voters", tally.voters()}};
}

std::optional<Json> run_timelock(const Json& in) {
  std::vector<gov::Opposition> chambers;
  for (const Json& chamber : in.at("chambers")) {
    chambers.push_back(
        {.against = number(chamber.at("against")), .eligible = number(chamber.at("eligible"))});
  }
  const gov::TimelockRule rule{.lo_bp = small_or(in, "lo", 0),
                               .hi_bp = small_or(in, "hi", 0),
                               .min_ms = number(in.at("timelock_min")),
                               .max_ms = number(in.at("timelock_max"))};
  if (rule.hi_bp <= rule.lo_bp || rule.max_ms < rule.min_ms) {
    throw Malformed("lo is below hi, and timelock_min is at most timelock_max");
  }
  return Json{{"delay", gov::timelock_ms(rule, chambers)}};
}

}  // namespace salus::vectors
