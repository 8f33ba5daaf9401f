// Owns: when work waits and no block is finalized, the log says for how long and what the node
// waits for, in one line with the facts that an operator needs (consensus.md, section 12).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "replica/replica.h"

namespace salus::node {

class Watch {
 public:
  // Asked every few seconds on the driver's strand; a line when there is something to say.
  std::optional<std::string> look(const replica::ReplicaStatus& status, MonoMs now);

 private:
  Height height_;
  MonoMs since_;
  MonoMs said_;
};

// One letter a validator and view, as `salus consensus votes` will show them: N notarize, X
// nullify, F finalize, `.` nothing; then the certificates held.
std::string print_votes(const consensus::CoreStatus& status);

}  // namespace salus::node
