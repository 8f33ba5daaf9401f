// Owns: any bytes as the payload of a journal record; the first byte is its type
// (consensus/journal_record.h).
#include "consensus/codec.h"
#include "consensus/journal_record.h"
#include "fuzz/fuzz.h"

namespace salus::fuzz {

namespace {

constexpr Epoch kEpoch{3};

}  // namespace

std::vector<std::string> examples() {
  consensus::Candidate candidate;
  candidate.epoch = kEpoch;
  candidate.view = View{9};
  candidate.parent = View{8};
  consensus::Certificate certificate{
      .subject = consensus::notarize(candidate), .set_size = 4, .signatures = {}};
  for (std::uint16_t i = 0; i < 3; ++i) certificate.signatures[ValidatorIndex{i}] = {};
  const consensus::Record records[] = {
      consensus::OwnVoteRecord{consensus::notarize(candidate)},
      consensus::OwnVoteRecord{consensus::nullify(kEpoch, View{9})},
      consensus::CertificateRecord{certificate},
      consensus::CandidateRecord{candidate, Bytes(40, 1)},
      consensus::HaltRecord{consensus::HaltReason::Diverged, kEpoch, View{9}}};
  std::vector<std::string> all;
  for (const consensus::Record& record : records) {
    const auto type = static_cast<char>(consensus::type_of(record));
    all.push_back(type + text_of(consensus::encode_payload(ChainId{}, record)));
  }
  return all;
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  if (size == 0) return 0;
  const ByteView payload = fuzz::after_first({data, size});
  const auto record = consensus::decode_payload(data[0], payload, ChainId{}, fuzz::kEpoch);
  if (!record) return 0;
  fuzz::require(static_cast<std::uint8_t>(consensus::type_of(*record)) == data[0],
                "a record is of the type it says");
  fuzz::require(
      fuzz::text_of(consensus::encode_payload(ChainId{}, *record)) == fuzz::text_of(payload),
      "a payload has one encoding");
  return 0;
}
