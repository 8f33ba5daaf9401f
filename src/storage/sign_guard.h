// Owns: no two signatures of the validator key contradict each other, across any crash: the page
// that covers a vote is on the disk before its signature exists, and what C9 refuses after that
// page is never signed (consensus.md, S1, S8). It holds the key; nothing else of a node signs
// votes. One caller at a time. After an error nothing more is signed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/seams/signer.h"
#include "crypto/ed25519.h"
#include "storage/file.h"
#include "storage/guard_page.h"

namespace salus::storage {

enum class GuardFault : std::uint8_t { Missing, Exists, Corrupt, OtherKey, OtherChain, DiskFailed };

struct GuardError {
  GuardFault fault;
  // Path, cause and remedy, for the operator.
  std::string reason;
};

class SignGuard final : public Signer {
 public:
  // A guard for a key that has never voted, made together with that key (S12). It is bound to the
  // chain at which it is opened first.
  static Result<void, GuardError> create(const Path& path, const PublicKey& validator_key);

  // A guard in the place of one that is lost: it starts restricted, after `stage`, and any file at
  // `path` is set aside (S10).
  static Result<SignGuard, GuardError> create_restricted(const Path& path, crypto::KeyPair key,
                                                         const ChainId& chain_id, Epoch epoch,
                                                         Stage stage,
                                                         const Restriction& restriction);

  // The newest valid page counts. Refuses a page for another key or another chain. After an error
  // `key` is untouched.
  static Result<SignGuard, GuardError> open(const Path& path, crypto::KeyPair&& key,
                                            const ChainId& chain_id);

  // See the seam. Votes that equal a register are signed again without a page when the stage is the
  // last one. A restricted guard answers with an error.
  [[nodiscard]] Result<std::vector<Signature>, SignError> sign(
      Stage stage, LogPosition journal, const std::vector<Bytes>& votes) override;

  // Durably ends this key's voting (S10, S12, S14); a restricted guard keeps its first restriction.
  // `nonce` is random.
  [[nodiscard]] Result<void, SignError> restrict(RestrictionKind kind, const Nonce& nonce);

  // Ends an amnesia or twin restriction: a reseat that names its nonce is final in an epoch before
  // `epoch`, in which this key has therefore never voted (S11). `stage` is where vote stages stand.
  [[nodiscard]] Result<void, SignError> end_restriction_after_reseat(Epoch epoch, Stage stage);

  // Brings the guard level with a journal that is one vote stage ahead (S9).
  [[nodiscard]] Result<void, SignError> adopt(Stage stage, LogPosition journal, Epoch epoch,
                                              const consensus::Registers& registers);

  const PublicKey& validator_key() const { return key_.public_key(); }
  Stage stage() const { return page_.stage; }
  Epoch epoch() const { return page_.epoch; }
  // Of `epoch`, which is not before the guard's: empty in a later one (C44).
  consensus::Registers registers_in(Epoch epoch) const;
  LogPosition journal_in(Epoch epoch) const;
  const std::optional<Restriction>& restriction() const { return page_.restriction; }
  std::uint64_t syncs() const { return syncs_; }

 private:
  SignGuard(File file, crypto::KeyPair key, GuardPage page)
      : file_(std::move(file)), key_(std::move(key)), page_(std::move(page)) {}

  [[nodiscard]] Result<void, SignError> write_page(GuardPage next);

  File file_;
  crypto::KeyPair key_;
  // What is on the disk.
  GuardPage page_;
  std::optional<std::string> failure_;
  std::uint64_t syncs_ = 0;
};

}  // namespace salus::storage
