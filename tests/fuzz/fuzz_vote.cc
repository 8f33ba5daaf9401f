// Owns: any bytes as a vote, or as what a signer is asked to sign (consensus/codec.h).
#include "consensus/codec.h"
#include "fuzz/fuzz.h"

namespace salus::fuzz {

namespace {

consensus::Candidate a_candidate() {
  consensus::Candidate candidate;
  candidate.epoch = Epoch{3};
  candidate.view = View{9};
  candidate.parent = View{8};
  candidate.digest.bytes.fill(7);
  return candidate;
}

}  // namespace

std::vector<std::string> examples() {
  std::vector<std::string> all;
  ChainId chain;
  chain.bytes.fill(5);
  for (const consensus::Subject& subject :
       {consensus::notarize(a_candidate()), consensus::nullify(Epoch{3}, View{9}),
        consensus::finalize(a_candidate())}) {
    consensus::Vote vote{.subject = subject, .signer = ValidatorIndex{2}, .signature = {}};
    vote.signature.bytes.fill(1);
    all.push_back(text_of(consensus::encode(vote)));
    all.push_back(text_of(consensus::signed_bytes(chain, subject)));
  }
  return all;
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const ByteView input{data, size};
  if (const auto vote = consensus::decode_vote(input)) {
    fuzz::require(fuzz::text_of(consensus::encode(*vote)) == fuzz::text_of(input),
                  "a vote has one encoding");
  }
  if (const auto asked = consensus::parse_signed_bytes(input)) {
    const Bytes again = consensus::signed_bytes(asked->chain_id, asked->subject);
    fuzz::require(fuzz::text_of(again) == fuzz::text_of(input),
                  "a signer understands exactly what it signs");
  }
  return 0;
}
