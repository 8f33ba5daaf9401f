// Owns: the table of the runners of sections 5 to 8.
#include "support/vectors/voting.h"

namespace salus::vectors {

namespace {

constexpr Eval kEvals[] = {{"verdict", run_verdict},
                           {"split", run_split},
                           {"tally_parts", run_tally_parts},
                           {"tally_sets", run_tally_sets},
                           {"quadratic_ballot", run_quadratic_ballot},
                           {"timelock", run_timelock},
                           {"deposit", run_deposit},
                           {"duplicate", run_duplicate},
                           {"open_limit", run_open_limit},
                           {"track_join", run_track_join},
                           {"least_track", run_least_track},
                           {"window", run_window},
                           {"power", run_power},
                           {"history", run_history},
                           {"timeline", run_timeline},
                           {"execution", run_execution}};

}  // namespace

std::span<const Eval> voting_evals() { return kEvals; }

}  // namespace salus::vectors
