// Owns: a node that lies. Passes every gRPC call on to an honest node, byte for byte, but for what
// the chosen lie bends: lying-node LISTEN UPSTREAM LIE. Ends when its standard input does.
#include <fmt/format.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>

#include "queries/errors.h"
#include "salus/v1/chain_service.pb.h"
#include "salus/v1/transactions_service.pb.h"

namespace salus::test {
namespace {

void flip_last(std::string& bytes) {
  if (!bytes.empty()) bytes.back() = static_cast<char>(bytes.back() ^ 1);
}

template <typename Response>
std::string bend(const std::string& bytes, const std::function<void(Response&)>& how) {
  Response response;
  response.ParseFromString(bytes);
  how(response);
  return response.SerializeAsString();
}

using Bend = std::function<std::string(const std::string& method, const std::string& answer)>;

std::string keep(const std::string&, const std::string& bytes) { return bytes; }

// A record says something else than the state holds.
std::string lie_record(const std::string& method, const std::string& answer) {
  if (method != "/salus.v1.Chain/ProveQuery") return answer;
  return bend<v1::ProveQueryResponse>(answer, [](v1::ProveQueryResponse& response) {
    for (auto& part : *response.mutable_states()) {
      for (auto& record : *part.mutable_records()) {
        if (record.has_value()) flip_last(*record.mutable_value());
      }
    }
  });
}

// A record that is there is said not to be.
std::string lie_absence(const std::string& method, const std::string& answer) {
  if (method != "/salus.v1.Chain/ProveQuery") return answer;
  return bend<v1::ProveQueryResponse>(answer, [](v1::ProveQueryResponse& response) {
    for (auto& part : *response.mutable_states()) {
      for (auto& record : *part.mutable_records()) record.clear_value();
    }
  });
}

// The signatures are not the validators'.
std::string lie_certificate(const std::string& method, const std::string& answer) {
  if (method != "/salus.v1.Chain/ProveQuery") return answer;
  return bend<v1::ProveQueryResponse>(answer, [](v1::ProveQueryResponse& response) {
    flip_last(*response.mutable_finality()->mutable_header()->mutable_certificate());
  });
}

// A transaction that was applied is said to have been refused.
std::string lie_result(const std::string& method, const std::string& answer) {
  if (method != "/salus.v1.Chain/GetReceipt") return answer;
  return bend<v1::GetReceiptResponse>(answer, [](v1::GetReceiptResponse& response) {
    response.mutable_receipt()->mutable_transaction()->mutable_result()->mutable_result()->set_code(
        v1::ERROR_CODE_INSUFFICIENT_FUNDS);
  });
}

// The latest transaction of an account is kept back.
std::string lie_latest(const std::string& method, const std::string& answer) {
  if (method != "/salus.v1.Transactions/ListAccountTransactions") return answer;
  return bend<v1::ListAccountTransactionsResponse>(
      answer, [](v1::ListAccountTransactionsResponse& response) {
        if (response.records_size() > 0) response.mutable_records()->DeleteSubrange(0, 1);
      });
}

// Another network altogether.
std::string lie_genesis(const std::string& method, const std::string& answer) {
  if (method != "/salus.v1.Chain/GetGenesis") return answer;
  return bend<v1::GetGenesisResponse>(
      answer, [](v1::GetGenesisResponse& response) { response.mutable_document()->append("\n"); });
}

// Another height and chain than the node's.
std::string lie_status(const std::string& method, const std::string& answer) {
  if (method != "/salus.v1.Chain/GetStatus") return answer;
  return bend<v1::GetStatusResponse>(answer, [](v1::GetStatusResponse& response) {
    response.set_height(response.height() + 1'000'000);
    flip_last(*response.mutable_chain_id());
  });
}

// The receipt of something else: what is asked of the honest node is bent.
std::string ask_other(const std::string& method, const std::string& request) {
  if (method != "/salus.v1.Chain/GetReceipt") return request;
  return bend<v1::GetReceiptRequest>(request,
                                     [](v1::GetReceiptRequest& bent) { bent.set_proposal(1); });
}

// Said instead of a proof: there is nothing to prove yet, or no such record.
const std::map<std::string, queries::Refusal> kRefusals = {
    {"unready", queries::refusal(queries::RpcError::NotYetCertified)},
    {"missing", queries::refusal(dao::Error::AccountUnknown, grpc::StatusCode::NOT_FOUND)}};

const std::map<std::string, Bend> kLies = {
    {"none", keep},           {"record", lie_record},
    {"absence", lie_absence}, {"certificate", lie_certificate},
    {"result", lie_result},   {"status", lie_status},
    {"other", keep},          {"unready", keep},
    {"missing", keep},        {"genesis", lie_genesis},
    {"latest", lie_latest}};

std::string bytes_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string out;
  if (!buffer.Dump(&slices).ok()) return out;
  for (const grpc::Slice& slice : slices) {
    out.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return out;
}

struct Lie {
  // Of what is passed on, and of what comes back.
  Bend ask;
  Bend bend;
  std::optional<queries::Refusal> refusal;
};

class Forward final : public grpc::ServerGenericBidiReactor {
 public:
  Forward(grpc::GenericStub& upstream, std::string method, const Lie& lie)
      : upstream_(upstream), method_(std::move(method)), lie_(lie) {
    StartRead(&request_);
  }
  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    if (lie_.refusal && method_ == "/salus.v1.Chain/ProveQuery") {
      return Finish(queries::to_status(*lie_.refusal));
    }
    const grpc::Slice asked{lie_.ask(method_, bytes_of(request_))};
    request_ = grpc::ByteBuffer{&asked, 1};
    upstream_.UnaryCall(&context_, method_, {}, &request_, &response_,
                        [this](const grpc::Status& status) { answer(status); });
  }
  void OnDone() override { delete this; }

 private:
  void answer(const grpc::Status& status) {
    if (!status.ok()) return Finish(status);
    const grpc::Slice slice{lie_.bend(method_, bytes_of(response_))};
    response_ = grpc::ByteBuffer{&slice, 1};
    StartWriteAndFinish(&response_, {}, grpc::Status::OK);
  }

  grpc::GenericStub& upstream_;
  std::string method_;
  const Lie& lie_;
  grpc::ClientContext context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

class Proxy final : public grpc::CallbackGenericService {
 public:
  Proxy(const std::string& upstream, Lie lie)
      : stub_(grpc::CreateChannel(upstream, grpc::InsecureChannelCredentials())),
        lie_(std::move(lie)) {}
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new Forward{stub_, context->method(), lie_};
  }

 private:
  grpc::GenericStub stub_;
  Lie lie_;
};

int run(const std::string& listen, const std::string& upstream, const std::string& lie) {
  const auto found = kLies.find(lie);
  if (found == kLies.end()) {
    fmt::print(stderr, "lying-node: no such lie: {}\n", lie);
    return 2;
  }
  const auto refusal = kRefusals.find(lie);
  Proxy proxy{
      upstream,
      {.ask = lie == "other" ? ask_other : keep,
       .bend = found->second,
       .refusal = refusal == kRefusals.end() ? std::nullopt : std::optional{refusal->second}}};
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &port);
  builder.RegisterCallbackGenericService(&proxy);
  const auto server = builder.BuildAndStart();
  if (!server || port == 0) return 1;
  fmt::print("127.0.0.1:{}\n", port);
  std::fflush(stdout);
  std::string line;
  while (std::getline(std::cin, line)) continue;
  server->Shutdown();
  return 0;
}

}  // namespace
}  // namespace salus::test

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: lying-node LISTEN UPSTREAM LIE\n");
    return 2;
  }
  return salus::test::run(argv[1], argv[2], argv[3]);
}
