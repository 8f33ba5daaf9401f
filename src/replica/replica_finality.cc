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

namespace {

constexpr std::uint64_t kMissingWaitMsMax = 10'000;

}  // namespace

// The digests from the first block above the ledger's tip to `digest`; nullopt while one is
// missing, which is then asked for.
std::optional<std::vector<Digest>> Replica::path_to(const Digest& digest) {
  std::vector<Digest> path;
  Digest next = digest;
  while (next != ledger_.finalized().digest) {
    const Validated<ledger::Block>* block = ledger_.find(next);
    if (block == nullptr) {
      catch_up_.need(ledger_.finalized().height.next());
      miss(next, digest, !path.empty());
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
    if (outcome.reason == ledger::CheckReason::VersionUnknown) {
      need_version(header.version);
      return false;
    }
    if (!outcome.is_valid() || !ledger_.execute(digest)) {
      stop_diverged(digest,
                    outcome.reason ? ledger::sentence(*outcome.reason) : "It does not execute.");
      return false;
    }
    note_boundary(digest);
    parent = digest;
  }
  return true;
}

void Replica::finalize_what_can_be() {
  if (goal_ && goal_->subject.view() <= batch_view_) goal_.reset();
  if (segment_end_ && segment_end_->subject.view() <= batch_view_) {
    segment_end_.reset();
    // What follows may be asked for by height again.
    catch_up_.answered(segment_from_, true);
  }
  const auto goal = nearest_goal();
  if (!goal) return missing_.reset();
  if (!finalize_up_to(*goal)) return;
  if (goal_ == goal) goal_.reset();
  missing_.reset();
}

void Replica::ask_for_block(const Digest& digest, const NodeId& peer) {
  std::erase(asked_blocks_, digest);
  asked_blocks_.push_back(digest);
  if (asked_blocks_.size() > kAskedBlocksMax) asked_blocks_.pop_front();
  out_.sends.push_back({.to = peer,
                        .type = FrameType::Fetch,
                        .payload = sync::encode(sync::FetchMessage{sync::FetchBlock{digest}})});
}

std::optional<consensus::Certificate> Replica::nearest_goal() const {
  if (!goal_ || !segment_end_) return goal_ ? goal_ : segment_end_;
  return segment_end_->subject.view() < goal_->subject.view() ? segment_end_ : goal_;
}

void Replica::miss(const Digest& parent, const Digest& top, bool is_top_here) {
  if (missing_ && missing_->digest == parent) return ask_for_missing();
  const bool is_segment = segment_end_ && segment_end_->subject.candidate.digest == top;
  if (!is_segment) {
    // The finalized block itself is fetched by the core, and a long chain by height.
    if (!is_top_here) return;
    const std::uint64_t above =
        (*ledger_.find(top))->header().height.value() - ledger_.finalized().height.value();
    if (above > kParentsByDigestMax) return;
  }
  // The first of a chain may be on its way; the next ones come from nowhere else.
  const bool goes_on = missing_ && missing_->asked && ledger_.has(missing_->digest);
  const std::uint64_t wait = is_segment || goes_on ? 0 : parameters_.fetch_ms;
  missing_ = {
      .digest = parent, .ask_at = MonoMs{mono_.value() + wait}, .wait_ms = parameters_.fetch_ms};
  ask_for_missing();
}

// Each linked peer in turn; t_f apart, and twice as long with each that does not answer.
void Replica::ask_for_missing() {
  if (mono_ < missing_->ask_at) return;
  missing_->ask_at = MonoMs{mono_.value() + missing_->wait_ms};
  missing_->wait_ms = std::min(kMissingWaitMsMax, 2 * missing_->wait_ms);
  missing_->asked = true;
  if (links_.empty()) return;
  auto peer = links_.upper_bound(missing_peer_);
  if (peer == links_.end()) peer = links_.begin();
  missing_peer_ = *peer;
  ask_for_block(missing_->digest, *peer);
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
  watch_version();

  const View floor = core_.finalized();
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

// The request stays open: the next peer may know a nearer end.
void Replica::take_segment_end(VerifiedChain& verified) {
  const consensus::Subject& end = verified.certificate->subject;
  if (end.epoch() != core_.epoch() || end.view() <= batch_view_) {
    catch_up_.answered(verified.from, false);
    return catch_up_if_behind();
  }
  if (!segment_end_ || end.view() < segment_end_->subject.view()) {
    segment_end_ = *verified.certificate;
    segment_from_ = verified.from;
  }
  finalize_what_can_be();
  feed(consensus::CertificateIn{.certificate = std::move(verified.certificate),
                                .from = verified.from});
}

void Replica::take(VerifiedChain& verified) {
  if (verified.blocks.empty()) return take_segment_end(verified);
  const bool fits = verified.certificate->subject.epoch() == core_.epoch() &&
                    verified.blocks.front()->header().parent == ledger_.finalized().digest;
  // Answered late: what it brings is here already, or a batch on its way brings it.
  catch_up_.answered(verified.from, fits);
  if (!fits || !batch_out_.empty()) return catch_up_if_behind();
  std::set<Digest> segment;
  for (const Validated<ledger::Block>& block : verified.blocks) segment.insert(block->digest());
  for (Validated<ledger::Block>& block : verified.blocks) {
    const Digest digest = block->digest();
    if (!hold(std::move(block), segment)) return;
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
