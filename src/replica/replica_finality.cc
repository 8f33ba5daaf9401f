// Owns: what is final reaches the disk in height order, each segment as one batch with its
// finalization, and everything that waited for it hears of it only afterwards.
#include <algorithm>

#include "base/assert.h"
#include "consensus/codec.h"
#include "ledger/keys.h"
#include "replica/facts.h"
#include "replica/replica.h"
#include "state/record.h"

namespace salus::replica {

// The digests from the first block above the ledger's tip to `digest`; nullopt while one is
// missing, which is then asked for.
std::optional<std::vector<Digest>> Replica::path_to(const Digest& digest) {
  std::vector<Digest> path;
  Digest next = digest;
  while (next != ledger_.finalized().digest) {
    const Validated<ledger::Block>* block = ledger_.find(next);
    if (block == nullptr) {
      catch_up_.need(ledger_.finalized().height.next());
      return std::nullopt;
    }
    if ((*block)->header().height <= ledger_.finalized().height) return std::nullopt;
    path.push_back(next);
    next = (*block)->header().parent;
  }
  std::ranges::reverse(path);
  return path;
}

// Executes what is not executed and compares each header with our own roots (C29, C31).
bool Replica::execute_path(const std::vector<Digest>& path) {
  Digest parent = ledger_.finalized().digest;
  for (const Digest& digest : path) {
    const ledger::Header& header = (*ledger_.find(digest))->header();
    const ledger::CheckOutcome outcome =
        ledger_.check(digest, {.epoch = core_.epoch(),
                               .view = header.view,
                               .parent = parent,
                               .proposer = set_.leader_of(core_.epoch(), header.view),
                               .purpose = ledger::Purpose::Certify,
                               .wall = wall_,
                               .clock_ahead_ms = parameters_.clock_ahead_ms});
    if (!outcome.is_valid() || !ledger_.execute(digest)) {
      note(Notice::Level::Error,
           "A finalized block does not follow from this node's ledger: " +
               std::string{outcome.reason ? ledger::sentence(*outcome.reason)
                                          : "it does not execute"} +
               " The node goes no further; compare its build and ledger with the other "
               "operators'. height=" +
               std::to_string(header.height.value()));
      diverged_ = true;
      feed(consensus::StopVoting{});
      return false;
    }
    note_boundary(digest);
    parent = digest;
  }
  return true;
}

void Replica::finalize_what_can_be() {
  if (!goal_) return;
  if (goal_->subject.view() <= batch_view_) return goal_.reset();
  if (const consensus::Certificate goal = *goal_; finalize_up_to(goal)) goal_.reset();
}

bool Replica::finalize_up_to(const consensus::Certificate& certificate) {
  if (!batch_out_.empty() || diverged_) return false;
  const auto path = path_to(certificate.subject.candidate.digest);
  if (!path || path->empty() || !execute_path(*path)) return false;
  hand_out_batch(*path, certificate);
  return true;
}

void Replica::hand_out_batch(const std::vector<Digest>& path,
                             const consensus::Certificate& certificate) {
  const Bytes proof = consensus::encode(certificate);
  BatchOut out;
  for (const Digest& digest : path) {
    out.height = *ledger_.height_of(digest);
    StoreBatch batch = ledger_.prepare_finalize(digest, proof);
    std::ranges::move(batch.writes, std::back_inserter(out.batch.writes));
  }
  // S15, S9: the ledger knows up to which stage the guard must know.
  ByteWriter stage;
  stage.u64(core_.durable_stage().value());
  out.batch.put(std::string{kVoteStageKey}, std::string{as_chars(stage.out())});
  if (ledger_.outcome(path.back()).next_epoch > core_.epoch()) {
    ByteWriter height;
    height.u64(out.height.value());
    out.batch.put(epoch_end_key(core_.epoch()), std::string{as_chars(height.out())});
  }
  batch_out_ = path;
  batch_view_ = certificate.subject.view();
  out_.batch = std::move(out);
}

void Replica::on(const BatchDurable&) {
  SALUS_ASSERT(!batch_out_.empty(), "a batch is durable once");
  std::vector<Validated<ledger::Block>> blocks;
  for (const Digest& digest : batch_out_) blocks.push_back(*ledger_.find(digest));
  for (const Digest& digest : batch_out_) ledger_.confirm_finalized(digest);
  batch_out_.clear();
  ledger_view_ = batch_view_;
  finalized_at_ = mono_;
  catch_up_.reached(ledger_.finalized().height);
  for (const Validated<ledger::Block>& block : blocks) {
    mempool_.on_finalized(*block, finalized_view());
    settle_clients(*block);
  }
  drop_lost_clients();
  out_.finalized = ledger_.finalized().height;
  refresh_parameters();

  const View floor = core_.finalized();
  const std::uint64_t keep = floor.value() > 16 ? floor.value() - 16 : 0;
  std::erase_if(votes_seen_,
                [&](const auto& entry) { return std::get<View>(entry.first).value() < keep; });
  std::erase_if(certificates_seen_, [&](const auto& seen) { return seen.first < floor; });
  std::erase_if(blocks_taken_, [&](const auto& entry) { return entry.first <= floor; });

  say_work();
  judge_pending();
  finalize_what_can_be();
  catch_up_if_behind();
}

void Replica::refresh_parameters() {
  const consensus::Parameters now = consensus_parameters(ledger_.finalized_state());
  if (now == parameters_) return;
  parameters_ = now;
  feed(consensus::ParametersIn{now});
}

void Replica::catch_up_if_behind() {
  // What is on its way to the disk need not be asked for again, and what follows an epoch's end is
  // judged by the next set.
  if (!batch_out_.empty() || is_epoch_over()) return;
  const auto request = catch_up_.next(mono_);
  if (!request) return;
  out_.sends.push_back(
      {.to = request->peer,
       .type = FrameType::Fetch,
       .payload = sync::encode(sync::FetchMessage{sync::FetchChain{request->from}})});
}

void Replica::take(VerifiedChain& verified) {
  const bool fits = verified.certificate->subject.epoch() == core_.epoch() &&
                    verified.blocks.front()->header().parent == ledger_.finalized().digest;
  // Answered late: what it brings is here already, or a batch on its way brings it.
  catch_up_.answered(verified.from, fits);
  if (!fits || !batch_out_.empty()) return catch_up_if_behind();
  for (Validated<ledger::Block>& block : verified.blocks) {
    const Digest digest = block->digest();
    if (!ledger_.has(digest) && !ledger_.add(std::move(block))) return;
    feed(consensus::BlockIn{digest});
  }
  // The ledger goes first, and the core hears of the finalization at once: it moves views (C2). A
  // higher goal that still lacks blocks stays.
  finalize_what_can_be();
  finalize_up_to(*verified.certificate);
  feed(consensus::CertificateIn{.certificate = std::move(verified.certificate),
                                .from = verified.from});
}

}  // namespace salus::replica
