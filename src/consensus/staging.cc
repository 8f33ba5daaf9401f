// Owns: one stage in flight; what speaks waits behind what must be durable first (S1 to S4).
#include "consensus/staging.h"

#include <algorithm>

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

std::optional<StageWork> Staging::take(const ChainId& chain_id,
                                       std::optional<ValidatorIndex> signer) {
  if (in_flight_) return std::nullopt;
  if (records_.empty() && late_.empty()) return std::nullopt;
  SALUS_ASSERT(votes_.empty() || signer.has_value(), "a vote without an index was staged");

  StageWork work;
  std::vector<Late> late = std::move(late_);
  late_.clear();
  for (std::size_t place = 0; place < votes_.size(); ++place) {
    work.votes.push_back(signed_bytes(chain_id, votes_[place]));
    const Vote unsigned_vote{.subject = votes_[place], .signer = *signer, .signature = {}};
    late.emplace_back(SendVote{.vote = unsigned_vote, .place = place});
  }
  if (!votes_.empty()) last_ = last_.next();
  work.stage = last_;
  work.records = records_;
  work.late = Gated<Late>{std::move(late)};

  in_flight_ = true;
  flying_records_ = std::exchange(records_, {});
  flying_votes_ = std::exchange(votes_, {});
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
