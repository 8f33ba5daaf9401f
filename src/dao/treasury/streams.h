// Owns: schedules that pay from a fund (G-9.9). The schedule is assets'; treasury knows which fund
// and which budget stand behind it, and keeps their books when it pays, lapses or is cancelled.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/treasury.pb.h"
#include "state/overlay.h"

namespace salus::dao::treasury {

std::optional<v1::Stream> find_stream(const state::Overlay& state, std::uint64_t schedule);

}  // namespace salus::dao::treasury
