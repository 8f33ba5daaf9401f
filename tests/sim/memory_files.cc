// Owns: the bodies of storage/file.h over memory_disk.h, linked in front of the storage module. A
// path that no simulated disk holds does not exist.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "sim/memory_disk.h"
#include "storage/file.h"

namespace salus::storage {

namespace {

sim::MemoryDisk* disk_of(const Path& path) { return sim::MemoryDisk::of(path.native()); }

Result<void, IoError> answer(const Path& path, const char* what, int failed) {
  if (failed == 0) return {};
  return std::unexpected(IoError{path, what, failed});
}

}  // namespace

File::File(Path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
File::File(File&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
File& File::operator=(File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}
File::~File() = default;
IoError File::error(std::string what) const { return {path_, std::move(what), EIO}; }

Result<File, IoError> File::open(const Path& path) {
  const sim::MemoryDisk* disk = disk_of(path);
  if (disk == nullptr || !disk->has(path.native())) {
    return std::unexpected(IoError{path, "cannot be opened", ENOENT});
  }
  return File{path, 0};
}

Result<File, IoError> File::open_to_read(const Path& path) { return open(path); }

Result<File, IoError> File::create(const Path& path, unsigned) {
  sim::MemoryDisk* disk = disk_of(path);
  const int failed = disk == nullptr ? ENOENT : disk->create(path.native());
  if (failed != 0) return std::unexpected(IoError{path, "cannot be created", failed});
  return File{path, 0};
}

Result<std::uint64_t, IoError> File::size() const {
  const Bytes* file = disk_of(path_)->find(path_.native());
  if (file == nullptr) return std::unexpected(error("cannot be measured"));
  return file->size();
}

Result<Bytes, IoError> File::read(std::uint64_t offset, std::size_t count) const {
  const Bytes* file = disk_of(path_)->find(path_.native());
  if (file == nullptr) return std::unexpected(error("cannot be read"));
  const std::size_t from = std::min<std::size_t>(offset, file->size());
  const std::size_t to = std::min<std::size_t>(offset + count, file->size());
  return Bytes(file->begin() + static_cast<std::ptrdiff_t>(from),
               file->begin() + static_cast<std::ptrdiff_t>(to));
}

Result<void, IoError> File::write(std::uint64_t offset, ByteView bytes) {
  return answer(path_, "cannot be written", disk_of(path_)->write(path_.native(), offset, bytes));
}

Result<void, IoError> File::sync() {
  return answer(path_, "cannot be synced", disk_of(path_)->sync(path_.native()));
}

Result<void, IoError> File::allocate(std::uint64_t bytes) {
  return answer(path_, "cannot reserve its space", disk_of(path_)->allocate(path_.native(), bytes));
}

Result<void, IoError> File::cut_to(std::uint64_t bytes) {
  return answer(path_, "cannot be truncated", disk_of(path_)->cut_to(path_.native(), bytes));
}

Result<void, IoError> sync_folder(const Path& folder) {
  return answer(folder, "cannot be synced", disk_of(folder)->sync_folder(folder.native()));
}

Result<void, IoError> make_folder(const Path& folder) {
  sim::MemoryDisk* disk = disk_of(folder);
  const int failed = disk == nullptr ? ENOENT : disk->make_folder(folder.native());
  if (failed != 0 && failed != EEXIST) return answer(folder, "cannot be created", failed);
  return sync_folder(folder.parent_path());
}

Result<void, IoError> remove_file(const Path& path) {
  const int failed = disk_of(path)->remove(path.native());
  if (failed != 0 && failed != ENOENT) return answer(path, "cannot be removed", failed);
  return sync_folder(path.parent_path());
}

bool is_there(const Path& path) {
  const sim::MemoryDisk* disk = disk_of(path);
  return disk != nullptr && (disk->has(path.native()) || disk->has_folder(path.native()));
}

Result<std::vector<std::string>, IoError> list_folder(const Path& folder) {
  const sim::MemoryDisk* disk = disk_of(folder);
  if (disk == nullptr || !disk->has_folder(folder.native())) {
    return std::unexpected(IoError{folder, "cannot be listed", ENOENT});
  }
  return disk->list(folder.native());
}

Result<void, IoError> remove_folder(const Path& folder) {
  if (!is_there(folder)) return {};
  for (const std::string& name : disk_of(folder)->list(folder.native())) {
    if (const auto gone = remove_file(folder / name); !gone) return gone;
  }
  disk_of(folder)->remove_folder(folder.native());
  return sync_folder(folder.parent_path());
}

Result<Path, IoError> set_aside(const Path& path) {
  for (char k = '1'; k <= '9'; ++k) {
    Path target = path;
    target += std::string{".set-aside."} + k;
    if (is_there(target)) continue;
    const int failed = disk_of(path)->rename(path.native(), target.native());
    if (failed != 0) return std::unexpected(IoError{path, "cannot be moved aside", failed});
    return target;
  }
  return std::unexpected(
      IoError{path, "has nine damaged predecessors; remove those that nobody examines", EEXIST});
}

}  // namespace salus::storage
