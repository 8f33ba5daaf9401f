// Owns: the reads of power: what a member's ballot carries and where it comes from, who votes for
// whom, and what waits for his ballot (governance.md, section 5).
#include "dao/power/power.h"

#include "dao/constitution.h"
#include "dao/governance/casting.h"
#include "dao/governance/proposals.h"
#include "dao/governance/queries.h"
#include "dao/power/delegation.h"
#include "queries/paging.h"
#include "queries/queries.h"
#include "queries/words.h"

namespace salus::queries {

namespace {

namespace governance = dao::governance;
namespace power = dao::power;
using state::Key;
using state::Table;

v1::NoPowerReason to_proto(governance::PowerReason reason) {
  using Reason = governance::PowerReason;
  switch (reason) {
    case Reason::HasPower:
      return v1::NO_POWER_REASON_UNSPECIFIED;
    case Reason::NotMember:
      return v1::NO_POWER_REASON_NOT_MEMBER;
    case Reason::Applied:
      return v1::NO_POWER_REASON_APPLIED;
    case Reason::Probation:
      return v1::NO_POWER_REASON_PROBATION;
    case Reason::Suspended:
      return v1::NO_POWER_REASON_SUSPENDED;
    case Reason::Exited:
      return v1::NO_POWER_REASON_EXITED;
    case Reason::Expelled:
      return v1::NO_POWER_REASON_EXPELLED;
    case Reason::NoChamber:
      return v1::NO_POWER_REASON_NO_CHAMBER;
  }
  return v1::NO_POWER_REASON_UNSPECIFIED;
}

std::string reason_sentence(const v1::GetPowerResponse& power) {
  const std::string until = spell_time(power.until_ms()) + " UTC";
  // Set by to_proto above.
  switch (power.reason()) {
    case v1::NO_POWER_REASON_NOT_MEMBER:
      return "No power: this account is no member. Ask for admission first.";
    case v1::NO_POWER_REASON_APPLIED:
      return "No power yet: the application waits to be completed.";
    case v1::NO_POWER_REASON_PROBATION:
      return "No power yet: on probation until " + until + ".";
    case v1::NO_POWER_REASON_SUSPENDED:
      return "No power: suspended until " + until + ".";
    case v1::NO_POWER_REASON_EXITED:
      return "No power: has left the DAO, and may apply again.";
    case v1::NO_POWER_REASON_EXPELLED:
      return "No power: expelled, and barred until " + until + ".";
    case v1::NO_POWER_REASON_NO_CHAMBER:
      return "No power: no live role leads to a chamber. A credential may have run out.";
    default:
      return {};
  }
}

std::string power_sentence(const v1::GetPowerResponse& power, bool on_proposal) {
  if (power.weight() == 0) {
    if (!on_proposal) return reason_sentence(power);
    return "No power on this proposal: none when its voting started. " + reason_sentence(power);
  }
  std::string out = "A ballot carries " + spell_votes(power.power()) +
                    " votes: " + std::to_string(power.weight()) + " of its own";
  std::uint64_t delegated = power.power() - power.weight() * power::kMicro;
  if (power.delegation()) out += ", " + spell_votes(delegated) + " delegated";
  out += ".";
  std::uint64_t sent = 0;
  for (const std::uint64_t one : power.sent()) sent += one;
  if (sent > 0) {
    out += " Without a ballot of its own, delegates cast " + spell_votes(sent) + " of them.";
  }
  return out;
}

// Hops and edges of one moment.
struct Flow {
  power::Hops received{};
  std::vector<power::Edge> edges;
};

void add_flow(v1::GetPowerResponse& response, const Flow& flow) {
  std::uint64_t share = 0;
  for (const power::Edge& edge : flow.edges) share += edge.share;
  for (const std::uint64_t hop : flow.received) response.add_received(hop);
  const power::Hops own{response.weight() * power::kMicro, flow.received[0], flow.received[1]};
  for (const std::uint64_t part : own) response.add_sent(part / 100 * share);
}

Answer<v1::Track> get_track(const View& view, std::uint32_t id) {
  auto track = dao::constitution::find_track(view.state(), id);
  if (track) return std::move(*track);
  return std::unexpected(refusal(dao::Error::TrackUnknown, grpc::StatusCode::NOT_FOUND));
}

Answer<void> fill_now(const View& view, const AccountId& account, std::uint32_t track,
                      v1::GetPowerResponse& response) {
  response.set_power(response.weight() * power::kMicro);
  if (track == 0) return {};
  const auto rules = get_track(view, track);
  if (!rules) return std::unexpected(rules.error());
  response.set_track(track);
  response.set_delegation(rules->delegation());
  const Flow flow{.received = power::received_now(view.state(), account, track),
                  .edges = power::live_edges_now(view.state(), account, track)};
  add_flow(response, flow);
  if (!rules->delegation() || response.weight() == 0) return {};
  for (const std::uint64_t hop : flow.received) response.set_power(response.power() + hop);
  return {};
}

v1::Stance stance_of(const View& view, std::uint64_t proposal, const AccountId& account) {
  return governance::find_stance(view.state(), proposal, account).value_or(v1::Stance{});
}

void fill_on(const View& view, const AccountId& account, const v1::Proposal& proposal,
             v1::GetPowerResponse& response) {
  const std::uint64_t snapshot = proposal.power_snapshot();
  const auto weight = power::weight_at(view.state(), account, snapshot);
  response.set_chamber(weight.chamber);
  response.set_weight(weight.units);
  response.set_track(proposal.lead());
  response.set_delegation(governance::counts_delegations(proposal));
  add_flow(response,
           {.received = power::received_at(view.state(), account, proposal.lead(), snapshot),
            .edges = power::live_edges_at(view.state(), account, proposal.lead(), snapshot)});
  response.set_power(0);
  // Later the histories may have dropped what they held at the snapshot.
  if (weight.units == 0 || !governance::is_voting(proposal.state())) return;
  response.set_power(governance::carried(view.state(), proposal, account,
                                         stance_of(view, proposal.id(), account)));
}

v1::DelegationInfo info_of(const View& view, const AccountId& account, std::uint32_t track,
                           const v1::DelegationPoint& point) {
  v1::DelegationInfo info;
  info.set_account(account.to_string());
  info.set_track(track);
  info.set_until_ms(point.until_ms());
  for (const v1::DelegationEdge& edge : point.targets()) {
    *info.add_targets() = edge;
    info.add_live(power::is_live(view.state(), account, edge));
  }
  return info;
}

// Whether the member may cast a ballot now and has not.
std::optional<v1::OpenVote> open_vote(const View& view, const v1::Proposal& proposal,
                                      const AccountId& account) {
  const auto weight = power::weight_at(view.state(), account, proposal.power_snapshot());
  if (weight.units == 0 || governance::is_recused(proposal, account)) return std::nullopt;
  if (!governance::find_tally(view.state(), proposal.id(), weight.chamber)) return std::nullopt;
  const v1::Stance stance = stance_of(view, proposal.id(), account);
  if (stance.cast()) return std::nullopt;
  const bool only_against = proposal.state() == v1::PROPOSAL_STATE_OBJECTION;
  if (!governance::check_voting(proposal, view.state(), view.now_ms(), only_against)) {
    return std::nullopt;
  }
  v1::OpenVote vote;
  *vote.mutable_proposal() = proposal;
  vote.set_chamber(weight.chamber);
  vote.set_power(governance::carried(view.state(), proposal, account, stance));
  vote.set_only_against(only_against);
  return vote;
}

}  // namespace

Answer<v1::GetPowerResponse> answer(const View& view, const v1::GetPowerRequest& request) {
  const auto id = id_of<AccountId>(request.account(), "account");
  if (!id) return std::unexpected(id.error());

  v1::GetPowerResponse response;
  response.set_height(view.height());
  const auto now = governance::power_of(view.state(), *id);
  response.set_chamber(now.chamber);
  response.set_weight(now.units);
  response.set_reason(to_proto(now.reason));
  response.set_until_ms(now.until_ms);
  std::uint32_t track = request.track();
  std::optional<v1::Proposal> proposal;
  if (request.proposal() != 0) {
    proposal = governance::find_proposal(view.state(), request.proposal());
    if (!proposal) {
      return std::unexpected(refusal(dao::Error::ProposalUnknown, grpc::StatusCode::NOT_FOUND));
    }
    track = proposal->lead();
  }
  const bool on_proposal = proposal && proposal->power_snapshot() != 0;
  if (on_proposal) {
    fill_on(view, *id, *proposal, response);
  } else if (const auto filled = fill_now(view, *id, track, response); !filled) {
    return std::unexpected(filled.error());
  }
  const bool closed = on_proposal && !governance::is_voting(proposal->state());
  response.set_sentence(closed ? "Voting is over: what a ballot carried is in the tally."
                               : power_sentence(response, on_proposal));
  return response;
}

Answer<v1::GetDelegationResponse> answer(const View& view,
                                         const v1::GetDelegationRequest& request) {
  const auto id = id_of<AccountId>(request.account(), "account");
  if (!id) return std::unexpected(id.error());
  if (request.track() > dao::constitution::kTracksMax) {
    return std::unexpected(refusal(dao::Error::TrackUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::GetDelegationResponse response;
  response.set_height(view.height());
  const std::uint32_t first = request.track() == 0 ? 1 : request.track();
  const std::uint32_t last = request.track() == 0 ? dao::constitution::kTracksMax : request.track();
  for (std::uint32_t track = first; track <= last; ++track) {
    const auto point = power::find_delegation(view.state(), *id, track);
    if (point) *response.add_delegations() = info_of(view, *id, track, *point);
  }
  return response;
}

Answer<v1::ListDelegatesResponse> answer(const View& view,
                                         const v1::ListDelegatesRequest& request) {
  if (request.track() > dao::constitution::kTracksMax) {
    return std::unexpected(refusal(dao::Error::TrackUnknown, grpc::StatusCode::NOT_FOUND));
  }
  v1::ListDelegatesResponse response;
  response.set_height(view.height());
  const auto clock =
      state::find_or_default<v1::SnapshotClock>(view.state(), Key{Table::SnapshotClock});
  response.set_votings(clock.next_snapshot() == 0 ? 0 : clock.next_snapshot() - 1);
  auto next = walk<v1::DelegateProfile>(
      view.state(), Key{Table::DelegateProfiles}, request.page_token(),
      page_size(request.page_size()), [&](const v1::DelegateProfile& profile) {
        const auto account = AccountId::from(profile.account());
        if (!profile.open() || !account) return false;
        const auto weight = power::weight_now(view.state(), *account);
        if (request.chamber() != 0 && weight.chamber != request.chamber()) return false;
        v1::DelegateInfo& info = *response.add_delegates();
        *info.mutable_profile() = profile;
        info.set_chamber(weight.chamber);
        info.set_weight(weight.units);
        if (request.track() == 0) return true;
        for (const std::uint64_t hop :
             power::received_now(view.state(), *account, request.track())) {
          info.set_received(info.received() + hop);
        }
        return true;
      });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::ListDelegatorsResponse> answer(const View& view,
                                          const v1::ListDelegatorsRequest& request) {
  const auto id = id_of<AccountId>(request.delegate(), "delegate");
  if (!id) return std::unexpected(id.error());
  const auto track = get_track(view, request.track());
  if (!track) return std::unexpected(track.error());

  v1::ListDelegatorsResponse response;
  response.set_height(view.height());
  const Key prefix =
      Key{Table::DelegatorsOf}.bytes(id->view()).u8(static_cast<std::uint8_t>(request.track()));
  auto next = walk_keys(
      view.state(), prefix, request.page_token(), page_size(request.page_size()),
      [&](std::string_view suffix) {
        const auto account = AccountId::from(suffix);
        if (!account) return;
        const auto point = power::find_delegation(view.state(), *account, request.track());
        if (!point) return;
        *response.add_delegations() = info_of(view, *account, request.track(), *point);
      });
  if (!next) return std::unexpected(next.error());
  response.set_next_page_token(std::move(*next));
  return response;
}

Answer<v1::NeedsMeResponse> answer(const View& view, const v1::NeedsMeRequest& request) {
  const auto id = id_of<AccountId>(request.account(), "account");
  if (!id) return std::unexpected(id.error());

  v1::NeedsMeResponse response;
  response.set_height(view.height());
  response.set_now_ms(view.now_ms());
  const std::string prefix = Key{Table::OpenProposals}.str();
  view.state().scan(prefix, {}, [&](std::string_view key, std::string_view) {
    ByteReader reader{as_bytes(key.substr(prefix.size()))};
    const auto proposal = governance::find_proposal(view.state(), reader.u64());
    if (!proposal) return true;
    if (auto vote = open_vote(view, *proposal, *id)) *response.add_votes() = std::move(*vote);
    return true;
  });
  return response;
}

}  // namespace salus::queries
