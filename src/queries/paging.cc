// Owns: walks over keys, and finding the end of a numbered list by point reads.
#include "queries/paging.h"

namespace salus::queries {

Answer<std::string> walk_keys(const state::Overlay& state, const state::Key& prefix,
                              std::string_view token, std::uint32_t size,
                              const std::function<void(std::string_view suffix)>& take) {
  const std::string start = prefix.str();
  if (!token.empty() && !token.starts_with(start)) {
    return std::unexpected(refusal(RpcError::PageTokenInvalid));
  }
  std::uint32_t taken = 0;
  std::string next;
  state.scan(start, token.empty() ? std::string_view{start} : token,
             [&](std::string_view key, std::string_view) {
               if (taken == size) {
                 next = std::string{key};
                 return false;
               }
               ++taken;
               take(key.substr(start.size()));
               return true;
             });
  return next;
}

std::uint64_t last_id(const std::function<bool(std::uint64_t id)>& exists) {
  // `low` exists or is 0, `high` does not.
  std::uint64_t low = 0;
  std::uint64_t high = 1;
  while (high < (std::uint64_t{1} << 62U) && exists(high)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (exists(middle) ? low : high) = middle;
  }
  return low;
}

}  // namespace salus::queries
