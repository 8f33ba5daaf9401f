// Owns: how a proposal's state changes, with everything that hangs on it.
#include "dao/governance/proposals.h"

#include <algorithm>

#include "base/assert.h"
#include "crypto/hash.h"
#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "dao/constitution.h"
#include "dao/due.h"
#include "dao/governance/verdict.h"
#include "dao/power/power.h"
#include "dao/treasury/funds.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::governance {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

Key proposal_key(std::uint64_t id) { return Key{Table::Proposals}.u64(id); }
Key tally_key(std::uint64_t proposal, std::uint32_t chamber) {
  return Key{Table::Tallies}.u64(proposal).u8(static_cast<std::uint8_t>(chamber));
}
Key open_key(std::uint64_t proposal) { return Key{Table::OpenProposals}.u64(proposal); }
Key track_count_key(std::uint32_t track) {
  return Key{Table::OpenByTrack}.u8(static_cast<std::uint8_t>(track));
}
Key member_count_key(std::string_view account) {
  return Key{Table::OpenByMember}.bytes(as_bytes(account));
}
Key payload_key(std::string_view hash) { return Key{Table::Payloads}.bytes(as_bytes(hash)); }
const Key kOutageKey{Table::OutageClock};
const Key kCounterKey = Key{Table::GovernanceCounters}.u8(1);

constexpr std::string_view kChanged{"\x01", 1};

// Which queue a state waits in, and as what.
struct DuePlace {
  due::Class due_class;
  due::Kind kind;
};
DuePlace place_of(v1::ProposalState state) {
  switch (state) {
    case v1::PROPOSAL_STATE_SUBMITTED:
      return {due::Class::Ends, due::Kind::ProposalLapse};
    case v1::PROPOSAL_STATE_NOTICE:
      return {due::Class::Starts, due::Kind::VotingStart};
    case v1::PROPOSAL_STATE_VOTING:
    case v1::PROPOSAL_STATE_CONFIRMING:
    case v1::PROPOSAL_STATE_OBJECTION:
      return {due::Class::Ends, due::Kind::PhaseEnd};
    case v1::PROPOSAL_STATE_TIMELOCK:
      return {due::Class::Executions, due::Kind::Execution};
    case v1::PROPOSAL_STATE_FAILED:
      return {due::Class::Ends, due::Kind::GraceEnd};
    default:
      return {due::Class::Upkeep, due::Kind::StanceSweep};
  }
}

void cancel_due(Overlay& state, v1::Proposal& proposal) {
  if (proposal.due_ms() == 0) return;
  const DuePlace place = place_of(proposal.state());
  due::cancel(state, place.due_class, proposal.due_ms(), place.kind, proposal.id());
  proposal.set_due_ms(0);
}

void schedule_due(Overlay& state, v1::Proposal& proposal, std::uint64_t at_ms) {
  const DuePlace place = place_of(proposal.state());
  due::schedule(state, place.due_class, at_ms, place.kind, proposal.id());
  proposal.set_due_ms(at_ms);
}

// What a sweep would delete: ballots and endorsements.
bool leaves_records(const Overlay& state, std::uint64_t proposal) {
  bool any = false;
  for (const Table table : {Table::Stances, Table::Endorsements}) {
    const std::string prefix = Key{table}.u64(proposal).str();
    state.scan(prefix, prefix, [&](std::string_view, std::string_view) {
      any = true;
      return false;
    });
  }
  return any;
}

void add_open(Overlay& state, const Key& key, bool more) {
  auto count = state::find_or_default<v1::OpenCount>(state, key);
  SALUS_ASSERT(more || count.open() > 0, "what is no longer open was counted as open");
  count.set_open(more ? count.open() + 1 : count.open() - 1);
  if (count.open() == 0) {
    state::erase(state, key);
  } else {
    state::put(state, key, count);
  }
}

void count_open(Overlay& state, const v1::Proposal& proposal, bool more) {
  add_open(state, track_count_key(proposal.lead()), more);
  add_open(state, member_count_key(proposal.proposer()), more);
}

void occupy(Overlay& state, const v1::Proposal& proposal) {
  auto payload = payload_of(state, proposal.payload_hash());
  note_open(payload, proposal.id(), proposal.appeal_of() != 0);
  state::put(state, payload_key(proposal.payload_hash()), payload);
  count_open(state, proposal, true);
}

// Whatever a state carries with it comes and goes here.
void change_state(Overlay& state, v1::Proposal& proposal, v1::ProposalState next) {
  const v1::ProposalState last = proposal.state();
  cancel_due(state, proposal);
  if (is_open(last) && !is_open(next)) count_open(state, proposal, false);
  if (is_voting(last) && !is_voting(next)) {
    power::release_snapshot(state, proposal.power_snapshot());
    state::erase(state, open_key(proposal.id()));
  }
  if (!is_voting(last) && is_voting(next)) state.put(open_key(proposal.id()).str(), "");
  proposal.set_state(next);
}

v1::EventKind event_of(v1::ProposalState state) {
  switch (state) {
    case v1::PROPOSAL_STATE_NOTICE:
      return v1::EVENT_KIND_NOTICE_STARTED;
    case v1::PROPOSAL_STATE_VOTING:
      return v1::EVENT_KIND_VOTING_STARTED;
    case v1::PROPOSAL_STATE_CONFIRMING:
      return v1::EVENT_KIND_CONFIRMING;
    case v1::PROPOSAL_STATE_OBJECTION:
      return v1::EVENT_KIND_OBJECTION_STARTED;
    case v1::PROPOSAL_STATE_TIMELOCK:
      return v1::EVENT_KIND_TIMELOCK_STARTED;
    case v1::PROPOSAL_STATE_FAILED:
      return v1::EVENT_KIND_EXECUTION_FAILED;
    case v1::PROPOSAL_STATE_EXECUTED:
      return v1::EVENT_KIND_PROPOSAL_EXECUTED;
    case v1::PROPOSAL_STATE_REJECTED:
      return v1::EVENT_KIND_PROPOSAL_REJECTED;
    case v1::PROPOSAL_STATE_VETOED:
      return v1::EVENT_KIND_PROPOSAL_VETOED;
    case v1::PROPOSAL_STATE_LAPSED:
      return v1::EVENT_KIND_PROPOSAL_LAPSED;
    case v1::PROPOSAL_STATE_CANCELLED:
      return v1::EVENT_KIND_PROPOSAL_CANCELLED;
    case v1::PROPOSAL_STATE_EXPIRED:
      return v1::EVENT_KIND_PROPOSAL_EXPIRED;
    default:
      return v1::EVENT_KIND_PROPOSAL_SUBMITTED;
  }
}

void tell(const Moment& moment, const v1::Proposal& proposal, std::vector<EventNumber> numbers) {
  numbers.insert(numbers.begin(), {v1::EVENT_FIELD_PROPOSAL, proposal.id()});
  std::vector<AccountId> accounts{*AccountId::from(proposal.proposer())};
  for (const std::string& account : proposal.recused()) {
    // An event names 16 accounts at most; whom it concerns most stands first.
    if (accounts.size() < 16) accounts.push_back(*AccountId::from(account));
  }
  emit(moment.events, event_of(proposal.state()), std::move(accounts), std::move(numbers), true);
}

}  // namespace

std::optional<v1::Proposal> find_proposal(const Overlay& state, std::uint64_t id) {
  return state::find<v1::Proposal>(state, proposal_key(id));
}
void put_proposal(Overlay& state, const v1::Proposal& proposal) {
  state::put(state, proposal_key(proposal.id()), proposal);
}
std::uint64_t take_proposal_id(Overlay& state) { return state::take_number(state, kCounterKey); }
std::uint64_t last_proposal_id(const Overlay& state) {
  const auto stored = state.get(kCounterKey.str());
  return stored ? ByteReader{as_bytes(*stored)}.u64() : 0;
}

bool is_open(v1::ProposalState state) {
  return state == v1::PROPOSAL_STATE_SUBMITTED || state == v1::PROPOSAL_STATE_NOTICE ||
         is_voting(state);
}
bool is_voting(v1::ProposalState state) {
  return state == v1::PROPOSAL_STATE_VOTING || state == v1::PROPOSAL_STATE_CONFIRMING ||
         state == v1::PROPOSAL_STATE_OBJECTION;
}
bool is_terminal(v1::ProposalState state) {
  return !is_open(state) && state != v1::PROPOSAL_STATE_TIMELOCK &&
         state != v1::PROPOSAL_STATE_FAILED;
}

std::vector<v1::Tally> tallies(const Overlay& state, const v1::Proposal& proposal) {
  std::vector<v1::Tally> all;
  for (const v1::TrackChamber& chamber : proposal.effective().rules().chambers()) {
    if (auto tally = find_tally(state, proposal.id(), chamber.chamber())) {
      all.push_back(std::move(*tally));
    }
  }
  return all;
}
std::optional<v1::Tally> find_tally(const Overlay& state, std::uint64_t proposal,
                                    std::uint32_t chamber) {
  return state::find<v1::Tally>(state, tally_key(proposal, chamber));
}
void put_tally(Overlay& state, const v1::Tally& tally) {
  state::put(state, tally_key(tally.proposal(), tally.chamber()), tally);
}

void mark_changed(Overlay& state, std::uint64_t proposal) {
  state.put(open_key(proposal).str(), std::string{kChanged});
}
std::vector<std::uint64_t> take_changed(Overlay& state) {
  std::vector<std::uint64_t> changed;
  const std::string table = Key{Table::OpenProposals}.str();
  // At most as many as snapshots may be live (X4).
  state.scan(table, table, [&](std::string_view key, std::string_view value) {
    if (value == kChanged) changed.push_back(ByteReader{as_bytes(key.substr(table.size()))}.u64());
    return true;
  });
  for (const std::uint64_t proposal : changed) state.put(open_key(proposal).str(), "");
  return changed;
}

std::uint32_t open_of_track(const Overlay& state, std::uint32_t track) {
  return state::find_or_default<v1::OpenCount>(state, track_count_key(track)).open();
}
std::uint64_t open_of_all_tracks(const Overlay& state) {
  std::uint64_t open = 0;
  for (std::uint32_t id = 1; id <= constitution::kTracksMax; ++id) open += open_of_track(state, id);
  return open;
}
std::uint32_t open_of_member(const Overlay& state, const AccountId& account) {
  return state::find_or_default<v1::OpenCount>(state, member_count_key(account.to_string())).open();
}
v1::Payload payload_of(const Overlay& state, std::string_view payload_hash) {
  return state::find_or_default<v1::Payload>(state, payload_key(payload_hash));
}

std::uint64_t outage_total_ms(const Overlay& state, std::uint64_t now_ms) {
  const auto clock = state::find_or_default<v1::OutageClock>(state, kOutageKey);
  const std::uint64_t gap = now_ms > clock.last_block_ms() ? now_ms - clock.last_block_ms() : 0;
  const bool outage = gap > constitution::value(state, "governance.outage_gap");
  return clock.outage_total_ms() + (outage ? gap : 0);
}
void move_outage_clock(Overlay& state, std::uint64_t now_ms) {
  v1::OutageClock clock;
  clock.set_outage_total_ms(outage_total_ms(state, now_ms));
  clock.set_last_block_ms(now_ms);
  state::put(state, kOutageKey, clock);
}
std::uint64_t credit_ms(const v1::Proposal& proposal, const Overlay& state, std::uint64_t now_ms) {
  // More was seen than is counted where outage_gap was raised in the first block after the outage.
  const std::uint64_t total = outage_total_ms(state, now_ms);
  return total - std::min(total, proposal.outage_seen_ms());
}

void open_proposal(Overlay& state, const Moment& moment, v1::Proposal& proposal) {
  occupy(state, proposal);
  const std::uint64_t until =
      moment.now_ms() + constitution::value(state, "governance.deposit_window");
  proposal.set_submitted_ms(moment.now_ms());
  enter(state, moment, proposal, v1::PROPOSAL_STATE_SUBMITTED, until);
}

void reopen(Overlay& state, const Moment& moment, const v1::Proposal& old, v1::Proposal& next) {
  count_open(state, old, false);
  auto payload = payload_of(state, old.payload_hash());
  // Nobody decided on the old content, so it leaves no mark.
  payload.set_open(0);
  state::put(state, payload_key(old.payload_hash()), payload);
  occupy(state, next);
  enter(state, moment, next, v1::PROPOSAL_STATE_SUBMITTED,
        moment.now_ms() + constitution::value(state, "governance.deposit_window"));
}

void enter(Overlay& state, const Moment& moment, v1::Proposal& proposal, v1::ProposalState next,
           std::uint64_t until_ms) {
  change_state(state, proposal, next);
  // FAILED is no phase of its own: the grace of the timelock goes on.
  if (next != v1::PROPOSAL_STATE_FAILED) {
    proposal.set_phase_from_ms(moment.now_ms());
    proposal.set_phase_until_ms(until_ms);
    proposal.set_outage_seen_ms(outage_total_ms(state, moment.now_ms()));
  }
  schedule_due(state, proposal, until_ms);
  std::vector<EventNumber> numbers{{v1::EVENT_FIELD_TRACK, proposal.lead()},
                                   {v1::EVENT_FIELD_UNTIL_MS, until_ms}};
  if (next == v1::PROPOSAL_STATE_FAILED) {
    numbers.push_back({v1::EVENT_FIELD_CODE, proposal.failure_code()});
    numbers.push_back({v1::EVENT_FIELD_ACTION_INDEX, proposal.failure_action()});
    numbers.push_back({v1::EVENT_FIELD_ATTEMPT, proposal.attempts()});
  }
  tell(moment, proposal, std::move(numbers));
}

void finish(Overlay& state, const Moment& moment, v1::Proposal& proposal, v1::ProposalState end) {
  SALUS_ASSERT(is_terminal(end) && !is_terminal(proposal.state()),
               "a proposal ends once, and what ended never changes again");
  change_state(state, proposal, end);
  auto payload = payload_of(state, proposal.payload_hash());
  note_end(payload, end, moment.now_ms(), proposal.appeal_of() != 0);
  state::put(state, payload_key(proposal.payload_hash()), payload);
  if (leaves_records(state, proposal.id())) {
    schedule_due(state, proposal,
                 moment.now_ms() + constitution::value(state, "governance.stance_retention"));
  }
  tell(moment, proposal,
       {{v1::EVENT_FIELD_TRACK, proposal.lead()},
        {v1::EVENT_FIELD_RULE, static_cast<std::uint64_t>(proposal.outcome().rule())},
        {v1::EVENT_FIELD_CHAMBER, proposal.outcome().chamber()}});
}

void reschedule(Overlay& state, v1::Proposal& proposal, std::uint64_t at_ms) {
  cancel_due(state, proposal);
  schedule_due(state, proposal, at_ms);
}

void forget_due(v1::Proposal& proposal) { proposal.set_due_ms(0); }

void settle(Overlay& state, const Moment& moment, v1::Proposal& proposal, Fate fate) {
  if (proposal.settled()) return;
  proposal.set_settled(true);
  std::vector<std::uint64_t> amounts;
  for (const v1::Deposit& deposit : proposal.deposits()) amounts.push_back(deposit.amount());
  const Settlement split =
      settlement(amounts, fate, constitution::value(state, "governance.cancel_fee_bp"));

  const auto pay = [&](const AccountId& to, std::uint64_t amount) {
    const auto paid = assets::escrow_out(state, v1::ESCROW_OWNER_PROPOSAL, proposal.id(),
                                         assets::kNative, to, amount);
    SALUS_ASSERT(paid.has_value(), "a proposal's escrow holds its unsettled deposits (G-7.17)");
  };
  for (int i = 0; i < proposal.deposits_size(); ++i) {
    const std::uint64_t back = split.back[static_cast<std::size_t>(i)];
    const AccountId depositor = *AccountId::from(proposal.deposits(i).account());
    accounts::end_obligation(state, depositor);
    if (back == 0) continue;
    pay(depositor, back);
    emit(moment.events, v1::EVENT_KIND_DEPOSIT_RETURNED, {depositor},
         {{v1::EVENT_FIELD_PROPOSAL, proposal.id()}, {v1::EVENT_FIELD_AMOUNT, back}});
  }
  if (split.general == 0) return;
  const auto general = treasury::find_fund(state, treasury::kGeneralFund);
  SALUS_ASSERT(general.has_value(), "fund general stands from genesis on");
  pay(treasury::account_of(*general), split.general);
  treasury::book_in(state, treasury::book_time(moment.block),
                    {.fund = treasury::kGeneralFund,
                     .asset = assets::kNative,
                     .amount = split.general,
                     .kind = v1::FUND_ENTRY_KIND_DEPOSIT,
                     .ref = proposal.id()});
  emit(moment.events, v1::EVENT_KIND_DEPOSIT_SLASHED, {*AccountId::from(proposal.proposer())},
       {{v1::EVENT_FIELD_PROPOSAL, proposal.id()},
        {v1::EVENT_FIELD_FUND, treasury::kGeneralFund},
        {v1::EVENT_FIELD_AMOUNT, split.general}});
}

Hash payload_hash(const ChainId& chain_id, v1::Scheme scheme, std::uint32_t winners,
                  const Options& options) {
  ByteWriter out;
  out.bytes(chain_id.view());
  out.u8(static_cast<std::uint8_t>(scheme));
  out.u8(static_cast<std::uint8_t>(std::max(winners, 1U)));
  out.u32(static_cast<std::uint32_t>(options.size()));
  for (const v1::ProposalOption& option : options) {
    const std::string bytes = state::encode(option);
    out.sized(as_bytes(bytes));
  }
  return crypto::hash("salus.payload.v1", out.out());
}

Hash execution_id(const ChainId& chain_id, std::uint64_t proposal, std::uint32_t version) {
  ByteWriter out;
  out.bytes(chain_id.view());
  out.u64(proposal);
  out.u32(version);
  return crypto::hash("salus.exec.v1", out.out());
}

Ask ask_of(const v1::Proposal& proposal) {
  return {.scheme = proposal.scheme(),
          .winners = std::max(proposal.winners(), 1U),
          .appeal = proposal.appeal_of() != 0,
          .urgent = proposal.urgent()};
}

Decision decision_of(const v1::Proposal& proposal) {
  return {.scheme = proposal.scheme(),
          .winners = std::max(proposal.winners(), 1U),
          .lot = Hash::from(proposal.lot()).value_or(Hash{})};
}

Options winning_options(const v1::Proposal& proposal) {
  Options winning;
  // In option order, whatever the order of the winners (G-7.14).
  std::vector<std::uint32_t> numbers(proposal.outcome().winners().begin(),
                                     proposal.outcome().winners().end());
  std::ranges::sort(numbers);
  for (const std::uint32_t number : numbers) {
    *winning.Add() = proposal.options(static_cast<int>(number) - 1);
  }
  return winning;
}

Hash lot(const ChainId& chain_id, std::uint64_t proposal, const Digest& parent_digest) {
  ByteWriter out;
  out.bytes(chain_id.view());
  out.u64(proposal);
  out.bytes(parent_digest.view());
  return crypto::hash("salus.lot.v1", out.out());
}

}  // namespace salus::dao::governance
