// Owns: reading and printing ballots.
#include "apps/salus/ballot_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace salus::cli {

namespace {

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// `what` and, behind `=`, how much; absent = 1.
struct Word {
  std::string_view what;
  std::optional<std::uint32_t> much;
};

std::optional<Word> word_of(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return Word{.what = text, .much = 1};
  const auto much = number_of(text.substr(equals + 1));
  if (!much) return std::nullopt;
  return Word{.what = text.substr(0, equals), .much = much};
}

// A choice of the scheme; UNSPECIFIED for none.
v1::BallotPart part_of(v1::Scheme scheme, std::string_view what) {
  v1::BallotPart part;
  const bool options = scheme == v1::SCHEME_CHOICE;
  if (what == "abstain") {
    part.set_choice(v1::CHOICE_ABSTAIN);
  } else if (options && what == "none") {
    part.set_choice(v1::CHOICE_NONE);
  } else if (options && number_of(what).value_or(0) > 0) {
    part.set_choice(v1::CHOICE_OPTION);
    part.set_option(*number_of(what));
  } else if (!options && what == "yes") {
    part.set_choice(v1::CHOICE_YES);
  } else if (!options && what == "no") {
    part.set_choice(v1::CHOICE_NO);
  } else if (!options && what == "veto") {
    part.set_choice(v1::CHOICE_VETO);
  }
  return part;
}

std::optional<std::string> fill_parts(v1::Scheme scheme, const std::vector<std::string>& words,
                                      v1::Vote& vote) {
  const bool options = scheme == v1::SCHEME_CHOICE;
  for (const std::string& text : words) {
    const auto word = word_of(text);
    if (!word) {
      return fmt::format("'{}' is not CHOICE=PART, for example {}.", text,
                         options ? "1=60" : "yes=60");
    }
    v1::BallotPart part = part_of(scheme, word->what);
    if (part.choice() == v1::CHOICE_UNSPECIFIED) {
      return fmt::format(
          "'{}' is no choice here: {}.", word->what,
          options ? "the number of an option, none or abstain" : "yes, no, abstain or veto");
    }
    part.set_part(*word->much);
    *vote.add_parts() = part;
  }
  return std::nullopt;
}

std::optional<std::string> fill_set(const std::vector<std::string>& words, v1::Vote& vote) {
  if (words.size() == 1 && words.front() == "none") return std::nullopt;
  for (const std::string& text : words) {
    const auto option = number_of(text);
    if (!option || *option == 0) {
      return fmt::format("'{}' is no choice here: numbers of options, or none.", text);
    }
    vote.add_options(*option);
  }
  std::sort(vote.mutable_options()->begin(), vote.mutable_options()->end());
  return std::nullopt;
}

std::optional<std::string> fill_votes(const std::vector<std::string>& words, v1::Vote& vote) {
  for (const std::string& text : words) {
    const auto word = word_of(text);
    const bool none = word && word->what == "none";
    const std::uint32_t option = word ? number_of(word->what).value_or(0) : 0;
    if (!word || (!none && option == 0)) {
      return fmt::format("'{}' is no choice here: OPTION=VOTES such as 1=5, or none=1.", text);
    }
    v1::OptionVotes& votes = *vote.add_votes();
    votes.set_option(option);
    votes.set_votes(*word->much);
  }
  std::ranges::sort(*vote.mutable_votes(), {}, &v1::OptionVotes::option);
  return std::nullopt;
}

std::string print_part(const v1::BallotPart& part, bool split) {
  std::string what;
  // Generated sentinels cannot be in a stored ballot.
  switch (part.choice()) {
    case v1::CHOICE_YES:
      what = "yes";
      break;
    case v1::CHOICE_NO:
      what = "no";
      break;
    case v1::CHOICE_ABSTAIN:
      what = "abstain";
      break;
    case v1::CHOICE_VETO:
      what = "veto";
      break;
    case v1::CHOICE_NONE:
      what = "none";
      break;
    default:
      what = std::to_string(part.option());
  }
  return split ? fmt::format("{}={}", what, part.part()) : what;
}

}  // namespace

std::optional<std::string> fill_ballot(v1::Scheme scheme, const std::vector<std::string>& words,
                                       v1::Vote& vote) {
  switch (scheme) {
    case v1::SCHEME_APPROVAL:
      return fill_set(words, vote);
    case v1::SCHEME_QUADRATIC:
      return fill_votes(words, vote);
    default:
      return fill_parts(scheme, words, vote);
  }
}

std::string print_ballot(v1::Scheme scheme, const v1::Stance& stance) {
  if (!stance.cast()) return "-";
  std::string out;
  const auto add = [&](const std::string& text) { out += (out.empty() ? "" : " ") + text; };
  switch (scheme) {
    case v1::SCHEME_APPROVAL:
      for (const std::uint32_t option : stance.options()) add(std::to_string(option));
      return out.empty() ? "none" : out;
    case v1::SCHEME_QUADRATIC:
      for (const v1::OptionVotes& votes : stance.votes()) {
        add(fmt::format("{}={}", votes.option() == 0 ? "none" : std::to_string(votes.option()),
                        votes.votes()));
      }
      return out;
    default:
      for (const v1::BallotPart& part : stance.parts()) {
        add(print_part(part, stance.parts_size() > 1));
      }
      return out;
  }
}

bool counts(const v1::Vote& vote, std::uint64_t time_ms, const v1::Stance& stance) {
  v1::Vote recorded;
  recorded.set_proposal(vote.proposal());
  *recorded.mutable_parts() = stance.parts();
  *recorded.mutable_options() = stance.options();
  *recorded.mutable_votes() = stance.votes();
  recorded.set_reason_hash(stance.reason_hash());
  return stance.cast() && stance.at_ms() == time_ms &&
         recorded.SerializeAsString() == vote.SerializeAsString();
}

}  // namespace salus::cli
