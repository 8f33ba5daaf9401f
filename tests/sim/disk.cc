// Owns: the order in which a start reads the disk, as node/start does, and the damages.
#include "sim/disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "consensus/codec.h"
#include "dao/a_dao.h"
#include "ledger/reader.h"
#include "replica/facts.h"
#include "storage/data_folder.h"
#include "storage/halts.h"

namespace salus::sim {

namespace {

// Small, so that a run of seconds goes through several files.
constexpr storage::JournalOptions kJournal{.file_bytes = 64 * 1'024};

Stage noted_stage(const Store& store) {
  const auto bytes = store.get(kVoteStageKey);
  if (!bytes) return Stage{};
  ByteReader in{as_bytes(*bytes)};
  return Stage{in.u64()};
}

std::optional<storage::Reseat> reseat_of(const ledger::Ledger& ledger, const PublicKey& own_key) {
  const auto found = find_reseat(ledger.finalized(), ledger.finalized_state(), own_key);
  const auto nonce = found ? storage::Nonce::from(found->nonce) : std::nullopt;
  if (!nonce) return std::nullopt;
  return storage::Reseat{.nonce = *nonce, .epoch = found->epoch};
}

}  // namespace

Disk::Disk(std::uint16_t index, const StoreBatch& genesis, const ChainId& chain_id,
           const NodeId& node, std::string key_name)
    : index_(index),
      genesis_(genesis),
      chain_id_(chain_id),
      node_(node),
      key_name_(std::move(key_name)),
      root_(fmt::format("/v{}/", index)),
      files_(root_),
      store_(std::make_unique<storage::MemoryStore>()) {
  SALUS_ASSERT(store_->write(genesis_).has_value(), "memory holds a genesis");
  make_key_files();
  // `keys new` makes key and guard together (S12).
  const auto made = storage::SignGuard::create(root_ + "keys/validator.guard",
                                               dao::test::key_of(key_name_).public_key());
  SALUS_ASSERT(made.has_value(), "a new disk takes a guard");
  settle();
}

void Disk::make_key_files() {
  for (const char* folder : {"keys", "journal"}) {
    const auto made = storage::make_folder(root_ + folder);
    SALUS_ASSERT(made.has_value(), "a new disk takes folders");
  }
}

Result<Restart, std::string> Disk::restart(Random& random, std::uint32_t known_version) {
  SALUS_ASSERT(!is_open(), "a life begins after the one before");
  files_.write_by_one_thread();
  auto ledger = ledger::Ledger::open(*store_, {.known_version = known_version});
  if (!ledger) return std::unexpected(ledger.error().reason);
  const Epoch epoch{ledger->finalized().validators.epoch()};
  crypto::KeyPair key = dao::test::key_of(key_name_);
  Restart out{.config = {.own_node = node_, .validator_key = key.public_key()},
              .ledger = std::move(*ledger),
              .recovery = {}};
  consensus::Recovered& recovered = out.recovery.consensus;
  const storage::Path journal = root_ + "journal";
  // Asked before recovery makes the folder (recovery order 6).
  recovered.restarted = storage::is_there(storage::epoch_folder(journal, epoch));

  const bool is_seated = validator_set(out.ledger.finalized()).find(key.public_key()).has_value();

  storage::Nonce nonce;
  for (std::uint8_t& byte : nonce.bytes) byte = static_cast<std::uint8_t>(random.draw(1, 255));
  auto found = storage::recover({.guard = root_ + "keys/validator.guard",
                                 .journal = journal,
                                 .chain_id = chain_id_,
                                 .ledger_epoch = epoch,
                                 .ledger_stage = noted_stage(*store_),
                                 .nonce = nonce,
                                 .options = kJournal,
                                 .reseat = reseat_of(out.ledger, key.public_key()),
                                 .is_seated = is_seated},
                                std::move(key));
  if (!found) return std::unexpected(found.error().reason);
  recovered.stage = found->last_stage();
  out.standing = found->standing;
  out.why = found->why;
  if (found->standing != storage::Standing::NotSeated) recovered.registers = found->registers();
  if (found->standing == storage::Standing::LedgerBehind) {
    out.config.guard_epoch = found->guard.epoch();
    recovered.observing = consensus::ObservingReason::LedgerBehind;
  }
  if (found->standing == storage::Standing::Restricted) {
    const auto& restriction = found->guard.restriction();
    if (restriction) out.config.restriction_nonce = restriction->nonce.to_string();
    const bool twin = restriction && restriction->kind == storage::RestrictionKind::Twin;
    recovered.observing =
        twin ? consensus::ObservingReason::Twin : consensus::ObservingReason::Amnesia;
  }
  log_.emplace(std::move(found->journal));
  guard_.emplace(std::move(found->guard));
  if (const auto read = replay(out); !read) return std::unexpected(read.error());
  return out;
}

Result<void, std::string> Disk::replay(Restart& restart) const {
  const consensus::ValidatorSet set = validator_set(restart.ledger.finalized());
  const consensus::VoteContext context{
      .chain_id = chain_id_,
      .epoch = Epoch{restart.ledger.finalized().validators.epoch()},
      .set = set,
      .verify = crypto::verify};
  consensus::Recovered& recovered = restart.recovery.consensus;
  const ledger::Tip& tip = restart.ledger.finalized();
  // A boundary block's certificate is of the epoch before, whose set is gone from state.
  if (!tip.certificate.empty() && tip.epoch == context.epoch) {
    auto certificate = consensus::validate_certificate(tip.certificate, context);
    if (!certificate) return std::unexpected("the ledger's certificate does not verify");
    recovered.finalized = std::move(*certificate);
  }
  const auto halt =
      storage::settle_epochs(root_ + "journal", chain_id_,
                             recovered.finalized ? std::optional{context.epoch} : std::nullopt);
  if (!halt) return std::unexpected(storage::sentence(halt.error()));
  recovered.halt = *halt;
  const View floor = recovered.finalized ? (*recovered.finalized)->subject.view() : View{};
  const auto read = log_->replay(
      [&](Stage, const consensus::Record& record) -> Result<void, storage::JournalError> {
        if (const auto* held = std::get_if<consensus::CertificateRecord>(&record)) {
          if (held->certificate.subject.view() <= floor) return {};
          auto valid = consensus::Certificate::validate(held->certificate, context);
          if (valid) recovered.certificates.push_back(std::move(*valid));
        } else if (const auto* candidate = std::get_if<consensus::CandidateRecord>(&record)) {
          if (candidate->candidate.view <= floor) return {};
          auto block = ledger::Block::decode_and_verify(candidate->block);
          if (!block || (*block)->digest() != candidate->candidate.digest) return {};
          recovered.candidates.push_back(candidate->candidate);
          restart.recovery.blocks.push_back(std::move(*block));
        }
        return {};
      });
  if (!read) return std::unexpected(read.error().reason);
  return {};
}

Result<consensus::DurableToken, std::string> Disk::write_stage(const StageOut& stage) {
  const LogPosition before = log_->durable_end();
  Result<void, LogError> logged;
  if (!stage.records.empty()) {
    storage::StageWriter writer{stage.stage};
    for (const EncodedRecord& record : stage.records) {
      writer.add(static_cast<consensus::RecordType>(record.type), record.payload);
    }
    logged = log_->append_and_sync(std::move(writer).finish());
  }
  Result<std::vector<Signature>, SignError> signatures = std::vector<Signature>{};
  if (!stage.votes.empty()) signatures = guard_->sign(stage.stage, before, stage.votes);
  return consensus::DurableToken::after(logged, std::move(signatures));
}

void Disk::note_stage(View highest) {
  if (!marks_.empty()) highest = std::max(highest, marks_.back().highest);
  marks_.push_back({.end = log_->durable_end(), .highest = highest});
}

Result<storage::FileLog, std::string> Disk::make_journal(
    const EpochStart& start, const storage::JournalIdentity& identity) const {
  if (!start.votes) {
    auto journal =
        storage::open_observer_journal(root_ + "journal", identity, kJournal, start.before);
    if (!journal) return std::unexpected(journal.error().reason);
    return std::move(*journal);
  }
  auto journal = storage::FileLog::create(storage::epoch_folder(root_ + "journal", start.epoch),
                                          identity, start.before, kJournal);
  if (!journal) return std::unexpected(journal.error().reason);
  return std::move(*journal);
}

Result<void, std::string> Disk::begin_epoch(const EpochStart& start) {
  // No stage is out, and the guard waits for the journal (node/driver).
  files_.write_by_one_thread();
  const storage::JournalIdentity identity{.chain_id = chain_id_, .epoch = start.epoch};
  auto made = make_journal(start, identity);
  if (!made) return std::unexpected(made.error());
  log_.emplace(std::move(*made));
  marks_.clear();
  young_epoch_ = start.epoch;
  // As node/node does: a key that votes for the first time goes on above the stages before it.
  Result<void, SignError> done;
  if (start.ends_restriction) {
    done = guard_->end_restriction_after_reseat(start.epoch, start.before);
  } else if (start.votes && !guard_->restriction() && guard_->stage() < start.before) {
    done = guard_->adopt(start.before, LogPosition{}, start.epoch, {});
  }
  if (!done) return std::unexpected(done.error().reason);
  return {};
}

Result<void, std::string> Disk::discard_journal(View final) {
  if (young_epoch_ && final > View{}) {
    const auto gone = storage::discard_epochs_before(root_ + "journal",
                                                     *std::exchange(young_epoch_, std::nullopt));
    if (!gone) return std::unexpected(storage::sentence(gone.error()));
  }
  std::optional<LogPosition> before;
  while (marks_.size() > 1 && marks_.front().highest <= final) {
    before = marks_.front().end;
    marks_.pop_front();
  }
  if (!before) return {};
  const auto done = log_->discard_files_before(*before);
  if (!done) return std::unexpected(done.error().reason);
  return {};
}

Result<void, std::string> Disk::restrict_key(storage::RestrictionKind kind, Random& random) {
  storage::Nonce nonce;
  for (std::uint8_t& byte : nonce.bytes) byte = static_cast<std::uint8_t>(random.draw(1, 255));
  const auto done = guard_->restrict(kind, nonce);
  if (!done) return std::unexpected(done.error().reason);
  return {};
}

void Disk::close() {
  log_.reset();
  guard_.reset();
  marks_.clear();
  young_epoch_.reset();
}

void Disk::restore(const Backup& backup) {
  StoreBatch all;
  for (const auto& [key, value] : backup.store) all.put(key, value);
  // In place: a replica that is gone held a reference.
  StoreBatch clear;
  for (const auto& [key, value] : store_->entries()) clear.erase(key);
  SALUS_ASSERT(store_->write(clear).has_value() && store_->write(all).has_value(), "memory holds");
  files_.restore(backup.files);
}

void Disk::lose_everything() {
  files_.set_full(false);
  files_.restore({.files = {}, .folders = {{root_.substr(0, root_.size() - 1), true}}});
  make_key_files();
  settle();
  lose_ledger();
}

void Disk::lose_ledger() {
  StoreBatch clear;
  for (const auto& [key, value] : store_->entries()) clear.erase(key);
  SALUS_ASSERT(store_->write(clear).has_value() && store_->write(genesis_).has_value(),
               "memory holds");
}

bool Disk::damage_journal(Random& random) {
  const auto guard = storage::SignGuard::open(root_ + "keys/validator.guard",
                                              dao::test::key_of(key_name_), chain_id_);
  settle();
  if (!guard || guard->restriction()) return false;
  // The journal of an epoch that has ended binds nobody any more.
  const std::uint64_t ledger_epoch = ledger::Reader{*store_}.tip().validators.epoch();
  if (guard->epoch().value() != ledger_epoch) return false;
  // Every first byte of a stage that lies before the guard's position, and of each file's head.
  std::vector<std::pair<std::string, std::uint64_t>> targets;
  const LogPosition floor = guard->journal_in(guard->epoch());
  const std::string folder = storage::epoch_folder(root_ + "journal", guard->epoch()).native();
  for (const std::string& name : files_.list(folder)) {
    const Bytes& file = *files_.find(folder + "/" + name);
    const auto head = storage::decode_journal_head(file);
    if (!head) continue;
    std::uint64_t at = storage::kJournalPageBytes;
    while (head->base.value() + at < floor.value() && at < file.size()) {
      const auto length = storage::read_stage(ByteView{file}.subspan(at), [](const auto&) {});
      if (!length) break;
      targets.emplace_back(folder + "/" + name, at + random.draw(0, *length - 1));
      at += (*length + storage::kJournalPageBytes - 1) / storage::kJournalPageBytes *
            storage::kJournalPageBytes;
    }
  }
  if (targets.empty()) return false;
  const auto& [path, offset] = targets[random.draw(0, targets.size() - 1)];
  return files_.flip_bit(path, offset, static_cast<unsigned>(random.draw(0, 7)));
}

}  // namespace salus::sim
