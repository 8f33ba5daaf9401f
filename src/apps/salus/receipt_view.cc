// Owns: the decoding of proven records by their tables.
#include "apps/salus/receipt_view.h"

#include <fmt/format.h>

#include "ledger/genesis.h"
#include "salus/v1/governance.pb.h"
#include "state/table.h"

namespace salus::cli {

namespace {

using Tables = state::Table;

bool is_of(std::string_view key, Tables table) { return key.starts_with(static_cast<char>(table)); }

std::string outcome_of(const v1::TxResult& result) {
  return result.code() == 0 ? "applied"
                            : print_enum(v1::ErrorCode_Name(result.code()), "ERROR_CODE_");
}

}  // namespace

ChainId chain_of(std::string_view genesis_document) {
  return ledger::chain_id_of(as_bytes(genesis_document));
}

std::string receipt_text(Cli& cli, const client::VerifiedFact& fact) {
  if (fact.transaction) {
    const client::VerifiedTransaction& transaction = *fact.transaction;
    v1::TxBody body;
    const bool parsed = body.ParseFromString(transaction.transaction.body());
    return facts({{"transaction", transaction.id.to_hex()},
                  {"account", parsed ? cli.name_of(body.account()) : "-"},
                  {"height", std::to_string(transaction.height.value())},
                  {"time", print_time(transaction.time.value())},
                  {"result", outcome_of(transaction.result)}});
  }
  std::string text;
  Table tallies{{"chamber", "yes", "no", "abstain", "veto"}};
  for (const auto& [key, value] : *fact.records) {
    if (!value) continue;
    if (is_of(key, Tables::Proposals)) {
      v1::Proposal proposal;
      if (!proposal.ParseFromString(*value)) continue;
      text +=
          facts({{"proposal", std::to_string(proposal.id())},
                 {"state", print_enum(v1::ProposalState_Name(proposal.state()), "PROPOSAL_STATE_")},
                 {"as of height", std::to_string(fact.header.height.previous().value())}});
    }
    if (is_of(key, Tables::Tallies)) {
      v1::Tally tally;
      if (!tally.ParseFromString(*value)) continue;
      tallies.add({std::to_string(static_cast<unsigned char>(key.back())),
                   std::to_string(tally.yes()), std::to_string(tally.no()),
                   std::to_string(tally.abstain()), std::to_string(tally.veto())});
    }
  }
  return text + tallies.str("No ballots yet.");
}

Json receipt_json(const client::VerifiedFact& fact) {
  if (fact.transaction) {
    return {{"tx_id", fact.transaction->id.to_hex()},
            {"height", std::to_string(fact.transaction->height.value())},
            {"transaction", to_json(fact.transaction->transaction)},
            {"result", to_json(fact.transaction->result)}};
  }
  Json out{{"height", std::to_string(fact.header.height.previous().value())},
           {"tallies", Json::array()}};
  for (const auto& [key, value] : *fact.records) {
    if (!value) continue;
    v1::Proposal proposal;
    v1::Tally tally;
    if (is_of(key, Tables::Proposals) && proposal.ParseFromString(*value)) {
      out["proposal"] = to_json(proposal);
    }
    if (is_of(key, Tables::Tallies) && tally.ParseFromString(*value)) {
      out["tallies"].push_back(to_json(tally));
    }
  }
  return out;
}

}  // namespace salus::cli
