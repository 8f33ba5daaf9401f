// Owns: the bytes of a sign-guard page (consensus.md, S8; docs/formats.md, "Sign guard").
// Everything lies in the page's first sector, so a torn page is the old one, the new one, or no
// page. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/seams/log.h"
#include "consensus/registers.h"

namespace salus::storage {

inline constexpr std::size_t kGuardPageBytes = 4'096;
inline constexpr std::size_t kGuardPages = 2;

// Why a key may not vote. Values are on disk.
enum class RestrictionKind : std::uint8_t {
  // Guard or journal were lost, stale or damaged (S10).
  Amnesia = 1,
  // The key signs elsewhere too (S14).
  Twin = 2,
  // The validator was moved to another machine (S12).
  Moved = 3,
};

using Nonce = FixedBytes<struct NonceTag, 16>;

struct Restriction {
  RestrictionKind kind;
  // Names this restriction in the reseat that lifts it (S11).
  Nonce nonce;

  bool operator==(const Restriction&) const = default;
};

struct GuardPage {
  // Counts page writes; the valid page with the higher one counts.
  std::uint64_t write = 0;
  PublicKey validator_key;
  // All zero until the key is first used on a chain.
  ChainId chain_id;
  // The last vote stage that was signed, and the journal position that was durable before it.
  Stage stage;
  LogPosition journal;
  // The epoch that the registers, and the journal position, are of.
  Epoch epoch;
  consensus::Registers registers;
  std::optional<Restriction> restriction;

  bool operator==(const GuardPage&) const = default;
};

inline constexpr std::size_t kGuardBytes =
    16 + 8 + 32 + 32 + 3 * 8 + consensus::kRegistersBytes + 1 + 16 + 4;
static_assert(kGuardBytes <= 512, "a torn page is the old one, the new one, or none");

// A whole page, zeros after the crc.
Bytes encode(const GuardPage& page);
// nullopt unless magic, ranges, crc and the zeros behind it are right.
std::optional<GuardPage> decode_guard_page(ByteView page);

}  // namespace salus::storage
