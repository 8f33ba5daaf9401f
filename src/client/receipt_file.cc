// Owns: both forms.
#include "client/receipt_file.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "base/assert.h"
#include "base/bytes.h"
#include "salus/verify.h"
#include "sync/finality.h"

namespace salus::client {

namespace {

// Names and values of the longest proof; base64 holds no quote. JSON of more is refused before
// anything is built of it: an empty part costs three letters, and us some fifty bytes.
constexpr std::ptrdiff_t kQuotesMax = std::ptrdiff_t{40} * kEpochEndsMax + 4 * kHeadersMax;
constexpr std::ptrdiff_t kBracesMax = std::ptrdiff_t{8} * kEpochEndsMax;

bool has_few_parts(const std::string& json) {
  return std::ranges::count(json, '"') <= kQuotesMax && std::ranges::count(json, '{') <= kBracesMax;
}

}  // namespace

std::optional<v1::Receipt> parse_receipt(const std::string& bytes) {
  if (bytes.size() > kReceiptBytesMax) return std::nullopt;
  if (!bytes.starts_with('{')) return sync::parse_receipt(as_bytes(bytes));
  v1::Receipt receipt;
  if (!has_few_parts(bytes)) return std::nullopt;
  if (!google::protobuf::util::JsonStringToMessage(bytes, &receipt).ok()) return std::nullopt;
  return receipt;
}

std::string print_receipt(const v1::Receipt& receipt) {
  std::string text;
  google::protobuf::util::JsonPrintOptions pretty;
  pretty.add_whitespace = true;
  const auto printed = google::protobuf::util::MessageToJsonString(receipt, &text, pretty);
  SALUS_ASSERT(printed.ok(), "a receipt has no field that JSON cannot hold");
  return text;
}

}  // namespace salus::client
