// Owns: what a verified receipt says, for people and for programs.
#pragma once

#include <string>
#include <string_view>

#include "apps/salus/cli.h"
#include "salus/verify.h"

namespace salus::cli {

// The chain that a genesis document starts.
ChainId chain_of(std::string_view genesis_document);
std::string receipt_text(Cli& cli, const client::VerifiedFact& fact);
Json receipt_json(const client::VerifiedFact& fact);

}  // namespace salus::cli
