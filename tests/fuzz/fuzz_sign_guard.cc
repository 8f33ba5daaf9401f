// Owns: any bytes as the page of a sign guard, and as the registers inside it
// (storage/guard_page.h, consensus/registers.h). What is misread here is a vote signed twice.
#include "fuzz/fuzz.h"
#include "storage/guard_page.h"

namespace salus::fuzz {

std::vector<std::string> examples() {
  storage::GuardPage page;
  page.write = 3;
  page.stage = Stage{2};
  const std::string fresh = text_of(storage::encode(page));
  page.registers.nullify = View{9};
  consensus::Candidate candidate;
  candidate.view = View{8};
  candidate.digest.bytes.fill(1);
  page.registers.notarize = candidate;
  page.restriction = {.kind = storage::RestrictionKind::Twin, .nonce = {}};
  return {fresh, text_of(storage::encode(page)), text_of(consensus::encode(page.registers)),
          text_of(consensus::encode(consensus::Registers{}))};
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const ByteView input{data, size};
  if (const auto page = storage::decode_guard_page(input)) {
    fuzz::require(fuzz::text_of(storage::encode(*page)) == fuzz::text_of(input),
                  "a guard page has one encoding");
  }
  if (const auto registers = consensus::decode_registers(input, Epoch{3})) {
    fuzz::require(fuzz::text_of(consensus::encode(*registers)) == fuzz::text_of(input),
                  "registers have one encoding");
    for (const consensus::Subject& vote : registers->votes(Epoch{3})) {
      fuzz::require(!consensus::may_vote(*registers, vote), "what was voted is not voted again");
      fuzz::require(registers->holds(vote) && registers->covers(vote),
                    "registers hold their own votes");
    }
  }
  return 0;
}
