// Owns: from a table of fields to a message, by what each field means to people.
#include "apps/salus/action_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/salus/action_fields.h"
#include "apps/salus/amount.h"
#include "apps/salus/spans.h"
#include "base/bytes.h"
#include "dao/assets/assets.h"
#include "dao/constitution.h"

namespace salus::cli {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using nlohmann::json;

// What amounts are counted in here: of an asset, or of one that is being created.
struct Money {
  std::uint32_t asset = dao::assets::kNative;
  std::optional<std::uint32_t> decimals;
};

class Reader {
 public:
  Reader(Cli& cli, Names& names) : cli_(cli), names_(names) {}

  void fill(const std::string& place, const json& table, Money money, Message& out);

 private:
  void set(const std::string& place, const json& value, const FieldDescriptor& field,
           const Money& money, Message& out);
  void set_message(const std::string& place, const json& value, const FieldDescriptor& field,
                   const Money& money, Message& out);
  void set_enum(const std::string& place, const json& value, const FieldDescriptor& field,
                Message& out);
  void put_u64(const FieldDescriptor& field, std::uint64_t value, Message& out);
  void put_u32(const FieldDescriptor& field, std::uint64_t value, const std::string& place,
               Message& out);
  void put_bytes(const FieldDescriptor& field, std::string value, Message& out);

  std::uint64_t amount(const std::string& place, const json& value, const Money& money);
  std::uint64_t number(const std::string& place, const json& value);
  std::uint64_t roles(const std::string& place, const json& value);
  std::uint32_t asset(const std::string& place, const json& value);
  Money money_of(const std::string& place, const json& table, const Message& message, Money money);

  Cli& cli_;
  Names& names_;
};

std::string text_of(const std::string& place, const json& value, std::string_view what) {
  need(value.is_string(), place, what);
  return value.get<std::string>();
}

std::string known_fields(const Message& message) {
  std::string out;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    out += (i == 0 ? "" : ", ") + message.GetDescriptor()->field(i)->name();
  }
  return out.empty() ? "none" : out;
}

std::uint64_t Reader::number(const std::string& place, const json& value) {
  need(value.is_number_unsigned() || (value.is_number_integer() && value >= 0), place,
       "this is a whole number from 0.");
  return value.get<std::uint64_t>();
}

std::uint64_t Reader::amount(const std::string& place, const json& value, const Money& money) {
  const std::string text = text_of(place, value, "this is an amount in quotes, such as \"20.5\".");
  // The native asset's decimals are a constant of the protocol: no network is asked for them.
  std::uint32_t decimals = dao::assets::kNativeDecimals;
  if (money.decimals) {
    decimals = *money.decimals;
  } else if (money.asset != dao::assets::kNative) {
    decimals = cli_.decimals(money.asset);
  }
  const auto units = parse_amount(text, decimals);
  need(units.has_value(), place,
       fmt::format("'{}' is no amount with at most {} decimals.", text, decimals));
  return *units;
}

// A list of names, or the bits.
std::uint64_t Reader::roles(const std::string& place, const json& value) {
  if (!value.is_array()) return number(place, value);
  std::uint64_t bits = 0;
  for (const json& name : value) {
    const auto role = role_number(text_of(place, name, "this is a list of roles."));
    need(role.has_value(), place, fmt::format("there is no role '{}'.", name.get<std::string>()));
    bits |= std::uint64_t{1} << *role;
  }
  return bits;
}

std::uint32_t Reader::asset(const std::string& place, const json& value) {
  if (!value.is_string()) {
    const std::uint64_t id = number(place, value);
    need(id <= UINT32_MAX, place, "there is no such asset.");
    return static_cast<std::uint32_t>(id);
  }
  // By number only: two networks give one code to two things.
  need(false, place, "'asset' is the asset's number. See: salus asset list");
  return 0;
}

Money Reader::money_of(const std::string& place, const json& table, const Message& message,
                       Money money) {
  const auto* field = message.GetDescriptor()->FindFieldByName("asset");
  if (field != nullptr) {
    money.asset =
        table.contains("asset") ? asset(place + ".asset", table["asset"]) : dao::assets::kNative;
  }
  if (message.GetDescriptor()->name() == "Track") money.asset = dao::assets::kNative;
  if (message.GetDescriptor()->name() == "CreateAsset" && table.contains("decimals")) {
    const std::uint64_t decimals = number(place + ".decimals", table["decimals"]);
    need(decimals <= dao::assets::kDecimalsMax, place, "'decimals' is 0 to 9.");
    money.decimals = static_cast<std::uint32_t>(decimals);
  }
  return money;
}

void Reader::put_u64(const FieldDescriptor& field, std::uint64_t value, Message& out) {
  const auto* reflection = out.GetReflection();
  if (field.is_repeated()) {
    reflection->AddUInt64(&out, &field, value);
  } else {
    reflection->SetUInt64(&out, &field, value);
  }
}

void Reader::put_u32(const FieldDescriptor& field, std::uint64_t value, const std::string& place,
                     Message& out) {
  need(value <= UINT32_MAX, place, "this is too large.");
  const auto narrow = static_cast<std::uint32_t>(value);
  const auto* reflection = out.GetReflection();
  if (field.is_repeated()) {
    reflection->AddUInt32(&out, &field, narrow);
  } else {
    reflection->SetUInt32(&out, &field, narrow);
  }
}

void Reader::put_bytes(const FieldDescriptor& field, std::string value, Message& out) {
  const auto* reflection = out.GetReflection();
  if (field.is_repeated()) {
    reflection->AddString(&out, &field, std::move(value));
  } else {
    reflection->SetString(&out, &field, std::move(value));
  }
}

// `person` for CHAMBER_RULE_PERSON; the whole name serves too.
void Reader::set_enum(const std::string& place, const json& value, const FieldDescriptor& field,
                      Message& out) {
  std::string name = text_of(place, value, "this is one of a few words, in quotes.");
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(c));
  std::string prefix = field.enum_type()->value(0)->name();
  prefix.resize(prefix.size() - std::string_view{"UNSPECIFIED"}.size());
  const auto* found = field.enum_type()->FindValueByName(prefix + name);
  if (found == nullptr) found = field.enum_type()->FindValueByName(name);
  if (found == nullptr || found->number() == 0) {
    std::string known;
    for (int i = 1; i < field.enum_type()->value_count(); ++i) {
      known += (i == 1 ? "" : ", ") + print_enum(field.enum_type()->value(i)->name(), prefix);
    }
    need(false, place, "this is one of: " + known + ".");
    return;
  }
  const auto* reflection = out.GetReflection();
  if (field.is_repeated()) {
    reflection->AddEnum(&out, &field, found);
  } else {
    reflection->SetEnum(&out, &field, found);
  }
}

// An added validator is named by its operator and pinned to the key that its nominee holds now, so
// that what was voted on is what joins.
void pin_nominee(Cli& cli, const std::string& place, const json& value, Message& out) {
  const AccountId id = cli.account(text_of(place, value, "this is an operator such as \"@name\"."));
  v1::GetValidatorRequest request;
  request.set_operator_account(id.to_string());
  const auto found = cli.read(request);
  auto& nominee = dynamic_cast<v1::NomineeRef&>(out);
  nominee.set_operator_account(id.to_string());
  nominee.set_validator_key(found.validator().validator().info().validator_key());
}

void Reader::set_message(const std::string& place, const json& value, const FieldDescriptor& field,
                         const Money& money, Message& out) {
  const auto* reflection = out.GetReflection();
  Message& inner = field.is_repeated() ? *reflection->AddMessage(&out, &field)
                                       : *reflection->MutableMessage(&out, &field);
  if (field.message_type()->name() == "NomineeRef" && value.is_string()) {
    return pin_nominee(cli_, place, value, inner);
  }
  fill(place, value, money, inner);
}

void Reader::set(const std::string& place, const json& value, const FieldDescriptor& field,
                 const Money& money, Message& out) {
  switch (kind_of(field)) {
    case FieldKind::Message:
      return set_message(place, value, field, money, out);
    case FieldKind::Enum:
      return set_enum(place, value, field, out);
    case FieldKind::Flag:
      need(value.is_boolean(), place, "this is true or false.");
      return out.GetReflection()->SetBool(&out, &field, value.get<bool>());
    case FieldKind::Text:
      return out.GetReflection()->SetString(&out, &field,
                                            text_of(place, value, "this is a word in quotes."));
    case FieldKind::Account: {
      const std::string text = text_of(place, value, "this is an account such as \"@name\".");
      return put_bytes(field, text.empty() ? "" : cli_.account(text).to_string(), out);
    }
    case FieldKind::Bytes: {
      const auto bytes = parse_hex(text_of(place, value, "this is hexadecimal, in quotes."));
      need(bytes.has_value(), place, "this is hexadecimal, in quotes.");
      return put_bytes(field, std::string{as_chars(*bytes)}, out);
    }
    case FieldKind::Amount:
      return put_u64(field, amount(place, value, money), out);
    case FieldKind::Time:
      if (!value.is_string()) return put_u64(field, number(place, value), out);
      return put_u64(field, time_of(cli_, value.get<std::string>()), out);
    case FieldKind::Span:
      if (!value.is_string()) return put_u64(field, number(place, value), out);
      return put_u64(field, span_of(value.get<std::string>()), out);
    case FieldKind::Fund:
      return put_u32(field,
                     value.is_string() ? cli_.fund(value.get<std::string>()) : number(place, value),
                     place, out);
    case FieldKind::Chamber:
      return put_u32(
          field,
          value.is_string() ? names_.chamber_id(value.get<std::string>()) : number(place, value),
          place, out);
    case FieldKind::Track:
      return put_u32(
          field,
          value.is_string() ? names_.track_id(value.get<std::string>()) : number(place, value),
          place, out);
    case FieldKind::Role: {
      if (!value.is_string()) return put_u32(field, number(place, value), place, out);
      const auto role = role_number(value.get<std::string>());
      need(role.has_value(), place, "there is no such role.");
      return put_u32(field, *role, place, out);
    }
    case FieldKind::Roles:
      return put_u32(field, roles(place, value), place, out);
    case FieldKind::ActionType: {
      const std::uint32_t type = action_number(text_of(place, value, "this is an action's name."));
      need(type != 0, place, "there is no such action.");
      return put_u32(field, type, place, out);
    }
    case FieldKind::Number:
      if (field.name() == "asset") return put_u32(field, asset(place, value), place, out);
      if (field.type() == FieldDescriptor::TYPE_UINT64) {
        return put_u64(field, number(place, value), out);
      }
      return put_u32(field, number(place, value), place, out);
  }
}

void Reader::fill(const std::string& place, const json& table, Money money, Message& out) {
  need(table.is_object(), place, "this is a table of fields.");
  money = money_of(place, table, out, money);
  for (const auto& [name, value] : table.items()) {
    const auto* field = out.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr) {
      need(false, place, fmt::format("unknown field '{}'. Known: {}.", name, known_fields(out)));
      return;
    }
    const std::string inner = place + "." + name;
    const bool roles = kind_of(*field) == FieldKind::Roles;
    if (!field->is_repeated() || roles) {
      set(inner, value, *field, money, out);
      continue;
    }
    need(value.is_array(), inner, "this is a list.");
    std::size_t index = 0;
    for (const json& one : value) {
      set(fmt::format("{}[{}]", inner, index++), one, *field, money, out);
    }
  }
}

// `from` may be left out: what is voted on is the change from the present value. A span may be
// written as one.
json parameter_table(Cli& cli, const std::string& place, const json& table) {
  json out = table;
  need(table.is_object(), place, "this is a table of fields.");
  need(table.contains("name") && table["name"].is_string(), place, "'name' is a parameter's name.");
  const std::string name = table["name"].get<std::string>();
  const auto* rule = dao::constitution::find_rule(name);
  need(rule != nullptr, place, "there is no such parameter. See: salus param list");
  for (const char* end : {"from", "to"}) {
    if (!out.contains(end) || !out[end].is_string()) continue;
    need(rule->unit == dao::constitution::Unit::Span, place, "this parameter is a plain number.");
    out[end] = span_of(out[end].get<std::string>());
  }
  if (!out.contains("from")) {
    v1::GetParameterRequest request;
    request.set_name(name);
    out["from"] = cli.read(request).parameter().value();
  }
  return out;
}

// Lists that the chain wants in ascending order are put into it.
void sort_accounts(google::protobuf::RepeatedPtrField<std::string>* accounts) {
  std::sort(accounts->begin(), accounts->end());
}

void normalise(v1::Action& action) {
  if (action.has_set_budget()) {
    sort_accounts(action.mutable_set_budget()->mutable_holders());
    sort_accounts(action.mutable_set_budget()->mutable_payees());
  }
  if (action.has_award_grant()) sort_accounts(action.mutable_award_grant()->mutable_reviewers());
}

}  // namespace

void need(bool is_right, const std::string& place, std::string_view what) {
  if (!is_right) usage(fmt::format("{}: {}", place, what));
}

v1::Action read_action(Cli& cli, Names& names, const std::string& place, const json& table) {
  need(table.is_object() && table.size() == 1, place,
       "an action is a table with one key, its name, for example pay.");
  const std::string name = table.begin().key();
  v1::Action action;
  const auto* field = v1::Action::descriptor()->FindFieldByName(name);
  if (field == nullptr) {
    need(false, place, fmt::format("there is no action '{}'. See: salus proposal draft", name));
    return action;
  }
  json fields = table.begin().value();
  const std::string inner = fmt::format("{}: {}", place, name);
  if (name == "set_parameter") fields = parameter_table(cli, inner, fields);
  Message& message = *action.GetReflection()->MutableMessage(&action, field);
  Reader{cli, names}.fill(inner, fields, {}, message);
  normalise(action);
  return action;
}

}  // namespace salus::cli
