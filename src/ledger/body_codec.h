// Owns: the one encoding of a block's body: a v1::BlockBody with the header first, then each
// transaction, all lengths in their shortest form. Hand-written so that counts are bounded before
// memory is spent, and so that a second encoding of the same block is refused.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace salus::ledger {

// Views into the bytes that were decoded.
struct BodyParts {
  ByteView header;
  std::vector<ByteView> transactions;
};

std::string encode_body(ByteView header, const std::vector<ByteView>& transactions);
std::optional<BodyParts> decode_body(ByteView bytes);
// The header alone; nothing behind it is looked at.
std::optional<ByteView> header_of_body(ByteView bytes);

}  // namespace salus::ledger
