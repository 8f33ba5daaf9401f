// Owns: the solved inequalities.
#include "queries/missing.h"

#include <algorithm>

#include "base/u128.h"
#include "dao/governance/verdict.h"
#include "queries/words.h"

namespace salus::queries {

namespace {

constexpr std::uint64_t kWhole = 10'000;

std::uint64_t narrow(U128 value) {
  constexpr U128 kMax = ~std::uint64_t{0};
  return static_cast<std::uint64_t>(std::min(value, kMax));
}

// ceil(of * bp / 10000).
std::uint64_t share_of(std::uint64_t of, std::uint64_t bp) {
  return narrow((U128{of} * bp + (kWhole - 1)) / kWhole);
}

// The rows of one proposal as they are found.
class Rows {
 public:
  Rows(const v1::ProposalExport& facts, std::vector<v1::Threshold>& out)
      : facts_(facts), out_(out) {}

  // `10000 * have >= bp * of`.
  void at_least(v1::VerdictRule rule, std::uint32_t chamber, std::uint64_t have, std::uint64_t of,
                std::uint64_t bp, std::uint32_t option = 0) {
    v1::Threshold row = row_of(rule, chamber, option);
    row.set_have(have);
    row.set_of(of);
    row.set_bp(static_cast<std::uint32_t>(bp));
    row.set_need(share_of(of, bp));
    row.set_holds(have >= row.need());
    row.set_missing(row.holds() ? 0 : row.need() - have);
    add(std::move(row));
  }

  // `have > against`.
  void above(v1::VerdictRule rule, std::uint32_t chamber, std::uint64_t have, std::uint64_t against,
             std::uint32_t option = 0) {
    v1::Threshold row = row_of(rule, chamber, option);
    row.set_have(have);
    row.set_need(against);
    row.set_holds(have > against);
    row.set_missing(row.holds() ? 0 : against - have + 1);
    add(std::move(row));
  }

  // G-8.5: a further yes is one of the cast ones too: (10000 - bp) * x > bp * cast - 10000 * yes.
  void approval(std::uint32_t chamber, const v1::Tally& t, std::uint64_t bp) {
    const U128 cast = U128{t.yes()} + t.no() + t.veto();
    v1::Threshold row = row_of(v1::VERDICT_RULE_APPROVAL, chamber, 0);
    row.set_have(t.yes());
    row.set_of(narrow(cast));
    row.set_bp(static_cast<std::uint32_t>(bp));
    row.set_need(share_of(narrow(cast), bp));
    row.set_holds(U128{kWhole} * t.yes() > cast * bp);
    if (!row.holds() && bp < kWhole) {
      row.set_missing(narrow((cast * bp - U128{kWhole} * t.yes()) / (kWhole - bp) + 1));
    }
    add(std::move(row));
  }

  // G-8.9: what would still have to object.
  void objection(std::uint32_t chamber, std::uint64_t against, std::uint64_t of, std::uint64_t bp) {
    if (bp == 0) return;
    v1::Threshold row = row_of(v1::VERDICT_RULE_OBJECTED, chamber, 0);
    row.set_have(against);
    row.set_of(of);
    row.set_bp(static_cast<std::uint32_t>(bp));
    row.set_need(share_of(of, bp));
    row.set_holds(against < row.need());
    row.set_missing(row.holds() ? row.need() - against : 0);
    add(std::move(row));
  }

 private:
  v1::Threshold row_of(v1::VerdictRule rule, std::uint32_t chamber, std::uint32_t option) const {
    v1::Threshold row;
    row.set_rule(rule);
    row.set_chamber(chamber);
    row.set_option(option);
    return row;
  }

  void add(v1::Threshold row) {
    row.set_sentence(sentence(row));
    out_.push_back(std::move(row));
  }

  bool counts_heads(const v1::Threshold& row) const {
    return facts_.proposal().scheme() == v1::SCHEME_QUADRATIC &&
           row.rule() == v1::VERDICT_RULE_SUPPORT;
  }

  // Whole votes, members, or the votes of credits.
  std::uint64_t number(const v1::Threshold& row) const {
    return facts_.proposal().scheme() == v1::SCHEME_QUADRATIC ? row.missing()
                                                              : whole_votes(row.missing());
  }

  std::string what(const v1::Threshold& row) const {
    if (row.option() != 0) return "for option " + std::to_string(row.option());
    if (counts_heads(row)) return "voters";
    if (row.rule() == v1::VERDICT_RULE_OBJECTED) return "no";
    if (row.rule() == v1::VERDICT_RULE_SUPPORT) {
      return facts_.proposal().scheme() == v1::SCHEME_YES_NO ? "yes or abstain" : "votes";
    }
    return "yes";
  }

  static std::string rule_name(v1::VerdictRule rule) {
    // Rows of no other rules are made here.
    switch (rule) {
      case v1::VERDICT_RULE_APPROVAL:
        return "approval";
      case v1::VERDICT_RULE_SUPPORT:
        return "support";
      case v1::VERDICT_RULE_MIN_APPROVAL:
        return "min-approval";
      case v1::VERDICT_RULE_OBJECTED:
        return "objections";
      case v1::VERDICT_RULE_TIE:
        return "a single winner";
      case v1::VERDICT_RULE_ABOVE_EMPTY:
        return "more than the empty ballots";
      default:
        return "more than none of them";
    }
  }

  std::string figures(const v1::Threshold& row) const {
    std::string out = rule_name(row.rule());
    if (row.of() == 0 && row.bp() == 0) return out;
    const bool exceeded = row.rule() == v1::VERDICT_RULE_APPROVAL;
    const bool objection = row.rule() == v1::VERDICT_RULE_OBJECTED;
    out += " " + spell_share(row.have(), row.of());
    return out +
           (objection  ? ", stopped at "
            : exceeded ? ", more than "
                       : ", at least ") +
           spell_bp(row.bp()) + (objection ? "" : " needed");
  }

  std::string sentence(const v1::Threshold& row) const {
    const std::string place =
        row.chamber() == 0 ? "in all chambers" : "in " + chamber_name(facts_, row.chamber());
    const bool objection = row.rule() == v1::VERDICT_RULE_OBJECTED;
    if (row.missing() == 0) {
      return std::string{row.holds() ? "Holds " : "Stopped "} + place + ": " + figures(row) + ".";
    }
    return std::to_string(number(row)) + " more " + what(row) + " " + place +
           (objection ? " would stop it" : "") + " (" + figures(row) + ").";
  }

  const v1::ProposalExport& facts_;
  std::vector<v1::Threshold>& out_;
};

struct Required {
  const v1::TrackChamber* rule;
  const v1::Tally* tally;
};

std::vector<Required> required(const v1::ProposalExport& facts) {
  std::vector<Required> out;
  for (const v1::TrackChamber& rule : facts.proposal().effective().rules().chambers()) {
    if (rule.mode() != v1::CHAMBER_MODE_REQUIRED) continue;
    const auto tally = std::ranges::find(facts.tallies(), rule.chamber(), &v1::Tally::chamber);
    if (tally == facts.tallies().end() || tally->left_out()) continue;
    out.push_back({.rule = &rule, .tally = &*tally});
  }
  return out;
}

std::uint64_t counter(const v1::Tally& tally, std::uint32_t option) {
  const int place = static_cast<int>(option) - 1;
  return place >= 0 && place < tally.options_size() ? tally.options(place) : 0;
}

std::uint64_t sum_of(const std::vector<Required>& chambers, std::uint32_t option) {
  U128 sum = 0;
  for (const Required& chamber : chambers) sum += counter(*chamber.tally, option);
  return narrow(sum);
}

std::uint64_t none_of(const std::vector<Required>& chambers) {
  U128 sum = 0;
  for (const Required& chamber : chambers) sum += chamber.tally->none();
  return narrow(sum);
}

void add_yes_no(Rows& rows, const Required& chamber) {
  const v1::Tally& t = *chamber.tally;
  const std::uint32_t id = chamber.rule->chamber();
  const std::uint64_t of = dao::governance::eligible(t);
  rows.approval(id, t, chamber.rule->approval_bp());
  rows.at_least(v1::VERDICT_RULE_SUPPORT, id, t.yes() + t.abstain(), of,
                chamber.rule->support_bp());
  rows.at_least(v1::VERDICT_RULE_MIN_APPROVAL, id, t.yes(), of, chamber.rule->min_approval_bp());
}

void add_choice(Rows& rows, const std::vector<Required>& chambers, std::uint32_t options) {
  std::uint32_t best = 1;
  for (std::uint32_t i = 2; i <= options; ++i) {
    if (sum_of(chambers, i) > sum_of(chambers, best)) best = i;
  }
  std::uint64_t next = 0;
  for (std::uint32_t i = 1; i <= options; ++i) {
    if (i != best) next = std::max(next, sum_of(chambers, i));
  }
  rows.above(v1::VERDICT_RULE_NONE_OF_ABOVE, 0, sum_of(chambers, best), none_of(chambers), best);
  rows.above(v1::VERDICT_RULE_TIE, 0, sum_of(chambers, best), next, best);
  for (const Required& chamber : chambers) {
    const v1::Tally& t = *chamber.tally;
    const std::uint32_t id = chamber.rule->chamber();
    const std::uint64_t of = dao::governance::eligible(t);
    U128 support = t.abstain();
    for (const std::uint64_t one : t.options()) support += one;
    rows.above(v1::VERDICT_RULE_NONE_OF_ABOVE, id, counter(t, best), t.none(), best);
    rows.at_least(v1::VERDICT_RULE_SUPPORT, id, narrow(support), of, chamber.rule->support_bp());
    rows.at_least(v1::VERDICT_RULE_MIN_APPROVAL, id, counter(t, best), of,
                  chamber.rule->min_approval_bp(), best);
  }
}

void add_approval(Rows& rows, const std::vector<Required>& chambers, std::uint32_t options) {
  for (const Required& chamber : chambers) {
    const v1::Tally& t = *chamber.tally;
    const std::uint32_t id = chamber.rule->chamber();
    const std::uint64_t of = dao::governance::eligible(t);
    rows.at_least(v1::VERDICT_RULE_SUPPORT, id, t.cast() - t.empty(), of,
                  chamber.rule->support_bp());
    for (std::uint32_t i = 1; i <= options; ++i) {
      rows.above(v1::VERDICT_RULE_ABOVE_EMPTY, id, counter(t, i), t.empty(), i);
      rows.at_least(v1::VERDICT_RULE_MIN_APPROVAL, id, counter(t, i), of,
                    chamber.rule->min_approval_bp(), i);
    }
  }
}

void add_quadratic(Rows& rows, const std::vector<Required>& chambers, std::uint32_t options) {
  for (const Required& chamber : chambers) {
    const v1::Tally& t = *chamber.tally;
    rows.at_least(v1::VERDICT_RULE_SUPPORT, chamber.rule->chamber(), t.voters(),
                  t.members() - t.recused_members(), chamber.rule->support_bp());
  }
  for (std::uint32_t i = 1; i <= options; ++i) {
    rows.above(v1::VERDICT_RULE_NONE_OF_ABOVE, 0, sum_of(chambers, i), none_of(chambers), i);
  }
}

}  // namespace

std::string chamber_name(const v1::ProposalExport& facts, std::uint32_t chamber) {
  const auto found = std::ranges::find(facts.chambers(), chamber, &v1::Chamber::id);
  return found != facts.chambers().end() ? found->code() : "chamber " + std::to_string(chamber);
}

std::vector<v1::Threshold> thresholds(const v1::ProposalExport& facts) {
  std::vector<v1::Threshold> out;
  Rows rows{facts, out};
  const std::vector<Required> chambers = required(facts);
  const auto options = static_cast<std::uint32_t>(facts.proposal().options_size());
  if (chambers.empty()) return out;
  switch (facts.proposal().scheme()) {
    case v1::SCHEME_CHOICE:
      add_choice(rows, chambers, options);
      break;
    case v1::SCHEME_APPROVAL:
      add_approval(rows, chambers, options);
      break;
    case v1::SCHEME_QUADRATIC:
      add_quadratic(rows, chambers, options);
      break;
    default:
      for (const Required& chamber : chambers) {
        if (facts.proposal().scheme() == v1::SCHEME_OPTIMISTIC) {
          rows.objection(chamber.rule->chamber(), chamber.tally->no() + chamber.tally->veto(),
                         dao::governance::eligible(*chamber.tally), chamber.rule->objection_bp());
        } else {
          add_yes_no(rows, chamber);
        }
      }
  }
  return out;
}

}  // namespace salus::queries
