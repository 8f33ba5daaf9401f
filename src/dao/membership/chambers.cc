// Owns: the chambers themselves. A chamber that a track names stays, one that members vote in keeps
// its rule and its place, and the patients' chamber is beyond any vote (G-6.4).
#include <algorithm>

#include "dao/codes.h"
#include "dao/constitution.h"
#include "dao/membership/records.h"
#include "dao/power/power.h"

namespace salus::dao::membership {

namespace {

constexpr std::string_view kPatients = "patients";

bool is_named_by_a_track(const state::Overlay& state, std::uint32_t chamber) {
  for (const v1::Track& track : constitution::tracks(state)) {
    const auto row = std::ranges::find(track.chambers(), chamber, &v1::TrackChamber::chamber);
    if (row != track.chambers().end()) return true;
  }
  return false;
}

// With members in it only what moves nobody may change: who is weighed how, and where, stays.
bool moves_members(const v1::Chamber& before, const v1::Chamber& after) {
  return before.rule() != after.rule() || before.precedence() != after.precedence() ||
         (before.roles() & ~after.roles()) != 0;
}

Outcome remove_chamber(const v1::Chamber& present, ActionContext& context, state::Overlay& state) {
  if (present.code() == kPatients) return refuse(Error::Entrenched);
  const bool has_members = power::total_now(state, present.id()).members > 0;
  if (has_members || is_named_by_a_track(state, present.id())) return refuse(Error::ChamberInUse);
  state::erase(state, chamber_key(present.id()));
  emit(context.events, v1::EVENT_KIND_CHAMBER_REMOVED, {},
       {{v1::EVENT_FIELD_CHAMBER, present.id()}});
  return {};
}

}  // namespace

// The shape of a definition, at genesis and by vote; the sentence of the first flaw.
std::optional<std::string> chamber_flaw(const v1::Chamber& chamber) {
  if (chamber.id() == 0 || chamber.id() > kChambersMax) return "its id is not 1 to 8";
  if (!is_code(chamber.code())) return "its code is not 1 to 32 of [a-z0-9-]";
  const bool rule =
      v1::ChamberRule_IsValid(chamber.rule()) && chamber.rule() != v1::CHAMBER_RULE_UNSPECIFIED;
  if (!rule) return "its rule is not PERSON, SEAT or STAKE";
  const bool admission = v1::Admission_IsValid(chamber.admission()) &&
                         chamber.admission() != v1::ADMISSION_UNSPECIFIED;
  if (!admission) return "its admission is not ATTEST, VOUCH or VOTE";
  if (chamber.roles() == 0 || (chamber.roles() & ~kApplicableRoles) != 0) {
    return "its roles are not of patient, clinician, researcher, institution";
  }
  // Seats are the DAO's to give, so only its vote can fill a chamber of seats.
  if (chamber.rule() == v1::CHAMBER_RULE_SEAT && chamber.admission() != v1::ADMISSION_VOTE) {
    return "a chamber of rule SEAT admits by VOTE";
  }
  if (chamber.min_members() == 0) return "min_members is at least 1";
  if (chamber.opened()) return "opened must be left false";
  return std::nullopt;
}

Outcome check(const v1::SetChamber& action) {
  const std::uint32_t id = action.chamber().id();
  if (id == 0 || id > kChambersMax) return refuse(Error::ChamberUnknown);
  if (action.remove()) return {};
  if (chamber_flaw(action.chamber())) return refuse(Error::OutOfBounds);
  return {};
}

Outcome apply(const v1::SetChamber& action, ActionContext& context, state::Overlay& state) {
  const auto present = find_chamber(state, action.chamber().id());
  if (action.remove()) {
    if (!present || present->code() != action.chamber().code()) {
      return refuse(Error::ChamberUnknown);
    }
    return remove_chamber(*present, context, state);
  }
  v1::Chamber chamber = action.chamber();
  for (const v1::Chamber& other : chambers(state)) {
    if (other.id() == chamber.id()) continue;
    const bool taken = other.code() == chamber.code() || other.precedence() == chamber.precedence();
    if (taken) return refuse(Error::ChamberInUse);
  }
  if (present) {
    // The patients' chamber keeps its name, its rule and its members' role (G-6.4).
    const bool patients = present->code() == kPatients;
    if (patients && (chamber.code() != kPatients || moves_members(*present, chamber))) {
      return refuse(Error::Entrenched);
    }
    const bool has_members = power::total_now(state, chamber.id()).members > 0;
    if (has_members && moves_members(*present, chamber)) return refuse(Error::ChamberInUse);
    // Once open, always open (G-6.8).
    chamber.set_opened(present->opened());
  }
  state::put(state, chamber_key(chamber.id()), chamber);
  open_if_reached(state, chamber.id(), {context.now_ms(), context.events});
  emit(context.events, v1::EVENT_KIND_CHAMBER_SET, {}, {{v1::EVENT_FIELD_CHAMBER, chamber.id()}});
  return {};
}

void put_chamber_at_genesis(state::Overlay& state, const v1::Chamber& chamber) {
  state::put(state, chamber_key(chamber.id()), chamber);
}

}  // namespace salus::dao::membership
