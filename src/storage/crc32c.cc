// Owns: the polynomial of CRC-32C, named once.
#include "storage/crc32c.h"

#include <boost/crc.hpp>

namespace salus::storage {

std::uint32_t crc32c(std::initializer_list<ByteView> parts) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  for (const ByteView part : parts) crc.process_bytes(part.data(), part.size());
  return crc.checksum();
}

}  // namespace salus::storage
