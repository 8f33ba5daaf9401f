// Owns: the treasons.
#include "sim/adversary.h"

#include <algorithm>

#include "consensus/codec.h"
#include "sync/messages.h"
#include "wire/block_frame.h"

namespace salus::sim {

namespace {

constexpr std::size_t kHeardMax = 64;
constexpr std::size_t kRelicsMax = 256;
// Of the frames that are no longer new, one in so many takes the place of an older one: some are
// then of epochs long over.
constexpr std::uint64_t kRelicOneIn = 4;
constexpr std::size_t kVotedMax = 256;
constexpr int kSpareBlocks = 3;
constexpr std::uint8_t kNotarize = 1;
constexpr std::uint8_t kNullify = 2;
constexpr std::uint8_t kFinalize = 3;

}  // namespace

struct Adversary::Vote {
  std::uint8_t kind = 0;
  std::uint64_t epoch = 0;
  std::uint64_t view = 0;
  std::uint64_t parent = 0;
  Digest digest;

  explicit Vote(ByteView payload) {
    ByteReader in{payload};
    kind = in.u8();
    (void)in.u16();
    epoch = in.u64();
    view = in.u64();
    if (kind == kNullify) return;
    parent = in.u64();
    digest = in.fixed<Digest>();
  }
};

Adversary::Adversary(Network& network, std::uint16_t node, std::uint64_t seed)
    : network_(network), node_(node), random_(seed) {}

Frame Adversary::vote(std::uint8_t kind, std::uint64_t epoch, std::uint64_t view,
                      std::uint64_t parent, const Digest& digest, std::uint16_t to) const {
  const consensus::Candidate candidate{
      .epoch = Epoch{epoch}, .view = View{view}, .parent = View{parent}, .digest = digest};
  const consensus::Subject subject = kind == kNotarize ? consensus::notarize(candidate)
                                     : kind == kFinalize
                                         ? consensus::finalize(candidate)
                                         : consensus::nullify(Epoch{epoch}, View{view});
  const Bytes message = consensus::signed_bytes(network_.chain_id(), subject);
  const consensus::Vote made{.subject = subject,
                             .signer = own_index(),
                             .signature = network_.validator_key(node_).sign(message)};
  return {.from = node_, .to = to, .type = FrameType::Vote, .payload = consensus::encode(made)};
}

// As of now; seats move with the epochs.
ValidatorIndex Adversary::own_index() const {
  if (network_.is_up(node_)) {
    if (const auto index = network_.replica(node_).status().consensus.own_index) return *index;
  }
  return network_.validator_of(node_);
}

void Adversary::later(Frame frame, std::uint64_t after_ms) {
  network_.at(network_.now() + after_ms, [&network = network_, frame = std::move(frame)]() mutable {
    network.inject(std::move(frame));
  });
}

void Adversary::remember(const Frame& frame) {
  if (heard_.size() == kHeardMax) {
    keep_relic(std::move(heard_.front()));
    heard_.pop_front();
  }
  heard_.push_back(frame);
}

void Adversary::keep_relic(Frame frame) {
  if (relics_.size() < kRelicsMax) return relics_.push_back(std::move(frame));
  if (!random_.one_in(kRelicOneIn)) return;
  relics_[random_.draw(0, kRelicsMax - 1)] = std::move(frame);
}

void Adversary::hears(const Frame& frame) {
  if (keeps_what_it_hears() && random_.one_in(8)) remember(frame);
  if (!does(Treason::VoteForAll) || frame.type != FrameType::Vote) return;
  const Vote heard{frame.payload};
  if (heard.kind != kNotarize || voted_.size() > kVotedMax) return;
  if (!voted_.insert({heard.view, heard.digest}).second) return;
  for (std::uint16_t to = 0; to < network_.size(); ++to) {
    if (to == node_) continue;
    for (const std::uint8_t kind : {kNotarize, kNullify, kFinalize}) {
      later(vote(kind, heard.epoch, heard.view, heard.parent, heard.digest, to), 0);
    }
  }
}

// The last hand on a frame before it leaves.
void Adversary::say(std::vector<Frame>& out, Frame frame) {
  if (does(Treason::Mutations) && !frame.payload.empty() && random_.one_in(6)) {
    if (random_.one_in(3)) {
      frame.payload.resize(random_.draw(0, frame.payload.size() - 1));
    } else {
      frame.payload[random_.draw(0, frame.payload.size() - 1)] ^=
          static_cast<std::uint8_t>(1U << random_.draw(0, 7));
    }
  }
  out.push_back(std::move(frame));
}

void Adversary::sends(Frame frame, std::vector<Frame>& out) {
  if (does(Treason::Silent)) return;
  if (keeps_what_it_hears() && random_.one_in(8)) remember(frame);
  add_inventions(frame.to, out);
  switch (frame.type) {
    case FrameType::Block:
      return send_block(std::move(frame), out);
    case FrameType::Vote:
      return send_vote(std::move(frame), out);
    case FrameType::Certificate:
      return send_certificate(std::move(frame), out);
    case FrameType::Answer:
      if (does(Treason::WithholdBytes)) return;
      if (does(Treason::WrongAnswers) && frame.payload.size() > 10) {
        frame.payload[random_.draw(3, frame.payload.size() - 1)] ^= 4;
      }
      break;
    case FrameType::Status:
      if (does(Treason::FalseStatus)) {
        if (auto status = sync::decode_status(frame.payload)) {
          status->view = View{status->view.value() + random_.draw(0, 1'000'000)};
          status->finalized = View{random_.draw(0, status->view.value())};
          status->height = Height{random_.draw(0, std::uint64_t{1} << 50U)};
          status->wall = WallMs{random_.draw(0, std::uint64_t{1} << 50U)};
          frame.payload = sync::encode(*status);
        }
      }
      break;
    case FrameType::Fetch:
    case FrameType::Transaction:
      break;
  }
  say(out, std::move(frame));
}

std::optional<Adversary::Forged> Adversary::forge(ByteView block, bool is_invalid) {
  const auto decoded = ledger::Block::decode(block);
  if (!decoded) return std::nullopt;
  ledger::Header header = decoded->header();
  std::vector<Validated<wire::Transaction>> transactions;
  for (const wire::Transaction& transaction : decoded->transactions()) {
    auto valid = wire::Transaction::decode_and_verify(as_bytes(transaction.raw()));
    if (valid) transactions.push_back(std::move(*valid));
  }
  header.time = header.time.next();
  if (is_invalid) {
    switch (random_.draw(0, 10)) {
      case 0:
        header.parent.bytes[3] ^= 1;
        break;
      case 1:
        header.height = header.height.next();
        break;
      case 2:
        header.epoch = header.epoch.next();
        break;
      case 3:
        header.chain_id.bytes[1] ^= 1;
        break;
      case 4:
        header.state_root.bytes[7] ^= 1;
        break;
      case 5:
        header.results_root.bytes[7] ^= 1;
        break;
      case 6:
        header.time = WallMs{random_.one_in(2) ? 1 : header.time.value() + 3'600'000};
        break;
      case 7:
        header.validator_set_hash.bytes[0] ^= 1;
        break;
      case 8:
        header.view = header.view.next();
        break;
      case 9:
        return with_other_transactions_root(ledger::Block::make(header, transactions));
      default:
        header.proposer = ValidatorIndex{static_cast<std::uint16_t>(header.proposer.value() ^ 1U)};
    }
  } else if (random_.one_in(3)) {
    transactions.clear();
  }
  const auto made = ledger::Block::make(header, transactions);
  return Forged{made->digest(), made->bytes()};
}

// No block of ours can have it, so the bytes are changed.
std::optional<Adversary::Forged> Adversary::with_other_transactions_root(
    const Validated<ledger::Block>& block) {
  ledger::Header header = block->header();
  const std::string before{as_chars(ledger::encode(header))};
  header.transactions_root.bytes[5] ^= 1;
  const Bytes after = ledger::encode(header);
  std::string bytes = block->bytes();
  bytes.replace(bytes.find(before), before.size(), as_chars(after));
  return Forged{ledger::digest_of(after), std::move(bytes)};
}

void Adversary::send_block(Frame frame, std::vector<Frame>& out) {
  if (does(Treason::WithholdBytes)) return;
  if (does(Treason::SpareBlocks)) add_spare_blocks(frame, out);
  const std::size_t few = (network_.set().size() - 1) / 3 + 1;
  if (does(Treason::BlockToFew) && (frame.to + network_.size() - node_) % network_.size() > few) {
    return;
  }
  const auto shown = wire::decode_block_frame(frame.payload);
  const bool forges = does(Treason::Equivocate) || does(Treason::ForgedHeader);
  if (shown && own_ != shown->digest) {
    own_ = shown->digest;
    other_.reset();
    if (forges) other_ = forge(shown->bytes, !does(Treason::Equivocate));
  }
  if (shown && forges) {
    const bool gets_other = does(Treason::ForgedHeader) || frame.to % 2 == 1;
    if (other_ && gets_other) {
      frame.payload = wire::encode(wire::BlockFrame{
          .epoch = shown->epoch, .digest = other_->digest, .bytes = as_bytes(other_->bytes)});
    }
  }
  say(out, std::move(frame));
}

// Others of the same view, more than it may offer, before its own.
void Adversary::add_spare_blocks(const Frame& frame, std::vector<Frame>& out) {
  const auto shown = wire::decode_block_frame(frame.payload);
  if (!shown) return;
  for (int i = 0; i < kSpareBlocks; ++i) {
    const auto spare = forge(shown->bytes, /*is_invalid=*/true);
    if (!spare) return;
    Frame offer = frame;
    offer.payload = wire::encode(wire::BlockFrame{
        .epoch = shown->epoch, .digest = spare->digest, .bytes = as_bytes(spare->bytes)});
    say(out, std::move(offer));
  }
}

// Where it repeats the last block of an epoch, as it must (C42): one more block on top of it.
const Validated<ledger::Block>* Adversary::child_of_boundary(const Vote& own) {
  if (!does(Treason::ChildOfBoundary) || own.kind != kNotarize || !network_.is_up(node_)) {
    return nullptr;
  }
  const Replica& replica = network_.replica(node_);
  const ledger::Ledger& ledger = replica.ledger();
  const auto status = replica.status().consensus;
  const bool leads = status.own_index && status.own_index == status.leader;
  if (!leads || status.view.value() != own.view || replica.epoch().value() != own.epoch) {
    return nullptr;
  }
  if (!ledger.is_executed(own.digest)) return nullptr;
  if (ledger.outcome(own.digest).next_epoch <= replica.epoch()) return nullptr;
  if (child_ && (*child_)->header().view.value() == own.view) return &*child_;
  const Validated<ledger::Block>* const boundary = ledger.find(own.digest);
  // Offered for the first time: its child comes when it is offered again.
  if (boundary == nullptr || (*boundary)->header().view.value() == own.view) return nullptr;
  child_ = ledger
               .build({.epoch = replica.epoch(),
                       .view = View{own.view},
                       .proposer = *status.own_index,
                       .parent = own.digest,
                       .time = (*boundary)->header().time.next(),
                       .transactions = {}})
               .block;
  return &*child_;
}

void Adversary::send_vote(Frame frame, std::vector<Frame>& out) {
  const Vote own{frame.payload};
  const std::uint16_t to = frame.to;
  if (const auto* const child = child_of_boundary(own)) {
    out.push_back(
        {.from = node_,
         .to = to,
         .type = FrameType::Block,
         .payload = wire::encode(wire::BlockFrame{.epoch = Epoch{own.epoch},
                                                  .digest = (*child)->digest(),
                                                  .bytes = as_bytes((*child)->bytes())})});
    return say(out, vote(kNotarize, own.epoch, own.view, own.parent, (*child)->digest(), to));
  }
  if (does(Treason::VotesToSome) && (to + own.view) % 2 == 0) return;
  const auto also = [&](std::uint8_t kind, const Digest& digest) {
    say(out, vote(kind, own.epoch, own.view, own.parent, digest, to));
  };
  if (does(Treason::NullifyOnly)) return also(kNullify, {});
  if (own.kind == kNotarize && own.digest == own_ && other_) {
    const bool gets_other = does(Treason::ForgedHeader) || to % 2 == 1;
    // Now and then both candidates to everybody.
    if (random_.one_in(4)) say(out, frame);
    if (gets_other) return also(kNotarize, other_->digest);
  }
  if (does(Treason::NullifyOwn) && own.kind == kNotarize && own.digest == own_) also(kNullify, {});
  if (does(Treason::DoubleVote) && own.kind != kNullify) {
    Digest another = own.digest;
    another.bytes[0] ^= 1;
    also(own.kind, another);
  }
  if (does(Treason::NullifyAndFinalize)) {
    if (own.kind == kNotarize || own.kind == kFinalize) also(kFinalize, own.digest);
    also(kNullify, {});
  }
  if (does(Treason::FutureViews)) {
    constexpr std::uint64_t kAhead[] = {1, 2, 5, 1'000, std::uint64_t{1} << 62U};
    const std::uint64_t view = own.view + kAhead[random_.draw(0, 4)];
    say(out, vote(static_cast<std::uint8_t>(random_.draw(1, 3)), own.epoch, view, own.view,
                  own.digest, to));
  }
  if (does(Treason::BadSignatures) && random_.one_in(2)) frame.payload.back() ^= 1;
  say(out, std::move(frame));
}

void Adversary::send_certificate(Frame frame, std::vector<Frame>& out) {
  if (does(Treason::BadSignatures) && random_.one_in(2)) frame.payload.back() ^= 1;
  if (does(Treason::BadCertificates)) {
    if (auto certificate = consensus::decode_certificate(frame.payload)) {
      if (random_.one_in(2) && certificate->signatures.size() > 1) {
        certificate->signatures.erase(certificate->signatures.begin());
        frame.payload = consensus::encode(*certificate);
      } else {
        // The bitmap ends where the signatures begin.
        frame.payload[frame.payload.size() - 64 * certificate->signatures.size() - 1] ^= 0x80;
      }
    }
  }
  if (does(Treason::LateCertificates)) return later(std::move(frame), random_.draw(500, 6'000));
  say(out, std::move(frame));
}

void Adversary::add_inventions(std::uint16_t to, std::vector<Frame>& out) {
  if (does(Treason::Replays) && !heard_.empty() && random_.one_in(4)) {
    const bool is_old = !relics_.empty() && random_.one_in(2);
    Frame again = is_old ? relics_[random_.draw(0, relics_.size() - 1)]
                         : heard_[random_.draw(0, heard_.size() - 1)];
    again.from = node_;
    again.to = to;
    out.push_back(std::move(again));
  }
  if (does(Treason::EndlessAnswers) && !heard_.empty()) {
    for (const Frame& frame : heard_) {
      if (frame.type != FrameType::Answer && frame.type != FrameType::Certificate) continue;
      Frame again = frame;
      again.from = node_;
      again.to = to;
      out.push_back(std::move(again));
    }
  }
  if (does(Treason::Garbage) && random_.one_in(10)) {
    Frame garbage{.from = node_,
                  .to = to,
                  .type = static_cast<FrameType>(random_.draw(1, 7)),
                  .payload = Bytes(random_.draw(0, 200))};
    for (std::uint8_t& byte : garbage.payload) byte = static_cast<std::uint8_t>(random_.next());
    out.push_back(std::move(garbage));
  }
}

}  // namespace salus::sim
