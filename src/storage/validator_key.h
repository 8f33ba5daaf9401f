// Owns: a validator key comes into the world together with its sign guard (consensus.md, S12): a
// key without one is amnesia, so the guard is on the disk first.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/keystore.h"

namespace salus::storage {

struct ValidatorKeyError {
  // What was refused, why, and what helps.
  std::string reason;
};

// Without a passphrase the key is unprotected: for devnets only. After an error neither file of
// this key is left.
Result<PublicKey, ValidatorKeyError> create_validator_key(
    const Path& key_path, const Path& guard_path, std::optional<std::string_view> passphrase,
    const KeyCost& cost = {});

}  // namespace salus::storage
