// Owns: the reads of the chain: blocks, transactions, validators, and trial runs.
#include "base/assert.h"
#include "dao/accounts/accounts.h"
#include "dao/application.h"
#include "dao/constitution.h"
#include "queries/finality.h"
#include "queries/paging.h"
#include "queries/queries.h"
#include "wire/strict_parse.h"
#include "wire/transaction.h"

namespace salus::queries {

using state::Key;
using state::Table;

namespace {

constexpr std::uint32_t kTransactionsPageStandard = 20;

// `id` is in the index of the view, so its block is there.
Answer<v1::TransactionRecord> record_of(const View& view, const TxId& id,
                                        const ledger::TransactionPlace& place) {
  v1::TransactionRecord record;
  record.set_tx_id(id.to_string());
  record.set_height(place.height.value());
  record.set_index(place.index);
  auto block = view.chain().block(place.height);
  SALUS_ASSERT(block.has_value(), "an indexed transaction has its block");
  if (!block->has_results()) return std::unexpected(refuse_pruned_results(view.chain()));
  const int index = static_cast<int>(place.index);
  record.set_time_ms(block->header().time_ms());
  record.mutable_transaction()->Swap(block->mutable_transactions(index));
  record.mutable_result()->Swap(block->mutable_results()->mutable_results(index));
  if (is_refused(record.result())) *record.mutable_error() = detail_of(record.result());
  return record;
}

// A place as a page token: height u64 | index u32.
std::string token_of(const ledger::TransactionPlace& place) {
  ByteWriter writer;
  writer.u64(place.height.value());
  writer.u32(place.index);
  return std::string{as_chars(writer.out())};
}

Answer<v1::TxBody> parse_body(const std::string& bytes) {
  v1::TxBody body;
  if (bytes.size() > wire::kTransactionBytesMax) {
    return std::unexpected(refusal(dao::Error::TooLarge));
  }
  if (!wire::parse_bounded(body, bytes, wire::kNestingMax)) {
    return std::unexpected(refusal(dao::Error::Malformed));
  }
  if (wire::has_unknown_fields(body)) return std::unexpected(refusal(dao::Error::UnknownField));
  return body;
}

// Whose signatures a trial run supposes: all of the account's.
std::vector<PublicKey> keys_of(const v1::Account& account) {
  std::vector<PublicKey> keys;
  for (const v1::AccountKey& key : account.keys()) {
    if (const auto parsed = PublicKey::from(key.key())) keys.push_back(*parsed);
  }
  return keys;
}

}  // namespace

Answer<v1::GetGenesisResponse> answer(const View& view, const v1::GetGenesisRequest&) {
  v1::GetGenesisResponse response;
  response.set_document(view.chain().genesis_bytes());
  response.set_chain_id(view.chain().chain_id().to_string());
  return response;
}

Answer<v1::GetBlockResponse> answer(const View& view, const v1::GetBlockRequest& request) {
  const std::uint64_t height = request.height() == 0 ? view.height() : request.height();
  if (height == 0 || height > view.height()) {
    return std::unexpected(refusal(RpcError::BlockNotFinalized));
  }
  auto block = view.chain().block(Height{height});
  if (!block) return std::unexpected(refuse_pruned_block(view.chain()));

  v1::GetBlockResponse response;
  response.set_height(view.height());
  *response.mutable_block() = std::move(*block);
  return response;
}

Answer<v1::GetTransactionResponse> answer(const View& view,
                                          const v1::GetTransactionRequest& request) {
  const auto id = id_of<TxId>(request.tx_id(), "tx_id");
  if (!id) return std::unexpected(id.error());
  const auto place = view.chain().place_of(*id);
  if (!place) return std::unexpected(refuse_unknown_transaction(view.chain()));
  auto record = record_of(view, *id, *place);
  if (!record) return std::unexpected(record.error());

  v1::GetTransactionResponse response;
  response.set_height(view.height());
  response.mutable_record()->Swap(&*record);
  return response;
}

Answer<v1::ListAccountTransactionsResponse> answer(
    const View& view, const v1::ListAccountTransactionsRequest& request) {
  const auto account = id_of<AccountId>(request.account(), "account");
  if (!account) return std::unexpected(account.error());
  std::optional<ledger::TransactionPlace> before;
  if (!request.page_token().empty()) {
    ByteReader reader{as_bytes(request.page_token())};
    before.emplace();
    before->height = Height{reader.u64()};
    before->index = reader.u32();
    if (!reader.done()) return std::unexpected(refusal(RpcError::PageTokenInvalid));
  }
  const std::size_t size = request.page_size() == 0
                               ? kTransactionsPageStandard
                               : std::min<std::size_t>(request.page_size(), ledger::kPageMax);

  v1::ListAccountTransactionsResponse response;
  response.set_height(view.height());
  const auto found = view.chain().account_transactions(*account, before, size);
  for (const auto& transaction : found) {
    auto record = record_of(view, transaction.id, transaction.place);
    // The newest first: those before it are there, and are the answer to the page before.
    if (!record && response.records().empty()) return std::unexpected(record.error());
    if (!record) break;
    response.add_records()->Swap(&*record);
  }
  const auto shown = static_cast<std::size_t>(response.records_size());
  if (shown > 0 && (shown == size || shown < found.size())) {
    response.set_next_page_token(token_of(found[shown - 1].place));
  }
  return response;
}

Answer<v1::SimulateTransactionResponse> answer(const View& view,
                                               const v1::SimulateTransactionRequest& request) {
  const auto body = parse_body(request.body());
  if (!body) return std::unexpected(body.error());
  if (body->chain_id() != view.chain().chain_id().to_string()) {
    return std::unexpected(refusal(dao::Error::WrongChain));
  }
  if (const auto checked = dao::check(*body); !checked) {
    return std::unexpected(refusal(checked.error()));
  }
  const auto id = id_of<AccountId>(body->account(), "account");
  if (!id) return std::unexpected(id.error());
  const auto account = dao::accounts::find_account(view.state(), *id);
  if (!account) return std::unexpected(refusal(dao::Error::AccountUnknown));

  const dao::BlockContext block = view.next_block();
  const auto signers = keys_of(*account);
  const auto authentic =
      dao::check_authentic(view.state(), *body, signers, block.height,
                           dao::constitution::value(view.state(), "accounts.window"));
  if (!authentic) return std::unexpected(refusal(authentic.error()));

  v1::SimulateTransactionResponse response;
  response.set_height(view.height());
  state::Overlay attempt = view.state().branch();
  *response.mutable_result() =
      dao::execute(block, wire::transaction_id(request.body()), *body, signers, attempt);
  if (is_refused(response.result())) *response.mutable_error() = detail_of(response.result());
  return response;
}

}  // namespace salus::queries
