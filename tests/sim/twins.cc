// Owns: masks by view, and the views of frames.
#include "sim/twins.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/actions.h"
#include "wire/block_frame.h"

namespace salus::sim {

namespace {

constexpr std::size_t kViewsOfFour = 3;
constexpr std::size_t kViewsOfSeven = 5;
constexpr std::uint64_t kMoreBlocks = 10;
constexpr std::int64_t kSecondCopyAheadMs = 7;
constexpr std::uint64_t kMasksOfFour = std::uint64_t{1} << 18U;
// Each masked view may last until its timers end; after that nobody waits for it.
constexpr std::uint64_t kMaskedMs = 20'000;
constexpr std::uint64_t kHealedMs = 60'000;

// The view that a frame is about, or nothing.
std::optional<std::uint64_t> view_of(const Frame& frame) {
  ByteReader in{frame.payload};
  switch (frame.type) {
    case FrameType::Vote:
      (void)in.bytes(1 + 2 + 8);
      return in.u64();
    case FrameType::Certificate:
      (void)in.bytes(1 + 8);
      return in.u64();
    case FrameType::Block: {
      const auto shown = wire::decode_block_frame(frame.payload);
      const auto block =
          shown ? ledger::Block::decode(shown->bytes)
                : Result<ledger::Block, ledger::BlockFault>{std::unexpected(ledger::BlockFault{})};
      if (!block) return std::nullopt;
      return block->header().view.value();
    }
    case FrameType::Fetch:
    case FrameType::Answer:
    case FrameType::Status:
    case FrameType::Transaction:
      return std::nullopt;
  }
  return std::nullopt;
}

class TwinsTrial {
 public:
  explicit TwinsTrial(const TwinsCase& twins)
      : twins_(twins),
        network_({.n = twins.n,
                  .seed = twins.number,
                  .faults = links_of(twins),
                  .parameters = {},
                  .twins = twins.doubled}) {
    for (std::size_t i = 0; i < twins.doubled.size(); ++i) {
      network_.oracle().excuse_validator(twins.doubled[i]);
      // Else both copies would build the same block.
      network_.shift_clock(static_cast<std::uint16_t>(twins.n + i), kSecondCopyAheadMs);
    }
    network_.watch([this](const Frame& frame) { return is_heard(frame); });
  }

  Outcome play(std::function<void(const std::string&)> listener) {
    if (listener) network_.tell_to(std::move(listener));
    network_.start_all();
    while (network_.now() < kMaskedMs && lowest_view() <= twins_.masks.size()) {
      be_client();
      network_.run_for(50);
    }
    is_masked_ = false;
    const std::uint64_t healed = network_.now();
    const std::uint64_t goal = network_.oracle().height().value() + kMoreBlocks;
    const auto is_done = [&] {
      return network_.oracle().height().value() >= goal && are_correct_equal();
    };
    while (!is_done() && network_.now() < healed + kHealedMs &&
           network_.oracle().violations().empty()) {
      be_client();
      network_.run_for(50);
    }
    network_.oracle().finish();
    Outcome out;
    out.seed = twins_.number;
    out.failure = network_.oracle().report();
    if (out.failure.empty() && !is_done()) {
      out.failure = fmt::format("O14: {} blocks of {} after all hear all\n",
                                network_.oracle().height().value(), goal);
    }
    out.trace_hash = network_.trace_hash();
    out.virtual_ms = network_.now();
    out.events = network_.events_run();
    out.frames = network_.frames_sent();
    out.height = network_.oracle().height().value();
    out.views = network_.oracle().views_judged();
    out.transactions = network_.clients();
    out.alarms = network_.oracle().excused_alarms();
    out.healed_done_ms = network_.now() - healed;
    return out;
  }

 private:
  static Faults links_of(const TwinsCase& twins) {
    Faults faults;
    faults.delay_ms_min = faults.delay_ms_max = twins.delay_ms;
    return faults;
  }

  // Its place among the doubled ones, or nothing.
  std::optional<std::size_t> twin_of(std::uint16_t node) const {
    const auto found = std::ranges::find(twins_.doubled, network_.validator_of(node).value());
    if (found == twins_.doubled.end()) return std::nullopt;
    return static_cast<std::size_t>(found - twins_.doubled.begin());
  }
  bool is_twin(std::uint16_t node) const { return twin_of(node).has_value(); }
  // Its place among the correct ones.
  std::size_t rank_of(std::uint16_t correct) const {
    std::size_t rank = 0;
    for (std::uint16_t node = 0; node < correct; ++node) rank += is_twin(node) ? 0U : 1U;
    return rank;
  }

  // Correct nodes hear copy 0 (nodes below n) and copy 1 as the mask of the frame's view says.
  bool is_heard(const Frame& frame) const {
    if (!is_masked_ || !is_twin(frame.from) || is_twin(frame.to)) return true;
    const auto about = view_of(frame);
    const std::uint64_t view =
        about ? *about : network_.replica(frame.to).status().consensus.view.value();
    if (view == 0 || view > twins_.masks.size()) return true;
    const std::size_t place = rank_of(frame.to) * twins_.doubled.size() + *twin_of(frame.from);
    const auto hears = static_cast<unsigned>(twins_.masks[view - 1][place]);
    const bool is_first = frame.from < twins_.n;
    return (hears & (is_first ? 1U : 2U)) != 0;
  }

  std::uint64_t lowest_view() const {
    std::uint64_t lowest = ~std::uint64_t{0};
    for (std::uint16_t node = 0; node < twins_.n; ++node) {
      if (is_twin(node)) continue;
      lowest = std::min(lowest, network_.replica(node).status().consensus.view.value());
    }
    return lowest;
  }

  bool are_correct_equal() const {
    std::set<Height> heights;
    for (std::uint16_t node = 0; node < twins_.n; ++node) {
      if (!is_twin(node)) heights.insert(network_.replica(node).ledger().finalized().height);
    }
    return heights.size() == 1 && *heights.begin() == network_.oracle().height();
  }

  // Work is always due, so that every view has a reason to go on.
  void be_client() {
    if (!network_.are_all_final()) return;
    for (std::uint16_t node = 0; node < twins_.n; ++node) {
      if (!is_twin(node)) {
        pay(network_, node, "mira");
        return;
      }
    }
  }

  TwinsCase twins_;
  Network network_;
  bool is_masked_ = true;
};

}  // namespace

TwinsCase twins_case(std::size_t n, std::uint64_t number) {
  TwinsCase out;
  out.number = number;
  out.n = n;
  const std::size_t faulty = (n - 1) / 3;
  const std::size_t places = (n - faulty) * faulty;
  Random random{number, n};
  if (n != 4 && number % 4 == 3) out.delay_ms = 500;
  constexpr std::uint16_t kLeaders[] = {2, 3, 1};
  if (n == 4) {
    out.doubled = {kLeaders[number / kMasksOfFour % 3]};
  } else {
    // Leaders of views 1 to 5.
    const std::uint64_t one = random.draw(1, 5);
    const std::uint64_t other = 1 + (one + random.draw(0, 3)) % 5;
    out.doubled = {static_cast<std::uint16_t>(one), static_cast<std::uint16_t>(other)};
  }
  std::uint64_t bits = number;
  for (std::size_t view = 0; view < (n == 4 ? kViewsOfFour : kViewsOfSeven); ++view) {
    std::vector<Hears> mask;
    for (std::size_t place = 0; place < places; ++place) {
      mask.push_back(static_cast<Hears>(n == 4 ? bits & 3U : random.draw(0, 3)));
      bits >>= 2U;
    }
    out.masks.push_back(std::move(mask));
  }
  return out;
}

Outcome play_twins(const TwinsCase& twins, std::function<void(const std::string&)> listener) {
  return TwinsTrial{twins}.play(std::move(listener));
}

}  // namespace salus::sim
