// Owns: proof that no order of transactions of all modules breaks an invariant (issue "Must hold"),
// and that such lives are whole: every kind of action is drawn, and every one is applied.
// SALUS_STEPS says how many transactions, SALUS_SEED which lives, SALUS_LIFE how many each; a
// million a release.
#include "support/lives/life.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iomanip>
#include <iostream>

namespace salus::dao::lives {
namespace {

constexpr std::uint64_t kStepsOfCi = 15'000;
constexpr std::uint64_t kFirstSeed = 1;
// Long enough for everything to come to its end, short enough that looking at the whole state after
// each block stays cheap.
constexpr std::uint64_t kStepsOfALife = 1'000;

std::uint64_t number_of(const char* variable, std::uint64_t standard) {
  const char* given = std::getenv(variable);
  return given == nullptr ? standard : std::stoull(given);
}

std::string name_of(v1::Action::KindCase kind) {
  return v1::Action::descriptor()->FindFieldByNumber(static_cast<int>(kind))->name();
}

void print(const std::map<v1::Action::KindCase, Count>& counts) {
  std::cout << std::left << std::setw(24) << "action" << std::right << std::setw(10) << "drawn"
            << std::setw(10) << "accepted" << std::setw(10) << "refused" << std::setw(10)
            << "proposed" << std::setw(10) << "executed" << "\n";
  for (const auto& [kind, count] : counts) {
    std::cout << std::left << std::setw(24) << name_of(kind) << std::right << std::setw(10)
              << count.drawn << std::setw(10) << count.accepted << std::setw(10)
              << count.drawn - count.accepted << std::setw(10) << count.proposed << std::setw(10)
              << count.executed << "\n";
  }
}

void print(const char* title, const std::map<std::string, std::uint64_t>& times) {
  std::cout << title;
  for (const auto& [what, count] : times) std::cout << " " << what << " " << count;
  std::cout << "\n";
}

// What happened in all lives together.
struct Sums {
  std::map<v1::Action::KindCase, Count> counts;
  std::map<std::string, std::uint64_t> refusals;
  std::map<std::string, std::uint64_t> ends;
  std::uint64_t blocks = 0;

  void add(const Life& life) {
    for (const auto& [kind, count] : life.counts()) {
      Count& sum = counts[kind];
      sum.drawn += count.drawn;
      sum.accepted += count.accepted;
      sum.proposed += count.proposed;
      sum.executed += count.executed;
    }
    for (const auto& [error, times] : life.refusals()) refusals[error] += times;
    for (const auto& [end, times] : life.ends()) ends[end] += times;
    blocks += life.blocks();
  }

  // Kinds of actions, by the proto itself, that were never applied. None is excused.
  std::vector<std::string> missing() const {
    std::vector<std::string> names;
    const google::protobuf::OneofDescriptor& kinds = *v1::Action::descriptor()->oneof_decl(0);
    for (int i = 0; i < kinds.field_count(); ++i) {
      const auto kind = static_cast<v1::Action::KindCase>(kinds.field(i)->number());
      const auto count = counts.find(kind);
      if (count == counts.end() || !count->second.happened()) names.push_back(name_of(kind));
    }
    return names;
  }
};

TEST(Lives, keep_every_invariant_whatever_people_do) {
  const std::uint64_t steps = number_of("SALUS_STEPS", kStepsOfCi);
  const std::uint64_t first = number_of("SALUS_SEED", kFirstSeed);
  const std::uint64_t life_steps = number_of("SALUS_LIFE", kStepsOfALife);
  Sums sums;
  std::uint64_t done = 0;
  // Of so many transactions everything is expected; what chance left out may still come.
  const bool is_whole = steps >= kStepsOfCi;
  const std::uint64_t most = is_whole ? steps + 4 * kStepsOfCi : steps;
  for (std::uint64_t seed = first; done < steps || (done < most && !sums.missing().empty());
       ++seed) {
    const std::uint64_t span = std::min(life_steps, most - done);
    Life life(seed);
    life.live(span);
    done += span;
    sums.add(life);
    for (const std::string& broken : life.broken()) ADD_FAILURE() << broken;
    if (HasFailure()) {
      FAIL() << "replay: SALUS_SEED=" << seed << " SALUS_STEPS=" << span << " SALUS_LIFE=" << span
             << " build/dev/bin/life_test --gtest_filter='Lives.keep*'";
    }
  }
  print(sums.counts);
  print("refused:", sums.refusals);
  print("proposals:", sums.ends);
  std::cout << done << " transactions in " << sums.blocks << " blocks\n";
  if (!is_whole) return;
  for (const std::string& kind : sums.missing()) ADD_FAILURE() << kind << " never applied";
  for (const char* end : {"EXECUTED", "REJECTED", "VETOED", "LAPSED", "CANCELLED", "EXPIRED"}) {
    EXPECT_GT(sums.ends[end], 0U) << end;
  }
}

TEST(Lives, are_the_same_when_they_are_lived_again) {
  Life life(kFirstSeed);
  life.live(600);
  Life again(kFirstSeed);
  again.live(600);
  EXPECT_TRUE(life.broken().empty());
  EXPECT_EQ(life.root(), again.root());
  EXPECT_EQ(life.refusals(), again.refusals());
}

}  // namespace
}  // namespace salus::dao::lives
