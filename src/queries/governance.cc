// Owns: the reads of governance: proposals, tallies, ballots, simulation.
#include "dao/application.h"
#include "dao/governance/least_track.h"
#include "dao/governance/proposals.h"
#include "queries/missing.h"
#include "queries/paging.h"
#include "queries/proposal_facts.h"
#include "queries/queries.h"

namespace salus::queries {

using state::Key;
using state::Table;

namespace {

constexpr int kSimulatedActionsMax = 32;
constexpr int kOptionsMax = 16;

Answer<v1::Proposal> find_proposal(const View& view, std::uint64_t id) {
  auto proposal = state::find<v1::Proposal>(view.state(), Key{Table::Proposals}.u64(id));
  if (proposal) return std::move(*proposal);
  return std::unexpected(refusal(dao::Error::ProposalUnknown, grpc::StatusCode::NOT_FOUND));
}

}  // namespace

Answer<v1::GetProposalResponse> answer(const View& view, const v1::GetProposalRequest& request) {
  auto proposal = find_proposal(view, request.proposal());
  if (!proposal) return std::unexpected(proposal.error());

  v1::GetProposalResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  *response.mutable_proposal() = std::move(*proposal);
  return response;
}

Answer<v1::ListProposalsResponse> answer(const View& view,
                                         const v1::ListProposalsRequest& request) {
  v1::ListProposalsResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  auto next =
      walk_down<v1::Proposal>(view.state(), Table::Proposals, request.page_token(),
                              page_size(request.page_size()), [&](const v1::Proposal& proposal) {
                                if (request.state() != v1::PROPOSAL_STATE_UNSPECIFIED &&
                                    proposal.state() != request.state()) {
                                  return false;
                                }
                                if (request.track() != 0 && proposal.lead() != request.track())
                                  return false;
                                *response.add_proposals() = proposal;
                                return true;
                              });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::GetTallyResponse> answer(const View& view, const v1::GetTallyRequest& request) {
  const auto facts = facts_of(view, request.proposal());
  if (!facts) return std::unexpected(facts.error());

  v1::GetTallyResponse response;
  response.set_height(view.height());
  *response.mutable_tallies() = facts->tallies();
  if (!dao::governance::is_voting(facts->proposal().state())) return response;
  for (v1::Threshold& row : thresholds(*facts)) *response.add_thresholds() = std::move(row);
  return response;
}

Answer<v1::GetBallotResponse> answer(const View& view, const v1::GetBallotRequest& request) {
  const auto proposal = find_proposal(view, request.proposal());
  if (!proposal) return std::unexpected(proposal.error());
  const auto id = id_of<AccountId>(request.account(), "account");
  if (!id) return std::unexpected(id.error());
  auto ballot = state::find<v1::Stance>(
      view.state(), Key{Table::Stances}.u64(request.proposal()).bytes(id->view()));
  if (!ballot) return std::unexpected(refusal(dao::Error::NotFound));

  v1::GetBallotResponse response;
  response.set_height(view.height());
  *response.mutable_ballot() = std::move(*ballot);
  return response;
}

Answer<v1::ListBallotsResponse> answer(const View& view, const v1::ListBallotsRequest& request) {
  const auto proposal = find_proposal(view, request.proposal());
  if (!proposal) return std::unexpected(proposal.error());

  v1::ListBallotsResponse response;
  response.set_height(view.height());
  auto next = walk<v1::Stance>(view.state(), Key{Table::Stances}.u64(request.proposal()),
                               request.page_token(), page_size(request.page_size()),
                               [&](const v1::Stance& ballot) {
                                 // A delegate who has not voted has a stance, and no ballot.
                                 if (!ballot.cast()) return false;
                                 *response.add_ballots() = ballot;
                                 return true;
                               });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::SimulateActionsResponse> answer(const View& view,
                                           const v1::SimulateActionsRequest& request) {
  if (request.actions_size() > kSimulatedActionsMax) {
    return std::unexpected(refusal(
        RpcError::ArgumentInvalid,
        "actions has " + std::to_string(request.actions_size()) + " entries; at most 32 fit."));
  }
  if (request.others_size() >= kOptionsMax ||
      request.winners() > static_cast<std::uint32_t>(kOptionsMax)) {
    return std::unexpected(refusal(RpcError::ArgumentInvalid,
                                   "A proposal has at most 16 options and as many winners."));
  }
  v1::SimulateActionsResponse response;
  response.set_height(view.height());
  const std::vector<v1::Action> actions{request.actions().begin(), request.actions().end()};
  const auto block = view.next_block();
  dao::governance::Options options = request.others();
  *options.Add()->mutable_actions() = request.actions();
  const std::uint32_t window =
      dao::governance::window_track(view.state(), options, std::max(request.winners(), 1U));
  const dao::Simulation simulation = dao::simulate_as_dao(block, actions, window, view.state());
  std::uint32_t index = 0;
  for (const dao::Outcome& outcome : simulation.actions) {
    v1::SimulatedAction& out = *response.add_actions();
    out.set_ok(outcome.has_value());
    if (!outcome) *out.mutable_error() = detail_of(outcome.error(), index);
    ++index;
  }
  for (const dao::Simulation::Change& change : simulation.changes) {
    v1::RecordChange& out = *response.add_changes();
    out.set_key(change.key);
    if (change.before) out.set_before(*change.before);
    if (change.after) out.set_after(*change.after);
  }
  if (!simulation.batch) *response.mutable_batch_error() = detail_of(simulation.batch.error(), 0);
  if (const auto terms = dao::submission_terms(block.chain_id, actions, view.state())) {
    response.set_lead_track(terms->lead);
    response.set_deposit_required(terms->deposit);
  }
  return response;
}

}  // namespace salus::queries
