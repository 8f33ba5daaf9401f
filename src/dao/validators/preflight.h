// Owns: the one judgement of a set change (G-10.3, C46), whoever asks: a proposal, its execution,
// the end of a block, a query. Arithmetic only; what it needs of the state is read beside it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "dao/error.h"
#include "salus/v1/validators.pb.h"
#include "state/overlay.h"

namespace salus::dao::validators {

// q(n) = n - floor((n - 1) / 3); 0 of none.
constexpr std::uint64_t quorum(std::uint64_t n) { return n == 0 ? 0 : n - (n - 1) / 3; }

// G-10.2. nullopt = never.
struct Presence {
  std::optional<std::uint64_t> last_proposed;
  std::optional<std::uint64_t> last_ready;
};
// `n` is the size of the current set; at `height` a full window is over (G-8.20).
bool is_live(const Presence& presence, std::uint64_t height, std::uint64_t n,
             std::uint64_t ready_window);

// A member of the set that would be.
struct Seat {
  std::string operator_account;
  // What counts for Q5: the organisation, or the operator itself.
  std::string org;
  std::string validator_key;
  std::string node_key;
  bool live = false;
  bool added = false;
  // A member under other keys than before: like an added one it must be live first (Q4).
  bool rekeyed = false;
};

struct PreflightInput {
  std::uint64_t size_before = 0;
  std::uint64_t size_min = 0;
  std::uint64_t size_max = 0;
  std::uint64_t per_operator_max = 0;
  std::uint64_t removes = 0;
  bool force = false;
  std::vector<Seat> seats;
};

struct PreflightLine {
  v1::PreflightRule rule;
  std::uint64_t have = 0;
  std::uint64_t need = 0;
  bool holds = true;
  // Does not hold, and `force` passes over it.
  bool forced = false;
};

struct Preflight {
  std::uint64_t size = 0;
  std::uint64_t quorum = 0;
  std::uint64_t live = 0;
  // Q1 to Q5.
  std::array<PreflightLine, 5> lines;

  // Q1, Q3, Q5: the first that refuses the change.
  const PreflightLine* refusal() const;
  // Q2, Q4: the first that makes it wait.
  const PreflightLine* wait() const;
  // The first of both; null = it may become pending.
  const PreflightLine* obstacle() const;
};
Preflight judge(const PreflightInput& input);

// The set after a change: members in their order, then the added ones in the change's order.
// Operators that the change names and the set or the register lacks are passed over.
v1::ValidatorSet changed(const state::Overlay& state, const v1::ValidatorSet& before,
                         const v1::SetChange& change);
// The judgement of a change of `before`, at the end of block `height`.
Preflight preflight(const state::Overlay& state, const v1::ValidatorSet& before,
                    const v1::SetChange& change, Height height);

// The same of a change that would be queued now: of the pending set where there is one.
Preflight preflight(const state::Overlay& state, const v1::SetChange& change, Height height);
v1::SetChange as_set_change(const v1::ChangeSet& action);

// G-10.2 of the operator's node as it stands now.
bool is_live(const state::Overlay& state, const AccountId& operator_account, Height height);
// The same of a member of a set to come: keys that the operator does not have yet are live by their
// own proof alone.
bool is_live(const state::Overlay& state, const v1::ValidatorInfo& member, Height height);

// "Q2", and what it has and needs in a sentence.
std::string_view name(v1::PreflightRule rule);
std::string sentence(const PreflightLine& line);
// "n 5, quorum 4, live 3: would wait".
std::string verdict(const Preflight& preflight);

}  // namespace salus::dao::validators
