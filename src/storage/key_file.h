// Owns: the text of a key file (docs/formats.md, "Key files"): a secret leaves it only under its
// passphrase, and damage, a wrong passphrase and a foreign file are told apart. Reading costs no
// more memory or time than the caps below, whatever the file claims. Pure but for its work in
// memory.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "crypto/ed25519.h"

namespace salus::storage {

enum class KeyPurpose : std::uint8_t { Validator, Node, Account };
std::string_view name(KeyPurpose purpose);

// The cost of one guess at the passphrase (argon2id).
struct KeyCost {
  std::uint64_t passes = 3;
  std::uint64_t memory_bytes = std::uint64_t{256} << 20U;
};
// What a file may ask of its reader.
inline constexpr std::uint64_t kKeyPassesMax = 16;
inline constexpr std::uint64_t kKeyMemoryBytesMax = std::uint64_t{1} << 30U;
inline constexpr std::size_t kKeyFileBytesMax = 4'096;

enum class KeyFileError : std::uint8_t {
  Missing,
  Exists,
  NotAccessible,
  // Others than its owner can read it.
  OpenToOthers,
  Truncated,
  // No key file, or of a version that this program does not know.
  NotAKeyFile,
  // The parts do not belong together: edited or damaged.
  Tampered,
  CostTooLarge,
  WrongPurpose,
  EmptyPassphrase,
  PassphraseNeeded,
  WrongPassphrase,
  OutOfMemory,
};
std::string_view sentence(KeyFileError error);

struct KeyFileSalt {
  std::array<std::uint8_t, 16> salt{};
  std::array<std::uint8_t, 24> nonce{};

  static KeyFileSalt random();
};

// The text of a file that protects `key` with `passphrase`. A salt is used once.
Result<std::string, KeyFileError> write_protected_key(const crypto::KeyPair& key,
                                                      KeyPurpose purpose,
                                                      std::string_view passphrase,
                                                      const KeyCost& cost, const KeyFileSalt& salt);

// For devnets and tests: whoever reads the file has the key.
std::string write_unprotected_key(const crypto::KeyPair& key, KeyPurpose purpose);

struct KeyFileInfo {
  KeyPurpose purpose;
  PublicKey public_key;
  bool is_protected;
};
// What the file says without its passphrase.
Result<KeyFileInfo, KeyFileError> read_key_info(std::string_view text);

// `passphrase` is not looked at when the file is unprotected.
Result<crypto::KeyPair, KeyFileError> read_key(std::string_view text, KeyPurpose purpose,
                                               std::string_view passphrase);

}  // namespace salus::storage
