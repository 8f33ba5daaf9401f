// Owns: offers, written and judged side by side.
#include "sync/snapshot.h"

#include <algorithm>
#include <utility>

#include "consensus/codec.h"
#include "ledger/header.h"
#include "state/record.h"

namespace salus::sync {

namespace {

std::optional<ledger::Header> header_at(const ledger::Reader& chain, Height height) {
  const auto bytes = chain.header_bytes(height);
  return bytes ? ledger::decode_header(as_bytes(*bytes)) : std::nullopt;
}

bool can_be_offered(const ledger::Reader& chain, Height height) {
  const auto own = header_at(chain, height);
  const auto next = header_at(chain, height.next());
  return own && next && own->epoch == next->epoch && covering_height(chain, height) == height &&
         chain.state_at(height).has_value();
}

// The first epoch from which on the ends up to `epoch` fit an answer.
Epoch first_of_the_last(const ledger::Reader& chain, Epoch epoch) {
  Epoch first = epoch;
  std::size_t bytes = 0;
  while (first > Epoch{0} && epoch.value() - first.value() < kAnswerEpochEndsMax) {
    const Epoch before{first.value() - 1};
    const auto end = chain.epoch_end(before);
    if (!end) break;
    bytes += end->ByteSizeLong();
    if (bytes > kAnswerBytesSoftMax) break;
    first = before;
  }
  return first;
}

}  // namespace

Result<ReadOffer, OfferFlaw> read_offer(ByteView offer) {
  if (offer.size() > kOfferBytesMax) return std::unexpected(OfferFlaw::Malformed);
  ByteReader in{offer};
  const ByteView proof_bytes = in.sized(kOfferBytesMax);
  const std::string own{as_chars(in.bytes(ledger::kHeaderBytes))};
  const ByteView certificate = in.sized(consensus::kCertificateBytesMax);
  if (!in.done()) return std::unexpected(OfferFlaw::Malformed);
  auto proof = parse_finality_proof(proof_bytes);
  if (!proof || proof->header().headers().empty()) return std::unexpected(OfferFlaw::Malformed);
  const auto next = ledger::decode_header(as_bytes(proof->header().headers(0)));
  const auto ends = static_cast<std::uint64_t>(proof->epoch_ends_size());
  if (!next || next->epoch.value() < ends) return std::unexpected(OfferFlaw::Malformed);
  return ReadOffer{.proof = std::move(*proof),
                   .header = own,
                   .certificate = {certificate.begin(), certificate.end()},
                   .epoch = next->epoch,
                   .first = Epoch{next->epoch.value() - ends}};
}

Result<Snapshot, OfferFlaw> verify_offer(const TrustedSet& trusted, ReadOffer offer) {
  if (trusted.epoch < offer.first || offer.epoch < trusted.epoch) {
    return std::unexpected(OfferFlaw::OtherEpochs);
  }
  const std::uint64_t known = trusted.epoch.value() - offer.first.value();
  offer.proof.mutable_epoch_ends()->DeleteSubrange(0, static_cast<int>(known));
  const auto next = verify_finality(trusted, offer.proof);
  if (!next) return std::unexpected(OfferFlaw::NotFinal);
  v1::FinalizedHeader own;
  own.add_headers(offer.header);
  own.set_certificate(std::string{as_chars(offer.certificate)});
  const auto block = verify_headers(next->trusted, own);
  if (!block || block->digest != next->header.parent) {
    return std::unexpected(OfferFlaw::OtherBlock);
  }
  Snapshot out{.tip = tip_before(next->header, block->header, {}),
               .header = std::move(offer.header),
               .certificate = std::move(offer.certificate),
               .epoch_ends = {}};
  for (v1::EpochEnd& end : *offer.proof.mutable_epoch_ends()) {
    out.epoch_ends.push_back(std::move(end));
  }
  return out;
}

Result<Snapshot, OfferFlaw> verify_offer(const TrustedSet& trusted, ByteView offer) {
  auto read = read_offer(offer);
  if (!read) return std::unexpected(read.error());
  return verify_offer(trusted, std::move(*read));
}

std::optional<Bytes> make_offer(const ledger::Reader& chain, std::uint64_t every) {
  const std::uint64_t tip = chain.tip_height().value();
  if (tip < 2) return std::nullopt;
  // A chain shorter than the distance offers what it has.
  Height height{std::max<std::uint64_t>((tip - 1) / every * every, 1)};
  if (tip - 1 < every) height = Height{tip - 1};
  while (height < Height{tip} && !can_be_offered(chain, height)) height = height.next();
  if (height >= Height{tip}) return std::nullopt;
  const Epoch epoch = header_at(chain, height.next())->epoch;
  const auto proof = prove_finality(chain, height.next(), first_of_the_last(chain, epoch));
  if (!proof) return std::nullopt;

  ByteWriter out;
  const std::string proof_bytes = proof->SerializeAsString();
  out.sized(as_bytes(proof_bytes));
  const std::string header = *chain.header_bytes(height);
  out.bytes(as_bytes(header));
  out.sized(chain.certificate(height));
  if (out.out().size() > kOfferBytesMax) return std::nullopt;
  return std::move(out).out();
}

EpochsAnswer make_epochs(const ledger::Reader& chain, Epoch from) {
  EpochsAnswer answer{.from = from, .ends = {}};
  std::size_t bytes = 0;
  for (Epoch epoch = from; answer.ends.size() < kAnswerEpochEndsMax; epoch = epoch.next()) {
    const auto end = chain.epoch_end(epoch);
    if (!end || bytes > kAnswerBytesSoftMax) break;
    const std::string encoded = state::encode(*end);
    bytes += encoded.size();
    answer.ends.emplace_back(encoded.begin(), encoded.end());
  }
  return answer;
}

}  // namespace salus::sync
