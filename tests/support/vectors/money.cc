// Owns: the runners of auth, keyset, sequence, recovery, schedule, budget, batch, payout, grant,
// reached.
#include "support/vectors/runner.h"

namespace salus::vectors {

std::span<const Eval> money_evals() { return {}; }

}  // namespace salus::vectors
