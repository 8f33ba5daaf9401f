// Owns: the time of one view: readiness R(v), the deadlines that count from it, and the back-off
// D(v) that only a finalization lowers (C20-C22). A deadline dies with its view, because it is a
// function of the view's own fields.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/ids.h"
#include "consensus/core.h"
#include "consensus/parameters.h"

namespace salus::consensus {

// C22: k of the view, and D_k.
std::uint64_t backoff_steps(View view, View finalized);
std::uint64_t delay_ms(const Parameters& parameters, std::uint64_t backoff);

struct Pacemaker {
  View view;
  MonoMs entered;
  std::uint64_t backoff = 0;
  std::uint64_t delay = 0;
  std::optional<MonoMs> ready;
  std::optional<Trigger> trigger;
  // By Trigger, over all views.
  std::array<std::uint64_t, kTriggers> latched{};

  void enter(View entered_view, View finalized, MonoMs now, const Parameters& parameters);
  void become_ready(MonoMs now);
  // The first is kept (C10).
  void latch(Trigger reason);

  // C21; none before R(v).
  std::optional<MonoMs> leader_deadline() const;
  std::optional<MonoMs> view_deadline() const;
  // C27(d): from here on an unfinalized parent is work.
  MonoMs settle_deadline() const { return MonoMs{entered.value() + delay}; }
};

}  // namespace salus::consensus
