// Owns: write, then speak (S1-S4). What a turn must make durable gathers here, leaves as one stage,
// and only one stage is in flight. Whatever rests on a stage hears of it when it comes back.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "consensus/effects.h"
#include "consensus/journal_record.h"
#include "consensus/types.h"

namespace salus::consensus {

// The most that one stage carries; the rest waits for the next one. A candidate brings up to 8 MiB,
// so a stage stays under the journal's 1024 records and 32 MiB.
inline constexpr std::size_t kStageWorkRecordsMax = 512;
inline constexpr std::size_t kStageWorkCandidatesMax = 2;

// A stage that came back durable.
struct DurableStage {
  std::vector<Record> records;
  std::vector<Vote> votes;
};

class Staging {
 public:
  explicit Staging(Stage last) : last_(last), durable_(last) {}

  template <typename T>
  void add_record(T record) {
    records_.emplace_back(std::move(record));
  }
  // With its OwnVote record.
  void add_vote(const Subject& subject);
  // With its record; spoken when durable, and known as staged until then.
  void add_certificate(const Certificate& certificate);
  // Votes that no stage has taken yet, with their records.
  void drop_votes();
  void add_late(Late late) { late_.push_back(std::move(late)); }

  // A certificate of this kind and view that is not durable yet.
  const Certificate* find_certificate(VoteKind kind, View view) const;
  // The highest view with a staged finalization, or view 0.
  View finalized() const;
  // Blocks whose bytes wait for a stage.
  std::set<Digest> candidates() const;
  bool in_flight() const { return in_flight_; }

  // The oldest records first, within the bounds of a stage.
  std::optional<StageWork> take(const ChainId& chain_id, std::optional<ValidatorIndex> signer);
  // The answer to take. `signatures` has one for each vote.
  DurableStage finish(Stage stage, const std::vector<Signature>& signatures,
                      std::optional<ValidatorIndex> signer);

  // Last vote stage given out, and last confirmed.
  Stage last() const { return last_; }
  Stage durable() const { return durable_; }
  void write_fingerprint(ByteWriter& out) const;

 private:
  std::size_t records_of_next_stage() const;
  // After the records of the stage were taken out.
  std::vector<Late> take_late();

  std::vector<Record> records_;
  std::vector<Subject> votes_;
  std::vector<Late> late_;
  std::map<std::pair<View, VoteKind>, Certificate> certificates_;

  bool in_flight_ = false;
  std::vector<Record> flying_records_;
  std::vector<Subject> flying_votes_;
  Stage last_;
  Stage durable_;
};

}  // namespace salus::consensus
