// Owns: the ring of digests.
#include "dao/validators/digests.h"

#include "base/assert.h"
#include "dao/constitution.h"
#include "state/table.h"

namespace salus::dao::validators {

namespace {

state::Key slot_key(const state::Overlay& state, std::uint64_t height) {
  const std::uint64_t window = constitution::value(state, "consensus.ready_window");
  return state::Key(state::Table::RecentDigests).u32(static_cast<std::uint32_t>(height % window));
}

}  // namespace

void put_digest(state::Overlay& state, const BlockContext& block) {
  const std::uint64_t parent = block.height.value() - 1;
  ByteWriter record;
  record.u64(parent);
  record.bytes(block.parent_digest.view());
  state.put(slot_key(state, parent).str(), std::string{as_chars(record.out())});
}

std::optional<Digest> find_digest(const state::Overlay& state, const BlockContext& block,
                                  std::uint64_t height) {
  if (height + 1 == block.height.value()) return block.parent_digest;
  const auto record = state.get(slot_key(state, height).str());
  if (!record) return std::nullopt;
  ByteReader in(as_bytes(*record));
  const std::uint64_t noted = in.u64();
  const auto digest = in.fixed<Digest>();
  SALUS_ASSERT(in.done(), "a digest of the ring is stored whole");
  // Another height: its own place was given away, or the window changed since.
  if (noted != height) return std::nullopt;
  return digest;
}

Outcome check_ready(std::uint64_t height, std::uint64_t proved, std::uint64_t window,
                    bool digest_matches) {
  if (proved <= height && height - proved >= window) return refuse(Error::ReadyTooOld);
  if (!digest_matches) return refuse(Error::ReadyWrongDigest);
  return {};
}

}  // namespace salus::dao::validators
