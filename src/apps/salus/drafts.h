// Owns: an example of a proposal file for every action that the DAO may apply.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace salus::cli {

struct Draft {
  std::string_view action;
  // What it does, in a sentence.
  std::string_view what;
  // Its fields as TOML, with a comment each.
  std::string_view fields;
};

const std::vector<Draft>& drafts();
// A whole commented file for one action, or for one of the schemes with options: choice, approval,
// quadratic. nullopt for a name that is neither.
std::optional<std::string> draft_file(std::string_view name);

}  // namespace salus::cli
