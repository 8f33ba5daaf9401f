// Owns: the layout of keys.
#include "ledger/keys.h"

namespace salus::ledger {

namespace {

std::string key(char prefix, const ByteWriter& rest) {
  return prefix + std::string{as_chars(rest.out())};
}

std::string by_height(char prefix, Height height) {
  ByteWriter out;
  out.u64(height.value());
  return key(prefix, out);
}

}  // namespace

std::string block_key(Height height) { return by_height('b', height); }
std::string header_key(Height height) { return by_height('i', height); }
std::string certificate_key(Height height) { return by_height('c', height); }
std::string results_key(Height height) { return by_height('r', height); }
std::string outcome_key(Height height) { return by_height('o', height); }
std::string epoch_end_key(Epoch epoch) {
  ByteWriter out;
  out.u64(epoch.value());
  return key('f', out);
}
std::string height_key(const Digest& digest) { return "d" + digest.to_string(); }
std::string transaction_key(const TxId& id) { return "x" + id.to_string(); }
std::string account_prefix(const AccountId& account) { return "a" + account.to_string(); }

std::string account_key(const AccountId& account, Height height, std::uint32_t index) {
  ByteWriter out;
  out.bytes(account.view());
  out.u64(~height.value());
  out.u32(~index);
  return key('a', out);
}

}  // namespace salus::ledger
