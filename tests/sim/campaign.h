// Owns: a change of the validator set, or of the protocol version, as people bring it about,
// through the real application: an operator registers its node or its new keys, the node shows that
// it follows the chain, a proposal is put and voted on. Each step is taken again until the chain
// shows what it did, and what it may read is what every client may: the state of the node that is
// furthest.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "ledger/header.h"
#include "sim/network.h"
#include "sim/random.h"
#include "state/overlay.h"

namespace salus::sim {

enum class CampaignKind : std::uint8_t {
  // A spare node is nominated and voted in.
  Join,
  // A validator is voted out.
  Remove,
  // Its operator takes it out.
  Leave,
  // Its seat goes to the keys of a spare node.
  Rekey,
  // The next protocol version is voted in, and all operators say that they are ready for it.
  Upgrade,
};

class Campaign {
 public:
  // `node` leaves, or gives its keys up; `spare` comes.
  struct Aim {
    CampaignKind kind = CampaignKind::Join;
    std::uint16_t node = 0;
    std::uint16_t spare = 0;
  };
  Campaign(Network& network, Aim aim, std::uint64_t seed);

  // What is due now, if anything; called again and again.
  void step();
  // The set is as it was meant to be, or people gave up.
  bool is_done() const { return is_won_ || is_lost_; }
  bool is_won() const { return is_won_; }
  // It comes to take a seat.
  bool brings(std::uint16_t node) const { return comes() && aim_.spare == node; }
  std::string describe() const;

 private:
  using Make = std::function<v1::Action()>;

  bool has_won(const state::Overlay& state) const;
  bool comes() const { return aim_.kind == CampaignKind::Join || aim_.kind == CampaignKind::Rekey; }
  // The account of the seat: whose operator signs.
  std::uint16_t seat() const { return aim_.kind == CampaignKind::Join ? aim_.spare : aim_.node; }
  // Sends `make()` for `who`, and again when it is final and had no effect, or was lost.
  void insist(std::optional<Network::Handle>& handle, std::string_view who, const Make& make);
  void put_to_vote(const state::Overlay& state);
  void vote(std::uint64_t number);
  void show_readiness();
  void signal_ready(const state::Overlay& state);
  std::optional<std::uint16_t> any_node();
  v1::Action registration() const;
  v1::Action rekey() const;
  v1::Action readiness() const;
  v1::Action proposal() const;

  Network& network_;
  Aim aim_;
  Random random_;
  std::optional<Network::Handle> asked_;
  std::optional<Network::Handle> proposed_;
  std::string text_hash_;
  std::set<std::uint64_t> voted_on_;
  std::uint64_t shown_at_ = 0;
  std::uint64_t tries_ = 0;
  bool is_won_ = false;
  bool is_lost_ = false;
};

// The version that an upgrade brings.
inline constexpr std::uint32_t kNextVersion = ledger::kProtocolVersion + 1;

// The store of the node that is furthest, of those that execute as all do.
const Store& furthest_store(const Network& network);

}  // namespace salus::sim
