// Owns: what must hold in every run whatever the faults (consensus.md, section 16): O1-O13, O15,
// and that clients hear only what is durable. It decodes every signed vote, every frame and every
// ledger by itself and does its own arithmetic; it shares no rule with the core.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/seams/store.h"
#include "base/seams/transport.h"
#include "consensus/types.h"
#include "ledger/tip.h"
#include "replica/events.h"

namespace salus::sim {

using namespace replica;  // NOLINT(google-build-using-namespace)

class Oracle {
  // By height.
  using Roots = std::map<std::uint64_t, std::string>;

 public:
  Oracle(const ChainId& chain_id, const consensus::ValidatorSet& set);

  // Validators are known by number, and so by key: their index in a set changes with the epochs.
  void know(std::uint16_t validator, const PublicKey& key) { validators_[key] = validator; }
  // A record of its state was changed: it must diverge, alone (C31).
  void expect_difference(std::uint16_t node) { differing_.emplace(node, Roots{}); }

  // `node` enters an epoch with this set: the same one everywhere (O11).
  void epoch_began(std::uint16_t node, Epoch epoch, const consensus::ValidatorSet& set);

  // The votes of one stage. In the order of their views: after a restart the register votes are
  // signed again in any order, also those that no earlier life came to speak (C13).
  void stage_signed(std::uint16_t node, std::uint16_t validator, std::vector<Bytes> votes);
  // `node` of `validator` signed these bytes, and both files hold them (S1).
  void vote_signed(std::uint16_t node, std::uint16_t validator, ByteView signed_bytes);
  // A frame leaves `node`.
  void frame_sent(std::uint16_t node, std::uint16_t validator, FrameType type, ByteView payload);
  // A batch became durable on `node`.
  void batch_written(std::uint16_t node, const Store& disk);
  // `node` starts; what it had is still there.
  void node_started(std::uint16_t node, const Store& disk);
  // `node` begins with a snapshot that peers gave it: no block of its own yet, but the roots of
  // all.
  void node_joined(std::uint16_t node, const Store& disk);
  // The validator has a seat in the last epoch that anybody entered.
  bool sits(std::uint16_t validator) const;
  std::uint64_t epochs() const { return sets_.size(); }
  // A fault put the disk of `node` back to this height.
  void node_rolled_back(std::uint16_t node, Height height);
  void node_aborted() { ++aborts_; }
  void replied(std::uint16_t node, const Reply& reply, const Store& disk);
  void noticed(std::uint16_t node, const Notice& notice);
  void punished(std::uint16_t node, std::uint16_t peer, std::string_view what);
  void violate(std::string what);
  // All is over: what can only be judged then.
  void finish();

  // This node breaks rules on purpose, or forgot what it signed: its validator is faulty.
  void excuse(std::uint16_t node) { traitors_.insert(node); }
  // Twins sign against each other by design; their code is correct.
  void excuse_validator(std::uint16_t validator) { faulty_.set(validator); }
  bool is_excused(std::uint16_t node) const { return traitors_.contains(node); }
  // Its last final block has other roots than the chain's, which went on.
  bool has_differed(std::uint16_t node) const;

  Height height() const { return Height{chain_.empty() ? 0 : chain_.rbegin()->first}; }
  bool is_final(const TxId& id) const { return transactions_.contains(id); }
  // Blocks of the one chain that have no transaction.
  std::uint64_t empty_blocks() const { return empty_blocks_; }
  std::uint64_t punishments() const { return punishments_; }
  std::uint64_t aborts() const { return aborts_; }
  // Evidence against those who are excused.
  std::uint64_t excused_alarms() const { return excused_alarms_; }
  std::uint64_t views_judged() const { return views_.size(); }
  const std::vector<std::string>& violations() const { return violations_; }
  // The violations, a line each; empty if there are none.
  std::string report() const;

 private:
  using Voters = std::bitset<128>;
  using ViewKey = std::pair<std::uint64_t, std::uint64_t>;
  struct Content {
    std::uint64_t parent = 0;
    Digest digest;
    bool operator==(const Content&) const = default;
  };
  struct Tally {
    Content content;
    Voters notarize;
    Voters finalize;
    // Of correct nodes, durable.
    Voters may_speak_notarize;
    Voters may_speak_finalize;
    bool was_notarized = false;
  };
  struct OfView {
    std::vector<Tally> tallies;
    Voters nullify;
    Voters may_speak_nullify;
    bool is_condemned = false;
  };
  // What one validator signed last, over all its lives in an epoch.
  struct Memory {
    std::uint64_t notarize = 0;
    Content notarized;
    std::uint64_t nullify = 0;
    std::uint64_t finalize = 0;
    Content finalized;
  };
  enum class Word : std::uint8_t { Notarize = 1, Nullify = 2, Finalize = 3 };
  struct SignedVote {
    Word word = Word::Notarize;
    std::uint64_t epoch = 0;
    std::uint64_t view = 0;
    Content content;
  };
  struct Block {
    Digest digest;
    std::string roots;
  };
  struct Proof {
    SignedVote what;
    // By index in the set.
    Voters signers;
  };
  struct Seats {
    consensus::ValidatorSet set;
    // Validators by index.
    std::vector<std::uint16_t> validators;
  };

  std::size_t quorum(std::uint64_t epoch) const;
  std::optional<std::uint16_t> validator_at(std::uint64_t epoch, std::uint16_t index) const;
  std::optional<std::uint16_t> accused_of(std::string_view words) const;
  bool has_seat(std::uint64_t epoch, std::uint16_t validator) const;
  void judge_differing(std::uint16_t node, const Roots& roots);
  const consensus::ValidatorSet* set_of(std::uint64_t epoch) const;
  std::optional<SignedVote> read_signed(ByteView signed_bytes) const;
  Bytes signed_bytes_of(const SignedVote& vote) const;
  static Tally& tally_of(OfView& of, const Content& content);
  void judge_memory(std::uint16_t validator, const SignedVote& vote);
  void count(const SignedVote& vote, std::uint16_t validator);
  void judge(const ViewKey& key, OfView& of);
  void judge_ancestry(const ViewKey& key, const Content& content);
  bool is_notarized(const ViewKey& key) const;
  bool is_nullified(const ViewKey& key) const;

  void vote_sent(std::uint16_t node, std::uint16_t validator, ByteView payload);
  void certificate_sent(std::uint16_t node, ByteView payload);
  void answer_sent(std::uint16_t node, ByteView payload);
  std::optional<Proof> read_certificate(ByteView bytes);
  // The set that follows the last block on this disk.
  void learn_set(std::uint16_t node, const ledger::Tip& tip);
  void meet_block(std::uint16_t node, Height height, const Store& disk);

  ChainId chain_id_;
  std::map<std::uint64_t, Seats> sets_;
  std::map<PublicKey, std::uint16_t> validators_;
  std::map<std::uint16_t, Roots> differing_;
  std::map<ViewKey, OfView> views_;
  std::map<std::pair<std::uint64_t, std::uint16_t>, Memory> memories_;
  // Votes and certificates whose signatures were verified, by hash.
  std::unordered_set<std::uint64_t> verified_;
  std::map<std::uint64_t, Block> chain_;
  std::set<Digest> digests_;
  std::map<std::uint16_t, std::uint64_t> heights_;
  std::set<TxId> transactions_;
  std::set<std::uint16_t> traitors_;
  Voters faulty_;
  std::uint64_t empty_blocks_ = 0;
  std::uint64_t punishments_ = 0;
  std::uint64_t aborts_ = 0;
  std::uint64_t excused_alarms_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace salus::sim
