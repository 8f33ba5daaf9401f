// Owns: any bytes as the nodes of a state proof (state/proof.h) and as a proof message
// (ledger/inclusion.h): what is accepted is the one proof that there is.
#include "fuzz/fuzz.h"
#include "ledger/inclusion.h"
#include "state/a_state.h"
#include "state/proof.h"
#include "state/prove.h"
#include "state/record.h"

namespace salus::fuzz {

namespace {

const std::vector<std::vector<std::string>> kAsked = {
    {"key1"}, {"absent"}, {"absent2"}, {"absent", "key0", "key1", "key2", "key7"}};

const state::test::AState& a_state() {
  static const state::test::AState* state = [] {
    auto* made = new state::test::AState;
    state::TreeChanges changes;
    for (int i = 0; i < 12; ++i) changes["key" + std::to_string(i)] = std::to_string(i);
    made->block(changes);
    return made;
  }();
  return *state;
}

Bytes honest(std::size_t asked) {
  return *state::prove(a_state().pages_at(Height{1}), kAsked[asked]);
}

std::vector<state::Claim> claims_of(std::size_t asked) {
  std::vector<state::Claim> out;
  for (const std::string& key : kAsked[asked]) {
    const auto& pairs = a_state().pairs_at(Height{1});
    const auto found = pairs.find(key);
    out.push_back({key, std::nullopt});
    if (found != pairs.end()) out.back().value = found->second;
  }
  return out;
}

}  // namespace

std::vector<std::string> examples() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kAsked.size(); ++i) {
    out.push_back(std::string(1, static_cast<char>(i)) + text_of(honest(i)));
  }
  v1::StateProof proof;
  proof.set_height(1);
  proof.set_nodes(text_of(honest(0)));
  proof.add_records()->set_key("key1");
  proof.mutable_records(0)->set_value("1");
  out.push_back(std::string(1, '\4') + state::encode(proof));
  return out;
}

void check_message(std::string_view bytes) {
  const auto proof = ledger::decode_state_proof(bytes);
  if (!proof) return;
  require(state::encode(*proof) == bytes, "a proof message has one encoding");
  const Root root = a_state().root();
  if (!ledger::verify(Height{1}, root, *proof)) return;
  std::vector<std::string> keys;
  for (const auto& record : proof->records()) {
    keys.push_back(record.key());
    const auto& pairs = a_state().pairs_at(Height{1});
    const auto found = pairs.find(record.key());
    require(record.has_value() == (found != pairs.end()), "only what is there is proven");
    require(!record.has_value() || record.value() == found->second, "only the truth is proven");
  }
  const Bytes nodes = *state::prove(a_state().pages_at(Height{1}), keys);
  require(proof->nodes() == text_of(nodes), "a set of keys has one proof");
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const ByteView input{data, size};
  if (input.empty()) return 0;
  const ByteView rest = fuzz::after_first(input);
  const std::size_t asked = input.front();
  if (asked >= fuzz::kAsked.size()) {
    fuzz::check_message(as_chars(rest));
    return 0;
  }
  const auto claims = fuzz::claims_of(asked);
  if (state::verify(fuzz::a_state().root(), claims, rest)) {
    fuzz::require(fuzz::text_of(rest) == fuzz::text_of(fuzz::honest(asked)),
                  "a set of keys has one proof");
  }
  return 0;
}
