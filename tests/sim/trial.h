// Owns: one run in two phases (consensus.md, section 16): the faults of a plan, in which everything
// must stay safe; then q correct validators are healed, and they must finish within a bounded time
// whatever the others do (O14).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/adversary.h"
#include "sim/campaign.h"
#include "sim/citizens.h"
#include "sim/network.h"
#include "sim/plan.h"

namespace salus::sim {

struct Outcome {
  std::uint64_t seed = 0;
  // Empty: everything held. Else a violation a line, each beginning with the invariant's number.
  std::string failure;
  std::uint64_t trace_hash = 0;
  std::uint64_t virtual_ms = 0;
  std::uint64_t events = 0;
  std::uint64_t frames = 0;
  std::uint64_t height = 0;
  std::uint64_t views = 0;
  std::uint64_t transactions = 0;
  std::uint64_t crashes = 0;
  std::uint64_t aborts = 0;
  std::uint64_t alarms = 0;
  // That began; of these, sets that people changed; and ledgers that began as a snapshot.
  std::uint64_t epochs = 0;
  std::uint64_t set_changes = 0;
  std::uint64_t snapshots = 0;
  // Virtual ms from healing until the first new block, and until all was done.
  std::uint64_t healed_first_ms = 0;
  std::uint64_t healed_done_ms = 0;

  bool held() const { return failure.empty(); }
  // "O1", or "" if everything held.
  std::string broken() const;
};

class Trial {
 public:
  explicit Trial(const Plan& plan);

  void tell_to(std::function<void(const std::string&)> listener);
  Outcome play();
  Network& network() { return network_; }

 private:
  static NetworkOptions options_of(const Plan& plan);
  static Faults ambient_of(const Plan& plan);

  void schedule(const Fault& fault);
  void happen(const Fault& fault);
  void part(const Fault& fault, Random& random);
  std::vector<std::uint64_t> groups_of(const Fault& fault, Random& random) const;
  void swizzle(const Fault& fault, Random& random);
  void crash_for(std::uint16_t node, std::uint64_t span, CrashKind kind);
  void spoil(const Fault& fault);
  void betray(const Fault& fault);
  void be_client();
  void begin_campaign(const Fault& fault);
  void begin_upgrade(const Fault& fault);
  void run_campaigns();
  void crash_at_epoch_end(const Fault& fault);

  void heal();
  bool is_correct(std::uint16_t node) const;
  bool is_done();
  void demand_divergence(std::uint16_t node);
  // O14, with what the healed nodes say of themselves.
  std::string stall() const;

  Plan plan_;
  Network network_;
  Random random_;
  Citizens citizens_;
  // The faulty ones.
  std::map<std::uint16_t, std::unique_ptr<Adversary>> adversaries_;
  std::vector<Campaign> campaigns_;
  bool is_healing_ = false;
  std::vector<std::uint16_t> core_;
  Height goal_;
  std::uint64_t crashes_ = 0;
};

// Plays `plan`; `listener` sees the trace.
Outcome play(const Plan& plan, std::function<void(const std::string&)> listener = nullptr);

}  // namespace salus::sim
