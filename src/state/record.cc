// Owns: counters: a number that was given once is never given again (H-0.3).
#include "state/record.h"

namespace salus::state {

std::uint64_t take_number(Overlay& state, const Key& counter) {
  std::uint64_t last = 0;
  if (const auto stored = state.get(counter.str())) {
    ByteReader reader{as_bytes(*stored)};
    last = reader.u64();
    SALUS_ASSERT(reader.done(), "a stored counter has 8 bytes: the ledger is corrupt");
  }
  ByteWriter writer;
  writer.u64(last + 1);
  state.put(counter.str(), std::string{as_chars(writer.out())});
  return last + 1;
}

}  // namespace salus::state
