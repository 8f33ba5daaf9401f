// Owns: the recount: everything that is kept incrementally, computed again from the records it
// stands for (G-5.12, G-7.17, G-8.22, G-12.4). Iterates; shares no arithmetic with what it checks.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "dao/assets/assets.h"
#include "dao/due.h"
#include "dao/governance/governance.h"
#include "dao/governance/proposals.h"
#include "dao/governance/recount.h"
#include "dao/governance/verdict.h"
#include "dao/power/power.h"
#include "state/record.h"
#include "state/table.h"

namespace salus::dao::governance {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

struct Book {
  const Overlay& state;
  std::vector<std::string> broken;

  void expect(bool holds, const std::string& sentence) {
    if (!holds) broken.push_back(sentence);
  }
};

std::string named(const v1::Proposal& proposal) {
  return "proposal " + std::to_string(proposal.id());
}

// Live snapshots only: later the histories may have dropped their points.
void check_tallies(Book& book, const v1::Proposal& proposal) {
  auto chambers = recount(book.state, proposal);
  for (const v1::Tally& tally : tallies(book.state, proposal)) {
    book.expect(same_counters(tally, chambers[tally.chamber()]),
                "G-5.12: the tallies of " + named(proposal) + " are not their recount");
    std::uint64_t recused = 0;
    for (const std::string& account : proposal.recused()) {
      const auto weight =
          power::weight_at(book.state, *AccountId::from(account), proposal.power_snapshot());
      if (weight.chamber == tally.chamber()) recused += weight.units * power::kMicro;
    }
    book.expect(tally.recused() == recused, "G-7.10: recused power of " + named(proposal));
  }
}

void check_outcome(Book& book, const v1::Proposal& proposal) {
  if (!proposal.has_outcome()) return;
  v1::Outcome again =
      verdict(proposal.effective(), tallies(book.state, proposal), decision_of(proposal));
  again.set_at_ms(proposal.outcome().at_ms());
  again.set_height(proposal.outcome().height());
  book.expect(state::encode(again) == state::encode(proposal.outcome()),
              "G-8.22: the outcome of " + named(proposal) + " is not what its tallies give");
}

void check_deposits(Book& book, const v1::Proposal& proposal) {
  std::uint64_t sum = 0;
  for (const v1::Deposit& deposit : proposal.deposits()) sum += deposit.amount();
  const std::uint64_t held =
      assets::escrowed(book.state, v1::ESCROW_OWNER_PROPOSAL, proposal.id(), assets::kNative);
  book.expect(held == (proposal.settled() ? 0 : sum),
              "G-7.17: the deposits of " + named(proposal) + " are not in its escrow");
  book.expect(!is_terminal(proposal.state()) || proposal.settled(),
              "G-7.4: " + named(proposal) + " ended without settling its deposits");
}

// What is marked as done was executed, once (G-7.13).
void check_executions(Book& book, std::multiset<std::string> executed) {
  const std::string prefix = Key{Table::Executions}.str();
  book.state.scan(prefix, prefix, [&](std::string_view, std::string_view value) {
    const auto execution = state::decode<v1::Execution>(value);
    book.expect(execution.state() == v1::EXECUTION_STATE_DONE && executed.contains(execution.id()),
                "G-7.13: a batch is marked as done and no proposal of it is EXECUTED");
    executed.erase(execution.id());
    return true;
  });
  book.expect(executed.empty(), "G-7.13: an EXECUTED proposal is not marked as done, once");
}

// A payload names the proposal that is open with it, and no other (G-7.11).
void check_payloads(Book& book, std::map<std::string, std::uint64_t> open) {
  const std::string prefix = Key{Table::Payloads}.str();
  book.state.scan(prefix, prefix, [&](std::string_view key, std::string_view value) {
    const auto payload = state::decode<v1::Payload>(value);
    const auto found = open.find(std::string{key.substr(prefix.size())});
    book.expect(payload.open() == (found == open.end() ? 0 : found->second),
                "G-7.11: a payload is open with another proposal than its own");
    if (found != open.end()) open.erase(found);
    return true;
  });
  book.expect(open.empty(), "G-7.11: an open proposal has no payload");
}

void check_endorsed(Book& book, const v1::Proposal& proposal) {
  std::uint32_t count = 0;
  const std::string prefix = Key{Table::Endorsements}.u64(proposal.id()).str();
  book.state.scan(prefix, prefix, [&](std::string_view, std::string_view value) {
    if (state::decode<v1::Endorsement>(value).version() == proposal.version()) ++count;
    return true;
  });
  book.expect(count == proposal.endorsed(),
              "G-7.17: the endorsers of " + named(proposal) + " are not counted");
}

// Counters are kept while they count something: by what follows the table in their key.
std::map<std::string, std::uint32_t> counters(const Overlay& state, Table table) {
  std::map<std::string, std::uint32_t> all;
  const std::string prefix = Key{table}.str();
  state.scan(prefix, prefix, [&](std::string_view key, std::string_view value) {
    all.emplace(key.substr(prefix.size()), state::decode<v1::OpenCount>(value).open());
    return true;
  });
  return all;
}

using Item = std::tuple<due::Kind, std::uint64_t, std::uint64_t>;  // kind, proposal, time

std::optional<due::Kind> kind_of(v1::ProposalState state) {
  switch (state) {
    case v1::PROPOSAL_STATE_SUBMITTED:
      return due::Kind::ProposalLapse;
    case v1::PROPOSAL_STATE_NOTICE:
      return due::Kind::VotingStart;
    case v1::PROPOSAL_STATE_VOTING:
    case v1::PROPOSAL_STATE_CONFIRMING:
    case v1::PROPOSAL_STATE_OBJECTION:
      return due::Kind::PhaseEnd;
    case v1::PROPOSAL_STATE_TIMELOCK:
      return due::Kind::Execution;
    case v1::PROPOSAL_STATE_FAILED:
      return due::Kind::GraceEnd;
    default:
      return std::nullopt;
  }
}

std::multiset<Item> queued(const Overlay& state) {
  std::multiset<Item> items;
  const std::string prefix = Key{Table::DueByTime}.str();
  state.scan(prefix, prefix, [&](std::string_view, std::string_view value) {
    const auto item = state::decode<v1::DueItem>(value);
    const auto kind = static_cast<due::Kind>(item.kind());
    if (kind >= due::Kind::ProposalLapse && kind <= due::Kind::StanceSweep) {
      items.emplace(kind, ByteReader{as_bytes(item.ref())}.u64(), item.at_ms());
    }
    return true;
  });
  return items;
}

// Records of open proposals: counted, snapshots live, one due item each.
struct Expected {
  std::map<std::string, std::uint32_t> by_track;
  std::map<std::string, std::uint32_t> by_member;
  std::map<std::string, std::uint64_t> payloads;
  std::multiset<std::string> executed;
  std::multiset<std::uint64_t> live;
  std::multiset<Item> due;
};

void add_expected(Book& book, const v1::Proposal& proposal, Expected& expected) {
  if (is_open(proposal.state())) {
    expected.by_track[std::string(1, static_cast<char>(proposal.lead()))] += 1;
    expected.by_member[proposal.proposer()] += 1;
    check_endorsed(book, proposal);
  }
  // What has passed still occupies its payload, until it is executed or over.
  if (!is_terminal(proposal.state())) expected.payloads[proposal.payload_hash()] = proposal.id();
  if (proposal.state() == v1::PROPOSAL_STATE_EXECUTED) {
    expected.executed.insert(proposal.execution_id());
  }
  if (is_voting(proposal.state())) expected.live.insert(proposal.power_snapshot());
  const auto kind = kind_of(proposal.state());
  if (proposal.due_ms() != 0) {
    expected.due.emplace(kind.value_or(due::Kind::StanceSweep), proposal.id(), proposal.due_ms());
  }
  book.expect(!kind || proposal.due_ms() != 0, "G-12.4: " + named(proposal) + " has no due item");
  const std::uint64_t end = proposal.state() == v1::PROPOSAL_STATE_TIMELOCK ? proposal.eta_ms()
                            : proposal.state() == v1::PROPOSAL_STATE_FAILED
                                ? proposal.grace_until_ms()
                                : proposal.phase_until_ms();
  book.expect(!kind || proposal.due_ms() <= end,
              "G-12.4: the due item of " + named(proposal) + " is later than its phase ends");
}

}  // namespace

std::vector<std::string> broken_invariants(const Overlay& state) {
  Book book{.state = state, .broken = {}};
  Expected expected;
  const std::string proposals = Key{Table::Proposals}.str();
  state.scan(proposals, proposals, [&](std::string_view, std::string_view value) {
    const auto proposal = state::decode<v1::Proposal>(value);
    if (is_voting(proposal.state())) check_tallies(book, proposal);
    check_outcome(book, proposal);
    check_deposits(book, proposal);
    add_expected(book, proposal, expected);
    return true;
  });
  const auto live = power::live_snapshots(state);
  book.expect(std::multiset<std::uint64_t>(live.begin(), live.end()) == expected.live,
              "G-7.17: the live snapshots are not those of proposals being voted on");
  book.expect(queued(state) == expected.due,
              "G-12.4: the queue holds other items of proposals than their records say");
  book.expect(counters(state, Table::OpenByTrack) == expected.by_track,
              "G-7.17: the open counter of a track is off");
  book.expect(counters(state, Table::OpenByMember) == expected.by_member,
              "G-7.17: the open counter of a member is off");
  check_executions(book, std::move(expected.executed));
  check_payloads(book, std::move(expected.payloads));
  return std::move(book.broken);
}

}  // namespace salus::dao::governance
