// Owns: which letters a cell has.
#include "consensus/vote_matrix.h"

#include <algorithm>

namespace salus::consensus {

namespace {

bool has(const std::vector<ValidatorIndex>& list, ValidatorIndex index) {
  return std::ranges::find(list, index) != list.end();
}

std::string cell_of(const ViewVotes& view, ValidatorIndex index) {
  // A leader's candidate is what its first notarize vote names (C4).
  const bool leads = index == view.leader && view.candidate;
  std::string cell;
  if (has(view.notarize, index)) cell += leads ? 'P' : 'N';
  if (has(view.notarize_certified, index)) cell += leads ? 'p' : 'n';
  if (has(view.nullify, index)) cell += 'X';
  if (has(view.nullify_certified, index)) cell += 'x';
  if (has(view.finalize, index)) cell += 'F';
  if (has(view.finalize_certified, index)) cell += 'f';
  if (has(view.equivocated, index)) cell += '!';
  return cell;
}

}  // namespace

VoteMatrix vote_matrix(const CoreStatus& status) {
  VoteMatrix out;
  out.cells.resize(status.seen.size());
  for (const ViewVotes& view : status.views) {
    out.views.push_back(view.view);
    out.leaders.push_back(view.leader);
    for (std::uint16_t i = 0; i < status.seen.size(); ++i) {
      out.cells[i].push_back(cell_of(view, ValidatorIndex{i}));
    }
    std::string held;
    if (view.notarized) held += 'N';
    if (view.nullified) held += 'X';
    if (view.finalized) held += 'F';
    out.certificates.push_back(held);
  }
  return out;
}

}  // namespace salus::consensus
