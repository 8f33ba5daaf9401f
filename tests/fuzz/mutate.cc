// Owns: the damage.
#include "fuzz/mutate.h"

#include <algorithm>

namespace salus::fuzz {

std::string Mutator::next(const std::vector<std::string>& bases) {
  std::string input = bases[below(bases.size())];
  const std::uint64_t changes = 1 + below(4);
  for (std::uint64_t i = 0; i < changes; ++i) change(input, bases);
  if (input.size() > kInputBytesMax) input.resize(kInputBytesMax);
  return input;
}

void Mutator::change(std::string& input, const std::vector<std::string>& bases) {
  if (input.empty()) return insert(input);
  switch (below(8)) {
    case 0:
      return flip_bit(input);
    case 1:
      return set_byte(input);
    case 2:
      return set_number(input);
    case 3:
      return truncate(input);
    case 4:
      return remove(input);
    case 5:
      return insert(input);
    case 6:
      return repeat(input);
    default:
      return splice(input, bases[below(bases.size())]);
  }
}

void Mutator::flip_bit(std::string& input) {
  char& byte = input[below(input.size())];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << below(8)));
}

void Mutator::set_byte(std::string& input) {
  constexpr unsigned char kLikely[] = {0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, '"', '\\', '-'};
  input[below(input.size())] = static_cast<char>(
      below(2) == 0 ? kLikely[below(std::size(kLikely))] : static_cast<unsigned char>(below(256)));
}

// A length or count beside what is there, big-endian.
void Mutator::set_number(std::string& input) {
  const std::size_t width = std::size_t{1} << below(4);
  if (input.size() < width) return;
  const std::size_t at = below(input.size() - width + 1);
  constexpr std::uint64_t kLikely[] = {0, 1, 0x7fff'ffff'ffff'ffff, ~std::uint64_t{0}};
  const std::uint64_t value =
      below(2) == 0 ? kLikely[below(std::size(kLikely))] : input.size() + below(3);
  for (std::size_t i = 0; i < width; ++i) {
    input[at + i] = static_cast<char>(value >> (8 * (width - 1 - i)));
  }
}

void Mutator::truncate(std::string& input) { input.resize(below(input.size())); }

void Mutator::remove(std::string& input) {
  const std::size_t at = below(input.size());
  input.erase(at, 1 + below(std::min<std::size_t>(8, input.size() - at)));
}

void Mutator::insert(std::string& input) {
  std::string more(1 + below(8), '\0');
  for (char& byte : more) byte = static_cast<char>(below(256));
  input.insert(below(input.size() + 1), more);
}

void Mutator::repeat(std::string& input) {
  const std::size_t at = below(input.size());
  const std::string part = input.substr(at, 1 + below(64));
  input.insert(at, part);
}

void Mutator::splice(std::string& input, const std::string& other) {
  if (other.empty()) return;
  input = input.substr(0, below(input.size() + 1)) + other.substr(below(other.size()));
}

}  // namespace salus::fuzz
