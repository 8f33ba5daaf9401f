// Owns: the rule.
#include "apps/salus/action_fields.h"

#include <algorithm>
#include <string_view>

namespace salus::cli {

namespace {

using google::protobuf::FieldDescriptor;

template <std::size_t N>
bool is_one_of(std::string_view name, const std::string_view (&list)[N]) {
  return std::ranges::find(list, name) != std::end(list);
}

FieldKind kind_of_bytes(std::string_view name) {
  constexpr std::string_view kRaw[] = {
      "nullifier", "digest", "signature",       "nonce",      "key",        "validator_key",
      "node_key",  "proofs", "validator_proof", "node_proof", "first_vote", "second_vote"};
  return name.ends_with("_hash") || is_one_of(name, kRaw) ? FieldKind::Bytes : FieldKind::Account;
}

FieldKind kind_of_u64(const FieldDescriptor& field) {
  const std::string_view name = field.name();
  constexpr std::string_view kTimes[] = {"until_ms", "at_ms", "due_ms", "from_ms", "void_after_ms"};
  constexpr std::string_view kAmounts[] = {"amount",       "total",      "cap",
                                           "per_payment",  "max_supply", "sum",
                                           "per_proposal", "per_window", "deposit"};
  if (is_one_of(name, kTimes)) return FieldKind::Time;
  if (name.ends_with("_ms")) return FieldKind::Span;
  return is_one_of(name, kAmounts) ? FieldKind::Amount : FieldKind::Number;
}

FieldKind kind_of_u32(const FieldDescriptor& field) {
  const std::string_view name = field.name();
  const bool moves = field.containing_type()->name() == "MoveFunds";
  if (name == "fund" || (moves && (name == "from" || name == "to"))) return FieldKind::Fund;
  if (name == "chamber") return FieldKind::Chamber;
  if (name == "track") return FieldKind::Track;
  if (name == "role" || name == "holder_role") return FieldKind::Role;
  if (name == "roles" || name == "propose_roles") return FieldKind::Roles;
  return name == "types" ? FieldKind::ActionType : FieldKind::Number;
}

}  // namespace

FieldKind kind_of(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_MESSAGE:
      return FieldKind::Message;
    case FieldDescriptor::TYPE_BYTES:
      return kind_of_bytes(field.name());
    case FieldDescriptor::TYPE_STRING:
      return FieldKind::Text;
    case FieldDescriptor::TYPE_BOOL:
      return FieldKind::Flag;
    case FieldDescriptor::TYPE_ENUM:
      return FieldKind::Enum;
    case FieldDescriptor::TYPE_UINT64:
      return kind_of_u64(field);
    default:
      // The protocol's actions have no other numbers than u32.
      return kind_of_u32(field);
  }
}

}  // namespace salus::cli
