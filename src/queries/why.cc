// Owns: what a verdict is computed from leaves the state whole (G-13.2); `why` says it in words,
// for a decided proposal as it was decided, for an open one as of now.
#include "dao/governance/proposals.h"
#include "dao/membership/membership.h"
#include "queries/proposal_facts.h"
#include "queries/queries.h"
#include "queries/why_text.h"

namespace salus::queries {

namespace governance = dao::governance;

Answer<v1::ProposalExport> facts_of(const View& view, std::uint64_t id) {
  auto proposal = governance::find_proposal(view.state(), id);
  if (!proposal) {
    return std::unexpected(refusal(dao::Error::ProposalUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::ProposalExport facts;
  if (proposal->power_snapshot() != 0) {
    for (v1::Tally& tally : governance::tallies(view.state(), *proposal)) {
      *facts.add_tallies() = std::move(tally);
    }
  }
  for (v1::Chamber& chamber : dao::membership::chambers(view.state())) {
    *facts.add_chambers() = std::move(chamber);
  }
  facts.set_now_ms(view.now_ms());
  facts.set_height(view.height());
  if (!governance::is_terminal(proposal->state())) {
    facts.set_credit_ms(governance::credit_ms(*proposal, view.state(), view.now_ms()));
  }
  *facts.mutable_proposal() = std::move(*proposal);
  return facts;
}

Answer<v1::ExportProposalResponse> answer(const View& view,
                                          const v1::ExportProposalRequest& request) {
  auto facts = facts_of(view, request.proposal());
  if (!facts) return std::unexpected(facts.error());
  v1::ExportProposalResponse response;
  response.set_height(view.height());
  *response.mutable_export_() = std::move(*facts);
  return response;
}

Answer<v1::WhyResponse> answer(const View& view, const v1::WhyRequest& request) {
  const auto facts = facts_of(view, request.proposal());
  if (!facts) return std::unexpected(facts.error());
  return explain(*facts);
}

}  // namespace salus::queries
