// Owns: where two ledgers part: the first height at which block, results or state differ, and there
// the records, with both values. Judges neither: a quorum's header does, where there is one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "upkeep/folder.h"
#include "upkeep/json.h"
#include "upkeep/records.h"

namespace salus::upkeep {

enum class Parting : std::uint8_t {
  // As far as the shorter one goes they are equal.
  Nowhere,
  // Two blocks of one height.
  Block,
  // The same block; other results.
  Results,
  // The same block and results; another state.
  State,
  // The roots agree, and still a record of the last common state differs: damage or tampering.
  Record,
};
std::string_view name(Parting parting);

// Both values of one thing, in hexadecimal.
struct Both {
  std::string first;
  std::string second;
};

struct LedgerDifference {
  // The lowest height that both keep; 0: genesis.
  Height compared_from;
  Parting parting = Parting::Nowhere;
  Height first_height;
  Height second_height;
  // Where they part; the last common one if nowhere.
  Height height;
  Both block;
  Both state_root;
  Both results_root;
  // What the header above it says, which a quorum signed; absent where neither ledger has one.
  std::optional<std::string> agreed_state_root;
  std::optional<std::string> agreed_results_root;
  // The first result that differs, decoded.
  std::string result;
  Json first_result;
  Json second_result;
  // The first records that differ after that block, by key, and how many there are. Not there when
  // one of the folders has forgotten that state.
  std::vector<RecordDifference> records;
  std::size_t records_in_all = 0;
  bool states_are_kept = true;
};
Json to_json(const LedgerDifference& difference);

// Records shown.
inline constexpr std::size_t kShownDifferencesMax = 100;

Result<LedgerDifference, Error> diff_ledgers(const Path& first, const Path& second);

}  // namespace salus::upkeep
