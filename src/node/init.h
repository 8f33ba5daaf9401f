// Owns: a new node's folder comes into being whole: keys, sign guard, configuration. Nothing that
// exists is overwritten.
#pragma once

#include <string>

#include "base/result.h"
#include "node/start.h"

namespace salus::node {

struct InitOptions {
  std::string folder;
  std::string name;
  // Copied into the configuration as given; may be set later.
  std::string genesis;
  std::string passphrase_file;
  bool observer = false;
  bool unprotected = false;
};

// What was made, and what to do next, for the operator.
Result<std::string, StartError> init_folder(const InitOptions& options);

}  // namespace salus::node
