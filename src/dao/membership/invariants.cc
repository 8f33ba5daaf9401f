// Owns: what always holds of members, applications, credentials and offices on the whole state
// (G-4.6, G-4.10, G-4.11, G-12.4). It iterates: for tests and verification, never for execution.
#include <map>
#include <tuple>

#include "dao/membership/records.h"
#include "dao/power/power.h"

namespace salus::dao::membership {

namespace {

template <typename Record, typename Visit>
void each(const state::Overlay& state, state::Table table, const Visit& visit) {
  const std::string prefix = state::Key(table).str();
  state.scan(prefix, prefix, [&](std::string_view, std::string_view value) {
    visit(state::decode<Record>(value));
    return true;
  });
}

// Collects what does not hold; owns the due items that no record has claimed yet.
class Audit {
 public:
  explicit Audit(const state::Overlay& state) : state_(state) {
    for (const v1::DueItem& item : due::all(state)) {
      ++unclaimed_[{item.kind(), item.ref(), item.at_ms()}];
    }
  }

  void require(bool holds, std::string_view rule, std::string_view account) {
    if (holds) return;
    broken_.push_back(std::string{rule} + " (" + hex(as_bytes(account)) + ")");
  }

  // Exactly one item stands for a record in a timed state (G-12.4).
  bool claim(due::Kind kind, std::string_view ref, std::uint64_t at_ms) {
    const auto found = unclaimed_.find({static_cast<std::uint32_t>(kind), std::string{ref}, at_ms});
    if (found == unclaimed_.end() || found->second != 1) return false;
    unclaimed_.erase(found);
    return true;
  }

  // The same where the record does not keep the time.
  bool claim(due::Kind kind, std::string_view ref) {
    for (const auto& [item, count] : unclaimed_) {
      const auto& [item_kind, item_ref, at_ms] = item;
      if (item_kind != static_cast<std::uint32_t>(kind) || item_ref != ref) continue;
      return claim(kind, ref, at_ms);
    }
    return false;
  }

  std::vector<std::string> finish() {
    constexpr auto kLast = static_cast<std::uint32_t>(due::Kind::CredentialEnd);
    for (const auto& [item, count] : unclaimed_) {
      const std::uint32_t kind = std::get<0>(item);
      if (kind > kLast && kind != static_cast<std::uint32_t>(due::Kind::IssuerWalk)) continue;
      require(false, "G-12.4: a due item belongs to no record", std::get<1>(item));
    }
    return std::move(broken_);
  }

  const state::Overlay& state() const { return state_; }

 private:
  using Item = std::tuple<std::uint32_t, std::string, std::uint64_t>;
  const state::Overlay& state_;
  std::map<Item, int> unclaimed_;
  std::vector<std::string> broken_;
};

// Roles that rest on a record, whatever the time: due work of this moment may still be waiting.
bool has_role_of(const state::Overlay& state, const v1::Member& member,
                 const v1::Chamber& chamber) {
  if (member.patient() && (chamber.roles() & bit(Role::Patient)) != 0) return true;
  for (int kind = v1::CREDENTIAL_KIND_CLINICIAN; kind <= v1::CREDENTIAL_KIND_AUDITOR; ++kind) {
    const auto one = static_cast<v1::CredentialKind>(kind);
    if ((chamber.roles() & bit(role_of(one))) == 0) continue;
    if (!credentials_of(state, id_of(member.account()), one).empty()) return true;
  }
  return false;
}

void audit_weight(Audit& audit, const v1::Member& member, bool probation_queued) {
  const auto& account = member.account();
  const power::Weight weight = power::weight_now(audit.state(), id_of(account));
  const bool active = member.state() == v1::MEMBER_STATE_ACTIVE;
  if (weight.units == 0) {
    const bool should = active && member.chamber() != 0 && member.weight() > 0;
    // A chamber at its bound leaves him without (G-8.23).
    const bool full = power::total_now(audit.state(), member.chamber()).units + member.weight() >
                      power::kChamberWeightMax;
    audit.require(!should || probation_queued || full, "G-4.1: an active member has his weight",
                  account);
    return;
  }
  audit.require(active, "G-4.10: weight belongs to an active member", account);
  audit.require(weight.chamber == member.chamber() && weight.units == member.weight(),
                "G-4.10: a member weighs what his record says, in its chamber", account);
  const auto chamber = find_chamber(audit.state(), member.chamber());
  audit.require(chamber && has_role_of(audit.state(), member, *chamber),
                "G-4.11: who has weight has a role of his chamber", account);
}

void audit_member(Audit& audit, const v1::Member& member) {
  const auto& account = member.account();
  const bool probation_queued =
      audit.claim(due::Kind::ProbationEnd, account, member.weight_from_ms());
  const bool suspension_queued =
      audit.claim(due::Kind::SuspensionEnd, account, member.suspended_until_ms());
  audit_weight(audit, member, probation_queued);

  const bool suspended = member.state() == v1::MEMBER_STATE_SUSPENDED;
  audit.require(suspended == suspension_queued, "G-12.4: a suspension has its end queued", account);
  if (member.state() == v1::MEMBER_STATE_PROBATION) {
    audit.require(probation_queued, "G-12.4: a probation has its end queued", account);
  }
  const bool applied = member.state() == v1::MEMBER_STATE_APPLIED;
  audit.require(applied == find_application(audit.state(), id_of(account)).has_value(),
                "G-4: APPLIED means an open application", account);
  const bool keeps_nullifier = member.state() != v1::MEMBER_STATE_EXITED && !applied;
  if (keeps_nullifier) {
    audit.require(audit.state().get(nullifier_key(member.nullifier()).str()) == account,
                  "G-4.6: a member's nullifier is his", account);
  }
}

// Counters equal the records (G-4.11).
class Census {
 public:
  void add(const v1::Member& member) { ++states_[member.state()]; }
  void add(const v1::Office& office) { ++offices_[office.role()]; }
  void add(const v1::Issuer& issuer) {
    if (issuer.roles() != 0) ++issuers_;
  }

  void compare(Audit& audit) const {
    for (int i = v1::MEMBER_STATE_APPLIED; i <= v1::MEMBER_STATE_EXPELLED; ++i) {
      const auto one = static_cast<v1::MemberState>(i);
      const auto found = states_.find(one);
      audit.require(members_in(audit.state(), one) ==
                        (found == states_.end() ? std::uint64_t{0} : found->second),
                    "G-4.11: members in a state are counted", v1::MemberState_Name(one));
    }
    for (const Role role : {Role::Treasurer, Role::Operator, Role::Sentinel}) {
      const auto found = offices_.find(static_cast<std::uint32_t>(role));
      audit.require(
          holders_of(audit.state(), role) == (found == offices_.end() ? 0 : found->second),
          "G-4.11: holders of an office are counted", "");
    }
    audit.require(counts(audit.state()).issuers() == issuers_, "G-4.11: issuers are counted", "");
  }

 private:
  std::map<v1::MemberState, std::uint64_t> states_;
  std::map<std::uint32_t, std::uint64_t> offices_;
  std::uint64_t issuers_ = 0;
};

}  // namespace

std::vector<std::string> broken_invariants(const state::Overlay& state) {
  Audit audit(state);
  Census census;
  std::map<std::string, std::uint32_t> open_vouches;
  each<v1::Application>(state, state::Table::Applications, [&](const v1::Application& one) {
    audit.require(audit.claim(due::Kind::ApplicationLapse, one.account(), one.until_ms()),
                  "G-12.4: an application has its lapse queued", one.account());
    audit.require(state.get(nullifier_key(one.nullifier()).str()) == one.account(),
                  "G-4.6: an applicant's nullifier is his", one.account());
    for (const std::string& voucher : one.vouchers()) ++open_vouches[voucher];
  });
  each<v1::Member>(state, state::Table::Members, [&](const v1::Member& member) {
    audit_member(audit, member);
    census.add(member);
    audit.require(member.open_vouches() == open_vouches[member.account()],
                  "G-4.4: open vouches are counted", member.account());
  });
  each<v1::Office>(state, state::Table::Offices, [&](const v1::Office& office) {
    census.add(office);
    const Bytes ref = office_ref(id_of(office.account()), office.role());
    audit.require(audit.claim(due::Kind::OfficeEnd, as_chars(ref), office.until_ms()),
                  "G-12.4: an office has its end queued", office.account());
    audit.require(is_member(state, id_of(office.account())),
                  "G-4.12: an office belongs to a member", office.account());
  });
  each<v1::Credential>(state, state::Table::Credentials, [&](const v1::Credential& one) {
    const auto ids = credentials_of(state, id_of(one.account()), one.kind());
    const bool listed = std::ranges::find(ids, one.id()) != ids.end();
    const bool queued =
        audit.claim(due::Kind::CredentialEnd, as_chars(due::ref_of(one.id())), one.until_ms());
    const bool timed = listed && one.until_ms() != kWithoutEnd;
    audit.require(queued == timed, "G-12.4: a credential has its end queued", one.account());
  });
  each<v1::Issuer>(state, state::Table::Issuers, [&](const v1::Issuer& issuer) {
    census.add(issuer);
    const bool walks = issuer.walk_next() != 0;
    audit.require(walks == audit.claim(due::Kind::IssuerWalk, issuer.account()),
                  "G-12.4: a walk has its next piece queued", issuer.account());
  });
  census.compare(audit);
  for (const v1::Chamber& chamber : chambers(state)) {
    const bool reaches = power::total_now(state, chamber.id()).members >= chamber.min_members();
    audit.require(!reaches || chamber.opened(), "G-6.8: a chamber that reached its size is open",
                  chamber.code());
  }
  return audit.finish();
}

}  // namespace salus::dao::membership
