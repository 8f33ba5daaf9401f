// Owns: from a request to an answer that was computed here.
#include "salus/light_client.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <thread>
#include <type_traits>

#include "client/proven_store.h"
#include "client/status.h"
#include "ledger/genesis.h"
#include "ledger/header.h"
#include "queries/finality.h"
#include "queries/queries.h"
#include "storage/memory_store.h"
#include "sync/finality.h"

namespace salus::client {

namespace {

constexpr std::chrono::milliseconds kBehindWait{2'000};
constexpr std::chrono::milliseconds kBehindStep{50};

Error error_of(const queries::Refusal& refused) {
  return error_from_detail(refused.detail, refused.status == grpc::StatusCode::NOT_FOUND
                                               ? Error::Kind::NotFound
                                               : Error::Kind::Refused);
}

struct Proven {
  ledger::TipRecord tip;
  ProvenRecords records;
  VerifiedHeader header;
};

Result<Proven, Flaw> check(const TrustedSet& trusted, const std::string& genesis,
                           const v1::ProveQueryResponse& response) {
  auto header = verify_finality(trusted, response.finality());
  if (!header) return std::unexpected(header.error());
  const auto next = ledger::decode_header(as_bytes(header->bytes));
  if (!next) return std::unexpected(Flaw::HeaderMalformed);

  // The block after which the state is; none at genesis, whose digest is the chain id.
  std::optional<ledger::Header> block;
  if (next->height != Height{1}) {
    block = ledger::decode_header(as_bytes(response.block_header()));
    if (!block) return std::unexpected(Flaw::HeaderMalformed);
    if (ledger::digest_of(as_bytes(response.block_header())) != header->parent) {
      return std::unexpected(Flaw::HeadersUnlinked);
    }
  }
  const auto started = block ? WallMs{} : queries::genesis_time(genesis);
  if (!started) return std::unexpected(Flaw::GenesisInvalid);

  Proven out{
      .tip = sync::tip_before(*next, block, *started), .records = {}, .header = std::move(*header)};
  for (const v1::StateProof& part : response.states()) {
    auto records = verify_state(out.header, part);
    if (!records) return std::unexpected(records.error());
    out.records.merge(*records);
  }
  return out;
}

template <typename Request>
AnswerOf<Request> compute(std::unique_ptr<const Store> store, const Request& request) {
  const auto view = queries::View::open(std::move(store));
  if (!view) return std::unexpected(error_of(view.error()));
  auto answered = queries::answer(*view, request);
  if (!answered) return std::unexpected(error_of(answered.error()));
  return std::move(*answered);
}

// What a node says of itself is taken, in our own words; what it says of the chain is proven or
// nothing: that a record is not there follows from a proof too.
bool is_own(const Error& said, queries::RpcError error) {
  return said.kind == Error::Kind::Refused && said.code == static_cast<std::uint32_t>(error);
}

Error judge(const Error& said) {
  if (said.kind == Error::Kind::Unreachable || said.kind == Error::Kind::TimedOut) return said;
  const auto own = queries::find_rpc_error(said.code);
  if (own && said.kind == Error::Kind::Refused) return error_of(queries::refusal(*own));
  Error out = client::error_of(Flaw::AnswerUnproven);
  out.sentence += " It says: " + said.sentence;
  return out;
}

// Answers that are more than the records of a range: sums of them, and what actions would do.
template <typename Request>
constexpr bool kIsComputed =
    std::is_same_v<Request, v1::GetFundRequest> || std::is_same_v<Request, v1::ListFundsRequest> ||
    std::is_same_v<Request, v1::SimulateActionsRequest> ||
    std::is_same_v<Request, v1::CategoryTotalsRequest> ||
    std::is_same_v<Request, v1::ForecastRequest> ||
    std::is_same_v<Request, v1::GetEffectiveTrackRequest> ||
    std::is_same_v<Request, v1::NeedsMeRequest> || std::is_same_v<Request, v1::PreflightRequest>;

// Height 0 needs no proof: its state follows from the document.
std::unique_ptr<const Store> genesis_store(const std::string& genesis) {
  v1::GenesisDocument document;
  const auto parsed = google::protobuf::util::JsonStringToMessage(genesis, &document);
  if (!parsed.ok()) return nullptr;
  const auto batch = ledger::make_genesis(document, as_bytes(genesis));
  auto store = std::make_unique<storage::MemoryStore>();
  if (!batch || !store->write(*batch)) return nullptr;
  return store;
}

}  // namespace

Error error_of(Flaw flaw) {
  return {.kind = Error::Kind::Unproven,
          .name = std::string{name(flaw)},
          .module = "client",
          .sentence = std::string{sentence(flaw)}};
}

Result<v1::ProveQueryResponse, Error> LightClient::ask_node(
    const google::protobuf::Message& request) {
  v1::ProveQueryRequest ask;
  ask.set_request_type(std::string{request.GetDescriptor()->full_name()});
  ask.set_request(request.SerializeAsString());
  ask.set_from_epoch(trusted_.epoch.value());
  std::optional<std::uint64_t> wanted;
  for (auto waited = std::chrono::milliseconds{0};; waited += kBehindStep) {
    auto response = client_.query(ask);
    // The trusted epoch may be known from a node that entered it a moment before this one.
    const bool is_before =
        !response && is_own(response.error(), queries::RpcError::EpochOutOfRange);
    if (is_before && waited < kBehindWait) {
      std::this_thread::sleep_for(kBehindStep);
      continue;
    }
    if (!response) return response;
    if (!wanted) wanted = response->is_behind() ? response->height() : 0;
    // The state after `wanted` is certified once a later block is final. Where the network stands
    // still it stays so, and one wait for it is enough.
    if (response->height() > *wanted || *wanted == awaited_ || waited >= kBehindWait) {
      if (response->height() == *wanted) awaited_ = *wanted;
      return response;
    }
    std::this_thread::sleep_for(kBehindStep);
  }
}

Result<LightClient::Asked, Error> LightClient::ask(const google::protobuf::Message& request) {
  auto response = ask_node(request);
  if (!response && is_own(response.error(), queries::RpcError::NotYetCertified)) {
    if (seen_ > Height{0} || trusted_.epoch > Epoch{0}) {
      return std::unexpected(error_of(Flaw::NodeBehind));
    }
    const auto status = client_.query(v1::GetStatusRequest{});
    if (!status) return std::unexpected(judge(status.error()));
    if (status->height() == 0) return std::nullopt;
    // The first block came between the two questions.
    response = ask_node(request);
  }
  if (!response && is_own(response.error(), queries::RpcError::EpochOutOfRange)) {
    const auto status = client_.query(v1::GetStatusRequest{});
    // One that ended the epoch itself, and has no block of the next one, says the trusted epoch.
    if (status && Epoch{status->epoch()} <= trusted_.epoch) {
      return std::unexpected(error_of(Flaw::EpochBehind));
    }
  }
  if (!response) return std::unexpected(judge(response.error()));
  return std::move(*response);
}

template <typename Request>
AnswerOf<Request> LightClient::query(const Request& request) {
  const auto asked = ask(request);
  if (!asked) return std::unexpected(asked.error());
  if (!*asked) {
    auto store = genesis_store(genesis_);
    const auto started = queries::genesis_time(genesis_);
    if (!store || !started) return std::unexpected(error_of(Flaw::GenesisInvalid));
    standing_ = {.height = Height{0}, .time = *started, .worth = Worth::Whole, .is_older = false};
    return compute(std::move(store), request);
  }
  auto proven = check(trusted_, genesis_, **asked);
  if (!proven) return std::unexpected(error_of(proven.error()));

  bool scanned = false;
  try {
    auto answered = compute(std::make_unique<ProvenStore>(ledger::encode(proven->tip), genesis_,
                                                          std::move(proven->records), scanned),
                            request);
    standing_ = {.height = proven->tip.height,
                 .time = proven->tip.time,
                 .worth = !scanned               ? Worth::Whole
                          : kIsComputed<Request> ? Worth::Computed
                                                 : Worth::Records,
                 .is_older = proven->tip.height < seen_};
    seen_ = std::max(seen_, proven->tip.height);
    trusted_ = std::move(proven->header.trusted);
    return answered;
  } catch (const RecordMissing&) {
    return std::unexpected(error_of(Flaw::RecordMissing));
  }
}

#define SALUS_PROVABLE(method) \
  template AnswerOf<v1::method##Request> LightClient::query(const v1::method##Request& request);
#include "queries/provable.inc"

}  // namespace salus::client
