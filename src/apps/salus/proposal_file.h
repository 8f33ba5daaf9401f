// Owns: a proposal as a person writes it: a small TOML or JSON file with typed actions, by the names
// of the protocol's own fields; amounts as decimals in quotes, accounts as @name, funds by code.
#pragma once

#include <string>

#include "apps/salus/cli.h"

namespace salus::cli {

// Reads `actions`, and for JSON and TOML alike `deposit`, `by_endorsement`, `requires`. What does
// not fit is a usage error that names the place.
v1::Submit read_proposal_file(Cli& cli, const std::string& path);

}  // namespace salus::cli
