// Owns: a page costs a bounded number of reads, and a token leads only to where its list goes on.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "queries/view.h"
#include "state/record.h"

namespace salus::queries {

inline constexpr std::uint32_t kPageSizeStandard = 50;
inline constexpr std::uint32_t kPageSizeMax = 200;
// Records that one page looks at; with a filter that nothing matches the page comes back empty.
inline constexpr std::uint32_t kPageReadsMax = 1'000;

inline std::uint32_t page_size(std::uint32_t asked) {
  return asked == 0 ? kPageSizeStandard : std::min(asked, kPageSizeMax);
}

// A 32-byte field of a request.
template <typename Id>
Answer<Id> id_of(std::string_view bytes, std::string_view field) {
  const auto id = Id::from(bytes);
  if (id) return *id;
  return std::unexpected(refusal(
      RpcError::ArgumentInvalid,
      std::string{field} + " has " + std::to_string(bytes.size()) + " bytes; it needs 32."));
}

// Walks the records under `prefix` in key order, from `token` on (a key, or empty). `take` keeps or
// passes over one. Answers the token of the next page, empty at the end.
template <typename Record>
Answer<std::string> walk(const state::Overlay& state, const state::Key& prefix,
                         std::string_view token, std::uint32_t size,
                         const std::function<bool(const Record&)>& take) {
  const std::string start = prefix.str();
  if (!token.empty() && !token.starts_with(start)) {
    return std::unexpected(refusal(RpcError::PageTokenInvalid));
  }
  std::uint32_t taken = 0;
  std::uint32_t looked_at = 0;
  std::string next;
  state.scan(start, token.empty() ? std::string_view{start} : token,
             [&](std::string_view key, std::string_view value) {
               if (taken == size || looked_at == kPageReadsMax) {
                 next = std::string{key};
                 return false;
               }
               ++looked_at;
               if (take(state::decode<Record>(value))) ++taken;
               return true;
             });
  return next;
}

// The same for records that are only keys: `take` gets what follows the prefix.
Answer<std::string> walk_keys(const state::Overlay& state, const state::Key& prefix,
                              std::string_view token, std::uint32_t size,
                              const std::function<void(std::string_view suffix)>& take);

// The largest id of records that are numbered from 1 without gaps and never deleted; 0 for none.
std::uint64_t last_id(const std::function<bool(std::uint64_t id)>& exists);

// Walks numbered records downwards from the token (8 bytes: the id to look at next) or the newest.
template <typename Record>
Answer<std::string> walk_down(const state::Overlay& state, state::Table table,
                              std::string_view token, std::uint32_t size,
                              const std::function<bool(const Record&)>& take) {
  std::uint64_t id = 0;
  if (token.empty()) {
    id = last_id([&](std::uint64_t at) { return state.contains(state::Key{table}.u64(at).str()); });
  } else {
    ByteReader reader{as_bytes(token)};
    id = reader.u64();
    if (!reader.done()) return std::unexpected(refusal(RpcError::PageTokenInvalid));
  }
  std::uint32_t taken = 0;
  std::uint32_t looked_at = 0;
  for (; id > 0 && taken < size && looked_at < kPageReadsMax; --id, ++looked_at) {
    const auto record = state::find<Record>(state, state::Key{table}.u64(id));
    if (record && take(*record)) ++taken;
  }
  if (id == 0) return std::string{};
  ByteWriter writer;
  writer.u64(id);
  return std::string{as_chars(writer.out())};
}

}  // namespace salus::queries
