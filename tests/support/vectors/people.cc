// Owns: the runners of member, pause, params (sections 4, 6 and 11).
#include <algorithm>
#include <map>

#include "dao/a_dao.h"
#include "dao/constitution.h"
#include "dao/membership/records.h"
#include "dao/pauses/pauses.h"
#include "dao/power/power.h"
#include "support/vectors/runner.h"

namespace salus::vectors {

namespace {

using dao::test::Dao;
using dao::test::kSecond;

constexpr std::uint64_t kLongMs = 300 * 86'400'000ULL;

struct RoleRow {
  std::string_view name;
  dao::membership::Role role;
  v1::CredentialKind kind;  // UNSPECIFIED for the patient, who is attested
};
constexpr RoleRow kRoles[] = {
    {"patient", dao::membership::Role::Patient, v1::CREDENTIAL_KIND_UNSPECIFIED},
    {"clinician", dao::membership::Role::Clinician, v1::CREDENTIAL_KIND_CLINICIAN},
    {"researcher", dao::membership::Role::Researcher, v1::CREDENTIAL_KIND_RESEARCHER},
    {"institution", dao::membership::Role::Institution, v1::CREDENTIAL_KIND_INSTITUTION}};

const RoleRow& role_of(const Json& name) {
  const auto* row = std::ranges::find(kRoles, name.get<std::string>(), &RoleRow::name);
  if (row == std::end(kRoles)) throw Malformed("no role " + name.dump());
  return *row;
}

std::uint32_t role_bits(const Json& names) {
  std::uint32_t bits = 0;
  for (const Json& name : names) bits |= dao::membership::bit(role_of(name).role);
  return bits;
}

void set_parameter(v1::GenesisDocument& document, std::string_view name, std::uint64_t value) {
  for (v1::Parameter& given : *document.mutable_parameters()) {
    if (given.name() != name) continue;
    given.set_value(value);
    return;
  }
  v1::Parameter& parameter = *document.add_parameters();
  parameter.set_name(std::string{name});
  parameter.set_value(value);
}

// One member called `who`, whose times are taken as seconds.
class Subject {
 public:
  explicit Subject(const Json& in) : roles_(in.at("roles")), dao_(document_of(in), people_of(in)) {
    if (in.value("state", "ACTIVE") != "APPLIED") return;
    dao_.apply(kWho, dao::test::ask_admission(kWho, role_bits(roles_)));
  }

  Json run(const Json& op) {
    const std::uint64_t at = dao::test::kGenesisMs + number(op.at(0)) * kSecond;
    if (at > dao_.now_ms()) dao_.pass_ms(at - dao_.now_ms());
    apply(op);
    const v1::Member member = dao_.member(kWho);
    std::string state = v1::MemberState_Name(member.state());
    state.erase(0, std::string_view{"MEMBER_STATE_"}.size());
    const auto weight = dao::power::weight_now(dao_.state(), dao_.account(kWho)).units;
    return Json::array({state, member.chamber(), weight});
  }

 private:
  static constexpr std::string_view kWho = "who";

  static std::vector<dao::test::Person> people_of(const Json& in) {
    std::vector<dao::test::Person> people = dao::test::everybody();
    const bool applies = in.value("state", "ACTIVE") == "APPLIED";
    people.push_back({.name = std::string{kWho},
                      .roles = applies ? 0 : role_bits(in.at("roles")),
                      .seats = small_or(in, "seats", 0),
                      .tokens = 0});
    return people;
  }
  static v1::GenesisDocument document_of(const Json& in) {
    v1::GenesisDocument document = dao::test::a_document(people_of(in));
    set_parameter(document, "membership.probation", number(in.at("probation")) * kSecond);
    return document;
  }

  void apply(const Json& op) {
    const auto what = op.at(1).get<std::string>();
    const AccountId who = dao_.account(kWho);
    if (what == "admit") {
      for (const Json& role : roles_) grant(role);
      if (dao::membership::find_application(dao_.state(), who)) {
        dao_.apply_as_dao(dao::test::admit(who));
      }
    } else if (what == "grant") {
      grant(op.at(2));
    } else if (what == "revoke") {
      revoke(op.at(2));
    } else if (what == "suspend") {
      dao_.apply_as_dao(
          dao::test::suspend(who, dao::test::kGenesisMs + number(op.at(2)) * kSecond));
    } else if (what == "exit") {
      dao_.apply(kWho, dao::test::exit_dao());
    } else if (what != "look") {
      throw Malformed("no op " + what + " of a member");
    }
  }

  void grant(const Json& name) {
    const RoleRow& row = role_of(name);
    const AccountId who = dao_.account(kWho);
    if (row.kind == v1::CREDENTIAL_KIND_UNSPECIFIED) {
      dao_.apply("registry", dao::test::attest(who, dao::membership::bit(row.role)));
    } else {
      dao_.apply("registry", dao::test::issue(who, row.kind, dao_.now_ms() + kLongMs));
    }
  }

  void revoke(const Json& name) {
    const RoleRow& row = role_of(name);
    const AccountId who = dao_.account(kWho);
    if (row.kind == v1::CREDENTIAL_KIND_UNSPECIFIED) {
      // No action ends what was attested at admission; the weighing is the same.
      v1::Member member = dao_.member(kWho);
      member.set_patient(false);
      std::vector<v1::Event> unheard;
      dao::membership::reweigh(dao_.state(), member, {dao_.now_ms(), unheard});
      return;
    }
    for (const std::uint64_t id : dao::membership::credentials_of(dao_.state(), who, row.kind)) {
      dao_.apply_as_dao(dao::test::revoke(id));
    }
  }

  Json roles_;
  Dao dao_;
};

std::optional<Json> run_member(const Json& in) {
  Subject subject{in};
  Json results = Json::array();
  for (const Json& op : in.at("ops")) results.push_back(subject.run(op));
  return Json{{"results", results}};
}

// An action's number in Action.kind by the name of its message; `T0`, `T1`, ... are the pausable
// ones in their order.
std::uint32_t type_of(const std::string& name) {
  const auto* action = v1::Action::descriptor();
  const bool any = name.size() > 1 && name[0] == 'T' && name[1] >= '0' && name[1] <= '9';
  std::uint64_t skip = any ? std::stoull(name.substr(1)) : 0;
  for (int i = 0; i < action->field_count(); ++i) {
    const auto* field = action->field(i);
    const auto number = static_cast<std::uint32_t>(field->number());
    if (!any && field->message_type()->name() == name) return number;
    if (!any || !dao::pauses::is_pausable(number)) continue;
    if (skip == 0) return number;
    --skip;
  }
  throw Malformed("no action " + name);
}

// Sentinels of a network whose hours are the vectors' unit of time.
class Watch {
 public:
  explicit Watch(const Json& in) : dao_(document_of(in), people_of(in)) {
    for (const Json& name : in.at("never")) {
      const dao::pauses::Type type = type_of(name);
      if (dao::pauses::is_pausable(type)) throw Malformed(name.dump() + " can be paused here");
    }
  }

  Json run(const Json& op) {
    const std::uint64_t at = dao::test::kGenesisMs + number(op.at(0)) * kHourMs;
    if (at > dao_.now_ms()) dao_.pass_ms(at - dao_.now_ms());
    const auto what = op.at(1).get<std::string>();
    if (what == "pause") return pause(op);
    if (what == "do") return act(op.at(2));
    if (what == "renew") return said(renewal());
    if (what == "end") return said(end(op.at(2)));
    throw Malformed("no op " + what + " of a pause");
  }

 private:
  static constexpr std::uint64_t kHourMs = 3'600'000;

  static std::vector<dao::test::Person> people_of(const Json& in) {
    std::vector<dao::test::Person> people = dao::test::everybody();
    for (const Json& name : in.at("sentinels")) {
      people.push_back({.name = name.get<std::string>(),
                        .roles = dao::membership::bit(dao::membership::Role::Patient),
                        .seats = 0,
                        .tokens = 0});
    }
    return people;
  }
  static v1::GenesisDocument document_of(const Json& in) {
    v1::GenesisDocument document = dao::test::a_document(people_of(in));
    const auto others = static_cast<std::uint32_t>(dao::test::everybody().size());
    for (std::uint32_t i = 0; i < in.at("sentinels").size(); ++i) {
      v1::GenesisOffice& office = *document.add_offices();
      office.set_account(others + i);
      office.set_role(static_cast<std::uint32_t>(dao::membership::Role::Sentinel));
      office.set_until_ms(dao::test::kGenesisMs + kLongMs);
    }
    set_parameter(document, "governance.pause_needed", number(in.at("pause_needed")));
    set_parameter(document, "governance.pause_max", number(in.at("pause_max")) * kHourMs);
    return document;
  }

  static Json said(const std::string& error) { return error == "Ok" ? "ok" : error; }

  Json pause(const Json& op) {
    std::vector<std::uint32_t> types;
    for (const Json& name : op.at(3)) types.push_back(type_of(name));
    std::ranges::sort(types);
    v1::Action action;
    for (const std::uint32_t type : types) action.mutable_pause()->add_types(type);
    action.mutable_pause()->set_span_ms(number(op.at(4)) * kHourMs);
    const auto applied = dao_.apply(op.at(2).get<std::string>(), action);
    if (!applied.ok()) return applied.error();
    if (!applied.told(v1::EVENT_KIND_PAUSED)) return "open";
    const auto until = dao::pauses::find_pause(dao_.state(), dao::pauses::last_pause(dao_.state()));
    return "paused until " + std::to_string((until->until_ms() - dao::test::kGenesisMs) / kHourMs);
  }

  // Pay goes through the dispatcher; of other types the same question is asked without an action.
  Json act(const Json& name) {
    if (name != "Pay") {
      const dao::pauses::Type type = type_of(name);
      const bool paused = dao::pauses::is_paused(dao_.state(), type, dao_.now_ms());
      return paused ? "ActionPaused" : "ok";
    }
    v1::Action action;
    action.mutable_pay()->set_fund(1);
    action.mutable_pay()->set_payee(dao_.account("mira").to_string());
    action.mutable_pay()->set_amount(1);
    return said(dao_.apply_as_dao(action));
  }

  std::string renewal() {
    v1::Action action;
    action.mutable_renew_charges();
    return dao_.apply_as_dao(action);
  }

  std::string end(const Json& name) {
    const dao::pauses::Type type = type_of(name);
    const auto paused = dao::pauses::find_paused_type(dao_.state(), type);
    v1::Action action;
    action.mutable_end_pause()->set_pause(paused ? paused->pause() : 0);
    return dao_.apply_as_dao(action);
  }

  Dao dao_;
};

std::optional<Json> run_pause(const Json& in) {
  Watch watch{in};
  Json results = Json::array();
  for (const Json& op : in.at("ops")) results.push_back(watch.run(op));
  return Json{{"results", results}};
}

using Values = std::map<std::string, std::uint64_t>;

// The short names of the vectors, as the constitution's names or as fields of tracks.
dao::constitution::Draft draft_of(const Values& values) {
  static const std::map<std::string, std::string, std::less<>> kShort{
      {"governance.opposition_lo_bp", "opposition_lo"},
      {"governance.opposition_hi_bp", "opposition_hi"},
      {"membership.defence", "defence"},
      {"membership.suspend_case_max", "suspend_case_max"},
      {"membership.suspend_vote_max", "suspend_vote_max"},
      {"governance.outage_gap", "outage_gap"},
      {"governance.pause_needed", "pause_needed"},
      {"consensus.heartbeat_ms", "heartbeat"},
      {"validators.min", "validators_min"},
      {"validators.max", "validators_max"},
      {"governance.retry_gap", "retry_gap"}};
  const auto given = [values](const std::string& key, std::uint64_t otherwise) {
    return values.contains(key) ? values.at(key) : otherwise;
  };
  v1::Track track;
  track.set_code("any");
  track.set_voting_ms(given("voting", 0));
  track.set_extension_ms(given("extension", 0));
  track.set_confirmation_ms(given("confirmation", 0));
  track.set_timelock_min_ms(given("timelock_min", 0));
  track.set_timelock_max_ms(given("timelock_max", 0));
  track.set_grace_ms(given("grace", std::uint64_t{1} << 60U));
  dao::constitution::Draft draft{
      .value =
          [given](std::string_view name) {
            const auto alias = kShort.find(name);
            const std::uint64_t standard = dao::constitution::find_rule(name)->standard;
            return alias == kShort.end() ? standard : given(alias->second, standard);
          },
      .tracks = {track},
      .validators = given("n", 0),
      .pending_validators = 0,
      .sentinels = std::nullopt};
  if (values.contains("sentinels")) draft.sentinels = values.at("sentinels");
  if (values.contains("notice_people")) {
    v1::Track people;
    people.set_code("people");
    people.set_grace_ms(std::uint64_t{1} << 60U);
    people.set_notice_ms(values.at("notice_people"));
    draft.tracks.push_back(people);
  }
  return draft;
}

std::string judge_change(const Json& in, const Json& op, Values& values) {
  const auto parameter = op.at(1).get<std::string>();
  if (!in.at("bounds").contains(parameter)) {
    if (dao::constitution::find_rule(parameter) != nullptr) return "ok";
    return std::string{dao::name(dao::Error::ParameterUnknown)};
  }
  v1::SetParameter action;
  action.set_name(parameter);
  action.set_from(number(op.at(2)));
  action.set_to(number(op.at(3)));
  const Json& bounds = in.at("bounds").at(parameter);
  Values changed = values;
  changed[parameter] = action.to();
  const dao::constitution::Draft after = draft_of(changed);
  const auto outcome = dao::constitution::check_change(
      action, values[parameter], {.min = number(bounds.at(0)), .max = number(bounds.at(1))}, after);
  if (outcome) {
    if (op.at(0) == "execute") values = changed;
    return "ok";
  }
  std::string result{dao::name(outcome.error())};
  if (outcome.error() != dao::Error::ConstraintBroken) return result;
  const auto broken = dao::constitution::broken_constraint(after);
  return result + ":" + std::string{dao::constitution::name(*broken)};
}

std::optional<Json> run_params(const Json& in) {
  Values values;
  for (const auto& [key, value] : in.at("values").items()) values[key] = number(value);
  Json results = Json::array();
  for (const Json& op : in.at("ops")) results.push_back(judge_change(in, op, values));
  return Json{{"results", results}, {"values", values}};
}

constexpr Eval kEvals[] = {{"member", run_member}, {"pause", run_pause}, {"params", run_params}};

}  // namespace

std::span<const Eval> people_evals() { return kEvals; }

}  // namespace salus::vectors
