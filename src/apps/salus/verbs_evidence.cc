// Owns: `salus validator report`: what the own node saw of equivocation is put on record. A node
// holds no account, so its operator's key signs.
#include <fmt/format.h>

#include <set>
#include <utility>

#include "apps/salus/cli.h"
#include "apps/salus/evidence.h"
#include "apps/salus/operator_socket.h"

namespace salus::cli {

namespace {

// By epoch and operator.
using Records = std::set<std::pair<std::uint64_t, std::string>>;

Records records(Cli& cli) {
  Records out;
  v1::ListEquivocationsRequest request;
  request.set_page_size(200);
  do {
    const auto page = cli.read(request);
    for (const v1::Equivocation& one : page.equivocations()) {
      out.emplace(one.epoch(), one.operator_account());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return out;
}

// The operator of a seat; nullopt where the chain has forgotten the epoch's set, and takes no
// evidence of it.
std::optional<std::string> operator_of(Cli& cli, std::uint64_t epoch, ValidatorIndex signer) {
  v1::GetSetRequest request;
  request.set_epoch(epoch);
  try {
    const auto response = cli.read(request);
    const int index = signer.value();
    if (index >= response.set().validators_size()) return std::nullopt;
    return response.set().validators(index).operator_account();
  } catch (const Stop& stop) {
    if (stop.code != Exit::NotFound) throw;
    return std::nullopt;
  }
}

void report_seen(Cli& cli) {
  const auto status = ask_operator(cli.options, v1::ConsensusStatusRequest{});
  if (status.equivocations().empty()) {
    return cli.answer(status,
                      fmt::format("{} saw no equivocation in this run.\n", status.node_name()));
  }
  const Records on_record = records(cli);
  const auto reports = reports_of(status, [&](std::uint64_t epoch, ValidatorIndex signer) {
    const auto account = operator_of(cli, epoch, signer);
    return !account || on_record.contains({epoch, *account});
  });
  if (reports.empty()) {
    return cli.answer(
        status,
        fmt::format("All that {} saw is on record, or too old for it: salus validator evidence\n",
                    status.node_name()));
  }
  // One a transaction: what another reporter was faster with refuses no other.
  for (const v1::Action& report : reports) {
    cli.send({report}, "Put the equivocation on record: salus validator evidence");
  }
}

}  // namespace

void add_evidence_verbs(CLI::App& app, Cli& cli) {
  verb(app, "validator", "report", "Put on record what the own node saw of equivocation")
      ->callback([&cli] { report_seen(cli); });
}

}  // namespace salus::cli
