// Owns: what one faulty validator can make with its key: blocks as it likes them, votes for them,
// and any frame. It behaves until its moment has come.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "consensus/types.h"
#include "ledger/block.h"
#include "sim/network.h"

namespace salus::sim {

class Traitor {
 public:
  Traitor(Network& network, std::uint16_t index) : network_(network), index_(index) {}

  // From now on no correct replica runs here.
  void turn_traitor() { network_.make_puppet(index_); }
  // Behaves until it leads the current view of a chain at rest, whose last block is of the view
  // below; then it turns traitor. False if that does not happen.
  bool turn_traitor_when_it_leads();

  // What a correct leader would offer now.
  ledger::Header header() const;
  ledger::Header header_at(WallMs time) const;
  std::vector<Validated<wire::Transaction>> transactions(std::span<const Bytes> raw) const;

  void send(const std::set<std::uint16_t>& to, FrameType type, const Bytes& payload);
  // Bytes with the digest that they claim, and a notarize vote for it.
  void show(const std::set<std::uint16_t>& to, const Digest& digest, ByteView block);
  void vote(const std::set<std::uint16_t>& to, const Digest& digest);
  // Both, as a correct leader does.
  void offer(const std::set<std::uint16_t>& to, const Validated<ledger::Block>& block);

  std::set<std::uint16_t> others() const;

 private:
  std::uint16_t any_other() const { return index_ == 0 ? 1 : 0; }

  Network& network_;
  std::uint16_t index_;
  View view_;
};

}  // namespace salus::sim
