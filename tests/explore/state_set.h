// Owns: the set of world states visited: four numbers each, compared in full, in one flat table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace salus::consensus::explore {

class StateSet {
 public:
  using State = std::array<std::uint32_t, 4>;

  StateSet() : table_(1U << 16U, kEmpty) {}

  // False if it was there.
  bool insert(const State& state) {
    if ((size_ + 1) * 3 > table_.size() * 2) grow();
    State& place = find(state);
    if (place != kEmpty) return false;
    place = state;
    ++size_;
    return true;
  }
  std::size_t size() const { return size_; }

 private:
  static constexpr State kEmpty{~0U, ~0U, ~0U, ~0U};

  static std::uint64_t hash(const State& state) {
    std::uint64_t mixed = 0x9e3779b97f4a7c15ULL;
    for (const std::uint32_t part : state) {
      mixed = (mixed ^ part) * 0xff51afd7ed558ccdULL;
      mixed ^= mixed >> 32U;
    }
    return mixed;
  }
  State& find(const State& state) {
    std::size_t at = hash(state) & (table_.size() - 1);
    while (table_[at] != kEmpty && table_[at] != state) at = (at + 1) & (table_.size() - 1);
    return table_[at];
  }
  void grow() {
    const std::vector<State> old =
        std::exchange(table_, std::vector<State>(table_.size() * 2, kEmpty));
    for (const State& state : old) {
      if (state != kEmpty) find(state) = state;
    }
  }

  std::vector<State> table_;
  std::size_t size_ = 0;
};

}  // namespace salus::consensus::explore
