// Owns: a digest names exactly one byte string. The header binds every transaction with its
// signatures, and the body has one encoding, so nobody can show two validators different blocks
// under one digest. A plain Block has the right shape; a Validated<Block> also bears right
// signatures.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/validated.h"
#include "ledger/header.h"
#include "wire/block_frame.h"
#include "wire/transaction.h"

namespace salus::ledger {

// The upper bound of ledger.block_txs_max; counted before memory is spent.
inline constexpr std::size_t kTransactionsPerBlockMax = 65'536;
using wire::kBlockBytesMax;

struct BlockFault {
  enum class Kind {
    // Not the bytes of any block: wrong form, or the header's transactions root is of other
    // transactions. They prove nothing about the digest: ask somebody else, the sender is faulty.
    NotABlock,
    // The header names these very transactions, and one of them is malformed or wrongly signed. The
    // block is invalid for ever and for everybody (C8): Ledger::condemn().
    Invalid,
  };
  Kind kind;
  // The block's, when it is Invalid.
  Digest digest;
};

// What a block's bytes say first. Whether the rest of them belongs to it Block::decode() finds.
struct BlockHead {
  Header header;
  Digest digest;
};

class Block {
 public:
  static std::optional<BlockHead> head_of(ByteView bytes);
  // Shape, caps, transactions root; no signatures.
  static Result<Block, BlockFault> decode(ByteView bytes);
  // Mints the proof that every signature holds. `is_known` tells which transactions (compare raw())
  // were verified before and need not be again. Pure but for `is_known`: safe on any thread.
  static Result<Validated<Block>, BlockFault> verify(
      Block decoded, const std::function<bool(const wire::Transaction&)>& is_known);
  static Result<Validated<Block>, BlockFault> decode_and_verify(ByteView bytes);
  // A block of our own; fills in the transactions root.
  static Validated<Block> make(Header header,
                               const std::vector<Validated<wire::Transaction>>& transactions);

  const Header& header() const { return header_; }
  const Digest& digest() const { return digest_; }
  // In block order; verified if this is inside a Validated<Block>.
  const std::vector<wire::Transaction>& transactions() const { return transactions_; }
  // The deterministic v1::BlockBody, as received: what is sent, stored and counted.
  const std::string& bytes() const { return bytes_; }

 private:
  Block() = default;

  Header header_;
  Digest digest_;
  std::vector<wire::Transaction> transactions_;
  std::string bytes_;
};

// Bytes that a block of `count` transactions with `raw_bytes` in all has at most.
std::size_t block_bytes_bound(std::size_t count, std::size_t raw_bytes);

}  // namespace salus::ledger
