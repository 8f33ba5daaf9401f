// Owns: a Store whose disk can fail on demand: after a failed write nobody knows what survived, so
// the test says whether the batch did (consensus.md, S5). Batches survive whole, as on RocksDB.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "storage/memory_store.h"

namespace salus::testing {

class FaultyStore final : public Store {
 public:
  enum class BatchSurvives : std::uint8_t { No, Yes };

  // The write after `more` further ones fails; its batch is on the disk or not.
  void fail_write_after(std::uint64_t more, BatchSurvives survives) {
    fail_at_ = writes_ + more;
    survives_ = survives;
  }
  // Space runs out for good: every write fails and nothing of it is kept.
  void fill_up() { full_ = true; }
  // The process ends: what a new one would find on the disk. Faults are forgotten.
  void restart() {
    fail_at_.reset();
    failed_ = false;
    full_ = false;
  }

  std::optional<std::string> get(std::string_view key) const override { return disk_.get(key); }
  void scan(std::string_view prefix, std::string_view from,
            const std::function<bool(std::string_view key, std::string_view value)>& visit)
      const override {
    disk_.scan(prefix, from, visit);
  }
  [[nodiscard]] Result<void, StoreError> write(const StoreBatch& batch) override {
    // A node that goes on after an error breaks S5; the store shows it.
    if (failed_ || full_) return std::unexpected(StoreError{"The faulty store failed before."});
    if (fail_at_ == writes_) {
      failed_ = true;
      if (survives_ == BatchSurvives::Yes) (void)disk_.write(batch);
      return std::unexpected(StoreError{"The faulty store fails this write."});
    }
    ++writes_;
    return disk_.write(batch);
  }

  std::unique_ptr<Store> snapshot() const { return disk_.snapshot(); }
  std::uint64_t writes() const { return writes_; }
  const storage::MemoryStore& disk() const { return disk_; }

 private:
  storage::MemoryStore disk_;
  std::uint64_t writes_ = 0;
  std::optional<std::uint64_t> fail_at_;
  BatchSurvives survives_ = BatchSurvives::No;
  bool failed_ = false;
  bool full_ = false;
};

}  // namespace salus::testing
