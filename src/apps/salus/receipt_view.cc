// Owns: the lines of each kind of receipt.
#include "apps/salus/receipt_view.h"

#include <fmt/format.h>

#include "ledger/genesis.h"

namespace salus::cli {

namespace {

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
  const client::VerifiedProposal& proposal = *fact.proposal;
  const std::string state =
      proposal.record
          ? print_enum(v1::ProposalState_Name(proposal.record->state()), "PROPOSAL_STATE_")
          : "there is no proposal of this number";
  Table tallies{{"chamber", "yes", "no", "abstain", "veto"}};
  for (const auto& [chamber, tally] : proposal.tallies) {
    tallies.add({std::to_string(chamber), std::to_string(tally.yes()), std::to_string(tally.no()),
                 std::to_string(tally.abstain()), std::to_string(tally.veto())});
  }
  return facts({{"proposal", std::to_string(proposal.id)},
                {"state", state},
                {"as of height", std::to_string(proposal.height.value())}}) +
         tallies.str("No ballots yet.");
}

Json receipt_json(const client::VerifiedFact& fact) {
  if (fact.transaction) {
    return {{"tx_id", fact.transaction->id.to_hex()},
            {"height", std::to_string(fact.transaction->height.value())},
            {"transaction", to_json(fact.transaction->transaction)},
            {"result", to_json(fact.transaction->result)}};
  }
  Json out{{"height", std::to_string(fact.proposal->height.value())},
           {"proposal_id", std::to_string(fact.proposal->id)},
           {"tallies", Json::array()}};
  if (fact.proposal->record) out["proposal"] = to_json(*fact.proposal->record);
  for (const auto& [chamber, tally] : fact.proposal->tallies) {
    out["tallies"].push_back(to_json(tally));
  }
  return out;
}

}  // namespace salus::cli
