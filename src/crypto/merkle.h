// Owns: the binary Merkle root of an ordered list (transactions and results of a block). Leaves and
// inner nodes are hashed under different tags and the count is bound in, so no two lists share a
// root (the shape of RFC 6962; formats.md).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace salus::crypto {

// root = H(`salus.mklroot.1` | count u64 | top). top of one leaf = its hash; top of a longer list =
// H(`salus.mklnode.1` | left | right), split at the largest power of two below the count. The empty
// list has an all-zero top. Leaves are already hashes.
Root merkle_root(std::span<const Hash> leaves);

// The siblings of the way from leaf `index` up to the top, the deepest first; `index` is below the
// count.
std::vector<Hash> merkle_siblings(std::span<const Hash> leaves, std::size_t index);
// The root of a list of `count` that has `leaf` at `index`, if `siblings` are those of
// merkle_siblings for it; nullopt if such a list has no such place, or another number of siblings.
// Every part is bound: with one of them changed the root is another.
std::optional<Root> merkle_root_from(const Hash& leaf, std::uint64_t index, std::uint64_t count,
                                     std::span<const Hash> siblings);

}  // namespace salus::crypto
