// Owns: a broken invariant stops the process at once, in every build, with the place and a sentence.
// An assertion states what our own code guarantees; nothing that comes from outside may reach one.
#pragma once

#include <string_view>

namespace salus {

// Prints `what` and where it happened to stderr, then aborts.
[[noreturn]] void fail_assertion(std::string_view condition, std::string_view what,
                                 const char* file, int line) noexcept;

}  // namespace salus

#define SALUS_ASSERT(condition, what)                                    \
  do {                                                                   \
    if (!(condition)) [[unlikely]]                                       \
      ::salus::fail_assertion(#condition, (what), __FILE__, __LINE__);   \
  } while (false)
