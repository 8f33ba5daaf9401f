// Owns: the verbs of the DAO, which `add_governance_verbs` puts together.
#pragma once

#include "apps/salus/cli.h"

namespace salus::cli {

// `salus proposal` where it reads.
void add_proposal_views(CLI::App& app, Cli& cli);
// `salus vote`.
void add_vote_verbs(CLI::App& app, Cli& cli);
// `salus power`, `salus delegate`.
void add_power_verbs(CLI::App& app, Cli& cli);
// `salus track`, `salus param`.
void add_constitution_verbs(CLI::App& app, Cli& cli);
// `salus budget`, `salus grant`.
void add_budget_verbs(CLI::App& app, Cli& cli);
// `salus treasury` and `salus payout` beyond the balance.
void add_treasury_verbs(CLI::App& app, Cli& cli);
// `salus schedule`, `salus stake`, and `salus asset` where it writes.
void add_schedule_verbs(CLI::App& app, Cli& cli);
// `salus recovery`, `salus account rotate|close`.
void add_recovery_verbs(CLI::App& app, Cli& cli);
// `salus pause`, `salus sentinel`, `salus act`, `salus upgrade`.
void add_safety_verbs(CLI::App& app, Cli& cli);
// `salus credential`.
void add_credential_verbs(CLI::App& app, Cli& cli);
// `salus member defend|recheck|history`, `salus chamber show`, `salus office grant|end`.
void add_standing_verbs(CLI::App& app, Cli& cli);

}  // namespace salus::cli
