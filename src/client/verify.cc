// Owns: the steps from a trusted set to a fact. Each step hashes what it was given and compares
// with what the step before proved; nothing is believed because a message says so.
#include "salus/verify.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <ranges>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "crypto/merkle.h"
#include "dao/application.h"
#include "ledger/genesis.h"
#include "ledger/header.h"
#include "ledger/inclusion.h"
#include "ledger/reader.h"
#include "ledger/results.h"
#include "queries/receipt.h"
#include "state/nothing_stored.h"
#include "state/overlay.h"
#include "state/record.h"
#include "sync/finality.h"
#include "wire/transaction.h"

namespace salus::client {

namespace {

Flaw flaw_of(sync::FinalityFlaw flaw) {
  using From = sync::FinalityFlaw;
  switch (flaw) {
    case From::OtherChain:
      return Flaw::OtherChain;
    case From::TooLong:
      return Flaw::TooLong;
    case From::HeaderMalformed:
      return Flaw::HeaderMalformed;
    case From::HeadersUnlinked:
      return Flaw::HeadersUnlinked;
    case From::SetUnknown:
      return Flaw::SetUnknown;
    case From::EpochUnexpected:
      return Flaw::EpochUnexpected;
    case From::CertificateInvalid:
      return Flaw::CertificateInvalid;
    case From::CertificateForOther:
      return Flaw::CertificateForOther;
    case From::SetUnproven:
      return Flaw::SetUnproven;
  }
  SALUS_ASSERT(false, "every flaw of finality is one of ours");
  return Flaw::HeaderMalformed;
}

// The number in the key of a proposal's record; nullopt for any other key.
std::optional<std::uint64_t> proposal_of(const std::string& key) {
  const std::string table = state::Key{state::Table::Proposals}.str();
  if (!key.starts_with(table) || key.size() != table.size() + 8) return std::nullopt;
  ByteReader in{as_bytes(key).subspan(table.size())};
  return in.u64();
}

// The last byte of a tally's key.
std::uint8_t chamber_of(const std::string& key) { return static_cast<std::uint8_t>(key.back()); }

sync::TrustedSet to_sync(const TrustedSet& set) {
  return {.chain_id = set.chain_id, .epoch = set.epoch, .validators = set.validators};
}

}  // namespace

Result<TrustedSet, Flaw> trust_genesis(std::string_view genesis_document, const ChainId& chain_id) {
  if (ledger::chain_id_of(as_bytes(genesis_document)) != chain_id) {
    return std::unexpected(Flaw::GenesisForged);
  }
  v1::GenesisDocument document;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(std::string{genesis_document}, &document);
  if (!parsed.ok()) return std::unexpected(Flaw::GenesisInvalid);
  const state::NothingStored nothing;
  state::Overlay state{nothing, {}};
  if (!dao::apply_genesis(document, chain_id, state)) return std::unexpected(Flaw::GenesisInvalid);
  return TrustedSet{
      .chain_id = chain_id, .epoch = Epoch{0}, .validators = dao::validator_set(state)};
}

Result<VerifiedHeader, Flaw> verify_finality(const TrustedSet& trusted,
                                             const v1::FinalityProof& proof) {
  auto final = sync::verify_finality(to_sync(trusted), proof);
  if (!final) return std::unexpected(flaw_of(final.error()));
  const ledger::Header& header = final->header;
  return VerifiedHeader{.bytes = proof.header().headers(0),
                        .certificate = proof.header().certificate(),
                        .digest = final->digest,
                        .height = header.height,
                        .parent = header.parent,
                        .state_root = header.state_root,
                        .results_root = header.results_root,
                        .time = header.time,
                        .trusted = {.chain_id = final->trusted.chain_id,
                                    .epoch = final->trusted.epoch,
                                    .validators = std::move(final->trusted.validators)}};
}

// The state whose root a header names is the one after the block before.
Result<ProvenRecords, Flaw> verify_state(const VerifiedHeader& header,
                                         const v1::StateProof& proof) {
  if (header.height == Height{0} ||
      !ledger::verify(header.height.previous(), header.state_root, proof)) {
    return std::unexpected(Flaw::StateUnproven);
  }
  ProvenRecords records;
  for (const v1::ProvenRecord& record : proof.records()) {
    records.emplace(record.key(),
                    record.has_value() ? std::optional{record.value()} : std::nullopt);
  }
  return records;
}

Result<VerifiedTransaction, Flaw> verify_transaction(const VerifiedHeader& header,
                                                     const v1::TransactionProof& proof) {
  const auto block = sync::read_header(proof.block_header(), header.trusted.chain_id);
  if (!block) return std::unexpected(flaw_of(block.error()));
  if (block->digest != header.parent) return std::unexpected(Flaw::HeadersUnlinked);

  const v1::TransactionInclusion& inclusion = proof.transaction();
  const auto transaction = wire::Transaction::decode(as_bytes(inclusion.transaction()));
  if (!transaction ||
      !ledger::verify(block->header.height, block->header.transactions_root, inclusion)) {
    return std::unexpected(Flaw::TransactionUnproven);
  }
  const v1::ResultInclusion& result = proof.result();
  if (!ledger::verify(block->header.height, header.results_root, result) ||
      result.result().tx_id() != transaction->id().to_string() ||
      result.path().index() != inclusion.path().index()) {
    return std::unexpected(Flaw::ResultUnproven);
  }
  VerifiedTransaction out{.id = transaction->id(),
                          .height = block->header.height,
                          .index = inclusion.path().index(),
                          .time = block->header.time,
                          .transaction = {},
                          .result = result.result()};
  if (!out.transaction.ParseFromString(inclusion.transaction())) {
    return std::unexpected(Flaw::TransactionUnproven);
  }
  return out;
}

Result<v1::FinalizedBlock, Flaw> verify_block(const VerifiedHeader& own,
                                              const std::optional<VerifiedHeader>& next,
                                              v1::FinalizedBlock block) {
  const auto header = sync::read_header(block.header_bytes(), own.trusted.chain_id);
  if (!header) return std::unexpected(flaw_of(header.error()));
  if (header->digest != own.digest) return std::unexpected(Flaw::HeadersUnlinked);
  std::vector<Hash> leaves;
  for (const v1::Transaction& transaction : block.transactions()) {
    // Nodes take a transaction only in this encoding (wire/transaction.h).
    const std::string raw = state::encode(transaction);
    leaves.push_back(wire::leaf_of(as_bytes(raw)));
  }
  if (crypto::merkle_root(leaves) != header->header.transactions_root) {
    return std::unexpected(Flaw::TransactionUnproven);
  }
  if (next) {
    if (next->parent != own.digest) return std::unexpected(Flaw::HeadersUnlinked);
    if (block.has_results() && ledger::results_root(block.results()) != next->results_root) {
      return std::unexpected(Flaw::ResultUnproven);
    }
    block.set_results_root(next->results_root.to_string());
    block.set_state_root(next->state_root.to_string());
  } else {
    block.clear_results();
    block.clear_results_root();
    block.clear_state_root();
  }
  *block.mutable_header() = ledger::to_proto(header->header, header->digest);
  block.set_certificate(own.certificate);
  return block;
}

namespace {

// Any other choice of records could be true of each of them and false of the whole: a tally of
// another proposal, or one tally left out.
Result<VerifiedProposal, Flaw> verify_proposal(const VerifiedHeader& header,
                                               const v1::StateProof& proof) {
  const auto records = verify_state(header, proof);
  if (!records) return std::unexpected(records.error());
  const auto number = records->empty() ? std::nullopt : proposal_of(records->begin()->first);
  if (!number) return std::unexpected(Flaw::FactMisshapen);
  VerifiedProposal out{
      .id = *number, .height = header.height.previous(), .record = {}, .tallies = {}};
  const auto keys = queries::receipt_keys(*number);
  if (!std::ranges::equal(keys, std::views::keys(*records))) {
    return std::unexpected(Flaw::FactMisshapen);
  }
  for (const auto& [key, value] : *records) {
    if (!value) continue;
    const bool parsed = key == keys.front() ? out.record.emplace().ParseFromString(*value)
                                            : out.tallies[chamber_of(key)].ParseFromString(*value);
    if (!parsed) return std::unexpected(Flaw::FactMisshapen);
  }
  return out;
}

// The epoch whose set a receipt begins with, by its own parts; nullopt if it has no header.
std::optional<Epoch> first_epoch(const v1::FinalityProof& proof) {
  if (proof.header().headers().empty()) return std::nullopt;
  const auto header = ledger::decode_header(as_bytes(proof.header().headers(0)));
  const auto ends = static_cast<std::uint64_t>(proof.epoch_ends_size());
  if (!header || header->epoch.value() < ends) return std::nullopt;
  return Epoch{header->epoch.value() - ends};
}

Result<VerifiedFact, Flaw> verify_fact(const TrustedSet& trusted, const v1::Receipt& receipt) {
  auto header = verify_finality(trusted, receipt.finality());
  if (!header) return std::unexpected(header.error());
  VerifiedFact fact{.header = std::move(*header), .transaction = {}, .proposal = {}};
  switch (receipt.fact_case()) {
    case v1::Receipt::kTransaction: {
      auto transaction = verify_transaction(fact.header, receipt.transaction());
      if (!transaction) return std::unexpected(transaction.error());
      fact.transaction = std::move(*transaction);
      return fact;
    }
    case v1::Receipt::kState: {
      auto proposal = verify_proposal(fact.header, receipt.state());
      if (!proposal) return std::unexpected(proposal.error());
      fact.proposal = std::move(*proposal);
      return fact;
    }
    case v1::Receipt::FACT_NOT_SET:
      break;
  }
  return std::unexpected(Flaw::FactMissing);
}

std::optional<Flaw> check_layout(const ChainId& chain_id, const v1::Receipt& receipt) {
  if (receipt.format() != 1) return Flaw::FormatUnknown;
  if (receipt.chain_id() != chain_id.to_string()) return Flaw::OtherChain;
  return std::nullopt;
}

}  // namespace

Result<VerifiedFact, Flaw> verify_receipt(const ChainId& chain_id, const v1::Receipt& receipt,
                                          std::string_view genesis_document) {
  if (const auto flaw = check_layout(chain_id, receipt)) return std::unexpected(*flaw);
  // Before the document: such a receipt carries none.
  if (first_epoch(receipt.finality()).value_or(Epoch{}) != Epoch{0}) {
    return std::unexpected(Flaw::EpochTooLate);
  }
  const std::string_view document =
      receipt.genesis().empty() ? genesis_document : std::string_view{receipt.genesis()};
  const auto trusted = trust_genesis(document, chain_id);
  if (!trusted) return std::unexpected(trusted.error());
  return verify_fact(*trusted, receipt);
}

Result<VerifiedFact, Flaw> verify_receipt(const TrustedSet& trusted, const v1::Receipt& receipt) {
  if (const auto flaw = check_layout(trusted.chain_id, receipt)) return std::unexpected(*flaw);
  return verify_fact(trusted, receipt);
}

}  // namespace salus::client
