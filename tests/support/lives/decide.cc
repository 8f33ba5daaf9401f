// Owns: that every kind of action which the DAO may apply comes up in proposals, straight from the
// dispatcher's table: a new one is drawn, or the test of lives says that it is missing.
#include "dao/dispatcher.h"
#include "support/lives/pen.h"

namespace salus::dao::lives {

namespace {

const std::vector<v1::Action::KindCase>& kinds() {
  static const std::vector<v1::Action::KindCase> all = [] {
    std::vector<v1::Action::KindCase> list;
    for (const Access& access : access_table()) {
      if (access.dao) list.push_back(access.kind);
    }
    return list;
  }();
  return all;
}

// About something that is there now and may be gone soon.
constexpr v1::Action::KindCase kFleeting[] = {
    v1::Action::kReinstate,     v1::Action::kEndPause,       v1::Action::kCancelStream,
    v1::Action::kCancelPayout,  v1::Action::kCancelGrant,    v1::Action::kCancelSchedule,
    v1::Action::kAdmitMember,   v1::Action::kRenewBudget,    v1::Action::kEndBudget,
    v1::Action::kCancelUpgrade, v1::Action::kWithdrawChange, v1::Action::kCancelProposal};

// Whoever is needed to run the nodes, or to decide on them, is left alone.
bool disturbs_a_network(v1::Action::KindCase kind) {
  switch (kind) {
    case v1::Action::kChangeSet:
    case v1::Action::kWithdrawChange:
    case v1::Action::kScheduleUpgrade:
    case v1::Action::kCancelUpgrade:
    case v1::Action::kSuspendMember:
    case v1::Action::kExpelMember:
    case v1::Action::kEndOffice:
    case v1::Action::kSetTrack:
    case v1::Action::kSetChamber:
    case v1::Action::kCancelProposal:
    case v1::Action::kRevokeCredential:
      return true;
    default:
      return false;
  }
}

MaybeAction decide_on(const Pen& pen, v1::Action::KindCase kind) {
  if (pen.style.keeps_network && disturbs_a_network(kind)) return std::nullopt;
  if (auto action = decide_on_people(pen, kind)) return action;
  if (auto action = decide_on_money(pen, kind)) return action;
  return decide_on_rules(pen, kind);
}

}  // namespace

MaybeAction decide(const Pen& pen) {
  if (!pen.percent(40)) return decide_on(pen, pen.chance.of(kinds()));
  const std::size_t first = pen.below(std::size(kFleeting));
  for (std::size_t i = 0; i < std::size(kFleeting); ++i) {
    if (auto action = decide_on(pen, kFleeting[(first + i) % std::size(kFleeting)])) return action;
  }
  return std::nullopt;
}

}  // namespace salus::dao::lives
