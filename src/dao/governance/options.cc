// Owns: which options win, by schemes 3 to 5 (section 8). Sums over chambers rank the options; each
// required chamber still has to carry the winner by its own count.
#include <algorithm>

#include "crypto/hash.h"
#include "dao/governance/judge.h"

namespace salus::dao::governance {

namespace {

// One option of the ballot, by its number from 1.
struct Option {
  std::uint32_t number;
  U128 sum;
};

std::uint64_t counter(const v1::Tally& tally, std::uint32_t number) {
  const int place = static_cast<int>(number) - 1;
  return place < tally.options_size() ? tally.options(place) : 0;
}

// Every option with its sum over the chambers that decide.
std::vector<Option> sums(const std::vector<Counted>& required) {
  int count = 0;
  for (const Counted& chamber : required) count = std::max(count, chamber.tally->options_size());
  std::vector<Option> options;
  for (int i = 0; i < count; ++i) {
    Option option{.number = static_cast<std::uint32_t>(i) + 1, .sum = 0};
    for (const Counted& chamber : required) option.sum += counter(*chamber.tally, option.number);
    options.push_back(option);
  }
  return options;
}

U128 none_of(const std::vector<Counted>& required) {
  U128 sum = 0;
  for (const Counted& chamber : required) sum += chamber.tally->none();
  return sum;
}

Hash lot_of(const Hash& lot, std::uint32_t option) {
  ByteWriter out;
  out.bytes(lot.view());
  out.u8(static_cast<std::uint8_t>(option));
  return crypto::hash_untagged(out.out());
}

// By sum; equal sums by lot, the smaller first.
void rank(std::vector<Option>& options, const Hash& lot) {
  std::ranges::sort(options, [&](const Option& a, const Option& b) {
    if (a.sum != b.sum) return a.sum > b.sum;
    return lot_of(lot, a.number) < lot_of(lot, b.number);
  });
}

void add_winners(Judge& judge, std::vector<Option>& options, const Decision& decision) {
  rank(options, decision.lot);
  for (const Option& option : options) {
    if (static_cast<std::uint32_t>(judge.outcome().winners_size()) >= decision.winners) return;
    judge.outcome().add_winners(option.number);
  }
}

// Whether every required chamber prefers the option to nothing, by enough of its power (G-8.11).
bool is_acceptable(Judge& judge, const std::vector<Counted>& required, std::uint32_t option) {
  bool acceptable = true;
  for (const Counted& chamber : required) {
    const U128 power = counter(*chamber.tally, option);
    const bool above = power > chamber.tally->empty();
    judge.note({.rule = v1::VERDICT_RULE_ABOVE_EMPTY,
                .chamber = chamber.rule->chamber(),
                .lhs = power,
                .rhs = chamber.tally->empty(),
                .ok = above,
                .option = option});
    const U128 bar = U128{eligible(*chamber.tally)} * chamber.rule->min_approval_bp();
    const bool enough = power * kWhole >= bar;
    judge.note({.rule = v1::VERDICT_RULE_MIN_APPROVAL,
                .chamber = chamber.rule->chamber(),
                .lhs = power * kWhole,
                .rhs = bar,
                .ok = enough,
                .option = option});
    acceptable = acceptable && above && enough;
  }
  return acceptable;
}

}  // namespace

void judge_choice(Judge& judge, const std::vector<Counted>& required, const Decision&) {
  std::vector<Option> options = sums(required);
  // The first of equals, which the tie refuses.
  const auto first = std::ranges::max_element(options, {}, &Option::sum);
  const Option best = first == options.end() ? Option{.number = 0, .sum = 0} : *first;
  const U128 none = none_of(required);
  judge.reject_unless({.rule = v1::VERDICT_RULE_NONE_OF_ABOVE,
                       .lhs = best.sum,
                       .rhs = none,
                       .ok = best.sum > none,
                       .option = best.number});
  for (const Option& option : options) {
    if (option.number == best.number || option.sum != best.sum) continue;
    judge.reject_unless({.rule = v1::VERDICT_RULE_TIE,
                         .lhs = best.sum,
                         .rhs = option.sum,
                         .ok = false,
                         .option = option.number});
  }
  for (const Counted& chamber : required) {
    const v1::Tally& t = *chamber.tally;
    const U128 power = counter(t, best.number);
    judge.reject_unless({.rule = v1::VERDICT_RULE_NONE_OF_ABOVE,
                         .chamber = chamber.rule->chamber(),
                         .lhs = power,
                         .rhs = t.none(),
                         .ok = power > t.none(),
                         .option = best.number});
    judge_support(judge, v1::SCHEME_CHOICE, chamber);
    const U128 bar = U128{eligible(t)} * chamber.rule->min_approval_bp();
    judge.reject_unless({.rule = v1::VERDICT_RULE_MIN_APPROVAL,
                         .chamber = chamber.rule->chamber(),
                         .lhs = power * kWhole,
                         .rhs = bar,
                         .ok = power * kWhole >= bar,
                         .option = best.number});
  }
  judge.outcome().add_winners(best.number);
}

void judge_approval(Judge& judge, const std::vector<Counted>& required, const Decision& decision) {
  for (const Counted& chamber : required) judge_support(judge, v1::SCHEME_APPROVAL, chamber);
  std::vector<Option> acceptable;
  for (const Option& option : sums(required)) {
    if (is_acceptable(judge, required, option.number)) acceptable.push_back(option);
  }
  judge.reject_unless({.rule = v1::VERDICT_RULE_NONE_ACCEPTABLE,
                       .lhs = acceptable.size(),
                       .rhs = 1,
                       .ok = !acceptable.empty()});
  add_winners(judge, acceptable, decision);
}

void judge_quadratic(Judge& judge, const std::vector<Counted>& required, const Decision& decision) {
  for (const Counted& chamber : required) judge_support(judge, v1::SCHEME_QUADRATIC, chamber);
  const U128 none = none_of(required);
  std::vector<Option> above;
  for (const Option& option : sums(required)) {
    const bool wins = option.sum > 0 && option.sum > none;
    judge.note({.rule = v1::VERDICT_RULE_NONE_OF_ABOVE,
                .lhs = option.sum,
                .rhs = none,
                .ok = wins,
                .option = option.number});
    if (wins) above.push_back(option);
  }
  judge.reject_unless({.rule = v1::VERDICT_RULE_NONE_OF_ABOVE,
                       .lhs = above.size(),
                       .rhs = 1,
                       .ok = !above.empty()});
  add_winners(judge, above, decision);
}

}  // namespace salus::dao::governance
