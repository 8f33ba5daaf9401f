// Owns: the processes of a sweep and the lines in which they answer.
#include "sim/sweep.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>
#include <sstream>

#include "base/assert.h"
#include "sim/mixer.h"

namespace salus::sim {

namespace {

// Seeds that a process takes at a time.
constexpr std::uint64_t kChunk = 64;
constexpr int kProgressMs = 2'000;

// One line a seed: "b <seed>" when it begins, "e <numbers> <failure in hex>" when it ends.
std::string line_of(const Outcome& outcome) {
  return fmt::format("e {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}\n", outcome.seed,
                     outcome.trace_hash, outcome.virtual_ms, outcome.events, outcome.frames,
                     outcome.height, outcome.views, outcome.transactions, outcome.crashes,
                     outcome.aborts, outcome.alarms, outcome.epochs, outcome.set_changes,
                     outcome.snapshots, outcome.healed_first_ms, outcome.healed_done_ms,
                     "x" + hex(as_bytes(outcome.failure)));
}

Outcome read_line(const std::string& line) {
  std::istringstream in{line.substr(2)};
  Outcome out;
  std::string failure;
  in >> out.seed >> out.trace_hash >> out.virtual_ms >> out.events >> out.frames >> out.height >>
      out.views >> out.transactions >> out.crashes >> out.aborts >> out.alarms >> out.epochs >>
      out.set_changes >> out.snapshots >> out.healed_first_ms >> out.healed_done_ms >> failure;
  const auto bytes = parse_hex(failure.substr(std::min<std::size_t>(1, failure.size())));
  if (bytes) out.failure = as_chars(*bytes);
  return out;
}

void write_all(int pipe, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t put = ::write(pipe, text.data() + at, text.size() - at);
    // Whoever listened is gone.
    if (put <= 0) ::_exit(1);
    at += static_cast<std::size_t>(put);
  }
}

// A process that plays first..last and tells through a pipe.
class Worker {
 public:
  Worker(std::uint64_t first, std::uint64_t last, const PlaySeed& play)
      : next_(first), last_(last) {
    int ends[2] = {-1, -1};
    SALUS_ASSERT(::pipe(ends) == 0, "a pipe can be made");
    pid_ = ::fork();
    SALUS_ASSERT(pid_ >= 0, "a process can be made");
    if (pid_ == 0) {
      ::close(ends[0]);
      for (std::uint64_t seed = first; seed <= last; ++seed) {
        write_all(ends[1], fmt::format("b {}\n", seed));
        write_all(ends[1], line_of(play(seed)));
      }
      ::_exit(0);
    }
    ::close(ends[1]);
    pipe_ = ends[0];
  }
  Worker(Worker&& other) noexcept
      : pid_(other.pid_),
        pipe_(std::exchange(other.pipe_, -1)),
        next_(other.next_),
        last_(other.last_),
        text_(std::move(other.text_)) {}
  Worker& operator=(Worker&&) = delete;
  ~Worker() {
    if (pipe_ >= 0) ::close(pipe_);
  }

  int pipe() const { return pipe_; }
  // The seeds that it has not ended yet: next()..last().
  std::uint64_t next() const { return next_; }
  std::uint64_t last() const { return last_; }

  // Reads what is there; false at the end, after which died_at() says whether it died.
  bool listen(std::vector<Outcome>& done) {
    char buffer[65'536];
    const ssize_t got = ::read(pipe_, buffer, sizeof buffer);
    if (got <= 0) {
      int status = 0;
      ::waitpid(pid_, &status, 0);
      return false;
    }
    text_.append(buffer, static_cast<std::size_t>(got));
    for (std::size_t end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      const std::string line = text_.substr(0, end);
      text_.erase(0, end + 1);
      if (line.front() != 'e') continue;
      done.push_back(read_line(line));
      next_ = done.back().seed + 1;
    }
    return true;
  }
  std::optional<std::uint64_t> died_at() const {
    return next_ <= last_ ? std::optional{next_} : std::nullopt;
  }

 private:
  pid_t pid_ = -1;
  int pipe_ = -1;
  std::uint64_t next_;
  std::uint64_t last_;
  std::string text_;
};

void add(SweepTotals& totals, const Outcome& outcome) {
  ++totals.seeds;
  totals.virtual_ms += outcome.virtual_ms;
  totals.events += outcome.events;
  totals.frames += outcome.frames;
  totals.blocks += outcome.height;
  totals.views += outcome.views;
  totals.transactions += outcome.transactions;
  totals.crashes += outcome.crashes;
  totals.aborts += outcome.aborts;
  totals.alarms += outcome.alarms;
  totals.epochs += outcome.epochs;
  totals.set_changes += outcome.set_changes;
  totals.snapshots += outcome.snapshots;
  Mixer trace{outcome.seed};
  trace.word(outcome.trace_hash);
  totals.trace_digest += trace.value();
  totals.healed_done_ms_max = std::max(totals.healed_done_ms_max, outcome.healed_done_ms);
  if (!outcome.held()) totals.failures.push_back(outcome);
}

Outcome death_of(std::uint64_t seed) {
  Outcome out;
  out.seed = seed;
  out.failure = "abort: the process died; its last words are above\n";
  return out;
}

}  // namespace

SweepTotals sweep(std::uint64_t first, std::uint64_t last, unsigned jobs, const PlaySeed& play,
                  const std::function<void(const SweepTotals&)>& progress) {
  SweepTotals totals;
  const auto began = std::chrono::steady_clock::now();
  const auto clock = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  double told = 0;
  std::uint64_t next = first;
  std::vector<Worker> workers;
  const auto hire = [&](std::uint64_t from, std::uint64_t to) {
    workers.emplace_back(from, to, play);
  };
  while (next <= last || !workers.empty()) {
    while (workers.size() < jobs && next <= last) {
      const std::uint64_t end = std::min(last, next + kChunk - 1);
      hire(next, end);
      next = end + 1;
    }
    std::vector<pollfd> polls;
    for (const Worker& worker : workers) {
      polls.push_back({.fd = worker.pipe(), .events = POLLIN, .revents = 0});
    }
    ::poll(polls.data(), polls.size(), kProgressMs);
    std::vector<Worker> staying;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> left;
    for (std::size_t i = 0; i < workers.size(); ++i) {
      std::vector<Outcome> done;
      const bool goes_on = polls[i].revents == 0 || workers[i].listen(done);
      for (const Outcome& outcome : done) add(totals, outcome);
      if (goes_on) {
        staying.push_back(std::move(workers[i]));
      } else if (const auto died = workers[i].died_at()) {
        add(totals, death_of(*died));
        if (*died < workers[i].last()) left.emplace_back(*died + 1, workers[i].last());
      }
    }
    workers.clear();
    for (Worker& worker : staying) workers.push_back(std::move(worker));
    for (const auto& [from, to] : left) hire(from, to);
    totals.seconds = clock();
    if (progress && totals.seconds - told > kProgressMs / 1'000.0) {
      told = totals.seconds;
      progress(totals);
    }
  }
  std::ranges::sort(totals.failures, {}, &Outcome::seed);
  return totals;
}

Outcome play_isolated(std::uint64_t seed, const PlaySeed& play) {
  std::vector<Outcome> done;
  Worker worker{seed, seed, play};
  while (worker.listen(done)) {
  }
  return done.empty() ? death_of(seed) : done.front();
}

}  // namespace salus::sim
