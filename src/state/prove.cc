// Owns: the walk that writes a proof, binary node by binary node, over the pages.
#include "state/prove.h"

#include <algorithm>
#include <vector>

namespace salus::state {

namespace {

using KeySpan = std::span<const Hash>;

class Prover {
 public:
  explicit Prover(const Pages& pages) : pages_(pages) {}

  void page(const PageId& id, KeySpan keys) {
    const Page page = pages_.get(id);
    node(id.path, page.entries, 0, kSlots, keys);
  }

  Bytes take() { return std::move(out_).out(); }

 private:
  // The node above `width` slots from `first` on of the page at `path`, which hold `entries`.
  void node(const Path& path, EntrySpan entries, std::uint8_t first, std::uint8_t width,
            KeySpan keys) {
    if (entries.empty()) return kind(ProofNode::Empty);
    const Entry& front = entries.front();
    if (entries.size() == 1 && front.leaf() != nullptr) return leaf(*front.leaf(), keys);
    if (width == 1) return page({front.child()->version, path.child(front.slot)}, keys);

    kind(ProofNode::Inner);
    const auto half = static_cast<std::uint8_t>(width / 2);
    const auto middle = static_cast<std::uint8_t>(first + half);
    const std::size_t split = split_at(entries, middle);
    const auto first_right = std::ranges::partition_point(
        keys, [&](const Hash& key) { return slot_of(key, path.depth) < middle; });
    const auto keys_left = static_cast<std::size_t>(first_right - keys.begin());
    side(path, entries.first(split), first, half, keys.first(keys_left));
    side(path, entries.subspan(split), middle, half, keys.subspan(keys_left));
  }

  void side(const Path& path, EntrySpan entries, std::uint8_t first, std::uint8_t width,
            KeySpan keys) {
    if (keys.empty()) return out_.bytes(hash_of(entries, first, width).view());
    node(path, entries, first, width, keys);
  }

  void leaf(const Leaf& leaf, KeySpan keys) {
    if (std::ranges::binary_search(keys, leaf.key_hash)) return kind(ProofNode::Claimed);
    kind(ProofNode::Other);
    out_.bytes(leaf.key_hash.view());
    out_.bytes(leaf.value_hash.view());
  }

  void kind(ProofNode kind) { out_.u8(static_cast<std::uint8_t>(kind)); }

  const Pages& pages_;
  ByteWriter out_;
};

}  // namespace

Result<Bytes, ProofError> prove(const Pages& pages, std::span<const std::string> keys) {
  if (keys.empty()) return std::unexpected(ProofError::NoKeys);
  if (keys.size() > kProofKeysMax) return std::unexpected(ProofError::TooManyKeys);
  std::vector<Hash> hashes;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].size() > kProofKeyBytesMax) return std::unexpected(ProofError::KeyTooLong);
    if (i > 0 && keys[i - 1] >= keys[i]) return std::unexpected(ProofError::KeysUnordered);
    hashes.push_back(key_hash(keys[i]));
  }
  std::ranges::sort(hashes);
  Prover prover{pages};
  prover.page(*pages.root_id(), hashes);
  Bytes nodes = prover.take();
  if (nodes.size() > kProofBytesMax) return std::unexpected(ProofError::TooLarge);
  return nodes;
}

}  // namespace salus::state
