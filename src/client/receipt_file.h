// Owns: a receipt as a file: JSON for people and other languages, or the message's own bytes.
#pragma once

#include <optional>
#include <string>

#include "salus/v1/finality.pb.h"

namespace salus::client {

// 4,096 epochs of 128 validators are about 50 MiB.
inline constexpr std::size_t kReceiptBytesMax = std::size_t{128} << 20U;

// nullopt: neither form, or longer than a receipt may be.
std::optional<v1::Receipt> parse_receipt(const std::string& bytes);
// Indented JSON.
std::string print_receipt(const v1::Receipt& receipt);

}  // namespace salus::client
