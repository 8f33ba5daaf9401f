// Owns: when work waits and no block is finalized, the log says for how long and why, in the words
// of diagnose() and with the facts that an operator needs (consensus.md, section 12).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "replica/situation.h"

namespace salus::node {

class Watch {
 public:
  // Asked every second on the driver's strand; a line when there is something to say.
  std::optional<std::string> look(const replica::Situation& situation);
  // As far as it looked.
  std::uint64_t blocks_last_10_s() const;

 private:
  struct Look {
    MonoMs at;
    Height height;
  };
  std::deque<Look> looks_;
  Height height_;
  MonoMs since_;
  MonoMs said_;
};

// The last views in the letters of `salus consensus votes`, a cell a validator; then the
// certificates held.
std::string print_votes(const consensus::CoreStatus& status);

}  // namespace salus::node
