// Owns: which notes there are, and what each is compared with.
#include "upkeep/notes.h"

#include <string>

#include "ledger/header.h"
#include "ledger/keys.h"
#include "ledger/outcome_codec.h"
#include "replica/facts.h"
#include "sync/finality.h"

namespace salus::upkeep {

namespace {

constexpr std::string_view kEpochNotes = "e";
constexpr std::size_t kNumberBytes = 8;

// The height of the epoch's last block, as the record of its end has it.
std::optional<std::string> height_of_end(const Store& store, Epoch epoch) {
  const auto stored = store.get(ledger::epoch_end_key(epoch));
  const auto end = stored ? sync::parse_epoch_end(as_bytes(*stored)) : std::nullopt;
  if (!end || end->boundary().headers().empty()) return std::nullopt;
  const auto header = ledger::decode_header(as_bytes(end->boundary().headers(0)));
  return header ? std::optional{ledger::encode_height(header->height)} : std::nullopt;
}

std::optional<EntryDifference> find_wrong_epoch(const Store& store, Epoch current) {
  std::optional<EntryDifference> out;
  std::optional<Epoch> due;
  store.scan(kEpochNotes, kEpochNotes, [&](std::string_view key, std::string_view value) {
    ByteReader in{as_bytes(key.substr(kEpochNotes.size()))};
    const Epoch epoch{in.u64()};
    if (!in.done()) {
      out = {std::string{key}, std::nullopt, std::string{value}};
    } else if (due && *due < epoch) {
      out = {replica::epoch_end_key(*due), height_of_end(store, *due), std::nullopt};
    } else if (const auto height = height_of_end(store, epoch); height != value) {
      out = {std::string{key}, height, std::string{value}};
    }
    due = epoch.next();
    return !out;
  });
  if (out || !due || current <= *due) return out;
  return EntryDifference{replica::epoch_end_key(*due), height_of_end(store, *due), std::nullopt};
}

}  // namespace

bool is_own_note(std::string_view key) {
  return key == replica::kVoteStageKey || key == ledger::kKeptKey || key.starts_with(kEpochNotes);
}

std::optional<EntryDifference> find_wrong_note(const Store& store, Epoch current) {
  if (auto wrong = find_wrong_epoch(store, current)) return wrong;
  const auto stage = store.get(replica::kVoteStageKey);
  if (!stage || stage->size() == kNumberBytes) return std::nullopt;
  return EntryDifference{std::string{replica::kVoteStageKey}, std::nullopt, stage};
}

}  // namespace salus::upkeep
