// Owns: proof of what counts as equivocation, and of what it does (consensus.md, section 10).
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "dao/a_validator.h"
#include "dao/constitution.h"
#include "dao/validators/evidence.h"

namespace salus::dao::test {
namespace {

using validators::VoteKind;
using List = std::vector<std::string>;

constexpr std::uint16_t kOmar = 1;

v1::Action omar_twice(std::uint64_t epoch = 0, int generation = 0) {
  return report(signed_vote("omar", kOmar, {.epoch = epoch, .block = 'a'}, generation),
                signed_vote("omar", kOmar, {.epoch = epoch, .block = 'b'}, generation));
}

TEST(ReportEquivocation, takes_the_three_contradictions) {
  struct Case {
    const char* name;
    VoteOf first;
    VoteOf second;
    v1::EquivocationKind kind;
  };
  const Case cases[] = {
      {"E1: two blocks", {.block = 'a'}, {.block = 'b'}, v1::EQUIVOCATION_KIND_NOTARIZE_TWICE},
      {"E1: two parents", {.parent = 5}, {.parent = 6}, v1::EQUIVOCATION_KIND_NOTARIZE_TWICE},
      {"E2",
       {.kind = VoteKind::Finalize, .block = 'a'},
       {.kind = VoteKind::Finalize, .block = 'b'},
       v1::EQUIVOCATION_KIND_FINALIZE_TWICE},
      {"E3",
       {.kind = VoteKind::Nullify},
       {.kind = VoteKind::Finalize},
       v1::EQUIVOCATION_KIND_NULLIFY_AND_FINALIZE},
      {"E3, the other way",
       {.kind = VoteKind::Finalize},
       {.kind = VoteKind::Nullify},
       v1::EQUIVOCATION_KIND_NULLIFY_AND_FINALIZE},
  };
  for (const Case& row : cases) {
    SCOPED_TRACE(row.name);
    Dao dao(a_network(1), people_of_network(1));
    const std::string first = signed_vote("omar", kOmar, row.first);
    const std::string second = signed_vote("omar", kOmar, row.second);
    const Applied applied = dao.apply("mira", report(first, second));
    ASSERT_EQ(applied.error(), "Ok");
    ASSERT_TRUE(applied.told(v1::EVENT_KIND_EQUIVOCATION_REPORTED));
    const auto record = validators::find_equivocation(dao.state(), Epoch{0}, dao.account("omar"));
    ASSERT_TRUE(record.has_value());
    EXPECT_EQ(record->kind(), row.kind);
    EXPECT_EQ(record->view(), 7U);
    EXPECT_EQ(record->first_vote(), first);
    EXPECT_EQ(record->second_vote(), second);
    EXPECT_EQ(record->reporter(), dao.account("mira").to_string());
    EXPECT_EQ(standing(dao, "omar"), "FAULTY");
    dao.end_block();
    EXPECT_EQ(waits(dao), (List{""})) << "his removal is queued";
    cross_boundary(dao);
    EXPECT_EQ(standing(dao, "omar"), "RETIRED");
    EXPECT_EQ(members(dao), (List{"olga", "otto", "oona", "op0"}));
  }
}

TEST(ReportEquivocation, refuses_what_is_no_contradiction) {
  struct Case {
    const char* name;
    VoteOf first;
    VoteOf second;
  };
  const Case cases[] = {
      {"one vote twice", {}, {}},
      {"two nullify", {.kind = VoteKind::Nullify}, {.kind = VoteKind::Nullify}},
      {"notarize and nullify", {}, {.kind = VoteKind::Nullify}},
      {"nullify and notarize", {.kind = VoteKind::Nullify}, {}},
      {"notarize and finalize", {}, {.kind = VoteKind::Finalize, .block = 'b'}},
      {"two views", {.view = 7, .block = 'a'}, {.view = 8, .block = 'b'}},
      {"two epochs", {.epoch = 0, .block = 'a'}, {.epoch = 1, .block = 'b'}},
  };
  Dao dao(a_network());
  for (const Case& row : cases) {
    const v1::Action action =
        report(signed_vote("omar", kOmar, row.first), signed_vote("omar", kOmar, row.second));
    EXPECT_EQ(dao.apply("mira", action).error(), "NotEquivocation") << row.name;
  }
  const v1::Action two_signers =
      report(signed_vote("omar", kOmar, {.block = 'a'}), signed_vote("olga", 0, {.block = 'b'}));
  EXPECT_EQ(dao.apply("mira", two_signers).error(), "NotEquivocation");
  EXPECT_EQ(standing(dao, "omar"), "ACTIVE");
}

TEST(ReportEquivocation, refuses_bytes_that_are_no_votes) {
  const std::string good = signed_vote("omar", kOmar, {.block = 'a'});
  const std::string nullify = signed_vote("omar", kOmar, {.kind = VoteKind::Nullify});
  struct Case {
    const char* name;
    std::function<std::string()> bytes;
  };
  const auto with = [&](std::size_t at, char byte) {
    std::string bytes = good;
    bytes[at] = byte;
    return bytes;
  };
  const Case cases[] = {
      {"nothing", [] { return std::string{}; }},
      {"one byte less", [&] { return good.substr(1); }},
      {"one byte more", [&] { return good + "x"; }},
      {"kind 0", [&] { return with(0, 0); }},
      {"kind 4", [&] { return with(0, 4); }},
      {"nullify of the long form", [&] { return with(0, 2); }},
      {"finalize of the short form", [&] { return "\x03" + nullify.substr(1); }},
      {"epoch 2^63", [&] { return with(3, '\x80'); }},
      {"view 2^63", [&] { return with(11, '\x80'); }},
      {"parent 2^63", [&] { return with(19, '\x80'); }},
      {"view 0", [&] { return signed_vote("omar", kOmar, {.view = 0}); }},
  };
  Dao dao(a_network());
  for (const Case& row : cases) {
    EXPECT_EQ(dao.apply("mira", report(good, row.bytes())).error(), "EvidenceInvalid") << row.name;
    EXPECT_EQ(dao.apply("mira", report(row.bytes(), good)).error(), "EvidenceInvalid") << row.name;
  }
  const v1::Action outsider =
      report(signed_vote("omar", 4, {.block = 'a'}), signed_vote("omar", 4, {.block = 'b'}));
  EXPECT_EQ(dao.apply("mira", outsider).error(), "EvidenceInvalid") << "no such index";
}

TEST(ReportEquivocation, believes_signatures_only) {
  Dao dao(a_network());
  const v1::Action framed = report(signed_vote("mira", kOmar, {.block = 'a'}),
                                   signed_vote("mira", kOmar, {.block = 'b'}));
  EXPECT_EQ(dao.apply("mira", framed).error(), "ProofInvalid");
  const v1::Action half = report(signed_vote("omar", kOmar, {.block = 'a'}),
                                 signed_vote("mira", kOmar, {.block = 'b'}));
  EXPECT_EQ(dao.apply("mira", half).error(), "ProofInvalid");
  EXPECT_EQ(standing(dao, "omar"), "ACTIVE");
}

TEST(ReportEquivocation, is_taken_once_for_a_validator_and_epoch) {
  Dao dao(a_network(1), people_of_network(1));
  ASSERT_TRUE(dao.apply("mira", omar_twice()).ok());
  EXPECT_EQ(dao.apply("noor", omar_twice()).error(), "EvidenceKnown");
  const v1::Action other_view = report(signed_vote("omar", kOmar, {.view = 9, .block = 'a'}),
                                       signed_vote("omar", kOmar, {.view = 9, .block = 'b'}));
  EXPECT_EQ(dao.apply("noor", other_view).error(), "EvidenceKnown");
  const v1::Action other =
      report(signed_vote("olga", 0, {.block = 'a'}), signed_vote("olga", 0, {.block = 'b'}));
  EXPECT_EQ(dao.apply("noor", other).error(), "Ok");
  dao.end_block();
}

TEST(ReportEquivocation, is_judged_under_the_set_of_its_epoch) {
  Dao dao(a_network(1), people_of_network(1));
  change_keys(dao, "omar", 1);
  cross_boundary(dao);
  EXPECT_EQ(dao.apply("mira", omar_twice(1, 0)).error(), "ProofInvalid");
  EXPECT_EQ(dao.apply("mira", omar_twice(0, 0)).error(), "Ok");
  EXPECT_EQ(dao.apply("mira", omar_twice(1, 1)).error(), "Ok") << "another epoch";
  EXPECT_EQ(dao.apply("mira", omar_twice(2, 1)).error(), "EvidenceTooOld") << "not begun";
}

TEST(ReportEquivocation, ends_100000_heights_after_its_epoch) {
  Dao dao(a_network());
  change_keys(dao, "omar", 1);
  cross_boundary(dao);
  const std::uint64_t end = validators::current_set(dao.state()).opened_height();
  const auto at = [&](std::uint64_t height, std::uint64_t epoch, int generation) {
    BlockContext block = dao.block();
    block.height = Height{height};
    std::vector<v1::Event> events;
    ActionContext context{.block = block,
                          .authority = Authority::Member,
                          .signer = dao.account("mira"),
                          .proposal = 0,
                          .execution_id = {},
                          .action_index = 0,
                          .events = events};
    state::Overlay attempt = dao.state().branch();
    const auto action = omar_twice(epoch, generation).report_equivocation();
    const Outcome outcome = validators::apply(action, context, attempt);
    return outcome ? std::string{"Ok"} : std::string{name(outcome.error())};
  };
  EXPECT_EQ(at(end + 100'000, 0, 0), "Ok");
  EXPECT_EQ(at(end + 100'001, 0, 0), "EvidenceTooOld");
  EXPECT_EQ(at(end + 500'000, 1, 1), "Ok") << "an epoch that runs is not over";
}

TEST(Equivocation, only_marks_where_the_constitution_does_not_remove) {
  v1::GenesisDocument document = a_network(1);
  set_in(document, "validators.remove_equivocators", 0);
  Dao dao(document, people_of_network(1));
  ASSERT_TRUE(dao.apply("mira", omar_twice()).ok());
  end_blocks(dao, 6);
  EXPECT_EQ(standing(dao, "omar"), "FAULTY");
  EXPECT_EQ(waits(dao), List{});
  EXPECT_EQ(members(dao).size(), 5U);
}

TEST(Equivocation, removal_passes_the_same_gate) {
  Dao dao(a_network());
  ASSERT_TRUE(dao.apply("mira", omar_twice()).ok());
  end_blocks(dao, 6);
  // G-10.4: four are the least, so the one to replace him comes first.
  EXPECT_EQ(waits(dao), (List{"Q1"}));
  EXPECT_EQ(standing(dao, "omar"), "FAULTY");
  nominate(dao, "ada");
  dao.end_block();
  make_ready(dao, "ada");
  ASSERT_EQ(dao.apply_as_dao(change_set(dao, {.add = {"ada"}, .remove = {}})), "Ok");
  cross_boundary(dao);
  EXPECT_EQ(waits(dao), (List{""}));
  cross_boundary(dao);
  EXPECT_EQ(members(dao), (List{"olga", "otto", "oona", "ada"}));
}

TEST(Equivocation, cannot_be_dodged_by_changes_of_ones_own) {
  Dao dao(a_network(2), people_of_network(2));
  ASSERT_TRUE(dao.as("omar").apply(leave()).ok());
  ASSERT_TRUE(dao.apply("mira", omar_twice()).ok());
  EXPECT_EQ(dao.as("omar").apply(withdraw_change(1)).error(), "NotAuthorized");

  const std::uint16_t otto = 2;
  ASSERT_TRUE(dao.apply("otto", rekey(dao, "otto", 1)).ok());
  ASSERT_TRUE(dao.apply("mira", report(signed_vote("otto", otto, {.block = 'a'}),
                                       signed_vote("otto", otto, {.block = 'b'})))
                  .ok());
  cross_boundary(dao);
  EXPECT_EQ(standing(dao, "omar"), "RETIRED");
  cross_boundary(dao);
  EXPECT_EQ(standing(dao, "otto"), "RETIRED");
}

TEST(Equivocation, removal_waits_for_room_in_a_full_queue) {
  Dao dao(a_network(17), people_of_network(17));
  for (int i = 0; i < 16; ++i) {
    ASSERT_TRUE(dao.as("op" + std::to_string(i)).apply(leave()).ok());
  }
  ASSERT_EQ(dao.apply("mira", omar_twice()).error(), "Ok");
  dao.end_block();
  EXPECT_EQ(validators::set_changes(dao.state()).owed_size(), 1);
  cross_boundary(dao);
  EXPECT_EQ(validators::set_changes(dao.state()).owed_size(), 0);
  EXPECT_EQ(waits(dao).size(), 16U);
}

TEST(Votes, are_read_as_consensus_writes_them) {
  std::ifstream file(SALUS_SOURCE_DIR "/tests/vectors/consensus.json");
  const auto all = nlohmann::json::parse(file);
  int seen = 0;
  for (const auto& vector : all.at("vectors")) {
    if (vector.at("eval") != "vote") continue;
    ++seen;
    const auto bytes = parse_hex(vector.at("out").at("bytes").get<std::string>());
    const auto vote = validators::decode_vote(*bytes);
    ASSERT_TRUE(vote.has_value()) << vector.at("id");
    const auto& in = vector.at("in");
    EXPECT_EQ(vote->epoch.value(), in.at("epoch"));
    EXPECT_EQ(vote->view.value(), in.at("view"));
    EXPECT_EQ(vote->signer.value(), in.at("signer"));
    // The signed bytes are those of the vector with the same subject.
    for (const auto& other : all.at("vectors")) {
      const bool same = other.at("eval") == "signed_bytes" &&
                        other.at("in").at("kind") == in.at("kind") &&
                        other.at("in").at("view") == in.at("view");
      if (!same) continue;
      const auto chain = ChainId::from_hex(other.at("in").at("chain_id").get<std::string>());
      EXPECT_EQ(hex(validators::signed_bytes(*chain, *vote)), other.at("out").at("bytes"));
    }
  }
  EXPECT_EQ(seen, 3);
}

}  // namespace
}  // namespace salus::dao::test
