// Owns: encoding and decoding of guard pages.
#include "storage/guard_page.h"

#include <algorithm>
#include <utility>

#include "crypto/hash.h"
#include "storage/crc32c.h"

namespace salus::storage {

namespace {

constexpr std::string_view kMagic = "salus.guard.1";

// false when kind and nonce are no restriction and not the absence of one.
bool decode_restriction(std::uint8_t kind, const Nonce& nonce, std::optional<Restriction>& out) {
  switch (static_cast<RestrictionKind>(kind)) {
    case RestrictionKind::Amnesia:
    case RestrictionKind::Twin:
    case RestrictionKind::Moved:
      out = Restriction{static_cast<RestrictionKind>(kind), nonce};
      return true;
  }
  return kind == 0 && nonce.is_zero();
}

}  // namespace

Bytes encode(const GuardPage& page) {
  ByteWriter out;
  out.bytes(crypto::padded_tag(kMagic));
  out.u64(page.write);
  out.bytes(page.validator_key.view());
  out.bytes(page.chain_id.view());
  out.u64(page.stage.value());
  out.u64(page.journal.value());
  out.u64(page.epoch.value());
  out.bytes(consensus::encode(page.registers));
  out.u8(page.restriction ? static_cast<std::uint8_t>(page.restriction->kind) : std::uint8_t{0});
  out.bytes(page.restriction ? page.restriction->nonce.view() : Nonce{}.view());
  out.u32(crc32c({out.out()}));
  Bytes bytes = std::move(out).out();
  bytes.resize(kGuardPageBytes);
  return bytes;
}

std::optional<GuardPage> decode_guard_page(ByteView bytes) {
  if (bytes.size() != kGuardPageBytes) return std::nullopt;
  const ByteView rest = bytes.subspan(kGuardBytes);
  if (std::any_of(rest.begin(), rest.end(), [](std::uint8_t byte) { return byte != 0; })) {
    return std::nullopt;
  }
  ByteReader in{bytes.first(kGuardBytes)};
  const ByteView magic = in.bytes(16);
  const auto expected = crypto::padded_tag(kMagic);
  if (!std::equal(magic.begin(), magic.end(), expected.begin())) return std::nullopt;

  GuardPage page;
  page.write = in.u64();
  page.validator_key = in.fixed<PublicKey>();
  page.chain_id = in.fixed<ChainId>();
  page.stage = Stage{in.u64()};
  page.journal = LogPosition{in.u64()};
  page.epoch = Epoch{in.u64()};
  const ByteView registers = in.bytes(consensus::kRegistersBytes);
  const std::uint8_t kind = in.u8();
  const auto nonce = in.fixed<Nonce>();
  if (in.u32() != crc32c({bytes.first(kGuardBytes - 4)})) return std::nullopt;

  if (page.epoch.value() >= kOrdinalEnd) return std::nullopt;
  const auto decoded = consensus::decode_registers(registers, page.epoch);
  if (!decoded) return std::nullopt;
  page.registers = *decoded;
  if (!decode_restriction(kind, nonce, page.restriction)) return std::nullopt;
  return page;
}

}  // namespace salus::storage
