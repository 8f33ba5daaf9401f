// Owns: the rules the DAO may change, and how far: one table of typed parameters in state with
// bounds that are compiled in, and the constraints between them (governance.md, section 6). No vote
// passes a bound, and nothing in a node's own configuration can express any of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/chain.pb.h"
#include "salus/v1/constitution.pb.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"

namespace salus::dao::constitution {

// What a number counts; decides how far genesis class TEST lowers its least value (G-6.10).
enum class Unit : std::uint8_t { Span, Heights, Count };

struct Bounds {
  std::uint64_t min;
  std::uint64_t max;
};

struct Rule {
  std::string_view name;
  Unit unit;
  Bounds bounds;
  std::uint64_t standard;
};

// The whole table, in the order of the design.
std::span<const Rule> rules();
const Rule* find_rule(std::string_view name);
// Class TEST lowers the least of every Span to 1 s and of heights to 1 (G-6.10).
Bounds bounds_in(v1::GenesisClass genesis_class, Unit unit, Bounds bounds);
// OutOfBounds.
Outcome check_value(Bounds bounds, std::uint64_t value);

// The present value; asserts that the table has the name.
std::uint64_t value(const state::Overlay& state, std::string_view name);

// Cross-constraints (G-6.1). X11 holds by construction: every action that the DAO may apply has a
// least track (governance/rules.cc), and the tracks that serve as one cannot be removed.
enum class Constraint : std::uint8_t {
  X1,
  X2,
  X3,
  X4,
  X5,
  X6,
  X7,
  X8,
  X9,
  X10,
  X11,
  X12,
  X13,
  DeltaCeiling,
  StandstillFloor
};
std::string_view name(Constraint constraint);

// The constitution as it is, or as it would be: a value by name, the tracks, the size of the
// validator set (0 = not known, X8 is not judged).
struct Draft {
  std::function<std::uint64_t(std::string_view name)> value;
  std::vector<v1::Track> tracks;
  std::uint64_t validators = 0;
  // Of the pending set; 0 without one.
  std::uint64_t pending_validators = 0;
  // Holders of the office; absent = X10 is not judged. Offices end by time, so it is asked only of
  // a change that needs more of them, never of the constitution as it stands.
  std::optional<std::uint64_t> sentinels;
};
std::optional<Constraint> broken_constraint(const Draft& draft);

// One change of a value that is `present` now; `after` is the constitution with it made.
// StaleValue, OutOfBounds, ConstraintBroken.
Outcome check_change(const v1::SetParameter& action, std::uint64_t present, Bounds bounds,
                     const Draft& after);
// Whether `action` could be applied now: ParameterUnknown, StaleValue, OutOfBounds,
// ConstraintBroken. Asked at submission and again at execution (G-6.1).
Outcome check_change(const v1::SetParameter& action, const state::Overlay& state);
void put_value(state::Overlay& state, std::string_view name, std::uint64_t value);
// By the DAO.
Outcome apply(const v1::SetParameter& action, ActionContext& context, state::Overlay& state);
// The last changes by vote, oldest first; empty for a parameter that still has its first value.
v1::ParameterHistory history(const state::Overlay& state, std::string_view name);

// Track ids are 1 to this.
inline constexpr std::uint32_t kTracksMax = 16;

// Tracks: ascending by id, 1 to 16 of them.
std::optional<v1::Track> find_track(const state::Overlay& state, std::uint32_t id);
std::optional<v1::Track> find_track(const state::Overlay& state, std::string_view code);
void put_track(state::Overlay& state, const v1::Track& track);
std::vector<v1::Track> tracks(const state::Overlay& state);
bool is_retired(const state::Overlay& state, std::uint32_t id);

// What governance knows of a track: it leads a proposal that is open (G-6.9).
struct TrackUse {
  bool leads_open = false;
};
Outcome check(const v1::SetTrack& action);
// Whether `action` could be applied now, asked at submission and again at execution (G-6.1):
// TrackUnknown, TrackIdUsed, CodeInUse, ChamberUnknown, OutOfBounds, Entrenched, TrackInUse,
// ConstraintBroken.
Outcome check_change(const v1::SetTrack& action, const TrackUse& use, const state::Overlay& state);
// By the DAO.
Outcome apply(const v1::SetTrack& action, const TrackUse& use, ActionContext& context,
              state::Overlay& state);
// The constitution as it stands, to be judged with a change made.
Draft draft_of(const state::Overlay& state);

// The compiled bounds of any track and what is entrenched beyond the reach of a vote (G-6.4); the
// sentence of the first one broken.
// `patients` is the chamber of that code, 0 where the network has none.
std::optional<std::string> track_flaw(const v1::Track& track, v1::GenesisClass genesis_class,
                                      std::uint32_t patients);
// The second half alone.
std::optional<std::string> entrenched_flaw(const v1::Track& track, v1::GenesisClass genesis_class,
                                           std::uint32_t patients);

// Genesis: every parameter (the document's value or the standard one) and the tracks, bounds and
// constraints checked. Chambers stand already; the class is written before. The reason otherwise.
Result<void, std::string> put_at_genesis(const v1::GenesisDocument& document,
                                         state::Overlay& state);

// Every value within its bounds and every constraint holds.
std::vector<std::string> broken_invariants(const state::Overlay& state);

}  // namespace salus::dao::constitution
