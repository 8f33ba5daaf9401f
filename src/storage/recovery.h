// Owns: what a validator may do after a start (consensus.md, S9, S10). Guard, journal and ledger
// are compared, the one that lags by a stage is brought level before anything is spoken, and
// whatever cannot be explained by one crash ends this key's voting, durably, and never the node.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "storage/journal.h"
#include "storage/sign_guard.h"

namespace salus::storage {

// What the ledger's state says of the last reseat of the own key (C48).
struct Reseat {
  Nonce nonce;
  // In which it was finalized.
  Epoch epoch;
};

struct RecoveryInput {
  Path guard;
  // The folder of all epochs' journals.
  Path journal;
  ChainId chain_id;
  // Of the last finalized block, as is the stage noted with it (S15).
  Epoch ledger_epoch;
  Stage ledger_stage;
  // Random; names the restriction if there is to be one.
  Nonce nonce;
  JournalOptions options;
  std::optional<Reseat> reseat = std::nullopt;
  // The set of the ledger's epoch has this key.
  bool is_seated = true;
};

// S11: whether `reseat` ends `restriction` for good from `epoch` on.
bool ends(const Reseat& reseat, const Restriction& restriction, Epoch epoch);

enum class Standing : std::uint8_t {
  // The registers are known wholly; S13 comes next.
  MayVote,
  // The guard voted in a later epoch than the ledger knows: catch up, then recover again. An epoch
  // after the guard's is new to it in any case.
  LedgerBehind,
  // A key that never signed and has no seat yet: whatever the journal holds is another key's. It
  // votes from the epoch on that seats it.
  NotSeated,
  // The guard carries a restriction: observe (S11).
  Restricted,
};

struct Recovered {
  SignGuard guard;
  // Of `ledger_epoch`; also an observing validator keeps one.
  FileLog journal;
  Standing standing;
  // For the operator, when not MayVote.
  std::string why;

  // What was voted in the epoch of the journal; meaningful when MayVote.
  const consensus::Registers& registers() const { return journal.registers(); }
  // Vote stages go on after this one.
  Stage last_stage() const { return std::max(guard.stage(), journal.last_stage()); }
};

// The disk failed; the node stops with this reason (S5).
struct RecoveryError {
  std::string reason;
};

Result<Recovered, RecoveryError> recover(const RecoveryInput& input, crypto::KeyPair key);

// The journal of a node that does not vote in this epoch. What is damaged is set aside: it binds
// nobody. A new one begins after the vote stage `before`.
Result<FileLog, RecoveryError> open_observer_journal(const Path& journal,
                                                     const JournalIdentity& identity,
                                                     const JournalOptions& options,
                                                     Stage before = {});

// The table of S9 by itself.
enum class Comparison : std::uint8_t {
  Level,
  // G = J + 1: the guard's registers count, the journal lags.
  JournalLags,
  // J = G + 1: the journal's registers count, the guard lags.
  GuardLags,
  // A guard that never signed beside a journal without own votes: the key is new here.
  NewKey,
  StagesApart,
  RegistersDiffer,
  LedgerAhead,
};

struct VoteRecord {
  Stage stage;
  // In the epoch of the ledger.
  consensus::Registers registers;
};

// `guard_in_epoch`: the guard's last vote was in the ledger's epoch.
Comparison compare(const VoteRecord& guard, bool guard_in_epoch, const VoteRecord& journal,
                   Stage ledger);

}  // namespace salus::storage
