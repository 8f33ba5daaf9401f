// Owns: the comparisons of section 8, each once.
#include "dao/governance/verdict.h"

#include <algorithm>
#include <string>

namespace salus::dao::governance {

namespace {

constexpr std::uint64_t kWhole = 10'000;

std::string decimal(U128 value) {
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::ranges::reverse(digits);
  return digits;
}

// A chamber of the track with its tally, if there is one.
struct Counted {
  const v1::TrackChamber* rule;
  const v1::Tally* tally;

  bool required() const { return rule->mode() == v1::CHAMBER_MODE_REQUIRED; }
};

// In chamber id order, without those left out for being small (G-6.8).
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

struct Judge {
  v1::Outcome outcome;

  // Records a comparison; the first that does not hold names the rule.
  void line(v1::Verdict fails_to, v1::VerdictRule rule, std::uint32_t chamber, U128 lhs, U128 rhs,
            bool ok) {
    v1::OutcomeLine* line = outcome.add_lines();
    line->set_rule(rule);
    line->set_chamber(chamber);
    line->set_lhs(decimal(lhs));
    line->set_rhs(decimal(rhs));
    line->set_ok(ok);
    if (!ok && outcome.verdict() == v1::VERDICT_PASS) {
      outcome.set_verdict(fails_to);
      outcome.set_rule(rule);
      outcome.set_chamber(chamber);
    }
  }
  bool passing() const { return outcome.verdict() == v1::VERDICT_PASS; }
};

// Step 1: somebody must be able to decide.
void judge_electorate(Judge& judge, const v1::EffectiveTrack& track,
                      std::span<const v1::Tally> tallies, const std::vector<Counted>& counted) {
  for (const v1::TrackChamber& rule : track.rules().chambers()) {
    const auto tally = std::ranges::find(tallies, rule.chamber(), &v1::Tally::chamber);
    if (tally != tallies.end() && tally->too_small()) {
      judge.line(v1::VERDICT_REJECT, v1::VERDICT_RULE_CHAMBER_TOO_SMALL, rule.chamber(),
                 tally->members(), tally->min_members(), false);
    }
  }
  const bool anybody = std::ranges::any_of(counted, &Counted::required);
  if (!anybody) {
    judge.line(v1::VERDICT_REJECT, v1::VERDICT_RULE_ZERO_ELECTORATE, 0, 0, 1, false);
  }
  for (const Counted& chamber : counted) {
    if (chamber.required() && eligible(*chamber.tally) == 0) {
      judge.line(v1::VERDICT_REJECT, v1::VERDICT_RULE_ZERO_ELECTORATE, chamber.rule->chamber(), 0,
                 1, false);
    }
  }
}

// Step 2: each required chamber by its own count (G-8.5, G-8.6, G-8.7).
void judge_majority(Judge& judge, const Counted& chamber) {
  const v1::Tally& t = *chamber.tally;
  const v1::TrackChamber& rule = *chamber.rule;
  const U128 yes = U128{kWhole} * t.yes();
  const U128 e = eligible(t);
  const U128 cast = U128{t.yes()} + t.no() + t.veto();
  judge.line(v1::VERDICT_REJECT, v1::VERDICT_RULE_APPROVAL, rule.chamber(), yes,
             cast * rule.approval_bp(), yes > cast * rule.approval_bp());
  const U128 support = U128{kWhole} * (U128{t.yes()} + t.abstain());
  judge.line(v1::VERDICT_REJECT, v1::VERDICT_RULE_SUPPORT, rule.chamber(), support,
             e * rule.support_bp(), support >= e * rule.support_bp());
  judge.line(v1::VERDICT_REJECT, v1::VERDICT_RULE_MIN_APPROVAL, rule.chamber(), yes,
             e * rule.min_approval_bp(), yes >= e * rule.min_approval_bp());
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
    judge.line(v1::VERDICT_VETO, v1::VERDICT_RULE_RESERVED_VETO, chamber.rule->chamber(),
               U128{kWhole} * chamber.tally->veto(), veto_line(*chamber.tally, bp, floor_bp),
               !vetoes(*chamber.tally, bp, floor_bp));
  }
  if (!track.rules().group_veto()) return;
  for (int i = 0; i < track.veto_groups_bp_size(); ++i) {
    const std::uint64_t needed = static_cast<std::uint64_t>(i) + 2;
    const std::uint32_t bp = track.veto_groups_bp(i);
    const auto group = static_cast<std::uint64_t>(std::ranges::count_if(
        counted, [&](const Counted& c) { return vetoes(*c.tally, bp, floor_bp); }));
    judge.line(v1::VERDICT_VETO, v1::VERDICT_RULE_GROUP_VETO, 0, group, needed, group < needed);
  }
}

// G-8.18: the marks of spam, in every counted required chamber. Nothing is slashed where nobody
// could decide.
bool is_spam(const v1::EffectiveTrack& track, const v1::Outcome& outcome,
             const std::vector<Counted>& counted) {
  if (outcome.verdict() != v1::VERDICT_REJECT ||
      outcome.rule() == v1::VERDICT_RULE_ZERO_ELECTORATE ||
      outcome.rule() == v1::VERDICT_RULE_CHAMBER_TOO_SMALL) {
    return false;
  }
  return std::ranges::all_of(counted, [&](const Counted& chamber) {
    if (!chamber.required()) return true;
    const v1::Tally& t = *chamber.tally;
    const U128 against = U128{t.no()} + t.veto();
    return against > 0 && against * kWhole >= U128{eligible(t)} * chamber.rule->support_bp() &&
           U128{kWhole} * t.yes() < (against + t.yes()) * track.slash_below_bp();
  });
}

}  // namespace

std::uint64_t eligible(const v1::Tally& tally) { return tally.eligible() - tally.recused(); }

v1::Outcome verdict(const v1::EffectiveTrack& track, std::span<const v1::Tally> tallies) {
  Judge judge;
  judge.outcome.set_verdict(v1::VERDICT_PASS);
  const std::vector<Counted> counted = counted_chambers(track, tallies);
  judge_electorate(judge, track, tallies, counted);
  for (const Counted& chamber : counted) {
    if (chamber.required()) judge_majority(judge, chamber);
  }
  if (judge.passing()) judge_vetoes(judge, track, counted);
  judge.outcome.set_slashed(is_spam(track, judge.outcome, counted));
  return judge.outcome;
}

bool support_reached(const v1::EffectiveTrack& track, std::span<const v1::Tally> tallies) {
  bool anybody = false;
  for (const Counted& chamber : counted_chambers(track, tallies)) {
    if (!chamber.required()) continue;
    anybody = true;
    const v1::Tally& t = *chamber.tally;
    if (U128{kWhole} * (U128{t.yes()} + t.abstain()) <
        U128{eligible(t)} * chamber.rule->support_bp()) {
      return false;
    }
  }
  return anybody;
}

std::vector<Opposition> opposition(const v1::EffectiveTrack& track,
                                   std::span<const v1::Tally> tallies) {
  std::vector<Opposition> all;
  for (const Counted& chamber : counted_chambers(track, tallies)) {
    if (!chamber.required()) continue;
    all.push_back({.against = chamber.tally->no() + chamber.tally->veto(),
                   .eligible = eligible(*chamber.tally)});
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
