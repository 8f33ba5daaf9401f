// Owns: key files on disk.
#include "storage/keystore.h"

#include <sodium.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>

namespace salus::storage {

namespace {

KeyFileError error_of(const IoError& error) {
  switch (error.cause) {
    case ENOENT:
      return KeyFileError::Missing;
    case EEXIST:
      return KeyFileError::Exists;
    default:
      return KeyFileError::NotAccessible;
  }
}

Result<void, KeyFileError> save(const Path& path, std::string_view text) {
  auto file = File::create(path, 0600);
  if (!file) return std::unexpected(error_of(file.error()));
  auto done = file->write(0, as_bytes(text));
  if (done) done = file->sync();
  if (done) done = sync_folder(path.has_parent_path() ? path.parent_path() : Path{"."});
  if (!done) return std::unexpected(KeyFileError::NotAccessible);
  return {};
}

Result<std::string, KeyFileError> load(const Path& path) {
  const auto file = File::open_to_read(path);
  if (!file) return std::unexpected(error_of(file.error()));
  struct stat status{};
  if (::fstat(file->descriptor(), &status) != 0) {
    return std::unexpected(KeyFileError::NotAccessible);
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return std::unexpected(KeyFileError::OpenToOthers);
  }
  // One byte above the cap, so that a longer file is seen to be one.
  const auto bytes = file->read(0, kKeyFileBytesMax + 1);
  if (!bytes) return std::unexpected(KeyFileError::NotAccessible);
  return std::string{as_chars(*bytes)};
}

}  // namespace

crypto::KeyPair generate_key() {
  crypto::Seed seed{};
  randombytes_buf(seed.data(), seed.size());
  auto pair = crypto::KeyPair::from_seed(seed);
  sodium_memzero(seed.data(), seed.size());
  return pair;
}

Result<void, KeyFileError> save_protected_key(const Path& path, const crypto::KeyPair& key,
                                              KeyPurpose purpose, std::string_view passphrase,
                                              const KeyCost& cost) {
  const auto text = write_protected_key(key, purpose, passphrase, cost, KeyFileSalt::random());
  if (!text) return std::unexpected(text.error());
  return save(path, *text);
}

Result<void, KeyFileError> save_unprotected_key(const Path& path, const crypto::KeyPair& key,
                                                KeyPurpose purpose) {
  return save(path, write_unprotected_key(key, purpose));
}

Result<KeyFileInfo, KeyFileError> load_key_info(const Path& path) {
  const auto text = load(path);
  if (!text) return std::unexpected(text.error());
  return read_key_info(*text);
}

Result<crypto::KeyPair, KeyFileError> load_key(const Path& path, KeyPurpose purpose,
                                               std::string_view passphrase) {
  const auto text = load(path);
  if (!text) return std::unexpected(text.error());
  return read_key(*text, purpose, passphrase);
}

}  // namespace salus::storage
