// Owns: drawing a plan, and its words.
#include "sim/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/random.h"

namespace salus::sim {

namespace {

// Seconds of faults a seed; few, because many seeds see more than one long run does.
constexpr std::uint64_t kTicksMin = 2'500;
constexpr std::uint64_t kTicksMax = 9'000;
// One run in so many is long (section 16: 10 to 300 s), and one in so many of these very long.
constexpr std::uint64_t kLongOneIn = 24;
constexpr std::uint64_t kVeryLongOneIn = 6;
constexpr std::uint64_t kTicksLong = 60'000;
constexpr std::uint64_t kTicksVeryLong = 300'000;
constexpr std::size_t kFaultsMax = 60;
// Of the seeds with few validators, those in which some join and leave; and the time that takes.
constexpr std::uint64_t kMembersPercent = 15;
constexpr std::uint64_t kUpgradePercent = 6;
constexpr std::uint64_t kMembersTicksMin = 12'000;
constexpr std::uint64_t kMembersTicksMax = 25'000;
// A kind of fault is off in this part of the seeds.
constexpr std::uint64_t kOffPercent = 55;
constexpr std::uint64_t kLongOutageOneIn = 6;

struct Range {
  FaultKind kind;
  // How many of it at most.
  std::uint64_t count_max;
  std::uint64_t span_min;
  std::uint64_t span_max;
  std::uint64_t amount_min;
  std::uint64_t amount_max;
};

// Section 16, "range". Of outages most are short, as runs are; draw_long() makes some of them as
// long as the design says.
constexpr Range kAlways[] = {
    {FaultKind::Delay, 1, 0, 30, 1, 100},     {FaultKind::Loss, 1, 0, 0, 1, 300},
    {FaultKind::Repeats, 1, 0, 0, 1, 500},    {FaultKind::Ordered, 1, 0, 0, 0, 0},
    {FaultKind::SlowSync, 1, 0, 0, 1, 20},    {FaultKind::SyncStalls, 1, 1, 20, 100, 2'000},
    {FaultKind::SlowVerify, 1, 0, 0, 1, 20},  {FaultKind::SlowExecution, 1, 0, 0, 1, 60},
    {FaultKind::SlowNode, 1, 0, 0, 50, 500},  {FaultKind::ClockOffset, 2, 0, 0, 0, 10'000},
    {FaultKind::ClockDrift, 2, 0, 0, 0, 400}, {FaultKind::Bandwidth, 1, 0, 0, 1, 100},
    {FaultKind::Declined, 1, 0, 0, 1, 50},
};
constexpr Range kSometimes[] = {
    {FaultKind::ClockJump, 2, 0, 0, 0, 20'000},
    {FaultKind::Clog, 3, 100, 5'000, 0, 0},
    {FaultKind::PartAlone, 2, 100, 8'000, 0, 0},
    {FaultKind::PartHalves, 2, 100, 8'000, 0, 0},
    {FaultKind::PartRandom, 2, 100, 8'000, 0, 0},
    {FaultKind::PartRing, 1, 100, 8'000, 0, 0},
    {FaultKind::PartOneWay, 2, 100, 8'000, 0, 0},
    {FaultKind::Swizzle, 1, 500, 8'000, 0, 0},
    {FaultKind::CrashOne, 3, 0, 8'000, 0, 0},
    {FaultKind::CrashLeader, 3, 0, 8'000, 0, 0},
    {FaultKind::CrashFaulty, 2, 0, 8'000, 0, 0},
    {FaultKind::CrashAll, 2, 0, 5'000, 0, 0},
    {FaultKind::CrashInRecovery, 2, 0, 5'000, 0, 1},
    {FaultKind::KillOne, 2, 0, 5'000, 0, 0},
    {FaultKind::Pause, 2, 100, 10'000, 0, 0},
    {FaultKind::SyncError, 2, 0, 0, 0, 0},
    {FaultKind::WriteError, 2, 0, 0, 0, 0},
    {FaultKind::DiskFull, 1, 500, 8'000, 0, 0},
    {FaultKind::Reseat, 3, 0, 0, 0, 0},
};
constexpr Range kSpoilers[] = {
    {FaultKind::BitFlip, 1, 0, 3'000, 0, 0},    {FaultKind::LostDisk, 1, 0, 3'000, 0, 1},
    {FaultKind::LostLedger, 1, 0, 3'000, 0, 1}, {FaultKind::OldBackup, 1, 100, 10'000, 0, 0},
    {FaultKind::Differs, 1, 0, 1'000, 0, 0},    {FaultKind::Traitor, 1, 0, 0, 0, 0},
    {FaultKind::Traitor, 1, 0, 0, 0, 0},        {FaultKind::Traitor, 1, 0, 0, 0, 0},
};

class Drawing {
 public:
  Drawing(std::uint64_t seed, std::uint64_t ticks) : random_(seed, 7) {
    plan_.seed = seed;
    plan_.n = draw_size();
    plan_.ticks = ticks != 0 ? ticks : draw_ticks();
    plan_.client_ms = random_.draw(200, 1'500);
    // In a long run there is more silence between clients.
    if (plan_.ticks > kTicksLong) plan_.client_ms *= 4;
    // Section 16 wants 20; most of what can go wrong goes wrong in the first ones.
    plan_.blocks = random_.one_in(5) ? 20 : random_.draw(3, 8);
  }

  Plan draw() {
    draw_parameters();
    draw_members();
    draw_upgrade();
    for (const Range& range : kAlways) draw(range, false);
    for (const Range& range : kSometimes) draw(range, true);
    draw_spoilers();
    for (std::size_t i = 0; i < plan_.faults.size(); ++i) plan_.faults[i].place = i;
    return std::move(plan_);
  }

 private:
  std::size_t draw_size() {
    const std::uint64_t of_thousand = random_.draw(0, 999);
    if (of_thousand < 30) return 1;
    if (of_thousand < 90) return 3;
    if (of_thousand < 800) return 4;
    if (of_thousand < 900) return 5;
    if (of_thousand < 980) return 7;
    if (of_thousand < 994) return 10;
    return of_thousand < 998 ? 13 : 31;
  }

  std::uint64_t draw_ticks() {
    const std::uint64_t ticks = random_.draw(kTicksMin, kTicksMax);
    // Many validators cost much: they get less time.
    if (plan_.n > 7) return ticks * 7 / plan_.n;
    if (!random_.one_in(kLongOneIn)) return ticks;
    return random_.one_in(kVeryLongOneIn) ? random_.draw(kTicksLong, kTicksVeryLong)
                                          : random_.draw(kTicksMax, kTicksLong);
  }

  // Each node does one thing at most, and those who leave come first: the others are few then.
  void draw_members() {
    if (plan_.n > 7 || plan_.n == 1 || !random_.percent(kMembersPercent)) return;
    plan_.ticks = std::max(plan_.ticks, random_.draw(kMembersTicksMin, kMembersTicksMax));
    const std::uint64_t count = random_.draw(1, 2);
    for (std::uint64_t i = 0; i < count; ++i) {
      constexpr FaultKind kKinds[] = {FaultKind::Join, FaultKind::Join, FaultKind::Rekey,
                                      FaultKind::Leave};
      // Three can't spare one.
      const FaultKind kind = kKinds[random_.draw(0, plan_.n > 3 ? 3 : 2)];
      Fault fault = one({kind, 1, 0, 0, 0, 1}, true);
      fault.node = static_cast<std::uint16_t>(i);
      fault.at /= 3;
      if (kind == FaultKind::Leave) ++leaving_;
      if (kind != FaultKind::Leave) fault.span = plan_.n + plan_.spares++;
      plan_.faults.push_back(fault);
    }
    const std::uint64_t crashes = random_.draw(0, 3);
    for (std::uint64_t i = 0; i < crashes; ++i) {
      plan_.faults.push_back(one({FaultKind::CrashAtEpochEnd, 1, 0, 2'000, 0, 3}, true));
    }
  }

  // Where the members stay. Of a stream of its own: the other faults of a seed are what they were.
  void draw_upgrade() {
    Random chance{plan_.seed, 8};
    if (plan_.n > 7 || plan_.spares > 0 || leaving_ > 0 || !chance.percent(kUpgradePercent)) return;
    plan_.ticks = std::max(plan_.ticks, chance.draw(kMembersTicksMin, kMembersTicksMax));
    plan_.parameters.emplace_back("validators.upgrade_notice", 1);
    plan_.parameters.emplace_back("validators.upgrade_window", 1'000);
    Fault fault;
    fault.kind = FaultKind::Upgrade;
    fault.at = chance.draw(0, plan_.ticks / 3);
    fault.seed = chance.next();
    plan_.faults.push_back(fault);
  }

  void draw_parameters() {
    constexpr std::uint64_t kIntervals[] = {0, 100, 500};
    constexpr std::uint64_t kDeltas[] = {100, 2'000};
    // Epochs may be short.
    plan_.parameters.emplace_back("consensus.epoch_blocks_min", 1);
    if (random_.percent(30)) {
      plan_.parameters.emplace_back("consensus.block_interval_ms", kIntervals[random_.draw(0, 2)]);
    }
    if (random_.percent(20)) {
      plan_.parameters.emplace_back("consensus.delta_ms", kDeltas[random_.draw(0, 1)]);
    }
  }

  // Of a stream of the fault's own: the other faults of a seed are what they were.
  void draw_long(Fault& fault) const {
    constexpr std::uint64_t kPartedMax = 60'000;
    constexpr std::uint64_t kDownMax = 30'000;
    Random chance{fault.seed, 9};
    if (!chance.one_in(kLongOutageOneIn)) return;
    switch (fault.kind) {
      case FaultKind::PartAlone:
      case FaultKind::PartHalves:
      case FaultKind::PartRandom:
      case FaultKind::PartRing:
      case FaultKind::PartOneWay:
      case FaultKind::Swizzle:
        fault.span = chance.draw(fault.span, kPartedMax);
        return;
      case FaultKind::CrashOne:
      case FaultKind::CrashLeader:
      case FaultKind::CrashFaulty:
      case FaultKind::CrashAll:
      case FaultKind::CrashInRecovery:
      case FaultKind::KillOne:
        fault.span = chance.draw(fault.span, kDownMax);
        return;
      default:
        return;
    }
  }

  Fault one(const Range& range, bool has_time) {
    Fault fault;
    fault.kind = range.kind;
    fault.node = static_cast<std::uint16_t>(random_.draw(0, plan_.n + plan_.spares - 1));
    // Nodes that come later have no seat to ask for.
    if (range.kind == FaultKind::Reseat) fault.node %= static_cast<std::uint16_t>(plan_.n);
    fault.at = has_time ? random_.draw(0, plan_.ticks) : 0;
    fault.span = random_.draw(range.span_min, range.span_max);
    fault.amount = random_.draw(range.amount_min, range.amount_max);
    fault.seed = random_.next();
    draw_long(fault);
    return fault;
  }

  void draw(const Range& range, bool has_time) {
    if (random_.percent(kOffPercent)) return;
    // As often a minute in a long run as in a short one, up to a bound.
    const std::uint64_t times = has_time ? 1 + std::min<std::uint64_t>(3, plan_.ticks / 20'000) : 1;
    const std::uint64_t count = random_.draw(1, range.count_max * times);
    for (std::uint64_t i = 0; i < count && plan_.faults.size() < kFaultsMax; ++i) {
      plan_.faults.push_back(one(range, has_time));
    }
  }

  // Lost disks, rolled-back images and traitors share the budget f, each with a node of its own.
  void draw_spoilers() {
    // Also of the smallest set that may come.
    const std::size_t budget = (plan_.n - leaving_ - 1) / 3;
    const std::uint64_t count = random_.percent(35) ? 0 : random_.draw(0, budget);
    std::set<std::uint16_t> spoilt;
    for (std::uint64_t i = 0; i < count; ++i) {
      Fault fault = one(kSpoilers[random_.draw(0, std::size(kSpoilers) - 1)], true);
      fault.node %= static_cast<std::uint16_t>(plan_.n);
      while (spoilt.contains(fault.node)) {
        fault.node = static_cast<std::uint16_t>((fault.node + 1U) % plan_.n);
      }
      spoilt.insert(fault.node);
      const std::uint64_t treasons = fault.kind == FaultKind::Traitor ? random_.draw(1, 3) : 1;
      for (std::uint64_t k = 0; k < treasons; ++k) {
        fault.amount = random_.draw(0, kTreasons - 1);
        fault.seed = random_.next();
        plan_.faults.push_back(fault);
      }
    }
  }

  Random random_;
  Plan plan_;
  std::size_t leaving_ = 0;
};

}  // namespace

std::string_view name(FaultKind kind) {
  switch (kind) {
    case FaultKind::Delay:
      return "delay";
    case FaultKind::Loss:
      return "loss";
    case FaultKind::Repeats:
      return "repeats";
    case FaultKind::Ordered:
      return "ordered";
    case FaultKind::SlowSync:
      return "slow-sync";
    case FaultKind::SyncStalls:
      return "sync-stalls";
    case FaultKind::SlowVerify:
      return "slow-verify";
    case FaultKind::SlowExecution:
      return "slow-execution";
    case FaultKind::SlowNode:
      return "slow-node";
    case FaultKind::ClockOffset:
      return "clock-offset";
    case FaultKind::ClockDrift:
      return "clock-drift";
    case FaultKind::Bandwidth:
      return "bandwidth";
    case FaultKind::Declined:
      return "declined";
    case FaultKind::ClockJump:
      return "clock-jump";
    case FaultKind::Clog:
      return "clog";
    case FaultKind::PartAlone:
      return "part-alone";
    case FaultKind::PartHalves:
      return "part-halves";
    case FaultKind::PartRandom:
      return "part-random";
    case FaultKind::PartRing:
      return "part-ring";
    case FaultKind::PartOneWay:
      return "part-one-way";
    case FaultKind::Swizzle:
      return "swizzle";
    case FaultKind::CrashOne:
      return "crash-one";
    case FaultKind::CrashLeader:
      return "crash-leader";
    case FaultKind::CrashFaulty:
      return "crash-f";
    case FaultKind::CrashAll:
      return "crash-all";
    case FaultKind::CrashInRecovery:
      return "crash-in-recovery";
    case FaultKind::KillOne:
      return "kill-one";
    case FaultKind::Pause:
      return "pause";
    case FaultKind::SyncError:
      return "sync-error";
    case FaultKind::WriteError:
      return "write-error";
    case FaultKind::DiskFull:
      return "disk-full";
    case FaultKind::Reseat:
      return "reseat";
    case FaultKind::Join:
      return "join";
    case FaultKind::Leave:
      return "leave";
    case FaultKind::Rekey:
      return "rekey";
    case FaultKind::Upgrade:
      return "upgrade";
    case FaultKind::CrashAtEpochEnd:
      return "crash-at-epoch-end";
    case FaultKind::BitFlip:
      return "bit-flip";
    case FaultKind::LostDisk:
      return "lost-disk";
    case FaultKind::LostLedger:
      return "lost-ledger";
    case FaultKind::OldBackup:
      return "old-backup";
    case FaultKind::Differs:
      return "differs";
    case FaultKind::Traitor:
      return "traitor";
  }
  return "?";
}

std::string_view name(Treason treason) {
  switch (treason) {
    case Treason::Equivocate:
      return "two candidates to two halves";
    case Treason::BlockToFew:
      return "block to f+1 only";
    case Treason::WithholdBytes:
      return "withholds bytes";
    case Treason::LateCertificates:
      return "shows certificates late";
    case Treason::DoubleVote:
      return "notarizes and finalizes twice";
    case Treason::NullifyAndFinalize:
      return "nullifies and finalizes";
    case Treason::VoteForAll:
      return "votes for everything";
    case Treason::Silent:
      return "is silent";
    case Treason::NullifyOnly:
      return "nullifies only";
    case Treason::NullifyOwn:
      return "nullifies its own candidate";
    case Treason::ForgedHeader:
      return "forges headers";
    case Treason::FutureViews:
      return "votes in future views";
    case Treason::BadSignatures:
      return "signs badly";
    case Treason::WrongAnswers:
      return "answers wrongly";
    case Treason::EndlessAnswers:
      return "answers without end";
    case Treason::FalseStatus:
      return "lies about its status";
    case Treason::Replays:
      return "replays";
    case Treason::BadCertificates:
      return "shows bad certificates";
    case Treason::Mutations:
      return "mutates frames";
    case Treason::Garbage:
      return "sends garbage";
    case Treason::VotesToSome:
      return "votes to some";
    case Treason::ChildOfBoundary:
      return "offers a child of a boundary block";
    case Treason::SpareBlocks:
      return "offers more blocks than it may";
  }
  return "?";
}

Plan draw_plan(std::uint64_t seed, std::uint64_t ticks) { return Drawing{seed, ticks}.draw(); }

Plan only(const Plan& plan, const std::set<std::size_t>& kept) {
  Plan out = plan;
  std::erase_if(out.faults, [&](const Fault& fault) { return !kept.contains(fault.place); });
  return out;
}

std::string describe(const Fault& fault) {
  if (fault.kind == FaultKind::Traitor) {
    return fmt::format("traitor v{} from {} ms: {}", fault.node, fault.at,
                       name(static_cast<Treason>(fault.amount)));
  }
  return fmt::format("{} v{} at {} ms for {}, amount {}", name(fault.kind), fault.node, fault.at,
                     fault.span, fault.amount);
}

std::string describe(const Plan& plan) {
  std::string out = fmt::format(
      "seed {}: n {}{}, {} ms of faults, a client each {} ms, {} blocks after healing\n", plan.seed,
      plan.n, plan.spares > 0 ? fmt::format(" and {} more to come", plan.spares) : "", plan.ticks,
      plan.client_ms, plan.blocks);
  for (const auto& [parameter, value] : plan.parameters) {
    out += fmt::format("  {} = {}\n", parameter, value);
  }
  for (const Fault& fault : plan.faults) {
    out += fmt::format("  {:>2} {}\n", fault.place, describe(fault));
  }
  return out;
}

}  // namespace salus::sim
