// Owns: the binary Merkle root of an ordered list (transactions and results of a block). Leaves and
// inner nodes are hashed under different tags and the count is bound in, so no two lists share a
// root (the shape of RFC 6962; formats.md).
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"

namespace salus::crypto {

// root = H(`salus.mklroot.1` | count u64 | top). top of one leaf = its hash; top of a longer list =
// H(`salus.mklnode.1` | left | right), split at the largest power of two below the count. The empty
// list has an all-zero top. Leaves are already hashes.
Root merkle_root(std::span<const Hash> leaves);

}  // namespace salus::crypto
