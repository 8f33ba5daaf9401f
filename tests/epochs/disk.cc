// Owns: what a stage leaves on the disk, and how a start reads it.
#include "epochs/disk.h"

#include <utility>

#include "base/assert.h"
#include "consensus/codec.h"
#include "replica/facts.h"
#include "storage/recovery.h"

namespace salus::replica::testing {

namespace {

Stage noted_stage(const Store& store) {
  const auto bytes = store.get(kVoteStageKey);
  if (!bytes) return Stage{};
  ByteReader in{as_bytes(*bytes)};
  return Stage{in.u64()};
}

}  // namespace

Disk::Disk(const StoreBatch& genesis, const ChainId& chain_id, const NodeId& node,
           const crypto::KeyPair& validator_key)
    : chain_id_(chain_id), node_(node), validator_key_(validator_key.public_key()) {
  SALUS_ASSERT(store_.write(genesis).has_value(), "memory holds a genesis");
}

void Disk::remember(VoteMemory& memory, const StageOut& stage) const {
  if (stage.votes.empty()) return;
  memory.stage = stage.stage;
  for (const Bytes& bytes : stage.votes) {
    const consensus::Subject subject = consensus::parse_signed_bytes(bytes)->subject;
    SALUS_ASSERT(subject.epoch() >= memory.epoch, "a vote of an epoch that has ended");
    if (subject.epoch() > memory.epoch) memory = {subject.epoch(), stage.stage, {}};
    if (!memory.registers.holds(subject)) memory.registers.record(subject);
  }
}

void Disk::write_journal(const StageOut& stage) {
  journal_.push_back({.records = stage.records, .highest = stage.highest_view});
  remember(journaled_, stage);
}

void Disk::write_guard(const StageOut& stage) { remember(guarded_, stage); }

void Disk::discard_journal(View final) {
  std::size_t count = 0;
  while (count < journal_.size() && journal_[count].highest <= final) ++count;
  journal_.erase(journal_.begin(), journal_.begin() + static_cast<std::ptrdiff_t>(count));
}

void Disk::begin_epoch(Epoch epoch, Stage before) {
  SALUS_ASSERT(epoch > journal_epoch_, "epochs begin once");
  journal_epoch_ = epoch;
  journal_.clear();
  journaled_ = {epoch, before, {}};
  was_started_ = true;
}

bool Disk::level(Epoch epoch) {
  using storage::Comparison;
  if (guarded_.epoch > epoch || journal_epoch_ > epoch) return false;
  if (journal_epoch_ < epoch) {
    // S10: no loss, as the guard has not voted in it.
    if (guarded_.epoch == epoch && guarded_.stage != Stage{}) return false;
    begin_epoch(epoch, guarded_.stage);
    was_started_ = false;
  }
  if (guarded_.epoch < epoch) guarded_.registers = {};
  const bool in_epoch = guarded_.epoch == epoch && guarded_.stage != Stage{};
  const auto found =
      storage::compare({guarded_.stage, guarded_.registers}, in_epoch,
                       {journaled_.stage, journaled_.registers}, noted_stage(store_));
  switch (found) {
    case Comparison::Level:
    case Comparison::NewKey:
      return true;
    case Comparison::JournalLags:
      journaled_ = guarded_;
      return true;
    case Comparison::GuardLags:
      guarded_ = journaled_;
      return true;
    case Comparison::StagesApart:
    case Comparison::RegistersDiffer:
    case Comparison::LedgerAhead:
      return false;
  }
  std::unreachable();
}

bool Disk::replay(Restart& restart) const {
  const consensus::ValidatorSet set = validator_set(restart.ledger.finalized());
  const consensus::VoteContext context{
      .chain_id = chain_id_,
      .epoch = Epoch{restart.ledger.finalized().validators.epoch()},
      .set = set,
      .verify = crypto::verify};
  consensus::Recovered& recovered = restart.recovery.consensus;
  const Bytes& proof = restart.ledger.finalized().certificate;
  const ledger::Tip& tip = restart.ledger.finalized();
  if (!proof.empty() && tip.epoch == context.epoch) {
    auto certificate = consensus::validate_certificate(proof, context);
    if (!certificate) return false;
    recovered.finalized = std::move(*certificate);
  }
  const View floor = recovered.finalized ? (*recovered.finalized)->subject.view() : View{};
  for (const JournalStage& stage : journal_) {
    for (const EncodedRecord& encoded : stage.records) {
      auto record =
          consensus::decode_payload(encoded.type, encoded.payload, chain_id_, context.epoch);
      if (!record) return false;
      if (auto* held = std::get_if<consensus::CertificateRecord>(&*record)) {
        if (held->certificate.subject.view() <= floor) continue;
        auto valid = consensus::Certificate::validate(held->certificate, context);
        if (!valid) return false;
        recovered.certificates.push_back(std::move(*valid));
      } else if (auto* candidate = std::get_if<consensus::CandidateRecord>(&*record)) {
        if (candidate->candidate.view <= floor) continue;
        auto block = ledger::Block::decode_and_verify(candidate->block);
        if (!block || (*block)->digest() != candidate->candidate.digest) return false;
        recovered.candidates.push_back(candidate->candidate);
        restart.recovery.blocks.push_back(std::move(*block));
      } else if (const auto* halt = std::get_if<consensus::HaltRecord>(&*record)) {
        recovered.halt = *halt;
      }
    }
  }
  return true;
}

std::optional<Restart> Disk::restart() {
  auto ledger = ledger::Ledger::open(store_);
  if (!ledger) return std::nullopt;
  if (!level(Epoch{ledger->finalized().validators.epoch()})) return std::nullopt;
  Restart out{.config = {.own_node = node_, .validator_key = validator_key_},
              .ledger = std::move(*ledger),
              .recovery = {}};
  out.recovery.consensus.registers = journaled_.registers;
  out.recovery.consensus.stage = std::max(journaled_.stage, guarded_.stage);
  out.recovery.consensus.restarted = std::exchange(was_started_, true);
  if (!replay(out)) return std::nullopt;
  return out;
}

}  // namespace salus::replica::testing
