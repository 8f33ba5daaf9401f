// Owns: collecting what is known at the moment in which the node stops voting, and finding with its
// peers' help the record in which the states differ.
#include <algorithm>
#include <utility>

#include "replica/replica.h"
#include "state/chunk.h"
#include "state/difference.h"
#include "state/record.h"

namespace salus::replica {

namespace {

constexpr std::uint64_t kSearchWaitMaxMs = 60'000;

}  // namespace

void Replica::describe_divergence(const Digest& digest, std::string reason) {
  // The first one says where; what is built on it only follows.
  if (divergence_) return;
  divergence_.emplace();
  divergence_->height = ledger_.finalized().height.next();
  divergence_->digest = digest;
  divergence_->reason = std::move(reason);
  if (const Validated<ledger::Block>* block = ledger_.find(digest)) {
    divergence_->block = (*block)->bytes();
    describe_execution((*block)->header(), *divergence_);
  }
  out_.divergence = divergence_;
  look_for_difference();
}

// What a header says of the block before it, and what that one did here.
void Replica::describe_execution(const ledger::Header& header, Divergence& out) const {
  out.height = header.height;
  out.parent = header.parent;
  out.expected_state_root = header.state_root;
  out.expected_results_root = header.results_root;
  if (ledger_.is_executed(header.parent)) {
    const ledger::BlockOutcome own = ledger_.outcome(header.parent);
    out.own_state_root = own.state_root;
    out.own_results_root = own.results_root;
  }
  const Validated<ledger::Block>* parent = ledger_.find(header.parent);
  if (parent == nullptr) return;
  out.parent_block = (*parent)->bytes();
  if (const v1::BlockResults* results = ledger_.results_of(header.parent)) {
    out.parent_results = state::encode(*results);
  }
  if (const state::Overlay* after = ledger_.state_after(header.parent)) {
    for (const auto& [key, value] : after->changes()) {
      out.changes.emplace(key, RecordChange{.before = after->get_before(key), .after = value});
    }
  }
}

// Parts of the state that a quorum agreed on are asked of one peer after the other, from the root
// down to the first record that differs. Each is verified under that root, so no peer is believed.
void Replica::look_for_difference() {
  if (!divergence_->own_state_root ||
      divergence_->own_state_root == divergence_->expected_state_root) {
    return;
  }
  search_ = Search{.height = divergence_->height.previous(),
                   .wanted = {state::Path{}, Hash{divergence_->expected_state_root.bytes}},
                   .last = {},
                   .asked = {},
                   .ask_at = mono_,
                   .wait_ms = parameters_.retry_ms};
  ask_next_for_difference();
}

// A peer may not have finalized that state yet, or keep it no longer, so asking goes on, ever more
// rarely.
void Replica::ask_next_for_difference() {
  search_->ask_at = MonoMs{mono_.value() + search_->wait_ms};
  if (links_.empty()) return;
  search_->wait_ms = std::min(2 * search_->wait_ms, kSearchWaitMaxMs);
  const auto next = links_.upper_bound(search_->last);
  search_->last = next == links_.end() ? *links_.begin() : *next;
  ask_for_part(search_->last);
}

void Replica::ask_for_part(const NodeId& peer) {
  search_->asked.insert(peer);
  out_.sends.push_back({.to = peer,
                        .type = FrameType::Fetch,
                        .payload = sync::encode(sync::FetchMessage{sync::FetchPart{
                            .height = search_->height, .path = search_->wanted.path}})});
}

void Replica::on_part(const NodeId& from, const sync::PartAnswer& answer) {
  const bool is_wanted =
      search_ && search_->height == answer.height && search_->wanted.path == answer.path;
  // However late; one answer for each time that it was asked.
  if (!is_wanted || search_->asked.erase(from) == 0 || answer.part.empty()) return;
  const auto part = state::Chunk::verify(search_->wanted, answer.part);
  // A liar, or one that computes otherwise too and does not know it yet.
  if (!part) return;
  const state::Pages* own_tree = ledger_.tree_after(divergence_->parent);
  const state::Overlay* own_state = ledger_.state_after(divergence_->parent);
  if (own_tree == nullptr || own_state == nullptr) return search_.reset();
  const auto difference = state::first_difference(*own_tree, *part);
  if (const auto* below = std::get_if<state::Wanted>(&difference)) {
    search_->wanted = *below;
    search_->asked.clear();
    search_->wait_ms = parameters_.retry_ms;
    search_->ask_at = MonoMs{mono_.value() + search_->wait_ms};
    return ask_for_part(from);
  }
  search_.reset();
  const auto* record = std::get_if<state::RecordDifference>(&difference);
  if (record == nullptr) return;
  divergence_->difference = RecordDifference{
      .key = record->key, .own = own_state->get(record->key), .agreed = record->theirs};
  out_.divergence = divergence_;
}

// C31, where blocks come by height.
void Replica::stop_diverged(const Digest& digest, std::string_view reason) {
  const ledger::Header& header = (*ledger_.find(digest))->header();
  note(Notice::Level::Error,
       "A finalized block does not follow from this node's ledger: " + std::string{reason} +
           " The node goes no further; compare its build and ledger with the other operators'. "
           "height=" +
           std::to_string(header.height.value()));
  diverged_ = true;
  describe_divergence(digest, std::string{reason});
  const bool is_of_this_epoch = header.epoch == core_.epoch();
  feed(consensus::HasDiverged{is_of_this_epoch ? header.view : core_.view()});
}

// At most once in t_r, whoever answers: a liar costs some verifications and no more.
void Replica::ask_who_vouches(const NodeId& from, sync::ChainAnswer answer) {
  const std::uint64_t again_at = vouching_asked_.value() + parameters_.retry_ms;
  const bool is_early = vouching_asked_ > MonoMs{} && mono_.value() < again_at;
  if (is_early || diverged_ || is_epoch_over() || !batch_out_.empty()) return;
  vouching_asked_ = mono_;
  out_.verifications.push_back(verify_successor(
      epoch_context(), from, std::move(answer.certificate), std::move(answer.blocks)));
}

// Who executed the last block of the epoch, and found no end of it, would wait for ever: it cannot
// judge what the next set signs. But f+1 validators of this set, a correct one among them, vote
// there for a chain whose first block stands on our last one; so that one ended the epoch.
void Replica::take(VouchedSuccessor& verified) {
  const ledger::Header& header = verified.block->header();
  const bool is_next = header.parent == ledger_.finalized().digest && header.epoch > core_.epoch();
  if (verified.judged_in != core_.epoch() || !is_next) return;
  if (diverged_ || is_epoch_over() || !batch_out_.empty()) return;
  if (set_.find(verified.from)) at_odds_.insert(verified.from);
  if (verified.vouchers <= set_.faulty_max()) return;
  const Digest digest = verified.block->digest();
  if (!hold(std::move(verified.block), {digest})) return;
  stop_diverged(digest, "The block before it ends the epoch, and not by our own execution.");
}

}  // namespace salus::replica
