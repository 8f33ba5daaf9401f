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
#include "storage/keystore.h"
#include "storage/recovery.h"

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
        } else if (const auto* halt = std::get_if<consensus::HaltRecord>(&record)) {
          recovered.halt = *halt;
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

}  // namespace

storage::Nonce random_nonce() {
  storage::Nonce nonce;
  randombytes_buf(nonce.bytes.data(), nonce.bytes.size());
  return nonce;
}

std::string guard_path_of(const std::string& validator_key_path) {
  return std::filesystem::path{validator_key_path}.replace_extension(".guard").string();
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
  const auto passphrase = read_passphrase(config.passphrase_file);
  if (!passphrase) return std::unexpected(passphrase.error());
  auto genesis = load_genesis(config.genesis);
  if (!genesis) return refuse(genesis.error().reason);
  auto node_key = load_key(config.node_key, storage::KeyPurpose::Node, *passphrase);
  if (!node_key) return std::unexpected(node_key.error());
  std::optional<crypto::KeyPair> validator_key;
  if (!config.validator_key.empty()) {
    auto key = load_key(config.validator_key, storage::KeyPurpose::Validator, *passphrase);
    if (!key) return std::unexpected(key.error());
    validator_key = std::move(*key);
  }

  auto folder = storage::DataFolder::open(config.data_dir);
  if (!folder) return refuse(folder.error().reason);
  auto store =
      storage::RocksStore::open(folder->ledger(), {.block_cache_mib = config.block_cache_mib});
  if (!store) return refuse(store.error().reason);
  if (const auto ready = prepare_ledger(**store, *genesis, config.data_dir); !ready) {
    return std::unexpected(ready.error());
  }
  auto ledger = ledger::Ledger::open(**store);
  if (!ledger) return refuse(ledger.error().reason);

  const Epoch epoch{ledger->finalized().validators.epoch()};
  const storage::JournalOptions options{.file_bytes = std::uint64_t{config.journal_file_mib}
                                                      << 20U};
  std::vector<std::string> notes;
  std::optional<storage::SignGuard> guard;
  std::optional<storage::FileLog> journal;
  std::optional<PublicKey> own_key;
  std::string restriction_nonce;
  consensus::Recovered recovered;
  // Asked before recovery makes the folder (recovery order 6).
  recovered.restarted = std::filesystem::exists(storage::epoch_folder(folder->journal(), epoch));
  if (validator_key) {
    own_key = validator_key->public_key();
    auto found = storage::recover({.guard = guard_path_of(config.validator_key),
                                   .journal = folder->journal(),
                                   .chain_id = genesis->chain_id,
                                   .ledger_epoch = epoch,
                                   .ledger_stage = noted_stage(**store),
                                   .nonce = random_nonce(),
                                   .options = options,
                                   .reseat = reseat_of(*ledger, *own_key)},
                                  std::move(*validator_key));
    if (!found) return refuse(found.error().reason);
    recovered.registers = found->registers();
    recovered.stage = found->last_stage();
    if (found->standing != storage::Standing::MayVote) {
      const auto& restriction = found->guard.restriction();
      const bool may_end = restriction && restriction->kind != storage::RestrictionKind::Moved;
      if (may_end) restriction_nonce = restriction->nonce.to_string();
      const bool twin = restriction && restriction->kind == storage::RestrictionKind::Twin;
      recovered.observing =
          twin ? consensus::ObservingReason::Twin : consensus::ObservingReason::Amnesia;
      notes.push_back(fmt::format("This validator only observes: {}", found->why));
    }
    guard.emplace(std::move(found->guard));
    journal.emplace(std::move(found->journal));
  } else {
    auto opened = storage::open_observer_journal(
        folder->journal(), {.chain_id = genesis->chain_id, .epoch = epoch}, options);
    if (!opened) return refuse(opened.error().reason);
    journal.emplace(std::move(*opened));
    // A validator may run without its key for a while: stages are numbered on.
    recovered.stage = journal->last_stage();
  }

  Start start{.disk = std::make_unique<Disk>(Disk{.folder = std::move(*folder),
                                                  .genesis = std::move(*genesis),
                                                  .store = std::move(*store),
                                                  .journal = std::move(*journal),
                                                  .journal_options = options,
                                                  .next_journal = std::nullopt,
                                                  .guard = std::move(guard),
                                                  .node_key = std::move(*node_key)}),
              .ledger = std::move(*ledger),
              .config = {.own_node = NodeId{},
                         .validator_key = own_key,
                         .restriction_nonce = restriction_nonce},
              .recovery = {.consensus = std::move(recovered), .blocks = {}},
              .notes = std::move(notes)};
  start.config.own_node = NodeId{start.disk->node_key.public_key().bytes};
  const consensus::ValidatorSet set = replica::validator_set(start.ledger.finalized());
  auto certificate = tip_certificate(start.ledger, set);
  if (!certificate) return std::unexpected(certificate.error());
  start.recovery.consensus.finalized = std::move(*certificate);
  if (start.recovery.consensus.finalized) {
    // Folders of earlier epochs stay until this one has a final block (C45).
    const auto discarded = storage::discard_epochs_before(start.disk->folder.journal(), epoch);
    if (!discarded) return refuse(storage::sentence(discarded.error()));
  }
  const auto replayed = replay(start.disk->journal, start.ledger, set, start);
  if (!replayed) return std::unexpected(replayed.error());
  return start;
}

}  // namespace salus::node
