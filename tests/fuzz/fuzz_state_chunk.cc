// Owns: any bytes as a part of a state (state/chunk.h): what is accepted is that part, whole or
// divided, as its origin would have sent it.
#include "fuzz/fuzz.h"
#include "state/a_state.h"
#include "state/chunk.h"

namespace salus::fuzz {

namespace {

const state::test::AState& a_state() {
  static const state::test::AState* state = [] {
    auto* made = new state::test::AState;
    state::TreeChanges changes;
    for (int i = 0; i < 24; ++i) changes["key" + std::to_string(i)] = std::to_string(i);
    made->block(changes);
    return made;
  }();
  return *state;
}

std::string part(const state::ChunkLimits& limits) {
  const state::StateAt records{a_state().store(), Height{1}};
  return text_of(*state::make_chunk(a_state().pages_at(Height{1}), records, {}, limits));
}

}  // namespace

std::vector<std::string> examples() {
  return {part({}), part({.records = 1}), std::string(1, '\1') + '\0', std::string(5, '\0')};
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const ByteView input{data, size};
  const state::Wanted wanted{{}, Hash{fuzz::a_state().root().bytes}};
  const auto chunk = state::Chunk::verify(wanted, input);
  if (!chunk) return 0;
  const std::string text = fuzz::text_of(input);
  fuzz::require(text == fuzz::part({}) || text == fuzz::part({.records = 1}),
                "a part has one encoding whole and one divided");
  StoreBatch batch;
  chunk->append_to(batch, Height{1});
  fuzz::require(!batch.writes.empty(), "a part is written");
  return 0;
}
