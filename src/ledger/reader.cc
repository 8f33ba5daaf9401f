// Owns: how stored values become answers.
#include "ledger/reader.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "dao/application.h"
#include "ledger/block.h"
#include "ledger/body_codec.h"
#include "ledger/genesis.h"
#include "ledger/header.h"
#include "ledger/inclusion.h"
#include "ledger/keys.h"
#include "ledger/outcome_codec.h"
#include "state/record.h"

namespace salus::ledger {

namespace {

std::string get_value(const Store& store, std::string_view key) {
  auto value = store.get(key);
  SALUS_ASSERT(value.has_value(),
               "a value of the finalized chain is missing: the ledger is corrupt");
  return std::move(*value);
}

TransactionPlace decode_place(std::string_view bytes) {
  ByteReader in{as_bytes(bytes)};
  TransactionPlace out;
  out.height = Height{in.u64()};
  out.index = in.u32();
  SALUS_ASSERT(in.done(), "a stored place has another length: the ledger is corrupt");
  return out;
}

void fill_from_body(v1::FinalizedBlock& out, std::string_view body) {
  const auto parts = decode_body(as_bytes(body));
  SALUS_ASSERT(parts.has_value(), "a stored block does not parse: the ledger is corrupt");
  const auto header = decode_header(parts->header);
  SALUS_ASSERT(header.has_value(), "a stored header does not parse: the ledger is corrupt");
  *out.mutable_header() = to_proto(*header, digest_of(parts->header));
  out.set_header_bytes(std::string{as_chars(parts->header)});
  for (const ByteView raw : parts->transactions) {
    *out.add_transactions() = state::decode<v1::Transaction>(as_chars(raw));
  }
}

}  // namespace

v1::BlockHeader to_proto(const Header& header, const Digest& digest) {
  v1::BlockHeader out;
  out.set_version(header.version);
  out.set_chain_id(header.chain_id.to_string());
  out.set_epoch(header.epoch.value());
  out.set_view(header.view.value());
  out.set_height(header.height.value());
  out.set_parent_digest(header.parent.to_string());
  out.set_time_ms(header.time.value());
  out.set_proposer_index(header.proposer.value());
  out.set_transactions_root(header.transactions_root.to_string());
  out.set_parent_state_root(header.state_root.to_string());
  out.set_parent_results_root(header.results_root.to_string());
  out.set_validator_set_hash(header.validator_set_hash.to_string());
  out.set_digest(digest.to_string());
  return out;
}

std::string encode(const Kept& kept) {
  ByteWriter out;
  out.u64(kept.block.value());
  out.u64(kept.results.value());
  return std::string{as_chars(out.out())};
}

bool Reader::is_initialised() const { return store_.get(kTipKey).has_value(); }

Tip Reader::tip() const {
  Tip out;
  static_cast<TipRecord&>(out) = decode_tip(get_value(store_, kTipKey));
  out.validators = dao::validator_set(state());
  out.validator_set_hash = validator_set_hash(out.validators);
  if (const auto certificate = store_.get(certificate_key(out.height))) {
    const ByteView bytes = as_bytes(*certificate);
    out.certificate = Bytes{bytes.begin(), bytes.end()};
  }
  return out;
}

std::string Reader::genesis_bytes() const { return get_value(store_, kGenesisKey); }

ChainId Reader::chain_id() const {
  const std::string bytes = genesis_bytes();
  return chain_id_of(as_bytes(bytes));
}

Height Reader::tip_height() const { return decode_tip(get_value(store_, kTipKey)).height; }

std::optional<v1::FinalizedBlock> Reader::block(Height height) const {
  const auto body = store_.get(block_key(height));
  if (!body) return std::nullopt;
  v1::FinalizedBlock out;
  fill_from_body(out, *body);
  if (auto stored = results(height)) *out.mutable_results() = std::move(*stored);
  const StoredOutcome outcome = decode_outcome(get_value(store_, outcome_key(height)));
  out.set_state_root(outcome.state_root.to_string());
  out.set_results_root(outcome.results_root.to_string());
  out.set_certificate(get_value(store_, certificate_key(height)));
  return out;
}

std::optional<StoredBlock> Reader::stored_block(Height height) const {
  auto body = store_.get(block_key(height));
  if (!body) return std::nullopt;
  const auto certificate = store_.get(certificate_key(height));
  // Of a store that is in use, a pruner may have taken both in between.
  if (!certificate && !store_.get(block_key(height))) return std::nullopt;
  SALUS_ASSERT(certificate.has_value(),
               "a stored block has no finalization: the ledger is corrupt");
  const ByteView bytes = as_bytes(*certificate);
  return StoredBlock{std::move(*body), Bytes{bytes.begin(), bytes.end()}};
}

std::optional<std::string> Reader::header_bytes(Height height) const {
  const auto body = store_.get(block_key(height));
  if (!body) return store_.get(header_key(height));
  const auto parts = decode_body(as_bytes(*body));
  SALUS_ASSERT(parts.has_value(), "a stored block does not parse: the ledger is corrupt");
  return std::string{as_chars(parts->header)};
}

Bytes Reader::certificate(Height height) const {
  const std::string stored = get_value(store_, certificate_key(height));
  const ByteView bytes = as_bytes(stored);
  return {bytes.begin(), bytes.end()};
}

std::optional<v1::BlockResults> Reader::results(Height height) const {
  const auto stored = store_.get(results_key(height));
  if (!stored) return std::nullopt;
  return state::decode<v1::BlockResults>(*stored);
}

std::optional<v1::EpochEnd> Reader::epoch_end(Epoch epoch) const {
  const auto stored = store_.get(epoch_end_key(epoch));
  if (!stored) return std::nullopt;
  return state::decode<v1::EpochEnd>(*stored);
}

Kept Reader::kept() const {
  if (const auto stored = store_.get(kKeptKey)) {
    ByteReader in{as_bytes(*stored)};
    Kept out;
    out.block = Height{in.u64()};
    out.results = Height{in.u64()};
    SALUS_ASSERT(in.done(), "the note of what is kept has another length: the ledger is corrupt");
    return out;
  }
  // Nothing was pruned: the first block is 1, or the one after a snapshot.
  const std::string prefix = block_key(Height{0}).substr(0, 1);
  Height lowest = tip_height().next();
  store_.scan(prefix, prefix, [&](std::string_view key, std::string_view) {
    ByteReader in{as_bytes(key.substr(prefix.size()))};
    lowest = Height{in.u64()};
    return false;
  });
  return {.block = lowest, .results = lowest};
}

std::optional<Height> Reader::height_of(const Digest& digest) const {
  const auto stored = store_.get(height_key(digest));
  if (!stored) return std::nullopt;
  return decode_height(*stored);
}

std::optional<TransactionPlace> Reader::place_of(const TxId& id) const {
  const auto stored = store_.get(transaction_key(id));
  if (!stored) return std::nullopt;
  return decode_place(*stored);
}

std::optional<FoundTransaction> Reader::find_transaction(const TxId& id) const {
  const auto place = place_of(id);
  if (!place) return std::nullopt;
  const auto stored = results(place->height);
  if (!stored) return std::nullopt;
  const int index = static_cast<int>(place->index);
  SALUS_ASSERT(index < stored->results_size(), "a block has a result for each transaction");
  return FoundTransaction{*place, stored->results(index)};
}

std::vector<AccountTransaction> Reader::account_transactions(const AccountId& account,
                                                             std::optional<TransactionPlace> before,
                                                             std::size_t count) const {
  const std::string prefix = account_prefix(account);
  // Keys hold inverted numbers, so older ones have larger keys; a zero byte more is just past one.
  const std::string from =
      before ? account_key(account, before->height, before->index) + '\0' : prefix;
  const std::size_t bound = std::min(count, kPageMax);
  std::vector<AccountTransaction> out;
  if (bound == 0) return out;
  store_.scan(prefix, from, [&](std::string_view key, std::string_view value) {
    const TransactionPlace inverted = decode_place(key.substr(prefix.size()));
    const auto id = TxId::from(value);
    SALUS_ASSERT(id.has_value(), "a stored id has another length: the ledger is corrupt");
    out.push_back({*id, {Height{~inverted.height.value()}, ~inverted.index}});
    return out.size() < bound;
  });
  return out;
}

std::string HeightError::sentence() const {
  const std::string range =
      std::to_string(lowest.value()) + " to " + std::to_string(highest.value());
  if (kind == Kind::NotYet) {
    return "That height is not final here yet; states of heights " + range + " are.";
  }
  return "The state of that height is pruned here; heights " + range +
         " are still there. Ask a node that keeps an archive.";
}

Result<state::StateAt, HeightError> Reader::state_at(Height height) const {
  if (const auto error = refuse(height)) return std::unexpected(*error);
  return state::StateAt{store_, height};
}

Result<state::Pages, HeightError> Reader::pages_at(Height height) const {
  if (const auto error = refuse(height)) return std::unexpected(*error);
  return state::Pages{store_, height, 0};
}

std::optional<HeightError> Reader::refuse(Height height) const {
  const Height lowest = state::load_horizon(store_).lowest;
  const Height highest = tip_height();
  if (height > highest) return HeightError{HeightError::Kind::NotYet, lowest, highest};
  if (height < lowest) return HeightError{HeightError::Kind::Pruned, lowest, highest};
  return std::nullopt;
}

std::optional<v1::TransactionInclusion> Reader::prove_transaction(
    const TransactionPlace& place) const {
  const auto body = store_.get(block_key(place.height));
  const auto results = Reader::results(place.height);
  if (!body || !results) return std::nullopt;
  if (place.index >= static_cast<std::uint32_t>(results->results_size())) return std::nullopt;
  return ledger::prove_transaction(place.height, *body, place.index);
}

std::optional<v1::ResultInclusion> Reader::prove_result(const TransactionPlace& place) const {
  const auto results = Reader::results(place.height);
  if (!results) return std::nullopt;
  if (place.index >= static_cast<std::uint32_t>(results->results_size())) return std::nullopt;
  return ledger::prove_result(place.height, *results, place.index);
}

std::optional<v1::DueInclusion> Reader::prove_due(Height height) const {
  const auto results = Reader::results(height);
  if (!results) return std::nullopt;
  return ledger::prove_due(height, *results);
}

state::Overlay Reader::state() const { return state::Overlay{store_, std::string{kStatePrefix}}; }

}  // namespace salus::ledger
