// Owns: the system calls behind file.h, with their errno.
#include "storage/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace salus::storage {

File::File(Path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

File::File(File&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

IoError File::error(std::string what) const { return {path_, std::move(what), errno}; }

Result<File, IoError> File::open(const Path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(IoError{path, "cannot be opened", errno});
  return File{path, descriptor};
}

Result<File, IoError> File::open_to_read(const Path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(IoError{path, "cannot be opened", errno});
  return File{path, descriptor};
}

Result<File, IoError> File::create(const Path& path, unsigned mode) {
  const int descriptor =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
  if (descriptor < 0) return std::unexpected(IoError{path, "cannot be created", errno});
  return File{path, descriptor};
}

Result<std::uint64_t, IoError> File::size() const {
  struct stat status{};
  if (::fstat(descriptor_, &status) != 0) return std::unexpected(error("cannot be measured"));
  return static_cast<std::uint64_t>(status.st_size);
}

Result<Bytes, IoError> File::read(std::uint64_t offset, std::size_t count) const {
  Bytes out(count);
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got =
        ::pread(descriptor_, out.data() + done, count - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(error("cannot be read"));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  out.resize(done);
  return out;
}

Result<void, IoError> File::write(std::uint64_t offset, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put =
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return std::unexpected(error("cannot be written"));
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return {};
}

Result<void, IoError> File::sync() {
  if (::fdatasync(descriptor_) != 0) return std::unexpected(error("cannot be synced"));
  return {};
}

Result<void, IoError> File::allocate(std::uint64_t bytes) {
  const int cause = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(bytes));
  if (cause != 0) return std::unexpected(IoError{path_, "cannot reserve its space", cause});
  return {};
}

Result<void, IoError> File::cut_to(std::uint64_t bytes) {
  if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) {
    return std::unexpected(error("cannot be truncated"));
  }
  return {};
}

Result<void, IoError> sync_folder(const Path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(IoError{folder, "cannot be opened", errno});
  const int failed = ::fsync(descriptor);
  const int cause = errno;
  ::close(descriptor);
  if (failed != 0) return std::unexpected(IoError{folder, "cannot be synced", cause});
  return {};
}

Result<void, IoError> make_folder(const Path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return std::unexpected(IoError{folder, "cannot be created", errno});
  }
  // Also for an existing one: it may have been created just before a crash.
  const Path parent = folder.parent_path();
  return sync_folder(parent.empty() ? Path{"."} : parent);
}

Result<void, IoError> remove_file(const Path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return std::unexpected(IoError{path, "cannot be removed", errno});
  }
  return sync_folder(path.parent_path());
}

Result<Path, IoError> set_aside(const Path& path) {
  for (char k = '1'; k <= '9'; ++k) {
    Path target = path;
    target += std::string{".set-aside."} + k;
    struct stat status{};
    if (::lstat(target.c_str(), &status) == 0) continue;
    if (::rename(path.c_str(), target.c_str()) != 0) {
      return std::unexpected(IoError{path, "cannot be moved aside", errno});
    }
    if (const auto synced = sync_folder(path.parent_path()); !synced) {
      return std::unexpected(synced.error());
    }
    return target;
  }
  return std::unexpected(
      IoError{path, "has nine damaged predecessors; remove those that nobody examines", EEXIST});
}

bool is_there(const Path& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0;
}

Result<std::vector<std::string>, IoError> list_folder(const Path& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  std::filesystem::directory_iterator at{folder, failed};
  for (; !failed && at != std::filesystem::directory_iterator{}; at.increment(failed)) {
    names.push_back(at->path().filename().string());
  }
  if (failed) return std::unexpected(IoError{folder, "cannot be listed", failed.value()});
  std::sort(names.begin(), names.end());
  return names;
}

Result<void, IoError> remove_folder(const Path& folder) {
  std::error_code failed;
  std::filesystem::remove_all(folder, failed);
  if (failed) return std::unexpected(IoError{folder, "cannot be removed", failed.value()});
  return sync_folder(folder.parent_path());
}

}  // namespace salus::storage
