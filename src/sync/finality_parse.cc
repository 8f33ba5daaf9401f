// Owns: a message from outside is built only after its parts were counted: an empty part costs its
// sender two bytes, and us some fifty.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <limits>

#include "sync/finality.h"

namespace salus::sync {

namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// Field numbers of finality.proto.
constexpr int kEnds = v1::FinalityProof::kEpochEndsFieldNumber;
constexpr int kHeader = v1::FinalityProof::kHeaderFieldNumber;
constexpr int kBoundary = v1::EpochEnd::kBoundaryFieldNumber;
constexpr int kNextSet = v1::EpochEnd::kNextSetFieldNumber;
constexpr int kHeaders = v1::FinalizedHeader::kHeadersFieldNumber;
// Height, one record, its nodes.
constexpr int kFieldsOfStateMax = 3;
// Of any state proof.
constexpr int kRecordsMax = 256;
constexpr int kFieldsOfReceiptMax = 6;

// Calls `visit` with each field of the message that is a string of bytes; every field counts.
// False if the bytes are no message, or there are more than `most` fields, or `visit` says so.
template <typename Visit>
bool each_field(ByteView message, int most, const Visit& visit) {
  if (message.size() > std::numeric_limits<int>::max()) return false;
  CodedInputStream in{message.data(), static_cast<int>(message.size())};
  for (int count = 0;; ++count) {
    const std::uint32_t tag = in.ReadTag();
    if (tag == 0) return in.ConsumedEntireMessage();
    if (count == most) return false;
    if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::SkipField(&in, tag)) return false;
      continue;
    }
    std::uint32_t size = 0;
    if (!in.ReadVarint32(&size)) return false;
    const auto at = static_cast<std::size_t>(in.CurrentPosition());
    if (size > message.size() - at || !in.Skip(static_cast<int>(size))) return false;
    if (!visit(WireFormatLite::GetTagFieldNumber(tag), message.subspan(at, size))) return false;
  }
}

bool is_small(ByteView message, int most) {
  return each_field(message, most, [](int, ByteView) { return true; });
}

// Headers and a certificate.
bool is_header(ByteView message) {
  static_assert(kHeaders == 1);
  return is_small(message, kHeadersMax + 1);
}

bool is_epoch_end(ByteView message) {
  return each_field(message, 2, [](int field, ByteView part) {
    if (field == kBoundary) return is_header(part);
    return field != kNextSet || is_small(part, kFieldsOfStateMax);
  });
}

bool is_proof(ByteView message) {
  return each_field(message, kEpochEndsMax + 1, [](int field, ByteView part) {
    if (field == kEnds) return is_epoch_end(part);
    return field != kHeader || is_header(part);
  });
}

bool is_receipt(ByteView message) {
  return each_field(message, kFieldsOfReceiptMax, [](int field, ByteView part) {
    if (field == v1::Receipt::kFinalityFieldNumber) return is_proof(part);
    // The document is bytes to us; a fact has at most the records of one proof.
    return field != v1::Receipt::kStateFieldNumber || is_small(part, kRecordsMax + 2);
  });
}

template <typename Message>
std::optional<Message> parse(ByteView bytes) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return std::nullopt;
  return message;
}

}  // namespace

std::optional<v1::FinalityProof> parse_finality_proof(ByteView bytes) {
  return is_proof(bytes) ? parse<v1::FinalityProof>(bytes) : std::nullopt;
}

std::optional<v1::EpochEnd> parse_epoch_end(ByteView bytes) {
  return is_epoch_end(bytes) ? parse<v1::EpochEnd>(bytes) : std::nullopt;
}

std::optional<v1::Receipt> parse_receipt(ByteView bytes) {
  return is_receipt(bytes) ? parse<v1::Receipt>(bytes) : std::nullopt;
}

}  // namespace salus::sync
