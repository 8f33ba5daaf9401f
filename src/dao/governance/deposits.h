// Owns: what a proposal must put down to be heard, and what becomes of it (G-7.2 to G-7.4), and the
// limits on how many and how often (G-7.11, G-7.12). Pure arithmetic on records.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "dao/error.h"
#include "salus/v1/governance.pb.h"

namespace salus::dao::governance {

inline constexpr int kDepositorsMax = 32;
inline constexpr std::uint64_t kEndorsersMax = 200;

// How crowded the lead track is, and how often the same payload failed (G-7.2).
struct Throttle {
  std::uint64_t step;
  std::uint64_t open;
  std::uint64_t failures;
};
std::uint64_t required_deposit(std::uint64_t deposit, const Throttle& throttle);
std::uint32_t needed_endorsers(std::uint32_t endorsers, const Throttle& throttle);

// G-7.3: ceil(required * initial_bp / 10000).
std::uint64_t least_first_deposit(std::uint64_t required, std::uint64_t initial_bp);
// DepositTooSmall, DepositExceeds.
Outcome check_first_deposit(std::uint64_t required, std::uint64_t initial_bp, std::uint64_t amount,
                            bool by_endorsement);
// Whether the sum is complete with it; DepositExceeds, TopUpTooSmall.
Result<bool, Error> check_top_up(std::uint64_t required, std::uint64_t paid, std::uint64_t amount,
                                 std::uint64_t topup_min_bp);

enum class Fate : std::uint8_t {
  Refund,  // all back
  Fee,     // a fee of each depositor to fund general, rest back
  Slash,   // all to fund general
};
// What each depositor gets back, in the order of `deposits`, and what fund general gets. Together
// they are the deposits.
struct Settlement {
  std::vector<std::uint64_t> back;
  std::uint64_t general = 0;
};
Settlement settlement(std::span<const std::uint64_t> deposits, Fate fate,
                      std::uint64_t cancel_fee_bp);

// How long after a veto it can be appealed against.
inline constexpr std::uint64_t kAppealWindowMs = 90ULL * 86'400'000;
// Spans of G-7.11.
struct Resubmission {
  std::uint64_t bar_ms;
  std::uint64_t appeal_window_ms = kAppealWindowMs;
};
// DuplicateOpen; DuplicateRecent, unless it appeals: then AppealInvalid if there is no veto to
// appeal against, it was an appeal itself, or the time is over (at equality). `appeal_of` 0 = none.
Outcome check_duplicate(const v1::Payload& payload, std::uint64_t now_ms, const Resubmission& spans,
                        std::uint64_t appeal_of = 0);
// The payload is open, as `proposal`.
void note_open(v1::Payload& payload, std::uint64_t proposal, bool appeal);
// Notes how the open proposal with this payload, an `appeal` or not, ended. What was withdrawn or
// never heard does not wipe out a defeat before it, nor that an appeal was made of it.
void note_end(v1::Payload& payload, v1::ProposalState end, std::uint64_t now_ms, bool appeal);

// G-7.12: TooManyOpen, TrackFull.
struct OpenLimit {
  std::uint64_t open;
  std::uint64_t max;
};
Outcome check_open(const OpenLimit& of_member, const OpenLimit& of_track);

}  // namespace salus::dao::governance
