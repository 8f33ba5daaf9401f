// Owns: the layouts of peer messages, each written and read side by side.
#include "sync/messages.h"

#include "consensus/codec.h"
#include "consensus/journal_record.h"
#include "state/chunk.h"

namespace salus::sync {

namespace {

enum class Kind : std::uint8_t {
  Certificate = 1,
  Block = 2,
  Chain = 3,
  Snapshot = 4,
  Part = 5,
  // In answers only.
  Pruned = 6,
  Epochs = 7,
};

// A block body: header, transactions and their protobuf framing.
constexpr std::size_t kBlockBytesCap = consensus::kBlockBytesMax + (std::size_t{64} << 10U);

bool is_ordinal(std::uint64_t value) { return value < kOrdinalEnd; }

template <typename T>
std::optional<T> if_done(const ByteReader& in, T message) {
  if (!in.done()) return std::nullopt;
  return message;
}

}  // namespace

Bytes encode(const FetchMessage& message) {
  ByteWriter out;
  if (const auto* certificate = std::get_if<FetchCertificate>(&message)) {
    out.u8(static_cast<std::uint8_t>(Kind::Certificate));
    out.u64(certificate->epoch.value());
    out.u64(certificate->view.value());
    out.u8(static_cast<std::uint8_t>(certificate->kind));
  } else if (const auto* block = std::get_if<FetchBlock>(&message)) {
    out.u8(static_cast<std::uint8_t>(Kind::Block));
    out.bytes(block->digest.view());
  } else if (const auto* chain = std::get_if<FetchChain>(&message)) {
    out.u8(static_cast<std::uint8_t>(Kind::Chain));
    out.u64(chain->from.value());
  } else if (const auto* part = std::get_if<FetchPart>(&message)) {
    out.u8(static_cast<std::uint8_t>(Kind::Part));
    out.u64(part->height.value());
    state::append(out, part->path);
  } else if (const auto* epochs = std::get_if<FetchEpochs>(&message)) {
    out.u8(static_cast<std::uint8_t>(Kind::Epochs));
    out.u64(epochs->from.value());
  } else {
    out.u8(static_cast<std::uint8_t>(Kind::Snapshot));
  }
  return std::move(out).out();
}

std::optional<FetchMessage> decode_fetch(ByteView bytes) {
  ByteReader in{bytes};
  switch (static_cast<Kind>(in.u8())) {
    case Kind::Certificate: {
      const std::uint64_t epoch = in.u64();
      const std::uint64_t view = in.u64();
      const std::uint8_t kind = in.u8();
      if (!is_ordinal(epoch) || !is_ordinal(view)) return std::nullopt;
      if (kind > static_cast<std::uint8_t>(consensus::FetchKind::Finalization)) return std::nullopt;
      return if_done<FetchMessage>(
          in, FetchCertificate{.epoch = Epoch{epoch},
                               .view = View{view},
                               .kind = static_cast<consensus::FetchKind>(kind)});
    }
    case Kind::Block:
      // Braces order the read before the check.
      {
        const auto digest = in.fixed<Digest>();
        return if_done<FetchMessage>(in, FetchBlock{digest});
      }
    case Kind::Chain: {
      const std::uint64_t from = in.u64();
      if (!is_ordinal(from)) return std::nullopt;
      return if_done<FetchMessage>(in, FetchChain{Height{from}});
    }
    case Kind::Snapshot:
      return if_done<FetchMessage>(in, FetchSnapshot{});
    case Kind::Part: {
      const std::uint64_t height = in.u64();
      const auto path = state::read_path(in);
      if (!is_ordinal(height) || !path) return std::nullopt;
      return if_done<FetchMessage>(in, FetchPart{Height{height}, *path});
    }
    case Kind::Epochs: {
      const std::uint64_t from = in.u64();
      if (!is_ordinal(from)) return std::nullopt;
      return if_done<FetchMessage>(in, FetchEpochs{Epoch{from}});
    }
    case Kind::Pruned:
      break;
  }
  return std::nullopt;
}

Bytes encode(const AnswerMessage& message) {
  ByteWriter out;
  if (const auto* certificates = std::get_if<CertificatesAnswer>(&message)) {
    out.u8(static_cast<std::uint8_t>(Kind::Certificate));
    out.u16(static_cast<std::uint16_t>(certificates->certificates.size()));
    for (const Bytes& certificate : certificates->certificates) out.sized(certificate);
  } else if (const auto* chain = std::get_if<ChainAnswer>(&message)) {
    out.u8(static_cast<std::uint8_t>(Kind::Chain));
    out.sized(chain->certificate);
    out.u16(static_cast<std::uint16_t>(chain->blocks.size()));
    for (const Bytes& block : chain->blocks) out.sized(block);
  } else if (const auto* snapshot = std::get_if<SnapshotAnswer>(&message)) {
    out.u8(static_cast<std::uint8_t>(Kind::Snapshot));
    out.sized(snapshot->offer);
  } else if (const auto* pruned = std::get_if<PrunedAnswer>(&message)) {
    out.u8(static_cast<std::uint8_t>(Kind::Pruned));
    out.u64(pruned->lowest.value());
  } else if (const auto* epochs = std::get_if<EpochsAnswer>(&message)) {
    out.u8(static_cast<std::uint8_t>(Kind::Epochs));
    out.u64(epochs->from.value());
    out.u16(static_cast<std::uint16_t>(epochs->ends.size()));
    for (const Bytes& end : epochs->ends) out.sized(end);
  } else {
    const auto& part = std::get<PartAnswer>(message);
    out.u8(static_cast<std::uint8_t>(Kind::Part));
    out.u64(part.height.value());
    state::append(out, part.path);
    out.sized(part.part);
  }
  return std::move(out).out();
}

std::optional<AnswerMessage> decode_answer(ByteView bytes) {
  ByteReader in{bytes};
  const auto kind = static_cast<Kind>(in.u8());
  const auto read_list = [&in](std::size_t count, std::size_t bytes_max) {
    std::vector<Bytes> list;
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
      const ByteView item = in.sized(bytes_max);
      list.emplace_back(item.begin(), item.end());
    }
    return list;
  };
  if (kind == Kind::Certificate) {
    const std::size_t count = in.u16();
    if (count == 0 || count > kAnswerCertificatesMax) return std::nullopt;
    CertificatesAnswer answer{read_list(count, consensus::kCertificateBytesMax)};
    return if_done<AnswerMessage>(in, std::move(answer));
  }
  if (kind == Kind::Snapshot) {
    const ByteView offer = in.sized(kOfferBytesMax);
    return if_done<AnswerMessage>(in, SnapshotAnswer{{offer.begin(), offer.end()}});
  }
  if (kind == Kind::Part) {
    const std::uint64_t height = in.u64();
    const auto path = state::read_path(in);
    if (!is_ordinal(height) || !path) return std::nullopt;
    const ByteView part = in.sized(state::kChunkBytesMax);
    return if_done<AnswerMessage>(in,
                                  PartAnswer{Height{height}, *path, {part.begin(), part.end()}});
  }
  if (kind == Kind::Pruned) {
    const std::uint64_t lowest = in.u64();
    if (!is_ordinal(lowest)) return std::nullopt;
    return if_done<AnswerMessage>(in, PrunedAnswer{Height{lowest}});
  }
  if (kind == Kind::Epochs) {
    const std::uint64_t from = in.u64();
    const std::size_t count = in.u16();
    if (!is_ordinal(from) || count > kAnswerEpochEndsMax) return std::nullopt;
    return if_done<AnswerMessage>(in,
                                  EpochsAnswer{Epoch{from}, read_list(count, kEpochEndBytesMax)});
  }
  if (kind != Kind::Chain) return std::nullopt;
  ChainAnswer answer;
  const ByteView certificate = in.sized(consensus::kCertificateBytesMax);
  answer.certificate.assign(certificate.begin(), certificate.end());
  const std::size_t count = in.u16();
  if (count > kAnswerBlocksMax) return std::nullopt;
  answer.blocks = read_list(count, kBlockBytesCap);
  return if_done<AnswerMessage>(in, std::move(answer));
}

Bytes encode(const StatusMessage& message) {
  ByteWriter out;
  out.u64(message.epoch.value());
  out.u64(message.view.value());
  out.u64(message.finalized.value());
  out.u64(message.height.value());
  out.u8(message.mode);
  out.u64(message.wall.value());
  out.u8(static_cast<std::uint8_t>(message.votes_of_receiver.size()));
  for (const Bytes& vote : message.votes_of_receiver) out.sized(vote);
  return std::move(out).out();
}

std::optional<StatusMessage> decode_status(ByteView bytes) {
  ByteReader in{bytes};
  StatusMessage message;
  message.epoch = Epoch{in.u64()};
  message.view = View{in.u64()};
  message.finalized = View{in.u64()};
  message.height = Height{in.u64()};
  message.mode = in.u8();
  message.wall = WallMs{in.u64()};
  const std::size_t count = in.u8();
  if (count > kStatusVotesMax) return std::nullopt;
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const ByteView vote = in.sized(consensus::kVoteBytes);
    message.votes_of_receiver.emplace_back(vote.begin(), vote.end());
  }
  const bool ordinals = is_ordinal(message.epoch.value()) && is_ordinal(message.view.value()) &&
                        is_ordinal(message.finalized.value()) && is_ordinal(message.height.value());
  if (!ordinals || !in.done()) return std::nullopt;
  return message;
}

}  // namespace salus::sync
