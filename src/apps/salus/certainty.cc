// Owns: the words.
#include "apps/salus/certainty.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/salus/words.h"

namespace salus::cli {

void Certainty::add_claim() {
  any_ = true;
  claimed_ = true;
}

void Certainty::add_proof(client::Worth worth, Height height, WallMs time) {
  any_ = true;
  worth_ = std::max(worth_, worth);
  if (height_ && *height_ <= height) return;
  height_ = height;
  time_ = time;
}

std::string_view Certainty::word() const {
  if (claimed_) return "unverified";
  switch (worth_) {
    case client::Worth::Whole:
      return "verified";
    case client::Worth::Records:
      return "partial";
    case client::Worth::Computed:
      break;
  }
  return "indicative";
}

std::string Certainty::line() const {
  if (!height_) return std::string{word()};
  if (*height_ == Height{0}) return fmt::format("{} at height 0 (genesis)", word());
  return fmt::format("{} at height {}, {} UTC", word(), height_->value(),
                     print_time(time_.value()));
}

}  // namespace salus::cli
