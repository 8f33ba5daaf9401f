// Owns: the bytes of votes, certificates and sets are what tests/vectors/consensus.json says, and
// nothing but those bytes is accepted. A changed byte is a changed protocol.
#include "consensus/codec.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

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

using Json = nlohmann::json;

template <typename T>
T from_hex(const Json& text) {
  const auto parsed = T::from_hex(text.get<std::string>());
  EXPECT_TRUE(parsed);
  return *parsed;
}

Candidate candidate_of(const Json& in) {
  return {.epoch = Epoch{in.value("epoch", std::uint64_t{0})},
          .view = View{in.at("view").get<std::uint64_t>()},
          .parent = View{in.at("parent").get<std::uint64_t>()},
          .digest = from_hex<Digest>(in.at("digest"))};
}

Candidate register_of(const Json& in) {
  return {.epoch = Epoch{},
          .view = View{in[0].get<std::uint64_t>()},
          .parent = View{in[1].get<std::uint64_t>()},
          .digest = from_hex<Digest>(in[2])};
}

Subject subject_of(const Json& in) {
  if (in.at("kind") == "nullify") {
    return nullify(Epoch{in.at("epoch").get<std::uint64_t>()},
                   View{in.at("view").get<std::uint64_t>()});
  }
  return in.at("kind") == "notarize" ? notarize(candidate_of(in)) : finalize(candidate_of(in));
}

Json bytes_of(const Bytes& bytes) { return {{"bytes", hex(bytes)}}; }

Json answer_to(const std::string& eval, const Json& in) {
  if (eval == "signed_bytes") {
    return bytes_of(signed_bytes(from_hex<ChainId>(in.at("chain_id")), subject_of(in)));
  }
  if (eval == "vote") {
    return bytes_of(encode(Rig::signed_by(in.at("signer").get<std::uint16_t>(), subject_of(in))));
  }
  if (eval == "certificate") {
    return bytes_of(encode(Rig::certificate(in.at("n").get<std::size_t>(), subject_of(in),
                                            in.at("signers").get<std::vector<std::uint16_t>>())));
  }
  if (eval == "validator_set") {
    std::vector<Validator> members;
    for (const Json& one : in.at("validators")) {
      members.push_back(
          {.validator_key = from_hex<PublicKey>(one[0]), .node_key = from_hex<NodeId>(one[1])});
    }
    return {{"hash", ValidatorSet::make(std::move(members))->hash().to_hex()}};
  }
  if (eval == "registers") {
    Registers registers;
    registers.notarize = register_of(in.at("notarize"));
    registers.nullify = View{in.at("nullify").get<std::uint64_t>()};
    registers.finalize = register_of(in.at("finalize"));
    return bytes_of(encode(registers));
  }
  if (eval == "record_candidate") {
    return bytes_of(encode_payload(
        Rig::chain_id(), CandidateRecord{.candidate = candidate_of(in),
                                         .block = *parse_hex(in.at("block").get<std::string>())}));
  }
  if (eval == "record_halt") {
    return bytes_of(encode_payload(
        Rig::chain_id(), HaltRecord{.reason = static_cast<HaltReason>(in.at("reason").get<int>()),
                                    .epoch = Epoch{in.at("epoch").get<std::uint64_t>()},
                                    .view = View{in.at("view").get<std::uint64_t>()}}));
  }
  return "no such eval";
}

TEST(ConsensusVectors, are_answered_as_written) {
  std::ifstream file(SALUS_SOURCE_DIR "/tests/vectors/consensus.json");
  const Json document = Json::parse(file, nullptr, false);
  ASSERT_FALSE(document.is_discarded());
  ASSERT_EQ(document.at("format"), "salus.vectors.consensus.v1");
  for (const Json& vector : document.at("vectors")) {
    EXPECT_EQ(answer_to(vector.at("eval"), vector.at("in")), vector.at("out"))
        << vector.at("id") << ": " << vector.at("title");
  }
}

TEST(ConsensusBytes, have_the_lengths_of_the_table) {
  EXPECT_EQ(signed_bytes(Rig::chain_id(), notarize(sample())).size(), kSignedVoteBytes);
  EXPECT_EQ(signed_bytes(Rig::chain_id(), nullify(Epoch{2}, View{9})).size(), kSignedNullifyBytes);
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
      bytes, {.chain_id = Rig::chain_id(), .epoch = Epoch{2}, .set = set, .verify = crypto::verify},
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

Refusal refused_certificate(const Bytes& bytes) {
  const ValidatorSet set = Rig::make_set(4);
  const auto result = validate_certificate(
      bytes,
      {.chain_id = Rig::chain_id(), .epoch = Epoch{2}, .set = set, .verify = crypto::verify});
  EXPECT_FALSE(result);
  EXPECT_FALSE(sentence(result.error()).empty());
  return result.error();
}

TEST(CertificateBytes, each_refusal_has_its_reason) {
  const Subject skipped = nullify(Epoch{2}, View{9});
  const Bytes good = encode(sample_certificate(skipped));
  // kind 0, epoch 1, view 9, n 17, bitmap 19, signatures 20.
  const auto with = [&good](std::size_t at, std::uint8_t value) {
    Bytes changed = good;
    changed[at] = value;
    return changed;
  };
  EXPECT_EQ(refused_certificate({}), Refusal::WrongLength);
  EXPECT_EQ(refused_certificate(Bytes(good.begin(), good.end() - 1)), Refusal::WrongLength);
  EXPECT_EQ(refused_certificate(Bytes(kCertificateBytesMax + 1, 4)), Refusal::WrongLength);
  EXPECT_EQ(refused_certificate(with(0, 3)), Refusal::UnknownKind) << "a vote's kind";
  EXPECT_EQ(refused_certificate(with(1, 0x80)), Refusal::OrdinalTooLarge);
  EXPECT_EQ(refused_certificate(with(8, 3)), Refusal::OtherEpoch);
  EXPECT_EQ(refused_certificate(with(16, 0)), Refusal::ViewZero);
  EXPECT_EQ(refused_certificate(with(18, 5)), Refusal::WrongSetSize);
  EXPECT_EQ(refused_certificate(with(18, 0)), Refusal::WrongSetSize);
  EXPECT_EQ(refused_certificate(with(19, 0x1b)), Refusal::PaddingBits);
  EXPECT_EQ(refused_certificate(with(19, 0x0f)), Refusal::WrongLength) << "four bits, three seals";
  EXPECT_EQ(refused_certificate(with(19, 0x07)), Refusal::BadSignature) << "another signer";
  EXPECT_EQ(refused_certificate(encode(Rig::certificate(4, skipped, {0, 3}))),
            Refusal::TooFewSigners);
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
    const auto cut = decode_payload(type, ByteView{payload}.first(16), Rig::chain_id(), Epoch{2});
    EXPECT_EQ(cut.error(), RecordError::Malformed);
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
