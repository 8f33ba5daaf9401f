// Owns: what every scheme's verdict is made of: the chambers that count, the record of comparisons,
// and step 1. Used inside governance only.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/u128.h"
#include "dao/governance/verdict.h"
#include "salus/v1/governance.pb.h"

namespace salus::dao::governance {

inline constexpr std::uint64_t kWhole = 10'000;
// Lines of an outcome. What names the rule is never left out.
inline constexpr int kLinesMax = 64;

// A chamber of the track with its tally, if there is one.
struct Counted {
  const v1::TrackChamber* rule;
  const v1::Tally* tally;

  bool required() const { return rule->mode() == v1::CHAMBER_MODE_REQUIRED; }
};

// In chamber id order, without those left out for being small (G-6.8).
std::vector<Counted> counted_chambers(const v1::EffectiveTrack& track,
                                      std::span<const v1::Tally> tallies);
std::vector<Counted> required_chambers(const v1::EffectiveTrack& track,
                                       std::span<const v1::Tally> tallies);

// A comparison as it is recorded.
struct Comparison {
  v1::VerdictRule rule;
  std::uint32_t chamber = 0;
  U128 lhs = 0;
  U128 rhs = 0;
  bool ok = false;
  std::uint32_t option = 0;
};

class Judge {
 public:
  Judge() { outcome_.set_verdict(v1::VERDICT_PASS); }

  // Records a comparison; the first that does not hold names the rule.
  void line(v1::Verdict fails_to, const Comparison& comparison);
  void reject_unless(const Comparison& comparison) { line(v1::VERDICT_REJECT, comparison); }
  // Records one that decides nothing by itself.
  void note(const Comparison& comparison);
  bool passing() const { return outcome_.verdict() == v1::VERDICT_PASS; }
  v1::Outcome& outcome() { return outcome_; }

 private:
  v1::Outcome outcome_;
};

// Who may decide in a chamber: power, or members for quadratic ballots.
std::uint64_t electorate(v1::Scheme scheme, const v1::Tally& tally);
// What a chamber has toward its support (G-8.6).
U128 support_of(v1::Scheme scheme, const v1::Tally& tally);
void judge_support(Judge& judge, v1::Scheme scheme, const Counted& chamber);

// Schemes 3 to 5, after step 1.
void judge_choice(Judge& judge, const std::vector<Counted>& required, const Decision& decision);
void judge_approval(Judge& judge, const std::vector<Counted>& required, const Decision& decision);
void judge_quadratic(Judge& judge, const std::vector<Counted>& required, const Decision& decision);

}  // namespace salus::dao::governance
