// Owns: `salus ledger` and the backups of `salus node`: what an operator does with a ledger on
// disk.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <thread>

#include "apps/salus/cli.h"
#include "apps/salus/ledger_view.h"
#include "apps/salus/operator_socket.h"
#include "apps/salus/spans.h"
#include "upkeep/archive.h"
#include "upkeep/export.h"

namespace salus::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kAskEvery{200};

[[noreturn]] void stop_for(const upkeep::Error& error) {
  switch (error.fault) {
    case upkeep::Fault::Damaged:
    case upkeep::Fault::BackupDamaged:
    case upkeep::Fault::NotABackup:
      throw Stop{Exit::Different, error.reason};
    case upkeep::Fault::NoLedger:
    case upkeep::Fault::Pruned:
      throw Stop{Exit::NotFound, error.reason};
    case upkeep::Fault::InUse:
    case upkeep::Fault::OtherChain:
    case upkeep::Fault::DiskFailed:
    case upkeep::Fault::Exists:
    case upkeep::Fault::Stopped:
      throw Stop{Exit::Refused, error.reason};
  }
  throw Stop{Exit::Refused, error.reason};
}

// One line that is written over, in a terminal only.
class ProgressLine {
 public:
  void show(const std::string& text) {
    if (isatty(STDERR_FILENO) == 0) return;
    fmt::print(stderr, "\r{:<78}", text);
    std::fflush(stderr);
    shown_ = true;
  }
  ~ProgressLine() {
    if (shown_) fmt::print(stderr, "\r{:<78}\r", "");
  }

 private:
  bool shown_ = false;
};

void back_up(Cli& cli, const std::string& folder) {
  v1::BackupRequest request;
  request.set_folder(fs::absolute(folder).lexically_normal().string());
  (void)ask_operator(cli.options, request);
  v1::BackupProgressResponse progress;
  {
    ProgressLine line;
    for (;;) {
      progress = ask_operator(cli.options, v1::BackupProgressRequest{});
      const bool ended = progress.stage() == v1::BACKUP_STAGE_DONE ||
                         progress.stage() == v1::BACKUP_STAGE_FAILED ||
                         progress.stage() == v1::BACKUP_STAGE_NONE;
      if (ended) break;
      line.show(fmt::format("backup: {} of {}", print_bytes(progress.bytes_done()),
                            print_bytes(progress.bytes_total())));
      std::this_thread::sleep_for(kAskEvery);
    }
  }
  if (progress.stage() == v1::BACKUP_STAGE_FAILED) {
    throw Stop{Exit::Refused, progress.failure()};
  }
  if (progress.stage() != v1::BACKUP_STAGE_DONE || progress.folder() != request.folder()) {
    throw Stop{Exit::Unreachable,
               "The node was started again meanwhile, so the backup was not finished. Remove " +
                   request.folder() + ", then ask again."};
  }
  cli.answer(progress, fmt::format("A backup of height {} is in {}.\n", progress.height(), folder) +
                           facts({{"state root", hex(as_bytes(progress.state_root()))},
                                  {"files", fmt::format("{}, {}", progress.files(),
                                                        print_bytes(progress.bytes_total()))}}) +
                           "It shares files with the node's disk: copy it to another one.\n"
                           "next: salus ledger verify " +
                           folder + "\n");
}

void restore(Cli& cli, const std::string& backup, const std::string& folder) {
  ProgressLine line;
  const auto manifest =
      upkeep::restore_backup(backup, folder, [&](const upkeep::BackupProgress& progress) {
        line.show(fmt::format(
            "{}: {} of {}",
            progress.stage == upkeep::BackupProgress::Stage::Hashing ? "checked" : "copied",
            print_bytes(progress.bytes_done), print_bytes(progress.bytes_total)));
        return true;
      });
  if (!manifest) stop_for(manifest.error());
  cli.answer(to_json(*manifest),
             fmt::format("The ledger of height {} is in {}.\n", manifest->height.value(), folder) +
                 print(*manifest) +
                 "Neither sign guard nor journal is in a backup: a validator observes after this, "
                 "and its log says how it votes again (salus validator reseat).\n"
                 "next: name this folder as node.data_dir, then start the node\n");
}

void verify(Cli& cli, const std::string& folder, const std::string& scratch,
            const std::string& archive, std::size_t threads) {
  std::optional<Result<upkeep::VerifyReport, upkeep::Error>> report;
  {
    ProgressLine line;
    report = upkeep::verify_ledger(folder,
                                   {.scratch = scratch,
                                    .archive = archive,
                                    .threads = threads,
                                    .on_progress = [&line](const upkeep::VerifyProgress& progress) {
                                      line.show(print(progress));
                                    }});
  }
  if (!*report) stop_for(report->error());
  cli.answer(to_json(**report), print(**report));
  if (!(*report)->is_right()) cli.exit = Exit::Different;
}

void write_archive(Cli& cli, const std::string& folder, const std::string& into,
                   std::uint64_t below) {
  ProgressLine line;
  const auto done = upkeep::archive_ledger(
      folder, into, below == 0 ? std::nullopt : std::optional{Height{below}},
      [&line](const upkeep::ArchiveFile& file) {
        line.show(fmt::format("archived up to height {}", file.name.last.value()));
      });
  if (!done) stop_for(done.error());
  cli.answer(upkeep::Json{{"files", done->files},
                          {"blocks", done->blocks},
                          {"next", std::to_string(done->next.value())}},
             fmt::format("{} blocks were written to {} files in {}; all below height {} that this "
                         "ledger holds is there.\n",
                         done->blocks, done->files, into, done->next.value()));
}

void import_archive(Cli& cli, const std::string& from, const std::string& folder) {
  ProgressLine line;
  const auto done = upkeep::import_into(folder, from, [&line](Height lowest) {
    line.show(fmt::format("putting back from height {} on", lowest.value()));
  });
  if (!done) stop_for(done.error());
  cli.answer(upkeep::Json{{"blocks", done->blocks},
                          {"lowest_block", std::to_string(done->block.value())},
                          {"lowest_results", std::to_string(done->results.value())}},
             fmt::format("{} blocks were verified and put back.\n", done->blocks) +
                 facts({{"lowest block", std::to_string(done->block.value())},
                        {"lowest results", std::to_string(done->results.value())}}));
}

void compare(Cli& cli, const std::string& first, const std::string& second) {
  const auto difference = upkeep::diff_ledgers(first, second);
  if (!difference) stop_for(difference.error());
  cli.answer(upkeep::to_json(*difference), print(*difference));
  if (difference->parting != upkeep::Parting::Nowhere) cli.exit = Exit::Different;
}

struct Export {
  std::string folder;
  std::string format = "jsonl";
  std::string table;
  std::uint64_t from = 1;
  std::uint64_t to = 0;
  std::string since;
  std::string until;
};

const std::map<std::string, upkeep::ExportTable, std::less<>> kTables = {
    {"history", upkeep::ExportTable::History},
    {"treasury", upkeep::ExportTable::Treasury},
    {"votes", upkeep::ExportTable::Votes},
    {"outcomes", upkeep::ExportTable::Outcomes},
    {"delegations", upkeep::ExportTable::Delegations},
};

std::optional<std::uint64_t> day_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  // Spans from now mean nothing to a history: only days and times are taken.
  const auto time = parse_time(text, 0);
  if (!time || text.starts_with('+')) {
    usage(fmt::format("{} is no day. Write one like 2026-01-31.", text));
  }
  return time;
}

upkeep::ExportWish wish_of(const Export& asked) {
  upkeep::ExportWish wish{.table = upkeep::ExportTable::History,
                          .form = upkeep::ExportForm::JsonLines,
                          .from = Height{asked.from},
                          .to = std::nullopt,
                          .since_ms = day_of(asked.since),
                          .until_ms = day_of(asked.until)};
  if (asked.format == "csv") wish.form = upkeep::ExportForm::Csv;
  if (asked.to != 0) wish.to = Height{asked.to};
  if (!asked.table.empty()) wish.table = kTables.at(asked.table);
  if (wish.form == upkeep::ExportForm::Csv && wish.table == upkeep::ExportTable::History) {
    usage(
        "The whole history has no columns. Say which table: --table treasury, votes, outcomes or "
        "delegations. Or take JSON lines: --format jsonl.");
  }
  return wish;
}

void write_out(const Export& asked) {
  const auto wish = wish_of(asked);
  const auto done = upkeep::export_ledger(asked.folder, wish, [](std::string_view line) {
    return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() &&
           std::fputc('\n', stdout) != EOF;
  });
  if (!done) stop_for(done.error());
  if (std::fflush(stdout) != 0) {
    throw Stop{Exit::Refused, "The export could not be written to its end. Check the disk."};
  }
  fmt::print(stderr, "{} blocks, {} lines\n", done->blocks, done->lines);
}

void add_backup_verbs(CLI::App& app, Cli& cli) {
  auto target = std::make_shared<std::string>();
  CLI::App* backup =
      verb(app, "node", "backup", "A running node writes its ledger into a new folder and goes on");
  backup->add_option("FOLDER", *target, "On the node's machine; must not exist")->required();
  backup->callback([&cli, target] { back_up(cli, *target); });

  auto from = std::make_shared<std::string>();
  auto into = std::make_shared<std::string>();
  CLI::App* restore_verb =
      verb(app, "node", "restore", "Check a backup and make a data folder of it, without a guard");
  restore_verb->add_option("BACKUP", *from, "A folder of salus node backup")->required();
  restore_verb->add_option("FOLDER", *into, "The data folder; must not exist")->required();
  restore_verb->callback([&cli, from, into] { restore(cli, *from, *into); });
}

void add_archive_verbs(CLI::App& app, Cli& cli) {
  auto from = std::make_shared<std::string>();
  auto into = std::make_shared<std::string>();
  auto below = std::make_shared<std::uint64_t>(0);
  CLI::App* out = verb(app, "ledger", "archive",
                       "Write all blocks that are not in an archive yet to files in it");
  out->add_option("FOLDER", *from, "A data folder of a stopped node, or a backup")->required();
  out->add_option("ARCHIVE", *into, "Folder of archive files; made if it is not there")->required();
  out->add_option("--below", *below, "First height that is left out; 0: none");
  out->callback([&cli, from, into, below] { write_archive(cli, *from, *into, *below); });

  auto source = std::make_shared<std::string>();
  auto folder = std::make_shared<std::string>();
  CLI::App* back = verb(app, "ledger", "import",
                        "Put pruned blocks back from an archive, each one verified before");
  back->add_option("ARCHIVE", *source, "Folder of archive files")->required();
  back->add_option("FOLDER", *folder, "Data folder of a stopped node")->required();
  back->callback([&cli, source, folder] { import_archive(cli, *source, *folder); });
}

}  // namespace

void add_ledger_verbs(CLI::App& app, Cli& cli) {
  add_backup_verbs(app, cli);
  add_archive_verbs(app, cli);

  auto folder = std::make_shared<std::string>();
  auto scratch = std::make_shared<std::string>();
  auto archive = std::make_shared<std::string>();
  auto threads = std::make_shared<std::size_t>(0);
  CLI::App* check = verb(app, "ledger", "verify",
                         "Check a whole ledger on disk, offline; exit code 7 at a difference");
  check->add_option("FOLDER", *folder, "A data folder of a stopped node, or a backup")->required();
  check->add_option("--scratch", *scratch, "Folder for intermediate data; absent: the system's");
  check->add_option("--archive", *archive,
                    "Folder of archive files with the blocks that the ledger lacks");
  check->add_option("--threads", *threads, "That check signatures; 0: one a core");
  check->callback([&cli, folder, scratch, archive, threads] {
    verify(cli, *folder, *scratch, *archive, *threads);
  });

  auto first = std::make_shared<std::string>();
  auto second = std::make_shared<std::string>();
  CLI::App* diff = verb(app, "ledger", "diff",
                        "Where two ledgers part, and in which records; exit code 7 if they do");
  diff->add_option("A", *first, "A data folder of a stopped node, or a backup")->required();
  diff->add_option("B", *second, "Another one")->required();
  diff->callback([&cli, first, second] { compare(cli, *first, *second); });

  auto asked = std::make_shared<Export>();
  CLI::App* exporting = verb(app, "ledger", "export",
                             "The history, or a table of it, as JSON lines or CSV, for a recount");
  exporting->add_option("FOLDER", asked->folder, "A data folder of a stopped node, or a backup")
      ->required();
  exporting->add_option("--format", asked->format, "jsonl or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}));
  exporting
      ->add_option("--table", asked->table,
                   "treasury, votes, outcomes, delegations, or the whole history (JSON lines only)")
      ->check(CLI::IsMember(kTables));
  exporting->add_option("--from", asked->from, "First height");
  exporting->add_option("--to", asked->to, "Last height; 0: the tip");
  exporting->add_option("--since", asked->since, "Only from this day on: 2026-01-31");
  exporting->add_option("--until", asked->until, "Only before this day");
  exporting->callback([asked] { write_out(*asked); });
}

}  // namespace salus::cli
