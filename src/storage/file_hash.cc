// Owns: reading in pieces.
#include "storage/file_hash.h"

#include <sodium.h>

#include "crypto/hash.h"

namespace salus::storage {

namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;

}  // namespace

Result<Hash, IoError> hash_of_file(const File& file,
                                   const std::function<bool(std::uint64_t bytes)>& on_read) {
  crypto_generichash_state state;
  Hash out;
  crypto_generichash_init(&state, nullptr, 0, out.bytes.size());
  const auto tag = crypto::padded_tag("salus.file.1");
  crypto_generichash_update(&state, tag.data(), tag.size());
  for (std::uint64_t at = 0;;) {
    const auto piece = file.read(at, kPieceBytes);
    if (!piece) return std::unexpected(piece.error());
    crypto_generichash_update(&state, piece->data(), piece->size());
    at += piece->size();
    if (!on_read(piece->size())) {
      return std::unexpected(IoError{file.path(), "was not read to its end", 0});
    }
    if (piece->size() < kPieceBytes) break;
  }
  crypto_generichash_final(&state, out.bytes.data(), out.bytes.size());
  return out;
}

}  // namespace salus::storage
