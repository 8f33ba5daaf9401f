// Owns: ballots of every scheme and delegations in one line, and a test DAO whose tracks know them
// all.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "dao/a_proposal.h"

namespace salus::dao::test {

// Delegates of one member, with their shares in percent.
using Targets = std::vector<std::pair<AccountId, std::uint32_t>>;

inline v1::Action delegate_to(const Targets& targets, std::uint64_t until_ms,
                              std::uint32_t track = 2) {
  v1::Action action;
  action.mutable_set_delegation()->set_track(track);
  action.mutable_set_delegation()->set_until_ms(until_ms);
  for (const auto& [to, share] : targets) {
    v1::DelegationTarget& target = *action.mutable_set_delegation()->add_targets();
    target.set_to(to.to_string());
    target.set_share(share);
  }
  return action;
}

inline v1::Action clear_delegation(std::uint32_t track = 2) {
  v1::Action action;
  action.mutable_clear_delegation()->set_track(track);
  return action;
}

inline v1::Action delegate_profile(bool open) {
  v1::Action action;
  action.mutable_set_delegate_profile()->set_open(open);
  action.mutable_set_delegate_profile()->set_statement_hash(std::string(32, 's'));
  return action;
}

// Options of the given frozen actions each.
inline v1::Action submit_options(v1::Scheme scheme,
                                 const std::vector<std::vector<v1::Action>>& options,
                                 std::uint32_t winners = 0,
                                 std::uint64_t deposit = kStandardDeposit) {
  v1::Action action = submit({}, deposit);
  v1::Submit& submit = *action.mutable_submit();
  submit.set_scheme(scheme);
  submit.set_winners(winners);
  submit.clear_options();
  for (const auto& frozen : options) {
    v1::ProposalOption& option = *submit.add_options();
    for (const v1::Action& one : frozen) *option.add_actions() = one;
  }
  return action;
}

inline v1::Action amend(std::uint64_t proposal, const std::vector<v1::Action>& frozen) {
  v1::Action action;
  v1::Amend& amend = *action.mutable_amend();
  amend.set_proposal(proposal);
  amend.set_scheme(v1::SCHEME_YES_NO);
  amend.set_text_hash(std::string(32, 't'));
  v1::ProposalOption& option = *amend.add_options();
  for (const v1::Action& one : frozen) *option.add_actions() = one;
  return action;
}

// Choice: an option, none of them (0), by one whole part.
inline v1::Action choose(std::uint64_t proposal, std::uint32_t option) {
  v1::Action action;
  action.mutable_vote()->set_proposal(proposal);
  v1::BallotPart& part = *action.mutable_vote()->add_parts();
  part.set_choice(option == 0 ? v1::CHOICE_NONE : v1::CHOICE_OPTION);
  part.set_option(option);
  part.set_part(1);
  return action;
}

inline v1::Action approve(std::uint64_t proposal, const std::vector<std::uint32_t>& options) {
  v1::Action action;
  action.mutable_vote()->set_proposal(proposal);
  for (const std::uint32_t option : options) action.mutable_vote()->add_options(option);
  return action;
}

using Credits = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
inline v1::Action give(std::uint64_t proposal, const Credits& votes) {
  v1::Action action;
  action.mutable_vote()->set_proposal(proposal);
  for (const auto& [option, count] : votes) {
    v1::OptionVotes& entry = *action.mutable_vote()->add_votes();
    entry.set_option(option);
    entry.set_votes(count);
  }
  return action;
}

// The document of a_document with every scheme and delegation on every track; on *standard* only
// the chambers of persons are required.
inline v1::GenesisDocument voting_document(const std::vector<Person>& people = everybody()) {
  v1::GenesisDocument document = a_document(people);
  for (v1::Track& track : *document.mutable_tracks()) {
    track.set_schemes(31);
    track.set_delegation(true);
    if (track.code() != "standard") continue;
    for (v1::TrackChamber& chamber : *track.mutable_chambers()) {
      if (chamber.chamber() == kInstitutions) chamber.set_mode(v1::CHAMBER_MODE_ADVISORY);
      chamber.set_objection_bp(1'000);
    }
  }
  return document;
}

// Patients p1 to pn, who decide alone on *standard*, and the operators.
inline std::vector<Person> patients(std::size_t count) {
  std::vector<Person> people;
  for (std::size_t i = 1; i <= count; ++i) {
    people.push_back({.name = "p" + std::to_string(i),
                      .roles = membership::bit(membership::Role::Patient),
                      .seats = 0,
                      .tokens = 1'000});
  }
  for (const char* name : {"olga", "omar", "otto", "oona"}) {
    people.push_back({.name = name, .roles = 0, .seats = 0, .tokens = 0});
  }
  return people;
}
inline v1::GenesisDocument a_chamber_of_patients(const std::vector<Person>& people) {
  v1::GenesisDocument document = voting_document(people);
  for (v1::Track& track : *document.mutable_tracks()) {
    if (track.code() != "standard") continue;
    track.mutable_chambers()->DeleteSubrange(1, track.chambers_size() - 1);
  }
  return document;
}

}  // namespace salus::dao::test
