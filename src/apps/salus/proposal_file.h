// Owns: a proposal as a person writes it: a small TOML or JSON file with typed actions, by the
// names of the protocol's own fields; amounts as decimals in quotes, accounts as @name, funds,
// chambers and tracks by code, times as dates, spans as 90d. What does not fit is a usage error
// that names the place; nothing is guessed and nothing passed over.
#pragma once

#include <string>

#include "apps/salus/cli.h"

namespace salus::cli {

// Reads `actions`, or `options` with actions each; `scheme`, `winners`, `deposit`,
// `by_endorsement`, `requires`, `appeal_of`, `urgent`, `text_hash`. Asks the network only where a
// name or an asset's decimals are to be looked up.
v1::Submit read_proposal_file(Cli& cli, const std::string& path);

// The scheme of a name: yes-no, optimistic, choice, approval, quadratic.
v1::Scheme scheme_of(const std::string& name);

}  // namespace salus::cli
