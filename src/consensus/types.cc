// Owns: quorums, leaders and the set hash (C1), and the judging of votes and certificates.
#include "consensus/types.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "consensus/codec.h"
#include "crypto/hash.h"

namespace salus::consensus {

namespace {

std::optional<Refusal> refuse_subject(const Subject& subject, Epoch epoch) {
  const Candidate& candidate = subject.candidate;
  if (candidate.epoch.value() >= kOrdinalEnd || candidate.view.value() >= kOrdinalEnd ||
      candidate.parent.value() >= kOrdinalEnd) {
    return Refusal::OrdinalTooLarge;
  }
  if (candidate.view == View{}) return Refusal::ViewZero;
  if (candidate.epoch != epoch) return Refusal::OtherEpoch;
  return std::nullopt;
}

template <typename Key>
bool all_distinct(const std::vector<Validator>& members, Key Validator::* key) {
  std::set<Key> keys;
  return std::ranges::all_of(
      members, [&](const Validator& member) { return keys.insert(member.*key).second; });
}

}  // namespace

Subject notarize(const Candidate& candidate) {
  return {.kind = VoteKind::Notarize, .candidate = candidate};
}

Subject nullify(Epoch epoch, View view) {
  return {.kind = VoteKind::Nullify,
          .candidate = {.epoch = epoch, .view = view, .parent = View{}, .digest = Digest{}}};
}

Subject finalize(const Candidate& candidate) {
  return {.kind = VoteKind::Finalize, .candidate = candidate};
}

std::string_view sentence(SetError error) {
  switch (error) {
    case SetError::Empty:
      return "The validator set was refused: it is empty. Name at least one validator.";
    case SetError::TooMany:
      return "The validator set was refused: it has more than 128 members.";
    case SetError::RepeatedValidatorKey:
      return "The validator set was refused: two members share a validator key. Give each its own.";
    case SetError::RepeatedNodeKey:
      return "The validator set was refused: two members share a node key. Give each its own.";
  }
  std::unreachable();
}

std::string_view sentence(Refusal refusal) {
  switch (refusal) {
    case Refusal::WrongLength:
      return "The message was refused: its length does not fit its kind.";
    case Refusal::UnknownKind:
      return "The message was refused: its kind is unknown. The peer may run a later version.";
    case Refusal::OrdinalTooLarge:
      return "The message was refused: an epoch or view is 2^63 or more.";
    case Refusal::ViewZero:
      return "The message was refused: view 0 is final by definition and is never voted on.";
    case Refusal::OtherEpoch:
      return "The message was refused: it belongs to another epoch than this one.";
    case Refusal::UnknownSigner:
      return "The message was refused: its signer is not in the validator set of the epoch.";
    case Refusal::WrongLink:
      return "The vote was refused: it came on another link than its signer's.";
    case Refusal::WrongSetSize:
      return "The certificate was refused: it counts another number of validators than the set.";
    case Refusal::PaddingBits:
      return "The certificate was refused: its bitmap has bits set beyond the last validator.";
    case Refusal::TooFewSigners:
      return "The certificate was refused: its signers are fewer than a quorum.";
    case Refusal::BadSignature:
      return "The message was refused: a signature in it is wrong.";
  }
  std::unreachable();
}

Result<ValidatorSet, SetError> ValidatorSet::make(std::vector<Validator> members) {
  if (members.empty()) return std::unexpected(SetError::Empty);
  if (members.size() > kValidatorsMax) return std::unexpected(SetError::TooMany);
  if (!all_distinct(members, &Validator::validator_key)) {
    return std::unexpected(SetError::RepeatedValidatorKey);
  }
  if (!all_distinct(members, &Validator::node_key)) {
    return std::unexpected(SetError::RepeatedNodeKey);
  }
  return ValidatorSet{std::move(members)};
}

const Validator& ValidatorSet::operator[](ValidatorIndex index) const {
  SALUS_ASSERT(contains(index), "a validator index lies outside its set");
  return members_[index.value()];
}

ValidatorIndex ValidatorSet::leader_of(Epoch epoch, View view) const {
  const std::uint64_t n = size();
  return ValidatorIndex{static_cast<std::uint16_t>((epoch.value() % n + view.value() % n) % n)};
}

std::optional<ValidatorIndex> ValidatorSet::find(const PublicKey& validator_key) const {
  const auto found = std::ranges::find(members_, validator_key, &Validator::validator_key);
  if (found == members_.end()) return std::nullopt;
  return ValidatorIndex{static_cast<std::uint16_t>(found - members_.begin())};
}

std::optional<ValidatorIndex> ValidatorSet::find(const NodeId& node_key) const {
  const auto found = std::ranges::find(members_, node_key, &Validator::node_key);
  if (found == members_.end()) return std::nullopt;
  return ValidatorIndex{static_cast<std::uint16_t>(found - members_.begin())};
}

Hash ValidatorSet::hash() const {
  ByteWriter content;
  content.u16(static_cast<std::uint16_t>(size()));
  for (const Validator& member : members_) {
    content.bytes(member.validator_key.view());
    content.bytes(member.node_key.view());
  }
  return crypto::hash("salus.valset.1", content.out());
}

Result<Validated<Vote>, Refusal> Vote::validate(Vote vote, const VoteContext& context) {
  if (const auto refused = refuse_subject(vote.subject, context.epoch)) {
    return std::unexpected(*refused);
  }
  if (!context.set.contains(vote.signer)) return std::unexpected(Refusal::UnknownSigner);

  const Bytes message = signed_bytes(context.chain_id, vote.subject);
  if (!context.verify(context.set[vote.signer].validator_key, message, vote.signature)) {
    return std::unexpected(Refusal::BadSignature);
  }
  return Validated<Vote>{std::move(vote)};
}

Result<Validated<Certificate>, Refusal> Certificate::validate(Certificate certificate,
                                                              const VoteContext& context) {
  if (const auto refused = refuse_subject(certificate.subject, context.epoch)) {
    return std::unexpected(*refused);
  }
  if (certificate.set_size != context.set.size()) return std::unexpected(Refusal::WrongSetSize);
  if (certificate.signatures.size() < context.set.quorum()) {
    return std::unexpected(Refusal::TooFewSigners);
  }
  // Before any signature is checked: a wrong index is cheap to see.
  if (!context.set.contains(certificate.signatures.rbegin()->first)) {
    return std::unexpected(Refusal::UnknownSigner);
  }
  const Bytes message = signed_bytes(context.chain_id, certificate.subject);
  for (const auto& [signer, signature] : certificate.signatures) {
    if (!context.verify(context.set[signer].validator_key, message, signature)) {
      return std::unexpected(Refusal::BadSignature);
    }
  }
  return Validated<Certificate>{std::move(certificate)};
}

}  // namespace salus::consensus
