// Owns: deterministic damage: the same seed damages the same bytes in the same way.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace salus::fuzz {

inline constexpr std::size_t kInputBytesMax = 16 * 1024;

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  // One to four changes of one of `bases`: bits, bytes, numbers, cuts, insertions, splices.
  std::string next(const std::vector<std::string>& bases);

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  void change(std::string& input, const std::vector<std::string>& bases);
  void flip_bit(std::string& input);
  void set_byte(std::string& input);
  void set_number(std::string& input);
  void truncate(std::string& input);
  void remove(std::string& input);
  void insert(std::string& input);
  void repeat(std::string& input);
  void splice(std::string& input, const std::string& other);

  std::mt19937_64 random_;
};

}  // namespace salus::fuzz
