// Owns: the reads of where a member stands: his history as snapshots read it, and what he says to a
// proposal about him.
#include "dao/governance/proposals.h"
#include "dao/power/power.h"
#include "queries/paging.h"
#include "queries/queries.h"

namespace salus::queries {

using state::Key;
using state::Table;

Answer<v1::ListDefencesResponse> answer(const View& view, const v1::ListDefencesRequest& request) {
  if (!dao::governance::find_proposal(view.state(), request.proposal())) {
    return std::unexpected(refusal(dao::Error::ProposalUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::ListDefencesResponse response;
  response.set_height(view.height());
  // At most one for each concerned member, of whom a proposal has at most 32.
  const auto walked = walk<v1::Defence>(view.state(), Key{Table::Defences}.u64(request.proposal()),
                                        {}, kPageSizeMax, [&](const v1::Defence& defence) {
                                          *response.add_defences() = defence;
                                          return true;
                                        });
  if (!walked) return std::unexpected(walked.error());
  return response;
}

Answer<v1::GetWeightHistoryResponse> answer(const View& view,
                                            const v1::GetWeightHistoryRequest& request) {
  const auto id = id_of<AccountId>(request.account(), "account");
  if (!id) return std::unexpected(id.error());
  v1::GetWeightHistoryResponse response;
  response.set_height(view.height());
  auto history = state::find_or_default<v1::WeightHistory>(view.state(),
                                                           Key{Table::Weights}.bytes(id->view()));
  response.mutable_points()->Swap(history.mutable_points());
  const auto clock =
      state::find_or_default<v1::SnapshotClock>(view.state(), Key{Table::SnapshotClock});
  response.set_next_snapshot(std::max<std::uint64_t>(clock.next_snapshot(), 1));
  return response;
}

}  // namespace salus::queries
