// Owns: the walk over a message's fields.
#include "upkeep/json.h"

#include "base/bytes.h"

namespace salus::upkeep {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

Json value_of(const Message& message, const FieldDescriptor& field, int index) {
  const auto* reflection = message.GetReflection();
  const bool repeated = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return repeated ? reflection->GetRepeatedBool(message, &field, index)
                      : reflection->GetBool(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return repeated ? reflection->GetRepeatedUInt32(message, &field, index)
                      : reflection->GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(repeated ? reflection->GetRepeatedInt64(message, &field, index)
                                     : reflection->GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(repeated ? reflection->GetRepeatedUInt64(message, &field, index)
                                     : reflection->GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = repeated ? reflection->GetRepeatedEnum(message, &field, index)
                                   : reflection->GetEnum(message, &field);
      return value->name();
    }
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = repeated ? reflection->GetRepeatedString(message, &field, index)
                                        : reflection->GetString(message, &field);
      return field.type() == FieldDescriptor::TYPE_BYTES ? hex(as_bytes(text)) : text;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return to_json(repeated ? reflection->GetRepeatedMessage(message, &field, index)
                              : reflection->GetMessage(message, &field));
    default:
      // Our records have no other types (architecture.md, section 4).
      return nullptr;
  }
}

}  // namespace

Json to_json(const Message& message) {
  Json out = Json::object();
  const auto* descriptor = message.GetDescriptor();
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor& field = *descriptor->field(i);
    if (field.is_repeated()) {
      Json list = Json::array();
      for (int k = 0; k < reflection->FieldSize(message, &field); ++k) {
        list.push_back(value_of(message, field, k));
      }
      out[field.name()] = std::move(list);
    } else if (!field.has_presence() || reflection->HasField(message, &field)) {
      out[field.name()] = value_of(message, field, -1);
    }
  }
  return out;
}

}  // namespace salus::upkeep
