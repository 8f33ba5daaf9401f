// Owns: how the ground is laid.
#include "support/vectors/ground.h"

#include <algorithm>

#include "crypto/hash.h"
#include "dao/a_dao.h"
#include "dao/application.h"
#include "dao/constitution.h"
#include "dao/governance/ballots.h"
#include "dao/power/power.h"
#include "salus/v1/membership.pb.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::vectors {

namespace {

constexpr std::uint64_t kBase = dao::test::kGenesisMs;

// Its number in the proposals' options; 0 for a word.
std::uint32_t option_number(const std::string& choice) {
  const bool digits =
      !choice.empty() && choice.find_first_not_of("0123456789") == std::string::npos;
  return digits && choice.size() <= 4 ? static_cast<std::uint32_t>(std::stoul(choice)) : 0;
}

void set_option(v1::Tally& tally, std::uint32_t option, std::uint64_t value) {
  while (tally.options_size() < static_cast<int>(option)) tally.add_options(0);
  tally.set_options(static_cast<int>(option) - 1, value);
}

}  // namespace

Ground::Ground() {
  const auto document = dao::test::a_document();
  if (const auto made = dao::apply_genesis(document, dao::test::chain_id(), state_); !made) {
    throw Malformed("the ground's genesis: " + made.error().reason);
  }
  // Nobody but those whom the vector names has a say.
  std::vector<AccountId> members;
  const std::string table = state::Key{state::Table::Weights}.str();
  state_.scan(table, table, [&](std::string_view key, std::string_view) {
    members.push_back(*AccountId::from(key.substr(1)));
    return true;
  });
  for (const AccountId& member : members) {
    static_cast<void>(dao::power::set_weight(state_, member, 1, 0));
  }
  set_parameter("governance.outage_gap", kForever);
  set_parameter("governance.deposit_window", kForever);
  set_parameter("governance.delegation_term_max", kForever);
  set_parameter("governance.initial_bp", 0);
}

std::uint64_t Ground::at(std::uint64_t time) const { return kBase + time; }

std::uint64_t Ground::since(std::uint64_t stored_ms) const {
  return stored_ms < kBase ? 0 : stored_ms - kBase;
}

void Ground::move_to(std::uint64_t time) {
  if (time < now_) throw Malformed("time does not run backwards");
  now_ = time;
  height_ += 1;
}

dao::BlockContext Ground::block() const {
  ByteWriter parent;
  parent.u64(height_);
  return {.chain_id = dao::test::chain_id(),
          .height = Height{height_},
          .time = WallMs{at(now_)},
          .parent_digest = Digest{crypto::hash("salus.test.block", parent.out()).bytes},
          .proposer = ValidatorIndex{0}};
}

AccountId Ground::account(std::string_view name) {
  return AccountId{crypto::hash("salus.test.acct", as_bytes(name)).bytes};
}

void Ground::set_parameter(std::string_view name, std::uint64_t value) {
  dao::constitution::put_value(state_, name, value);
}

void Ground::set_track(v1::Track track) {
  track.set_id(kTrack);
  track.set_code("standard");
  track.set_rank(20);
  track.set_schemes(63);
  track.set_deposit(2);
  track.set_endorsers(200);
  track.set_max_open(64);
  dao::constitution::put_track(state_, track);
}

void Ground::set_chamber(std::uint32_t id, std::uint32_t min_members, bool opened) {
  if (id < 1 || id > 8) throw Malformed("a chamber id is 1 to 8");
  v1::Chamber chamber;
  chamber.set_id(id);
  chamber.set_code("chamber-" + std::to_string(id));
  chamber.set_rule(v1::CHAMBER_RULE_PERSON);
  chamber.set_min_members(min_members);
  chamber.set_opened(opened);
  state::put(state_, state::Key{state::Table::Chambers}.u8(static_cast<std::uint8_t>(id)), chamber);
}

std::string document_name(std::string error) {
  return error == "VotingNotOpen" ? "VotingClosed" : error;
}

std::string rule_name(v1::VerdictRule rule) {
  switch (rule) {
    case v1::VERDICT_RULE_CHAMBER_TOO_SMALL:
      return "ChamberTooSmall";
    case v1::VERDICT_RULE_ZERO_ELECTORATE:
      return "ZeroElectorate";
    case v1::VERDICT_RULE_APPROVAL:
      return "Approval";
    case v1::VERDICT_RULE_SUPPORT:
      return "Support";
    case v1::VERDICT_RULE_MIN_APPROVAL:
      return "MinApproval";
    case v1::VERDICT_RULE_RESERVED_VETO:
      return "ReservedVeto";
    case v1::VERDICT_RULE_GROUP_VETO:
      return "GroupVeto";
    case v1::VERDICT_RULE_OBJECTED:
      return "Objected";
    case v1::VERDICT_RULE_TIE:
      return "Tie";
    case v1::VERDICT_RULE_NONE_OF_ABOVE:
      return "NoneOfAbove";
    case v1::VERDICT_RULE_NONE_ACCEPTABLE:
      return "NoneAcceptable";
    default:
      return "";
  }
}

std::string state_name(v1::ProposalState state) {
  return v1::ProposalState_Name(state).substr(std::string_view{"PROPOSAL_STATE_"}.size());
}

v1::Scheme scheme_of(const Json& in) {
  constexpr std::string_view kNames[] = {"yes_no",   "optimistic", "choice",
                                         "approval", "quadratic",  "ranked"};
  const std::string name = in.value("scheme", "yes_no");
  const auto* const found = std::ranges::find(kNames, name);
  if (found == std::end(kNames)) throw Malformed("no scheme \"" + name + "\"");
  return static_cast<v1::Scheme>(found - std::begin(kNames) + 1);
}

v1::TrackChamber chamber_of(const Json& in) {
  const std::string mode = in.value("mode", "required");
  const std::string if_small = in.value("if_small", "fail");
  if (mode != "required" && mode != "advisory") throw Malformed("no mode \"" + mode + "\"");
  if (if_small != "fail" && if_small != "skip") throw Malformed("no if_small \"" + if_small + "\"");
  v1::TrackChamber chamber;
  chamber.set_chamber(small_or(in, "id", 0));
  chamber.set_mode(mode == "required" ? v1::CHAMBER_MODE_REQUIRED : v1::CHAMBER_MODE_ADVISORY);
  chamber.set_approval_bp(small_or(in, "approval", 0));
  chamber.set_support_bp(small_or(in, "support", 0));
  chamber.set_min_approval_bp(small_or(in, "min_approval", 0));
  chamber.set_objection_bp(small_or(in, "objection", 0));
  chamber.set_reserved_veto_bp(small_or(in, "reserved_veto", 0));
  chamber.set_if_small(if_small == "fail" ? v1::IF_SMALL_FAIL : v1::IF_SMALL_SKIP);
  return chamber;
}

v1::BallotPart part_of(const std::string& choice, std::uint64_t part) {
  v1::BallotPart out;
  // Anything above the limit is invalid alike.
  out.set_part(static_cast<std::uint32_t>(std::min<std::uint64_t>(part, 1'000'000)));
  if (const std::uint32_t option = option_number(choice); option != 0) {
    out.set_choice(v1::CHOICE_OPTION);
    out.set_option(option);
    return out;
  }
  std::string upper = "CHOICE_";
  for (const char letter : choice)
    upper += static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 32 : letter);
  v1::Choice known{};
  if (!v1::Choice_Parse(upper, &known)) throw Malformed("no choice \"" + choice + "\"");
  out.set_choice(known);
  return out;
}

void set_counters(const Json& counters, v1::Scheme scheme, std::uint64_t unit, v1::Tally& tally) {
  // Votes of a quadratic ballot are no power.
  const std::uint64_t of_votes = scheme == v1::SCHEME_QUADRATIC ? 1 : unit;
  for (const auto& [name, value] : counters.items()) {
    const std::uint64_t amount = number(value);
    if (const std::uint32_t option = option_number(name); option != 0) {
      if (option > 16) throw Malformed("at most 16 options");
      set_option(tally, option, amount * of_votes);
    } else if (name == "yes") {
      tally.set_yes(amount * unit);
    } else if (name == "no") {
      tally.set_no(amount * unit);
    } else if (name == "abstain") {
      tally.set_abstain(amount * unit);
    } else if (name == "veto") {
      tally.set_veto(amount * unit);
    } else if (name == "none") {
      tally.set_none(amount * of_votes);
    } else if (name == "cast") {
      tally.set_cast(amount * unit);
    } else if (name == "empty") {
      tally.set_empty(amount * unit);
    } else if (name == "voters") {
      tally.set_voters(static_cast<std::uint32_t>(amount));
    } else {
      throw Malformed("no counter \"" + name + "\"");
    }
  }
}

}  // namespace salus::vectors
