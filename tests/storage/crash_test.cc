// Owns: guard_survives_power_cut (consensus.md, section 15): whatever subset of unsynced sectors of
// journal and guard reaches the disk, a start never comes back with less than what was spoken, and
// never takes one crash for amnesia.
#include <gtest/gtest.h>

#include <random>

#include "a_validator.h"
#include "support/faulty_log.h"

namespace salus::storage {
namespace {

using salus::testing::kSectorBytes;

struct Sector {
  std::string file;
  std::size_t at;
};

// Where two states of the disk differ. A file that is new reads as zeros before.
std::vector<Sector> differences(const Disk& before, const Disk& after) {
  std::vector<Sector> out;
  for (const auto& [name, bytes] : after) {
    const auto old = before.find(name);
    for (std::size_t at = 0; at < bytes.size(); at += kSectorBytes) {
      const std::size_t count = std::min(kSectorBytes, bytes.size() - at);
      const Bytes now(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                      bytes.begin() + static_cast<std::ptrdiff_t>(at + count));
      Bytes then(count);
      if (old != before.end() && at + count <= old->second.size()) {
        std::copy_n(old->second.begin() + static_cast<std::ptrdiff_t>(at), count, then.begin());
      }
      if (then != now) out.push_back({name, at});
    }
  }
  return out;
}

// `before` with those sectors of `after` whose bit is set.
Disk mix(const Disk& before, const Disk& after, const std::vector<Sector>& sectors,
         std::uint64_t survivors) {
  Disk disk = before;
  for (const auto& [name, bytes] : after) disk[name].resize(bytes.size());
  for (std::size_t i = 0; i < sectors.size(); ++i) {
    if ((survivors >> i & 1U) == 0) continue;
    const Bytes& from = after.at(sectors[i].file);
    const std::size_t count = std::min(kSectorBytes, from.size() - sectors[i].at);
    const auto at = static_cast<std::ptrdiff_t>(sectors[i].at);
    std::copy_n(from.begin() + at, count, disk[sectors[i].file].begin() + at);
  }
  return disk;
}

// All subsets when they are few, else a sample that includes none, all and each one alone.
std::vector<std::uint64_t> subsets(std::size_t sectors) {
  std::vector<std::uint64_t> out;
  if (sectors <= 6) {
    for (std::uint64_t set = 0; set < (1ULL << sectors); ++set) out.push_back(set);
    return out;
  }
  constexpr std::uint64_t kSeed = 5;
  std::mt19937_64 random{kSeed};
  const std::uint64_t all = sectors >= 64 ? ~0ULL : (1ULL << sectors) - 1;
  out = {0, all};
  for (std::size_t i = 0; i < sectors && i < 64; ++i) out.push_back(1ULL << i);
  for (int i = 0; i < 40; ++i) out.push_back(random() & all);
  return out;
}

void expect_covers(const Recovered& node, const std::vector<consensus::Subject>& spoken) {
  EXPECT_EQ(node.standing, Standing::MayVote) << node.why;
  EXPECT_EQ(node.guard.stage(), node.journal.last_stage());
  EXPECT_EQ(node.guard.registers_in(Epoch{3}), node.registers());
  for (const auto& vote : spoken) {
    EXPECT_TRUE(node.registers().covers(vote))
        << "a vote of view " << vote.view().value() << " was spoken and forgotten";
  }
}

struct Life {
  const char* name;
  std::vector<Turn> turns;
};

// Cuts power in the last turn of `life`, and once more while the next start levels the files.
void cut_power_in_the_last_turn(const Life& life) {
  SCOPED_TRACE(life.name);
  AValidator validator;
  std::vector<consensus::Subject> spoken;
  std::vector<consensus::Subject> last;
  Disk before;
  {
    auto node = validator.start();
    for (const Turn& turn : life.turns) {
      spoken.insert(spoken.end(), last.begin(), last.end());
      before = read_disk(validator.folder.path());
      validator.run(node, turn);
      last = turn.votes;
    }
  }
  const Disk after = read_disk(validator.folder.path());
  const auto sectors = differences(before, after);
  ASSERT_FALSE(sectors.empty());
  const std::uint64_t all = (1ULL << sectors.size()) - 1;
  for (const std::uint64_t survivors : subsets(sectors.size())) {
    SCOPED_TRACE("survivors " + std::to_string(survivors));
    auto known = spoken;
    // With all of it on the disk the last votes may have been spoken too.
    if (survivors == all) known.insert(known.end(), last.begin(), last.end());
    const Disk crashed = mix(before, after, sectors, survivors);
    write_disk(validator.folder.path(), crashed);
    {
      expect_covers(validator.start(), known);
    }

    const Disk levelled = read_disk(validator.folder.path());
    const auto again = differences(crashed, levelled);
    for (const std::uint64_t second : subsets(std::min<std::size_t>(again.size(), 4))) {
      SCOPED_TRACE("survivors of the second crash " + std::to_string(second));
      write_disk(validator.folder.path(), mix(crashed, levelled, again, second));
      expect_covers(validator.start(), known);
    }
  }
}

TEST(PowerCut, guard_survives_power_cut) {
  const Turn both{{consensus::notarize(a_candidate(3)), consensus::nullify(Epoch{3}, View{3})}, 0};
  const Life kLives[] = {
      {"first vote ever", {notarizes(1)}},
      {"first vote ever, a block over sectors", {notarizes(1, "A", 1'200)}},
      {"finalize after notarize", {notarizes(1), finalizes(1)}},
      {"nullify after notarize", {notarizes(1), nullifies(1)}},
      {"notarize after nullify", {nullifies(1), notarizes(1, "A", 900)}},
      {"several votes before", {notarizes(1), finalizes(1), notarizes(2), nullifies(2), both}},
      {"a block of two pages", {notarizes(1), notarizes(2, "B", 5'000)}},
  };
  for (const Life& life : kLives) cut_power_in_the_last_turn(life);
}

TEST(PowerCut, on_the_change_of_files_loses_nothing) {
  // 15 stages fill a file of 64 KiB; the 16th begins the next one.
  Life life{"sixteenth stage", {}};
  for (std::uint64_t view = 1; view <= 16; ++view) life.turns.push_back(notarizes(view));
  cut_power_in_the_last_turn(life);
}

TEST(PowerCut, in_a_new_epoch_keeps_it_voting) {
  AValidator validator;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
  }
  validator.epoch = Epoch{4};
  Disk before;
  const Turn turn{{consensus::nullify(Epoch{4}, View{1})}, 0};
  {
    auto node = validator.start();
    before = read_disk(validator.folder.path());
    validator.run(node, turn);
  }
  const Disk after = read_disk(validator.folder.path());
  const auto sectors = differences(before, after);
  for (const std::uint64_t survivors : subsets(sectors.size())) {
    write_disk(validator.folder.path(), mix(before, after, sectors, survivors));
    const auto node = validator.start();
    EXPECT_EQ(node.standing, Standing::MayVote) << node.why;
    EXPECT_EQ(node.guard.stage(), node.journal.last_stage());
  }
}

// What a start may not forget is more than votes: a certificate whose stage was synced stays (S2).
TEST(PowerCut, keeps_stages_without_votes_that_were_synced) {
  AValidator validator;
  Disk before;
  {
    auto node = validator.start();
    validator.run(node, notarizes(1));
    ASSERT_TRUE(node.journal.append_and_sync(quiet_stage(Stage{1}, 7)));
    before = read_disk(validator.folder.path());
    validator.run(node, finalizes(1));
  }
  const Disk after = read_disk(validator.folder.path());
  const auto sectors = differences(before, after);
  for (const std::uint64_t survivors : subsets(sectors.size())) {
    write_disk(validator.folder.path(), mix(before, after, sectors, survivors));
    const auto node = validator.start();
    int quiet = 0;
    ASSERT_TRUE(node.journal.replay([&quiet](Stage, const consensus::Record& record) {
      if (std::holds_alternative<consensus::HaltRecord>(record)) ++quiet;
      return Result<void, JournalError>{};
    }));
    EXPECT_EQ(quiet, 1) << survivors;
  }
}

}  // namespace
}  // namespace salus::storage
