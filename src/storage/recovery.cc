// Owns: the order of steps by which guard and journal are read, compared and brought level. A crash
// between any two of them leads back to the same verdict.
#include "storage/recovery.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "consensus/codec.h"
#include "storage/data_folder.h"

namespace salus::storage {

namespace {

// Every vote of `older` can be one that the holder of `newer` cast before.
bool covers_all(const consensus::Registers& newer, const consensus::Registers& older) {
  const auto votes = older.votes(Epoch{});
  return std::all_of(votes.begin(), votes.end(),
                     [&newer](const consensus::Subject& vote) { return newer.covers(vote); });
}

std::string amnesia_sentence(const std::string& cause) {
  return "This validator observes and does not vote: " + cause +
         " It must not vote where it may have voted before. To vote again, admit a new validator "
         "key (salus keys new), or have this one reseated.";
}

std::string comparison_sentence(Comparison found) {
  switch (found) {
    case Comparison::StagesApart:
      return "Sign guard and journal are more than one vote apart, so one of them was lost or put "
             "back from a backup.";
    case Comparison::RegistersDiffer:
      return "Sign guard and journal hold votes that contradict each other, so one of them was "
             "lost or put back from a backup.";
    case Comparison::LedgerAhead:
      return "The ledger knows of a later vote than sign guard and journal, so both were put back "
             "from a backup.";
    case Comparison::Level:
    case Comparison::JournalLags:
    case Comparison::GuardLags:
    case Comparison::NewKey:
      return "";
  }
  std::unreachable();
}

std::string restriction_sentence(RestrictionKind kind) {
  switch (kind) {
    case RestrictionKind::Amnesia:
      return amnesia_sentence("Its record of past votes was lost at an earlier start.");
    case RestrictionKind::Twin:
      return "This validator observes and does not vote: its key was seen voting on another "
             "machine. Stop that one, then admit a new validator key or have this one reseated.";
    case RestrictionKind::Moved:
      return "This validator observes and does not vote: it was moved to another machine. Start "
             "the node there.";
  }
  std::unreachable();
}

RecoveryError stop(std::string reason) { return {std::move(reason)}; }

// Opens the journal, or gives a key that is not to vote an empty one, with the damaged one set
// aside.
Result<FileLog, RecoveryError> open_or_replace(const Path& folder, const JournalIdentity& identity,
                                               Stage before, const JournalOptions& options) {
  auto journal = FileLog::open(folder, identity, LogPosition{}, options);
  if (journal) return std::move(*journal);
  if (journal.error().fault == JournalFault::DiskFailed) {
    return std::unexpected(stop(journal.error().reason));
  }
  if (journal.error().fault != JournalFault::Missing) {
    if (const auto moved = set_aside(folder); !moved) {
      return std::unexpected(stop(sentence(moved.error())));
    }
  }
  auto created = FileLog::create(folder, identity, before, options);
  if (!created) return std::unexpected(stop(created.error().reason));
  return std::move(*created);
}

class Recovery {
 public:
  explicit Recovery(const RecoveryInput& input)
      : input_(input),
        folder_(epoch_folder(input.journal, input.ledger_epoch)),
        identity_{input.chain_id, input.ledger_epoch} {}

  Result<Recovered, RecoveryError> run(crypto::KeyPair key) {
    auto guard = SignGuard::open(input_.guard, std::move(key), input_.chain_id);
    if (!guard && guard.error().fault == GuardFault::DiskFailed) {
      return std::unexpected(stop(guard.error().reason));
    }
    if (!guard) return without_guard(guard.error(), std::move(key));
    if (guard->restriction()) {
      const bool is_over = input_.reseat && guard->epoch() < input_.ledger_epoch &&
                           ends(*input_.reseat, *guard->restriction(), input_.ledger_epoch);
      return is_over ? reseated(std::move(*guard)) : restricted(std::move(*guard));
    }
    if (const auto back = bring_back_discarded(*guard); !back) return std::unexpected(back.error());
    // Begun with a ledger that was lost since. The guard stands no later, so nothing was signed
    // there; and what a vote was asked for, and never signed, binds nobody.
    const Epoch latest = std::max(guard->epoch(), input_.ledger_epoch);
    if (const auto aside = set_epochs_after_aside(input_.journal, latest); !aside) {
      return std::unexpected(stop(sentence(aside.error())));
    }
    if (guard->epoch() > input_.ledger_epoch) return ledger_behind(std::move(*guard));
    if (!input_.is_seated && guard->stage() == Stage{}) return not_seated(std::move(*guard));

    auto journal =
        FileLog::open(folder_, identity_, guard->journal_in(input_.ledger_epoch), input_.options);
    const bool missing = !journal && journal.error().fault == JournalFault::Missing;
    const bool is_no_loss = guard->epoch() < input_.ledger_epoch || guard->stage() == Stage{};
    if (missing && is_no_loss) {
      journal = FileLog::create(folder_, identity_, guard->stage(), input_.options);
    }
    if (!journal && journal.error().fault == JournalFault::DiskFailed) {
      return std::unexpected(stop(journal.error().reason));
    }
    if (!journal) return without_journal(std::move(*guard), journal.error());
    return settle(std::move(*guard), std::move(*journal));
  }

 private:
  // A later epoch was begun, so that the journal of the guard's epoch was discarded (C45), and then
  // the ledger was lost: the epoch comes again. The guard knows all that was signed in it, and the
  // later journals tell whether it is the guard of then (S9).
  Result<void, RecoveryError> bring_back_discarded(SignGuard& guard) {
    const Epoch epoch = guard.epoch();
    if (epoch < input_.ledger_epoch || guard.stage() == Stage{}) return {};
    const Path folder = epoch_folder(input_.journal, epoch);
    const JournalIdentity identity{input_.chain_id, epoch};
    const auto there = FileLog::open(folder, identity, LogPosition{}, input_.options);
    if (there || there.error().fault != JournalFault::Missing) return {};
    const auto later = latest_stage_after(epoch);
    if (!later) return std::unexpected(later.error());
    if (!*later || **later > guard.stage().next()) return {};

    // A stage without a vote, for the position that it stands at; first, so that a crash after it
    // leads here again, or finds a journal that lags.
    const consensus::Registers registers = guard.registers_in(epoch);
    const Stage before = guard.stage();
    if (const auto moved = guard.adopt(before.next(), LogPosition{}, epoch, registers); !moved) {
      return std::unexpected(stop(moved.error().reason));
    }
    const bool voted = registers != consensus::Registers{};
    auto journal =
        FileLog::create(folder, identity, voted ? before : guard.stage(), input_.options);
    if (!journal) return std::unexpected(stop(journal.error().reason));
    if (!voted) return {};
    const auto level = raise_journal(*journal, {guard.stage(), registers}, epoch);
    if (!level) return std::unexpected(stop(level.error().reason));
    return {};
  }

  // The last own vote in the journals of epochs after `epoch`; nullopt if there are none, or one
  // can't be read.
  Result<std::optional<Stage>, RecoveryError> latest_stage_after(Epoch epoch) const {
    const auto epochs = epochs_after(input_.journal, epoch);
    if (!epochs) return std::unexpected(stop(sentence(epochs.error())));
    std::optional<Stage> latest;
    for (const Epoch later : *epochs) {
      const auto journal = FileLog::open(epoch_folder(input_.journal, later),
                                         {input_.chain_id, later}, LogPosition{}, input_.options);
      if (!journal && journal.error().fault == JournalFault::DiskFailed) {
        return std::unexpected(stop(journal.error().reason));
      }
      if (!journal) return std::nullopt;
      latest = std::max(latest.value_or(Stage{}), journal->last_stage());
    }
    return latest;
  }

  // S9.
  Result<Recovered, RecoveryError> settle(SignGuard guard, FileLog journal) {
    const Epoch epoch = input_.ledger_epoch;
    const VoteRecord guarded{guard.stage(), guard.registers_in(epoch)};
    const VoteRecord journaled{journal.last_stage(), journal.registers()};
    const Comparison found =
        compare(guarded, guard.epoch() == epoch, journaled, input_.ledger_stage);
    switch (found) {
      case Comparison::Level:
        break;
      case Comparison::JournalLags:
        if (const auto level = raise_journal(journal, guarded, epoch); !level) {
          return std::unexpected(stop(level.error().reason));
        }
        break;
      case Comparison::GuardLags:
        if (const auto level = raise_guard(guard, journal); !level) {
          return std::unexpected(stop(level.error().reason));
        }
        break;
      case Comparison::NewKey:
        return start_new_key(std::move(guard), std::move(journal));
      case Comparison::StagesApart:
      case Comparison::RegistersDiffer:
      case Comparison::LedgerAhead:
        return amnesia(std::move(guard), comparison_sentence(found));
    }
    return Recovered{std::move(guard), std::move(journal), Standing::MayVote, {}};
  }

  Result<void, LogError> raise_journal(FileLog& journal, const VoteRecord& guarded, Epoch epoch) {
    auto votes = guarded.registers.votes(epoch);
    // In the order in which they were allowed: registers say nothing of a view below their own.
    std::stable_sort(votes.begin(), votes.end(),
                     [](const consensus::Subject& a, const consensus::Subject& b) {
                       return a.view() < b.view();
                     });
    StageWriter stage{guarded.stage};
    for (const consensus::Subject& vote : votes) {
      stage.add(consensus::RecordType::OwnVote, consensus::signed_bytes(input_.chain_id, vote));
    }
    return journal.append_and_sync(std::move(stage).finish());
  }

  Result<void, SignError> raise_guard(SignGuard& guard, const FileLog& journal) {
    return guard.adopt(journal.last_stage(), journal.durable_end(), input_.ledger_epoch,
                       journal.registers());
  }

  // Stage numbers in journal and ledger are of this node's earlier key or of none: go on above
  // them, so that they are never taken for votes of this one.
  Result<Recovered, RecoveryError> start_new_key(SignGuard guard, FileLog journal) {
    if (journal.last_stage() < input_.ledger_stage) {
      if (const auto moved = set_aside(folder_); !moved) {
        return std::unexpected(stop(sentence(moved.error())));
      }
      auto begun = FileLog::create(folder_, identity_, input_.ledger_stage, input_.options);
      if (!begun) return std::unexpected(stop(begun.error().reason));
      journal = std::move(*begun);
    }
    if (journal.last_stage() > guard.stage()) {
      if (const auto level = raise_guard(guard, journal); !level) {
        return std::unexpected(stop(level.error().reason));
      }
    }
    return Recovered{std::move(guard), std::move(journal), Standing::MayVote, {}};
  }

  Result<Recovered, RecoveryError> without_guard(const GuardError& error, crypto::KeyPair key) {
    auto journal = open_or_replace(folder_, identity_, input_.ledger_stage, input_.options);
    if (!journal) return std::unexpected(journal.error());
    const Stage stage = std::max(journal->last_stage(), input_.ledger_stage);
    auto guard = SignGuard::create_restricted(
        input_.guard, std::move(key), input_.chain_id, input_.ledger_epoch, stage,
        {.kind = RestrictionKind::Amnesia, .nonce = input_.nonce});
    if (!guard) return std::unexpected(stop(guard.error().reason));
    return Recovered{std::move(*guard), std::move(*journal), Standing::Restricted,
                     amnesia_sentence(error.reason)};
  }

  // S10. The restriction first: a crash after it finds a restricted guard, whatever the journal is.
  Result<Recovered, RecoveryError> amnesia(SignGuard guard, const std::string& cause) {
    if (const auto done = guard.restrict(RestrictionKind::Amnesia, input_.nonce); !done) {
      return std::unexpected(stop(done.error().reason));
    }
    auto out = restricted(std::move(guard));
    if (out) out->why = amnesia_sentence(cause);
    return out;
  }

  // The damaged files are kept for examination; the observer begins new ones.
  Result<Recovered, RecoveryError> without_journal(SignGuard guard, const JournalError& error) {
    if (const auto done = guard.restrict(RestrictionKind::Amnesia, input_.nonce); !done) {
      return std::unexpected(stop(done.error().reason));
    }
    if (error.fault != JournalFault::Missing) {
      if (const auto moved = set_aside(folder_); !moved) {
        return std::unexpected(stop(sentence(moved.error())));
      }
    }
    return amnesia(std::move(guard), error.reason);
  }

  // S11. The observer's journal of this epoch is of no use to a voter: its stages may lie
  // elsewhere. The guard comes last: after a crash before it everything is done again.
  Result<Recovered, RecoveryError> reseated(SignGuard guard) {
    const Stage stage = std::max(guard.stage(), input_.ledger_stage);
    auto journal = FileLog::create(folder_, identity_, stage, input_.options);
    if (!journal && journal.error().fault != JournalFault::DiskFailed) {
      if (const auto moved = set_aside(folder_); !moved) {
        return std::unexpected(stop(sentence(moved.error())));
      }
      journal = FileLog::create(folder_, identity_, stage, input_.options);
    }
    if (!journal) return std::unexpected(stop(journal.error().reason));
    const auto done = guard.end_restriction_after_reseat(input_.ledger_epoch, stage);
    if (!done) return std::unexpected(stop(done.error().reason));
    return Recovered{std::move(guard), std::move(*journal), Standing::MayVote, {}};
  }

  Result<Recovered, RecoveryError> restricted(SignGuard guard) {
    std::string why = restriction_sentence(guard.restriction()->kind);
    return observing(std::move(guard), Standing::Restricted, std::move(why));
  }

  Result<Recovered, RecoveryError> ledger_behind(SignGuard guard) {
    return observing(std::move(guard), Standing::LedgerBehind,
                     "This validator voted in a later epoch than its ledger knows. It catches up "
                     "before it votes.");
  }

  Result<Recovered, RecoveryError> not_seated(SignGuard guard) {
    return observing(std::move(guard), Standing::NotSeated,
                     "This validator key has no seat in the present epoch yet. It votes from the "
                     "epoch on that seats it.");
  }

  Result<Recovered, RecoveryError> observing(SignGuard guard, Standing standing, std::string why) {
    auto journal = open_or_replace(folder_, identity_, guard.stage(), input_.options);
    if (!journal) return std::unexpected(journal.error());
    const auto& restriction = guard.restriction();
    if (restriction && restriction->kind != RestrictionKind::Moved) {
      why += " The nonce for that reseat is " + hex(restriction->nonce.view()) + ".";
    }
    return Recovered{std::move(guard), std::move(*journal), standing, std::move(why)};
  }

  const RecoveryInput& input_;
  Path folder_;
  JournalIdentity identity_;
};

}  // namespace

Comparison compare(const VoteRecord& guard, bool guard_in_epoch, const VoteRecord& journal,
                   Stage ledger) {
  if (guard.stage == Stage{} && journal.registers == consensus::Registers{}) {
    return Comparison::NewKey;
  }
  if (ledger > std::max(guard.stage, journal.stage)) return Comparison::LedgerAhead;
  if (guard.stage == journal.stage) {
    return guard.registers == journal.registers ? Comparison::Level : Comparison::RegistersDiffer;
  }
  if (guard.stage == journal.stage.next()) {
    // A guard that stands in an older epoch cannot have voted since this journal was begun.
    const bool voted = guard_in_epoch && guard.registers != consensus::Registers{};
    if (!voted) return Comparison::StagesApart;
    return covers_all(guard.registers, journal.registers) ? Comparison::JournalLags
                                                          : Comparison::RegistersDiffer;
  }
  if (journal.stage == guard.stage.next()) {
    return covers_all(journal.registers, guard.registers) ? Comparison::GuardLags
                                                          : Comparison::RegistersDiffer;
  }
  return Comparison::StagesApart;
}

bool ends(const Reseat& reseat, const Restriction& restriction, Epoch epoch) {
  return restriction.kind != RestrictionKind::Moved && restriction.nonce == reseat.nonce &&
         reseat.epoch < epoch;
}

Result<Recovered, RecoveryError> recover(const RecoveryInput& input, crypto::KeyPair key) {
  return Recovery{input}.run(std::move(key));
}

Result<FileLog, RecoveryError> open_observer_journal(const Path& journal,
                                                     const JournalIdentity& identity,
                                                     const JournalOptions& options, Stage before) {
  return open_or_replace(epoch_folder(journal, identity.epoch), identity, before, options);
}

}  // namespace salus::storage
