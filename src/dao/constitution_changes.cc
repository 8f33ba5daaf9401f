// Owns: what a vote changes of the constitution: one parameter or one track at a time, judged
// against the constitution with the change made (G-6.1), and remembered.
#include <algorithm>

#include "dao/application.h"
#include "dao/constitution.h"
#include "salus/v1/membership.pb.h"
#include "salus/v1/validators.pb.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::constitution {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

constexpr int kHistoryMax = 32;
// Of MemberCounts.offices: treasurers, operators, sentinels.
constexpr int kSentinels = 2;
constexpr std::uint32_t kChambersMax = 8;
// Tracks without which an action of the DAO would have no least track (X11).
constexpr std::string_view kLeastTracks[] = {"standard", "network"};
// Tracks in which patients have the last word (G-6.4).
constexpr std::string_view kEntrenched[] = {"people", "consent", "constitution"};

Key history_key(std::string_view name) {
  return Key{Table::ParameterHistories}.bytes(as_bytes(name));
}
Key track_key(std::uint32_t id) { return Key{Table::Tracks}.u8(static_cast<std::uint8_t>(id)); }
Key retired_key(std::uint32_t id) {
  return Key{Table::RetiredTracks}.u8(static_cast<std::uint8_t>(id));
}

std::uint64_t sentinels(const Overlay& state) {
  const auto counts = state::find_or_default<v1::MemberCounts>(state, Key{Table::MemberCounts});
  return counts.offices_size() > kSentinels ? counts.offices(kSentinels) : 0;
}

std::optional<v1::Chamber> find_chamber(const Overlay& state, std::uint32_t id) {
  return state::find<v1::Chamber>(state, Key{Table::Chambers}.u8(static_cast<std::uint8_t>(id)));
}

std::uint32_t patients_chamber(const Overlay& state) {
  for (std::uint32_t id = 1; id <= kChambersMax; ++id) {
    const auto chamber = find_chamber(state, id);
    if (chamber && chamber->code() == "patients") return id;
  }
  return 0;
}

void remember(Overlay& state, const v1::SetParameter& action, const ActionContext& context) {
  auto record = history(state, action.name());
  record.set_name(action.name());
  if (record.changes_size() >= kHistoryMax) {
    record.mutable_changes()->erase(record.changes().begin());
  }
  v1::ParameterChange& change = *record.add_changes();
  change.set_before(action.from());
  change.set_after(action.to());
  change.set_at_ms(context.now_ms());
  change.set_height(context.block.height.value());
  change.set_proposal(context.proposal);
  state::put(state, history_key(action.name()), record);
}

Outcome check_removal(const v1::Track& track, const TrackUse& use) {
  if (std::ranges::find(kEntrenched, track.code()) != std::end(kEntrenched)) {
    return refuse(Error::Entrenched);
  }
  if (std::ranges::find(kLeastTracks, track.code()) != std::end(kLeastTracks)) {
    return refuse(Error::ConstraintBroken);
  }
  if (use.leads_open) return refuse(Error::TrackInUse);
  return {};
}

// The shape of a track that is to be, and its place among the others.
Outcome check_track(const v1::Track& track, const Overlay& state) {
  if (is_retired(state, track.id())) return refuse(Error::TrackIdUsed);
  const auto of_code = find_track(state, track.code());
  if (of_code && of_code->id() != track.id()) return refuse(Error::CodeInUse);
  for (const v1::TrackChamber& row : track.chambers()) {
    if (!find_chamber(state, row.chamber())) return refuse(Error::ChamberUnknown);
  }
  const v1::GenesisClass genesis_class = dao::genesis_class(state);
  const std::uint32_t patients = patients_chamber(state);
  if (entrenched_flaw(track, genesis_class, patients)) return refuse(Error::Entrenched);
  if (track_flaw(track, genesis_class, patients)) return refuse(Error::OutOfBounds);
  return {};
}

void replace(std::vector<v1::Track>& tracks, const v1::Track& track) {
  const auto same = std::ranges::find(tracks, track.id(), &v1::Track::id);
  if (same != tracks.end()) {
    *same = track;
  } else {
    tracks.push_back(track);
  }
}

}  // namespace

Draft draft_of(const Overlay& state) {
  const auto size = [&state](Table table) {
    return static_cast<std::uint64_t>(
        state::find_or_default<v1::ValidatorSet>(state, Key{table}).validators_size());
  };
  return {.value = [&state](std::string_view name) { return value(state, name); },
          .tracks = tracks(state),
          .validators = size(Table::ValidatorSets),
          .pending_validators = size(Table::PendingSet),
          .sentinels = std::nullopt};
}

Outcome check_change(const v1::SetParameter& action, const Overlay& state) {
  const Rule* rule = find_rule(action.name());
  if (rule == nullptr) return refuse(Error::ParameterUnknown);
  Draft after = draft_of(state);
  const bool needs_more = action.name() == "governance.pause_needed" && action.to() > action.from();
  if (needs_more) after.sentinels = sentinels(state);
  after.value = [&state, &action](std::string_view name) {
    return name == action.name() ? action.to() : value(state, name);
  };
  return check_change(action, value(state, rule->name),
                      bounds_in(genesis_class(state), rule->unit, rule->bounds), after);
}

Outcome apply(const v1::SetParameter& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Dao) return refuse(Error::NotAuthorized);
  if (auto outcome = check_change(action, state); !outcome) return outcome;
  put_value(state, action.name(), action.to());
  remember(state, action, context);
  const auto place = static_cast<std::uint64_t>(find_rule(action.name()) - rules().data());
  emit(context.events, v1::EVENT_KIND_PARAMETER_SET, {},
       {{v1::EVENT_FIELD_PROPOSAL, context.proposal},
        {v1::EVENT_FIELD_PARAMETER, place},
        {v1::EVENT_FIELD_BEFORE, action.from()},
        {v1::EVENT_FIELD_VALUE, action.to()}});
  return {};
}

v1::ParameterHistory history(const Overlay& state, std::string_view name) {
  return state::find_or_default<v1::ParameterHistory>(state, history_key(name));
}

bool is_retired(const Overlay& state, std::uint32_t id) {
  return state.get(retired_key(id).str()).has_value();
}

Outcome check(const v1::SetTrack& action) {
  const std::uint32_t id = action.track().id();
  if (id == 0 || id > kTracksMax) return refuse(Error::TrackUnknown);
  return {};
}

Outcome check_change(const v1::SetTrack& action, const TrackUse& use, const Overlay& state) {
  const v1::Track& track = action.track();
  const auto present = find_track(state, track.id());
  // The code of a track stays: rules find their least tracks by it.
  if (present && present->code() != track.code()) return refuse(Error::TrackUnknown);
  if (action.remove()) {
    if (!present) return refuse(Error::TrackUnknown);
    return check_removal(*present, use);
  }
  if (auto outcome = check_track(track, state); !outcome) return outcome;
  const bool reranked = present && present->rank() != track.rank();
  if (reranked && use.leads_open) return refuse(Error::TrackInUse);
  Draft after = draft_of(state);
  replace(after.tracks, track);
  if (broken_constraint(after)) return refuse(Error::ConstraintBroken);
  return {};
}

Outcome apply(const v1::SetTrack& action, const TrackUse& use, ActionContext& context,
              Overlay& state) {
  if (context.authority != Authority::Dao) return refuse(Error::NotAuthorized);
  if (auto outcome = check_change(action, use, state); !outcome) return outcome;
  const std::uint32_t id = action.track().id();
  if (action.remove()) {
    v1::RetiredTrack retired;
    retired.set_id(id);
    retired.set_code(action.track().code());
    retired.set_removed_ms(context.now_ms());
    state::put(state, retired_key(id), retired);
    state::erase(state, track_key(id));
  } else {
    put_track(state, action.track());
  }
  emit(context.events, action.remove() ? v1::EVENT_KIND_TRACK_REMOVED : v1::EVENT_KIND_TRACK_SET,
       {}, {{v1::EVENT_FIELD_PROPOSAL, context.proposal}, {v1::EVENT_FIELD_TRACK, id}});
  return {};
}

}  // namespace salus::dao::constitution
