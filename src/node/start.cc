// Owns: the recovery order, step by step.
#include "node/start.h"

#include <fmt/format.h>
#include <sodium.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "consensus/codec.h"
#include "consensus/journal_record.h"
#include "ledger/genesis.h"
#include "ledger/reader.h"
#include "replica/facts.h"
#include "storage/halts.h"
#include "storage/keystore.h"
#include "storage/recovery.h"
#include "sync/snapshot_join.h"
#include "upkeep/backup.h"

namespace salus::node {

namespace {

std::unexpected<StartError> refuse(std::string reason) {
  return std::unexpected(StartError{std::move(reason)});
}

Result<crypto::KeyPair, StartError> load_key(const std::string& path, storage::KeyPurpose purpose,
                                             const std::string& passphrase) {
  auto key = storage::load_key(path, purpose, passphrase);
  if (!key) return refuse(fmt::format("{}: {}", path, storage::sentence(key.error())));
  return std::move(*key);
}

// An empty store gets its genesis; another one must be of the same document.
Result<void, StartError> prepare_ledger(storage::RocksStore& store, const Genesis& genesis,
                                        const std::string& data_dir) {
  const ledger::Reader reader{store};
  if (reader.is_initialised()) {
    if (reader.chain_id() == genesis.chain_id) return {};
    return refuse(fmt::format(
        "{} holds the ledger of chain {}, but the genesis document is of chain {}. Use another "
        "data_dir, or the document this ledger was made from.",
        data_dir, reader.chain_id().to_hex(), genesis.chain_id.to_hex()));
  }
  const auto batch = ledger::make_genesis(genesis.document, as_bytes(genesis.bytes));
  if (!batch) {
    return refuse(fmt::format("The genesis document is refused: {}", batch.error().reason));
  }
  if (const auto written = store.write(*batch); !written) return refuse(written.error().reason);
  return {};
}

std::optional<storage::Reseat> reseat_of(const ledger::Ledger& ledger, const PublicKey& own_key) {
  const auto found = replica::find_reseat(ledger.finalized(), ledger.finalized_state(), own_key);
  if (!found) return std::nullopt;
  const auto nonce = storage::Nonce::from(found->nonce);
  if (!nonce) return std::nullopt;
  return storage::Reseat{.nonce = *nonce, .epoch = found->epoch};
}

Stage noted_stage(const Store& store) {
  const auto bytes = store.get(replica::kVoteStageKey);
  if (!bytes) return Stage{0};
  ByteReader in{as_bytes(*bytes)};
  return Stage{in.u64()};
}

// Certificates and candidates of the journal into the replica's state (recovery order 3 and 4).
// What a certificate's signatures do not prove is left out: it can be fetched again.
Result<void, StartError> replay(const storage::FileLog& journal, const ledger::Ledger& ledger,
                                const consensus::ValidatorSet& set, Start& start) {
  const consensus::VoteContext context{.chain_id = ledger.chain_id(),
                                       .epoch = Epoch{ledger.finalized().validators.epoch()},
                                       .set = set,
                                       .verify = crypto::verify};
  consensus::Recovered& recovered = start.recovery.consensus;
  const View floor = recovered.finalized ? (*recovered.finalized)->subject.view() : View{0};
  const auto read = journal.replay(
      [&](Stage, const consensus::Record& record) -> Result<void, storage::JournalError> {
        if (const auto* certificate = std::get_if<consensus::CertificateRecord>(&record)) {
          if (certificate->certificate.subject.view() <= floor) return {};
          auto valid = consensus::Certificate::validate(certificate->certificate, context);
          if (valid) recovered.certificates.push_back(std::move(*valid));
        } else if (const auto* candidate = std::get_if<consensus::CandidateRecord>(&record)) {
          if (candidate->candidate.view <= floor) return {};
          auto block = ledger::Block::decode_and_verify(candidate->block);
          if (!block || (*block)->digest() != candidate->candidate.digest) return {};
          recovered.candidates.push_back(candidate->candidate);
          start.recovery.blocks.push_back(std::move(*block));
        }
        return {};
      });
  if (!read) return refuse(read.error().reason);
  return {};
}

Result<std::optional<Validated<consensus::Certificate>>, StartError> tip_certificate(
    const ledger::Ledger& ledger, const consensus::ValidatorSet& set) {
  const ledger::Tip& tip = ledger.finalized();
  // The certificate of a boundary block is the epoch's before, whose set is gone from state.
  if (tip.certificate.empty() || tip.epoch < Epoch{tip.validators.epoch()}) return std::nullopt;
  auto certificate =
      consensus::validate_certificate(tip.certificate, {.chain_id = ledger.chain_id(),
                                                        .epoch = Epoch{tip.validators.epoch()},
                                                        .set = set,
                                                        .verify = crypto::verify});
  if (!certificate) {
    return refuse(fmt::format(
        "The ledger's last certificate does not verify ({}). The ledger is damaged; restore it "
        "from a backup, or start from an empty data folder and fetch it anew. height={}",
        consensus::sentence(certificate.error()), tip.height.value()));
  }
  return std::optional{std::move(*certificate)};
}

struct Keys {
  crypto::KeyPair node;
  // Absent for an observer.
  std::optional<crypto::KeyPair> validator;
};

Result<Keys, StartError> load_keys(const Config& config) {
  const auto passphrase = read_passphrase(config.passphrase_file);
  if (!passphrase) return std::unexpected(passphrase.error());
  auto node = load_key(config.node_key, storage::KeyPurpose::Node, *passphrase);
  if (!node) return std::unexpected(node.error());
  Keys keys{.node = std::move(*node), .validator = std::nullopt};
  if (config.validator_key.empty()) return keys;
  auto validator = load_key(config.validator_key, storage::KeyPurpose::Validator, *passphrase);
  if (!validator) return std::unexpected(validator.error());
  keys.validator = std::move(*validator);
  return keys;
}

// The ledger's side: recovery order 1 and 2.
struct Books {
  Genesis genesis;
  storage::DataFolder folder;
  std::unique_ptr<storage::RocksStore> store;
  ledger::Ledger ledger;

  Epoch epoch() const { return Epoch{ledger.finalized().validators.epoch()}; }
};

Result<Books, StartError> open_books(const Config& config) {
  auto open = open_store(config);
  if (!open) return std::unexpected(open.error());
  if (sync::is_joining(*open->store)) {
    return refuse(
        fmt::format("{}: this ledger is being filled with a snapshot and is not whole. Set "
                    "sync.snapshot = true "
                    "to go on, or empty the folder to begin with block 1.",
                    config.data_dir));
  }
  auto ledger = ledger::Ledger::open(
      *open->store, {.page_cache_bytes = std::size_t{config.page_cache_mib} << 20U});
  if (!ledger) return refuse(ledger.error().reason);
  return Books{.genesis = std::move(open->genesis),
               .folder = std::move(open->folder),
               .store = std::move(open->store),
               .ledger = std::move(*ledger)};
}

// The votes' side: recovery order 3.
struct Votes {
  storage::FileLog journal;
  std::optional<storage::SignGuard> guard;
  replica::ReplicaConfig config;
  consensus::Recovered recovered;
  std::vector<std::string> notes;
};

std::optional<consensus::ObservingReason> observing_of(const storage::Recovered& found) {
  using consensus::ObservingReason;
  switch (found.standing) {
    case storage::Standing::MayVote:
    // The set says so too, and at its end it is asked again.
    case storage::Standing::NotSeated:
      return std::nullopt;
    case storage::Standing::LedgerBehind:
      return ObservingReason::LedgerBehind;
    case storage::Standing::Restricted:
      break;
  }
  const auto& restriction = found.guard.restriction();
  const bool twin = restriction && restriction->kind == storage::RestrictionKind::Twin;
  return twin ? ObservingReason::Twin : ObservingReason::Amnesia;
}

// What a reseat may lift (S11).
std::string nonce_of(const storage::SignGuard& guard) {
  const auto& restriction = guard.restriction();
  const bool may_end = restriction && restriction->kind != storage::RestrictionKind::Moved;
  return may_end ? restriction->nonce.to_string() : std::string{};
}

Result<Votes, StartError> recover_votes(const Config& config, const Books& books,
                                        const storage::JournalOptions& options,
                                        crypto::KeyPair key) {
  const PublicKey own_key = key.public_key();
  const consensus::ValidatorSet set = replica::validator_set(books.ledger.finalized());
  auto found = storage::recover({.guard = guard_path_of(config.validator_key),
                                 .journal = books.folder.journal(),
                                 .chain_id = books.genesis.chain_id,
                                 .ledger_epoch = books.epoch(),
                                 .ledger_stage = noted_stage(*books.store),
                                 .nonce = random_nonce(),
                                 .options = options,
                                 .reseat = reseat_of(books.ledger, own_key),
                                 .is_seated = set.find(own_key).has_value()},
                                std::move(key));
  if (!found) return refuse(found.error().reason);
  consensus::Recovered recovered;
  recovered.stage = found->last_stage();
  recovered.observing = observing_of(*found);
  // Those of another key bind nobody.
  if (found->standing != storage::Standing::NotSeated) recovered.registers = found->registers();
  std::vector<std::string> notes;
  if (found->standing != storage::Standing::MayVote) {
    notes.push_back(found->why);
    const std::string nonce = nonce_of(found->guard);
    if (!nonce.empty()) {
      notes.back() +=
          fmt::format(" The command: {}", replica::reseat_command(hex(as_bytes(nonce))));
    }
  }
  const bool is_behind = found->standing == storage::Standing::LedgerBehind;
  replica::ReplicaConfig of_replica{.own_node = {},
                                    .validator_key = own_key,
                                    .restriction_nonce = nonce_of(found->guard),
                                    .guard_epoch = is_behind ? found->guard.epoch() : Epoch{}};
  return Votes{.journal = std::move(found->journal),
               .guard = std::move(found->guard),
               .config = std::move(of_replica),
               .recovered = std::move(recovered),
               .notes = std::move(notes)};
}

Result<Votes, StartError> observe(const Books& books, const storage::JournalOptions& options) {
  auto journal = storage::open_observer_journal(
      books.folder.journal(), {.chain_id = books.genesis.chain_id, .epoch = books.epoch()},
      options);
  if (!journal) return refuse(journal.error().reason);
  // A validator may run without its key for a while: stages are numbered on.
  consensus::Recovered recovered;
  recovered.stage = journal->last_stage();
  return Votes{.journal = std::move(*journal),
               .guard = std::nullopt,
               .config = {},
               .recovered = std::move(recovered),
               .notes = {}};
}

}  // namespace

storage::Nonce random_nonce() {
  storage::Nonce nonce;
  randombytes_buf(nonce.bytes.data(), nonce.bytes.size());
  return nonce;
}

std::string guard_path_of(const std::string& validator_key_path) {
  return std::filesystem::path{validator_key_path}.replace_extension(".guard").string();
}

Result<OpenStore, StartError> open_store(const Config& config) {
  auto genesis = load_genesis(config.genesis);
  if (!genesis) return refuse(genesis.error().reason);
  if (const auto whole = upkeep::check_restored(config.data_dir); !whole) {
    return refuse(whole.error().reason);
  }
  auto folder = storage::DataFolder::open(config.data_dir);
  if (!folder) return refuse(folder.error().reason);
  auto store =
      storage::RocksStore::open(folder->ledger(), {.block_cache_mib = config.block_cache_mib});
  if (!store) return refuse(store.error().reason);
  if (const auto ready = prepare_ledger(**store, *genesis, config.data_dir); !ready) {
    return std::unexpected(ready.error());
  }
  return OpenStore{
      .genesis = std::move(*genesis), .folder = std::move(*folder), .store = std::move(*store)};
}

Result<crypto::KeyPair, StartError> load_node_key(const Config& config) {
  const auto passphrase = read_passphrase(config.passphrase_file);
  if (!passphrase) return std::unexpected(passphrase.error());
  return load_key(config.node_key, storage::KeyPurpose::Node, *passphrase);
}

Result<std::string, StartError> read_passphrase(const std::string& path) {
  if (path.empty()) return std::string{};
  std::ifstream file{path};
  std::string passphrase;
  if (!std::getline(file, passphrase)) {
    return refuse(fmt::format("{}: the passphrase file can't be read or is empty.", path));
  }
  return passphrase;
}

Result<Start, StartError> start_from(const Config& config) {
  auto keys = load_keys(config);
  if (!keys) return std::unexpected(keys.error());
  auto books = open_books(config);
  if (!books) return std::unexpected(books.error());
  const storage::JournalOptions options{.file_bytes = std::uint64_t{config.journal_file_mib}
                                                      << 20U};
  // Asked before recovery makes the folder (recovery order 6).
  const bool restarted =
      std::filesystem::exists(storage::epoch_folder(books->folder.journal(), books->epoch()));
  auto votes = keys->validator ? recover_votes(config, *books, options, std::move(*keys->validator))
                               : observe(*books, options);
  if (!votes) return std::unexpected(votes.error());
  votes->recovered.restarted = restarted;
  votes->config.own_node = NodeId{keys->node.public_key().bytes};
  votes->config.snapshot_every = config.snapshot_every;

  const consensus::ValidatorSet set = replica::validator_set(books->ledger.finalized());
  auto certificate = tip_certificate(books->ledger, set);
  if (!certificate) return std::unexpected(certificate.error());
  votes->recovered.finalized = std::move(*certificate);
  // Folders of earlier epochs stay until this one has a final block (C45).
  const bool has_final = votes->recovered.finalized.has_value();
  const auto halt =
      storage::settle_epochs(books->folder.journal(), books->genesis.chain_id,
                             has_final ? std::optional{books->epoch()} : std::nullopt);
  if (!halt) return refuse(storage::sentence(halt.error()));
  votes->recovered.halt = *halt;
  Start start{.disk = std::make_unique<Disk>(Disk{.folder = std::move(books->folder),
                                                  .genesis = std::move(books->genesis),
                                                  .store = std::move(books->store),
                                                  .journal = std::move(votes->journal),
                                                  .journal_options = options,
                                                  .guard = std::move(votes->guard),
                                                  .node_key = std::move(keys->node)}),
              .ledger = std::move(books->ledger),
              .config = std::move(votes->config),
              .recovery = {.consensus = std::move(votes->recovered), .blocks = {}},
              .notes = std::move(votes->notes)};
  const auto replayed = replay(start.disk->journal, start.ledger, set, start);
  if (!replayed) return std::unexpected(replayed.error());
  return start;
}

}  // namespace salus::node
