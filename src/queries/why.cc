// Owns: `why`: a proposal's verdict as the exact comparisons that make it, each with a sentence
// (G-13.1). For a decided proposal these are the stored ones; for an open one, those of now.
#include "dao/governance/proposals.h"
#include "dao/governance/queries.h"
#include "dao/membership/membership.h"
#include "queries/queries.h"

namespace salus::queries {

namespace {

std::string chamber_name(const View& view, std::uint32_t id) {
  const auto chamber = dao::membership::find_chamber(view.state(), id);
  return chamber ? chamber->code() : "chamber " + std::to_string(id);
}

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
      return {"reserved veto (G-8.8)", ">="};
    case v1::VERDICT_RULE_GROUP_VETO:
      return {"group veto (G-8.8)", ">="};
    case v1::VERDICT_RULE_CONFIRMATION:
      return {"confirmation (G-8.13)", ">="};
    default:
      return {"rule", "?"};
  }
}

std::string place_of(const View& view, std::uint32_t chamber) {
  return chamber == 0 ? std::string{} : " in " + chamber_name(view, chamber);
}

std::string verdict_sentence(const View& view, const v1::Outcome& outcome, bool decided) {
  const std::string_view tense = decided ? "It " : "As it stands it ";
  std::string out{tense};
  switch (outcome.verdict()) {
    case v1::VERDICT_PASS:
      return out + (decided ? "passed." : "passes.");
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
         place_of(view, outcome.chamber()) + " decides.";
}

std::string line_sentence(const View& view, const v1::OutcomeLine& line) {
  const RuleText text = text_of(line.rule());
  return std::string{text.what} + place_of(view, line.chamber()) + ": " + line.lhs() + " " +
         std::string{text.sign} + " " + line.rhs() + (line.ok() ? " holds." : " does not hold.");
}

}  // namespace

Answer<v1::WhyResponse> answer(const View& view, const v1::WhyRequest& request) {
  const auto proposal = dao::governance::find_proposal(view.state(), request.proposal());
  if (!proposal) {
    return std::unexpected(refusal(dao::Error::ProposalUnknown, grpc::StatusCode::NOT_FOUND));
  }

  v1::WhyResponse response;
  response.set_height(view.height());
  response.set_state(proposal->state());
  response.set_decided(proposal->has_outcome());
  if (auto outcome = dao::governance::why(view.state(), request.proposal(), view.next_block())) {
    *response.mutable_outcome() = std::move(*outcome);
  }
  if (response.has_outcome()) {
    response.add_sentences(verdict_sentence(view, response.outcome(), response.decided()));
    for (const v1::OutcomeLine& line : response.outcome().lines()) {
      response.add_sentences(line_sentence(view, line));
    }
  } else {
    response.add_sentences("Voting has not started: nothing is counted yet.");
  }
  if (proposal->state() == v1::PROPOSAL_STATE_FAILED) {
    *response.mutable_failure() =
        detail_of(static_cast<dao::Error>(proposal->failure_code()), proposal->failure_action());
  }
  return response;
}

}  // namespace salus::queries
