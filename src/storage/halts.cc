// Owns: looking for halts page by page, without asking whether the votes around them make sense.
#include "storage/halts.h"

#include <algorithm>
#include <cerrno>

#include "storage/data_folder.h"
#include "storage/journal.h"

namespace salus::storage {

namespace {

using Halt = std::optional<consensus::HaltRecord>;

void keep_latest(Halt& latest, const consensus::HaltRecord& found) {
  if (!latest || latest->epoch <= found.epoch) latest = found;
}

void find_in_file(ByteView bytes, const ChainId& chain_id, Halt& latest) {
  const auto head = decode_journal_head(bytes.first(std::min(bytes.size(), kJournalPageBytes)));
  if (!head || head->chain_id != chain_id) return;
  const auto visit = [&](const RecordView& view) {
    if (view.type != static_cast<std::uint8_t>(consensus::RecordType::Halt)) return;
    const auto record = consensus::decode_payload(view.type, view.payload, chain_id, head->epoch);
    if (record) keep_latest(latest, std::get<consensus::HaltRecord>(*record));
  };
  std::size_t at = kJournalPageBytes;
  while (at < bytes.size()) {
    const std::size_t length = read_stage(bytes.subspan(at), visit).value_or(1);
    at += (length + kJournalPageBytes - 1) / kJournalPageBytes * kJournalPageBytes;
  }
}

Result<void, IoError> find_in_folder(const Path& folder, const ChainId& chain_id, Halt& latest) {
  const auto names = list_folder(folder);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    if (!name.ends_with(kJournalSuffix)) continue;
    const auto file = File::open_to_read(folder / name);
    if (!file) return std::unexpected(file.error());
    const auto bytes = file->read(0, kJournalFileBytesMax);
    if (!bytes) return std::unexpected(bytes.error());
    find_in_file(*bytes, chain_id, latest);
  }
  return {};
}

}  // namespace

Result<Halt, IoError> find_halt(const Path& journal, const ChainId& chain_id) {
  Halt latest;
  const auto names = list_folder(journal);
  if (!names && names.error().cause == ENOENT) return latest;
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    if (!epoch_of_folder(name.substr(0, name.find('.')))) continue;
    const auto read = find_in_folder(journal / name, chain_id, latest);
    if (!read) return std::unexpected(read.error());
  }
  return latest;
}

Result<Halt, IoError> settle_epochs(const Path& journal, const ChainId& chain_id,
                                    std::optional<Epoch> discard_before) {
  auto halt = find_halt(journal, chain_id);
  if (!halt || *halt || !discard_before) return halt;
  if (const auto gone = discard_epochs_before(journal, *discard_before); !gone) {
    return std::unexpected(gone.error());
  }
  return halt;
}

}  // namespace salus::storage
