// Owns: aligned columns for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace salus::cli {

class Table {
 public:
  explicit Table(std::vector<std::string> head) : rows_{std::move(head)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  // Columns two spaces apart; those whose every cell is a number are aligned to the right. An empty
  // table says so.
  std::string str(std::string_view when_empty) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// `name   value` lines, aligned.
std::string facts(const std::vector<std::pair<std::string, std::string>>& lines);

}  // namespace salus::cli
