// Owns: from a file to a Submit action.
#include "apps/salus/proposal_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "apps/salus/action_file.h"
#include "apps/salus/amount.h"
#include "apps/salus/names.h"
#include "dao/assets/assets.h"

namespace salus::cli {

namespace {

using nlohmann::json;

constexpr std::string_view kKeys[] = {"actions",   "options",       "scheme",    "winners",
                                      "deposit",   "requires",      "appeal_of", "urgent",
                                      "text_hash", "by_endorsement"};

json load(const std::string& path) {
  if (path.ends_with(".toml")) {
    try {
      std::ostringstream text;
      text << toml::json_formatter{toml::parse_file(path)};
      return json::parse(text.str());
    } catch (const toml::parse_error& error) {
      usage(fmt::format("{}: line {}: {}", path, error.source().begin.line, error.description()));
    }
  }
  std::ifstream in{path};
  auto parsed = json::parse(in, nullptr, false);
  if (!parsed.is_object()) usage(fmt::format("{} can't be read, or is not JSON.", path));
  return parsed;
}

std::uint64_t whole_number(const std::string& path, const json& file, const char* key) {
  const bool right = file[key].is_number_integer() && file[key] >= 0;
  need(right, path, fmt::format("'{}' is a whole number.", key));
  return file[key].get<std::uint64_t>();
}

bool flag(const std::string& path, const json& file, const char* key) {
  need(file[key].is_boolean(), path, fmt::format("'{}' is true or false.", key));
  return file[key].get<bool>();
}

// What stands beside the actions.
void read_terms(const std::string& path, const json& file, v1::Submit& submit) {
  if (file.contains("deposit")) {
    need(file["deposit"].is_string(), path, "'deposit' is an amount in quotes, such as \"20.5\".");
    const auto units =
        parse_amount(file["deposit"].get<std::string>(), dao::assets::kNativeDecimals);
    need(units.has_value(), path, "'deposit' is an amount in quotes, such as \"20.5\".");
    submit.set_deposit(*units);
  }
  if (file.contains("by_endorsement")) {
    submit.set_by_endorsement(flag(path, file, "by_endorsement"));
  }
  if (file.contains("urgent")) submit.set_urgent(flag(path, file, "urgent"));
  if (file.contains("appeal_of")) submit.set_appeal_of(whole_number(path, file, "appeal_of"));
  if (file.contains("winners")) {
    const std::uint64_t winners = whole_number(path, file, "winners");
    need(winners <= 8, path, "'winners' is 1 to 8.");
    submit.set_winners(static_cast<std::uint32_t>(winners));
  }
  if (file.contains("text_hash")) {
    need(file["text_hash"].is_string(), path, "'text_hash' is 64 hex digits in quotes.");
    submit.set_text_hash(digest_of(file["text_hash"].get<std::string>(), path + ": text_hash"));
  }
  if (!file.contains("requires")) return;
  need(file["requires"].is_array(), path, "'requires' is a list of proposals' numbers.");
  for (const auto& id : file["requires"]) {
    need(id.is_number_integer() && id > 0, path, "'requires' is a list of proposals' numbers.");
    submit.add_prerequisites(id.get<std::uint64_t>());
  }
}

void read_actions(Cli& cli, Names& names, const std::string& place, const json& table,
                  v1::ProposalOption& option) {
  need(table.contains("actions") && table["actions"].is_array(), place,
       "'actions' must be a list; an empty one is a resolution.");
  std::size_t number = 0;
  for (const json& action : table["actions"]) {
    *option.add_actions() =
        read_action(cli, names, fmt::format("{}: action {}", place, number++), action);
  }
}

void read_options(Cli& cli, const std::string& path, const json& file, v1::Submit& submit) {
  Names names{cli};
  if (!file.contains("options")) {
    return read_actions(cli, names, path, file, *submit.add_options());
  }
  need(!file.contains("actions"), path, "write 'actions' or 'options', not both.");
  need(file["options"].is_array(), path, "'options' is a list of tables with 'actions' each.");
  std::size_t number = 0;
  for (const json& option : file["options"]) {
    const std::string place = fmt::format("{}: option {}", path, ++number);
    need(option.is_object(), place, "an option is a table with 'actions'.");
    for (const auto& [key, value] : option.items()) {
      need(key == "actions", place, fmt::format("unknown key '{}'. Known: actions.", key));
    }
    read_actions(cli, names, place, option, *submit.add_options());
  }
}

}  // namespace

v1::Scheme scheme_of(const std::string& name) {
  if (name == "yes-no") return v1::SCHEME_YES_NO;
  if (name == "optimistic") return v1::SCHEME_OPTIMISTIC;
  if (name == "choice") return v1::SCHEME_CHOICE;
  if (name == "approval") return v1::SCHEME_APPROVAL;
  if (name == "quadratic") return v1::SCHEME_QUADRATIC;
  usage(fmt::format("'{}' is no scheme: yes-no, optimistic, choice, approval or quadratic.", name));
}

v1::Submit read_proposal_file(Cli& cli, const std::string& path) {
  const json file = load(path);
  for (const auto& [key, value] : file.items()) {
    if (std::ranges::find(kKeys, key) != std::end(kKeys)) continue;
    usage(fmt::format("{}: unknown key '{}'. Known: {}.", path, key, fmt::join(kKeys, ", ")));
  }
  v1::Submit submit;
  submit.set_scheme(v1::SCHEME_YES_NO);
  if (file.contains("scheme")) {
    need(file["scheme"].is_string(), path, "'scheme' is a word in quotes, such as \"choice\".");
    submit.set_scheme(scheme_of(file["scheme"].get<std::string>()));
  }
  read_options(cli, path, file, submit);
  read_terms(path, file, submit);
  return submit;
}

}  // namespace salus::cli
