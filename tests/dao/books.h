// Owns: a second set of books. It hears what was signed and what was answered, reads the stored
// records byte by byte, and does its own arithmetic: no function of src/dao is called here, so a
// mistake there is not made twice (style.md, rule 26). After each block everything must agree.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/governance.pb.h"
#include "salus/v1/tx.pb.h"
#include "state/overlay.h"

namespace salus::dao::test {

// What one transaction wrote; absent = erased.
using Changes = std::map<std::string, std::optional<std::string>, std::less<>>;

class Books {
 public:
  explicit Books(const state::Overlay& genesis);

  // `signer` sent `actions` and got `result`, which wrote `changes` over `before`.
  void note(const std::string& signer, const std::vector<v1::Action>& actions,
            const v1::TxResult& result, const Changes& changes, const state::Overlay& before);
  // The block at `now_ms` ended with these events of due work and left `state`: compares all.
  void close(std::uint64_t now_ms, const std::vector<v1::Event>& due_events,
             const state::Overlay& state);

  // How often each state was met, for a test that must not be about nothing.
  const std::map<std::string, int>& ends() const { return ends_; }

 private:
  struct Weight {
    std::uint32_t chamber = 0;
    std::uint64_t units = 0;
    bool operator==(const Weight&) const = default;
  };
  using Ballot = std::map<int, std::uint64_t>;  // choice -> part
  struct Known {
    v1::Proposal last;
    std::map<std::string, std::uint64_t> paid_in;
    std::map<std::string, std::uint64_t> returned;
    std::uint64_t kept = 0;
    bool fined = false;
    // The last ballot of each member.
    std::map<std::string, Ballot> ballots;
    // Who weighed what when voting started.
    std::map<std::string, Weight> electorate;
    std::uint64_t locked_at_ms = 0;
  };

  void note_action(const std::string& signer, const v1::Action& action);
  void note_events(const google::protobuf::RepeatedPtrField<v1::Event>& events);
  void note_event(const v1::Event& event);
  void check_money(const state::Overlay& state);
  void check_funds(const state::Overlay& state);
  void check_payouts(const state::Overlay& state);
  void check_executions(const state::Overlay& state);
  void check_proposal(std::uint64_t now_ms, const v1::Proposal& now, const state::Overlay& state);
  void check_move(std::uint64_t now_ms, const Known& known, const v1::Proposal& now,
                  const state::Overlay& state);
  void check_electorate(const Known& known, const v1::Proposal& now, const state::Overlay& state);
  void check_ballots(const Known& known, const v1::Proposal& now, const state::Overlay& state);
  void check_deposits(const Known& known, const v1::Proposal& now);

  std::map<std::uint64_t, Known> proposals_;
  std::map<std::uint32_t, std::uint64_t> supply_;
  std::map<std::string, int> ends_;
};

}  // namespace salus::dao::test
