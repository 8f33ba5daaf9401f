// Owns: records as programs read them: protobuf's JSON with its field names and every field shown,
// 64-bit numbers as decimal strings, and bytes in hexadecimal, as everywhere in Salus.
#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>

namespace salus::upkeep {

using Json = nlohmann::ordered_json;

Json to_json(const google::protobuf::Message& message);

}  // namespace salus::upkeep
