// Owns: power cuts at the last turn of a life: `before` with any subset of the sectors that the
// turn wrote, and once more while the next start levels journal and guard (S7 to S9).
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "storage/a_validator.h"
#include "support/faulty_log.h"

namespace salus::storage {

using salus::testing::kSectorBytes;

struct Sector {
  std::string file;
  std::size_t at;
};

// Where two states of the disk differ. A file that is new reads as zeros before.
inline std::vector<Sector> differences(const Disk& before, const Disk& after) {
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
inline Disk mix(const Disk& before, const Disk& after, const std::vector<Sector>& sectors,
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
inline std::vector<std::uint64_t> subsets(std::size_t sectors) {
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

inline void expect_covers(const Recovered& node, const std::vector<consensus::Subject>& spoken) {
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
inline void cut_power_in_the_last_turn(const Life& life) {
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

}  // namespace salus::storage
