// Owns: the reads that convince. What a query looked at is noted while it is answered on the latest
// certified state, and proven record by record; the caller answers it again from those records.
#include <set>
#include <vector>

#include "base/assert.h"
#include "ledger/header.h"
#include "ledger/inclusion.h"
#include "ledger/state_proof.h"
#include "queries/finality.h"
#include "queries/paging.h"
#include "queries/queries.h"
#include "queries/receipt.h"
#include "queries/recording_store.h"
#include "state/history.h"
#include "state/layout.h"
#include "state/pages.h"
#include "sync/finality.h"

namespace salus::queries {

namespace {

constexpr std::size_t kRecordsAPart = 256;
constexpr std::size_t kPartsMax = 64;
constexpr std::size_t kKeyBytesMax = 512;
constexpr int kKeysMax = 256;
// A receipt carries the genesis document up to this size; the holder of a larger one's has it.
constexpr std::size_t kGenesisInReceiptMax = std::size_t{1} << 20U;

// The latest certified state, and the header that certifies it.
struct Certified {
  Height height;
  ledger::Header next;
  state::StateAt state;
};

Answer<Certified> certified(const View& view) {
  const Height tip = view.tip().height;
  if (tip == Height{0}) return std::unexpected(refusal(RpcError::NotYetCertified));
  const auto header = ledger::decode_header(as_bytes(*view.chain().header_bytes(tip)));
  SALUS_ASSERT(header.has_value(), "a stored header does not parse: the ledger is corrupt");
  // A node that has just joined by a snapshot holds no state before it.
  if (!view.chain().state_at(tip.previous())) {
    return std::unexpected(refusal(RpcError::StateUncertified));
  }
  return Certified{tip.previous(), *header, state::StateAt::just_before(view.store(), tip)};
}

using Noted = std::set<std::string>;
using Run = bool (*)(const View& view, const std::string& request);

template <typename Request>
bool run(const View& view, const std::string& bytes) {
  Request request;
  if (!request.ParseFromString(bytes)) return false;
  // A refusal is an answer like any other: what it looked at proves it.
  static_cast<void>(answer(view, request));
  return true;
}

struct Row {
  std::string_view request;
  Run run;
};

constexpr Row kProvable[] = {
#define SALUS_PROVABLE(method) {"salus.v1." #method "Request", &run<v1::method##Request>},
#include "queries/provable.inc"
};

Run find_provable(std::string_view request_type) {
  for (const Row& row : kProvable) {
    if (row.request == request_type) return row.run;
  }
  return nullptr;
}

Answer<v1::StateProof> prove_state(const View& view, const state::StateAt& past,
                                   const std::vector<std::string>& keys) {
  const state::Pages pages{view.store(), past.height(), 0};
  const auto read = [&](std::string_view key) {
    return past.get(std::string{state::kStatePrefix} + std::string{key});
  };
  auto proof = ledger::prove_state(pages, read, keys);
  if (!proof) return std::unexpected(refusal(RpcError::ProofTooLarge));
  return std::move(*proof);
}

// In parts of bounded size, all of one height.
Answer<void> add_states(const View& view, const state::StateAt& past, const Noted& noted,
                        v1::ProveQueryResponse& response) {
  if (noted.size() > kRecordsAPart * kPartsMax) {
    return std::unexpected(refusal(RpcError::ProofTooLarge));
  }
  std::vector<std::string> part;
  const auto add = [&]() -> Answer<void> {
    auto proof = prove_state(view, past, part);
    if (!proof) return std::unexpected(proof.error());
    response.add_states()->Swap(&*proof);
    part.clear();
    return {};
  };
  for (const std::string& key : noted) {
    part.push_back(key);
    if (part.size() < kRecordsAPart) continue;
    if (const auto added = add(); !added) return added;
  }
  return part.empty() ? Answer<void>{} : add();
}

Answer<void> fill_fact(const View& view, const TxId& id, v1::Receipt& receipt, Height& header) {
  const auto place = view.chain().place_of(id);
  if (!place) return std::unexpected(refuse_unknown_transaction(view.chain()));
  if (place->height < view.chain().kept().results) {
    return std::unexpected(refuse_pruned_results(view.chain()));
  }
  header = place->height.next();
  if (header > view.tip().height) return std::unexpected(refusal(RpcError::NotYetCertified));
  v1::TransactionProof& proof = *receipt.mutable_transaction();
  proof.set_block_header(*view.chain().header_bytes(place->height));
  auto transaction = view.chain().prove_transaction(*place);
  auto result = view.chain().prove_result(*place);
  SALUS_ASSERT(transaction && result, "an indexed transaction has its block");
  proof.mutable_transaction()->Swap(&*transaction);
  proof.mutable_result()->Swap(&*result);
  return {};
}

Answer<void> fill_fact(const View& view, std::uint64_t proposal, v1::Receipt& receipt,
                       Height& header) {
  const auto latest = certified(view);
  if (!latest) return std::unexpected(latest.error());
  auto proof = prove_state(view, latest->state, receipt_keys(proposal));
  if (!proof) return std::unexpected(proof.error());
  if (!proof->records(0).has_value()) {
    return std::unexpected(refusal(dao::Error::ProposalUnknown, grpc::StatusCode::NOT_FOUND));
  }
  receipt.mutable_state()->Swap(&*proof);
  header = latest->next.height;
  return {};
}

}  // namespace

Answer<v1::GetFinalityResponse> answer(const View& view, const v1::GetFinalityRequest& request) {
  const Height height = request.height() == 0 ? view.tip().height : Height{request.height()};
  auto proof = prove_finality(view.chain(), height, Epoch{request.from_epoch()});
  if (!proof) return std::unexpected(proof.error());
  v1::GetFinalityResponse response;
  response.set_height(view.height());
  response.mutable_finality()->Swap(&*proof);
  return response;
}

Answer<v1::GetProofResponse> answer(const View& view, const v1::GetProofRequest& request) {
  Noted keys;
  for (const std::string& key : request.keys()) {
    if (key.empty() || key.size() > kKeyBytesMax) {
      return std::unexpected(refusal(RpcError::ArgumentInvalid, "A key has 1 to 512 bytes."));
    }
    keys.insert(key);
  }
  if (keys.empty() || request.keys_size() > kKeysMax) {
    return std::unexpected(refusal(RpcError::ArgumentInvalid, "Ask for 1 to 256 keys."));
  }
  const auto latest = certified(view);
  if (!latest) return std::unexpected(latest.error());
  auto proof = prove_state(view, latest->state, {keys.begin(), keys.end()});
  if (!proof) return std::unexpected(proof.error());
  auto finality = prove_finality(view.chain(), latest->next.height, Epoch{request.from_epoch()});
  if (!finality) return std::unexpected(finality.error());

  v1::GetProofResponse response;
  response.set_height(view.height());
  response.mutable_state()->Swap(&*proof);
  response.mutable_finality()->Swap(&*finality);
  return response;
}

Answer<v1::ProveQueryResponse> answer(const View& view, const v1::ProveQueryRequest& request) {
  const Run query = find_provable(request.request_type());
  if (query == nullptr) return std::unexpected(refusal(RpcError::QueryUnprovable));
  const auto latest = certified(view);
  if (!latest) return std::unexpected(latest.error());

  v1::ProveQueryResponse response;
  response.set_height(view.height());
  response.set_is_behind(view.tip().active);
  std::optional<ledger::Header> block;
  WallMs started;
  if (latest->height == Height{0}) {
    started = genesis_time(view.chain().genesis_bytes()).value_or(WallMs{});
  } else {
    response.set_block_header(*view.chain().header_bytes(latest->height));
    block = ledger::decode_header(as_bytes(response.block_header()));
  }

  Noted noted;
  const auto then = View::open(std::make_unique<RecordingStore>(
      latest->state, ledger::encode(sync::tip_before(latest->next, block, started)), noted));
  if (!then) return std::unexpected(then.error());
  if (!query(*then, request.request())) {
    return std::unexpected(refusal(RpcError::ArgumentInvalid, "The request does not parse."));
  }
  if (const auto added = add_states(view, latest->state, noted, response); !added) {
    return std::unexpected(added.error());
  }
  auto finality = prove_finality(view.chain(), latest->next.height, Epoch{request.from_epoch()});
  if (!finality) return std::unexpected(finality.error());
  response.mutable_finality()->Swap(&*finality);
  return response;
}

Answer<v1::GetReceiptResponse> answer(const View& view, const v1::GetReceiptRequest& request) {
  v1::GetReceiptResponse response;
  response.set_height(view.height());
  v1::Receipt& receipt = *response.mutable_receipt();
  receipt.set_format(1);
  receipt.set_chain_id(view.chain().chain_id().to_string());
  // Who trusts a later set has no use for the document.
  std::string genesis = view.chain().genesis_bytes();
  if (request.from_epoch() == 0 && genesis.size() <= kGenesisInReceiptMax) {
    receipt.set_genesis(std::move(genesis));
  }

  Height header;
  Answer<void> filled;
  if (request.of_case() == v1::GetReceiptRequest::kTxId) {
    const auto id = id_of<TxId>(request.tx_id(), "tx_id");
    if (!id) return std::unexpected(id.error());
    filled = fill_fact(view, *id, receipt, header);
  } else {
    filled = fill_fact(view, request.proposal(), receipt, header);
  }
  if (!filled) return std::unexpected(filled.error());
  auto finality = prove_finality(view.chain(), header, Epoch{request.from_epoch()});
  if (!finality) return std::unexpected(finality.error());
  receipt.mutable_finality()->Swap(&*finality);
  return response;
}

}  // namespace salus::queries
