// Owns: the order of the checks, the cheapest first.
#include "upkeep/linked.h"

#include <utility>

#include "ledger/results.h"
#include "salus/v1/tx.pb.h"
#include "state/record.h"

namespace salus::upkeep {

namespace {

bool is_finalized(const ledger::Block& block, const ArchivedBlock& entry, const Expected& expected,
                  const EpochSets& sets) {
  const ledger::Header& header = block.header();
  // The finalization of a later block of its segment: that one was judged with it.
  if (entry.certificate == expected.certificate && header.epoch == expected.epoch) return true;
  const sync::TrustedSet* set = sets.find(header.epoch);
  if (set == nullptr) return false;
  v1::FinalizedHeader proof;
  proof.add_headers(std::string{as_chars(ledger::encode(header))});
  proof.set_certificate(entry.certificate);
  return sync::verify_headers(*set, proof).has_value();
}

}  // namespace

Expected below(const ledger::Header& header, const std::string& certificate) {
  return {.digest = header.parent,
          .state_root = header.state_root,
          .results_root = header.results_root,
          .certificate = certificate,
          .epoch = header.epoch};
}

std::string_view sentence(LinkFlaw flaw) {
  switch (flaw) {
    case LinkFlaw::Block:
      return "The block is not the one that the next block names as its parent, or a signature in "
             "it is wrong.";
    case LinkFlaw::Certificate:
      return "Its finalization proves nothing about it.";
    case LinkFlaw::Outcome:
      return "The roots after it are not those that the next header names.";
    case LinkFlaw::Results:
      return "Its results are not those that the next header names.";
  }
  std::unreachable();
}

bool are_results_of(const std::string& results, const Root& root) {
  v1::BlockResults parsed;
  return parsed.ParseFromString(results) && state::encode(parsed) == results &&
         ledger::results_root(parsed) == root;
}

Result<Validated<ledger::Block>, LinkFlaw> check_linked(const ArchivedBlock& entry,
                                                        const Expected& expected,
                                                        const EpochSets& sets) {
  auto block = ledger::Block::decode_and_verify(as_bytes(entry.block));
  if (!block || (*block)->digest() != expected.digest) return std::unexpected(LinkFlaw::Block);
  if (entry.outcome.state_root != expected.state_root ||
      entry.outcome.results_root != expected.results_root) {
    return std::unexpected(LinkFlaw::Outcome);
  }
  if (entry.results && !are_results_of(*entry.results, expected.results_root)) {
    return std::unexpected(LinkFlaw::Results);
  }
  if (!is_finalized(**block, entry, expected, sets)) {
    return std::unexpected(LinkFlaw::Certificate);
  }
  return std::move(*block);
}

}  // namespace salus::upkeep
