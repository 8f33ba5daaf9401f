// Owns: the layout of keys.
#include "state/layout.h"

namespace salus::state {

namespace {

std::string_view chars(const ByteWriter& out) { return as_chars(out.out()); }

}  // namespace

std::string history_prefix(std::string_view key) {
  std::string out{kHistoryPrefix};
  for (const char byte : key) {
    out.push_back(byte);
    if (byte == '\0') out.push_back('\1');
  }
  out.append(2, '\0');
  return out;
}

std::string history_key(std::string_view key, Height height) {
  ByteWriter at;
  at.u64(height.value());
  return history_prefix(key).append(chars(at));
}

std::string stale_key(Height height, std::uint32_t number) {
  ByteWriter out;
  out.u64(height.value());
  out.u32(number);
  return std::string{kStalePrefix}.append(chars(out));
}

}  // namespace salus::state
