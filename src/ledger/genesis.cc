// Owns: the first batch of a ledger.
#include "ledger/genesis.h"

#include "crypto/hash.h"
#include "ledger/keys.h"
#include "ledger/outcome_codec.h"
#include "ledger/results.h"
#include "ledger/tip.h"
#include "state/history.h"
#include "state/nothing_stored.h"
#include "state/tree.h"

namespace salus::ledger {

ChainId chain_id_of(ByteView genesis_bytes) {
  return ChainId{crypto::hash("salus.genesis.1", genesis_bytes).bytes};
}

Result<StoreBatch, dao::GenesisError> make_genesis(const v1::GenesisDocument& document,
                                                   ByteView genesis_bytes) {
  const ChainId chain_id = chain_id_of(genesis_bytes);
  const state::NothingStored nothing;
  state::Overlay state{nothing, std::string{kStatePrefix}};
  const auto applied = dao::apply_genesis(document, chain_id, state);
  if (!applied) return std::unexpected(applied.error());

  const state::Pages no_pages{nothing, std::nullopt, 0};
  state::Pages tree = no_pages.branch(Height{0});
  state::update_tree(tree, state.changes());

  TipRecord tip;
  tip.digest = Digest{chain_id.bytes};
  tip.time = WallMs{document.time_ms()};
  tip.state_root = state::root_of(tree);
  tip.results_root = empty_results_root();

  StoreBatch out;
  out.put(std::string{kGenesisKey}, std::string{as_chars(genesis_bytes)});
  state::append_block_state(out, state, tree);
  out.put(outcome_key(tip.height),
          encode(StoredOutcome{tip.state_root, tip.results_root, tip.active}));
  out.put(height_key(tip.digest), encode_height(tip.height));
  out.put(std::string{kTipKey}, encode(tip));
  return out;
}

}  // namespace salus::ledger
