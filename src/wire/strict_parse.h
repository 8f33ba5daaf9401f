// Owns: a message from outside holds nothing that this version does not know: what is hashed and
// signed is understood whole, or refused.
#pragma once

#include <google/protobuf/message.h>

#include <string_view>

namespace salus::wire {

// False for bytes that do not parse, or messages nested deeper than `depth_max`.
bool parse_bounded(google::protobuf::Message& message, std::string_view bytes, int depth_max);
// Looks into every message inside; the depth was bounded by parse_bounded().
bool has_unknown_fields(const google::protobuf::Message& message);

}  // namespace salus::wire
