// Owns: what consensus said and promised is on the disk before anyone hears it (consensus.md, S1 to
// S7, S16, S17). A stage is there whole or not at all; no durable sector is written twice; after an
// error nothing more is appended, because nobody knows what survived.
// One caller at a time; replay() only before the first append of a run or between appends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/seams/log.h"
#include "storage/journal_scan.h"

namespace salus::storage {

struct JournalOptions {
  // A multiple of 4 KiB. A stage that is larger gets a larger file.
  std::uint64_t file_bytes = std::uint64_t{64} << 20U;
};

// The journal of one epoch: a folder of files.
class FileLog final : public Log {
 public:
  // Makes the folder and its first file; one that was never begun is replaced. `before`: the vote
  // stage that the guard stands at.
  static Result<FileLog, JournalError> create(const Path& folder, const JournalIdentity& identity,
                                              Stage before, const JournalOptions& options = {});

  // Reads all of it, cuts off the torn end (S7) and syncs what it read: after a crash of the
  // process alone, bytes can be readable that never reached the disk. `floor`: the guard's
  // position.
  static Result<FileLog, JournalError> open(const Path& folder, const JournalIdentity& identity,
                                            LogPosition floor, const JournalOptions& options = {});

  LogPosition durable_end() const override { return files_.back().end_position(); }
  // `stage` comes from a StageWriter. After an error every later call fails with its reason.
  [[nodiscard]] Result<void, LogError> append_and_sync(ByteView stage) override;

  // Every record in order, with the vote stage of its stage.
  [[nodiscard]] Result<void, JournalError> replay(const RecordVisitor& visit) const;

  // The last vote stage and own-vote maxima on record, also of files that were discarded.
  Stage last_stage() const { return stage_; }
  const consensus::Registers& registers() const { return registers_; }

  // Removes files that lie wholly before `position`, which the caller knows to be below the durable
  // ledger (S15); never the one in use.
  [[nodiscard]] Result<void, LogError> discard_files_before(LogPosition position);

  // Why no next file is reserved although the current one is half full: the leader declines and
  // the operator is told (S16). It is tried again with every append, and by
  // `reserve_when_half_full`.
  const std::optional<std::string>& reserve_alarm() const { return reserve_alarm_; }
  void reserve_when_half_full();
  std::uint64_t syncs() const { return syncs_; }

 private:
  FileLog(Path folder, const JournalIdentity& identity, const JournalOptions& options)
      : folder_(std::move(folder)), identity_(identity), options_(options) {}

  [[nodiscard]] Result<void, IoError> begin_file(const JournalHead& head);
  [[nodiscard]] Result<void, IoError> begin_next_file(std::uint64_t stage_bytes);
  [[nodiscard]] Result<void, IoError> append_stage(ByteView stage);
  [[nodiscard]] Result<void, IoError> cut_torn_end();
  void note_own_votes(ByteView stage);

  Path folder_;
  JournalIdentity identity_;
  JournalOptions options_;
  // Begun files in order; the last one is open as `current_`.
  std::vector<JournalFile> files_;
  std::optional<File> current_;
  // Preallocated, synced, and still without a head.
  std::optional<File> reserved_;
  Stage stage_;
  consensus::Registers registers_;
  std::optional<std::string> reserve_alarm_;
  std::optional<std::string> failure_;
  std::uint64_t syncs_ = 0;
};

// Removes the journal folders of epochs before `epoch` (C45).
[[nodiscard]] Result<void, IoError> discard_epochs_before(const Path& journal, Epoch epoch);
// The epochs after `epoch` that have a folder, in no order.
[[nodiscard]] Result<std::vector<Epoch>, IoError> epochs_after(const Path& journal, Epoch epoch);
// Sets the journal folders of epochs after `epoch` aside.
[[nodiscard]] Result<void, IoError> set_epochs_after_aside(const Path& journal, Epoch epoch);

}  // namespace salus::storage
