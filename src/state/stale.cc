// Owns: the layout of stale lists.
#include "state/stale.h"

#include "base/assert.h"
#include "base/bytes.h"

namespace salus::state {

std::string encode_stale(const std::vector<std::string>& keys) {
  ByteWriter out;
  out.u16(static_cast<std::uint16_t>(keys.size()));
  for (const std::string& key : keys) {
    out.u16(static_cast<std::uint16_t>(key.size()));
    out.bytes(as_bytes(key));
  }
  return std::string{as_chars(out.out())};
}

std::vector<std::string> decode_stale(std::string_view bytes) {
  ByteReader in{as_bytes(bytes)};
  const std::uint16_t count = in.u16();
  SALUS_ASSERT(count <= kStaleKeysMax, "a stale list is too long: the ledger is corrupt");
  std::vector<std::string> out;
  out.reserve(count);
  for (std::uint16_t i = 0; i < count; ++i) {
    const std::uint16_t length = in.u16();
    out.emplace_back(as_chars(in.bytes(length)));
  }
  SALUS_ASSERT(in.done(), "a stale list has another length: the ledger is corrupt");
  return out;
}

}  // namespace salus::state
