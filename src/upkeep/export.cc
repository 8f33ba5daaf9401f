// Owns: which blocks, in order.
#include "upkeep/export.h"

#include <algorithm>
#include <string>

#include "base/assert.h"
#include "ledger/header.h"
#include "ledger/reader.h"
#include "upkeep/export_lines.h"
#include "upkeep/export_tables.h"

namespace salus::upkeep {

namespace {

// Gives the lines of blocks to whoever writes them.
class Exporter {
 public:
  Exporter(const ExportWish& wish, const std::function<bool(std::string_view)>& write)
      : wish_(wish), write_(write) {}

  bool head() { return wish_.form != ExportForm::Csv || put(head_of(wish_.table)); }

  bool block(const v1::FinalizedBlock& block) {
    ++done.blocks;
    if (wish_.table == ExportTable::History && !contents(block)) return false;
    return each_event(block, [&](const Placed& placed) {
      return !belongs(wish_.table, placed.event.kind()) || event(placed);
    });
  }

  Exported done;

 private:
  bool put(std::string_view line) {
    ++done.lines;
    return write_(line);
  }

  bool contents(const v1::FinalizedBlock& block) {
    if (!put(block_json(block).dump())) return false;
    for (int i = 0; i < block.transactions_size(); ++i) {
      if (!put(transaction_json(block, i).dump())) return false;
    }
    return true;
  }

  bool event(const Placed& placed) {
    if (wish_.form == ExportForm::Csv) {
      return std::ranges::all_of(rows_of(wish_.table, placed),
                                 [&](const std::string& row) { return put(row); });
    }
    Json line = event_json(placed);
    if (wish_.table == ExportTable::Votes) {
      if (const auto ballot = ballot_of(placed)) line["ballot"] = to_json(*ballot);
    }
    return put(line.dump());
  }

  const ExportWish& wish_;
  const std::function<bool(std::string_view)>& write_;
};

std::uint64_t time_of(const ledger::Reader& reader, Height height) {
  const auto header = ledger::decode_header(as_bytes(*reader.header_bytes(height)));
  SALUS_ASSERT(header.has_value(), "a stored header does not parse: the ledger is corrupt");
  return header->time.value();
}

// The first height of `from` to `last` whose block is not before `time_ms`; behind `last` where
// none is. Time never runs backwards along a chain.
Height first_since(const ledger::Reader& reader, Height from, Height last, std::uint64_t time_ms) {
  std::uint64_t low = from.value();
  std::uint64_t high = last.value() + 1;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (time_of(reader, Height{middle}) >= time_ms) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return Height{low};
}

Error pruned(Height lowest) {
  const std::string height = std::to_string(lowest.value());
  return Error{Fault::Pruned, "Results and events below height " + height +
                                  " are not in this ledger. Export from there: --from " + height +
                                  ", or put an archive back first: salus ledger import."};
}

struct Heights {
  Height first;
  Height last;
};

// The heights wished for; refused where some of them may be pruned.
Result<Heights, Error> heights_of(const ledger::Reader& reader, const ExportWish& wish) {
  const Height tip = reader.tip().height;
  const Height lowest = reader.kept().results;
  Heights out{.first = std::max(wish.from, Height{1}),
              .last = std::min(tip, wish.to.value_or(tip))};
  const Height begin = std::max(out.first, lowest);
  if (wish.since_ms && begin <= out.last) {
    const Height first = first_since(reader, begin, out.last, *wish.since_ms);
    // Below the lowest that is here there may be more of the period.
    if (first > begin || out.first >= lowest) out.first = first;
  }
  if (wish.until_ms && begin <= out.last) {
    const Height behind = first_since(reader, begin, out.last, *wish.until_ms);
    out.last = Height{behind.value() - 1};
  }
  if (out.first < lowest) return std::unexpected(pruned(lowest));
  return out;
}

}  // namespace

Result<Exported, Error> export_ledger(const Path& folder, const ExportWish& wish,
                                      const std::function<bool(std::string_view line)>& write) {
  SALUS_ASSERT(wish.table != ExportTable::History || wish.form != ExportForm::Csv,
               "the whole history has no columns");
  const auto still = StillFolder::hold(folder);
  if (!still) return std::unexpected(still.error());
  const auto store = still->open_initialised();
  if (!store) return std::unexpected(store.error());
  const ledger::Reader reader{**store};
  const auto heights = heights_of(reader, wish);
  if (!heights) return std::unexpected(heights.error());
  Exporter exporter{wish, write};
  bool goes_on = exporter.head();
  for (Height height = heights->first; goes_on && height <= heights->last; height = height.next()) {
    const auto block = reader.block(height);
    if (!block) {
      return std::unexpected(
          Error{Fault::Damaged, "The block at height " + std::to_string(height.value()) +
                                    " is not in the ledger. Check it: salus ledger verify."});
    }
    goes_on = exporter.block(*block);
  }
  if (!goes_on) {
    return std::unexpected(
        Error{Fault::Stopped, "The export ended early: nobody takes its lines."});
  }
  return exporter.done;
}

}  // namespace salus::upkeep
