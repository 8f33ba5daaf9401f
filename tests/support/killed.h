// Owns: a process of its own for one piece of work, and a real kill -9 of it.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>

namespace salus::testing {

enum class Ending : std::uint8_t { Killed, Finished, Failed };

// Runs `work` in a child and kills it after `span`. It is Finished if `work` ended with true before.
inline Ending run_and_kill(std::chrono::microseconds span, const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  const auto end = std::chrono::steady_clock::now() + span;
  int status = 0;
  while (std::chrono::steady_clock::now() < end) {
    if (::waitpid(child, &status, WNOHANG) == child) {
      return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? Ending::Finished : Ending::Failed;
    }
    std::this_thread::sleep_for(std::chrono::microseconds{100});
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return Ending::Killed;
  return WEXITSTATUS(status) == 0 ? Ending::Finished : Ending::Failed;
}

}  // namespace salus::testing
