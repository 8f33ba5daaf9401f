// Owns: the widths of columns.
#include "apps/salus/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace salus::cli {

namespace {

bool is_number(std::string_view cell) {
  return cell.empty() || std::ranges::all_of(cell, [](char c) {
           return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '%' || c == ' ';
         });
}

// Columns on a screen, as fmt counts them when it pads: a letter may take several bytes, and two
// columns. Never more columns than bytes.
std::size_t width_of(const std::string& cell) {
  return 2 * cell.size() - fmt::formatted_size("{:<{}}", cell, cell.size());
}

}  // namespace

std::string Table::str(std::string_view when_empty) const {
  if (rows_.size() == 1) return std::string{when_empty} + "\n";
  const std::size_t columns = rows_.front().size();
  std::vector<std::size_t> widths(columns, 0);
  std::vector<bool> numbers(columns, true);
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      widths[c] = std::max(widths[c], width_of(rows_[r][c]));
      if (r > 0 && !is_number(rows_[r][c])) numbers[c] = false;
    }
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t c = 0; c < columns; ++c) {
      const std::string cell = numbers[c] ? fmt::format("{:>{}}", row[c], widths[c])
                                          : fmt::format("{:<{}}", row[c], widths[c]);
      line += c == 0 ? cell : "  " + cell;
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

std::string facts(const std::vector<std::pair<std::string, std::string>>& lines) {
  std::size_t width = 0;
  for (const auto& [name, value] : lines) width = std::max(width, width_of(name));
  std::string out;
  for (const auto& [name, value] : lines) out += fmt::format("  {:<{}}  {}\n", name, width, value);
  return out;
}

}  // namespace salus::cli
