// Owns: to speak before writing does not compile (S1, S2). What may leave only when its stage is
// durable sits in a Gated, and the key that opens it exists only where the driver holds the answers
// of both the log and the signer.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/seams/log.h"
#include "base/seams/signer.h"

namespace salus::consensus {

// Why a stage is not durable. The driver stops the process with it and never tries again (S5).
using StageFailure = std::string;

// Proof that one stage is on the disk, with the signatures of its votes. Used once.
class DurableToken {
 public:
  // The only way to make one: the log's answer and the signer's answer for the same stage. A stage
  // without votes passes an empty list of signatures; one without records an empty success.
  static Result<DurableToken, StageFailure> after(
      const Result<void, LogError>& logged, Result<std::vector<Signature>, SignError> signatures);

  DurableToken(DurableToken&&) = default;
  DurableToken& operator=(DurableToken&&) = default;
  DurableToken(const DurableToken&) = delete;
  DurableToken& operator=(const DurableToken&) = delete;

  std::span<const Signature> signatures() const { return signatures_; }

 private:
  explicit DurableToken(std::vector<Signature> signatures) : signatures_(std::move(signatures)) {}
  std::vector<Signature> signatures_;
};

// T's namespace offers complete(T&, span<const Signature>), which puts the stage's signatures where
// they belong.
template <typename T>
class Gated {
 public:
  Gated() = default;
  explicit Gated(std::vector<T> items) : items_(std::move(items)) {}

  bool empty() const { return items_.empty(); }
  // The only accessor.
  std::vector<T> open(const DurableToken& token) && {
    for (T& item : items_) complete(item, token.signatures());
    return std::move(items_);
  }

 private:
  std::vector<T> items_;
};

}  // namespace salus::consensus
