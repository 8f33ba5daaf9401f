// Owns: the layout of the tip record and of the set hash.
#include "ledger/tip.h"

#include "base/assert.h"
#include "crypto/hash.h"

namespace salus::ledger {

std::string encode(const TipRecord& tip) {
  ByteWriter out;
  out.u64(tip.height.value());
  out.bytes(tip.digest.view());
  out.u64(tip.epoch.value());
  out.u64(tip.view.value());
  out.u64(tip.time.value());
  out.bytes(tip.state_root.view());
  out.bytes(tip.results_root.view());
  out.u8(tip.active ? 1 : 0);
  return std::string{as_chars(out.out())};
}

TipRecord decode_tip(std::string_view bytes) {
  ByteReader in{as_bytes(bytes)};
  TipRecord out;
  out.height = Height{in.u64()};
  out.digest = in.fixed<Digest>();
  out.epoch = Epoch{in.u64()};
  out.view = View{in.u64()};
  out.time = WallMs{in.u64()};
  out.state_root = in.fixed<Root>();
  out.results_root = in.fixed<Root>();
  out.active = in.u8() == 1;
  SALUS_ASSERT(in.done(), "the tip record has another length: the ledger is corrupt");
  return out;
}

Hash validator_set_hash(const v1::ValidatorSet& set) {
  ByteWriter out;
  out.u16(static_cast<std::uint16_t>(set.validators_size()));
  for (const auto& validator : set.validators()) {
    out.bytes(as_bytes(validator.validator_key()));
    out.bytes(as_bytes(validator.node_key()));
  }
  return crypto::hash("salus.valset.1", out.out());
}

}  // namespace salus::ledger
