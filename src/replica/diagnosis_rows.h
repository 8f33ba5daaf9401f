// Owns: the inner header of the diagnosis: its rows, a function each, and the words they share. A
// row that does not apply answers nothing. Whoever asks is diagnosis.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replica/diagnosis.h"

namespace salus::replica::rows {

using consensus::Mode;
using consensus::ObservingReason;
using consensus::ViewVotes;
using consensus::Waiting;
using ledger::CheckReason;
using Row = std::optional<Verdict>;

// diagnosis_standing.cc
Row diverged(const Situation& s);
Row safety_violated(const Situation& s);
Row not_voting(const Situation& s);
Row behind(const Situation& s);
Row healthy(const Situation& s);
Row idle(const Situation& s);
// diagnosis_view.cc
Row silent(const Situation& s);
Row no_leader(const Situation& s);
Row candidate_waits(const Situation& s);
Row split_ancestry(const Situation& s);
Row state_split(const Situation& s);
Row rejected(const Situation& s);
Row uncertified(const Situation& s);
// diagnosis_epoch.cc
Row epoch_dead(const Situation& s);
Row epoch_ending(const Situation& s);
Row change_held(const Situation& s);
// diagnosis_machine.cc
Row links(const Situation& s);
Row disk(const Situation& s);
Row slow_execution(const Situation& s);
Row clock(const Situation& s);
Row version(const Situation& s);

// diagnosis_words.cc
std::string text(std::uint64_t number);
std::string span(std::uint64_t ms);
std::string list(const std::vector<std::string>& names);
// How long ago, and how long yet; 0 if it is not.
std::uint64_t since(const Situation& s, MonoMs then);
std::uint64_t until(const Situation& s, MonoMs then);
const consensus::CoreStatus& core(const Situation& s);
std::string name_of(const Situation& s, ValidatorIndex index);
std::string view_text(const Situation& s);
// Null before anything was heard of the present view.
const ViewVotes* current_votes(const Situation& s);
bool has_voted(const Situation& s, ValidatorIndex index);
std::size_t voters(const Situation& s);
bool is_known_not_to_vote(const Situation& s, const Member& member);
bool is_at_work(const Situation& s);
bool has_candidate(const Situation& s);
// "linked to 1 of the 2 other validators that it takes; missing: ..." (diagnosis_machine.cc).
std::string links_sentence(const Situation& s);

}  // namespace salus::replica::rows
