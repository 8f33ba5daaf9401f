// Owns: what a disk error says to the operator, and the end of a process that cannot read its disk.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "storage/file.h"

namespace salus::storage {

namespace {

std::string_view remedy(int cause) {
  switch (cause) {
    case ENOSPC:
    case EDQUOT:
      return "Free space on this disk, then start the node again.";
    case EACCES:
    case EPERM:
    case EROFS:
      return "Let the account of the node read and write there, then start it again.";
    case ENOENT:
    case ENOTDIR:
      return "Check the data folder in the configuration.";
    case EMFILE:
    case ENFILE:
      return "Raise the limit of open files (ulimit -n), then start the node again.";
    case 0:
      return "The file ended early: check the disk, or restore this node from a snapshot.";
    default:
      return "Check the disk (dmesg, smartctl); the node does not retry, because nobody knows what "
             "was kept.";
  }
}

std::string cause_text(int cause) {
  // A buffer of our own: std::strerror is shared between threads.
  char buffer[128] = {};
  return cause == 0 ? "it is shorter than it was" : ::strerror_r(cause, buffer, sizeof buffer);
}

}  // namespace

std::string sentence(const IoError& error) {
  return error.path.string() + " " + error.what + ": " + cause_text(error.cause) + ". " +
         std::string{remedy(error.cause)};
}

void stop_process(std::string_view reason) noexcept {
  std::fprintf(stderr, "The node stops: %.*s\n", static_cast<int>(reason.size()), reason.data());
  std::fflush(stderr);
  std::abort();
}

}  // namespace salus::storage
