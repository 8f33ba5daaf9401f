// Owns: how a verb becomes a proposal: what stands beside its actions, and how it is submitted.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/salus/cli.h"

namespace salus::cli {

// What stands beside the actions, as options of a command line.
struct Terms {
  std::string deposit;
  bool by_endorsement = false;
  bool urgent = false;
  std::string text_hash;
};
void add_terms(CLI::App& command, const std::shared_ptr<Terms>& terms);

// Fills in what the terms say; without a published text the proposal still gets a name of its own
// (G-1.6).
void apply_terms(Cli& cli, const Terms& terms, v1::Submit& submit);
// With the whole deposit at once, the members' usual case, unless something else is said (G-7.2).
void submit_proposal(Cli& cli, v1::Submit submit, const Terms& terms);
// A yes-no proposal of one action: for verbs that only the DAO may do.
void propose(Cli& cli, const v1::Action& action, const Terms& terms);

}  // namespace salus::cli
