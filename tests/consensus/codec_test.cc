// Owns: the bytes of votes, certificates and sets are what tests/vectors/consensus.json says, and
// nothing but those bytes is accepted. A changed byte is a changed protocol.
#include "consensus/codec.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include <nlohmann/json.hpp>

#include "consensus/journal_record.h"
#include "consensus/parameters.h"
#include "consensus/rig.h"

namespace salus::consensus::testing {
namespace {

Candidate sample() {
  return {.epoch = Epoch{2}, .view = View{9}, .parent = View{7}, .digest = Rig::block('A')};
}

Certificate sample_certificate(const Subject& subject) {
  return Rig::certificate(4, subject, {0, 1, 3});
}

// Every golden value by its name in the file.
std::map<std::string, std::string> golden_values() {
  std::map<std::string, std::string> out;
  const auto add = [&out](const std::string& name, const Subject& subject) {
    out["signed_" + name] = hex(signed_bytes(Rig::chain_id(), subject));
    out["vote_" + name] = hex(encode(Rig::signed_by(3, subject)));
    out["certificate_" + name] = hex(encode(sample_certificate(subject)));
  };
  add("notarize", notarize(sample()));
  add("nullify", nullify(Epoch{2}, View{9}));
  add("finalize", finalize(sample()));
  out["set_hash"] = Rig::make_set(4).hash().to_hex();
  Registers registers;
  registers.notarize = sample();
  registers.nullify = View{9};
  registers.finalize = Candidate{
      .epoch = Epoch{2}, .view = View{7}, .parent = View{6}, .digest = Rig::block('B')};
  out["registers"] = hex(encode(registers));
  out["record_candidate"] =
      hex(encode_payload(Rig::chain_id(), CandidateRecord{.candidate = sample(), .block = {1, 2}}));
  out["record_halt"] = hex(encode_payload(
      Rig::chain_id(),
      HaltRecord{.reason = HaltReason::Diverged, .epoch = Epoch{2}, .view = View{9}}));
  return out;
}

TEST(ConsensusBytes, are_golden) {
  std::ifstream file(SALUS_SOURCE_DIR "/tests/vectors/consensus.json");
  const nlohmann::json vectors = nlohmann::json::parse(file, nullptr, false);
  ASSERT_FALSE(vectors.is_discarded());
  const auto values = golden_values();
  EXPECT_EQ(vectors.at("values").size(), values.size());
  for (const auto& [name, value] : values) {
    EXPECT_EQ(vectors.at("values").value(name, "absent"), value) << name;
  }
}

TEST(ConsensusBytes, have_the_lengths_of_the_table) {
  EXPECT_EQ(signed_bytes(Rig::chain_id(), notarize(sample())).size(), kSignedVoteBytes);
  EXPECT_EQ(signed_bytes(Rig::chain_id(), nullify(Epoch{2}, View{9})).size(),
            kSignedNullifyBytes);
  EXPECT_EQ(encode(Rig::signed_by(3, finalize(sample()))).size(), kVoteBytes);
  EXPECT_EQ(encode(Rig::signed_by(3, nullify(Epoch{2}, View{9}))).size(), kNullifyBytes);
}

TEST(ConsensusBytes, read_back_as_written) {
  for (const Subject& subject :
       {notarize(sample()), nullify(Epoch{2}, View{9}), finalize(sample())}) {
    const Vote vote = Rig::signed_by(3, subject);
    EXPECT_EQ(*decode_vote(encode(vote)), vote);
    const Certificate certificate = sample_certificate(subject);
    EXPECT_EQ(*decode_certificate(encode(certificate)), certificate);
    const auto parsed = parse_signed_bytes(signed_bytes(Rig::chain_id(), subject));
    EXPECT_EQ(parsed->subject, subject);
    EXPECT_EQ(parsed->chain_id, Rig::chain_id());
  }
}

Refusal refused_vote(Bytes bytes) {
  const ValidatorSet set = Rig::make_set(4);
  const auto result = validate_vote(
      bytes,
      {.chain_id = Rig::chain_id(), .epoch = Epoch{2}, .set = set, .verify = crypto::verify},
      Rig::node_id(3));
  EXPECT_FALSE(result);
  EXPECT_FALSE(sentence(result.error()).empty());
  return result.error();
}

TEST(VoteBytes, each_refusal_has_its_reason) {
  const Bytes good = encode(Rig::signed_by(3, notarize(sample())));
  const auto with = [&good](std::size_t at, std::uint8_t value) {
    Bytes changed = good;
    changed[at] = value;
    return changed;
  };
  EXPECT_EQ(refused_vote({}), Refusal::WrongLength);
  EXPECT_EQ(refused_vote(Bytes(good.begin(), good.end() - 1)), Refusal::WrongLength);
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(refused_vote(longer), Refusal::WrongLength);
  EXPECT_EQ(refused_vote(with(0, 0)), Refusal::UnknownKind);
  EXPECT_EQ(refused_vote(with(0, 4)), Refusal::UnknownKind);
  EXPECT_EQ(refused_vote(with(0, 2)), Refusal::WrongLength) << "a nullify is shorter";
  EXPECT_EQ(refused_vote(with(2, 4)), Refusal::UnknownSigner);
  EXPECT_EQ(refused_vote(with(1, 0xff)), Refusal::UnknownSigner);
  EXPECT_EQ(refused_vote(with(2, 1)), Refusal::WrongLink);
  EXPECT_EQ(refused_vote(with(3, 0x80)), Refusal::OrdinalTooLarge);
  EXPECT_EQ(refused_vote(with(11, 0x80)), Refusal::OrdinalTooLarge);
  EXPECT_EQ(refused_vote(with(19, 0x80)), Refusal::OrdinalTooLarge);
  EXPECT_EQ(refused_vote(with(10, 3)), Refusal::OtherEpoch);
  EXPECT_EQ(refused_vote(with(18, 0)), Refusal::ViewZero);
  EXPECT_EQ(refused_vote(with(40, 0)), Refusal::BadSignature) << "another digest";
  EXPECT_EQ(refused_vote(with(0, 3)), Refusal::BadSignature) << "notarize is not finalize";
  EXPECT_EQ(refused_vote(with(100, static_cast<std::uint8_t>(good[100] ^ 1U))),
            Refusal::BadSignature);
}

TEST(VoteBytes, no_changed_byte_is_accepted) {
  std::mt19937_64 random(7);
  const ValidatorSet set = Rig::make_set(4);
  const VoteContext context{
      .chain_id = Rig::chain_id(), .epoch = Epoch{2}, .set = set, .verify = crypto::verify};
  const Bytes vote = encode(Rig::signed_by(3, notarize(sample())));
  const Bytes certificate = encode(sample_certificate(finalize(sample())));
  for (int round = 0; round < 400; ++round) {
    for (const Bytes* good : {&vote, &certificate}) {
      Bytes changed = *good;
      changed[random() % changed.size()] ^= static_cast<std::uint8_t>(1U << (random() % 8));
      EXPECT_FALSE(validate_vote(changed, context));
      EXPECT_FALSE(validate_certificate(changed, context));
    }
  }
}

TEST(JournalRecord, reads_back_as_written_and_refuses_the_rest) {
  const Record records[] = {
      OwnVoteRecord{notarize(sample())},
      CertificateRecord{sample_certificate(nullify(Epoch{2}, View{9}))},
      CandidateRecord{.candidate = sample(), .block = Bytes(1000, 7)},
      HaltRecord{.reason = HaltReason::SafetyViolated, .epoch = Epoch{2}, .view = View{3}},
  };
  for (const Record& record : records) {
    const auto type = static_cast<std::uint8_t>(type_of(record));
    const Bytes payload = encode_payload(Rig::chain_id(), record);
    EXPECT_EQ(*decode_payload(type, payload, Rig::chain_id(), Epoch{2}), record);
    const auto cut = decode_payload(type, ByteView{payload}.first(20), Rig::chain_id(), Epoch{2});
    EXPECT_EQ(cut.error(), type == 4 ? RecordError::Malformed : RecordError::Malformed);
  }
  EXPECT_EQ(decode_payload(9, {}, Rig::chain_id(), Epoch{2}).error(), RecordError::UnknownType);
  const Bytes huge(kRecordPayloadBytesMax + 1);
  EXPECT_EQ(decode_payload(3, huge, Rig::chain_id(), Epoch{2}).error(), RecordError::TooLarge);
  ChainId other;
  other.bytes.fill(1);
  EXPECT_EQ(decode_payload(1, encode_payload(other, records[0]), Rig::chain_id(), Epoch{2}).error(),
            RecordError::OtherChain);
}

TEST(ValidatorSet, exists_only_with_distinct_keys_and_one_to_128_members) {
  EXPECT_EQ(ValidatorSet::make({}).error(), SetError::Empty);
  std::vector<Validator> many(kValidatorsMax + 1);
  EXPECT_EQ(ValidatorSet::make(many).error(), SetError::TooMany);
  const Validator one{.validator_key = Rig::key(0).public_key(), .node_key = Rig::node_id(0)};
  const Validator same_node{.validator_key = Rig::key(1).public_key(), .node_key = Rig::node_id(0)};
  const Validator same_key{.validator_key = Rig::key(0).public_key(), .node_key = Rig::node_id(1)};
  EXPECT_EQ(ValidatorSet::make({one, same_key}).error(), SetError::RepeatedValidatorKey);
  EXPECT_EQ(ValidatorSet::make({one, same_node}).error(), SetError::RepeatedNodeKey);
}

TEST(ValidatorSet, counts_quorums_as_the_vocabulary_says) {
  const std::pair<std::size_t, std::size_t> kTable[] = {{1, 1}, {2, 2}, {3, 3},  {4, 3},
                                                        {5, 4}, {7, 5}, {10, 7}, {31, 21}};
  for (const auto& [n, q] : kTable) EXPECT_EQ(Rig::make_set(n).quorum(), q) << n;
}

TEST(ValidatorSet, each_view_has_the_next_leader) {
  const ValidatorSet set = Rig::make_set(4);
  EXPECT_EQ(set.leader_of(Epoch{0}, View{1}), ValidatorIndex{1});
  EXPECT_EQ(set.leader_of(Epoch{0}, View{4}), ValidatorIndex{0});
  EXPECT_EQ(set.leader_of(Epoch{3}, View{2}), ValidatorIndex{1});
  const std::uint64_t last = kOrdinalEnd - 1;
  EXPECT_EQ(set.leader_of(Epoch{last}, View{last}), ValidatorIndex{2});
}

TEST(Parameters, are_refused_outside_their_ranges) {
  EXPECT_TRUE(check(Parameters{}));
  Parameters parameters;
  parameters.delta_ms = 9;
  EXPECT_EQ(check(parameters).error(), ParameterError::DeltaMs);
  parameters = {};
  parameters.standstill_ms = 2'999;
  EXPECT_EQ(check(parameters).error(), ParameterError::StandstillMs);
  parameters = {};
  parameters.delta_ms_max = 400;
  EXPECT_EQ(check(parameters).error(), ParameterError::DeltaMsMax);
  EXPECT_FALSE(sentence(ParameterError::DeltaMsMax).empty());
}

}  // namespace
}  // namespace salus::consensus::testing
