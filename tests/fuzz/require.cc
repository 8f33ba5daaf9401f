// Owns: how a broken promise ends the process.
#include <cstdio>
#include <cstdlib>

#include "fuzz/fuzz.h"

namespace salus::fuzz {

void require(bool holds, std::string_view sentence) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %.*s\n", static_cast<int>(sentence.size()),
               sentence.data());
  std::abort();
}

}  // namespace salus::fuzz
