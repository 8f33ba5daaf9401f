// Owns: what a real kill -9 leaves behind: no spoken vote is forgotten, and each synced batch of
// the ledger is whole.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <functional>
#include <random>
#include <thread>

#include "a_validator.h"
#include "storage/rocks_store.h"

namespace salus::storage {
namespace {

// Runs `work` in a child that is killed after `milliseconds`; answers with the last number that it
// reported as durable.
std::uint64_t last_reported_before_kill(int milliseconds,
                                        const std::function<void(int pipe)>& work) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    work(ends[1]);
    ::_exit(0);
  }
  ::close(ends[1]);
  std::uint64_t last = 0;
  std::uint64_t read = 0;
  // The first report says that the child is up; only then the clock runs.
  if (::read(ends[0], &read, sizeof read) == sizeof read) last = read;
  std::this_thread::sleep_for(std::chrono::milliseconds{milliseconds});
  ::kill(child, SIGKILL);
  while (::read(ends[0], &read, sizeof read) == sizeof read) last = read;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
  return last;
}

void report(int pipe, std::uint64_t number) {
  if (::write(pipe, &number, sizeof number) != sizeof number) ::_exit(3);
}

TEST(Kill, never_makes_a_validator_forget_a_spoken_vote) {
  constexpr std::uint64_t kSeed = 11;
  std::mt19937_64 random{kSeed};
  AValidator validator;
  std::uint64_t spoken = 0;
  for (int life = 0; life < 8; ++life) {
    const auto last =
        last_reported_before_kill(static_cast<int>(random() % 40), [&validator, spoken](int pipe) {
          auto node = validator.start();
          if (node.standing != Standing::MayVote) ::_exit(2);
          report(pipe, spoken);
          const auto voted = node.registers().notarize;
          for (std::uint64_t view = voted ? voted->view.value() + 1 : 1;; ++view) {
            validator.run(node, notarizes(view, "block", 300));
            report(pipe, view);
          }
        });
    EXPECT_GE(last, spoken);
    spoken = last;
    const auto node = validator.start();
    ASSERT_EQ(node.standing, Standing::MayVote) << node.why << " seed " << kSeed;
    if (spoken > 0) {
      ASSERT_TRUE(node.registers().notarize);
      EXPECT_GE(node.registers().notarize->view.value(), spoken) << "seed " << kSeed;
    }
  }
  EXPECT_GT(spoken, 0U);
}

TEST(Kill, keeps_each_synced_batch_of_the_ledger_whole) {
  constexpr std::uint64_t kSeed = 13;
  constexpr int kKeysPerBatch = 20;
  std::mt19937_64 random{kSeed};
  salus::testing::TempFolder temp;
  const Path path = temp / "ledger";
  const RocksOptions small{.block_cache_mib = 8, .write_buffer_mib = 1};
  std::uint64_t synced = 0;
  for (int life = 0; life < 5; ++life) {
    synced = last_reported_before_kill(static_cast<int>(random() % 60), [&, synced](int pipe) {
      auto store = RocksStore::open(path, small);
      if (!store) ::_exit(2);
      report(pipe, synced);
      const auto top = (*store)->get("height");
      for (std::uint64_t height = top ? std::stoull(*top) + 1 : 1;; ++height) {
        StoreBatch batch;
        batch.put("height", std::to_string(height));
        for (int key = 0; key < kKeysPerBatch; ++key) {
          batch.put("k" + std::to_string(key), std::to_string(height) + std::string(500, '.'));
        }
        if (!(*store)->write(batch)) ::_exit(4);
        report(pipe, height);
      }
    });
    const auto store = RocksStore::open(path, small);
    ASSERT_TRUE(store) << store.error().reason;
    const auto height = (*store)->get("height");
    if (synced == 0) continue;
    ASSERT_TRUE(height);
    EXPECT_GE(std::stoull(*height), synced) << "seed " << kSeed;
    for (int key = 0; key < kKeysPerBatch; ++key) {
      EXPECT_EQ((*store)->get("k" + std::to_string(key)), *height + std::string(500, '.'));
    }
  }
  EXPECT_GT(synced, 0U);
}

}  // namespace
}  // namespace salus::storage
