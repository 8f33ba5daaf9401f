// Owns: the last words of a process whose invariant broke.
#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace salus {

void fail_assertion(std::string_view condition, std::string_view what, const char* file,
                    int line) noexcept {
  std::fprintf(stderr, "fatal: %.*s (%.*s) at %s:%d. This is a bug in Salus; the node stops.\n",
               static_cast<int>(what.size()), what.data(), static_cast<int>(condition.size()),
               condition.data(), file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace salus
