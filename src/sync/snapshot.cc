// Owns: offers, written and judged side by side.
#include "sync/snapshot.h"

#include <algorithm>
#include <utility>

#include "consensus/codec.h"
#include "ledger/header.h"

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

}  // namespace

Result<Snapshot, OfferFlaw> verify_offer(const TrustedSet& genesis, ByteView offer) {
  if (offer.size() > kOfferBytesMax) return std::unexpected(OfferFlaw::Malformed);
  ByteReader in{offer};
  const ByteView proof_bytes = in.sized(kOfferBytesMax);
  const std::string header{as_chars(in.bytes(ledger::kHeaderBytes))};
  const ByteView certificate = in.sized(consensus::kCertificateBytesMax);
  v1::FinalityProof proof;
  if (!in.done() ||
      !proof.ParseFromArray(proof_bytes.data(), static_cast<int>(proof_bytes.size()))) {
    return std::unexpected(OfferFlaw::Malformed);
  }

  const auto next = verify_finality(genesis, proof);
  if (!next) return std::unexpected(OfferFlaw::NotFinal);
  v1::FinalizedHeader own;
  own.add_headers(header);
  own.set_certificate(std::string{as_chars(certificate)});
  const auto block = verify_headers(next->trusted, own);
  if (!block || block->digest != next->header.parent) {
    return std::unexpected(OfferFlaw::OtherBlock);
  }
  Snapshot out{.tip = tip_before(next->header, block->header, {}),
               .header = header,
               .certificate = {certificate.begin(), certificate.end()},
               .epoch_ends = {}};
  for (v1::EpochEnd& end : *proof.mutable_epoch_ends()) out.epoch_ends.push_back(std::move(end));
  return out;
}

std::optional<Bytes> make_offer(const ledger::Reader& chain, std::uint64_t every) {
  const std::uint64_t tip = chain.tip().height.value();
  if (tip < 2) return std::nullopt;
  // A chain shorter than the distance offers what it has.
  Height height{std::max<std::uint64_t>((tip - 1) / every * every, 1)};
  if (tip - 1 < every) height = Height{tip - 1};
  while (height < Height{tip} && !can_be_offered(chain, height)) height = height.next();
  if (height >= Height{tip}) return std::nullopt;
  const auto proof = prove_finality(chain, height.next(), Epoch{0});
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

}  // namespace salus::sync
