// Owns: the steps from set to set and to a header. Each hashes what it was given and compares with
// what the step before proved; nothing is believed because a message says so.
#include "sync/finality.h"

#include <utility>
#include <vector>

#include "base/assert.h"
#include "consensus/codec.h"
#include "crypto/ed25519.h"
#include "ledger/inclusion.h"
#include "state/table.h"

namespace salus::sync {

namespace {

Result<consensus::ValidatorSet, FinalityFlaw> consensus_set(const v1::ValidatorSet& set) {
  std::vector<consensus::Validator> members;
  members.reserve(static_cast<std::size_t>(set.validators_size()));
  for (const v1::ValidatorInfo& info : set.validators()) {
    const auto validator_key = PublicKey::from(info.validator_key());
    const auto node_key = NodeId::from(info.node_key());
    if (!validator_key || !node_key) return std::unexpected(FinalityFlaw::SetUnproven);
    members.push_back({*validator_key, *node_key});
  }
  auto made = consensus::ValidatorSet::make(std::move(members));
  if (!made) return std::unexpected(FinalityFlaw::SetUnproven);
  return std::move(*made);
}

}  // namespace

Result<ReadHeader, FinalityFlaw> read_header(const std::string& bytes, const ChainId& chain_id) {
  const auto header = ledger::decode_header(as_bytes(bytes));
  if (!header) return std::unexpected(FinalityFlaw::HeaderMalformed);
  if (header->chain_id != chain_id) return std::unexpected(FinalityFlaw::OtherChain);
  return ReadHeader{*header, ledger::digest_of(as_bytes(bytes))};
}

Result<ReadHeader, FinalityFlaw> verify_headers(const TrustedSet& trusted,
                                                const v1::FinalizedHeader& proof) {
  if (proof.headers_size() > kHeadersMax) return std::unexpected(FinalityFlaw::TooLong);
  if (proof.headers().empty()) return std::unexpected(FinalityFlaw::HeaderMalformed);
  const auto set = consensus_set(trusted.validators);
  if (!set) return std::unexpected(set.error());
  const Hash set_hash = set->hash();

  std::optional<ReadHeader> first;
  std::optional<ReadHeader> last;
  for (const std::string& bytes : proof.headers()) {
    auto next = read_header(bytes, trusted.chain_id);
    if (!next) return next;
    if (next->header.epoch != trusted.epoch) return std::unexpected(FinalityFlaw::EpochUnexpected);
    if (next->header.validator_set_hash != set_hash) {
      return std::unexpected(FinalityFlaw::SetUnknown);
    }
    if (last && next->header.parent != last->digest) {
      return std::unexpected(FinalityFlaw::HeadersUnlinked);
    }
    if (!first) first = *next;
    last = *next;
  }

  const auto certificate =
      consensus::validate_certificate(as_bytes(proof.certificate()), {.chain_id = trusted.chain_id,
                                                                      .epoch = trusted.epoch,
                                                                      .set = *set,
                                                                      .verify = crypto::verify});
  if (!certificate) return std::unexpected(FinalityFlaw::CertificateInvalid);
  const consensus::Subject& subject = (*certificate)->subject;
  if (subject.kind != consensus::VoteKind::Finalize || subject.candidate.digest != last->digest) {
    return std::unexpected(FinalityFlaw::CertificateForOther);
  }
  return *first;
}

Result<TrustedSet, FinalityFlaw> set_after(const TrustedSet& trusted, const v1::EpochEnd& end) {
  const auto boundary = verify_headers(trusted, end.boundary());
  if (!boundary) return std::unexpected(boundary.error());
  const ledger::Header& header = boundary->header;
  const bool is_proven =
      header.height > Height{0} &&
      ledger::verify(header.height.previous(), header.state_root, end.next_set()).has_value();
  if (!is_proven || end.next_set().records_size() != 1) {
    return std::unexpected(FinalityFlaw::SetUnproven);
  }
  const v1::ProvenRecord& record = end.next_set().records(0);
  if (record.key() != state::Key{state::Table::PendingSet}.str() || !record.has_value()) {
    return std::unexpected(FinalityFlaw::SetUnproven);
  }
  TrustedSet next{.chain_id = trusted.chain_id, .epoch = trusted.epoch.next(), .validators = {}};
  if (!next.validators.ParseFromString(record.value()) ||
      next.validators.epoch() != next.epoch.value()) {
    return std::unexpected(FinalityFlaw::SetUnproven);
  }
  return next;
}

Result<FinalHeader, FinalityFlaw> verify_finality(const TrustedSet& trusted,
                                                  const v1::FinalityProof& proof) {
  if (proof.epoch_ends_size() > kEpochEndsMax) return std::unexpected(FinalityFlaw::TooLong);
  TrustedSet current = trusted;
  for (const v1::EpochEnd& end : proof.epoch_ends()) {
    auto next = set_after(current, end);
    if (!next) return std::unexpected(next.error());
    current = std::move(*next);
  }
  const auto first = verify_headers(current, proof.header());
  if (!first) return std::unexpected(first.error());
  return FinalHeader{first->header, first->digest, std::move(current)};
}

Height covering_height(const ledger::Reader& chain, Height height) {
  const Bytes stored = chain.certificate(height);
  const auto certificate = consensus::decode_certificate(stored);
  SALUS_ASSERT(certificate.has_value(), "a stored certificate does not parse");
  const auto covering = chain.height_of(certificate->subject.candidate.digest);
  SALUS_ASSERT(covering && *covering >= height, "a stored certificate names an unknown block");
  return *covering;
}

Result<v1::FinalityProof, ProveError> prove_finality(const ledger::Reader& chain, Height height,
                                                     Epoch from) {
  const auto first = chain.header_bytes(height);
  if (!first) return std::unexpected(ProveError::NotKept);
  const auto header = ledger::decode_header(as_bytes(*first));
  SALUS_ASSERT(header.has_value(), "a stored header does not parse: the ledger is corrupt");
  if (from > header->epoch ||
      header->epoch.value() - from.value() > static_cast<std::uint64_t>(kEpochEndsMax)) {
    return std::unexpected(ProveError::EpochOutOfRange);
  }
  v1::FinalityProof proof;
  std::size_t bytes = 0;
  for (Epoch epoch = from; epoch < header->epoch; epoch = epoch.next()) {
    auto end = chain.epoch_end(epoch);
    if (!end) return std::unexpected(ProveError::EpochOutOfRange);
    bytes += end->ByteSizeLong();
    if (bytes > kEpochEndsBytesMax) return std::unexpected(ProveError::TooLong);
    proof.add_epoch_ends()->Swap(&*end);
  }
  const Height last = covering_height(chain, height);
  if (last.value() - height.value() >= static_cast<std::uint64_t>(kHeadersMax)) {
    return std::unexpected(ProveError::TooLong);
  }
  v1::FinalizedHeader& finalized = *proof.mutable_header();
  for (Height at = height; at <= last; at = at.next()) {
    finalized.add_headers(*chain.header_bytes(at));
  }
  const Bytes certificate = chain.certificate(last);
  finalized.set_certificate(std::string{as_chars(certificate)});
  return proof;
}

ledger::TipRecord tip_before(const ledger::Header& next, const std::optional<ledger::Header>& block,
                             WallMs genesis_time) {
  ledger::TipRecord tip;
  tip.height = next.height.previous();
  tip.digest = next.parent;
  tip.epoch = block ? block->epoch : Epoch{};
  tip.view = block ? block->view : View{};
  tip.time = block ? block->time : genesis_time;
  tip.state_root = next.state_root;
  tip.results_root = next.results_root;
  return tip;
}

}  // namespace salus::sync
