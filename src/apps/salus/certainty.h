// Owns: what all that a command read was worth, in one word and one line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "salus/light_client.h"

namespace salus::cli {

class Certainty {
 public:
  // A node's word, with no proof.
  void add_claim();
  // What follows from the state after the block of this height, made at this time.
  void add_proof(client::Worth worth, Height height, WallMs time);

  bool any() const { return any_; }
  // verified, partial, indicative or unverified: that of the weakest read.
  std::string_view word() const;
  // Of the oldest state that was proven.
  std::optional<Height> height() const { return height_; }
  WallMs time() const { return time_; }
  // `verified at height 12, 2026-11-26 12:03:11 UTC`.
  std::string line() const;

 private:
  bool any_ = false;
  bool claimed_ = false;
  client::Worth worth_ = client::Worth::Whole;
  std::optional<Height> height_;
  WallMs time_;
};

}  // namespace salus::cli
