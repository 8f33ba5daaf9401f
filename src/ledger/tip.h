// Owns: where the finalized chain ends. Everything in it is in the same batch as the block, so the
// disk never shows a tip without its state or a state without its certificate (S15).
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/seams/store.h"
#include "salus/v1/validators.pb.h"

namespace salus::ledger {

// As stored under kTipKey: height u64 | digest 32 | epoch u64 | view u64 | time u64 | state root 32
// | results root 32 | active u8; 129 bytes.
struct TipRecord {
  Height height;
  // At genesis the chain id.
  Digest digest;
  // Of the header; 0 at genesis.
  Epoch epoch;
  View view;
  WallMs time;
  // Both after this block.
  Root state_root;
  Root results_root;
  // It had a transaction or ran a due item (C27c).
  bool active = false;

  bool operator==(const TipRecord&) const = default;
};

std::string encode(const TipRecord& tip);
// Asserts its form: it is our own.
TipRecord decode_tip(std::string_view bytes);

struct Tip : TipRecord {
  // The set after this block, which judges the next one, and its hash.
  v1::ValidatorSet validators;
  Hash validator_set_hash;
  // A finalization of this block, or of a later one of its segment; empty at genesis. Opaque here:
  // consensus decodes it to learn v_f.
  Bytes certificate;
};

// hash(`salus.valset.1` | n u16 | n x (validator key 32 | node key 32)), in index order.
Hash validator_set_hash(const v1::ValidatorSet& set);

}  // namespace salus::ledger
