// Owns: the checksum of journal records and guard pages. CRC-32C (Castagnoli), from Boost.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "base/bytes.h"

namespace salus::storage {

// Over the parts as if they were one.
std::uint32_t crc32c(std::initializer_list<ByteView> parts);

}  // namespace salus::storage
