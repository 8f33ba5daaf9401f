// Owns: the layout of index values. All are our own, so another form is corruption.
#include "ledger/outcome_codec.h"

#include "base/assert.h"

namespace salus::ledger {

std::string encode(const StoredOutcome& outcome) {
  ByteWriter out;
  out.bytes(outcome.state_root.view());
  out.bytes(outcome.results_root.view());
  out.u8(outcome.active ? 1 : 0);
  return std::string{as_chars(out.out())};
}

StoredOutcome decode_outcome(std::string_view bytes) {
  ByteReader in{as_bytes(bytes)};
  StoredOutcome out;
  out.state_root = in.fixed<Root>();
  out.results_root = in.fixed<Root>();
  out.active = in.u8() == 1;
  SALUS_ASSERT(in.done(), "a stored outcome has another length: the ledger is corrupt");
  return out;
}

std::string encode_height(Height height) {
  ByteWriter out;
  out.u64(height.value());
  return std::string{as_chars(out.out())};
}

Height decode_height(std::string_view bytes) {
  ByteReader in{as_bytes(bytes)};
  const Height out{in.u64()};
  SALUS_ASSERT(in.done(), "a stored height has another length: the ledger is corrupt");
  return out;
}

std::string encode_place(Height height, std::uint32_t index) {
  ByteWriter out;
  out.u64(height.value());
  out.u32(index);
  return std::string{as_chars(out.out())};
}

}  // namespace salus::ledger
