// Owns: the bare ground on which vectors of voting stand: a genesis whose members weigh nothing,
// one track *standard* that a vector shapes, and a clock that counts the vector's own units. What
// happens on it is production code; what only fixes the figures is written as stored.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/governance.pb.h"
#include "state/memory_store.h"
#include "state/overlay.h"
#include "support/vectors/runner.h"

namespace salus::vectors {

// The unit of a vector's times counts as ms; figures may lie outside the constitution's bounds.
inline constexpr std::uint64_t kForever = std::uint64_t{1} << 40U;
inline constexpr std::uint32_t kTrack = 2;

class Ground {
 public:
  Ground();

  state::Overlay& state() { return state_; }
  std::uint64_t now() const { return now_; }
  std::uint64_t at(std::uint64_t time) const;
  // Of a stored time.
  std::uint64_t since(std::uint64_t stored_ms) const;
  // Time and height of the block that is being executed.
  void move_to(std::uint64_t time);
  dao::BlockContext block() const;

  // The account of a name, opened or not.
  static AccountId account(std::string_view name);
  void set_parameter(std::string_view name, std::uint64_t value);
  void set_track(v1::Track track);
  void set_chamber(std::uint32_t id, std::uint32_t min_members, bool opened);

  // Applies one action of a module by `run(context)`: "" or the name of the refusal.
  template <typename Run>
  std::string act(const AccountId& signer, dao::Authority authority, Run&& run) {
    std::vector<v1::Event> events;
    const dao::BlockContext now = block();
    dao::ActionContext context{.block = now,
                               .authority = authority,
                               .signer = signer,
                               .proposal = 0,
                               .execution_id = {},
                               .action_index = 0,
                               .events = events};
    state::Overlay attempt = state_.branch();
    const dao::Outcome outcome = run(context, attempt);
    if (!outcome) return std::string{dao::name(outcome.error())};
    state_.adopt(std::move(attempt));
    return {};
  }

 private:
  salus::test::MemoryStore store_;
  state::Overlay state_{store_, "s"};
  std::uint64_t now_ = 0;
  std::uint64_t height_ = 1;
};

// The name of the document: a ballot before the start is refused as after the end (G-7.5).
std::string document_name(std::string error);
std::string rule_name(v1::VerdictRule rule);
std::string state_name(v1::ProposalState state);
v1::Scheme scheme_of(const Json& in);
v1::TrackChamber chamber_of(const Json& in);
// A ballot of parts by their names: yes, no, abstain, veto, none, or the number of an option.
v1::BallotPart part_of(const std::string& choice, std::uint64_t part);
// Counters of a chamber as a vector names them; power in units of `unit` micro-votes.
void set_counters(const Json& counters, v1::Scheme scheme, std::uint64_t unit, v1::Tally& tally);

}  // namespace salus::vectors
