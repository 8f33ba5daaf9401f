// Owns: what each fault does to the network, the clients, and the healing.
#include "sim/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "dao/application.h"
#include "dao/validators/validators.h"
#include "ledger/reader.h"
#include "sim/actions.h"

namespace salus::sim {

namespace {

constexpr const char* kPayers[] = {"mira", "noor", "chen", "ada", "hope"};
// Supervisors start again what aborted.
constexpr std::uint64_t kRestartFailedMs = 1'500;
// 60 s and three times t_a at the cap of the back-off (section 16): t_a is 3 D, D at most 10 s.
constexpr std::uint64_t kHealMs = 60'000 + 3 * 3 * 10'000;
constexpr std::uint64_t kHealStepMs = 100;
constexpr std::uint64_t kDivergeMs = 30'000;
constexpr std::uint64_t kCampaignStepMs = 150;
// How often it is asked whether an epoch ends, and how long after that the power goes at most.
constexpr std::uint64_t kEpochEndStepMs = 3;
constexpr std::uint64_t kEpochEndSpanMs = 60;
// Of section 10: fetches that one node may have open.
constexpr std::size_t kOpenFetchesMax = 32;

}  // namespace

std::string Outcome::broken() const {
  if (held()) return "";
  const std::size_t end = failure.find_first_of(": \n");
  const std::string first = failure.substr(0, end);
  const bool is_number = first.size() >= 2 && (first.front() == 'O' || first.front() == 'S');
  return is_number ? first : "other";
}

NetworkOptions Trial::options_of(const Plan& plan) {
  return {.n = plan.n,
          .seed = plan.seed,
          .faults = ambient_of(plan),
          .parameters = plan.parameters,
          .spares = plan.spares};
}

Faults Trial::ambient_of(const Plan& plan) {
  Faults faults;
  for (const Fault& fault : plan.faults) {
    switch (fault.kind) {
      case FaultKind::Delay:
        faults.delay_ms_min = faults.delay_ms_max = fault.span;
        faults.delay_mean_ms = fault.amount;
        break;
      case FaultKind::Loss:
        faults.lost = static_cast<std::uint32_t>(fault.amount);
        break;
      case FaultKind::Repeats:
        faults.repeated = static_cast<std::uint32_t>(fault.amount);
        break;
      case FaultKind::Ordered:
        faults.ordered = true;
        break;
      case FaultKind::SlowSync:
        faults.disk_ms_max = fault.amount;
        break;
      case FaultKind::SyncStalls:
        faults.disk_stalls = static_cast<std::uint32_t>(fault.span);
        faults.disk_stall_ms_max = fault.amount;
        break;
      case FaultKind::SlowVerify:
        faults.verify_ms_max = fault.amount;
        break;
      case FaultKind::SlowExecution:
        faults.execute_ms_max = fault.amount;
        break;
      case FaultKind::Bandwidth:
        faults.link_mib_per_s = fault.amount;
        break;
      case FaultKind::Declined:
        faults.declined = static_cast<std::uint32_t>(fault.amount);
        break;
      default:
        break;
    }
  }
  return faults;
}

Trial::Trial(const Plan& plan)
    : plan_(plan),
      network_(options_of(plan)),
      random_(plan.seed, 11),
      citizens_(network_, plan.seed) {
  network_.restart_failed_after(kRestartFailedMs);
  for (const Fault& fault : plan_.faults) schedule(fault);
}

void Trial::tell_to(std::function<void(const std::string&)> listener) {
  network_.tell_to(std::move(listener));
}

void Trial::schedule(const Fault& fault) {
  const auto signed_amount = [&](std::int64_t half) {
    return static_cast<std::int64_t>(fault.amount) - half;
  };
  switch (fault.kind) {
    case FaultKind::SlowNode:
      return network_.set_slow(fault.node, fault.amount);
    case FaultKind::ClockOffset:
      return network_.shift_clock(fault.node, signed_amount(5'000));
    case FaultKind::ClockDrift:
      return network_.set_drift(fault.node, signed_amount(200));
    case FaultKind::OldBackup:
      network_.at(network_.now() + fault.at / 2, [this, node = fault.node] {
        if (!is_healing_) network_.back_up(node);
      });
      break;
    case FaultKind::Traitor:
      // Faulty from the start for the oracle; its first treason comes later.
      betray(fault);
      return;
    default:
      break;
  }
  network_.at(network_.now() + fault.at, [this, fault] {
    if (!is_healing_) happen(fault);
  });
}

void Trial::happen(const Fault& fault) {
  Random random{fault.seed};
  const auto off = [&](std::move_only_function<void()> end) {
    network_.at(network_.now() + fault.span, [this, end = std::move(end)]() mutable {
      if (!is_healing_) end();
    });
  };
  const std::uint16_t node = fault.node;
  switch (fault.kind) {
    case FaultKind::ClockJump:
      return network_.shift_clock(node, static_cast<std::int64_t>(fault.amount) - 10'000);
    case FaultKind::Clog:
      for (std::uint16_t to = 0; to < plan_.n; ++to) {
        if (random.one_in(2)) network_.clog(node, to, fault.span);
      }
      return;
    case FaultKind::PartAlone:
    case FaultKind::PartHalves:
    case FaultKind::PartRandom:
    case FaultKind::PartRing:
    case FaultKind::PartOneWay:
      return part(fault, random);
    case FaultKind::Swizzle:
      return swizzle(fault, random);
    case FaultKind::CrashOne:
      return crash_for(node, fault.span, CrashKind::Power);
    case FaultKind::KillOne:
      return crash_for(node, fault.span, CrashKind::Process);
    case FaultKind::CrashLeader: {
      const auto leader = network_.is_up(node) ? network_.leader_of(node) : std::nullopt;
      return crash_for(leader.value_or(node), fault.span, CrashKind::Power);
    }
    case FaultKind::CrashFaulty:
      for (std::size_t i = 0; i < (plan_.n - 1) / 3; ++i) {
        crash_for(static_cast<std::uint16_t>((node + i) % plan_.n), fault.span, CrashKind::Power);
      }
      return;
    case FaultKind::CrashAll:
      for (std::uint16_t i = 0; i < plan_.n; ++i) crash_for(i, fault.span, CrashKind::Power);
      return;
    case FaultKind::CrashInRecovery:
      network_.crash(node, fault.amount == 0 ? CrashKind::Power : CrashKind::Process);
      ++crashes_;
      return off([this, node] { network_.start_twice(node); });
    case FaultKind::Pause:
      return network_.pause(node, fault.span);
    case FaultKind::SyncError:
      return network_.fail_next_sync(node);
    case FaultKind::WriteError:
      return network_.fail_next_write(node);
    case FaultKind::DiskFull:
      network_.set_disk_full(node, true);
      return off([this, node] { network_.set_disk_full(node, false); });
    case FaultKind::Reseat:
      network_.ask_reseat(node);
      return;
    case FaultKind::Join:
    case FaultKind::Leave:
    case FaultKind::Rekey:
      return begin_campaign(fault);
    case FaultKind::Upgrade:
      return begin_upgrade(fault);
    case FaultKind::CrashAtEpochEnd:
      return crash_at_epoch_end(fault);
    case FaultKind::BitFlip:
    case FaultKind::LostDisk:
    case FaultKind::LostLedger:
    case FaultKind::OldBackup:
    case FaultKind::Differs:
      return spoil(fault);
    default:
      return;
  }
}

void Trial::crash_for(std::uint16_t node, std::uint64_t span, CrashKind kind) {
  if (network_.is_up(node)) ++crashes_;
  network_.crash(node, kind);
  network_.at(network_.now() + span, [this, node] {
    if (!is_healing_) network_.start(node);
  });
}

// Each outage ends by itself, whatever others lie over it.
void Trial::part(const Fault& fault, Random& random) {
  const auto n = static_cast<std::uint16_t>(plan_.n);
  std::vector<std::pair<std::uint16_t, std::uint16_t>> pairs;
  const bool is_one_way = fault.kind == FaultKind::PartOneWay;
  if (is_one_way) {
    for (std::uint16_t to = 0; to < n; ++to) {
      const bool hears = random.one_in(2);
      if (random.one_in(2)) pairs.emplace_back(hears ? fault.node : to, hears ? to : fault.node);
    }
  } else {
    const auto groups = groups_of(fault, random);
    for (std::uint16_t a = 0; a < n; ++a) {
      for (std::uint16_t b = 0; b < a; ++b) {
        const bool is_ring = fault.kind == FaultKind::PartRing;
        const bool are_apart =
            is_ring ? a - b != 1 && a - b != n - 1 : groups[a] != groups[b];
        if (are_apart) pairs.emplace_back(a, b);
      }
    }
  }
  const auto set = [this, is_one_way](const auto& of, bool begins) {
    for (const auto& [a, b] : of) {
      is_one_way ? network_.set_cut(a, b, begins) : network_.set_parted(a, b, begins);
    }
  };
  set(pairs, true);
  network_.at(network_.now() + fault.span, [this, set, pairs = std::move(pairs)] {
    if (!is_healing_) set(pairs, false);
  });
}

// The number of each node's group.
std::vector<std::uint64_t> Trial::groups_of(const Fault& fault, Random& random) const {
  std::vector<std::uint64_t> groups(plan_.n, 0);
  if (fault.kind == FaultKind::PartRandom) {
    const std::uint64_t count = random.draw(2, 3);
    for (std::uint64_t& group : groups) group = random.draw(0, count - 1);
    return groups;
  }
  const std::size_t alone = fault.kind == FaultKind::PartAlone ? 1 : plan_.n / 2;
  for (std::size_t i = 0; i < alone; ++i) groups[(fault.node + i) % plan_.n] = 1;
  return groups;
}

// A random subset is cut off one by one and comes back in another order.
void Trial::swizzle(const Fault& fault, Random& random) {
  const auto n = static_cast<std::uint16_t>(plan_.n);
  for (std::uint16_t node = 0; node < n; ++node) {
    if (random.one_in(2)) continue;
    for (const bool parted : {true, false}) {
      const std::uint64_t half = fault.span / 2;
      const std::uint64_t when = parted ? random.draw(0, half) : half + random.draw(0, half);
      network_.at(network_.now() + when, [this, node, n, parted] {
        if (is_healing_) return;
        for (std::uint16_t other = 0; other < n; ++other) {
          if (other != node) network_.set_parted(node, other, parted);
        }
      });
    }
  }
}

void Trial::spoil(const Fault& fault) {
  const std::uint16_t node = fault.node;
  network_.crash(node, CrashKind::Power);
  ++crashes_;
  if (fault.kind == FaultKind::BitFlip) network_.damage_journal(node);
  if (fault.kind == FaultKind::LostDisk) network_.lose_disk(node);
  if (fault.kind == FaultKind::LostLedger) network_.lose_ledger(node);
  if (fault.kind == FaultKind::OldBackup) network_.restore_backup(node);
  if (fault.kind == FaultKind::Differs) network_.make_differ(node);
  const bool is_empty = fault.kind == FaultKind::LostDisk || fault.kind == FaultKind::LostLedger;
  const bool by_snapshot = is_empty && fault.amount % 2 == 1;
  network_.at(network_.now() + fault.span, [this, node, by_snapshot] {
    by_snapshot ? network_.join_by_snapshot(node) : network_.start(node);
  });
}

void Trial::begin_upgrade(const Fault& fault) {
  network_.expect_old_builds();
  campaigns_.emplace_back(
      network_, Campaign::Aim{.kind = CampaignKind::Upgrade, .node = 0, .spare = 0}, fault.seed);
  network_.at(network_.now() + kCampaignStepMs, [this] { run_campaigns(); });
  Random random{fault.seed};
  for (std::uint16_t node = 0; node < plan_.n; ++node) {
    const std::uint64_t when = random.draw(0, plan_.ticks - fault.at);
    if (random.one_in(2)) continue;
    network_.at(network_.now() + when, [this, node] {
      if (!is_healing_) network_.install(node, kNextVersion);
    });
  }
}

void Trial::begin_campaign(const Fault& fault) {
  const bool comes = fault.kind != FaultKind::Leave;
  Campaign::Aim aim{.kind = CampaignKind::Join,
                    .node = fault.node,
                    .spare = comes ? static_cast<std::uint16_t>(fault.span) : std::uint16_t{0}};
  if (fault.kind == FaultKind::Rekey) aim.kind = CampaignKind::Rekey;
  if (fault.kind == FaultKind::Leave) {
    aim.kind = fault.amount % 2 == 1 ? CampaignKind::Leave : CampaignKind::Remove;
  }
  if (campaigns_.empty()) {
    network_.at(network_.now() + kCampaignStepMs, [this] { run_campaigns(); });
  }
  campaigns_.emplace_back(network_, aim, fault.seed);
  if (!comes) return;
  fault.amount % 2 == 1 ? network_.join_by_snapshot(aim.spare) : network_.start(aim.spare);
}

void Trial::run_campaigns() {
  for (Campaign& campaign : campaigns_) campaign.step();
  network_.at(network_.now() + kCampaignStepMs, [this] { run_campaigns(); });
}

// From when its parent is final to somewhat behind it.
void Trial::crash_at_epoch_end(const Fault& fault) {
  if (is_healing_) return;
  if (!dao::validators::pending_set(ledger::Reader{furthest_store(network_)}.state())) {
    return network_.at(network_.now() + kEpochEndStepMs,
                       [this, fault] { crash_at_epoch_end(fault); });
  }
  Random random{fault.seed};
  const bool all = fault.amount % 2 == 1;
  network_.at(network_.now() + random.draw(0, kEpochEndSpanMs), [this, fault, all] {
    if (is_healing_) return;
    for (std::uint16_t node = 0; node < network_.size(); ++node) {
      if ((all || node == fault.node) && network_.is_up(node)) {
        crash_for(node, fault.span, CrashKind::Power);
      }
    }
  });
}

void Trial::betray(const Fault& fault) {
  auto& adversary = adversaries_[fault.node];
  if (!adversary) {
    adversary = std::make_unique<Adversary>(network_, fault.node, fault.seed);
    network_.corrupt(fault.node, adversary.get());
  }
  network_.at(network_.now() + fault.at, [traitor = adversary.get(), fault] {
    traitor->commit(static_cast<Treason>(fault.amount));
  });
}

void Trial::be_client() {
  const auto node = static_cast<std::uint16_t>(random_.draw(0, plan_.n - 1));
  const char* const payer = kPayers[random_.draw(0, std::size(kPayers) - 1)];
  const std::uint64_t what = random_.draw(0, 9);
  // Half or less are payments, by which a node that executes differently shows itself.
  if (what == 0) {
    network_.submit_lost_again();
  } else if (what == 1 && plan_.n > 1) {
    // Two payments with one sequence, to two nodes at once: one of them is final.
    const auto first = pay(network_, node, payer, 1);
    const auto other = static_cast<std::uint16_t>((node + 1U) % plan_.n);
    network_.submit_rival(other, payer, dao::test::transfer(network_.account("noor"), 2), first);
  } else if (what < 5) {
    pay(network_, node, payer, 1);
  } else {
    for (std::uint64_t more = random_.draw(1, 2); more > 0; --more) citizens_.act(node);
  }
  network_.at(network_.now() + random_.draw(1, 2 * plan_.client_ms), [this] {
    if (!is_healing_) be_client();
  });
}

// Correct, with its memory whole: one of those who must finish.
bool Trial::is_correct(std::uint16_t node) const {
  return !adversaries_.contains(node) && !network_.is_disk_spoilt(node);
}

// Core: q correct validators, chosen by chance. Their links to each other, disks and clocks are well
// from now on; the others stay as they are, with all outages that lie over them.
void Trial::heal() {
  is_healing_ = true;
  std::vector<std::uint16_t> correct;
  const auto is_there = [&](std::uint16_t node) {
    return node < plan_.n ||
           std::ranges::any_of(
               campaigns_, [&](const Campaign& campaign) { return campaign.brings(node); });
  };
  for (std::uint16_t node = 0; node < network_.size(); ++node) {
    if (is_correct(node) && is_there(node)) correct.push_back(node);
  }
  for (std::size_t i = correct.size(); i > 1; --i) {
    std::swap(correct[i - 1], correct[random_.draw(0, i - 1)]);
  }
  // Where members come and go, all do, for the next sets must have their quorums too.
  const std::size_t size =
      campaigns_.empty() ? std::min(correct.size(), network_.quorum()) : correct.size();
  core_.assign(correct.begin(), correct.begin() + static_cast<std::ptrdiff_t>(size));
  std::ranges::sort(core_);
  Faults faults;
  faults.delay_ms_max = 5;
  faults.disk_ms_max = 2;
  network_.calm(core_, faults);
  network_.heal(core_);
  const bool is_upgrading = std::ranges::any_of(
      plan_.faults, [](const Fault& fault) { return fault.kind == FaultKind::Upgrade; });
  for (const std::uint16_t node : core_) {
    network_.reset_clock(node);
    network_.set_disk_full(node, false);
    network_.set_slow(node, 0);
    if (is_upgrading) network_.install(node, kNextVersion);
    network_.start(node);
  }
  goal_ = Height{network_.oracle().height().value() + plan_.blocks};
}

bool Trial::is_done() {
  if (network_.oracle().height() < goal_ || !network_.are_all_final()) return false;
  if (!std::ranges::all_of(campaigns_, &Campaign::is_done)) return false;
  std::set<std::pair<Height, Root>> tips;
  for (const std::uint16_t node : core_) {
    if (!network_.is_up(node)) return false;
    const ledger::Tip& tip = network_.replica(node).ledger().finalized();
    if (network_.replica(node).epoch() != Epoch{tip.validators.epoch()}) return false;
    tips.emplace(tip.height, tip.state_root);
  }
  return tips.size() == 1 && tips.begin()->first == network_.oracle().height();
}

std::string Trial::stall() const {
  std::string out =
      fmt::format("O14: not done {} ms after healing, goal height {}:\n", kHealMs, goal_.value());
  for (const Campaign& campaign : campaigns_) out += "  " + campaign.describe() + "\n";
  out += network_.describe_open();
  for (std::uint16_t i = 0; i < network_.size(); ++i) {
    const bool is_core = std::ranges::find(core_, i) != core_.end();
    if (!network_.is_up(i)) {
      out += fmt::format("  v{}{} is {}\n", i, is_core ? " of the core" : "",
                         network_.is_joining(i) ? "joining by snapshot" : "down");
      continue;
    }
    const ReplicaStatus status = network_.replica(i).status();
    const consensus::CoreStatus& core = status.consensus;
    out += fmt::format(
        "  v{}{} {}{}{} height {} view {} final {} heard {} of {} waits for {}, {} waiting\n", i,
        is_core ? " of the core" : "", consensus::name(core.mode), core.observing ? " " : "",
        core.observing ? consensus::name(*core.observing) : "", status.tip.height.value(),
        core.view.value(), core.finalized.value(), core.heard, core.heard_needed,
        consensus::name(core.waiting), status.waiting_transactions);
  }
  return out;
}

// O12: whose final blocks have other roots than the chain's says so itself.
void Trial::demand_divergence(std::uint16_t node) {
  if (!network_.is_up(node) || !network_.oracle().has_differed(node)) return;
  const auto is_diverged = [&] {
    return !network_.is_up(node) ||
           network_.replica(node).status().consensus.mode == consensus::Mode::Diverged;
  };
  if (network_.run_until(is_diverged, kDivergeMs)) return;
  network_.oracle().violate(fmt::format("O12: v{} executes differently and is not diverged", node));
}

Outcome Trial::play() {
  for (std::uint16_t node = 0; node < plan_.n; ++node) network_.start(node);
  be_client();
  network_.run_for(plan_.ticks);
  heal();
  const std::uint64_t healed = network_.now();
  const Height before = network_.oracle().height();
  Outcome out;
  out.seed = plan_.seed;
  bool done = false;
  const auto may_ask = [this](std::uint16_t node) {
    return std::ranges::find(core_, node) != core_.end();
  };
  while (!done && network_.now() < healed + kHealMs && network_.oracle().violations().empty()) {
    const std::uint64_t spent = network_.now() - healed;
    if (spent % 1'000 == 0) network_.submit_lost_again(may_ask);
    const bool wants_blocks = network_.oracle().height() < goal_;
    if (wants_blocks && network_.are_all_final()) {
      pay(network_, core_[random_.draw(0, core_.size() - 1)], "zed");
    }
    network_.run_for(kHealStepMs);
    if (out.healed_first_ms == 0 && network_.oracle().height() > before) {
      out.healed_first_ms = network_.now() - healed;
    }
    done = is_done();
  }
  out.healed_done_ms = network_.now() - healed;
  for (const std::uint16_t node : core_) {
    if (!network_.is_up(node)) continue;
    const ReplicaStatus status = network_.replica(node).status();
    if (status.consensus.open_fetches > kOpenFetchesMax) {
      network_.oracle().violate(
          fmt::format("O13: v{} has {} fetches open", node, status.consensus.open_fetches));
    }
    // Who has no seat follows.
    const bool has_seat = network_.oracle().sits(node);
    if (done && has_seat != (status.consensus.observing != consensus::ObservingReason::NotInSet)) {
      network_.oracle().violate(fmt::format("O11: v{} {} a seat and does not know it", node,
                                            has_seat ? "has" : "has no"));
    }
    if (has_seat && status.consensus.mode != consensus::Mode::Voting) {
      network_.oracle().violate(
          fmt::format("O12: v{} is {}", node, consensus::name(status.consensus.mode)));
    }
  }
  // Who is cut off hears nothing that could tell.
  network_.heal();
  for (std::uint16_t node = 0; node < network_.size(); ++node) demand_divergence(node);
  for (const std::string& broken :
       dao::broken_invariants(ledger::Reader{furthest_store(network_)}.state())) {
    network_.oracle().violate(fmt::format("O16: {}", broken));
  }
  network_.oracle().finish();
  out.failure = network_.oracle().report();
  if (!done && out.failure.empty()) out.failure = stall();
  out.trace_hash = network_.trace_hash();
  out.virtual_ms = network_.now();
  out.events = network_.events_run();
  out.frames = network_.frames_sent();
  out.height = network_.oracle().height().value();
  out.views = network_.oracle().views_judged();
  out.transactions = network_.clients();
  out.crashes = crashes_;
  out.aborts = network_.oracle().aborts();
  out.alarms = network_.oracle().excused_alarms();
  out.epochs = network_.oracle().epochs() - 1;
  out.set_changes =
      static_cast<std::uint64_t>(std::ranges::count_if(campaigns_, &Campaign::is_won));
  out.snapshots = network_.snapshots();
  return out;
}

Outcome play(const Plan& plan, std::function<void(const std::string&)> listener) {
  Trial trial{plan};
  if (listener) trial.tell_to(std::move(listener));
  return trial.play();
}

}  // namespace salus::sim
