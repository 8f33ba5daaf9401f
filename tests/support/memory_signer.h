// Owns: a Signer without a disk that keeps the guard's promise (C9, S8): it refuses what
// contradicts its registers by failing the test's process, and can lose power before or after its
// page.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/seams/signer.h"
#include "consensus/codec.h"
#include "consensus/registers.h"
#include "crypto/ed25519.h"

namespace salus::testing {

class MemorySigner final : public Signer {
 public:
  enum class PageSurvives : std::uint8_t { No, Yes };

  MemorySigner(crypto::KeyPair key, const ChainId& chain_id)
      : key_(std::move(key)), chain_id_(chain_id) {}

  // The signing after `more` further ones loses power; its page is on the disk or not.
  void lose_power_after(std::uint64_t more, PageSurvives survives) {
    fail_at_ = signings_ + more;
    survives_ = survives;
  }
  void restart() {
    fail_at_.reset();
    failed_ = false;
  }

  [[nodiscard]] Result<std::vector<Signature>, SignError> sign(
      Stage stage, LogPosition journal, const std::vector<Bytes>& votes) override {
    if (failed_) return std::unexpected(SignError{"The memory signer failed before."});
    auto registers = registers_;
    Epoch epoch = epoch_;
    bool repeats_only = true;
    for (const Bytes& bytes : votes) {
      const auto parsed = consensus::parse_signed_bytes(bytes);
      SALUS_ASSERT(parsed && parsed->chain_id == chain_id_, "a vote of this chain");
      const auto& subject = parsed->subject;
      SALUS_ASSERT(subject.epoch() >= epoch, "a vote of an epoch that has ended");
      if (subject.epoch() > epoch) registers = {};
      epoch = subject.epoch();
      if (registers.holds(subject)) continue;
      SALUS_ASSERT(consensus::may_vote(registers, subject), "a vote that C9 refuses");
      registers.record(subject);
      repeats_only = false;
    }
    SALUS_ASSERT(stage > stage_ || (repeats_only && stage == stage_), "vote stages increase");
    const bool fails = fail_at_ == signings_;
    if (!fails || survives_ == PageSurvives::Yes) {
      stage_ = stage;
      journal_ = journal;
      epoch_ = epoch;
      registers_ = registers;
    }
    if (fails) {
      failed_ = true;
      return std::unexpected(SignError{"The memory signer loses power."});
    }
    ++signings_;
    std::vector<Signature> out;
    for (const Bytes& bytes : votes) out.push_back(key_.sign(bytes));
    return out;
  }

  const PublicKey& validator_key() const { return key_.public_key(); }
  Stage stage() const { return stage_; }
  LogPosition journal() const { return journal_; }
  Epoch epoch() const { return epoch_; }
  const consensus::Registers& registers() const { return registers_; }

 private:
  crypto::KeyPair key_;
  ChainId chain_id_;
  Stage stage_;
  LogPosition journal_;
  Epoch epoch_;
  consensus::Registers registers_;
  std::uint64_t signings_ = 0;
  std::optional<std::uint64_t> fail_at_;
  PageSurvives survives_ = PageSurvives::No;
  bool failed_ = false;
};

}  // namespace salus::testing
