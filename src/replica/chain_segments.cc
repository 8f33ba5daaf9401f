// Owns: the two limits of an answer with blocks.
#include "replica/chain_segments.h"

#include <utility>

#include "consensus/codec.h"

namespace salus::replica {

namespace {

// Kind, certificate with its length, count.
constexpr std::size_t kHeadBytes = 1 + 4 + consensus::kCertificateBytesMax + 2;
constexpr std::size_t kLengthBytes = 4;

}  // namespace

bool ChainSegments::add(ByteView block, const Bytes& certificate, bool ends_segment) {
  if (complete_ == 0) answer_.certificate = certificate;
  bytes_ += block.size() + kLengthBytes;
  if (kHeadBytes + bytes_ > sync::kAnswerBytesMax) return false;
  if (answer_.blocks.size() == sync::kAnswerBlocksMax) return false;
  answer_.blocks.emplace_back(block.begin(), block.end());
  if (!ends_segment) return true;
  complete_ = answer_.blocks.size();
  answer_.certificate = certificate;
  return bytes_ < sync::kAnswerBytesSoftMax;
}

std::optional<sync::ChainAnswer> ChainSegments::finish() && {
  if (answer_.certificate.empty()) return std::nullopt;
  answer_.blocks.resize(complete_);
  return std::move(answer_);
}

}  // namespace salus::replica
