// Owns: the words of consensus as values: candidate, subject, vote, certificate, validator set. Two
// candidates are equal only if epoch, view, parent view and digest are (consensus.md, section 1);
// two votes count together only if their subjects, hence their signed bytes, are equal (C14).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/validated.h"

namespace salus::consensus {

inline constexpr std::size_t kValidatorsMax = 128;

struct Candidate {
  Epoch epoch;
  View view;
  View parent;
  Digest digest;

  auto operator<=>(const Candidate&) const = default;
};

// Values are on the wire and on disk.
enum class VoteKind : std::uint8_t { Notarize = 1, Nullify = 2, Finalize = 3 };
inline constexpr VoteKind kVoteKinds[] = {VoteKind::Notarize, VoteKind::Nullify,
                                          VoteKind::Finalize};

// What a vote or a certificate says. Equal subjects have equal signed bytes on one chain. A quorum
// of Notarize is a notarization, of Nullify a nullification, of Finalize a finalization.
struct Subject {
  VoteKind kind = VoteKind::Notarize;
  // For Nullify, parent and digest stay zero: it names a view only.
  Candidate candidate;

  Epoch epoch() const { return candidate.epoch; }
  View view() const { return candidate.view; }
  auto operator<=>(const Subject&) const = default;
};

Subject notarize(const Candidate& candidate);
Subject nullify(Epoch epoch, View view);
Subject finalize(const Candidate& candidate);

struct Validator {
  PublicKey validator_key;
  // Votes of this validator are taken only on the link of this node.
  NodeId node_key;

  auto operator<=>(const Validator&) const = default;
};

enum class SetError : std::uint8_t { Empty, TooMany, RepeatedValidatorKey, RepeatedNodeKey };
std::string_view sentence(SetError error);

// The ordered validators of one epoch. Exists only with 1 to 128 members and distinct keys.
class ValidatorSet {
 public:
  static Result<ValidatorSet, SetError> make(std::vector<Validator> members);

  std::size_t size() const { return members_.size(); }
  // How many may be faulty: floor((n - 1) / 3).
  std::size_t faulty_max() const { return (size() - 1) / 3; }
  std::size_t quorum() const { return size() - faulty_max(); }
  bool contains(ValidatorIndex index) const { return index.value() < size(); }
  // `index` is in the set.
  const Validator& operator[](ValidatorIndex index) const;
  const std::vector<Validator>& members() const { return members_; }

  // C1.
  ValidatorIndex leader_of(Epoch epoch, View view) const;
  std::optional<ValidatorIndex> find(const PublicKey& validator_key) const;
  std::optional<ValidatorIndex> find(const NodeId& node_key) const;
  // The set hash of section 2, which every header carries.
  Hash hash() const;

  bool operator==(const ValidatorSet&) const = default;

 private:
  explicit ValidatorSet(std::vector<Validator> members) : members_(std::move(members)) {}
  std::vector<Validator> members_;
};

// How a signature is checked. A driver may remember what it verified: a certificate holds the
// signatures of votes that it has mostly seen.
using VerifySignature = std::function<bool(const PublicKey&, ByteView, const Signature&)>;

// What a vote or certificate is judged against: one chain, one epoch, its set.
struct VoteContext {
  ChainId chain_id;
  Epoch epoch;
  const ValidatorSet& set;
  VerifySignature verify;
};

// Why bytes of a vote or certificate were refused.
enum class Refusal : std::uint8_t {
  WrongLength,
  UnknownKind,
  OrdinalTooLarge,
  ViewZero,
  OtherEpoch,
  UnknownSigner,
  WrongLink,
  WrongSetSize,
  PaddingBits,
  TooFewSigners,
  BadSignature,
};
std::string_view sentence(Refusal refusal);

struct Vote {
  Subject subject;
  ValidatorIndex signer;
  Signature signature;

  auto operator<=>(const Vote&) const = default;

  // Checks ranges, epoch, index, and the signature last. Mints the only Validated<Vote>.
  static Result<Validated<Vote>, Refusal> validate(Vote vote, const VoteContext& context);
};

struct Certificate {
  Subject subject;
  std::uint16_t set_size = 0;
  // By validator index: signers are distinct by construction.
  std::map<ValidatorIndex, Signature> signatures;

  auto operator<=>(const Certificate&) const = default;

  // Checks ranges, epoch, set size, quorum, and every signature. Mints the only
  // Validated<Certificate>.
  static Result<Validated<Certificate>, Refusal> validate(Certificate certificate,
                                                          const VoteContext& context);
};

}  // namespace salus::consensus
