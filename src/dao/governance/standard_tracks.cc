// Owns: the two tables of section 6, transcribed.
#include "dao/governance/standard_tracks.h"

#include <string>
#include <string_view>

#include "dao/membership/membership.h"

namespace salus::dao::governance {

namespace {

constexpr std::uint64_t kHour = 3'600'000;
constexpr std::uint64_t kDay = 24 * kHour;
constexpr std::uint64_t kWindow = 30 * kDay;
// Deposits and caps of the table are whole native tokens of six decimals.
constexpr std::uint64_t kToken = 1'000'000;
constexpr std::uint32_t bit(v1::Scheme scheme) { return 1U << (scheme - 1); }
constexpr std::uint32_t kYesNo = bit(v1::SCHEME_YES_NO);
constexpr std::uint32_t kRoutine = kYesNo | bit(v1::SCHEME_OPTIMISTIC);
constexpr std::uint32_t kEveryButOptimistic =
    kYesNo | bit(v1::SCHEME_CHOICE) | bit(v1::SCHEME_APPROVAL) | bit(v1::SCHEME_QUADRATIC);

struct Seat {
  std::uint32_t approval = 0;  // 0 = advisory
  std::uint32_t support = 0;
  std::uint32_t min_approval = 0;
  std::uint32_t objection = 0;
  std::uint32_t reserved_veto = 0;
};

struct Row {
  std::uint32_t id;
  std::string_view code;
  std::uint32_t rank;
  std::uint64_t notice, voting, extension, confirmation, objection;
  std::uint64_t timelock_min, timelock_max, grace;
  std::uint64_t deposit;
  std::uint32_t endorsers, max_open;
  std::uint64_t cap, window_cap;
  bool group_veto;
  Seat patients, clinicians, researchers, institutions;
};

// clang-format off
constexpr Row kRows[] = {
    {1, "routine", 10, 24 * kHour, 5 * kDay, 0, 0, 0, 24 * kHour, 24 * kHour, 14 * kDay, 50, 3, 32, 2'000, 10'000, false,
     {5000, 0, 10, 100}, {5000, 0, 10, 300}, {5000, 0, 10, 300}, {5000, 0, 10, 1500}},
    {2, "standard", 20, 48 * kHour, 7 * kDay, 48 * kHour, 24 * kHour, 0, 48 * kHour, 4 * kDay, 14 * kDay, 200, 10, 32, 0, 0, true,
     {5000, 300, 200}, {5000, 500, 300}, {5000, 500, 300}, {5000, 3000, 2000}},
    {3, "spend", 30, 48 * kHour, 7 * kDay, 48 * kHour, 24 * kHour, 24 * kHour, 48 * kHour, 7 * kDay, 14 * kDay, 200, 10, 32, 50'000, 200'000, true,
     {5000, 300, 200}, {}, {}, {5000, 4000, 2500}},
    {4, "large", 50, 72 * kHour, 14 * kDay, 72 * kHour, 48 * kHour, 72 * kHour, 7 * kDay, 21 * kDay, 14 * kDay, 1'000, 25, 16, 1'000'000, 2'000'000, true,
     {5500, 500, 400}, {5500, 800, 500}, {5500, 800, 500}, {6000, 5000, 4000}},
    {5, "people", 60, 14 * kDay, 14 * kDay, 72 * kHour, 48 * kHour, 72 * kHour, 72 * kHour, 7 * kDay, 14 * kDay, 500, 15, 32, 0, 0, true,
     {6000, 300, 200}, {6000, 500, 300}, {6000, 500, 300}, {6000, 5000, 4000}},
    {6, "network", 40, 48 * kHour, 7 * kDay, 48 * kHour, 24 * kHour, 24 * kHour, 48 * kHour, 7 * kDay, 14 * kDay, 500, 3, 16, 0, 0, false,
     {}, {}, {}, {6000, 6000, 5000}},
    {7, "consent", 70, 7 * kDay, 21 * kDay, 72 * kHour, 72 * kHour, 7 * kDay, 14 * kDay, 30 * kDay, 30 * kDay, 1'000, 25, 16, 0, 0, true,
     {6000, 500, 400, 0, 2500}, {5500, 500, 300}, {5500, 500, 300}, {6000, 5000, 4000}},
    {8, "constitution", 80, 7 * kDay, 21 * kDay, 72 * kHour, 72 * kHour, 7 * kDay, 14 * kDay, 45 * kDay, 30 * kDay, 2'000, 40, 8, 0, 0, true,
     {6667, 800, 600, 0, 3334}, {6000, 1000, 600}, {6000, 1000, 600}, {6667, 6000, 5000}},
    {9, "urgent", 90, kHour, 24 * kHour, 6 * kHour, 2 * kHour, 0, 2 * kHour, 12 * kHour, 7 * kDay, 1'000, 3, 8, 0, 0, false,
     {}, {}, {}, {7500, 6000, 6000}},
};
// clang-format on

void add_seat(v1::Track& track, std::uint32_t chamber, const Seat& seat, bool fails_when_small) {
  v1::TrackChamber* row = track.add_chambers();
  const bool required = seat.approval > 0;
  row->set_chamber(chamber);
  row->set_mode(required ? v1::CHAMBER_MODE_REQUIRED : v1::CHAMBER_MODE_ADVISORY);
  row->set_if_small(required && fails_when_small ? v1::IF_SMALL_FAIL : v1::IF_SMALL_SKIP);
  row->set_approval_bp(seat.approval);
  row->set_support_bp(seat.support);
  row->set_min_approval_bp(seat.min_approval);
  row->set_objection_bp(seat.objection);
  row->set_reserved_veto_bp(seat.reserved_veto);
}

std::uint32_t schemes_of(std::string_view code) {
  if (code == "routine") return kRoutine;
  const bool every = code == "standard" || code == "spend" || code == "large";
  return every ? kEveryButOptimistic : kYesNo;
}

v1::Track track_of(const Row& row) {
  v1::Track track;
  track.set_id(row.id);
  track.set_code(std::string{row.code});
  track.set_rank(row.rank);
  track.set_schemes(schemes_of(row.code));
  track.set_delegation(true);
  if (row.code == "urgent") {
    track.set_propose_roles(membership::bit(membership::Role::Operator) |
                            membership::bit(membership::Role::Sentinel) |
                            membership::bit(membership::Role::Institution));
  }
  track.set_notice_ms(row.notice);
  track.set_voting_ms(row.voting);
  track.set_extension_ms(row.extension);
  track.set_confirmation_ms(row.confirmation);
  track.set_objection_ms(row.objection);
  track.set_timelock_min_ms(row.timelock_min);
  track.set_timelock_max_ms(row.timelock_max);
  track.set_grace_ms(row.grace);
  track.set_deposit(row.deposit * kToken);
  track.set_endorsers(row.endorsers);
  track.set_max_open(row.max_open);
  track.set_group_veto(row.group_veto);
  if (row.cap > 0) {
    v1::SpendCap* cap = track.add_spend_caps();
    cap->set_per_proposal(row.cap * kToken);
    cap->set_per_window(row.window_cap * kToken);
    track.set_window_ms(kWindow);
  }
  add_seat(track, 1, row.patients, true);
  add_seat(track, 2, row.clinicians, false);
  add_seat(track, 3, row.researchers, false);
  add_seat(track, 4, row.institutions, true);
  return track;
}

}  // namespace

std::vector<v1::Track> standard_tracks() {
  std::vector<v1::Track> tracks;
  for (const Row& row : kRows) tracks.push_back(track_of(row));
  return tracks;
}

}  // namespace salus::dao::governance
