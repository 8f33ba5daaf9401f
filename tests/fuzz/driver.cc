// Owns: a fuzz run where there is no libFuzzer: the corpus, the target's own examples, then
// mutations from a printed seed until the count or the time is used up. The input at hand is
// written out in hexadecimal when the process dies.
//
//   fuzz_vote [CORPUS FOLDER]                   a bounded run; SALUS_SEED chooses another seed
//   fuzz_vote --hex 0123ab                      one input again
//   fuzz_vote --write-examples CORPUS FOLDER    the target's examples as files
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fuzz/fuzz.h"
#include "fuzz/mutate.h"

namespace {

namespace fs = std::filesystem;
using salus::as_bytes;

constexpr int kMutations = 40'000;
// What is not done by then is left: a run is a check, not a campaign.
constexpr auto kTimeMax = std::chrono::milliseconds{1'200};

const std::string* at_hand = nullptr;

// Only what a signal handler may do.
extern "C" void tell_input(int signal) {
  constexpr char kHead[] = "\ninput: --hex ";
  constexpr char kDigits[] = "0123456789abcdef";
  [[maybe_unused]] ssize_t ignored = ::write(STDERR_FILENO, kHead, sizeof kHead - 1);
  for (const char c : at_hand == nullptr ? std::string_view{} : std::string_view{*at_hand}) {
    const auto byte = static_cast<unsigned char>(c);
    const char pair[] = {kDigits[byte >> 4U], kDigits[byte & 15U]};
    ignored = ::write(STDERR_FILENO, pair, sizeof pair);
  }
  ignored = ::write(STDERR_FILENO, "\n", 1);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(const std::string& input) {
  at_hand = &input;
  const salus::ByteView bytes = as_bytes(input);
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  at_hand = nullptr;
}

std::vector<std::string> files_of(const fs::path& folder) {
  std::vector<fs::path> paths;
  if (fs::is_directory(folder)) {
    for (const auto& entry : fs::directory_iterator{folder}) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  std::vector<std::string> inputs;
  for (const fs::path& path : paths) {
    std::ifstream file{path, std::ios::binary};
    inputs.emplace_back(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
  }
  return inputs;
}

int write_examples(const fs::path& folder) {
  fs::create_directories(folder);
  int number = 0;
  for (const std::string& example : salus::fuzz::examples()) {
    std::ofstream{folder / ("example-" + std::to_string(++number)), std::ios::binary} << example;
  }
  return 0;
}

int mutate(std::vector<std::string> bases, std::uint64_t seed) {
  salus::fuzz::Mutator mutator{seed};
  const auto end = std::chrono::steady_clock::now() + kTimeMax;
  int done = 0;
  for (; done < kMutations && std::chrono::steady_clock::now() < end; ++done) {
    run(mutator.next(bases));
  }
  std::printf("%zu inputs and %d mutations held\n", bases.size(), done);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS}) std::signal(signal, tell_input);
  if (arguments.size() == 2 && arguments[0] == "--write-examples") {
    return write_examples(arguments[1]);
  }
  if (arguments.size() == 2 && arguments[0] == "--hex") {
    const auto bytes = salus::parse_hex(arguments[1]);
    if (!bytes) return 2;
    run(std::string{salus::as_chars(*bytes)});
    return 0;
  }
  std::vector<std::string> bases = salus::fuzz::examples();
  if (!arguments.empty()) {
    for (std::string& file : files_of(arguments[0])) bases.push_back(std::move(file));
  }
  const char* const chosen = std::getenv("SALUS_SEED");
  const std::uint64_t seed = chosen == nullptr ? 1 : std::strtoull(chosen, nullptr, 10);
  std::printf("SALUS_SEED=%llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  run("");
  for (const std::string& base : bases) run(base);
  return mutate(std::move(bases), seed);
}
