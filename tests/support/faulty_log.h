// Owns: a Log in memory that forgets what was not synced, sector by sector, and fails on demand.
// What survives is read back with the journal's own rule: whole stages up to the first that is not
// (S7).
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/seams/log.h"
#include "storage/journal_format.h"

namespace salus::testing {

inline constexpr std::size_t kSectorBytes = 512;

class FaultyLog final : public Log {
 public:
  // Says of each sector of a lost stage, by its number in the stage, whether it survives.
  using Survives = std::function<bool(std::size_t sector)>;

  // The append after `more` further ones loses power: of its sectors only some reach the disk, and
  // the append answers with an error.
  void lose_power_after(std::uint64_t more, Survives survives) {
    fail_at_ = appends_ + more;
    survives_ = std::move(survives);
  }
  // The process starts again and reads the log: a torn end is cut off. Faults are forgotten.
  void restart() {
    disk_.resize(whole_end());
    durable_end_ = disk_.size();
    fail_at_.reset();
    failed_ = false;
  }

  LogPosition durable_end() const override { return LogPosition{durable_end_}; }
  [[nodiscard]] Result<void, LogError> append_and_sync(ByteView stage) override {
    if (failed_) return std::unexpected(LogError{"The faulty log failed before."});
    const std::size_t start = disk_.size();
    disk_.insert(disk_.end(), stage.begin(), stage.end());
    disk_.resize((disk_.size() + storage::kJournalPageBytes - 1) / storage::kJournalPageBytes *
                 storage::kJournalPageBytes);
    if (fail_at_ == appends_) {
      failed_ = true;
      lose_sectors_from(start);
      return std::unexpected(LogError{"The faulty log fails this append."});
    }
    ++appends_;
    durable_end_ = disk_.size();
    return {};
  }

  // Every record that a start would read, in order.
  void replay(const std::function<void(const storage::RecordView&)>& visit) const {
    std::size_t at = 0;
    while (at < disk_.size()) {
      const auto length = storage::read_stage(ByteView{disk_}.subspan(at), visit);
      if (!length) return;
      at += pages(*length);
    }
  }
  std::uint64_t appends() const { return appends_; }

 private:
  static std::size_t pages(std::size_t bytes) {
    return (bytes + storage::kJournalPageBytes - 1) / storage::kJournalPageBytes *
           storage::kJournalPageBytes;
  }

  std::size_t whole_end() const {
    std::size_t at = 0;
    while (at < disk_.size()) {
      const auto length =
          storage::read_stage(ByteView{disk_}.subspan(at), [](const storage::RecordView&) {});
      if (!length) break;
      at += pages(*length);
    }
    return at;
  }

  void lose_sectors_from(std::size_t start) {
    for (std::size_t at = start; at < disk_.size(); at += kSectorBytes) {
      if (survives_ && survives_((at - start) / kSectorBytes)) continue;
      const auto sector = disk_.begin() + static_cast<std::ptrdiff_t>(at);
      std::fill(sector, sector + kSectorBytes, std::uint8_t{0});
    }
  }

  Bytes disk_;
  std::size_t durable_end_ = 0;
  std::uint64_t appends_ = 0;
  std::optional<std::uint64_t> fail_at_;
  Survives survives_;
  bool failed_ = false;
};

}  // namespace salus::testing
