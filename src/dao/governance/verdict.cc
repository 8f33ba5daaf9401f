// Owns: the comparisons of section 8 that every scheme shares, and those of schemes 1 and 2, each
// once.
#include "dao/governance/verdict.h"

#include <algorithm>
#include <string>

#include "base/assert.h"
#include "dao/governance/judge.h"

namespace salus::dao::governance {

namespace {

std::string decimal(U128 value) {
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::ranges::reverse(digits);
  return digits;
}

// Step 1: somebody must be able to decide.
void judge_electorate(Judge& judge, const v1::EffectiveTrack& track,
                      std::span<const v1::Tally> tallies, const std::vector<Counted>& required,
                      v1::Scheme scheme) {
  for (const v1::TrackChamber& rule : track.rules().chambers()) {
    const auto tally = std::ranges::find(tallies, rule.chamber(), &v1::Tally::chamber);
    if (tally != tallies.end() && tally->too_small()) {
      judge.reject_unless({.rule = v1::VERDICT_RULE_CHAMBER_TOO_SMALL,
                           .chamber = rule.chamber(),
                           .lhs = tally->members(),
                           .rhs = tally->min_members()});
    }
  }
  if (required.empty()) {
    judge.reject_unless({.rule = v1::VERDICT_RULE_ZERO_ELECTORATE, .rhs = 1});
  }
  for (const Counted& chamber : required) {
    if (electorate(scheme, *chamber.tally) == 0) {
      judge.reject_unless(
          {.rule = v1::VERDICT_RULE_ZERO_ELECTORATE, .chamber = chamber.rule->chamber(), .rhs = 1});
    }
  }
}

// Step 2: each required chamber by its own count (G-8.5, G-8.6, G-8.7).
void judge_majority(Judge& judge, const Counted& chamber) {
  const v1::Tally& t = *chamber.tally;
  const v1::TrackChamber& rule = *chamber.rule;
  const U128 yes = U128{kWhole} * t.yes();
  const U128 cast = (U128{t.yes()} + t.no() + t.veto()) * rule.approval_bp();
  judge.reject_unless({.rule = v1::VERDICT_RULE_APPROVAL,
                       .chamber = rule.chamber(),
                       .lhs = yes,
                       .rhs = cast,
                       .ok = yes > cast});
  judge_support(judge, v1::SCHEME_YES_NO, chamber);
  const U128 least = U128{eligible(t)} * rule.min_approval_bp();
  judge.reject_unless({.rule = v1::VERDICT_RULE_MIN_APPROVAL,
                       .chamber = rule.chamber(),
                       .lhs = yes,
                       .rhs = least,
                       .ok = yes >= least});
}

// Silence passes, unless the objections reach their share (G-8.9).
void judge_objection(Judge& judge, const Counted& chamber) {
  const v1::Tally& t = *chamber.tally;
  const U128 against = U128{kWhole} * (U128{t.no()} + t.veto());
  const U128 bar = U128{eligible(t)} * chamber.rule->objection_bp();
  // 0 is no threshold, as for the reserved veto.
  if (chamber.rule->objection_bp() == 0) return;
  judge.reject_unless({.rule = v1::VERDICT_RULE_OBJECTED,
                       .chamber = chamber.rule->chamber(),
                       .lhs = against,
                       .rhs = bar,
                       .ok = against < bar});
}

// What V must reach for the chamber to veto at `bp`: the share of yes, abstain and veto, and the
// floor (G-8.8). Plain no is left out: more of it must not dilute a veto.
U128 veto_line(const v1::Tally& t, std::uint32_t bp, std::uint32_t floor_bp) {
  const U128 share = (U128{t.yes()} + t.abstain() + t.veto()) * bp;
  return std::max(share, U128{eligible(t)} * floor_bp);
}
bool vetoes(const v1::Tally& t, std::uint32_t bp, std::uint32_t floor_bp) {
  return t.veto() > 0 && U128{kWhole} * t.veto() >= veto_line(t, bp, floor_bp);
}

// Step 3, looked at only where the proposal would pass.
void judge_vetoes(Judge& judge, const v1::EffectiveTrack& track,
                  const std::vector<Counted>& counted) {
  const std::uint32_t floor_bp = track.veto_floor_bp();
  for (const Counted& chamber : counted) {
    const std::uint32_t bp = chamber.rule->reserved_veto_bp();
    if (bp == 0) continue;
    judge.line(v1::VERDICT_VETO, {.rule = v1::VERDICT_RULE_RESERVED_VETO,
                                  .chamber = chamber.rule->chamber(),
                                  .lhs = U128{kWhole} * chamber.tally->veto(),
                                  .rhs = veto_line(*chamber.tally, bp, floor_bp),
                                  .ok = !vetoes(*chamber.tally, bp, floor_bp)});
  }
  if (!track.rules().group_veto()) return;
  for (int i = 0; i < track.veto_groups_bp_size(); ++i) {
    const std::uint64_t needed = static_cast<std::uint64_t>(i) + 2;
    const std::uint32_t bp = track.veto_groups_bp(i);
    const auto group = static_cast<std::uint64_t>(std::ranges::count_if(
        counted, [&](const Counted& c) { return vetoes(*c.tally, bp, floor_bp); }));
    judge.line(
        v1::VERDICT_VETO,
        {.rule = v1::VERDICT_RULE_GROUP_VETO, .lhs = group, .rhs = needed, .ok = group < needed});
  }
}

// G-8.18: the marks of spam, in every counted required chamber. Nothing is slashed where nobody
// could decide.
bool is_spam(const v1::EffectiveTrack& track, const v1::Outcome& outcome,
             const std::vector<Counted>& required) {
  if (outcome.verdict() != v1::VERDICT_REJECT ||
      outcome.rule() == v1::VERDICT_RULE_ZERO_ELECTORATE ||
      outcome.rule() == v1::VERDICT_RULE_CHAMBER_TOO_SMALL) {
    return false;
  }
  return std::ranges::all_of(required, [&](const Counted& chamber) {
    const v1::Tally& t = *chamber.tally;
    const U128 against = U128{t.no()} + t.veto();
    return against > 0 && against * kWhole >= U128{eligible(t)} * chamber.rule->support_bp() &&
           U128{kWhole} * t.yes() < (against + t.yes()) * track.slash_below_bp();
  });
}

// What speaks against a decision in a chamber, for the timelock (G-7.9).
std::uint64_t against(v1::Scheme scheme, const v1::Tally& t) {
  switch (scheme) {
    case v1::SCHEME_CHOICE:
    case v1::SCHEME_QUADRATIC:
      return t.none();
    case v1::SCHEME_APPROVAL:
      return t.empty();
    default:
      return t.no() + t.veto();
  }
}

}  // namespace

std::vector<Counted> counted_chambers(const v1::EffectiveTrack& track,
                                      std::span<const v1::Tally> tallies) {
  std::vector<Counted> counted;
  for (const v1::TrackChamber& rule : track.rules().chambers()) {
    const auto tally = std::ranges::find(tallies, rule.chamber(), &v1::Tally::chamber);
    if (tally == tallies.end() || tally->left_out()) continue;
    counted.push_back({.rule = &rule, .tally = &*tally});
  }
  std::ranges::sort(counted, {}, [](const Counted& c) { return c.rule->chamber(); });
  return counted;
}

std::vector<Counted> required_chambers(const v1::EffectiveTrack& track,
                                       std::span<const v1::Tally> tallies) {
  std::vector<Counted> required = counted_chambers(track, tallies);
  std::erase_if(required, [](const Counted& chamber) { return !chamber.required(); });
  return required;
}

void Judge::note(const Comparison& comparison) {
  if (outcome_.lines_size() >= kLinesMax) return;
  v1::OutcomeLine* line = outcome_.add_lines();
  line->set_rule(comparison.rule);
  line->set_chamber(comparison.chamber);
  line->set_lhs(decimal(comparison.lhs));
  line->set_rhs(decimal(comparison.rhs));
  line->set_ok(comparison.ok);
  line->set_option(comparison.option);
}

void Judge::line(v1::Verdict fails_to, const Comparison& comparison) {
  if (outcome_.lines_size() >= kLinesMax) outcome_.mutable_lines()->RemoveLast();
  note(comparison);
  if (comparison.ok || !passing()) return;
  outcome_.set_verdict(fails_to);
  outcome_.set_rule(comparison.rule);
  outcome_.set_chamber(comparison.chamber);
}

std::uint64_t eligible(const v1::Tally& tally) { return tally.eligible() - tally.recused(); }

std::uint64_t electorate(v1::Scheme scheme, const v1::Tally& tally) {
  if (scheme == v1::SCHEME_QUADRATIC) return tally.members() - tally.recused_members();
  return eligible(tally);
}

U128 support_of(v1::Scheme scheme, const v1::Tally& t) {
  switch (scheme) {
    case v1::SCHEME_CHOICE: {
      U128 sum = t.abstain();
      for (const std::uint64_t option : t.options()) sum += option;
      return sum;
    }
    case v1::SCHEME_APPROVAL:
      return t.cast() - t.empty();
    case v1::SCHEME_QUADRATIC:
      return t.voters();
    default:
      return U128{t.yes()} + t.abstain();
  }
}

void judge_support(Judge& judge, v1::Scheme scheme, const Counted& chamber) {
  const U128 support = U128{kWhole} * support_of(scheme, *chamber.tally);
  const U128 bar = U128{electorate(scheme, *chamber.tally)} * chamber.rule->support_bp();
  judge.reject_unless({.rule = v1::VERDICT_RULE_SUPPORT,
                       .chamber = chamber.rule->chamber(),
                       .lhs = support,
                       .rhs = bar,
                       .ok = support >= bar});
}

v1::Outcome verdict(const v1::EffectiveTrack& track, std::span<const v1::Tally> tallies,
                    const Decision& decision) {
  Judge judge;
  const std::vector<Counted> required = required_chambers(track, tallies);
  judge_electorate(judge, track, tallies, required, decision.scheme);
  switch (decision.scheme) {
    case v1::SCHEME_CHOICE:
      judge_choice(judge, required, decision);
      break;
    case v1::SCHEME_APPROVAL:
      judge_approval(judge, required, decision);
      break;
    case v1::SCHEME_QUADRATIC:
      judge_quadratic(judge, required, decision);
      break;
    case v1::SCHEME_YES_NO:
    case v1::SCHEME_OPTIMISTIC:
      for (const Counted& chamber : required) {
        if (decision.scheme == v1::SCHEME_YES_NO) {
          judge_majority(judge, chamber);
        } else {
          judge_objection(judge, chamber);
        }
      }
      if (judge.passing()) judge_vetoes(judge, track, counted_chambers(track, tallies));
      if (judge.passing()) judge.outcome().add_winners(1);
      break;
    default:
      SALUS_ASSERT(false, "no proposal has a scheme that is not built");
  }
  if (!judge.passing()) judge.outcome().clear_winners();
  if (decision.scheme == v1::SCHEME_YES_NO) {
    judge.outcome().set_slashed(is_spam(track, judge.outcome(), required));
  }
  return judge.outcome();
}

bool support_reached(const v1::EffectiveTrack& track, std::span<const v1::Tally> tallies,
                     v1::Scheme scheme) {
  const std::vector<Counted> required = required_chambers(track, tallies);
  // Silence passes: an optimistic proposal has its support from the start.
  if (scheme == v1::SCHEME_OPTIMISTIC) return !required.empty();
  const auto reached = [&](const Counted& chamber) {
    return U128{kWhole} * support_of(scheme, *chamber.tally) >=
           U128{electorate(scheme, *chamber.tally)} * chamber.rule->support_bp();
  };
  return !required.empty() && std::ranges::all_of(required, reached);
}

std::vector<Opposition> opposition(const v1::EffectiveTrack& track,
                                   std::span<const v1::Tally> tallies, v1::Scheme scheme) {
  std::vector<Opposition> all;
  for (const Counted& chamber : required_chambers(track, tallies)) {
    all.push_back({.against = against(scheme, *chamber.tally),
                   .eligible = electorate(scheme, *chamber.tally)});
  }
  return all;
}

std::uint64_t timelock_ms(const TimelockRule& rule, std::span<const Opposition> chambers) {
  std::uint64_t longest = rule.min_ms;
  for (const Opposition& chamber : chambers) {
    const U128 share = U128{kWhole} * chamber.against;
    const U128 lo = U128{rule.lo_bp} * chamber.eligible;
    const U128 hi = U128{rule.hi_bp} * chamber.eligible;
    if (share < lo || chamber.eligible == 0) continue;
    std::uint64_t delay = rule.max_ms;
    // Below 2^37 ms times 2^74 at most; the quotient is below max - min.
    if (share < hi) {
      delay = rule.min_ms + static_cast<std::uint64_t>(U128{rule.max_ms - rule.min_ms} *
                                                       (share - lo) / (hi - lo));
    }
    longest = std::max(longest, delay);
  }
  return longest;
}

bool parts_are_valid(std::span<const std::uint64_t> parts) {
  if (parts.empty() || parts.size() > 8) return false;
  std::uint64_t sum = 0;
  for (const std::uint64_t part : parts) {
    if (part == 0 || part > kWhole) return false;
    sum += part;
  }
  return sum <= kWhole;
}

std::vector<std::uint64_t> split(std::uint64_t power, std::span<const std::uint64_t> parts) {
  std::uint64_t whole = 0;
  for (const std::uint64_t part : parts) whole += part;
  std::vector<std::uint64_t> pieces;
  std::uint64_t running = 0;
  std::uint64_t given = 0;
  for (const std::uint64_t part : parts) {
    running += part;
    const auto upto = static_cast<std::uint64_t>(U128{power} * running / whole);
    pieces.push_back(upto - given);
    given = upto;
  }
  return pieces;
}

}  // namespace salus::dao::governance
