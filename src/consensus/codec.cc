// Owns: the layouts of section 2, written and read side by side.
#include "consensus/codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "crypto/hash.h"

namespace salus::consensus {

namespace {

// A certificate's kind on the wire is its votes' kind plus this.
constexpr std::uint8_t kCertificateKindOffset = 3;

std::string_view tag_of(VoteKind kind) {
  switch (kind) {
    case VoteKind::Notarize:
      return "salus.notarize.1";
    case VoteKind::Nullify:
      return "salus.nullify.1";
    case VoteKind::Finalize:
      return "salus.finalize.1";
  }
  std::unreachable();
}

std::optional<VoteKind> vote_kind(std::uint8_t value) {
  for (const VoteKind kind : kVoteKinds) {
    if (static_cast<std::uint8_t>(kind) == value) return kind;
  }
  return std::nullopt;
}

std::optional<VoteKind> certificate_kind(std::uint8_t value) {
  if (value <= kCertificateKindOffset) return std::nullopt;
  return vote_kind(static_cast<std::uint8_t>(value - kCertificateKindOffset));
}

void write_subject(ByteWriter& out, const Subject& subject) {
  out.u64(subject.epoch().value());
  out.u64(subject.view().value());
  if (subject.kind == VoteKind::Nullify) return;
  out.u64(subject.candidate.parent.value());
  out.bytes(subject.candidate.digest.view());
}

Subject read_subject(ByteReader& in, VoteKind kind) {
  Subject subject{.kind = kind, .candidate = {}};
  subject.candidate.epoch = Epoch{in.u64()};
  subject.candidate.view = View{in.u64()};
  if (kind == VoteKind::Nullify) return subject;
  subject.candidate.parent = View{in.u64()};
  subject.candidate.digest = in.fixed<Digest>();
  return subject;
}

bool in_range(const Candidate& candidate) {
  return candidate.epoch.value() < kOrdinalEnd && candidate.view.value() < kOrdinalEnd &&
         candidate.parent.value() < kOrdinalEnd;
}

std::optional<Refusal> refuse_shape(const Candidate& candidate) {
  if (!in_range(candidate)) return Refusal::OrdinalTooLarge;
  if (candidate.view == View{}) return Refusal::ViewZero;
  return std::nullopt;
}

std::size_t bitmap_bytes(std::size_t validators) { return (validators + 7) / 8; }

Bytes bitmap_of(const Certificate& certificate) {
  Bytes bitmap(bitmap_bytes(certificate.set_size), 0);
  for (const auto& [signer, signature] : certificate.signatures) {
    const std::size_t at = signer.value() / 8U;
    bitmap[at] = static_cast<std::uint8_t>(bitmap[at] | (1U << (signer.value() % 8U)));
  }
  return bitmap;
}

std::size_t count_bits(ByteView bitmap) {
  std::size_t bits = 0;
  for (const std::uint8_t byte : bitmap) bits += static_cast<std::size_t>(std::popcount(byte));
  return bits;
}

bool padding_is_zero(ByteView bitmap, std::size_t validators) {
  const std::size_t used = validators % 8;
  return used == 0 || (bitmap.back() >> used) == 0;
}

}  // namespace

Bytes encode(const Vote& vote) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(vote.subject.kind));
  out.u16(vote.signer.value());
  write_subject(out, vote.subject);
  out.bytes(vote.signature.view());
  return std::move(out).out();
}

Result<Vote, Refusal> decode_vote(ByteView bytes) {
  ByteReader in{bytes};
  const std::uint8_t kind_byte = in.u8();
  if (!in.ok()) return std::unexpected(Refusal::WrongLength);
  const auto kind = vote_kind(kind_byte);
  if (!kind) return std::unexpected(Refusal::UnknownKind);
  if (bytes.size() != (*kind == VoteKind::Nullify ? kNullifyBytes : kVoteBytes)) {
    return std::unexpected(Refusal::WrongLength);
  }

  Vote vote;
  vote.signer = ValidatorIndex{in.u16()};
  vote.subject = read_subject(in, *kind);
  vote.signature = in.fixed<Signature>();
  if (const auto refused = refuse_shape(vote.subject.candidate)) return std::unexpected(*refused);
  if (vote.signer.value() >= kValidatorsMax) return std::unexpected(Refusal::UnknownSigner);
  return vote;
}

Bytes encode(const Certificate& certificate) {
  SALUS_ASSERT(certificate.signatures.empty() ||
                   certificate.signatures.rbegin()->first.value() < certificate.set_size,
               "a certificate names a signer outside its set");
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(static_cast<std::uint8_t>(certificate.subject.kind) +
                                   kCertificateKindOffset));
  write_subject(out, certificate.subject);
  out.u16(certificate.set_size);
  out.bytes(bitmap_of(certificate));
  for (const auto& [signer, signature] : certificate.signatures) out.bytes(signature.view());
  return std::move(out).out();
}

Result<Certificate, Refusal> decode_certificate(ByteView bytes) {
  if (bytes.size() > kCertificateBytesMax) return std::unexpected(Refusal::WrongLength);
  ByteReader in{bytes};
  const std::uint8_t kind_byte = in.u8();
  if (!in.ok()) return std::unexpected(Refusal::WrongLength);
  const auto kind = certificate_kind(kind_byte);
  if (!kind) return std::unexpected(Refusal::UnknownKind);

  Certificate certificate;
  certificate.subject = read_subject(in, *kind);
  certificate.set_size = in.u16();
  if (!in.ok()) return std::unexpected(Refusal::WrongLength);
  if (const auto refused = refuse_shape(certificate.subject.candidate)) {
    return std::unexpected(*refused);
  }
  if (certificate.set_size == 0 || certificate.set_size > kValidatorsMax) {
    return std::unexpected(Refusal::WrongSetSize);
  }
  const ByteView bitmap = in.bytes(bitmap_bytes(certificate.set_size));
  if (!in.ok()) return std::unexpected(Refusal::WrongLength);
  if (!padding_is_zero(bitmap, certificate.set_size)) {
    return std::unexpected(Refusal::PaddingBits);
  }
  if (in.left() != count_bits(bitmap) * Signature::kSize) {
    return std::unexpected(Refusal::WrongLength);
  }
  for (std::uint16_t index = 0; index < certificate.set_size; ++index) {
    if (((bitmap[index / 8U] >> (index % 8U)) & 1U) == 0) continue;
    certificate.signatures.emplace(ValidatorIndex{index}, in.fixed<Signature>());
  }
  return certificate;
}

Result<Validated<Vote>, Refusal> validate_vote(ByteView bytes, const VoteContext& context) {
  auto vote = decode_vote(bytes);
  if (!vote) return std::unexpected(vote.error());
  return Vote::validate(*std::move(vote), context);
}

Result<Validated<Vote>, Refusal> validate_vote(ByteView bytes, const VoteContext& context,
                                               const NodeId& from) {
  auto vote = decode_vote(bytes);
  if (!vote) return std::unexpected(vote.error());
  if (vote->subject.epoch() != context.epoch) return std::unexpected(Refusal::OtherEpoch);
  if (!context.set.contains(vote->signer)) return std::unexpected(Refusal::UnknownSigner);
  if (context.set[vote->signer].node_key != from) return std::unexpected(Refusal::WrongLink);
  return Vote::validate(*std::move(vote), context);
}

Result<Validated<Certificate>, Refusal> validate_certificate(ByteView bytes,
                                                             const VoteContext& context) {
  auto certificate = decode_certificate(bytes);
  if (!certificate) return std::unexpected(certificate.error());
  return Certificate::validate(*std::move(certificate), context);
}

Bytes signed_bytes(const ChainId& chain_id, const Subject& subject) {
  ByteWriter out;
  out.bytes(crypto::padded_tag(tag_of(subject.kind)));
  out.bytes(chain_id.view());
  write_subject(out, subject);
  return std::move(out).out();
}

Result<SignedSubject, Refusal> parse_signed_bytes(ByteView bytes) {
  ByteReader in{bytes};
  const ByteView tag = in.bytes(16);
  if (!in.ok()) return std::unexpected(Refusal::WrongLength);
  for (const VoteKind kind : kVoteKinds) {
    const auto expected = crypto::padded_tag(tag_of(kind));
    if (!std::equal(tag.begin(), tag.end(), expected.begin(), expected.end())) continue;

    SignedSubject parsed;
    parsed.chain_id = in.fixed<ChainId>();
    parsed.subject = read_subject(in, kind);
    if (!in.done()) return std::unexpected(Refusal::WrongLength);
    if (const auto refused = refuse_shape(parsed.subject.candidate)) {
      return std::unexpected(*refused);
    }
    return parsed;
  }
  return std::unexpected(Refusal::UnknownKind);
}

}  // namespace salus::consensus
