// Owns: every call by which this folder touches a file answers with the path, what was being done
// and the cause, so that no disk error is lost or guessed at (consensus.md, S5). A new file or
// folder exists only once its parent folder is synced too. Any thread; one owner per file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace salus::storage {

using Path = std::filesystem::path;

struct IoError {
  Path path;
  // "cannot be synced", "cannot be opened" ...
  std::string what;
  // errno; 0 for a file that ended early.
  int cause = 0;
};
// "<path> <what>: <cause>. <remedy>" The remedy follows from the cause.
std::string sentence(const IoError& error);

// For reads that have no way to refuse (Store::get): prints the sentence and aborts (S5).
[[noreturn]] void stop_process(std::string_view reason) noexcept;

// An open file, closed with its owner.
class File {
 public:
  // The file must exist.
  static Result<File, IoError> open(const Path& path);
  static Result<File, IoError> open_to_read(const Path& path);
  // The file must not exist; `mode` as in chmod.
  static Result<File, IoError> create(const Path& path, unsigned mode);

  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  const Path& path() const { return path_; }
  int descriptor() const { return descriptor_; }

  Result<std::uint64_t, IoError> size() const;
  // Bytes [offset, offset + count), fewer only where the file ends.
  Result<Bytes, IoError> read(std::uint64_t offset, std::size_t count) const;
  [[nodiscard]] Result<void, IoError> write(std::uint64_t offset, ByteView bytes);
  // fdatasync.
  [[nodiscard]] Result<void, IoError> sync();
  // The space of `bytes` is promised by the disk and reads as zeros where nothing was written.
  [[nodiscard]] Result<void, IoError> allocate(std::uint64_t bytes);
  [[nodiscard]] Result<void, IoError> cut_to(std::uint64_t bytes);

 private:
  File(Path path, int descriptor);
  IoError error(std::string what) const;

  Path path_;
  int descriptor_ = -1;
};

[[nodiscard]] Result<void, IoError> sync_folder(const Path& folder);
// Creates one folder (mode 0700) and syncs its parent. An existing one is fine.
[[nodiscard]] Result<void, IoError> make_folder(const Path& folder);
// Removes one file and syncs its folder. A missing one is fine.
[[nodiscard]] Result<void, IoError> remove_file(const Path& path);
bool is_there(const Path& path);
// The names in a folder, ascending. A missing one is an error with cause ENOENT.
Result<std::vector<std::string>, IoError> list_folder(const Path& folder);
// Removes a folder with all that is in it, and syncs its parent. A missing one is fine.
[[nodiscard]] Result<void, IoError> remove_folder(const Path& folder);
// Moves a damaged file or folder to `<path>.set-aside.<k>`, the first k of 1 to 9 that is free, so
// that it can be examined. Answers with the new path.
Result<Path, IoError> set_aside(const Path& path);

}  // namespace salus::storage
