// Owns: the names of the runners of sections 5 to 8, for their table.
#pragma once

#include "support/vectors/runner.h"

namespace salus::vectors {

std::optional<Json> run_verdict(const Json& in);
std::optional<Json> run_split(const Json& in);
std::optional<Json> run_tally_parts(const Json& in);
std::optional<Json> run_tally_sets(const Json& in);
std::optional<Json> run_quadratic_ballot(const Json& in);
std::optional<Json> run_timelock(const Json& in);

std::optional<Json> run_deposit(const Json& in);
std::optional<Json> run_duplicate(const Json& in);
std::optional<Json> run_open_limit(const Json& in);
std::optional<Json> run_track_join(const Json& in);
std::optional<Json> run_least_track(const Json& in);
std::optional<Json> run_window(const Json& in);

std::optional<Json> run_power(const Json& in);
std::optional<Json> run_history(const Json& in);

std::optional<Json> run_timeline(const Json& in);
std::optional<Json> run_execution(const Json& in);

}  // namespace salus::vectors
