// Owns: how long things took, for the operator: percentiles over the last ones, and a count a
// bucket over all of them. Bounded, and cheap enough for each stage and block.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace salus::node {

// Upper bounds of the buckets, microseconds; what is longer counts in one more.
inline constexpr std::array<std::uint64_t, 14> kBucketsUs = {
    250,    500,     1'000,   2'500,     5'000,     10'000,    25'000,
    50'000, 100'000, 250'000, 1'000'000, 2'500'000, 5'000'000, 30'000'000};

class Samples {
 public:
  void add(std::uint64_t us) {
    last_[added_ % last_.size()] = us;
    ++added_;
    sum_us_ += us;
    const auto bucket = std::ranges::lower_bound(kBucketsUs, us) - kBucketsUs.begin();
    ++buckets_[static_cast<std::size_t>(bucket)];
  }

  // Of the last ones; 0 before the first.
  std::uint64_t percentile_us(std::size_t percent) const {
    const std::size_t count = std::min<std::uint64_t>(added_, last_.size());
    if (count == 0) return 0;
    std::vector<std::uint64_t> sorted(last_.begin(),
                                      last_.begin() + static_cast<std::ptrdiff_t>(count));
    const std::size_t at = (count - 1) * percent / 100;
    std::ranges::nth_element(sorted, sorted.begin() + static_cast<std::ptrdiff_t>(at));
    return sorted[at];
  }

  std::uint64_t count() const { return added_; }
  std::uint64_t sum_us() const { return sum_us_; }
  // The last one counts what is over every bound.
  const std::array<std::uint64_t, kBucketsUs.size() + 1>& buckets() const { return buckets_; }

 private:
  // A slow hundredth of so many is more than one.
  std::array<std::uint64_t, 512> last_{};
  std::uint64_t added_ = 0;
  std::uint64_t sum_us_ = 0;
  std::array<std::uint64_t, kBucketsUs.size() + 1> buckets_{};
};

}  // namespace salus::node
