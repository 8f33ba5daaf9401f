// Owns: a faulty validator that looks like a correct one: a whole replica runs inside, and what it
// says is changed, held back, doubled or invented on its way out, with the validator's own key.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/network.h"
#include "sim/plan.h"

namespace salus::sim {

class Adversary final : public Corruption {
 public:
  Adversary(Network& network, std::uint16_t node, std::uint64_t seed);

  void commit(Treason treason) { treasons_.insert(treason); }
  void sends(Frame frame, std::vector<Frame>& out) override;
  void hears(const Frame& frame) override;

 private:
  struct Vote;
  struct Forged {
    Digest digest;
    std::string bytes;
  };
  bool does(Treason treason) const { return treasons_.contains(treason); }
  bool keeps_what_it_hears() const {
    return does(Treason::Replays) || does(Treason::EndlessAnswers);
  }
  // A vote with its own signature, whatever was signed before.
  Frame vote(std::uint8_t kind, std::uint64_t epoch, std::uint64_t view, std::uint64_t parent,
             const Digest& digest, std::uint16_t to) const;
  void say(std::vector<Frame>& out, Frame frame);
  void send_block(Frame frame, std::vector<Frame>& out);
  void add_spare_blocks(const Frame& frame, std::vector<Frame>& out);
  void send_vote(Frame frame, std::vector<Frame>& out);
  const Validated<ledger::Block>* child_of_boundary(const Vote& own);
  void send_certificate(Frame frame, std::vector<Frame>& out);
  void add_inventions(std::uint16_t to, std::vector<Frame>& out);
  // Another block in the place of `block`; nothing if the bytes are no block.
  std::optional<Forged> forge(ByteView block, bool is_invalid);
  static std::optional<Forged> with_other_transactions_root(const Validated<ledger::Block>& block);
  void remember(const Frame& frame);
  void keep_relic(Frame frame);
  ValidatorIndex own_index() const;
  void later(Frame frame, std::uint64_t after_ms);

  Network& network_;
  std::uint16_t node_;
  Random random_;
  std::set<Treason> treasons_;
  std::deque<Frame> heard_;
  // Older ones.
  std::vector<Frame> relics_;
  // Views in which it voted for everything already.
  std::set<std::pair<std::uint64_t, Digest>> voted_;
  // Its own block, and the one it shows to others instead.
  std::optional<Digest> own_;
  std::optional<Forged> other_;
  // On a boundary block.
  std::optional<Validated<ledger::Block>> child_;
};

}  // namespace salus::sim
