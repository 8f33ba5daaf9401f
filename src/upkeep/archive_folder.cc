// Owns: archives of a ledger that lies still.
#include <algorithm>

#include "ledger/reader.h"
#include "upkeep/archive.h"

namespace salus::upkeep {

Result<Imported, Error> import_into(const Path& folder, const Path& archive,
                                    const std::function<void(Height lowest)>& on_file) {
  const auto still = StillFolder::hold(folder);
  if (!still) return std::unexpected(still.error());
  const auto store = still->open_to_change();
  if (!store) return std::unexpected(store.error());
  return import_archive(**store, archive, on_file);
}

Result<Archived, Error> archive_ledger(const Path& folder, const Path& archive,
                                       std::optional<Height> below,
                                       const std::function<void(const ArchiveFile&)>& on_file) {
  const auto still = StillFolder::hold(folder);
  if (!still) return std::unexpected(still.error());
  const auto store = still->open_initialised();
  if (!store) return std::unexpected(store.error());
  const ledger::Reader reader{**store};
  const auto files = list_archive(archive, reader.chain_id());
  if (!files) return std::unexpected(files.error());
  const Height tip = reader.tip_height();
  const Height end = std::min(tip.next(), below.value_or(tip.next()));
  Archived out;
  out.next = first_not_archived(*files, reader.kept().block);
  while (out.next < end) {
    const auto file = write_archive(**store, archive, out.next, end.previous());
    if (!file) return std::unexpected(file.error());
    ++out.files;
    out.blocks += file->name.last.value() - file->name.first.value() + 1;
    out.next = file->name.last.next();
    on_file(*file);
  }
  return out;
}

}  // namespace salus::upkeep
