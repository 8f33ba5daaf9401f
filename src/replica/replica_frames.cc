// Owns: what a frame from a peer may cost: cheap refusals first, signatures elsewhere, answers
// bounded a peer (consensus.md, section 10).
#include <algorithm>

#include "consensus/codec.h"
#include "replica/chain_segments.h"
#include "replica/replica.h"
#include "state/chunk.h"
#include "wire/block_frame.h"

namespace salus::replica {

namespace {

constexpr std::size_t kCertificatesSeenMax = 4'096;
// A leader offers one block a view; a second is equivocation, a third adds nothing.
constexpr std::size_t kBlocksPerViewMax = 2;
// How far a leader may be ahead of us; what is further ahead is fetched when a vote names it.
constexpr std::uint64_t kBlockViewsAheadMax = 4;

}  // namespace

void Replica::on(FrameIn& event) {
  switch (event.type) {
    case FrameType::Vote:
      return on_vote_frame(event);
    case FrameType::Certificate:
      return on_certificate_frame(event);
    case FrameType::Block:
      return on_block_frame(event);
    case FrameType::Fetch:
      return on_fetch_frame(event);
    case FrameType::Answer:
      return on_answer_frame(event);
    case FrameType::Status:
      return on_status_frame(event);
    case FrameType::Transaction:
      // Said again until it is final.
      if (mempool_.has_raw(event.payload)) return;
      out_.verifications.push_back(verify_transaction(event.from, std::move(event.payload)));
      return;
  }
  take(BadFrame{.from = event.from, .what = "a frame of an unknown type"});
}

SeenVotes::Window Replica::vote_window() const {
  return {.finalized = core_.finalized(), .current = core_.view()};
}

void Replica::on_vote_frame(FrameIn& frame) {
  const auto vote = consensus::decode_vote(frame.payload);
  if (!vote) return take(BadFrame{.from = frame.from, .what = consensus::sentence(vote.error())});
  if (is_of_other_epoch(vote->subject.epoch(), frame)) return;
  if (!set_.contains(vote->signer) || !votes_seen_.is_new(*vote, vote_window())) return;
  out_.verifications.push_back(verify_vote(epoch_context(), frame.from, std::move(frame.payload)));
}

bool Replica::is_new(const consensus::Certificate& certificate) {
  if (certificate.subject.epoch() != core_.epoch()) return false;
  if (certificate.subject.view() <= core_.finalized()) return false;
  return !certificates_seen_.contains({certificate.subject.view(), certificate.subject.kind});
}

void Replica::on_certificate_frame(FrameIn& frame) {
  const auto certificate = consensus::decode_certificate(frame.payload);
  if (!certificate) {
    return take(BadFrame{.from = frame.from, .what = consensus::sentence(certificate.error())});
  }
  // Who has a finalization is no laggard of its view: two nodes that answered it with the end of
  // that epoch would tell each other for ever (C43).
  const bool is_past = certificate->subject.epoch() < core_.epoch();
  if (is_past && certificate->subject.kind == consensus::VoteKind::Finalize) return;
  if (is_of_other_epoch(certificate->subject.epoch(), frame)) return;
  if (!is_new(*certificate)) return;
  out_.verifications.push_back(
      verify_certificates(epoch_context(), frame.from, {std::move(frame.payload)}));
}

void Replica::on_block_frame(const FrameIn& frame) {
  const auto block = wire::decode_block_frame(frame.payload);
  if (!block) return take(BadFrame{.from = frame.from, .what = "a malformed block frame"});
  // Cheapest check first: nobody earns the reading of 8 MiB with 230 bytes.
  const auto head = ledger::Block::head_of(block->bytes);
  if (!head) return take(BadFrame{.from = frame.from, .what = "bytes that are no block"});
  if (ledger_.has(head->digest) || !is_welcome(*head, block->bytes.size(), frame.from)) return;
  out_.verifications.push_back(
      decode_block(frame.from, Bytes{block->bytes.begin(), block->bytes.end()}));
}

bool Replica::may_serve(const NodeId& peer) {
  Served& served = served_[peer];
  const std::uint64_t second = mono_.value() / 1'000;
  if (served.second != second) served = {.second = second, .count = 0};
  return ++served.count <= kServedPerSecondMax;
}

void Replica::on_fetch_frame(const FrameIn& frame) {
  const auto message = sync::decode_fetch(frame.payload);
  if (!message) return take(BadFrame{.from = frame.from, .what = "a malformed fetch"});
  if (!links_.contains(frame.from) || !may_serve(frame.from)) return;
  if (const auto* certificate = std::get_if<sync::FetchCertificate>(&*message)) {
    if (certificate->epoch < core_.epoch()) return tell_end_of(certificate->epoch, frame.from);
    feed(consensus::FetchIn{.from = frame.from,
                            .epoch = certificate->epoch,
                            .view = certificate->view,
                            .kind = certificate->kind});
  } else if (const auto* block = std::get_if<sync::FetchBlock>(&*message)) {
    serve_block(frame.from, block->digest);
  } else if (const auto* chain = std::get_if<sync::FetchChain>(&*message)) {
    serve_chain(frame.from, chain->from);
  } else if (const auto* part = std::get_if<sync::FetchPart>(&*message)) {
    serve_beside(frame.from, *part);
  } else if (const auto* epochs = std::get_if<sync::FetchEpochs>(&*message)) {
    serve_beside(frame.from, *epochs);
  } else {
    serve_beside(frame.from, sync::FetchSnapshot{});
  }
}

template <typename Fetch>
void Replica::serve_beside(const NodeId& to, const Fetch& asked) {
  out_.serves.push_back({.to = to, .asked = asked, .snapshot_every = config_.snapshot_every});
}

namespace {

sync::PartAnswer make_part(const ledger::Reader& reader, const sync::FetchPart& asked) {
  sync::PartAnswer answer{.height = asked.height, .path = asked.path, .part = {}};
  const auto state = reader.state_at(asked.height);
  const auto pages = reader.pages_at(asked.height);
  if (state && pages) {
    auto part = state::make_chunk(*pages, *state, asked.path);
    if (part) answer.part = std::move(*part);
  }
  return answer;
}

}  // namespace

Bytes make_part_answer(const Store& snapshot, const ServePart& order) {
  const ledger::Reader reader{snapshot};
  if (const auto* part = std::get_if<sync::FetchPart>(&order.asked)) {
    return sync::encode(sync::AnswerMessage{make_part(reader, *part)});
  }
  if (const auto* epochs = std::get_if<sync::FetchEpochs>(&order.asked)) {
    return sync::encode(sync::AnswerMessage{sync::make_epochs(reader, epochs->from)});
  }
  auto offer = sync::make_offer(reader, order.snapshot_every);
  return sync::encode(
      sync::AnswerMessage{sync::SnapshotAnswer{std::move(offer).value_or(Bytes{})}});
}

void Replica::refuse_pruned(const NodeId& to, Height lowest) {
  out_.sends.push_back({.to = to,
                        .type = FrameType::Answer,
                        .payload = sync::encode(sync::AnswerMessage{sync::PrunedAnswer{lowest}})});
}

void Replica::serve_block(const NodeId& to, const Digest& digest) {
  const auto send = [&](ByteView bytes) {
    out_.sends.push_back({.to = to,
                          .type = FrameType::Block,
                          .payload = wire::encode(wire::BlockFrame{
                              .epoch = core_.epoch(), .digest = digest, .bytes = bytes})});
  };
  if (const Validated<ledger::Block>* block = ledger_.find(digest)) {
    return send(as_bytes((*block)->bytes()));
  }
  const ledger::Reader reader{store_};
  const auto height = reader.height_of(digest);
  if (height == Height{0}) return;
  const auto stored = height ? reader.stored_block(*height) : std::nullopt;
  if (stored) return send(as_bytes(stored->bytes));
  // With a block goes what its digest was: it may be one that was pruned.
  const Height lowest = reader.kept().block;
  if (Height{1} < lowest) refuse_pruned(to, lowest);
}

// Blocks from `from` up to one that a stored finalization ends, about 1 MiB of them.
void Replica::serve_chain(const NodeId& to, Height from) {
  const ledger::Reader reader{store_};
  if (const Height lowest = reader.kept().block; from < lowest && Height{0} < from) {
    return refuse_pruned(to, lowest);
  }
  ChainSegments segments;
  // Each epoch's blocks are judged by its own set, so an answer ends with the epoch (C45).
  std::optional<Epoch> epoch;
  for (Height height = from;; height = height.next()) {
    const auto stored = reader.stored_block(height);
    if (!stored) break;
    const auto certificate = consensus::decode_certificate(stored->certificate);
    if (!certificate ||
        certificate->subject.epoch() != epoch.value_or(certificate->subject.epoch()))
      break;
    epoch = certificate->subject.epoch();
    const bool ends_here = reader.height_of(certificate->subject.candidate.digest) == height;
    if (!segments.add(as_bytes(stored->bytes), stored->certificate, ends_here)) break;
  }
  auto answer = std::move(segments).finish();
  if (!answer) {
    // The pruner may have been faster.
    const Height lowest = reader.kept().block;
    if (from < lowest && Height{0} < from) refuse_pruned(to, lowest);
    return;
  }
  out_.sends.push_back({.to = to,
                        .type = FrameType::Answer,
                        .payload = sync::encode(sync::AnswerMessage{std::move(*answer)})});
}

void Replica::on_answer_frame(FrameIn& frame) {
  auto message = sync::decode_answer(frame.payload);
  if (!message) return take(BadFrame{.from = frame.from, .what = "a malformed answer"});
  if (auto* certificates = std::get_if<sync::CertificatesAnswer>(&*message)) {
    std::vector<Bytes> fresh;
    for (Bytes& bytes : certificates->certificates) {
      const auto certificate = consensus::decode_certificate(bytes);
      if (certificate && is_new(*certificate)) fresh.push_back(std::move(bytes));
    }
    if (fresh.empty()) return;
    out_.verifications.push_back(
        verify_certificates(epoch_context(), frame.from, std::move(fresh)));
    return;
  }
  if (const auto* pruned = std::get_if<sync::PrunedAnswer>(&*message)) {
    return on_pruned(frame.from, pruned->lowest);
  }
  if (const auto* part = std::get_if<sync::PartAnswer>(&*message)) {
    return on_part(frame.from, *part);
  }
  auto* answer = std::get_if<sync::ChainAnswer>(&*message);
  // Snapshots are asked for before there is a replica (node/snapshot_joiner.h).
  if (answer == nullptr) return;
  sync::ChainAnswer& chain = *answer;
  // Only what was asked for: an unsolicited answer installs nothing.
  if (!catch_up_.is_asked(frame.from)) return;
  const auto certificate = consensus::decode_certificate(chain.certificate);
  if (!certificate) return take(BadFrame{.from = frame.from, .what = "a malformed answer"});
  // Of an epoch that ended meanwhile, or whose set is not known yet: asked again when it is time.
  if (certificate->subject.epoch() != core_.epoch()) {
    const bool is_later = certificate->subject.epoch() > core_.epoch();
    catch_up_.answered(frame.from, false);
    if (is_later) ask_who_vouches(frame.from, std::move(chain));
    return;
  }
  out_.verifications.push_back(verify_chain(epoch_context(), frame.from,
                                            std::move(chain.certificate), std::move(chain.blocks)));
}

void Replica::on_pruned(const NodeId& from, Height lowest) {
  if (catch_up_.is_asked(from)) {
    catch_up_.pruned(from, lowest);
  } else if (missing_ && missing_->asked && missing_peer_ == from) {
    // Of the block that was asked for by its digest; the next peer is asked when it is time.
    catch_up_.forgot(from, lowest);
  }
  catch_up_if_behind();
}

void Replica::on_status_frame(FrameIn& frame) {
  auto status = sync::decode_status(frame.payload);
  if (!status) return take(BadFrame{.from = frame.from, .what = "a malformed status"});
  catch_up_.claim(frame.from, status->height, mono_);
  note_peer(frame.from, *status);
  if (status->epoch < core_.epoch()) tell_end_of(status->epoch, frame.from);
  // One event, after the votes in it are verified: a node that heard the claim without the votes
  // would count as heard (S13).
  VerifiedStatus claim{.from = frame.from,
                       .epoch = status->epoch,
                       .view = status->view,
                       .finalized = status->finalized,
                       .own_votes = {}};
  // What our registers cover tells nothing new, whoever signed it.
  std::erase_if(status->votes_of_receiver, [this](const Bytes& bytes) {
    const auto vote = consensus::decode_vote(bytes);
    return vote && vote->subject.epoch() == core_.epoch() &&
           core_.registers().covers(vote->subject);
  });
  if (status->votes_of_receiver.empty()) return take(claim);
  out_.verifications.push_back(
      verify_status(epoch_context(), std::move(claim), std::move(status->votes_of_receiver)));
}

void Replica::send_status(const std::optional<NodeId>& to) {
  std::vector<NodeId> receivers{links_.begin(), links_.end()};
  if (to) receivers = {*to};
  for (const NodeId& receiver : receivers) {
    const consensus::StatusOut status = core_.status_for(receiver);
    sync::StatusMessage message{.epoch = status.epoch,
                                .view = status.view,
                                .finalized = status.finalized,
                                .height = ledger_.finalized().height,
                                .mode = static_cast<std::uint8_t>(core_.mode()),
                                .wall = wall_,
                                .votes_of_receiver = {}};
    for (const consensus::Vote& vote : status.votes_of_receiver) {
      if (message.votes_of_receiver.size() == sync::kStatusVotesMax) break;
      message.votes_of_receiver.push_back(consensus::encode(vote));
    }
    out_.sends.push_back(
        {.to = receiver, .type = FrameType::Status, .payload = sync::encode(message)});
  }
}

void Replica::take(VerifiedVote& verified) {
  const consensus::Vote& vote = *verified.vote;
  // Verified in an epoch that ended meanwhile.
  if (vote.subject.epoch() != core_.epoch()) return;
  votes_seen_.note(vote, vote_window());
  feed(consensus::VoteIn{std::move(verified.vote)});
}

void Replica::take(VerifiedCertificates& verified) {
  for (Validated<consensus::Certificate>& certificate : verified.certificates) {
    if (certificate->subject.epoch() != core_.epoch()) continue;
    if (certificates_seen_.size() < kCertificatesSeenMax) {
      certificates_seen_.emplace(certificate->subject.view(), certificate->subject.kind);
    }
    feed(consensus::CertificateIn{.certificate = std::move(certificate), .from = verified.from});
  }
}

// Bytes prove nothing, so they cost work and memory only if we asked for them, or if they come from
// the leader whose turn it is, are few, and fit a block (section 10). What was welcome once and is
// not here is asked for when somebody names it.
bool Replica::is_welcome(const ledger::BlockHead& head, std::size_t bytes, const NodeId& from) {
  if (std::ranges::find(asked_blocks_, head.digest) != asked_blocks_.end()) return true;
  const ledger::Header& header = head.header;
  if (header.epoch != core_.epoch() || header.view <= core_.finalized()) return false;
  if (header.view.value() > core_.view().value() + kBlockViewsAheadMax) return false;
  if (set_[set_.leader_of(header.epoch, header.view)].node_key != from) return false;
  if (bytes > parameters_.block_bytes_max || !ledger_.can_follow(header)) return false;
  auto& taken = blocks_taken_[header.view];
  return taken.size() < kBlocksPerViewMax && taken.insert(head.digest).second;
}

void Replica::take(DecodedBlock& verified) {
  if (ledger_.has(verified.block.digest())) return;
  // Only now: whoever else shows that header first must not spoil the answer.
  std::erase(asked_blocks_, verified.block.digest());
  std::set<Hash> known;
  for (const wire::Transaction& transaction : verified.block.transactions()) {
    const Validated<wire::Transaction>* waiting = mempool_.find(transaction.id());
    // Equal ids are not enough: the id does not bind the signatures.
    if (waiting != nullptr && (*waiting)->raw() == transaction.raw()) {
      known.insert(wire::leaf_of(as_bytes(transaction.raw())));
    }
  }
  Verification verification =
      verify_block(verified.from, std::move(verified.block), std::move(known));
  out_.verifications.push_back(std::move(verification));
}

void Replica::take(VerifiedBlock& verified) {
  const Digest digest = verified.block->digest();
  if (!hold(std::move(verified.block), {})) return;
  feed(consensus::BlockIn{digest});
  judge_pending();
  finalize_what_can_be();
}

// `needed`: beside what the core and the way to a finalization need. The core hears at once what
// went, before it stages bytes that are no longer here.
bool Replica::hold(Validated<ledger::Block> block, std::set<Digest> needed) {
  // Gathered only where something must go for it.
  if (!ledger_.has_room_for(*block)) {
    needed.merge(core_.needed_blocks());
    if (goal_) needed.insert(goal_->subject.candidate.digest);
    if (segment_end_) needed.insert(segment_end_->subject.candidate.digest);
    if (missing_) needed.insert(missing_->digest);
  }
  const bool held = ledger_.add(std::move(block), needed);
  for (const Digest& gone : ledger_.take_evicted()) {
    inbox_.emplace_front(consensus::BlockGone{gone});
  }
  return held;
}

void Replica::take(const CondemnedBlock& verified) {
  ledger_.condemn(verified.digest);
  feed(consensus::BlockIn{verified.digest});
  judge_pending();
}

void Replica::take(VerifiedStatus& verified) {
  feed(consensus::StatusIn{.from = verified.from,
                           .epoch = verified.epoch,
                           .view = verified.view,
                           .finalized = verified.finalized,
                           .own_votes = std::move(verified.own_votes)});
}

void Replica::take(VerifiedTransaction& verified) { admit(verified); }

void Replica::take(const RefusedTransaction& verified) {
  if (const auto* ticket = std::get_if<Ticket>(&verified.source)) {
    return reply(*ticket, TxId{}, SubmissionState::Refused, wire::code(verified.refusal));
  }
  take(BadFrame{.from = std::get<NodeId>(verified.source), .what = "a malformed transaction"});
}

void Replica::take(const BadFrame& verified) {
  if (verified.is_of_other_set && set_.find(verified.from)) at_odds_.insert(verified.from);
  out_.punishments.push_back({.peer = verified.from, .what = verified.what});
}

}  // namespace salus::replica
