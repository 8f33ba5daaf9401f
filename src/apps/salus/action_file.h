// Owns: one action from the table that a person wrote.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "apps/salus/cli.h"
#include "apps/salus/names.h"

namespace salus::cli {

// A file is written by people: what has another type than it needs is told, never guessed.
void need(bool is_right, const std::string& place, std::string_view what);

// `table` has one key, the action's name, with the table of its fields. `place` begins every
// complaint.
v1::Action read_action(Cli& cli, Names& names, const std::string& place,
                       const nlohmann::json& table);

}  // namespace salus::cli
