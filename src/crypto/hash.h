// Owns: every on-chain hash is BLAKE2b-256 over a 16-byte zero-padded ASCII tag and the content, so
// that no hash of one kind can stand for another (decisions.md, "Bytes and genesis").
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"

namespace salus::crypto {

// BLAKE2b-256(tag padded with zeros to 16 bytes | content). `tag` has at most 16 characters.
Hash hash(std::string_view tag, ByteView content);

// The one hash without a tag: the lot of an option (governance.md, section 7). `content` begins with
// a tagged hash, which keeps it apart.
Hash hash_untagged(ByteView content);

// The tag as it stands in hashed and signed bytes.
std::array<std::uint8_t, 16> padded_tag(std::string_view tag);

}  // namespace salus::crypto
