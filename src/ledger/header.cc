// Owns: the layout of a header.
#include "ledger/header.h"

#include <utility>

#include "base/assert.h"
#include "crypto/hash.h"

namespace salus::ledger {

Bytes encode(const Header& header) {
  ByteWriter out;
  out.u32(header.version);
  out.bytes(header.chain_id.view());
  out.u64(header.epoch.value());
  out.u64(header.view.value());
  out.u64(header.height.value());
  out.bytes(header.parent.view());
  out.u64(header.time.value());
  out.u16(header.proposer.value());
  out.bytes(header.transactions_root.view());
  out.bytes(header.state_root.view());
  out.bytes(header.results_root.view());
  out.bytes(header.validator_set_hash.view());
  SALUS_ASSERT(out.out().size() == kHeaderBytes, "a header has 230 bytes");
  return std::move(out).out();
}

std::optional<Header> decode_header(ByteView bytes) {
  ByteReader in{bytes};
  Header out;
  out.version = in.u32();
  out.chain_id = in.fixed<ChainId>();
  out.epoch = Epoch{in.u64()};
  out.view = View{in.u64()};
  out.height = Height{in.u64()};
  out.parent = in.fixed<Digest>();
  out.time = WallMs{in.u64()};
  out.proposer = ValidatorIndex{in.u16()};
  out.transactions_root = in.fixed<Root>();
  out.state_root = in.fixed<Root>();
  out.results_root = in.fixed<Root>();
  out.validator_set_hash = in.fixed<Hash>();
  const bool in_range = out.epoch.value() < kOrdinalEnd && out.view.value() < kOrdinalEnd &&
                        out.height.value() < kOrdinalEnd && out.time.value() < kOrdinalEnd;
  if (!in.done() || !in_range) return std::nullopt;
  return out;
}

Digest digest_of(ByteView header_bytes) {
  return Digest{crypto::hash("salus.block.1", header_bytes).bytes};
}

}  // namespace salus::ledger
