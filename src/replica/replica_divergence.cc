// Owns: collecting what is known at the moment in which the node stops voting.
#include <utility>

#include "replica/replica.h"

namespace salus::replica {

void Replica::describe_divergence(const Digest& digest, std::string reason) {
  const Validated<ledger::Block>* block = ledger_.find(digest);
  // The first one says where; what is built on it only follows.
  if (block == nullptr || divergence_) return;
  const ledger::Header& header = (*block)->header();
  Divergence out{.height = header.height,
                 .digest = digest,
                 .reason = std::move(reason),
                 .block = (*block)->bytes(),
                 .parent = header.parent,
                 .expected_state_root = header.state_root,
                 .expected_results_root = header.results_root,
                 .own_state_root = std::nullopt,
                 .own_results_root = std::nullopt,
                 .parent_block = {},
                 .changes = {}};
  if (ledger_.is_executed(header.parent)) {
    const ledger::BlockOutcome own = ledger_.outcome(header.parent);
    out.own_state_root = own.state_root;
    out.own_results_root = own.results_root;
  }
  if (const Validated<ledger::Block>* parent = ledger_.find(header.parent)) {
    out.parent_block = (*parent)->bytes();
    if (const state::Overlay* after = ledger_.state_after(header.parent)) {
      for (const auto& [key, value] : after->changes()) out.changes.emplace(key, value);
    }
  }
  divergence_ = std::move(out);
  out_.divergence = divergence_;
}

}  // namespace salus::replica
