// Owns: from a file to a Submit action.
#include "apps/salus/proposal_file.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <sodium.h>
#include <toml++/toml.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "base/bytes.h"

namespace salus::cli {

namespace {

nlohmann::json load(const std::string& path) {
  if (path.ends_with(".toml")) {
    try {
      std::ostringstream json;
      json << toml::json_formatter{toml::parse_file(path)};
      return nlohmann::json::parse(json.str());
    } catch (const toml::parse_error& error) {
      usage(fmt::format("{}: line {}: {}", path, error.source().begin.line, error.description()));
    }
  }
  std::ifstream in{path};
  auto parsed = nlohmann::json::parse(in, nullptr, false);
  if (!parsed.is_object()) usage(fmt::format("{} can't be read, or is not JSON.", path));
  return parsed;
}

std::string base64(ByteView bytes) {
  std::string out(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out.resize(std::char_traits<char>::length(out.c_str()));
  return out;
}

// A file is written by people: what has another type than it needs is told, never guessed.
void need(bool is_right, const std::string& path, std::string_view what) {
  if (!is_right) usage(fmt::format("{}: {}", path, what));
}

std::uint32_t asset_of(const std::string& path, const nlohmann::json& fields) {
  if (!fields.contains("asset")) return 0;
  const nlohmann::json& asset = fields["asset"];
  need(asset.is_number_integer() && asset >= 0 && asset <= UINT32_MAX, path,
       "'asset' is the asset's number.");
  return asset.get<std::uint32_t>();
}

// What stands beside the actions.
void read_terms(Cli& cli, const std::string& path, const nlohmann::json& file, v1::Submit& submit) {
  if (file.contains("deposit")) {
    need(file["deposit"].is_string(), path, "'deposit' is an amount in quotes, such as \"20.5\".");
    submit.set_deposit(cli.amount(file["deposit"].get<std::string>(), 0));
  }
  if (file.contains("by_endorsement")) {
    need(file["by_endorsement"].is_boolean(), path, "'by_endorsement' is true or false.");
    submit.set_by_endorsement(file["by_endorsement"].get<bool>());
  }
  if (!file.contains("requires")) return;
  need(file["requires"].is_array(), path, "'requires' is a list of proposals' numbers.");
  for (const auto& id : file["requires"]) {
    need(id.is_number_integer() && id > 0, path, "'requires' is a list of proposals' numbers.");
    submit.add_prerequisites(id.get<std::uint64_t>());
  }
}

// A change of the validator set names operators; an added one is pinned to the key that its nominee
// holds now, so that what was voted on is what joins.
void translate_change(Cli& cli, const std::string& path, nlohmann::json& fields) {
  for (auto& [name, value] : fields.items()) {
    if (name != "add" && name != "remove") continue;
    need(value.is_array(), path, "'add' and 'remove' are lists of operators such as \"@name\".");
    for (auto& who : value) {
      need(who.is_string(), path, "'add' and 'remove' are lists of operators such as \"@name\".");
      const AccountId id = cli.account(who.get<std::string>());
      if (name == "remove") {
        who = base64(id.view());
        continue;
      }
      v1::GetValidatorRequest request;
      request.set_operator_account(id.to_string());
      const auto found = cli.read(request);
      const std::string& key = found.validator().validator().info().validator_key();
      who = {{"operator_account", base64(id.view())}, {"validator_key", base64(as_bytes(key))}};
    }
  }
}

// People's spellings into protobuf's JSON: accounts and hashes to base64, funds to numbers, amounts
// to base units.
void translate(Cli& cli, const std::string& path, nlohmann::json& action) {
  for (auto& [kind, fields] : action.items()) {
    if (!fields.is_object()) {
      usage(fmt::format("{}: action '{}' needs a table of fields.", path, kind));
    }
    if (kind == "change_set") translate_change(cli, path, fields);
    const std::uint32_t asset = asset_of(path, fields);
    for (auto& [name, value] : fields.items()) {
      if (!value.is_string()) continue;
      const std::string text = value.get<std::string>();
      if (name == "payee" || name == "account" || name == "to") {
        if (kind != "move_funds") value = base64(cli.account(text).view());
      } else if (name == "fund") {
        value = cli.fund(text);
      } else if (name == "amount") {
        value = std::to_string(cli.amount(text, asset));
      }
    }
    if (kind != "move_funds") continue;
    for (const char* end : {"from", "to"}) {
      if (fields.contains(end) && fields[end].is_string()) {
        fields[end] = cli.fund(fields[end].get<std::string>());
      }
    }
  }
}

}  // namespace

v1::Submit read_proposal_file(Cli& cli, const std::string& path) {
  nlohmann::json file = load(path);
  v1::Submit submit;
  submit.set_scheme(v1::SCHEME_YES_NO);
  v1::ProposalOption& option = *submit.add_options();
  for (const auto& [key, value] : file.items()) {
    if (key != "actions" && key != "deposit" && key != "by_endorsement" && key != "requires") {
      usage(fmt::format("{}: unknown key '{}'. Known: actions, deposit, by_endorsement, requires.",
                        path, key));
    }
  }
  if (!file.contains("actions") || !file["actions"].is_array()) {
    usage(fmt::format("{}: 'actions' must be a list; an empty one is a resolution.", path));
  }
  for (nlohmann::json& action : file["actions"]) {
    if (!action.is_object()) usage(fmt::format("{}: an action is a table.", path));
    translate(cli, path, action);
    const auto parsed =
        google::protobuf::util::JsonStringToMessage(action.dump(), option.add_actions());
    if (!parsed.ok()) {
      usage(fmt::format("{}: action {}: {}", path, option.actions_size(),
                        std::string{parsed.message()}));
    }
  }
  read_terms(cli, path, file, submit);
  return submit;
}

}  // namespace salus::cli
