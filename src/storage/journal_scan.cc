// Owns: reading a journal folder, file by file and stage by stage.
#include "storage/journal_scan.h"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

namespace salus::storage {

namespace {

constexpr std::size_t kDigits = 10;

JournalError corrupt(const Path& path, const std::string& what) {
  return {JournalFault::Corrupt,
          "The journal file " + path.string() + " is damaged: " + what +
              ". Keep it for examination and check the disk; this validator observes until it is "
              "reseated."};
}

std::optional<std::uint64_t> file_number(const std::string& name) {
  if (name.size() != kDigits + kJournalSuffix.size() || !name.ends_with(kJournalSuffix))
    return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : name.substr(0, kDigits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

// The numbers of the files in `folder`, ascending; none when it does not exist.
Result<std::vector<std::uint64_t>, JournalError> list_files(const Path& folder) {
  std::vector<std::uint64_t> numbers;
  const auto names = list_folder(folder);
  if (!names && names.error().cause == ENOENT) return numbers;
  if (!names) return std::unexpected(disk_failed(names.error()));
  for (const std::string& name : *names) {
    if (const auto number = file_number(name)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Result<Bytes, JournalError> read_file(const Path& path, std::uint64_t count) {
  const auto file = File::open_to_read(path);
  if (!file) return std::unexpected(disk_failed(file.error()));
  auto bytes = file->read(0, count);
  if (!bytes) return std::unexpected(disk_failed(bytes.error()));
  return std::move(*bytes);
}

Result<void, JournalError> check_identity(const Path& path, const JournalHead& head,
                                          const JournalIdentity& identity) {
  if (head.chain_id != identity.chain_id) {
    return std::unexpected(JournalError{JournalFault::OtherChain,
                                        "The journal file " + path.string() + " is of chain " +
                                            head.chain_id.to_hex() + ", this node follows " +
                                            identity.chain_id.to_hex() +
                                            ". Give each chain a data folder of its own."});
  }
  if (head.epoch != identity.epoch) {
    return std::unexpected(JournalError{
        JournalFault::OtherEpoch,
        "The journal file " + path.string() + " is of epoch " + std::to_string(head.epoch.value()) +
            " and lies in the folder of epoch " + std::to_string(identity.epoch.value()) +
            ". Put files back where they were; none may be moved."});
  }
  return {};
}

// What all records so far say about own votes; each next stage must agree with it.
struct OwnVotes {
  Stage stage;
  consensus::Registers registers;

  // False for a stage that no correct run can have written after the ones before.
  bool take(Stage of_stage, const consensus::Subject& subject, bool first_of_stage) {
    if (first_of_stage ? of_stage <= stage : of_stage != stage) return false;
    if (!registers.holds(subject) && !consensus::may_vote(registers, subject)) return false;
    stage = of_stage;
    if (!registers.holds(subject)) registers.record(subject);
    return true;
  }
};

// Walks the files in order and stops at the first position that is not a whole stage.
class Scanner {
 public:
  Scanner(const Path& folder, const JournalIdentity& identity, LogPosition floor)
      : folder_(folder), identity_(identity), floor_(floor) {}

  Result<JournalScan, JournalError> run(const std::vector<std::uint64_t>& numbers) {
    for (const std::uint64_t number : numbers) {
      const Path path = journal_file_path(folder_, number);
      if (ended_) {
        scan_.leftovers.push_back(path);
        continue;
      }
      if (const auto taken = take(path, number); !taken) return std::unexpected(taken.error());
    }
    // An unreadable first file is no journal unless the guard knows of one.
    if (numbers.empty() || (scan_.files.empty() && floor_ == LogPosition{})) {
      return std::unexpected(missing());
    }
    if (scan_.files.empty())
      return std::unexpected(corrupt(folder_, "its first file is unreadable"));

    const LogPosition end = scan_.files.back().end_position();
    if (end < floor_) {
      return std::unexpected(corrupt(
          scan_.files.back().path, "whole records end at position " + std::to_string(end.value()) +
                                       ", but those before " + std::to_string(floor_.value()) +
                                       " were on the disk"));
    }
    scan_.stage = votes_.stage;
    scan_.registers = votes_.registers;
    return std::move(scan_);
  }

 private:
  JournalError missing() const {
    return {JournalFault::Missing, "There is no journal in " + folder_.string() + "."};
  }

  Result<void, JournalError> take(const Path& path, std::uint64_t number) {
    const auto page = read_file(path, kJournalPageBytes);
    if (!page) return std::unexpected(page.error());
    const auto head = decode_journal_head(*page);
    // Reserved and not begun, or begun in the moment of the crash: the records end before it.
    if (!head) {
      ended_ = true;
      scan_.leftovers.push_back(path);
      return {};
    }
    if (const auto same = check_identity(path, *head, identity_); !same) return same;
    if (head->file != number) return std::unexpected(corrupt(path, "it was renamed"));
    if (const auto linked = link(path, *head); !linked) return linked;
    if (ended_) {
      scan_.leftovers.push_back(path);
      return {};
    }
    scan_.files.push_back({path, *head, kJournalPageBytes});
    return scan_stages(scan_.files.back());
  }

  // The file continues the one before it.
  Result<void, JournalError> link(const Path& path, const JournalHead& head) {
    if (scan_.files.empty()) {
      votes_ = {head.stage, head.registers};
      return {};
    }
    const JournalFile& before = scan_.files.back();
    const LogPosition base{before.head.base.value() + before.head.file_bytes};
    if (head.file != before.head.file + 1 || head.base != base) {
      return std::unexpected(corrupt(path, "a file before it is gone"));
    }
    // Stages at the end of the file before are lost; the floor decides whether that matters.
    if (before.end_position() < head.previous_end) {
      ended_ = true;
      return {};
    }
    if (before.end_position() != head.previous_end || head.stage != votes_.stage ||
        head.registers != votes_.registers) {
      return std::unexpected(corrupt(path, "it does not continue the file before it"));
    }
    return {};
  }

  Result<void, JournalError> scan_stages(JournalFile& file) {
    const auto bytes = read_file(file.path, file.head.file_bytes);
    if (!bytes) return std::unexpected(bytes.error());
    while (file.end < bytes->size()) {
      std::vector<RecordView> records;
      const auto length =
          read_stage(ByteView{*bytes}.subspan(file.end),
                     [&records](const RecordView& record) { records.push_back(record); });
      if (!length) break;
      if (const auto taken = take_stage(file.path, records); !taken) return taken;
      file.end += (*length + kJournalPageBytes - 1) / kJournalPageBytes * kJournalPageBytes;
    }
    return {};
  }

  // The crc says that these are the bytes we wrote, so what does not fit is no torn write.
  Result<void, JournalError> take_stage(const Path& path, const std::vector<RecordView>& records) {
    bool voted = false;
    for (const RecordView& view : records) {
      const auto record =
          consensus::decode_payload(view.type, view.payload, identity_.chain_id, identity_.epoch);
      if (!record) {
        return std::unexpected(corrupt(path, std::string{consensus::sentence(record.error())}));
      }
      if (view.stage != records.front().stage) {
        return std::unexpected(corrupt(path, "one stage carries two numbers"));
      }
      const auto* vote = std::get_if<consensus::OwnVoteRecord>(&*record);
      if (vote == nullptr) continue;
      if (!votes_.take(view.stage, vote->subject, !voted)) {
        return std::unexpected(corrupt(path, "its votes contradict each other"));
      }
      voted = true;
    }
    return {};
  }

  const Path& folder_;
  const JournalIdentity& identity_;
  LogPosition floor_;
  OwnVotes votes_;
  JournalScan scan_;
  // The first position that is not a whole stage was passed.
  bool ended_ = false;
};

}  // namespace

JournalError disk_failed(const IoError& error) {
  return {JournalFault::DiskFailed, sentence(error)};
}

Path journal_file_path(const Path& folder, std::uint64_t file) {
  std::string digits = std::to_string(file);
  if (digits.size() < kDigits) digits.insert(0, kDigits - digits.size(), '0');
  return folder / (digits + std::string{kJournalSuffix});
}

Result<JournalScan, JournalError> scan_journal(const Path& folder, const JournalIdentity& identity,
                                               LogPosition floor) {
  const auto numbers = list_files(folder);
  if (!numbers) return std::unexpected(numbers.error());
  return Scanner{folder, identity, floor}.run(*numbers);
}

Result<void, JournalError> visit_records(const JournalFile& file, const JournalIdentity& identity,
                                         const RecordVisitor& visit) {
  const auto bytes = read_file(file.path, file.end);
  if (!bytes) return std::unexpected(bytes.error());
  std::uint64_t at = kJournalPageBytes;
  while (at < file.end) {
    std::vector<RecordView> records;
    const auto length =
        at < bytes->size()
            ? read_stage(
                  ByteView{*bytes}.subspan(at),
                  [&records](const RecordView& record) { records.push_back(record); })
            : std::nullopt;
    if (!length) return std::unexpected(corrupt(file.path, "it changed while the node runs"));
    for (const RecordView& view : records) {
      const auto record =
          consensus::decode_payload(view.type, view.payload, identity.chain_id, identity.epoch);
      if (!record) {
        return std::unexpected(
            corrupt(file.path, std::string{consensus::sentence(record.error())}));
      }
      if (const auto seen = visit(view.stage, *record); !seen) return seen;
    }
    at += (*length + kJournalPageBytes - 1) / kJournalPageBytes * kJournalPageBytes;
  }
  return {};
}

}  // namespace salus::storage
