// Owns: the export of a fund's ledger as CSV (governance.md, section 9): amounts in base units, and
// a trailer with their sums. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "salus/v1/money_queries.pb.h"

namespace salus::cli {

inline constexpr std::string_view kCsvHead =
    "time,height,fund,asset,number,kind,ref,in,out,balance,account,category,origin";

std::string csv_line(const v1::FundEntry& entry);

// What lines add up to.
class LedgerSums {
 public:
  void add(const v1::FundEntry& entry);

  std::uint64_t in() const { return in_; }
  std::uint64_t out() const { return out_; }
  std::uint64_t balance() const { return balance_; }
  std::uint64_t lines() const { return lines_; }

  // What does not fit together, in a sentence: a line to the one before it, or the sums of a whole
  // ledger to the totals and the balance that the chain has.
  std::optional<std::string> contradiction(const v1::FundLedgerResponse& ledger, bool whole) const;

 private:
  std::uint64_t in_ = 0;
  std::uint64_t out_ = 0;
  std::uint64_t balance_ = 0;
  std::uint64_t lines_ = 0;
  std::optional<std::uint64_t> broken_line_;
};

std::string csv_trailer(std::uint32_t fund, std::uint32_t asset, const LedgerSums& sums);

}  // namespace salus::cli
