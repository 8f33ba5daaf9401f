// Owns: what a field of an action means to people, told from the protocol's own names, so that a
// file is read and an action is shown by one rule.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstdint>

namespace salus::cli {

enum class FieldKind : std::uint8_t {
  Number,
  Text,
  Flag,
  Enum,
  Message,
  Account,     // @name or 64 hex digits
  Bytes,       // hex digits
  Fund,        // code or number
  Amount,      // decimals of the asset beside it
  Time,        // of day
  Span,        // length
  Chamber,     // code or number
  Track,       // code or number
  Role,        // by name
  Roles,       // list of names
  ActionType,  // name of an action
};

FieldKind kind_of(const google::protobuf::FieldDescriptor& field);

}  // namespace salus::cli
