// Owns: the vocabulary of the storage tests: one chain, one key, votes by short names, and a
// validator that runs its stages through the real journal and guard the way a driver does (S4).
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "consensus/codec.h"
#include "consensus/journal_record.h"
#include "crypto/hash.h"
#include "storage/data_folder.h"
#include "storage/recovery.h"
#include "support/temp_folder.h"

namespace salus::storage {

inline ChainId a_chain(std::string_view name = "test") {
  return ChainId{crypto::hash("salus.genesis.1", as_bytes(name)).bytes};
}

inline crypto::KeyPair a_key(std::uint8_t number = 1) {
  crypto::Seed seed{};
  seed[0] = number;
  return crypto::KeyPair::from_seed(seed);
}

inline Nonce a_nonce() {
  Nonce nonce;
  nonce.bytes.fill(0x5a);
  return nonce;
}

inline consensus::Candidate a_candidate(std::uint64_t view, std::string_view block = "A",
                                        Epoch epoch = Epoch{3}) {
  const Digest digest{crypto::hash("salus.block.1", as_bytes(block)).bytes};
  return {.epoch = epoch, .view = View{view}, .parent = View{view - 1}, .digest = digest};
}

// One vote stage: its votes, and the block that goes with a notarize (S3).
struct Turn {
  std::vector<consensus::Subject> votes;
  std::size_t block_bytes = 0;
};

inline Turn notarizes(std::uint64_t view, std::string_view block = "A",
                      std::size_t block_bytes = 40) {
  return {{consensus::notarize(a_candidate(view, block))}, block_bytes};
}
inline Turn nullifies(std::uint64_t view) {
  return {{consensus::nullify(Epoch{3}, View{view})}, 0};
}
inline Turn finalizes(std::uint64_t view, std::string_view block = "A") {
  return {{consensus::finalize(a_candidate(view, block))}, 0};
}

inline Bytes stage_of(Stage stage, const Turn& turn, const ChainId& chain = a_chain()) {
  StageWriter writer{stage};
  for (const auto& vote : turn.votes) {
    if (turn.block_bytes > 0) {
      const consensus::CandidateRecord record{vote.candidate, Bytes(turn.block_bytes, 0x42)};
      writer.add(consensus::RecordType::Candidate, consensus::encode_payload(chain, record));
    }
    writer.add(consensus::RecordType::OwnVote, consensus::signed_bytes(chain, vote));
  }
  return std::move(writer).finish();
}

// A stage without votes, as a relayed certificate makes one.
inline Bytes quiet_stage(Stage stage, std::uint64_t view = 1) {
  const consensus::HaltRecord record{consensus::HaltReason::Diverged, Epoch{3}, View{view}};
  StageWriter writer{stage};
  writer.add(consensus::RecordType::Halt, consensus::encode_payload(a_chain(), record));
  return std::move(writer).finish();
}

// The folder of one validator, and what a driver does with it.
struct AValidator {
  testing::TempFolder folder;
  std::uint64_t file_bytes = 64 * 1024;
  Epoch epoch{3};
  Stage ledger_stage;

  AValidator() {
    EXPECT_TRUE(make_folder(folder / "journal"));
    EXPECT_TRUE(SignGuard::create(folder / "guard", a_key().public_key()));
  }

  Path journal_folder() const { return epoch_folder(folder / "journal", epoch); }

  RecoveryInput input() const {
    return {.guard = folder / "guard",
            .journal = folder / "journal",
            .chain_id = a_chain(),
            .ledger_epoch = epoch,
            .ledger_stage = ledger_stage,
            .nonce = a_nonce(),
            .options = {.file_bytes = file_bytes}};
  }
  Recovered start() const {
    auto recovered = recover(input(), a_key());
    SALUS_ASSERT(recovered.has_value(), recovered.error().reason);
    return std::move(*recovered);
  }

  // Both halves of a stage; what S1 asks for before a vote is spoken.
  static void run(Recovered& node, const Turn& turn) {
    const Stage stage = node.last_stage().next();
    const LogPosition before = node.journal.durable_end();
    append(node, stage, turn);
    sign(node, stage, before, turn);
  }
  static void append(Recovered& node, Stage stage, const Turn& turn) {
    const auto appended = node.journal.append_and_sync(stage_of(stage, turn));
    ASSERT_TRUE(appended) << appended.error().reason;
  }
  static void sign(Recovered& node, Stage stage, LogPosition before, const Turn& turn) {
    std::vector<Bytes> votes;
    for (const auto& vote : turn.votes) votes.push_back(consensus::signed_bytes(a_chain(), vote));
    const auto signatures = node.guard.sign(stage, before, votes);
    ASSERT_TRUE(signatures) << signatures.error().reason;
    for (std::size_t i = 0; i < votes.size(); ++i) {
      EXPECT_TRUE(crypto::verify(a_key().public_key(), votes[i], (*signatures)[i]));
    }
  }
};

// All bytes of a folder, by relative path.
using Disk = std::map<std::string, Bytes>;

inline Disk read_disk(const Path& folder) {
  Disk disk;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
    if (!entry.is_regular_file()) continue;
    const auto file = File::open_to_read(entry.path());
    EXPECT_TRUE(file);
    disk[std::filesystem::relative(entry.path(), folder).string()] =
        *file->read(0, entry.file_size());
  }
  return disk;
}

inline void write_disk(const Path& folder, const Disk& disk) {
  std::filesystem::remove_all(folder);
  for (const auto& [name, bytes] : disk) {
    std::filesystem::create_directories((folder / name).parent_path());
    auto file = File::create(folder / name, 0600);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write(0, bytes));
  }
}

// Flips one bit of a file.
inline void rot(const Path& path, std::uint64_t at) {
  auto file = File::open(path);
  ASSERT_TRUE(file) << path;
  Bytes byte = *file->read(at, 1);
  ASSERT_EQ(byte.size(), 1U) << path;
  byte[0] ^= 0x10U;
  ASSERT_TRUE(file->write(at, byte));
}

}  // namespace salus::storage
