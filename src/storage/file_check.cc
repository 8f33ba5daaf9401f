// Owns: which files make up a database, and how each kind is checked.
#include "storage/file_check.h"

#include <rocksdb/db.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <optional>

#include "storage/log_check.h"

namespace salus::storage {

namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20U;

std::string text_of(const IoError& error) {
  char buffer[128] = {};
  return error.what + ": " + ::strerror_r(error.cause, buffer, sizeof buffer);
}

// RocksDB writes its own log into the folder even when it only reads.
class NoInfoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

class Checker {
 public:
  Checker(const Path& folder, const std::function<void(const FileCheckProgress&)>& on_progress)
      : folder_(folder), on_progress_(on_progress) {}

  std::vector<FileFault> run() {
    const auto names = list_folder(folder_);
    if (!names) {
      fault(folder_, text_of(names.error()));
      return std::move(faults_);
    }
    std::vector<Path> logs;
    std::vector<Path> tables;
    for (const std::string& name : *names) {
      if (name.ends_with(".log")) logs.push_back(folder_ / name);
      if (name.ends_with(".sst")) tables.push_back(folder_ / name);
    }
    progress_.files = 2 + logs.size() + tables.size();
    const auto manifest = check_current();
    done(0);
    if (manifest) check_log_of(*manifest, "record");
    done(0);
    for (const Path& log : logs) {
      check_log_of(log, "batch");
      done(0);
    }
    const bool is_listed = manifest && read_manifest();
    for (const Path& table : tables) {
      // A process that was killed while it wrote one left it: no part of the database, and RocksDB
      // removes it when it opens the folder.
      const bool is_left_over = is_listed && !live_.contains(table.filename().string());
      is_left_over ? done(0) : check_table(table);
    }
    for (const auto& [name, live] : live_) fault(folder_ / name, "is missing");
    if (!unopened_.empty()) fault(folder_, "cannot be opened: " + unopened_);
    return std::move(faults_);
  }

 private:
  struct Live {
    std::uint64_t bytes = 0;
    // Empty in a file that was written without one.
    std::string checksum;
  };

  void fault(const Path& path, std::string what, bool may_be_torn = false) {
    faults_.push_back({path, std::move(what), may_be_torn});
  }
  void done(std::uint64_t bytes) {
    ++progress_.files_done;
    progress_.bytes_done += bytes;
    on_progress_(progress_);
  }

  // `MANIFEST-<digits>` and a line feed, which names a file that is there.
  std::optional<Path> check_current() {
    const Path current = folder_ / "CURRENT";
    const auto file = File::open_to_read(current);
    if (!file) return fault(current, text_of(file.error())), std::nullopt;
    const auto bytes = file->read(0, 128);
    if (!bytes) return fault(current, text_of(bytes.error())), std::nullopt;
    std::string name{as_chars(*bytes)};
    const std::string_view prefix = "MANIFEST-";
    const bool is_name = name.size() > prefix.size() + 1 && name.starts_with(prefix) &&
                         name.ends_with('\n') &&
                         std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()),
                                     name.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
    if (!is_name) return fault(current, "is damaged: it names no MANIFEST"), std::nullopt;
    name.pop_back();
    if (!is_there(folder_ / name)) {
      return fault(current, "is damaged, or the file is missing that it names: " + name),
             std::nullopt;
    }
    return folder_ / name;
  }

  void check_log_of(const Path& path, const std::string& unit) {
    const auto check = check_log_file(path);
    if (!check) return fault(path, text_of(check.error()));
    if (check->is_whole()) return;
    const std::string place = std::to_string(*check->bad_at);
    if (check->is_damaged()) return fault(path, "is damaged at byte " + place);
    fault(path, "ends in the middle of a " + unit + ", from byte " + place + " on", true);
  }

  // The tables that the MANIFEST names, with their checksums. False if it could not be read.
  bool read_manifest() {
    rocksdb::DBOptions options;
    options.info_log = std::make_shared<NoInfoLog>();
    options.max_open_files = 64;
    std::vector<std::string> names;
    auto status = rocksdb::DB::ListColumnFamilies(options, folder_.string(), &names);
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names) families.push_back({name, {}});
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    if (status.ok()) {
      status = rocksdb::DB::OpenForReadOnly(options, folder_.string(), families, &handles, &opened);
    }
    if (!status.ok()) {
      unopened_ = status.ToString();
      // RocksDB looks for a table under its old name last, and names that one.
      for (std::size_t at = 0; (at = unopened_.find(".ldb", at)) != std::string::npos;) {
        unopened_.replace(at, 4, ".sst");
      }
      return false;
    }
    const std::unique_ptr<rocksdb::DB> database{opened};
    std::vector<rocksdb::LiveFileMetaData> files;
    database->GetLiveFilesMetaData(&files);
    for (const auto& file : files) {
      const bool knows_checksum =
          file.file_checksum_func_name == rocksdb::kStandardDbFileChecksumFuncName;
      live_.emplace(file.relative_filename,
                    Live{file.size, knows_checksum ? file.file_checksum : std::string{}});
    }
    for (auto* handle : handles) database->DestroyColumnFamilyHandle(handle);
    return true;
  }

  void check_table(const Path& path) {
    const auto found = live_.find(path.filename().string());
    Live live;
    if (found != live_.end()) {
      live = found->second;
      live_.erase(found);
    }
    if (live.checksum.empty()) {
      // Of a table without a checksum of the whole: those of its blocks.
      rocksdb::SstFileReader reader{rocksdb::Options{}};
      auto status = reader.Open(path.string());
      if (status.ok()) status = reader.VerifyChecksum();
      if (!status.ok()) fault(path, "is damaged (" + status.ToString() + ")");
      return done(0);
    }
    std::uint64_t bytes = 0;
    const auto checksum = checksum_of(path, bytes);
    if (!checksum) {
      fault(path, text_of(checksum.error()));
    } else if (bytes != live.bytes) {
      fault(path, "is damaged: it has " + std::to_string(bytes) + " bytes instead of " +
                      std::to_string(live.bytes));
    } else if (*checksum != live.checksum) {
      fault(path, "is damaged: its checksum is not the one in the MANIFEST");
    }
    done(bytes);
  }

  static Result<std::string, IoError> checksum_of(const Path& path, std::uint64_t& bytes) {
    const auto file = File::open_to_read(path);
    if (!file) return std::unexpected(file.error());
    const auto generator =
        rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({});
    for (;;) {
      const auto piece = file->read(bytes, kPieceBytes);
      if (!piece) return std::unexpected(piece.error());
      const std::string_view chars = as_chars(*piece);
      generator->Update(chars.data(), chars.size());
      bytes += piece->size();
      if (piece->size() < kPieceBytes) break;
    }
    generator->Finalize();
    return generator->GetChecksum();
  }

  Path folder_;
  const std::function<void(const FileCheckProgress&)>& on_progress_;
  FileCheckProgress progress_;
  std::vector<FileFault> faults_;
  // By name, those that were not checked yet.
  std::map<std::string, Live> live_;
  // Why the tables could not be listed.
  std::string unopened_;
};

}  // namespace

std::vector<FileFault> check_database_files(
    const Path& folder, const std::function<void(const FileCheckProgress&)>& on_progress) {
  return Checker{folder, on_progress}.run();
}

}  // namespace salus::storage
