// Owns: the making of that document.
#include "support/lives/genesis.h"

#include <algorithm>

#include "dao/membership/membership.h"

namespace salus::dao::lives {

namespace {

using membership::bit;
using membership::Role;
using test::kSecond;
using test::kToken;

void set(v1::GenesisDocument& document, std::string_view name, std::uint64_t value) {
  auto& parameters = *document.mutable_parameters();
  const auto known = std::ranges::find(parameters, name, &v1::Parameter::name);
  v1::Parameter& parameter = known == parameters.end() ? *parameters.Add() : *known;
  parameter.set_name(std::string{name});
  parameter.set_value(value);
}

void set_parameters(v1::GenesisDocument& document) {
  set(document, "accounts.open_per_day", 20);
  set(document, "accounts.recovery_delay_min", 1 * kSecond);
  set(document, "accounts.recovery_cooldown", 20 * kSecond);
  set(document, "assets.unlock_delay", 20 * kSecond);
  set(document, "membership.probation", 10 * kSecond);
  set(document, "governance.resubmit_bar", 30 * kSecond);
  set(document, "governance.outage_gap", 60 * kSecond);
  set(document, "governance.max_open_per_member", 4);
  set(document, "governance.deposit_window", 20 * kSecond);
  set(document, "governance.stance_retention", 60 * kSecond);
  set(document, "treasury.acceptance_window", 200 * kSecond);
  set(document, "consensus.epoch_blocks_min", 3);
  set(document, "consensus.ready_window", 40);
  set(document, "validators.ready_bp", 6'667);
  set(document, "validators.upgrade_notice", 5);
  set(document, "validators.upgrade_window", 60);
}

v1::Track& track_of(v1::GenesisDocument& document, std::string_view code) {
  return *std::ranges::find(*document.mutable_tracks(), code, &v1::Track::code);
}

void hurry(v1::Track& track) {
  track.set_notice_ms(3 * kSecond);
  track.set_voting_ms(35 * kSecond);
  track.set_extension_ms(5 * kSecond);
  track.set_confirmation_ms(3 * kSecond);
  track.set_objection_ms(track.id() % 2 == 0 ? 5 * kSecond : 0);
  track.set_timelock_min_ms(3 * kSecond);
  track.set_timelock_max_ms(6 * kSecond);
  track.set_grace_ms(40 * kSecond);
  track.set_max_open(16);
}

// The tracks of a_dao.h and the ones that it does without.
void set_tracks(v1::GenesisDocument& document, bool stakes) {
  v1::Track routine = track_of(document, "standard");
  routine.set_id(1);
  routine.set_code("routine");
  routine.set_rank(10);
  v1::SpendCap& cap = *routine.add_spend_caps();
  cap.set_per_proposal(500 * kToken);
  cap.set_per_window(5'000 * kToken);
  v1::Track consent = track_of(document, "constitution");
  consent.set_id(7);
  consent.set_code("consent");
  consent.set_rank(70);
  v1::Track urgent = track_of(document, "network");
  urgent.set_id(9);
  urgent.set_code("urgent");
  urgent.set_rank(90);
  auto& tracks = *document.mutable_tracks();
  *tracks.Add() = routine;
  *tracks.Add() = consent;
  *tracks.Add() = urgent;
  std::ranges::sort(tracks, {}, [](const v1::Track& track) { return track.id(); });
  for (v1::Track& track : tracks) {
    hurry(track);
    track.set_schemes(track.code() == "urgent" ? 1 : 31);
    track.set_delegation(track.code() != "people");
    for (v1::TrackChamber& chamber : *track.mutable_chambers()) {
      chamber.set_objection_bp(3'000);
      const bool seats = chamber.chamber() == test::kInstitutions;
      const bool weighed = seats || (stakes && chamber.chamber() == test::kResearchers);
      // Quadratic ballots are for chambers of persons.
      const bool lenient = track.code() == "standard" || track.code() == "routine";
      if (lenient && weighed) chamber.set_mode(v1::CHAMBER_MODE_ADVISORY);
      if (track.code() == "urgent") {
        chamber.set_mode(seats ? v1::CHAMBER_MODE_REQUIRED : v1::CHAMBER_MODE_ADVISORY);
        chamber.set_approval_bp(7'000);
      }
    }
  }
  v1::Track& hasty = track_of(document, "urgent");
  hasty.set_notice_ms(2 * kSecond);
  hasty.set_voting_ms(18 * kSecond);
  hasty.set_timelock_min_ms(2 * kSecond);
  hasty.set_timelock_max_ms(3 * kSecond);
}

struct Holder {
  const char* name;
  Role role;
};
constexpr Holder kHolders[] = {
    {"mira", Role::Sentinel},  {"noor", Role::Sentinel},  {"pavel", Role::Sentinel},
    {"chen", Role::Treasurer}, {"hope", Role::Treasurer}, {"anne", Role::Treasurer},
    {"ada", Role::Operator},   {"kofi", Role::Operator},  {"diaz", Role::Operator},
    {"priya", Role::Operator},
};

}  // namespace

std::vector<test::Person> everybody() {
  std::vector<test::Person> people = test::everybody();
  people.push_back({"priya", bit(Role::Patient), 0, 0});
  people.push_back({"petra", bit(Role::Patient), 0, 0});
  people.push_back({"cleo", bit(Role::Clinician), 0, 0});
  people.push_back({"rhea", bit(Role::Researcher), 0, 0});
  people.push_back({"ines", bit(Role::Institution), 1, 0});
  for (const char* outsider : {"nina", "nils", "nuria", "nash"}) {
    people.push_back({outsider, 0, 0, 0});
  }
  for (test::Person& person : people) person.tokens = 50'000;
  return people;
}

v1::GenesisDocument a_document(const std::vector<test::Person>& people, bool stakes) {
  v1::GenesisDocument document = test::a_document(people);
  set_parameters(document);
  set_tracks(document, stakes);
  if (stakes) {
    document.mutable_chambers(test::kResearchers - 1)->set_rule(v1::CHAMBER_RULE_STAKE);
  }
  for (const Holder& holder : kHolders) {
    const auto at = std::ranges::find(people, holder.name, &test::Person::name);
    v1::GenesisOffice& office = *document.add_offices();
    office.set_account(static_cast<std::uint32_t>(at - people.begin()));
    office.set_role(static_cast<std::uint32_t>(holder.role));
    office.set_until_ms(test::kGenesisMs + 300 * membership::kDayMs);
  }
  return document;
}

}  // namespace salus::dao::lives
