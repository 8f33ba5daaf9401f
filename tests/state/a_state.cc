// Owns: how the small state passes from block to block.
#include "state/a_state.h"

#include "base/assert.h"
#include "crypto/hash.h"

namespace salus::state::test {

namespace {

struct NaiveLeaf {
  Bytes key;
  Bytes value;
};

Bytes naive_hash(std::string_view tag, const Bytes& a, const Bytes& b) {
  Bytes both = a;
  both.insert(both.end(), b.begin(), b.end());
  const Hash out = crypto::hash(tag, both);
  return Bytes{out.bytes.begin(), out.bytes.end()};
}

Bytes naive_top(const std::vector<NaiveLeaf>& leaves, std::size_t depth) {
  if (leaves.empty()) return Bytes(32, 0);
  if (leaves.size() == 1) return naive_hash("salus.leaf.1", leaves[0].key, leaves[0].value);
  std::vector<NaiveLeaf> sides[2];
  for (const NaiveLeaf& leaf : leaves) {
    sides[(leaf.key[depth / 8] >> (7 - depth % 8)) & 1].push_back(leaf);
  }
  return naive_hash("salus.inner.1", naive_top(sides[0], depth + 1),
                    naive_top(sides[1], depth + 1));
}

}  // namespace

std::string naive_root(const Pairs& pairs) {
  std::vector<NaiveLeaf> leaves;
  for (const auto& [key, value] : pairs) {
    leaves.push_back({naive_hash("salus.key.1", Bytes{key.begin(), key.end()}, {}),
                      naive_hash("salus.value.1", Bytes{value.begin(), value.end()}, {})});
  }
  return hex(naive_top(leaves, 0));
}

AState::AState(std::size_t page_bytes)
    : state_(std::make_unique<Overlay>(*store_, std::string{kStatePrefix}, 8)),
      pages_(std::make_unique<Pages>(*store_, std::nullopt, page_bytes)) {
  models_.emplace_back();
  Pages genesis = pages_->branch(Height{0});
  update_tree(genesis, {});
  write(state_->branch(), std::move(genesis));
}

void AState::write(const Overlay& state, Pages&& pages) {
  StoreBatch batch;
  append_block_state(batch, state, pages);
  SALUS_ASSERT(store_->write(batch).has_value(), "memory holds");
  state_->on_stored(state);
  pages_->on_stored(std::move(pages));
}

Height AState::block(const TreeChanges& changes) {
  Overlay state = state_->branch();
  Pairs model = models_.back();
  for (const auto& [key, value] : changes) {
    if (value) {
      state.put(key, *value);
      model[key] = *value;
    } else {
      state.erase(key);
      model.erase(key);
    }
  }
  Pages pages = pages_->branch(tip().next());
  update_tree(pages, state.changes());
  write(state, std::move(pages));
  models_.push_back(std::move(model));
  return tip();
}

Height AState::random_block(std::mt19937_64& random, std::uint64_t keys) {
  TreeChanges changes;
  // Some blocks mostly erase, so that leaves climb back up.
  const std::uint64_t erases_in_ten = random() % 11;
  for (std::uint64_t count = random() % 24; count > 0; --count) {
    const std::string key = "key" + std::to_string(random() % keys);
    changes[key] = std::nullopt;
    if (random() % 10 >= erases_in_ten) changes[key] = std::to_string(random() % 5);
  }
  return block(changes);
}

}  // namespace salus::state::test
