// Owns: what whoever draws an action holds in his hand: the state as it is now, the people, and the
// only chance there is. Helpers pick who and what exists, so that most of what is drawn succeeds.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "dao/membership/membership.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/governance.pb.h"
#include "state/overlay.h"
#include "support/lives/population.h"

namespace salus::dao::lives {

inline constexpr std::uint64_t kSecond = 1'000;

// What is seen of the chain: the state after the last block, and the block that is being built.
struct View {
  const state::Overlay& state;
  ChainId chain_id;
  Height height;
  std::uint64_t now_ms;
};

// How bold the drawing is.
struct Style {
  // A network of nodes executes what is drawn while more of it waits in their pools: whoever could
  // sign can sign for ever, nobody closes or leaves what he needs, votes on sets and the rules by
  // which nodes run are left to others, and the shares that members have of money stay small.
  bool keeps_network = false;
};

// Equal on every standard library: its engine is specified to the bit, and no distribution is used.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  // In [0, n); 0 for n = 0.
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : engine_() % n; }
  std::uint32_t small(std::uint64_t n) { return static_cast<std::uint32_t>(below(n)); }
  bool percent(std::uint64_t chance) { return below(100) < chance; }
  template <typename List>
  const auto& of(const List& list) {
    return list[below(std::size(list))];
  }

 private:
  std::mt19937_64 engine_;
};

// One transaction to be.
struct Move {
  AccountId signer;
  std::vector<v1::Action> actions;
};
// Nothing where what it would be about does not exist now.
using MaybeMove = std::optional<Move>;
using MaybeAction = std::optional<v1::Action>;

struct Pen {
  const View& view;
  Population& people;
  Chance& chance;
  Style style;

  const state::Overlay& state() const { return view.state; }
  std::uint64_t now() const { return view.now_ms; }
  std::uint64_t below(std::uint64_t n) const { return chance.below(n); }
  bool percent(std::uint64_t n) const { return chance.percent(n); }
  std::uint64_t soon(std::uint64_t seconds) const { return now() + 1 + below(seconds * kSecond); }

  AccountId anybody() const { return chance.of(people.accounts()); }
  // Somebody of whom `is` holds: a few are asked by chance, then all in order.
  using Is = std::function<bool(const AccountId&)>;
  std::optional<AccountId> somebody(const Is& is) const;
  // With weight, mostly; else anybody.
  AccountId a_member() const;
  std::optional<AccountId> holder_of(membership::Role role) const;
  // The account of a record, if somebody here can sign for it.
  std::optional<AccountId> known(std::string_view account) const;
  std::optional<AccountId> one_of(
      const google::protobuf::RepeatedPtrField<std::string>& accounts) const;
  // Distinct, ascending; at most `most`, at least 1.
  std::vector<AccountId> some_accounts(std::uint64_t most) const;
  // 32 bytes.
  std::string a_hash() const;
  std::uint64_t an_amount(std::uint64_t most) const;
  // What a member can spare.
  std::uint64_t a_share(const AccountId& account, std::uint32_t asset) const;

  // The last of ids 1, 2, ... for which `exists` holds; 0 = none.
  static std::uint64_t last_of(const std::function<bool(std::uint64_t)>& exists);
  // One of the newest records that `fits`; `find` finds by id.
  template <typename Find, typename Fits>
  auto recent(const Find& find, const Fits& fits) const -> decltype(find(std::uint64_t{1})) {
    constexpr std::uint64_t kNewest = 24;
    const std::uint64_t last = last_of([&](std::uint64_t id) { return find(id).has_value(); });
    std::vector<std::uint64_t> ids;
    for (std::uint64_t id = last > kNewest ? last - kNewest + 1 : 1; id <= last; ++id) {
      if (fits(*find(id))) ids.push_back(id);
    }
    if (ids.empty()) return std::nullopt;
    return find(chance.of(ids));
  }
  std::optional<v1::Proposal> a_proposal(
      const std::function<bool(const v1::Proposal&)>& fits) const;
};

inline Move by(const AccountId& signer, v1::Action action) {
  return {.signer = signer, .actions = {std::move(action)}};
}

// draw_accounts.cc, draw_members.cc, draw_assets.cc, draw_treasury.cc, draw_proposals.cc,
// draw_ballots.cc, draw_validators.cc: a transaction of a module, signed by whoever may.
MaybeMove draw_of_accounts(const Pen& pen);
MaybeMove draw_of_members(const Pen& pen);
MaybeMove draw_of_assets(const Pen& pen);
MaybeMove draw_of_treasury(const Pen& pen);
MaybeMove draw_of_proposals(const Pen& pen);
MaybeMove draw_of_ballots(const Pen& pen);
MaybeMove draw_of_validators(const Pen& pen);

// decide_people.cc, decide_money.cc, decide_rules.cc, by the dispatcher's table: an action that the
// DAO may apply, to stand in a proposal.
MaybeAction decide(const Pen& pen);
MaybeAction decide_on_people(const Pen& pen, v1::Action::KindCase kind);
MaybeAction decide_on_money(const Pen& pen, v1::Action::KindCase kind);
MaybeAction decide_on_rules(const Pen& pen, v1::Action::KindCase kind);

}  // namespace salus::dao::lives
