// Owns: one core on a bench: every event by hand, every effect on record. Stages become durable
// when flush() says so, and not before.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

#include "consensus/codec.h"
#include "consensus/core.h"
#include "crypto/ed25519.h"

namespace salus::consensus::testing {

class Rig {
 public:
  static constexpr std::uint64_t kStartMs = 1'000;

  Rig(std::size_t n, std::uint16_t own, Recovered recovered = {}, Parameters parameters = {})
      : own_(own), set_(make_set(n)) {
    core_.emplace(CoreConfig{.chain_id = chain_id(),
                             .epoch = Epoch{},
                             .set = set_,
                             .own_index = ValidatorIndex{own},
                             .parameters = parameters,
                             .first_ancestor = genesis()},
                  std::move(recovered));
    tick(kStartMs);
  }

  static ChainId chain_id() {
    ChainId id;
    id.bytes.fill(0x5a);
    return id;
  }
  static Digest genesis() { return *Digest::from(chain_id().view()); }
  static Digest block(char name) {
    Digest digest;
    digest.bytes.fill(static_cast<std::uint8_t>(name));
    return digest;
  }
  static Candidate candidate(std::uint64_t view, std::uint64_t parent, char name) {
    return {.epoch = Epoch{}, .view = View{view}, .parent = View{parent}, .digest = block(name)};
  }
  static Subject skip(std::uint64_t view) { return nullify(Epoch{}, View{view}); }
  static crypto::KeyPair key(std::uint16_t index) {
    EXPECT_TRUE(crypto::initialise());
    crypto::Seed seed{};
    seed[0] = static_cast<std::uint8_t>(index + 1);
    return crypto::KeyPair::from_seed(seed);
  }
  static NodeId node_id(std::uint16_t index) {
    NodeId id;
    id.bytes[0] = static_cast<std::uint8_t>(index + 1);
    return id;
  }
  static ValidatorSet make_set(std::size_t n) {
    std::vector<Validator> members;
    for (std::uint16_t i = 0; i < n; ++i) {
      members.push_back({.validator_key = key(i).public_key(), .node_key = node_id(i)});
    }
    return *ValidatorSet::make(std::move(members));
  }
  static Vote signed_by(std::uint16_t signer, const Subject& subject) {
    return {.subject = subject,
            .signer = ValidatorIndex{signer},
            .signature = key(signer).sign(signed_bytes(chain_id(), subject))};
  }
  static Certificate certificate(std::size_t n, const Subject& subject,
                                 const std::vector<std::uint16_t>& signers) {
    Certificate made{
        .subject = subject, .set_size = static_cast<std::uint16_t>(n), .signatures = {}};
    for (const std::uint16_t signer : signers) {
      made.signatures.emplace(ValidatorIndex{signer}, signed_by(signer, subject).signature);
    }
    return made;
  }
  static VoteContext context(const ValidatorSet& set) {
    return {.chain_id = chain_id(), .epoch = Epoch{}, .set = set, .verify = crypto::verify};
  }
  static Validated<Certificate> valid(std::size_t n, const Subject& subject,
                                      const std::vector<std::uint16_t>& signers) {
    const ValidatorSet set = make_set(n);
    return *Certificate::validate(certificate(n, subject, signers), context(set));
  }

  void step(const Event& event) {
    const Effects effects = core_->step(event);
    early.insert(early.end(), effects.early.begin(), effects.early.end());
    asks.insert(asks.end(), effects.ask.begin(), effects.ask.end());
  }
  void tick(std::uint64_t mono_ms) { step(Tick{MonoMs{mono_ms}}); }
  void vote(std::uint16_t signer, const Subject& subject) {
    step(VoteIn{*Vote::validate(signed_by(signer, subject), context(set_))});
  }
  void certificate_in(const Subject& subject, const std::vector<std::uint16_t>& signers) {
    step(CertificateIn{.certificate = valid(set_.size(), subject, signers),
                       .from = node_id(signers.front())});
  }
  void bring(char name) { step(BlockIn{block(name)}); }
  void answer(const Candidate& checked, Purpose purpose, bool is_valid) {
    step(CheckDone{.candidate = checked,
                   .purpose = purpose,
                   .result = {.valid = is_valid, .reason = is_valid ? 0U : 5U}});
  }
  void status_from(std::uint16_t peer, std::vector<Vote> own_votes = {},
                   std::uint64_t finalized = 0) {
    StatusIn in{.from = node_id(peer),
                .epoch = Epoch{},
                .view = View{1},
                .finalized = View{finalized},
                .own_votes = {}};
    for (const Vote& one : own_votes) {
      in.own_votes.push_back(*Vote::validate(one, context(set_)));
    }
    step(in);
  }
  // S13 passed.
  void open_gate() {
    for (std::uint16_t peer = 0; peer < set_.size(); ++peer) {
      if (peer != own_) status_from(peer);
    }
  }
  // Makes stages durable until none is left. False if there was none.
  bool flush() {
    bool any = false;
    while (auto work = core_->take_stage()) {
      any = true;
      std::vector<Signature> signatures;
      for (const Bytes& bytes : work->votes) {
        signatures.push_back(key(own_).sign(bytes));
        cast.push_back(parse_signed_bytes(bytes)->subject);
      }
      records.insert(records.end(), work->records.begin(), work->records.end());
      const auto token = DurableToken::after({}, signatures);
      const std::vector<Late> opened = std::move(work->late).open(*token);
      spoken.insert(spoken.end(), opened.begin(), opened.end());
      step(Durable{.stage = work->stage, .signatures = signatures});
    }
    return any;
  }

  bool has_cast(const Subject& subject) const {
    return std::find(cast.begin(), cast.end(), subject) != cast.end();
  }
  template <typename T>
  std::vector<T> asked() const {
    return of_kind<T>(asks);
  }
  template <typename T>
  std::vector<T> sent_early() const {
    return of_kind<T>(early);
  }
  template <typename T>
  std::vector<T> said() const {
    return of_kind<T>(spoken);
  }
  template <typename T>
  std::vector<T> reported() const {
    return of_kind<T>(asked<Report>());
  }
  Core& core() { return *core_; }
  const ValidatorSet& set() const { return set_; }

  std::vector<Early> early;
  std::vector<Ask> asks;
  std::vector<Late> spoken;
  std::vector<Record> records;
  std::vector<Subject> cast;

 private:
  template <typename T, typename V>
  static std::vector<T> of_kind(const std::vector<V>& list) {
    std::vector<T> found;
    for (const V& one : list) {
      if (const auto* is = std::get_if<T>(&one)) found.push_back(*is);
    }
    return found;
  }

  std::uint16_t own_;
  ValidatorSet set_;
  std::optional<Core> core_;
};

}  // namespace salus::consensus::testing
