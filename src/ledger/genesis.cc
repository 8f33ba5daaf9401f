// Owns: the first batch of a ledger.
#include "ledger/genesis.h"

#include "crypto/hash.h"
#include "ledger/keys.h"
#include "ledger/outcome_codec.h"
#include "ledger/results.h"
#include "ledger/tip.h"
#include "state/tree.h"

namespace salus::ledger {

namespace {

// What a new ledger is written over.
class NothingStored final : public Store {
 public:
  std::optional<std::string> get(std::string_view) const override { return std::nullopt; }
  void scan(std::string_view, std::string_view,
            const std::function<bool(std::string_view, std::string_view)>&) const override {}
  Result<void, StoreError> write(const StoreBatch&) override {
    return std::unexpected(StoreError{"genesis is written by its caller"});
  }
};

}  // namespace

ChainId chain_id_of(ByteView genesis_bytes) {
  return ChainId{crypto::hash("salus.genesis.1", genesis_bytes).bytes};
}

Result<StoreBatch, dao::GenesisError> make_genesis(const v1::GenesisDocument& document,
                                                   ByteView genesis_bytes) {
  const ChainId chain_id = chain_id_of(genesis_bytes);
  const NothingStored nothing;
  state::Overlay state{nothing, std::string{kStatePrefix}};
  const auto applied = dao::apply_genesis(document, chain_id, state);
  if (!applied) return std::unexpected(applied.error());

  state::Overlay tree{nothing, std::string{kTreePrefix}};
  state::Tree state_tree{tree};
  state_tree.update(state.changes());

  TipRecord tip;
  tip.digest = Digest{chain_id.bytes};
  tip.time = WallMs{document.time_ms()};
  tip.state_root = state_tree.root();
  tip.results_root = empty_results_root();

  StoreBatch out;
  out.put(std::string{kGenesisKey}, std::string{as_chars(genesis_bytes)});
  append_changes(out, kStatePrefix, state);
  append_changes(out, kTreePrefix, tree);
  out.put(outcome_key(tip.height),
          encode(StoredOutcome{tip.state_root, tip.results_root, tip.active}));
  out.put(height_key(tip.digest), encode_height(tip.height));
  out.put(std::string{kTipKey}, encode(tip));
  return out;
}

}  // namespace salus::ledger
