// Owns: every order of a few votes is offered to may_vote as a guard sees them, with nothing else
// in the way, and judged by column 2 of C9 over the whole history. In the core some of its clauses
// are also implied by others (who finalizes v has left v); a guard must not lean on that.
#pragma once

#include <cstdint>
#include <string>

namespace salus::consensus::explore {

struct GuardOutcome {
  std::uint64_t states = 0;
  // Empty, or the clause that is broken.
  std::string broken;
};
GuardOutcome offer_every_order_of_votes();

}  // namespace salus::consensus::explore
