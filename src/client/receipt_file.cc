// Owns: both forms.
#include "client/receipt_file.h"

#include <google/protobuf/util/json_util.h>

#include "base/assert.h"

namespace salus::client {

std::optional<v1::Receipt> parse_receipt(const std::string& bytes) {
  if (bytes.size() > kReceiptBytesMax) return std::nullopt;
  v1::Receipt receipt;
  const bool parsed = bytes.starts_with('{')
                          ? google::protobuf::util::JsonStringToMessage(bytes, &receipt).ok()
                          : receipt.ParseFromString(bytes);
  if (!parsed) return std::nullopt;
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
