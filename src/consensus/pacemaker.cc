// Owns: readiness and deadlines of the current view (C20 to C24); they die with it.
#include "consensus/pacemaker.h"

#include <algorithm>

namespace salus::consensus {

std::uint64_t backoff_steps(View view, View finalized) {
  const std::uint64_t ahead = view.value() - finalized.value();
  return ahead > 2 ? ahead - 2 : 0;
}

std::uint64_t delay_ms(const Parameters& parameters, std::uint64_t backoff) {
  std::uint64_t delay = parameters.delta_ms;
  // Grows by a quarter and at least by 2 (Δ is 10 or more), so the cap ends the loop soon.
  for (std::uint64_t step = 0; step < backoff && delay < parameters.delta_ms_max; ++step) {
    delay = std::min(parameters.delta_ms_max, delay + delay / 4);
  }
  return delay;
}

void Pacemaker::enter(View entered_view, View finalized, MonoMs now, const Parameters& parameters) {
  view = entered_view;
  entered = now;
  backoff = backoff_steps(entered_view, finalized);
  delay = delay_ms(parameters, backoff);
  ready.reset();
  trigger.reset();
}

void Pacemaker::become_ready(MonoMs now) {
  if (!ready) ready = now;
}

void Pacemaker::latch(Trigger reason) {
  if (trigger) return;
  trigger = reason;
  ++latched[static_cast<std::size_t>(reason)];
}

std::optional<MonoMs> Pacemaker::leader_deadline() const {
  if (!ready) return std::nullopt;
  return MonoMs{ready->value() + 2 * delay};
}

std::optional<MonoMs> Pacemaker::view_deadline() const {
  if (!ready) return std::nullopt;
  return MonoMs{ready->value() + 3 * delay};
}

}  // namespace salus::consensus
