// Owns: the lines and their sums.
#include "apps/salus/money_words.h"

#include <fmt/format.h>

#include "apps/salus/words.h"
#include "base/bytes.h"

namespace salus::cli {

std::string csv_line(const v1::FundEntry& entry) {
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}", print_time(entry.at_ms()),
                     entry.height(), entry.fund(), entry.asset(), entry.number(),
                     print_enum(v1::FundEntryKind_Name(entry.kind()), "FUND_ENTRY_KIND_"),
                     entry.ref(), entry.in(), entry.out(), entry.balance(),
                     hex(as_bytes(entry.account())), entry.category(),
                     hex(as_bytes(entry.origin())));
}

void LedgerSums::add(const v1::FundEntry& entry) {
  // The first line of a window begins where the ones before it ended.
  const std::uint64_t before = lines_ == 0 ? entry.balance() + entry.out() - entry.in() : balance_;
  if (before + entry.in() - entry.out() != entry.balance() && !broken_line_) {
    broken_line_ = entry.number();
  }
  in_ += entry.in();
  out_ += entry.out();
  balance_ = entry.balance();
  ++lines_;
}

std::optional<std::string> LedgerSums::contradiction(const v1::FundLedgerResponse& ledger,
                                                     bool whole) const {
  if (broken_line_) {
    return fmt::format("movement {} does not follow from the one before it.", *broken_line_);
  }
  if (!whole) return std::nullopt;
  if (lines_ != ledger.totals().entries()) {
    return fmt::format("{} movements came, {} are on record.", lines_, ledger.totals().entries());
  }
  if (in_ - out_ != ledger.balance()) {
    return fmt::format("in {} less out {} is not the balance {} (G-9.3).", in_, out_,
                       ledger.balance());
  }
  return std::nullopt;
}

std::string csv_trailer(std::uint32_t fund, std::uint32_t asset, const LedgerSums& sums) {
  return fmt::format("sum,,{},{},{},,,{},{},{},,,", fund, asset, sums.lines(), sums.in(),
                     sums.out(), sums.balance());
}

}  // namespace salus::cli
