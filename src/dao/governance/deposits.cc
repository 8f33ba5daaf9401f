// Owns: the arithmetic of deposits.
#include "dao/governance/deposits.h"

#include <algorithm>

#include "base/assert.h"
#include "base/u128.h"

namespace salus::dao::governance {

namespace {

constexpr std::uint64_t kWhole = 10'000;
// Ten doublings: from there on a flood costs its author a thousandfold, and 2^40 * 2^10 fits.
constexpr std::uint64_t kDoublingsMax = 10;

bool is_defeat(v1::ProposalState state) {
  return state == v1::PROPOSAL_STATE_REJECTED || state == v1::PROPOSAL_STATE_VETOED;
}

}  // namespace

std::uint64_t required_deposit(std::uint64_t deposit, const Throttle& throttle) {
  const std::uint64_t doublings =
      std::min(kDoublingsMax, throttle.open / throttle.step + throttle.failures);
  const auto required = checked_mul(deposit, std::uint64_t{1} << doublings);
  SALUS_ASSERT(required.has_value(), "a track's deposit is at most 2^40");
  return *required;
}

std::uint32_t needed_endorsers(std::uint32_t endorsers, const Throttle& throttle) {
  const std::uint64_t times = 1 + throttle.open / throttle.step + throttle.failures;
  return static_cast<std::uint32_t>(std::min<U128>(kEndorsersMax, U128{endorsers} * times));
}

std::uint64_t least_first_deposit(std::uint64_t required, std::uint64_t initial_bp) {
  const auto least = mul_div_ceil(required, initial_bp, kWhole);
  SALUS_ASSERT(least.has_value(), "a share of a sum is at most the sum");
  return *least;
}

Outcome check_first_deposit(std::uint64_t required, std::uint64_t initial_bp, std::uint64_t amount,
                            bool by_endorsement) {
  if (amount > required) return refuse(Error::DepositExceeds);
  if (!by_endorsement && amount < least_first_deposit(required, initial_bp)) {
    return refuse(Error::DepositTooSmall);
  }
  return {};
}

Result<bool, Error> check_top_up(std::uint64_t required, std::uint64_t paid, std::uint64_t amount,
                                 std::uint64_t topup_min_bp) {
  if (amount > required - paid) return refuse(Error::DepositExceeds);
  const bool complete = amount == required - paid;
  if (!complete && U128{kWhole} * amount < U128{topup_min_bp} * required) {
    return refuse(Error::TopUpTooSmall);
  }
  return complete;
}

Settlement settlement(std::span<const std::uint64_t> deposits, Fate fate,
                      std::uint64_t cancel_fee_bp) {
  Settlement out;
  for (const std::uint64_t deposit : deposits) {
    std::uint64_t kept = 0;
    if (fate == Fate::Slash) kept = deposit;
    // Rounds down: the depositor keeps the remainder.
    if (fate == Fate::Fee) kept = mul_div_floor(deposit, cancel_fee_bp, kWhole).value_or(deposit);
    out.back.push_back(deposit - kept);
    out.general += kept;
  }
  return out;
}

Outcome check_duplicate(const v1::Payload& payload, std::uint64_t now_ms, const Resubmission& spans,
                        std::uint64_t appeal_of) {
  if (payload.open() != 0) return refuse(Error::DuplicateOpen);
  const std::uint64_t since = now_ms - payload.last_at_ms();
  if (appeal_of != 0) {
    const bool of_a_veto = payload.last_state() == v1::PROPOSAL_STATE_VETOED &&
                           payload.last() == appeal_of && !payload.appealed();
    if (!of_a_veto || since >= spans.appeal_window_ms) return refuse(Error::AppealInvalid);
    return {};
  }
  if (is_defeat(payload.last_state()) && since < spans.bar_ms) {
    return refuse(Error::DuplicateRecent);
  }
  return {};
}

void note_open(v1::Payload& payload, std::uint64_t proposal, bool appeal) {
  payload.set_open(proposal);
  // Stays until another decision than an appeal takes the place of the veto: whoever opens the same
  // content anew and takes it back has not been vetoed again.
  if (appeal) payload.set_appealed(true);
}

void note_end(v1::Payload& payload, v1::ProposalState end, std::uint64_t now_ms, bool appeal) {
  const bool heard = end != v1::PROPOSAL_STATE_CANCELLED && end != v1::PROPOSAL_STATE_LAPSED;
  if (heard && !appeal) payload.set_appealed(false);
  if (heard || !is_defeat(payload.last_state())) {
    payload.set_last(payload.open());
    payload.set_last_state(end);
    payload.set_last_at_ms(now_ms);
  }
  payload.set_open(0);
  if (is_defeat(end) || end == v1::PROPOSAL_STATE_LAPSED) {
    payload.set_failures(payload.failures() + 1);
  }
}

Outcome check_open(const OpenLimit& of_member, const OpenLimit& of_track) {
  if (of_member.open >= of_member.max) return refuse(Error::TooManyOpen);
  if (of_track.open >= of_track.max) return refuse(Error::TrackFull);
  return {};
}

}  // namespace salus::dao::governance
