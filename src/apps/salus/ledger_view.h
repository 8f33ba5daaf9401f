// Owns: what a verification, a comparison and a backup say to people.
#pragma once

#include <string>

#include "upkeep/backup.h"
#include "upkeep/diff.h"
#include "upkeep/verify.h"

namespace salus::cli {

std::string print(const upkeep::VerifyReport& report);
upkeep::Json to_json(const upkeep::VerifyReport& report);
std::string print(const upkeep::LedgerDifference& difference);
std::string print(const upkeep::BackupManifest& manifest);
upkeep::Json to_json(const upkeep::BackupManifest& manifest);
// One line of progress, for a terminal.
std::string print(const upkeep::VerifyProgress& progress);
std::string print_bytes(std::uint64_t bytes);

}  // namespace salus::cli
