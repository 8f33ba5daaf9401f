// Owns: any text as a key file (storage/key_file.h). Protected ones are only looked at: a guess at
// a passphrase costs what the file says.
#include "crypto/ed25519.h"
#include "fuzz/fuzz.h"
#include "storage/key_file.h"

namespace {

salus::crypto::KeyPair a_key() {
  salus::fuzz::require(salus::crypto::initialise(), "libsodium is there");
  salus::crypto::Seed seed{};
  seed[0] = 7;
  return salus::crypto::KeyPair::from_seed(seed);
}

}  // namespace

namespace salus::fuzz {

std::vector<std::string> examples() {
  const auto locked = storage::write_protected_key(
      a_key(), storage::KeyPurpose::Account, "open sesame",
      {.passes = 1, .memory_bytes = std::uint64_t{1} << 20U}, storage::KeyFileSalt{});
  require(locked.has_value(), "a key can be protected");
  return {storage::write_unprotected_key(a_key(), storage::KeyPurpose::Validator),
          storage::write_unprotected_key(a_key(), storage::KeyPurpose::Node), *locked};
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const std::string text = fuzz::text_of({data, size});
  const auto info = storage::read_key_info(text);
  if (!info) return 0;
  fuzz::require(size <= storage::kKeyFileBytesMax, "no larger file is a key file");
  if (info->is_protected) return 0;
  const auto key = storage::read_key(text, info->purpose, "");
  if (!key) return 0;
  fuzz::require(key->public_key() == info->public_key, "a file shows the key that it holds");
  const std::string written = storage::write_unprotected_key(*key, info->purpose);
  const auto again = storage::read_key(written, info->purpose, "");
  fuzz::require(again && again->public_key() == key->public_key(), "what we write we can read");
  return 0;
}
