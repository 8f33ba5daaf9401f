// Owns: how a proof is followed from its keys to a root.
#include "state/proof.h"

#include <algorithm>
#include <vector>

#include "state/hashes.h"

namespace salus::state {

namespace {

struct Query {
  Hash key;
  // Leaf hash; absent: claimed to be absent.
  std::optional<Hash> leaf;
};
using QuerySpan = std::span<const Query>;

class Walk {
 public:
  explicit Walk(ByteView nodes) : in_(nodes) {}

  // The hash of the node at `depth`, above all of `queries`; nullopt: see error().
  std::optional<Hash> node(std::size_t depth, QuerySpan queries) {
    const std::uint8_t kind = in_.u8();
    if (!in_.ok() || kind > static_cast<std::uint8_t>(ProofNode::Inner)) return malformed();
    switch (static_cast<ProofNode>(kind)) {
      case ProofNode::Empty:
        return claimed(queries) == 0 ? Hash{} : contradicted();
      case ProofNode::Claimed:
        return claimed(queries) == 1 ? leaf_of_claim(queries) : contradicted();
      case ProofNode::Other:
        return other(depth, queries);
      case ProofNode::Inner:
        return inner(depth, queries);
    }
    return malformed();
  }

  bool done() const { return in_.done(); }
  ProofError error() const { return error_; }

 private:
  std::nullopt_t malformed() {
    error_ = ProofError::Malformed;
    return std::nullopt;
  }
  std::optional<Hash> contradicted() {
    error_ = ProofError::ClaimContradicted;
    return std::nullopt;
  }

  static std::ptrdiff_t claimed(QuerySpan queries) {
    return std::ranges::count_if(queries, [](const Query& query) { return bool(query.leaf); });
  }

  static std::optional<Hash> leaf_of_claim(QuerySpan queries) {
    return std::ranges::find_if(queries, [](const Query& query) { return bool(query.leaf); })->leaf;
  }

  std::optional<Hash> other(std::size_t depth, QuerySpan queries) {
    const Hash key = in_.fixed<Hash>();
    const Hash value = in_.fixed<Hash>();
    if (!in_.ok() || !is_below(key, depth, queries.front().key)) return malformed();
    if (claimed(queries) != 0 || std::ranges::binary_search(queries, key, {}, &Query::key)) {
      return contradicted();
    }
    return leaf_hash(key, value);
  }

  // Whether both keys pass through the same node at `depth`.
  static bool is_below(const Hash& key, std::size_t depth, const Hash& sibling) {
    for (std::size_t at = 0; at < depth; ++at) {
      if (bit_of(key, at) != bit_of(sibling, at)) return false;
    }
    return true;
  }

  std::optional<Hash> inner(std::size_t depth, QuerySpan queries) {
    if (depth == kDepthMax) return malformed();
    const auto first_right = std::ranges::partition_point(
        queries, [&](const Query& query) { return !bit_of(query.key, depth); });
    const auto split = static_cast<std::size_t>(first_right - queries.begin());
    const auto left = side(depth + 1, queries.first(split));
    if (!left) return std::nullopt;
    const auto right = side(depth + 1, queries.subspan(split));
    if (!right) return std::nullopt;
    return inner_hash(*left, *right);
  }

  std::optional<Hash> side(std::size_t depth, QuerySpan queries) {
    if (!queries.empty()) return node(depth, queries);
    const Hash sibling = in_.fixed<Hash>();
    return in_.ok() ? std::optional{sibling} : malformed();
  }

  ByteReader in_;
  ProofError error_ = ProofError::Malformed;
};

Result<std::vector<Query>, ProofError> queries_of(std::span<const Claim> claims) {
  if (claims.empty()) return std::unexpected(ProofError::NoKeys);
  if (claims.size() > kProofKeysMax) return std::unexpected(ProofError::TooManyKeys);
  std::vector<Query> out;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const Claim& claim = claims[i];
    if (claim.key.size() > kProofKeyBytesMax) return std::unexpected(ProofError::KeyTooLong);
    if (i > 0 && claims[i - 1].key >= claim.key) return std::unexpected(ProofError::KeysUnordered);
    Query query{key_hash(claim.key), std::nullopt};
    if (claim.value) query.leaf = leaf_hash(query.key, value_hash(*claim.value));
    out.push_back(query);
  }
  std::ranges::sort(out, {}, &Query::key);
  return out;
}

}  // namespace

std::string_view sentence(ProofError error) {
  switch (error) {
    case ProofError::NoKeys:
      return "The proof is of no key: ask for at least one.";
    case ProofError::TooManyKeys:
      return "The proof is of more than 256 keys: ask for fewer at once.";
    case ProofError::KeyTooLong:
      return "A key is longer than 512 bytes: no state holds it.";
    case ProofError::KeysUnordered:
      return "The keys of the proof are not distinct and ascending: sort them.";
    case ProofError::TooLarge:
      return "The proof is over 1 MiB: ask for fewer keys at once.";
    case ProofError::Malformed:
      return "The proof has no valid form: ask another node.";
    case ProofError::ClaimContradicted:
      return "The proof and the answer contradict each other: ask another node.";
    case ProofError::OtherRoot:
      return "The answer is not of the state that the root names: ask another node.";
  }
  return "Unknown.";
}

Result<void, ProofError> verify(const Root& root, std::span<const Claim> claims, ByteView nodes) {
  const auto queries = queries_of(claims);
  if (!queries) return std::unexpected(queries.error());
  if (nodes.size() > kProofBytesMax) return std::unexpected(ProofError::TooLarge);
  Walk walk{nodes};
  const auto top = walk.node(0, *queries);
  if (!top) return std::unexpected(walk.error());
  if (!walk.done()) return std::unexpected(ProofError::Malformed);
  if (top->bytes != root.bytes) return std::unexpected(ProofError::OtherRoot);
  return {};
}

}  // namespace salus::state
