// Owns: the words and counts that several rows share.
#include <algorithm>

#include "replica/diagnosis_rows.h"

namespace salus::replica::rows {

std::string text(std::uint64_t number) { return std::to_string(number); }

std::string span(std::uint64_t ms) {
  if (ms < 1'000) return text(ms) + " ms";
  if (ms < 600'000) return text(ms / 1'000) + " s";
  return text(ms / 60'000) + " min";
}

std::string list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::uint64_t since(const Situation& s, MonoMs then) {
  return s.now > then ? s.now.value() - then.value() : 0;
}

std::uint64_t until(const Situation& s, MonoMs then) {
  return then > s.now ? then.value() - s.now.value() : 0;
}

const consensus::CoreStatus& core(const Situation& s) { return s.status.consensus; }

std::string name_of(const Situation& s, ValidatorIndex index) {
  return index.value() < s.members.size() ? s.members[index.value()].name
                                          : "validator " + text(index.value());
}

std::string view_text(const Situation& s) { return "view " + text(core(s).view.value()); }

const ViewVotes* current_votes(const Situation& s) {
  const auto& views = core(s).views;
  return !views.empty() && views.back().view == core(s).view ? &views.back() : nullptr;
}

bool has_voted(const Situation& s, ValidatorIndex index) {
  // A vote of a later view tells as much.
  if (index.value() < core(s).seen.size() && core(s).seen[index.value()] > core(s).view) {
    return true;
  }
  const ViewVotes* const votes = current_votes(s);
  if (votes == nullptr) return false;
  for (const auto* voters :
       {&votes->notarize, &votes->nullify, &votes->finalize, &votes->notarize_certified,
        &votes->nullify_certified, &votes->finalize_certified}) {
    if (std::ranges::find(*voters, index) != voters->end()) return true;
  }
  return false;
}

std::size_t voters(const Situation& s) {
  std::size_t count = 0;
  for (std::uint16_t i = 0; i < s.members.size(); ++i) count += has_voted(s, ValidatorIndex{i});
  return count;
}

bool is_known_not_to_vote(const Situation& s, const Member& member) {
  if (member.own) return core(s).mode != Mode::Voting;
  return member.said && member.said->epoch == core(s).epoch && !member.said->votes;
}

// Its bytes come from its leader; `ready`, or for an observer votes, say that the view is at work.
bool is_at_work(const Situation& s) { return core(s).ready.has_value() || voters(s) > 0; }

bool has_candidate(const Situation& s) {
  const ViewVotes* const votes = current_votes(s);
  return votes != nullptr && votes->candidate.has_value();
}

}  // namespace salus::replica::rows
