// Owns: a ledger on disk is what its blocks say, or the first difference is named: files, hashes,
// links, signatures, certificates, execution, results, indexes, records and tree, down to the byte.
// Trusts the genesis document and nothing else that lies there. Where the first blocks were pruned
// or never fetched, it begins with the lowest state, whose root a quorum signed, and says so; with
// an archive it begins with genesis again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "upkeep/folder.h"
#include "upkeep/json.h"

namespace salus::upkeep {

enum class FindingKind : std::uint8_t {
  // A file of the database, or of a backup, is damaged.
  File,
  // The genesis document, or what was made of it.
  Genesis,
  // A block is missing, malformed, wrongly signed, not linked, or breaks a rule (C29).
  Block,
  // A finalization is missing, of another block, or not signed by a quorum of its epoch's set.
  Certificate,
  // Execution gives another state root or other results than a quorum agreed on.
  Execution,
  // What is stored differs from what follows from the blocks.
  Stored,
  // A rule on the whole state is broken.
  Invariant,
};
inline constexpr std::size_t kFindingKinds = 7;
std::string_view name(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::Stored;
  std::string sentence;
  // Block that it is about, or that wrote the record last.
  std::optional<Height> height;
  // Of the file.
  std::string path;
  // Of a record: whose, which, and both values, decoded. Else empty and null.
  std::string module;
  std::string table;
  std::string key;
  Json expected;
  Json found;
  // The records that the block at `height` writes here, when its root is another one.
  Json changes;
};
Json to_json(const Finding& finding);

struct VerifyProgress {
  enum class Stage : std::uint8_t { Files, Blocks, Records, Invariants };
  Stage stage = Stage::Files;
  // Files, blocks or records.
  std::uint64_t done = 0;
  std::uint64_t of = 0;
  std::uint64_t transactions = 0;
  double seconds = 0;
};

struct VerifyOptions {
  // Where intermediate data goes, about as much as the state and its tree; empty: the system's
  // place.
  Path scratch = {};
  // Folder of archive files that hold the blocks which the ledger lacks; empty: none.
  Path archive = {};
  // That check signatures; 0: one a core.
  std::size_t threads = 0;
  // At most ten times a second.
  std::function<void(const VerifyProgress&)> on_progress = [](const VerifyProgress&) {};
};

struct VerifyReport {
  ChainId chain_id;
  Height height;
  Digest digest;
  Root state_root;
  // Blocks above it were executed: 0, or the height of the state that it began with.
  Height executed_from;
  // No later block certifies that state: the node has just joined.
  bool is_certified = true;
  // Blocks from here on were checked; those up to `executed_from` by hash, signatures and roots.
  Height linked_from{1};
  // Blocks that came from the archive.
  std::uint64_t archived = 0;
  std::uint64_t files = 0;
  std::uint64_t blocks = 0;
  std::uint64_t transactions = 0;
  std::uint64_t certificates = 0;
  std::uint64_t epochs = 0;
  std::uint64_t records = 0;
  double seconds = 0;
  // Of checking and executing blocks.
  double replay_seconds = 0;
  // All damaged files; else the first difference, and at the end every broken invariant.
  std::vector<Finding> findings;

  bool is_right() const { return findings.empty(); }
};

// An Error only when nothing could be looked at.
Result<VerifyReport, Error> verify_ledger(const Path& folder, const VerifyOptions& options);

}  // namespace salus::upkeep
