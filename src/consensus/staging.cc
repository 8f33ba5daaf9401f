// Owns: one stage in flight; what speaks waits behind what must be durable first (S1 to S4).
#include "consensus/staging.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/assert.h"
#include "consensus/codec.h"

namespace salus::consensus {

void Staging::add_vote(const Subject& subject) {
  records_.emplace_back(OwnVoteRecord{subject});
  votes_.push_back(subject);
}

void Staging::add_certificate(const Certificate& certificate) {
  const Subject& subject = certificate.subject;
  records_.emplace_back(CertificateRecord{certificate});
  certificates_.emplace(std::pair{subject.view(), subject.kind}, certificate);
  late_.emplace_back(SendCertificate{certificate});
  if (subject.kind == VoteKind::Finalize) late_.emplace_back(Finalized{certificate});
}

void Staging::drop_votes() {
  votes_.clear();
  std::erase_if(records_,
                [](const Record& record) { return std::holds_alternative<OwnVoteRecord>(record); });
}

const Certificate* Staging::find_certificate(VoteKind kind, View view) const {
  const auto found = certificates_.find(std::pair{view, kind});
  return found == certificates_.end() ? nullptr : &found->second;
}

View Staging::finalized() const {
  View highest;
  for (const auto& [key, certificate] : certificates_) {
    if (key.second == VoteKind::Finalize) highest = std::max(highest, key.first);
  }
  return highest;
}

std::set<Digest> Staging::candidates() const {
  std::set<Digest> waiting;
  for (const Record& record : records_) {
    const auto* const bytes = std::get_if<CandidateRecord>(&record);
    if (bytes != nullptr) waiting.insert(bytes->candidate.digest);
  }
  return waiting;
}

// S3: the bytes of a candidate and the notarize that promises them stay together.
std::size_t Staging::records_of_next_stage() const {
  std::size_t count = 0;
  std::size_t candidates = 0;
  for (; count < records_.size() && count < kStageWorkRecordsMax; ++count) {
    if (!std::holds_alternative<CandidateRecord>(records_[count])) continue;
    if (candidates == kStageWorkCandidatesMax) break;
    ++candidates;
  }
  if (count == 0 || count == records_.size()) return count;
  const auto* const bytes = std::get_if<CandidateRecord>(&records_[count - 1]);
  const auto* const vote = std::get_if<OwnVoteRecord>(&records_[count]);
  const bool are_one = bytes && vote && vote->subject == notarize(bytes->candidate);
  return are_one ? count - 1 : count;
}

// What rests on no record that waits for a later stage, in order.
std::vector<Late> Staging::take_late() {
  std::set<std::pair<View, VoteKind>> waiting;
  for (const Record& record : records_) {
    const auto* const held = std::get_if<CertificateRecord>(&record);
    if (held == nullptr) continue;
    waiting.emplace(held->certificate.subject.view(), held->certificate.subject.kind);
  }
  const auto rests_on_waiting = [&](const Late& late) {
    const Certificate* certificate = nullptr;
    if (const auto* const send = std::get_if<SendCertificate>(&late)) {
      certificate = &send->certificate;
    } else if (const auto* const final_one = std::get_if<Finalized>(&late)) {
      certificate = &final_one->certificate;
    }
    if (certificate == nullptr) return false;
    return waiting.contains({certificate->subject.view(), certificate->subject.kind});
  };
  const auto end = std::ranges::find_if(late_, rests_on_waiting);
  std::vector<Late> taken{std::make_move_iterator(late_.begin()), std::make_move_iterator(end)};
  late_.erase(late_.begin(), end);
  return taken;
}

std::optional<StageWork> Staging::take(const ChainId& chain_id,
                                       std::optional<ValidatorIndex> signer) {
  if (in_flight_) return std::nullopt;
  if (records_.empty() && late_.empty()) return std::nullopt;
  SALUS_ASSERT(votes_.empty() || signer.has_value(), "a vote without an index was staged");

  const auto records_end = records_.begin() + static_cast<std::ptrdiff_t>(records_of_next_stage());
  flying_records_.assign(records_.begin(), records_end);
  records_.erase(records_.begin(), records_end);
  // Votes are in the order of their records.
  const auto votes_end =
      votes_.begin() + std::ranges::count_if(flying_records_, [](const Record& record) {
        return std::holds_alternative<OwnVoteRecord>(record);
      });
  flying_votes_.assign(votes_.begin(), votes_end);
  votes_.erase(votes_.begin(), votes_end);

  StageWork work;
  std::vector<Late> late = take_late();
  for (std::size_t place = 0; place < flying_votes_.size(); ++place) {
    const Subject& subject = flying_votes_[place];
    work.votes.push_back(signed_bytes(chain_id, subject));
    const Vote unsigned_vote{.subject = subject, .signer = *signer, .signature = {}};
    late.emplace_back(SendVote{.vote = unsigned_vote, .place = place});
  }
  if (!flying_votes_.empty()) last_ = last_.next();
  work.stage = last_;
  work.records = flying_records_;
  work.late = Gated<Late>{std::move(late)};
  in_flight_ = true;
  return work;
}

DurableStage Staging::finish(Stage stage, const std::vector<Signature>& signatures,
                             std::optional<ValidatorIndex> signer) {
  SALUS_ASSERT(in_flight_, "Durable came without a stage in flight");
  SALUS_ASSERT(stage == last_, "Durable names another stage than the one in flight");
  SALUS_ASSERT(signatures.size() == flying_votes_.size(), "Durable lacks signatures of its votes");
  in_flight_ = false;
  durable_ = last_;

  DurableStage done;
  done.records = std::exchange(flying_records_, {});
  const std::vector<Subject> subjects = std::exchange(flying_votes_, {});
  for (std::size_t place = 0; place < subjects.size(); ++place) {
    done.votes.push_back(
        {.subject = subjects[place], .signer = *signer, .signature = signatures[place]});
  }
  for (const Record& record : done.records) {
    const auto* const held = std::get_if<CertificateRecord>(&record);
    if (held == nullptr) continue;
    const Subject& subject = held->certificate.subject;
    certificates_.erase(std::pair{subject.view(), subject.kind});
  }
  return done;
}

void Staging::write_fingerprint(ByteWriter& out) const {
  out.u64(last_.value());
  out.u64(durable_.value());
  out.u8(in_flight_ ? 1 : 0);
  const auto write_records = [&out](const std::vector<Record>& records) {
    out.u64(records.size());
    for (const Record& record : records) {
      out.u8(static_cast<std::uint8_t>(type_of(record)));
      out.sized(encode_payload(ChainId{}, record));
    }
  };
  write_records(records_);
  write_records(flying_records_);
}

}  // namespace salus::consensus
