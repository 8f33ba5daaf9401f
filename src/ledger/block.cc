// Owns: which bytes are the block that a header names.
#include "ledger/block.h"

#include <utility>

#include "base/assert.h"
#include "crypto/merkle.h"
#include "ledger/body_codec.h"

namespace salus::ledger {

namespace {

template <typename Raws>
Root transactions_root(const Raws& raws) {
  std::vector<Hash> leaves;
  leaves.reserve(raws.size());
  for (const auto& raw : raws) leaves.push_back(wire::leaf_of(raw));
  return crypto::merkle_root(leaves);
}

}  // namespace

std::optional<BlockHead> Block::head_of(ByteView bytes) {
  const auto encoded = header_of_body(bytes);
  const auto header = encoded ? decode_header(*encoded) : std::nullopt;
  if (!header) return std::nullopt;
  return BlockHead{.header = *header, .digest = digest_of(*encoded)};
}

Result<Block, BlockFault> Block::decode(ByteView bytes) {
  const BlockFault not_a_block{BlockFault::Kind::NotABlock, {}};
  const auto parts = decode_body(bytes);
  if (!parts) return std::unexpected(not_a_block);
  const auto header = decode_header(parts->header);
  if (!header) return std::unexpected(not_a_block);

  // Leaves are of bytes, so the root is compared before anything inside is understood.
  if (transactions_root(parts->transactions) != header->transactions_root) {
    return std::unexpected(not_a_block);
  }

  Block out;
  out.header_ = *header;
  out.digest_ = digest_of(parts->header);
  for (const ByteView raw : parts->transactions) {
    auto transaction = wire::Transaction::decode(raw);
    if (!transaction) {
      return std::unexpected(BlockFault{BlockFault::Kind::Invalid, out.digest_});
    }
    out.transactions_.push_back(std::move(*transaction));
  }
  out.bytes_ = std::string{as_chars(bytes)};
  return out;
}

Result<Validated<Block>, BlockFault> Block::verify(
    Block decoded, const std::function<bool(const wire::Transaction&)>& is_known) {
  for (const auto& transaction : decoded.transactions_) {
    if (is_known && is_known(transaction)) continue;
    if (!transaction.signatures_hold()) {
      return std::unexpected(BlockFault{BlockFault::Kind::Invalid, decoded.digest_});
    }
  }
  return Validated<Block>{std::move(decoded)};
}

Result<Validated<Block>, BlockFault> Block::decode_and_verify(ByteView bytes) {
  auto decoded = decode(bytes);
  if (!decoded) return std::unexpected(decoded.error());
  return verify(std::move(*decoded), {});
}

Validated<Block> Block::make(Header header,
                             const std::vector<Validated<wire::Transaction>>& transactions) {
  SALUS_ASSERT(transactions.size() <= kTransactionsPerBlockMax, "builders count");
  Block out;
  std::vector<ByteView> raws;
  for (const auto& transaction : transactions) {
    out.transactions_.push_back(*transaction);
    raws.push_back(as_bytes(transaction->raw()));
  }
  header.transactions_root = transactions_root(raws);
  const Bytes header_bytes = encode(header);
  out.header_ = header;
  out.digest_ = digest_of(header_bytes);
  out.bytes_ = encode_body(header_bytes, raws);
  SALUS_ASSERT(out.bytes_.size() <= kBlockBytesMax, "builders count bytes");
  return Validated<Block>{std::move(out)};
}

std::size_t block_bytes_bound(std::size_t count, std::size_t raw_bytes) {
  // Tag and at most three bytes of length, each.
  return kHeaderBytes + 4 + raw_bytes + 4 * count;
}

}  // namespace salus::ledger
