// Owns: each rule that a vote needs is needed: with any one of them broken, the small world or the
// simulated one shows it. The table that is printed names, for each rule, what was seen and after
// how much. A mutant runs in a process of its own, since it may run into an assertion.
#include "explore/mutation.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>

#include "consensus/traitor.h"
#include "explore/explorer.h"
#include "explore/guard.h"

namespace salus::consensus::explore {
namespace {

using mutation::Rule;

struct Mutant {
  Rule rule;
  const char* clause;
};

constexpr Mutant kMutants[] = {
    {Rule::NotarizeAboveLastNotarize, "C9 notarize: v > last notarize"},
    {Rule::NullifyAboveLastNullify, "C9 nullify: v > last nullify"},
    {Rule::NullifyAboveLastFinalize, "C9 nullify: v > last finalize"},
    {Rule::FinalizeAboveLastFinalize, "C9 finalize: v > last finalize"},
    {Rule::FinalizeAboveLastNullify, "C9 finalize: v > last nullify"},
    {Rule::NotarizeInCurrentView, "C9 notarize: v = v_cur"},
    {Rule::NotarizeOnlyTheLeadersCandidate, "C9 notarize: c is the candidate (C4)"},
    {Rule::NotarizeNotEquivocated, "C9 notarize: not equivocated (C6)"},
    {Rule::NotarizeOnUsableParent, "C9 notarize: parent usable (C26)"},
    {Rule::NotarizeOverNullifiedViews, "C9 notarize: views between nullified (C26)"},
    {Rule::NotarizeCheckedValid, "C9 notarize: check(c) = valid"},
    {Rule::NotarizeWithItsBytes, "S3 notarize and its bytes in one stage"},
    {Rule::NullifyInCurrentView, "C9 nullify: v = v_cur"},
    {Rule::NullifyTriggered, "C9 nullify: a trigger is latched (C10)"},
    {Rule::FinalizeNotarized, "C9 finalize: notarization(c) durable"},
    {Rule::FinalizeBytesDurable, "C9 finalize: bytes durable (C30)"},
    {Rule::FinalizeCertified, "C9 finalize: certify(c) = yes"},
    {Rule::FinalizeAboveFinal, "C9 finalize: v > v_f"},
    {Rule::FinalizeNotNullified, "C9 finalize: no nullification(v)"},
    {Rule::VotingModeOnly, "C9 mode voting"},
    {Rule::PeersHeardBeforeVote, "S13 q-1 others heard before the first vote"},
    {Rule::CertifyOnUsableParent, "C30 certify: parent usable"},
    {Rule::CertificateDurableBeforeEffect, "C15 a certificate is durable before it counts"},
    {Rule::OwnVoteDurableBeforeCount, "C13 an own vote is durable before it counts"},
    {Rule::VoteInJournal, "S1 a vote is in the journal and the guard"},
    {Rule::RegistersSurviveRestart, "S9 a restart remembers its votes"},
    {Rule::RecoveredNotarizeNeedsBytes, "C13 a recovered notarize waits for its bytes"},
    {Rule::QuorumSize, "C14 q = n - f"},
    {Rule::QuorumOfEqualVotes, "C14 q equal votes"},
    {Rule::ViewByCertificateOnly, "C2 no timer moves v_cur"},
};

// Small ones first: most rules show in the first few thousand steps of one of these.
std::vector<Setup> setups() {
  std::vector<Setup> all;
  all.push_back({.name = "4 correct", .views = 2});
  all.push_back({.name = "traitor leads 1",
                 .views = 2,
                 .traitor = 1,
                 .traitor_blocks = {{1, 0, 0, 0}, {1, 0, 0, 1}}});
  all.push_back({.name = "traitor leads 2",
                 .views = 2,
                 .traitor = 2,
                 .traitor_blocks = {{2, 0, 0, 0}, {2, 1, 1, 0}, {2, 1, 0, 1}},
                 .early_candidates = true});
  all.push_back(
      {.name = "bytes apart", .views = 2, .habits = {.slow_disk = true, .bytes_apart = true}});
  all.push_back({.name = "one crash", .views = 2, .crasher = 1});
  all.push_back({.name = "vote by vote",
                 .views = 1,
                 .traitor = 1,
                 .traitor_blocks = {{1, 0, 0, 0}, {1, 0, 0, 1}},
                 .by_votes = true});
  all.push_back({.name = "votes of a traitor", .views = 2, .traitor = 0, .by_votes = true});
  all.push_back({.name = "stopped", .views = 1, .may_stop = true, .must_finish = false});
  return all;
}

struct Verdict {
  bool caught = false;
  std::string how;
};

// Some mutants never come to rest; what needs that long is not counted as caught.
constexpr unsigned kExploreSecondsMax = 120;
constexpr unsigned kSimulateSecondsMax = 5;

// What an assertion of the engine said; nullopt where the process ended in another way, which shows
// nothing of a rule.
std::optional<std::string> last_words(std::FILE* file) {
  std::string text(4'096, '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  const std::size_t begin = text.find("fatal: ");
  const std::size_t place = text.find(" at ", begin == std::string::npos ? 0 : begin);
  if (begin == std::string::npos || place == std::string::npos) return std::nullopt;
  if (text.find("/src/consensus/", place) == std::string::npos) return std::nullopt;
  return text.substr(begin + 7, text.find(" (", begin) - begin - 7);
}

// Runs `work` in a process of its own, which a mutant may crash or never leave.
Verdict in_own_process(unsigned seconds_max, const std::function<Verdict()>& work) {
  std::array<int, 2> pipe_ends{};
  EXPECT_EQ(pipe(pipe_ends.data()), 0);
  std::FILE* const words = std::tmpfile();
  EXPECT_NE(words, nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(fileno(words), STDERR_FILENO);
    alarm(seconds_max);
    const Verdict verdict = work();
    const std::string text = (verdict.caught ? "+" : "-") + verdict.how;
    const auto written = write(pipe_ends[1], text.data(), text.size());
    _exit(written > 0 ? 0 : 1);
  }
  close(pipe_ends[1]);
  std::string text;
  std::array<char, 512> part{};
  for (ssize_t got = 0; (got = read(pipe_ends[0], part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  const auto said = last_words(words);
  std::fclose(words);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) {
    if (said) return {true, "asserts: " + *said};
    return {false, "aborted, and not by an assertion of the engine"};
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
    return {false, fmt::format("no end in {} s", seconds_max)};
  }
  if (text.empty()) return {false, fmt::format("the process ended badly, status {}", status)};
  return {text.front() == '+', text.substr(1)};
}

std::optional<Verdict> explore_setups(std::uint64_t& steps, bool in_order) {
  for (Setup setup : setups()) {
    setup.walks = in_order ? 0 : 1'000;
    setup.must_finish = setup.must_finish && !in_order;
    setup.states_max = in_order ? 200'000 : 0;
    setup.validator_states_max = 3'000;
    const Outcome outcome = Explorer{setup}.run();
    steps += outcome.states + outcome.walk_steps;
    if (!outcome.finding) continue;
    return Verdict{true, fmt::format("{} | {}, {} | {} states", outcome.finding->rule, setup.name,
                                     in_order ? "in order" : "at random", steps)};
  }
  return std::nullopt;
}

// At random first, which finds most in a moment; then the guard alone; then in order.
Verdict explore() {
  std::uint64_t steps = 0;
  if (const auto found = explore_setups(steps, /*in_order=*/false)) return *found;
  const GuardOutcome guard = offer_every_order_of_votes();
  steps += guard.states;
  if (!guard.broken.empty()) return {true, fmt::format("{} | {} states", guard.broken, steps)};
  if (const auto found = explore_setups(steps, /*in_order=*/true)) return *found;
  return {false, fmt::format("not in {} states", steps)};
}

// Five seconds of loss, repeats, slow disks, crashes and one traitor; then calm.
bool storm_breaks_something(std::uint64_t seed) {
  const auto failures = [] {
    return ::testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count();
  };
  const int failures_before = failures();
  std::mt19937_64 random{seed};
  testing::ClusterOptions options;
  options.seed = seed;
  options.parameters.delta_ms = 60;
  options.parameters.retry_ms = 200;
  options.parameters.standstill_ms = 1'000;
  options.parameters.fetch_ms = 100;
  options.faults = {.delay_ms_min = 1,
                    .delay_ms_max = 1 + random() % 120,
                    .lost = static_cast<std::uint32_t>(random() % 200),
                    .repeated = static_cast<std::uint32_t>(random() % 300),
                    .sync_ms_min = 0,
                    .sync_ms_max = random() % 40,
                    .check_ms_max = random() % 100};
  options.under_load = true;
  testing::Cluster cluster{options};
  testing::Traitor traitor{cluster, 0, random()};
  const auto start_everyone = [&] {
    for (std::uint16_t i = 1; i < 4; ++i) cluster.start(i);
  };
  start_everyone();
  traitor.begin(60);
  for (int round = 0; round < 12; ++round) {
    cluster.run_for(50 + random() % 700);
    if (random() % 2 == 0) {
      cluster.crash(static_cast<std::uint16_t>(1 + random() % 3));
    } else {
      start_everyone();
    }
  }
  return !cluster.violations().empty() || failures() > failures_before;
}

Verdict simulate() {
  constexpr std::uint64_t kSeeds = 12;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    if (storm_breaks_something(seed)) return {true, fmt::format("seed {}", seed)};
  }
  return {false, fmt::format("not in {} seeds", kSeeds)};
}

TEST(Mutation, the_engine_with_every_rule_in_force_shows_nothing) {
  ASSERT_EQ(mutation::broken_rule, Rule::None);
  constexpr unsigned kSecondsMax = 240;
  const Verdict explored = in_own_process(kSecondsMax, explore);
  const Verdict simulated = in_own_process(kSecondsMax, simulate);
  EXPECT_TRUE(explored.how.starts_with("not in") && simulated.how.starts_with("not in"));
  EXPECT_FALSE(explored.caught) << explored.how;
  EXPECT_FALSE(simulated.caught) << simulated.how;
}

TEST(Mutation, every_broken_rule_is_caught) {
  fmt::print("{:<46} {:<26} {}\n", "rule that is broken", "simulator", "explorer");
  for (const Mutant& mutant : kMutants) {
    mutation::broken_rule = mutant.rule;
    const Verdict explored = in_own_process(kExploreSecondsMax, explore);
    const Verdict simulated = in_own_process(kSimulateSecondsMax, simulate);
    mutation::broken_rule = Rule::None;
    fmt::print("{:<46} {:<26} {}\n", mutant.clause, simulated.how, explored.how);
    std::fflush(stdout);
    EXPECT_TRUE(explored.caught || simulated.caught) << mutant.clause << " can be broken unseen";
  }
}

}  // namespace
}  // namespace salus::consensus::explore
