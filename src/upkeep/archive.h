// Owns: a folder of archive files. Each is written once, whole, under the name of its own hash, and
// never changed; so what a name says is in the folder is there, or the damage is seen when it is
// read. Putting blocks back trusts no file: they must lead, hash by hash, up to what the ledger
// holds.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/seams/store.h"
#include "upkeep/archive_format.h"
#include "upkeep/folder.h"

namespace salus::upkeep {

struct ArchiveFile {
  Path path;
  ArchiveName name;
};

// The chain's files, by first height, the longest of those first. Files of other chains, unfinished
// ones and anything else are passed over. An absent folder holds none.
Result<std::vector<ArchiveFile>, Error> list_archive(const Path& folder, const ChainId& chain_id);
// The first height from `from` on that is in none of the files.
Height first_not_archived(const std::vector<ArchiveFile>& files, Height from);

// Reads a file whole; refuses it if it is not what its name says.
Result<Archive, Error> read_archive(const ArchiveFile& file);
// The file that holds `height`, read; nullopt when none does.
Result<std::optional<Archive>, Error> find_in_archive(const std::vector<ArchiveFile>& files,
                                                      Height height);

// Writes one file of the blocks from `first` on: up to `last`, or as many as one file takes. They
// are kept in `store`, a snapshot of which will do. The folder is made if it is not there; one
// process writes into it. The file is read back before it gets its name; one that has that name
// already stays if it is whole, and is replaced if it is damaged.
Result<ArchiveFile, Error> write_archive(const Store& store, const Path& folder, Height first,
                                         Height last);
// Reads a file whole, and refuses it, with what to do, unless it holds all that `store` still keeps
// of its heights. To be asked before that is forgotten: a name alone is no copy.
Result<void, Error> check_archived(const Store& store, const ArchiveFile& file);

struct Imported {
  // The lowest that are kept now.
  Height block;
  Height results;
  std::uint64_t blocks = 0;
};
// Puts the blocks below the lowest one of the ledger back, from the highest down, as far as the
// files reach without a gap. Each is verified before it counts: its hash is the parent of the next
// one, its signatures, finalization, roots and results are right. Every batch leaves a whole
// ledger. `on_block` is told of each file's first height.
Result<Imported, Error> import_archive(Store& store, const Path& folder,
                                       const std::function<void(Height lowest)>& on_file);

// The same on a folder where no node runs.
Result<Imported, Error> import_into(const Path& folder, const Path& archive,
                                    const std::function<void(Height lowest)>& on_file);

struct Archived {
  std::uint64_t files = 0;
  std::uint64_t blocks = 0;
  // Below it everything that the ledger holds is in the archive.
  Height next;
};
// Writes files of all blocks of a folder that are not in the archive yet, up to and without
// `below`; absent: with the tip.
Result<Archived, Error> archive_ledger(const Path& folder, const Path& archive,
                                       std::optional<Height> below,
                                       const std::function<void(const ArchiveFile&)>& on_file);

}  // namespace salus::upkeep
