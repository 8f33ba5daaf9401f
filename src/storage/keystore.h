// Owns: a key file is created once, for its owner's eyes only, durably, and never overwritten. A
// validator key comes into the world together with its sign guard (consensus.md, S12).
#pragma once

#include <string_view>

#include "storage/file.h"
#include "storage/key_file.h"

namespace salus::storage {

// A new key from the system's randomness.
crypto::KeyPair generate_key();

// Mode 0600, synced with its folder. After an error there is no file, or one that load_key refuses
// as truncated.
[[nodiscard]] Result<void, KeyFileError> save_protected_key(const Path& path,
                                                            const crypto::KeyPair& key,
                                                            KeyPurpose purpose,
                                                            std::string_view passphrase,
                                                            const KeyCost& cost = {});
[[nodiscard]] Result<void, KeyFileError> save_unprotected_key(const Path& path,
                                                              const crypto::KeyPair& key,
                                                              KeyPurpose purpose);

Result<KeyFileInfo, KeyFileError> load_key_info(const Path& path);
Result<crypto::KeyPair, KeyFileError> load_key(const Path& path, KeyPurpose purpose,
                                               std::string_view passphrase);

}  // namespace salus::storage
