// Owns: what must hold in every run whatever the faults (consensus.md, section 16): O1-O4, O6, O7,
// O9, O10, O12, and that clients hear only what is durable. It reads each node's disk and each
// signed vote of each life, with its own arithmetic and its own decoding.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/seams/store.h"
#include "consensus/types.h"
#include "replica/events.h"

namespace salus::replica::testing {

class Oracle {
 public:
  Oracle(const ChainId& chain_id, const consensus::ValidatorSet& set) : chain_id_(chain_id) {
    sets_.emplace(0, set);
  }
  void know(std::uint16_t node, const PublicKey& validator_key) { keys_[validator_key] = node; }

  // A correct key signed these bytes (section 2).
  void vote_signed(std::uint16_t signer, ByteView signed_bytes);
  // A batch became durable on `node`.
  void batch_written(std::uint16_t node, const Store& disk);
  // `node` starts; what it had is still there.
  void node_started(std::uint16_t node, const Store& disk);
  void replied(std::uint16_t node, const Reply& reply, const Store& disk);
  void noticed(std::uint16_t node, const Notice& notice);
  void punished(std::uint16_t node, std::uint16_t peer, std::string_view what);
  void violate(std::string what) { violations_.push_back(std::move(what)); }

  // This validator breaks rules on purpose: it may be punished and reported.
  void excuse(std::uint16_t node) { traitors_.insert(node); }

  Height height() const { return Height{chain_.empty() ? 0 : chain_.rbegin()->first}; }
  bool is_final(const TxId& id) const { return transactions_.contains(id); }
  std::uint64_t epochs() const { return sets_.size(); }
  // Blocks of the one chain that have no transaction.
  std::uint64_t empty_blocks() const { return empty_blocks_; }
  std::uint64_t punishments() const { return punishments_; }
  // Evidence against those who are excused.
  std::uint64_t excused_alarms() const { return excused_alarms_; }
  const std::vector<std::string>& violations() const { return violations_; }
  // The violations, a line each; empty if there are none.
  std::string report() const;

 private:
  struct Block {
    Digest digest;
    std::string roots;
  };
  struct OfView {
    // By parent view and digest.
    std::map<Bytes, std::set<std::uint16_t>> notarize;
    std::map<Bytes, std::set<std::uint16_t>> finalize;
    std::set<std::uint16_t> nullify;
  };
  struct Finalization {
    std::uint64_t view = 0;
    Digest digest;
  };

  static std::size_t quorum(std::size_t n) { return n - (n - 1) / 3; }
  void learn_set(std::uint16_t node, const Store& disk);
  std::optional<Finalization> read_finalization(ByteView bytes);
  void judge_view(std::uint64_t epoch, std::uint64_t view);
  void meet_block(std::uint16_t node, Height height, const Store& disk);

  ChainId chain_id_;
  // By epoch, from what is final on any disk (O11).
  std::map<std::uint64_t, consensus::ValidatorSet> sets_;
  std::map<PublicKey, std::uint16_t> keys_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, OfView> views_;
  std::map<std::uint64_t, Block> chain_;
  std::map<std::uint16_t, std::uint64_t> heights_;
  std::set<TxId> transactions_;
  std::set<Bytes> certificates_;
  std::set<std::uint16_t> traitors_;
  std::uint64_t empty_blocks_ = 0;
  std::uint64_t punishments_ = 0;
  std::uint64_t excused_alarms_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace salus::replica::testing
