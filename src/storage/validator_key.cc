// Owns: the order guard, then key.
#include "storage/validator_key.h"

#include "storage/sign_guard.h"

namespace salus::storage {

Result<PublicKey, ValidatorKeyError> create_validator_key(
    const Path& key_path, const Path& guard_path, std::optional<std::string_view> passphrase,
    const KeyCost& cost) {
  const auto key = generate_key();
  if (const auto guarded = SignGuard::create(guard_path, key.public_key()); !guarded) {
    return std::unexpected(ValidatorKeyError{guarded.error().reason});
  }
  const auto saved =
      passphrase ? save_protected_key(key_path, key, KeyPurpose::Validator, *passphrase, cost)
                 : save_unprotected_key(key_path, key, KeyPurpose::Validator);
  if (saved) return key.public_key();

  std::string reason = key_path.string() + ": " + std::string{sentence(saved.error())};
  if (const auto removed = remove_file(guard_path); !removed) {
    reason += " " + sentence(removed.error());
  }
  return std::unexpected(ValidatorKeyError{std::move(reason)});
}

}  // namespace salus::storage
