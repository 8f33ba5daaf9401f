// Owns: the words.
#include "apps/salus/action_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/salus/action_fields.h"
#include "apps/salus/amount.h"
#include "dao/assets/assets.h"
#include "queries/words.h"

namespace salus::cli {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Roles, parameters, validators before what moves money: nobody shall find them at the end of a
// long list.
int place_of(const v1::Action& action) {
  const auto kind = static_cast<int>(action.kind_case());
  if (kind >= 50 && kind < 90) return 0;
  if (kind >= 100 && kind < 150) return 1;
  return kind >= 190 ? 2 : 3;
}

const Message& content_of(const v1::Action& action) {
  std::vector<const FieldDescriptor*> set;
  action.GetReflection()->ListFields(action, &set);
  if (set.empty()) return action;
  return action.GetReflection()->GetMessage(action, set.front());
}

bool is_set(const Message& message, const FieldDescriptor& field) {
  if (field.is_repeated()) return message.GetReflection()->FieldSize(message, &field) > 0;
  return message.GetReflection()->HasField(message, &field);
}

std::uint64_t number_of(const Message& message, const FieldDescriptor& field, int index) {
  const auto* reflection = message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64) {
    return index < 0 ? reflection->GetUInt64(message, &field)
                     : reflection->GetRepeatedUInt64(message, &field, index);
  }
  return index < 0 ? reflection->GetUInt32(message, &field)
                   : reflection->GetRepeatedUInt32(message, &field, index);
}

std::string text_of(const Message& message, const FieldDescriptor& field, int index) {
  const auto* reflection = message.GetReflection();
  return index < 0 ? reflection->GetString(message, &field)
                   : reflection->GetRepeatedString(message, &field, index);
}

std::string enum_of(const Message& message, const FieldDescriptor& field, int index) {
  std::string prefix = field.enum_type()->value(0)->name();
  prefix.resize(prefix.size() - std::string_view{"UNSPECIFIED"}.size());
  const auto* value = index < 0 ? message.GetReflection()->GetEnum(message, &field)
                                : message.GetReflection()->GetRepeatedEnum(message, &field, index);
  return print_enum(value->name(), prefix);
}

// `until_ms` reads as `until`.
std::string field_name(const FieldDescriptor& field) {
  std::string name = field.name();
  if (name.ends_with("_ms")) name.resize(name.size() - 3);
  for (char& c : name) c = c == '_' ? ' ' : c;
  return name;
}

}  // namespace

ActionWords::Money ActionWords::money_of(const Message& message, Money money) const {
  const auto* descriptor = message.GetDescriptor();
  if (const auto* field = descriptor->FindFieldByName("asset")) {
    money.asset = static_cast<std::uint32_t>(number_of(message, *field, -1));
  }
  if (descriptor->name() == "Track") money.asset = dao::assets::kNative;
  if (descriptor->name() == "CreateAsset" || descriptor->name() == "Asset") {
    money.decimals = static_cast<std::uint32_t>(
        number_of(message, *descriptor->FindFieldByName("decimals"), -1));
  }
  return money;
}

std::string ActionWords::value(const Message& message, const FieldDescriptor& field, int index,
                               const Money& money) {
  switch (kind_of(field)) {
    case FieldKind::Message: {
      const auto* reflection = message.GetReflection();
      return "(" +
             fields(index < 0 ? reflection->GetMessage(message, &field)
                              : reflection->GetRepeatedMessage(message, &field, index),
                    money) +
             ")";
    }
    case FieldKind::Enum:
      return enum_of(message, field, index);
    case FieldKind::Flag:
      return message.GetReflection()->GetBool(message, &field) ? "yes" : "no";
    case FieldKind::Text:
      return text_of(message, field, index);
    case FieldKind::Account:
      return cli_.name_of(text_of(message, field, index));
    case FieldKind::Bytes:
      return hex(as_bytes(text_of(message, field, index))).substr(0, 16);
    // By number: the codes of funds are a list, and a list is proven in part only.
    case FieldKind::Fund:
      return std::to_string(number_of(message, field, index));
    case FieldKind::Amount: {
      const std::uint64_t units = number_of(message, field, index);
      return money.decimals ? print_amount(units, *money.decimals)
                            : cli_.print_amount(units, money.asset);
    }
    case FieldKind::Time:
      return print_time(number_of(message, field, index));
    case FieldKind::Span:
      return queries::spell_span(number_of(message, field, index));
    case FieldKind::Chamber:
      return names_.chamber(static_cast<std::uint32_t>(number_of(message, field, index)));
    case FieldKind::Track:
      return names_.track(static_cast<std::uint32_t>(number_of(message, field, index)));
    case FieldKind::Role:
      return role_name(static_cast<std::uint32_t>(number_of(message, field, index)));
    case FieldKind::Roles:
      return role_names(static_cast<std::uint32_t>(number_of(message, field, index)));
    case FieldKind::ActionType:
      return action_type(static_cast<std::uint32_t>(number_of(message, field, index)));
    case FieldKind::Number:
      return std::to_string(number_of(message, field, index));
  }
  return {};
}

std::string ActionWords::values(const Message& message, const FieldDescriptor& field,
                                const Money& money) {
  if (!field.is_repeated()) return value(message, field, -1, money);
  std::string out;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    out += (i == 0 ? "" : " ") + value(message, field, i, money);
  }
  return out.empty() ? "none" : out;
}

std::string ActionWords::fields(const Message& message, Money money) {
  money = money_of(message, money);
  std::string out;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (!is_set(message, field)) continue;
    out += (out.empty() ? "" : ", ") + field_name(field) + " " + values(message, field, money);
  }
  return out;
}

std::string ActionWords::line(const v1::Action& action) {
  const auto* field =
      v1::Action::descriptor()->FindFieldByNumber(static_cast<int>(action.kind_case()));
  if (field == nullptr) return "nothing";
  std::string name = field->name();
  for (char& c : name) c = c == '_' ? ' ' : c;
  const std::string what = fields(content_of(action), {});
  return what.empty() ? name : name + ": " + what;
}

std::vector<ActionWords::Effect> ActionWords::field_effects(const Message& now,
                                                            const Message* before) {
  std::vector<Effect> out;
  const Money money = money_of(now, {});
  for (int i = 0; i < now.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *now.GetDescriptor()->field(i);
    const std::string after = values(now, field, money);
    const std::string was = before != nullptr ? values(*before, field, money) : "-";
    const bool same = before != nullptr ? was == after : !is_set(now, field);
    if (!same) out.push_back({.what = field_name(field), .before = was, .after = after});
  }
  return out;
}

std::optional<v1::Member> ActionWords::member(const std::string& account) {
  v1::GetMemberRequest request;
  request.set_account(account);
  try {
    return cli_.read(request).member();
  } catch (const Stop& stop) {
    if (stop.code != Exit::NotFound) throw;
    return std::nullopt;
  }
}

ActionWords::Effect ActionWords::member_effect(const std::string& account,
                                               const std::string& after) {
  const auto found = member(account);
  return {.what = cli_.name_of(account),
          .before = found ? print_enum(v1::MemberState_Name(found->state()), "MEMBER_STATE_")
                          : std::string{"no member"},
          .after = after};
}

std::vector<ActionWords::Effect> ActionWords::fund_effects(std::uint32_t fund, std::uint32_t asset,
                                                           std::uint64_t out) {
  v1::GetFundRequest request;
  request.set_fund(fund);
  std::uint64_t free = 0;
  const auto response = cli_.read(request);
  for (const v1::FundHolding& held : response.fund().holdings()) {
    if (held.asset() == asset) free = held.balance();
  }
  const std::string after = free < out ? "more than it has" : cli_.print_amount(free - out, asset);
  return {{.what = fmt::format("free in fund {}", fund),
           .before = cli_.print_amount(free, asset),
           .after = after}};
}

std::vector<ActionWords::Effect> ActionWords::set_effects(const v1::ChangeSet& change) {
  std::vector<Effect> out;
  for (const v1::NomineeRef& added : change.add()) {
    out.push_back(
        {.what = cli_.name_of(added.operator_account()),
         .before = "nominee",
         .after = "validator with key " + hex(as_bytes(added.validator_key())).substr(0, 16)});
  }
  for (const std::string& removed : change.remove()) {
    out.push_back({.what = cli_.name_of(removed), .before = "validator", .after = "retired"});
  }
  const auto size =
      static_cast<std::int64_t>(cli_.read(v1::GetValidatorSetRequest{}).set().validators_size());
  out.push_back({.what = "validators",
                 .before = std::to_string(size),
                 .after = std::to_string(size + change.add_size() - change.remove_size())});
  if (change.force()) out.push_back({.what = "pre-flight", .before = "asked", .after = "skipped"});
  return out;
}

std::vector<ActionWords::Effect> ActionWords::effects(const v1::Action& action) {
  // Those that change a record which has a name; all others say what they do.
  switch (action.kind_case()) {
    case v1::Action::kSetParameter: {
      const v1::SetParameter& set = action.set_parameter();
      v1::GetParameterRequest request;
      request.set_name(set.name());
      const std::uint64_t now = cli_.read(request).parameter().value();
      std::string after = std::to_string(set.to());
      if (now != set.from()) after += fmt::format(" (refused: it was to change {})", set.from());
      return {{.what = set.name(), .before = std::to_string(now), .after = after}};
    }
    case v1::Action::kSetTrack: {
      const v1::SetTrack& set = action.set_track();
      const auto& known = names_.tracks().tracks();
      const auto found = std::ranges::find(known, set.track().id(), &v1::Track::id);
      if (set.remove()) {
        return {{.what = "track " + set.track().code(), .before = "there", .after = "removed"}};
      }
      return field_effects(set.track(), found != known.end() ? &*found : nullptr);
    }
    case v1::Action::kSetChamber: {
      const v1::SetChamber& set = action.set_chamber();
      if (set.remove()) {
        return {{.what = "chamber " + set.chamber().code(), .before = "there", .after = "removed"}};
      }
      const auto known = cli_.read(v1::ListChambersRequest{});
      for (const v1::ChamberInfo& info : known.chambers()) {
        if (info.chamber().id() != set.chamber().id()) continue;
        v1::Chamber before = info.chamber();
        before.set_opened(false);
        return field_effects(set.chamber(), &before);
      }
      return field_effects(set.chamber(), nullptr);
    }
    case v1::Action::kSetSeats: {
      const auto found = member(action.set_seats().account());
      return {{.what = "seats of " + cli_.name_of(action.set_seats().account()),
               .before = found ? std::to_string(found->seats()) : "-",
               .after = std::to_string(action.set_seats().seats())}};
    }
    case v1::Action::kAdmitMember:
      return {member_effect(action.admit_member().account(), "admitted")};
    case v1::Action::kExpelMember:
      return {member_effect(action.expel_member().account(), "expelled")};
    case v1::Action::kSuspendMember:
      return {member_effect(action.suspend_member().account(),
                            "suspended until " + print_time(action.suspend_member().until_ms()))};
    case v1::Action::kReinstate:
      return {member_effect(action.reinstate().account(), "reinstated")};
    case v1::Action::kGrantOffice:
      return {{.what = cli_.name_of(action.grant_office().account()),
               .before = "-",
               .after = role_name(action.grant_office().role()) + " for " +
                        queries::spell_span(action.grant_office().term_ms())}};
    case v1::Action::kEndOffice:
      return {{.what = cli_.name_of(action.end_office().account()),
               .before = role_name(action.end_office().role()),
               .after = "-"}};
    case v1::Action::kPay: {
      auto out = fund_effects(action.pay().fund(), action.pay().asset(), action.pay().amount());
      out.push_back({.what = "paid to " + cli_.name_of(action.pay().payee()),
                     .before = "-",
                     .after = cli_.print_amount(action.pay().amount(), action.pay().asset())});
      return out;
    }
    case v1::Action::kMoveFunds: {
      const v1::MoveFunds& move = action.move_funds();
      auto out = fund_effects(move.from(), move.asset(), move.amount());
      out.push_back({.what = fmt::format("moved to fund {}", move.to()),
                     .before = "-",
                     .after = cli_.print_amount(move.amount(), move.asset())});
      return out;
    }
    case v1::Action::kChangeSet:
      return set_effects(action.change_set());
    case v1::Action::kSetAsset: {
      v1::GetAssetRequest request;
      request.set_asset(action.set_asset().asset());
      const v1::Asset asset = cli_.read(request).asset();
      v1::SetAsset before;
      before.set_asset(asset.id());
      before.set_flags(asset.flags());
      before.set_max_supply(asset.max_supply());
      return field_effects(action.set_asset(), &before);
    }
    case v1::Action::kRenewBudget: {
      v1::GetBudgetRequest request;
      request.set_budget(action.renew_budget().budget());
      const v1::Budget budget = cli_.read(request).budget().budget();
      return {{.what = fmt::format("budget {} until", budget.id()),
               .before = print_time(budget.until_ms()),
               .after = print_time(budget.until_ms() + budget.length_ms())}};
    }
    default:
      return field_effects(content_of(action), nullptr);
  }
}

std::string ActionWords::diff(
    const google::protobuf::RepeatedPtrField<v1::ProposalOption>& options) {
  struct Placed {
    int option;
    int index;
    const v1::Action* action;
  };
  std::vector<Placed> all;
  for (int o = 0; o < options.size(); ++o) {
    for (int a = 0; a < options.at(o).actions_size(); ++a) {
      all.push_back({.option = o + 1, .index = a, .action = &options.at(o).actions(a)});
    }
  }
  std::ranges::stable_sort(all, {}, [](const Placed& one) { return place_of(*one.action); });
  Table table{{"option", "action", "what", "before", "after"}};
  for (const Placed& one : all) {
    const std::string name = action_type(static_cast<std::uint32_t>(one.action->kind_case()));
    for (const Effect& effect : effects(*one.action)) {
      table.add({std::to_string(one.option), fmt::format("{} {}", one.index, name), effect.what,
                 effect.before, effect.after});
    }
  }
  return table.str("No actions: a resolution.");
}

std::string ActionWords::list(
    const google::protobuf::RepeatedPtrField<v1::ProposalOption>& options) {
  std::string out;
  for (int o = 0; o < options.size(); ++o) {
    const std::string option = options.size() > 1 ? fmt::format("option {}: ", o + 1) : "";
    if (options.at(o).actions().empty()) out += "  " + option + "a resolution\n";
    for (const v1::Action& action : options.at(o).actions()) {
      out += "  " + option + line(action) + "\n";
    }
  }
  return out;
}

}  // namespace salus::cli
