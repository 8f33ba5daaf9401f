// Owns: any bytes as a certificate (consensus/codec.h).
#include "consensus/codec.h"
#include "fuzz/fuzz.h"

namespace salus::fuzz {

std::vector<std::string> examples() {
  std::vector<std::string> all;
  for (const std::uint16_t n : {std::uint16_t{1}, std::uint16_t{4}, std::uint16_t{13}}) {
    consensus::Candidate candidate;
    candidate.view = View{4};
    candidate.digest.bytes.fill(7);
    for (const consensus::Subject& subject :
         {consensus::finalize(candidate), consensus::nullify(Epoch{}, View{4})}) {
      consensus::Certificate certificate{.subject = subject, .set_size = n, .signatures = {}};
      for (std::uint16_t i = 0; i < n; ++i) {
        if (i % 4 != 3) certificate.signatures[ValidatorIndex{i}].bytes.fill(3);
      }
      all.push_back(text_of(consensus::encode(certificate)));
    }
  }
  return all;
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const ByteView input{data, size};
  const auto certificate = consensus::decode_certificate(input);
  if (!certificate) return 0;
  fuzz::require(fuzz::text_of(consensus::encode(*certificate)) == fuzz::text_of(input),
                "a certificate has one encoding");
  for (const auto& [signer, signature] : certificate->signatures) {
    fuzz::require(signer.value() < certificate->set_size, "signers are of the set");
  }
  return 0;
}
