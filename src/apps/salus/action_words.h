// Owns: an action as people read it: one line, and what it changes as before -> after.
#pragma once

#include <string>
#include <vector>

#include "apps/salus/cli.h"
#include "apps/salus/names.h"

namespace salus::cli {

class ActionWords {
 public:
  explicit ActionWords(Cli& cli) : cli_(cli), names_(cli) {}

  // `pay: fund general, amount 250, payee @tomas`; fields that are not set are left out.
  std::string line(const v1::Action& action);

  // What the action changes. `before` is `-` where there is nothing of it yet, or it is not kept by
  // a name; then `after` is what the action says.
  struct Effect {
    std::string what;
    std::string before;
    std::string after;
  };
  std::vector<Effect> effects(const v1::Action& action);
  // Every action of the options as a table; roles, parameters and validators first (G-13.3).
  std::string diff(const google::protobuf::RepeatedPtrField<v1::ProposalOption>& options);
  // The same lines without the comparison.
  std::string list(const google::protobuf::RepeatedPtrField<v1::ProposalOption>& options);

  Names& names() { return names_; }

 private:
  struct Money {
    std::uint32_t asset = 0;
    // Of an asset that does not exist yet.
    std::optional<std::uint32_t> decimals;
  };
  std::string value(const google::protobuf::Message& message,
                    const google::protobuf::FieldDescriptor& field, int index, const Money& money);
  std::string values(const google::protobuf::Message& message,
                     const google::protobuf::FieldDescriptor& field, const Money& money);
  std::string fields(const google::protobuf::Message& message, Money money);
  std::vector<Effect> field_effects(const google::protobuf::Message& now,
                                    const google::protobuf::Message* before);
  Money money_of(const google::protobuf::Message& message, Money money) const;

  std::optional<v1::Member> member(const std::string& account);
  Effect member_effect(const std::string& account, const std::string& after);
  std::vector<Effect> fund_effects(std::uint32_t fund, std::uint32_t asset, std::uint64_t out);
  std::vector<Effect> set_effects(const v1::ChangeSet& change);

  Cli& cli_;
  Names names_;
};

}  // namespace salus::cli
