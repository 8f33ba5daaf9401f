// Owns: the words of `why`: the verdict as the exact comparisons that make it, each with a
// sentence, what is missing, and what stands around it (G-13.1).
#include "queries/why_text.h"

#include <algorithm>

#include "dao/governance/proposals.h"
#include "dao/governance/verdict.h"
#include "queries/errors.h"
#include "queries/missing.h"
#include "queries/words.h"

namespace salus::queries {

namespace {

namespace governance = dao::governance;

// What a rule compares, and how: left side, sign, right side (governance.md, section 8).
struct RuleText {
  std::string_view what;
  std::string_view sign;
};

RuleText text_of(v1::VerdictRule rule) {
  // A stored enumeration of ours; its sentinels cannot occur.
  switch (rule) {
    case v1::VERDICT_RULE_CHAMBER_TOO_SMALL:
      return {"members with weight (G-6.8)", ">="};
    case v1::VERDICT_RULE_ZERO_ELECTORATE:
      return {"eligible power", ">"};
    case v1::VERDICT_RULE_APPROVAL:
      return {"approval (G-8.5)", ">"};
    case v1::VERDICT_RULE_SUPPORT:
      return {"support (G-8.6)", ">="};
    case v1::VERDICT_RULE_MIN_APPROVAL:
      return {"min-approval (G-8.7)", ">="};
    case v1::VERDICT_RULE_RESERVED_VETO:
      return {"reserved veto (G-8.8)", "<"};
    case v1::VERDICT_RULE_GROUP_VETO:
      return {"group veto (G-8.8)", "<"};
    case v1::VERDICT_RULE_CONFIRMATION:
      return {"confirmation (G-8.13)", ">="};
    case v1::VERDICT_RULE_OBJECTED:
      return {"objections (G-8.9)", "<"};
    case v1::VERDICT_RULE_TIE:
      return {"strictly first (G-8.10)", ">"};
    case v1::VERDICT_RULE_NONE_OF_ABOVE:
      return {"more than none of the options (G-8.10, G-8.11)", ">"};
    case v1::VERDICT_RULE_NONE_ACCEPTABLE:
      return {"options that every required chamber accepts (G-8.11)", ">="};
    case v1::VERDICT_RULE_ABOVE_EMPTY:
      return {"more than the empty ballots (G-8.11)", ">"};
    default:
      return {"rule", "?"};
  }
}

std::string place_of(const v1::ProposalExport& facts, std::uint32_t chamber) {
  return chamber == 0 ? std::string{} : " in " + chamber_name(facts, chamber);
}

std::string winners_of(const v1::Outcome& outcome) {
  std::string out;
  for (const std::uint32_t winner : outcome.winners()) {
    out += (out.empty() ? "" : ", ") + std::to_string(winner);
  }
  return out;
}

std::string verdict_sentence(const v1::ProposalExport& facts, const v1::Outcome& outcome,
                             bool decided) {
  std::string out{decided ? "It " : "As it stands it "};
  switch (outcome.verdict()) {
    case v1::VERDICT_PASS:
      out += decided ? "passed" : "passes";
      if (facts.proposal().options_size() > 1) {
        out += " with option " + winners_of(outcome);
      }
      return out + ".";
    case v1::VERDICT_REJECT:
      out += decided ? "was rejected" : "is rejected";
      break;
    case v1::VERDICT_VETO:
      out += decided ? "was vetoed" : "is vetoed";
      break;
    default:
      return out + "has no verdict.";
  }
  return out + ": " + std::string{text_of(outcome.rule()).what} +
         place_of(facts, outcome.chamber()) + " decides.";
}

std::string line_sentence(const v1::ProposalExport& facts, const v1::OutcomeLine& line) {
  const RuleText text = text_of(line.rule());
  const std::string option = line.option() == 0 ? "" : ", option " + std::to_string(line.option());
  return std::string{text.what} + place_of(facts, line.chamber()) + option + ": " + line.lhs() +
         " " + std::string{text.sign} + " " + line.rhs() +
         (line.ok() ? " holds." : " does not hold.");
}

void add_voting(const v1::ProposalExport& facts, v1::WhyResponse& response) {
  const v1::Proposal& p = facts.proposal();
  const v1::Track& rules = p.effective().rules();
  const auto add = [&](const std::string& sentence) { response.add_circumstances(sentence); };
  add("Power was read once, as snapshot " + std::to_string(p.power_snapshot()) +
      ", when voting started (G-5.6).");
  if (p.extended()) {
    add("Voting was extended once by " + spell_span(rules.extension_ms()) +
        ", because enough support came late (G-7.7).");
  } else if (!p.support_seen() && rules.extension_ms() > 0 &&
             p.state() == v1::PROPOSAL_STATE_VOTING) {
    add("Support was not complete yet: if it is in the last " + spell_span(rules.extension_ms()) +
        ", voting goes on for " + spell_span(rules.extension_ms()) + " more (G-8.14).");
  }
  if (!governance::is_voting(p.state())) return;
  add("The phase ends at " + spell_time(p.phase_until_ms() + facts.credit_ms()) + " UTC.");
  if (facts.credit_ms() > 0) {
    add("That includes " + spell_span(facts.credit_ms()) +
        " in which the chain stood still (G-7.8).");
  }
  if (p.passing() && p.state() != v1::PROPOSAL_STATE_OBJECTION) {
    // What the chain stood still since is no time in which it passed (G-7.8).
    const std::uint64_t since =
        p.passing_since_ms() + p.outage_seen_ms() + facts.credit_ms() - p.passing_outage_ms();
    add("It has been passing since " + spell_time(since) + " UTC; " +
        spell_span(rules.confirmation_ms()) + " of it are needed (G-8.13).");
  }
}

// What it would wait, or waits, between decision and execution (G-7.9).
void add_timelock(const v1::ProposalExport& facts, v1::WhyResponse& response) {
  const v1::Proposal& p = facts.proposal();
  const v1::Track& rules = p.effective().rules();
  if (p.eta_ms() != 0) {
    response.add_circumstances("It may execute from " + spell_time(p.eta_ms()) + " UTC until " +
                               spell_time(p.grace_until_ms()) + " UTC.");
    return;
  }
  if (!governance::is_voting(p.state())) return;
  const std::vector<v1::Tally> tallies{facts.tallies().begin(), facts.tallies().end()};
  const auto against = governance::opposition(p.effective(), tallies, p.scheme());
  const std::uint64_t delay = governance::timelock_ms({.lo_bp = p.effective().opposition_lo_bp(),
                                                       .hi_bp = p.effective().opposition_hi_bp(),
                                                       .min_ms = rules.timelock_min_ms(),
                                                       .max_ms = rules.timelock_max_ms()},
                                                      against);
  response.add_circumstances("If it passes with the opposition of now it waits " +
                             spell_span(delay) + " before it executes; between " +
                             spell_span(rules.timelock_min_ms()) + " and " +
                             spell_span(rules.timelock_max_ms()) + " (G-7.9).");
}

void add_deposits(const v1::ProposalExport& facts, v1::WhyResponse& response) {
  const v1::Proposal& p = facts.proposal();
  if (p.deposits().empty()) return;
  if (!p.settled()) {
    const bool doomed = response.outcome().slashed();
    response.add_circumstances(doomed ? "As it stands the deposits would be lost (G-8.18)."
                                      : "As it stands the deposits would go back (G-7.4).");
    return;
  }
  const bool fee = p.state() == v1::PROPOSAL_STATE_LAPSED ||
                   (p.state() == v1::PROPOSAL_STATE_CANCELLED && p.power_snapshot() == 0);
  response.add_circumstances(
      p.outcome().slashed() ? "The deposits were lost to fund general: these are the marks of spam "
                              "(G-8.18)."
      : fee                 ? "The deposits went back, less the fee (G-7.4)."
                            : "The deposits went back (G-7.4).");
}

void add_open(const v1::ProposalExport& facts, v1::WhyResponse& response) {
  const v1::Proposal& p = facts.proposal();
  if (p.state() == v1::PROPOSAL_STATE_SUBMITTED) {
    std::uint64_t paid = 0;
    for (const v1::Deposit& deposit : p.deposits()) paid += deposit.amount();
    const std::uint64_t missing = p.deposit_required() - std::min(p.deposit_required(), paid);
    response.add_circumstances(
        "It needs " + std::to_string(missing) + " base units more of deposit, or " +
        std::to_string(p.endorsers_needed() - std::min(p.endorsers_needed(), p.endorsed())) +
        " more endorsers (G-7.2).");
  }
  if (!governance::is_terminal(p.state())) {
    response.add_circumstances("The phase ends at " +
                               spell_time(p.phase_until_ms() + facts.credit_ms()) + " UTC.");
  }
}

}  // namespace

v1::WhyResponse explain(const v1::ProposalExport& facts) {
  const v1::Proposal& proposal = facts.proposal();
  v1::WhyResponse response;
  response.set_height(facts.height());
  response.set_state(proposal.state());
  response.set_decided(proposal.has_outcome());
  if (proposal.has_outcome()) {
    *response.mutable_outcome() = proposal.outcome();
  } else if (governance::is_voting(proposal.state())) {
    const std::vector<v1::Tally> tallies{facts.tallies().begin(), facts.tallies().end()};
    v1::Outcome outcome =
        governance::verdict(proposal.effective(), tallies, governance::decision_of(proposal));
    outcome.set_at_ms(facts.now_ms());
    // As the next block would.
    outcome.set_height(facts.height() + 1);
    *response.mutable_outcome() = std::move(outcome);
  }
  if (response.has_outcome()) {
    response.add_sentences(verdict_sentence(facts, response.outcome(), response.decided()));
    for (const v1::OutcomeLine& line : response.outcome().lines()) {
      response.add_sentences(line_sentence(facts, line));
    }
    if (!response.decided()) {
      for (v1::Threshold& row : thresholds(facts)) *response.add_thresholds() = std::move(row);
    }
    add_voting(facts, response);
    add_timelock(facts, response);
  } else {
    response.add_sentences("Voting has not started: nothing is counted yet.");
    add_open(facts, response);
  }
  add_deposits(facts, response);
  if (proposal.state() == v1::PROPOSAL_STATE_FAILED) {
    *response.mutable_failure() =
        detail_of(static_cast<dao::Error>(proposal.failure_code()), proposal.failure_action());
  }
  return response;
}

}  // namespace salus::queries
