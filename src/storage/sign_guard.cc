// Owns: the order "page, sync, signature", and reading the two pages back.
#include "storage/sign_guard.h"

#include <cerrno>
#include <utility>

#include "base/assert.h"
#include "consensus/codec.h"

namespace salus::storage {

namespace {

GuardError disk_error(const IoError& error) {
  switch (error.cause) {
    case ENOENT:
      return {GuardFault::Missing, "There is no sign guard at " + error.path.string() +
                                       ". Without it nobody knows what this key has signed."};
    case EEXIST:
      return {GuardFault::Exists, "There is a sign guard at " + error.path.string() +
                                      " already. Keep it: it knows what its key has signed."};
    default:
      return {GuardFault::DiskFailed, sentence(error)};
  }
}

// Where a write counter's page lies: the two places take turns, so the older one is overwritten.
std::uint64_t offset_of(std::uint64_t write) { return write % kGuardPages * kGuardPageBytes; }

Result<File, IoError> create_file(const Path& path, const GuardPage& page) {
  auto file = File::create(path, 0600);
  if (!file) return file;
  if (const auto done = file->allocate(kGuardPages * kGuardPageBytes); !done) {
    return std::unexpected(done.error());
  }
  if (const auto done = file->write(offset_of(page.write), encode(page)); !done) {
    return std::unexpected(done.error());
  }
  if (const auto done = file->sync(); !done) return std::unexpected(done.error());
  if (const auto done = sync_folder(path.parent_path()); !done) {
    return std::unexpected(done.error());
  }
  return file;
}

std::optional<GuardPage> newest_page(ByteView file) {
  std::optional<GuardPage> newest;
  for (std::size_t at = 0; at + kGuardPageBytes <= file.size(); at += kGuardPageBytes) {
    auto page = decode_guard_page(file.subspan(at, kGuardPageBytes));
    if (page && (!newest || page->write > newest->write)) newest = std::move(page);
  }
  return newest;
}

// Readable bytes need not be on the disk when only the process died; what is relied on must be.
Result<GuardPage, GuardError> read_and_sync(File& file) {
  const auto bytes = file.read(0, kGuardPages * kGuardPageBytes);
  if (!bytes) return std::unexpected(disk_error(bytes.error()));
  auto page = newest_page(*bytes);
  if (!page) {
    return std::unexpected(GuardError{
        GuardFault::Corrupt, "The sign guard " + file.path().string() +
                                 " has no readable page. Without it nobody knows what its key has "
                                 "signed."});
  }
  if (const auto synced = file.sync(); !synced) return std::unexpected(disk_error(synced.error()));
  return std::move(*page);
}

consensus::Subject parse_vote(ByteView signed_vote, const ChainId& chain_id) {
  const auto parsed = consensus::parse_signed_bytes(signed_vote);
  SALUS_ASSERT(parsed.has_value(), "the guard was handed bytes that are no vote");
  SALUS_ASSERT(parsed->chain_id == chain_id, "the guard was handed a vote of another chain");
  return parsed->subject;
}

}  // namespace

Result<void, GuardError> SignGuard::create(const Path& path, const PublicKey& validator_key) {
  GuardPage page;
  page.validator_key = validator_key;
  if (const auto file = create_file(path, page); !file) {
    return std::unexpected(disk_error(file.error()));
  }
  return {};
}

Result<SignGuard, GuardError> SignGuard::create_restricted(const Path& path, crypto::KeyPair key,
                                                           const ChainId& chain_id, Epoch epoch,
                                                           Stage stage,
                                                           const Restriction& restriction) {
  GuardPage page;
  page.validator_key = key.public_key();
  page.chain_id = chain_id;
  page.stage = stage;
  page.epoch = epoch;
  page.restriction = restriction;
  if (is_there(path)) {
    if (const auto moved = set_aside(path); !moved) {
      return std::unexpected(disk_error(moved.error()));
    }
  }
  auto file = create_file(path, page);
  if (!file) return std::unexpected(disk_error(file.error()));
  SignGuard guard{std::move(*file), std::move(key), std::move(page)};
  // Into the other page too; see restrict().
  if (const auto written = guard.write_page(guard.page_); !written) {
    return std::unexpected(GuardError{GuardFault::DiskFailed, written.error().reason});
  }
  return guard;
}

Result<SignGuard, GuardError> SignGuard::open(const Path& path, crypto::KeyPair&& key,
                                              const ChainId& chain_id) {
  auto file = File::open(path);
  if (!file) return std::unexpected(disk_error(file.error()));
  auto page = read_and_sync(*file);
  if (!page) return std::unexpected(page.error());
  if (page->validator_key != key.public_key()) {
    return std::unexpected(
        GuardError{GuardFault::OtherKey, "The sign guard " + path.string() + " is for the key " +
                                             page->validator_key.to_hex() + ", this node holds " +
                                             key.public_key().to_hex() +
                                             ". Put key and guard together as they were made."});
  }
  const bool unused = page->chain_id.is_zero();
  if (!unused && page->chain_id != chain_id) {
    return std::unexpected(GuardError{GuardFault::OtherChain,
                                      "The sign guard " + path.string() + " has signed on chain " +
                                          page->chain_id.to_hex() + ", this node follows " +
                                          chain_id.to_hex() + ". Make a new key for each chain."});
  }
  SignGuard guard{std::move(*file), std::move(key), std::move(*page)};
  if (!unused) return guard;

  GuardPage bound = guard.page_;
  bound.chain_id = chain_id;
  if (const auto written = guard.write_page(bound); !written) {
    return std::unexpected(GuardError{GuardFault::DiskFailed, written.error().reason});
  }
  return guard;
}

Result<std::vector<Signature>, SignError> SignGuard::sign(Stage stage, LogPosition journal,
                                                          const std::vector<Bytes>& votes) {
  if (failure_) return std::unexpected(SignError{*failure_});
  if (page_.restriction) {
    return std::unexpected(SignError{
        "The sign guard " + file_.path().string() +
        " is restricted and signs nothing. See: salus consensus status, for the reason."});
  }
  SALUS_ASSERT(!votes.empty(), "a vote stage has votes");

  GuardPage next = page_;
  bool repeats_only = true;
  for (const Bytes& bytes : votes) {
    const consensus::Subject subject = parse_vote(bytes, page_.chain_id);
    if (subject.epoch() != next.epoch) {
      SALUS_ASSERT(subject.epoch() > next.epoch, "a vote of an epoch that has ended");
      next.epoch = subject.epoch();
      next.registers = {};
    }
    if (next.registers.holds(subject)) continue;
    SALUS_ASSERT(consensus::may_vote(next.registers, subject), "a vote that C9 refuses");
    next.registers.record(subject);
    repeats_only = false;
  }

  if (!repeats_only || stage != page_.stage) {
    SALUS_ASSERT(stage > page_.stage, "vote stages increase");
    next.stage = stage;
    next.journal = journal;
    if (const auto written = write_page(std::move(next)); !written) {
      return std::unexpected(written.error());
    }
  }
  std::vector<Signature> signatures;
  signatures.reserve(votes.size());
  for (const Bytes& bytes : votes) signatures.push_back(key_.sign(bytes));
  return signatures;
}

Result<void, SignError> SignGuard::restrict(RestrictionKind kind, const Nonce& nonce) {
  if (page_.restriction) return {};
  GuardPage next = page_;
  next.restriction = Restriction{kind, nonce};
  // Into both pages: were one to rot, the other must not allow to vote again.
  if (const auto first = write_page(next); !first) return first;
  return write_page(std::move(next));
}

Result<void, SignError> SignGuard::end_restriction_after_reseat(Epoch epoch, Stage stage) {
  SALUS_ASSERT(page_.restriction && epoch > page_.epoch,
               "a reseat lets vote in an epoch that the guard has never seen");
  GuardPage next = page_;
  next.restriction.reset();
  next.epoch = epoch;
  next.registers = {};
  next.journal = {};
  next.stage = std::max(next.stage, stage);
  return write_page(std::move(next));
}

Result<void, SignError> SignGuard::adopt(Stage stage, LogPosition journal, Epoch epoch,
                                         const consensus::Registers& registers) {
  SALUS_ASSERT(stage > page_.stage && epoch >= page_.epoch, "a guard only moves forward");
  GuardPage next = page_;
  next.stage = stage;
  next.journal = journal;
  next.epoch = epoch;
  next.registers = registers;
  return write_page(std::move(next));
}

consensus::Registers SignGuard::registers_in(Epoch epoch) const {
  SALUS_ASSERT(epoch >= page_.epoch, "registers of an epoch that has ended");
  return epoch == page_.epoch ? page_.registers : consensus::Registers{};
}

LogPosition SignGuard::journal_in(Epoch epoch) const {
  SALUS_ASSERT(epoch >= page_.epoch, "journal position of an epoch that has ended");
  return epoch == page_.epoch ? page_.journal : LogPosition{};
}

Result<void, SignError> SignGuard::write_page(GuardPage next) {
  if (failure_) return std::unexpected(SignError{*failure_});
  next.write = page_.write + 1;
  auto done = file_.write(offset_of(next.write), encode(next));
  if (done) done = file_.sync();
  if (!done) {
    failure_ = sentence(done.error());
    return std::unexpected(SignError{*failure_});
  }
  ++syncs_;
  page_ = std::move(next);
  return {};
}

}  // namespace salus::storage
