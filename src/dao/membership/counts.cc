// Owns: how many members stand where and how many hold an office, kept with every change of one
// (G-4.11), so that nobody counts them by reading them all.
#include "base/assert.h"
#include "dao/membership/records.h"

namespace salus::dao::membership {

namespace {

constexpr int kStates = static_cast<int>(v1::MEMBER_STATE_EXPELLED);
constexpr int kOfficesMax = 3;

state::Key counts_key() { return state::Key(state::Table::MemberCounts); }

void move(google::protobuf::RepeatedField<std::uint64_t>& list, int index, int step) {
  SALUS_ASSERT(index >= 0 && index < list.size(), "a counter of members exists");
  const std::uint64_t before = list.Get(index);
  SALUS_ASSERT(step > 0 || before > 0, "a counter of members never falls below zero");
  list.Set(index, step > 0 ? before + 1 : before - 1);
}

}  // namespace

v1::MemberCounts counts(const state::Overlay& state) {
  auto record = state::find_or_default<v1::MemberCounts>(state, counts_key());
  while (record.by_state_size() < kStates) record.add_by_state(0);
  while (record.offices_size() < kOfficesMax) record.add_offices(0);
  return record;
}

std::uint64_t members_in(const state::Overlay& state, v1::MemberState member_state) {
  return counts(state).by_state(static_cast<int>(member_state) - 1);
}

std::uint64_t holders_of(const state::Overlay& state, Role office) {
  return counts(state).offices(static_cast<int>(office) - static_cast<int>(Role::Treasurer));
}

void count_member(state::Overlay& state, v1::MemberState before, v1::MemberState after) {
  if (before == after) return;
  auto record = counts(state);
  auto& list = *record.mutable_by_state();
  if (before != v1::MEMBER_STATE_UNSPECIFIED) move(list, static_cast<int>(before) - 1, -1);
  if (after != v1::MEMBER_STATE_UNSPECIFIED) move(list, static_cast<int>(after) - 1, +1);
  state::put(state, counts_key(), record);
}

void count_office(state::Overlay& state, std::uint32_t role, int step) {
  auto record = counts(state);
  const int index = static_cast<int>(role) - static_cast<int>(Role::Treasurer);
  move(*record.mutable_offices(), index, step);
  state::put(state, counts_key(), record);
}

void count_issuer(state::Overlay& state, int step) {
  auto record = counts(state);
  SALUS_ASSERT(step > 0 || record.issuers() > 0, "the counter of issuers never falls below zero");
  record.set_issuers(step > 0 ? record.issuers() + 1 : record.issuers() - 1);
  state::put(state, counts_key(), record);
}

}  // namespace salus::dao::membership
