// Owns: appending to the journal's files, and the life of those files.
#include "storage/journal.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "storage/data_folder.h"

namespace salus::storage {

namespace {

std::uint64_t round_up_to_page(std::uint64_t bytes) {
  return (bytes + kJournalPageBytes - 1) / kJournalPageBytes * kJournalPageBytes;
}

// A file whose space is promised and whose name survives a power cut.
Result<File, IoError> preallocate(const Path& path, std::uint64_t bytes) {
  if (const auto removed = remove_file(path); !removed) return std::unexpected(removed.error());
  auto file = File::create(path, 0600);
  if (!file) return file;
  if (const auto done = file->allocate(bytes); !done) return std::unexpected(done.error());
  if (const auto done = file->sync(); !done) return std::unexpected(done.error());
  if (const auto done = sync_folder(path.parent_path()); !done) {
    return std::unexpected(done.error());
  }
  return file;
}

bool all_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

void assert_file_bytes(const JournalOptions& options) {
  SALUS_ASSERT(options.file_bytes % kJournalPageBytes == 0 &&
                   options.file_bytes >= 2 * kJournalPageBytes &&
                   options.file_bytes <= kJournalFileBytesMax,
               "the size of journal files is a whole number of pages within its cap");
}

}  // namespace

Result<FileLog, JournalError> FileLog::create(const Path& folder, const JournalIdentity& identity,
                                              Stage before, const JournalOptions& options) {
  assert_file_bytes(options);
  const auto found = scan_journal(folder, identity, LogPosition{});
  if (found) {
    return std::unexpected(JournalError{
        JournalFault::Exists, "There is a journal in " + folder.string() +
                                  " already. Open it: it holds what this validator promised."});
  }
  if (found.error().fault != JournalFault::Missing) return std::unexpected(found.error());

  FileLog log{folder, identity, options};
  log.stage_ = before;
  const JournalHead head{.chain_id = identity.chain_id,
                         .epoch = identity.epoch,
                         .file = 0,
                         .base = LogPosition{},
                         .file_bytes = options.file_bytes,
                         .previous_end = LogPosition{},
                         .stage = before,
                         .registers = {}};
  if (const auto made = make_folder(folder); !made) {
    return std::unexpected(disk_failed(made.error()));
  }
  if (const auto begun = log.begin_file(head); !begun) {
    return std::unexpected(disk_failed(begun.error()));
  }
  return log;
}

Result<FileLog, JournalError> FileLog::open(const Path& folder, const JournalIdentity& identity,
                                            LogPosition floor, const JournalOptions& options) {
  assert_file_bytes(options);
  auto scan = scan_journal(folder, identity, floor);
  if (!scan) return std::unexpected(scan.error());
  FileLog log{folder, identity, options};
  log.files_ = std::move(scan->files);
  log.stage_ = scan->stage;
  log.registers_ = scan->registers;
  // The highest first, so that a crash in between leaves no gap.
  for (auto path = scan->leftovers.rbegin(); path != scan->leftovers.rend(); ++path) {
    if (const auto gone = remove_file(*path); !gone) {
      return std::unexpected(disk_failed(gone.error()));
    }
  }
  if (const auto cut = log.cut_torn_end(); !cut) return std::unexpected(disk_failed(cut.error()));
  return log;
}

Result<void, IoError> FileLog::cut_torn_end() {
  const JournalFile& last = files_.back();
  auto file = File::open(last.path);
  if (!file) return std::unexpected(file.error());
  const auto rest = file->read(last.end, last.head.file_bytes - last.end);
  if (!rest) return std::unexpected(rest.error());
  const bool whole = last.end + rest->size() == last.head.file_bytes && all_zero(*rest);
  if (!whole) {
    // Sectors that survived out of order must never be taken for records of a later run.
    if (const auto cut = file->cut_to(last.end); !cut) return cut;
    if (const auto done = file->allocate(last.head.file_bytes); !done) return done;
  }
  if (const auto synced = file->sync(); !synced) return synced;
  ++syncs_;
  current_ = std::move(*file);
  return sync_folder(folder_);
}

Result<void, LogError> FileLog::append_and_sync(ByteView stage) {
  if (failure_) return std::unexpected(LogError{*failure_});
  SALUS_ASSERT(read_stage(stage, [](const RecordView&) {}) == stage.size(),
               "a stage comes whole from a StageWriter");
  if (const auto appended = append_stage(stage); !appended) {
    failure_ = sentence(appended.error());
    return std::unexpected(LogError{*failure_});
  }
  note_own_votes(stage);
  reserve_when_half_full();
  return {};
}

Result<void, IoError> FileLog::append_stage(ByteView stage) {
  if (files_.back().end + stage.size() > files_.back().head.file_bytes) {
    if (const auto begun = begin_next_file(stage.size()); !begun) return begun;
  }
  JournalFile& file = files_.back();
  if (const auto written = current_->write(file.end, stage); !written) return written;
  if (const auto synced = current_->sync(); !synced) return synced;
  ++syncs_;
  file.end += round_up_to_page(stage.size());
  return {};
}

Result<void, IoError> FileLog::begin_next_file(std::uint64_t stage_bytes) {
  const JournalFile& before = files_.back();
  const std::uint64_t needed = kJournalPageBytes + round_up_to_page(stage_bytes);
  return begin_file({.chain_id = identity_.chain_id,
                     .epoch = identity_.epoch,
                     .file = before.head.file + 1,
                     .base = LogPosition{before.head.base.value() + before.head.file_bytes},
                     .file_bytes = std::max(options_.file_bytes, needed),
                     .previous_end = before.end_position(),
                     .stage = stage_,
                     .registers = registers_});
}

Result<void, IoError> FileLog::begin_file(const JournalHead& head) {
  const Path path = journal_file_path(folder_, head.file);
  if (!reserved_ || head.file_bytes > options_.file_bytes) {
    auto made = preallocate(path, head.file_bytes);
    if (!made) return std::unexpected(made.error());
    reserved_ = std::move(*made);
  }
  if (const auto written = reserved_->write(0, encode(head)); !written) return written;
  // On its own, before the first stage: a stage never lies in a file without a head.
  if (const auto synced = reserved_->sync(); !synced) return synced;
  ++syncs_;
  current_ = std::move(*reserved_);
  reserved_.reset();
  files_.push_back({path, head, kJournalPageBytes});
  return {};
}

void FileLog::reserve_when_half_full() {
  const JournalFile& file = files_.back();
  if (reserved_ || file.end < file.head.file_bytes / 2) return;
  auto made = preallocate(journal_file_path(folder_, file.head.file + 1), options_.file_bytes);
  if (!made) {
    reserve_alarm_ = sentence(made.error());
    return;
  }
  reserved_ = std::move(*made);
  reserve_alarm_.reset();
}

void FileLog::note_own_votes(ByteView stage) {
  read_stage(stage, [this](const RecordView& view) {
    const auto record =
        consensus::decode_payload(view.type, view.payload, identity_.chain_id, identity_.epoch);
    SALUS_ASSERT(record.has_value(), "only records of this chain and epoch are appended");
    const auto* vote = std::get_if<consensus::OwnVoteRecord>(&*record);
    if (vote == nullptr) return;
    stage_ = view.stage;
    if (!registers_.holds(vote->subject)) registers_.record(vote->subject);
  });
}

Result<void, JournalError> FileLog::replay(const RecordVisitor& visit) const {
  for (const JournalFile& file : files_) {
    if (const auto seen = visit_records(file, identity_, visit); !seen) return seen;
  }
  return {};
}

Result<void, LogError> FileLog::discard_files_before(LogPosition position) {
  while (files_.size() > 1 && files_.front().end_position() <= position) {
    if (const auto gone = remove_file(files_.front().path); !gone) {
      return std::unexpected(LogError{sentence(gone.error())});
    }
    files_.erase(files_.begin());
  }
  return {};
}

Result<void, IoError> discard_epochs_before(const Path& journal, Epoch epoch) {
  const auto names = list_folder(journal);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    const auto of = epoch_of_folder(name);
    if (!of || *of >= epoch) continue;
    if (const auto gone = remove_folder(journal / name); !gone) return gone;
  }
  return sync_folder(journal);
}

Result<std::vector<Epoch>, IoError> epochs_after(const Path& journal, Epoch epoch) {
  const auto names = list_folder(journal);
  if (!names) return std::unexpected(names.error());
  std::vector<Epoch> epochs;
  for (const std::string& name : *names) {
    const auto of = epoch_of_folder(name);
    if (of && *of > epoch) epochs.push_back(*of);
  }
  return epochs;
}

Result<void, IoError> set_epochs_after_aside(const Path& journal, Epoch epoch) {
  const auto epochs = epochs_after(journal, epoch);
  if (!epochs) return std::unexpected(epochs.error());
  for (const Epoch later : *epochs) {
    if (const auto moved = set_aside(epoch_folder(journal, later)); !moved) {
      return std::unexpected(moved.error());
    }
  }
  return {};
}

}  // namespace salus::storage
