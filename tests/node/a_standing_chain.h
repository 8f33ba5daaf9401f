// Owns: situations of a small chain that stands, for the tests of the diagnosis.
#pragma once

#include <gtest/gtest.h>

#include "replica/diagnosis.h"

namespace salus::replica {

using consensus::FetchKind;
using consensus::Mode;
using consensus::ObservingReason;
using consensus::Waiting;
using ledger::CheckReason;

inline constexpr std::uint64_t kNow = 100'000;

inline ValidatorIndex index(std::uint16_t value) { return ValidatorIndex{value}; }

inline NodeId node_of(std::size_t number) {
  NodeId out;
  out.bytes[0] = static_cast<std::uint8_t>(number + 1);
  return out;
}

inline Root root_of(std::uint8_t fill) {
  Root out;
  out.bytes.fill(fill);
  return out;
}

// Validator ada of four, in view 9 led by bea; everybody is linked and said so half a second ago.
// Work came 300 ms ago, the leader has offered nothing yet, the last block is 20 s old.
inline Situation a_standing_chain() {
  Situation s;
  s.now = MonoMs{kNow};
  s.is_validator = true;
  s.finalized_at = MonoMs{kNow - 20'000};
  s.status.tip.height = Height{70};
  s.status.waiting_transactions = 1;
  consensus::CoreStatus& core = s.status.consensus;
  core.own_index = index(0);
  core.quorum = 3;
  core.heard = 3;
  core.heard_needed = 2;
  core.heard_enough = true;
  core.view = View{9};
  core.leader = index(1);
  core.entered = MonoMs{kNow - 20'000};
  core.ready = MonoMs{kNow - 300};
  core.delay_ms = 500;
  core.leader_deadline = MonoMs{kNow + 700};
  core.view_deadline = MonoMs{kNow + 1'200};
  core.waiting = Waiting::Candidate;
  core.has_parent = true;
  core.seen.assign(4, View{8});
  core.views.push_back({.view = View{9},
                        .leader = index(1),
                        .candidate = std::nullopt,
                        .notarize = {},
                        .nullify = {},
                        .finalize = {}});
  const char* const names[] = {"ada", "bea", "cyd", "dov"};
  for (std::size_t i = 0; i < 4; ++i) {
    Member member{.name = names[i], .node = node_of(i), .own = i == 0, .linked = i != 0};
    if (i != 0) {
      member.said = PeerStatus{.at = MonoMs{kNow - 500},
                               .epoch = Epoch{},
                               .view = View{9},
                               .finalized = View{8},
                               .height = Height{70},
                               .votes = true};
    }
    s.members.push_back(member);
  }
  return s;
}

inline consensus::CoreStatus& core_of(Situation& s) { return s.status.consensus; }

// The candidate of view 9 is known.
inline Situation with_candidate() {
  Situation s = a_standing_chain();
  core_of(s).views.back().candidate =
      consensus::Candidate{.epoch = Epoch{}, .view = View{9}, .parent = View{8}, .digest = {}};
  core_of(s).views.back().notarize = {index(1)};
  core_of(s).bytes_here = true;
  core_of(s).parent_usable = true;
  core_of(s).waiting = Waiting::Notarization;
  return s;
}

inline void expect(const Situation& s, Stall stall, const std::string& sentence) {
  const Verdict verdict = diagnose(s);
  EXPECT_EQ(name(verdict.stall), name(stall)) << verdict.sentence;
  EXPECT_EQ(verdict.sentence, sentence);
  EXPECT_TRUE(verdict.remedy.ends_with('.')) << verdict.remedy;
}

}  // namespace salus::replica
