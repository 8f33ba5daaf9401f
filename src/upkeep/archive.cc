// Owns: how files are written, found and put back.
#include "upkeep/archive.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "base/assert.h"
#include "ledger/keys.h"
#include "ledger/reader.h"
#include "ledger/tip.h"
#include "upkeep/linked.h"

namespace salus::upkeep {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kUnfinishedFile = "archive.unfinished";
// One batch of an import.
constexpr std::size_t kBatchBytes = std::size_t{8} << 20U;

std::unexpected<Error> refuse(Fault fault, std::string reason) {
  return std::unexpected(Error{fault, std::move(reason)});
}
std::unexpected<Error> refuse(const storage::IoError& error) {
  return refuse(Fault::DiskFailed, storage::sentence(error));
}
std::unexpected<Error> refuse_file(const Path& path, std::string_view what) {
  return refuse(Fault::Damaged, path.string() + " " + std::string{what} +
                                    ". Use another copy of the archive; the ledger is as it was "
                                    "before this file.");
}

std::string text(Height height) { return std::to_string(height.value()); }

Result<Bytes, Error> read_bytes(const Path& path, std::size_t count) {
  const auto file = storage::File::open_to_read(path);
  if (!file) return refuse(file.error());
  auto bytes = file->read(0, count);
  if (!bytes) return refuse(bytes.error());
  return std::move(*bytes);
}

Result<void, storage::IoError> write_file(const Path& path, std::string_view bytes) {
  if (auto removed = storage::remove_file(path); !removed) return removed;
  auto file = storage::File::create(path, 0644);
  if (!file) return std::unexpected(file.error());
  if (auto written = file->write(0, as_bytes(bytes)); !written) return written;
  return file->sync();
}

Result<void, storage::IoError> move_file(const Path& from, const Path& to) {
  std::error_code failed;
  fs::rename(from, to, failed);
  if (failed) return std::unexpected(storage::IoError{from, "cannot be renamed", failed.value()});
  return storage::sync_folder(to.parent_path());
}

Result<ArchivedBlock, Error> take_block(const Store& store, Height height) {
  auto block = store.get(ledger::block_key(height));
  auto certificate = store.get(ledger::certificate_key(height));
  const auto outcome = store.get(ledger::outcome_key(height));
  if (!block || !certificate || !outcome) {
    return refuse(Fault::Pruned, "The block at height " + text(height) +
                                     " is not in this ledger: it was pruned, or never fetched.");
  }
  ArchivedBlock entry{.block = std::move(*block),
                      .certificate = std::move(*certificate),
                      .outcome = ledger::decode_outcome(*outcome),
                      .results = store.get(ledger::results_key(height))};
  if (entry.results && entry.results->size() > kArchivedResultsMax) {
    return refuse(Fault::Damaged, "The results of height " + text(height) +
                                      " are larger than an archive file can hold.");
  }
  return entry;
}

// A digest names one byte string, and executing is deterministic; only finalizations may differ.
bool holds_what_is_kept(const Archive& archive, const Store& store) {
  const auto is_same = [&](const std::string& key, const std::optional<std::string>& archived) {
    const auto kept = store.get(key);
    return !kept || kept == archived;
  };
  Height height = archive.head.first;
  for (const ArchivedBlock& entry : archive.blocks) {
    if (!is_same(ledger::block_key(height), entry.block) ||
        !is_same(ledger::outcome_key(height), ledger::encode(entry.outcome)) ||
        !is_same(ledger::results_key(height), entry.results)) {
      return false;
    }
    height = height.next();
  }
  return true;
}

// What the ledger expects of the block below `height`, which it holds; or of its tip's.
Expected expected_below(const Store& store, Height height) {
  const ledger::Reader reader{store};
  if (height > reader.tip_height()) {
    const ledger::Tip tip = reader.tip();
    return {.digest = tip.digest,
            .state_root = tip.state_root,
            .results_root = tip.results_root,
            .certificate = {},
            .epoch = tip.epoch};
  }
  const auto header = ledger::decode_header(as_bytes(*reader.header_bytes(height)));
  SALUS_ASSERT(header.has_value(), "a stored header does not parse: the ledger is corrupt");
  const Bytes certificate = reader.certificate(height);
  return below(*header, std::string{as_chars(certificate)});
}

void put_block(StoreBatch& batch, const ledger::Block& block, const ArchivedBlock& entry) {
  const Height height = block.header().height;
  batch.put(ledger::block_key(height), entry.block);
  batch.put(ledger::certificate_key(height), entry.certificate);
  batch.put(ledger::outcome_key(height), ledger::encode(entry.outcome));
  batch.put(ledger::height_key(block.digest()), ledger::encode_height(height));
  // Where a snapshot's header stood alone.
  batch.erase(ledger::header_key(height));
  std::uint32_t index = 0;
  for (const wire::Transaction& transaction : block.transactions()) {
    batch.put(ledger::transaction_key(transaction.id()), ledger::encode_place(height, index));
    batch.put(ledger::account_key(transaction.account(), height, index),
              transaction.id().to_string());
    ++index;
  }
}

// Downwards, batch by batch.
class Import {
 public:
  Import(Store& store, const std::vector<ArchiveFile>& files, EpochSets sets)
      : store_(store), files_(files), sets_(std::move(sets)), kept_(ledger::Reader{store}.kept()) {}

  Result<Imported, Error> run(const std::function<void(Height lowest)>& on_file) {
    // Results alone come first, where they were forgotten before their blocks.
    Height next = kept_.results;
    while (next > Height{1}) {
      const auto archive = find_in_archive(files_, next.previous());
      if (!archive) return std::unexpected(archive.error());
      if (!*archive) break;
      on_file((*archive)->head.first);
      for (; next > (*archive)->head.first; next = next.previous()) {
        const auto& entry = (*archive)->blocks[next.value() - 1 - (*archive)->head.first.value()];
        if (const auto taken = take(next.previous(), entry); !taken) {
          return std::unexpected(taken.error());
        }
      }
      if (const auto written = write(); !written) return std::unexpected(written.error());
    }
    return Imported{kept_.block, kept_.results, blocks_};
  }

 private:
  Result<void, Error> take(Height height, const ArchivedBlock& entry) {
    const bool has_results = entry.results && height.next() == kept_.results;
    if (height >= kept_.block) {
      if (!has_results) return {};
      if (!are_results_of(*entry.results, expected_below(store_, height.next()).results_root)) {
        return refuse_at(height, LinkFlaw::Results);
      }
    } else {
      if (!expected_) expected_ = expected_below(store_, kept_.block);
      const auto block = check_linked(entry, *expected_, sets_);
      if (!block) return refuse_at(height, block.error());
      put_block(batch_, **block, entry);
      expected_ = below((*block)->header(), entry.certificate);
      kept_.block = height;
      ++blocks_;
    }
    if (has_results) {
      batch_.put(ledger::results_key(height), *entry.results);
      kept_.results = height;
    }
    bytes_ += entry.block.size() + (has_results ? entry.results->size() : 0);
    return bytes_ < kBatchBytes ? Result<void, Error>{} : write();
  }

  static std::unexpected<Error> refuse_at(Height height, LinkFlaw flaw) {
    return refuse(Fault::Damaged, "The archive's block at height " + text(height) +
                                      " is refused. " + std::string{sentence(flaw)} +
                                      " What was put back before it is right and stays.");
  }

  Result<void, Error> write() {
    if (batch_.writes.empty()) return {};
    batch_.put(std::string{ledger::kKeptKey}, ledger::encode(kept_));
    if (const auto written = store_.write(batch_); !written) {
      return refuse(Fault::DiskFailed, written.error().reason);
    }
    batch_ = {};
    bytes_ = 0;
    return {};
  }

  Store& store_;
  const std::vector<ArchiveFile>& files_;
  EpochSets sets_;
  ledger::Kept kept_;
  std::optional<Expected> expected_;
  StoreBatch batch_;
  std::size_t bytes_ = 0;
  std::uint64_t blocks_ = 0;
};

}  // namespace

Result<std::vector<ArchiveFile>, Error> list_archive(const Path& folder, const ChainId& chain_id) {
  std::vector<ArchiveFile> out;
  if (!storage::is_there(folder)) return out;
  const auto names = storage::list_folder(folder);
  if (!names) return refuse(names.error());
  for (const std::string& name : *names) {
    const auto parsed = parse_archive_name(name);
    if (!parsed) continue;
    const auto bytes = read_bytes(folder / name, kArchiveHeadBytes);
    if (!bytes) return std::unexpected(bytes.error());
    const auto head = decode_archive_head(*bytes);
    if (!head || head->first != parsed->first || head->last != parsed->last) {
      return refuse_file(folder / name, "is not the archive file that its name says");
    }
    if (head->chain_id == chain_id) out.push_back({folder / name, *parsed});
  }
  std::ranges::sort(out, {}, [](const ArchiveFile& file) {
    return std::tuple{file.name.first, Height{~file.name.last.value()}, file.name.hash};
  });
  return out;
}

Height first_not_archived(const std::vector<ArchiveFile>& files, Height from) {
  for (const ArchiveFile& file : files) {
    if (file.name.first <= from && from <= file.name.last) from = file.name.last.next();
  }
  return from;
}

Result<Archive, Error> read_archive(const ArchiveFile& file) {
  const auto bytes = read_bytes(file.path, kArchiveBytesMax + 1);
  if (!bytes) return std::unexpected(bytes.error());
  if (archive_hash(*bytes) != file.name.hash) {
    return refuse_file(file.path, "is damaged: its hash is not the one in its name");
  }
  auto archive = decode_archive(*bytes);
  if (!archive) return refuse_file(file.path, sentence(archive.error()));
  return std::move(*archive);
}

Result<std::optional<Archive>, Error> find_in_archive(const std::vector<ArchiveFile>& files,
                                                      Height height) {
  for (const ArchiveFile& file : files) {
    if (height < file.name.first || file.name.last < height) continue;
    auto archive = read_archive(file);
    if (!archive) return std::unexpected(archive.error());
    return std::move(*archive);
  }
  return std::nullopt;
}

Result<ArchiveFile, Error> write_archive(const Store& store, const Path& folder, Height first,
                                         Height last) {
  Archive archive{
      .head = {.chain_id = ledger::Reader{store}.chain_id(), .first = first, .last = first},
      .blocks = {}};
  std::size_t bytes = 0;
  for (Height height = first;
       height <= last && bytes < kArchiveBytesSoftMax && archive.blocks.size() < kArchiveBlocksMax;
       height = height.next()) {
    auto entry = take_block(store, height);
    if (!entry) return std::unexpected(entry.error());
    bytes += entry->block.size() + entry->results.value_or("").size();
    archive.head.last = height;
    archive.blocks.push_back(std::move(*entry));
  }
  if (const auto made = storage::make_folder(folder); !made) return refuse(made.error());
  const std::string content = encode(archive);
  const Hash hash = archive_hash(as_bytes(content));
  ArchiveFile file{folder / archive_name(archive.head, hash),
                   {archive.head.first, archive.head.last, hash}};
  if (storage::is_there(file.path) && read_archive(file)) return file;
  // Its name is a promise, so it gets it last; one that breaks it is replaced.
  const ArchiveFile unfinished{folder / kUnfinishedFile, file.name};
  if (const auto written = write_file(unfinished.path, content); !written) {
    return refuse(written.error());
  }
  if (const auto back = read_archive(unfinished); !back) {
    return refuse(back.error().fault, unfinished.path.string() + ", of the blocks from " +
                                          text(first) + " to " + text(file.name.last) +
                                          ", does not read back whole, so it is no archive file. "
                                          "Check the disk and the ledger (salus ledger verify).");
  }
  if (const auto moved = move_file(unfinished.path, file.path); !moved) {
    return refuse(moved.error());
  }
  return file;
}

Result<void, Error> check_archived(const Store& store, const ArchiveFile& file) {
  const auto archive = read_archive(file);
  if (!archive && archive.error().fault == Fault::DiskFailed) {
    return std::unexpected(archive.error());
  }
  if (archive && holds_what_is_kept(*archive, store)) return {};
  return refuse(Fault::Damaged, file.path.string() +
                                    " is damaged, or does not hold the blocks and results that "
                                    "this ledger does. Move it out of its folder: what it should "
                                    "hold is then archived anew.");
}

Result<Imported, Error> import_archive(Store& store, const Path& folder,
                                       const std::function<void(Height lowest)>& on_file) {
  const ledger::Reader reader{store};
  if (!reader.is_initialised()) {
    return refuse(Fault::NoLedger,
                  "There is no ledger to put blocks back into: start the node once.");
  }
  const auto files = list_archive(folder, reader.chain_id());
  if (!files) return std::unexpected(files.error());
  auto sets = EpochSets::follow(store, reader.genesis_bytes(), reader.tip().epoch);
  if (!sets) return refuse(Fault::Damaged, sets.error());
  return Import{store, *files, std::move(*sets)}.run(on_file);
}

}  // namespace salus::upkeep
