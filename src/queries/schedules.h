// Owns: a schedule as an answer shows it, with what is due of it.
#pragma once

#include "queries/view.h"
#include "salus/v1/money_queries.pb.h"

namespace salus::queries {

v1::ScheduleInfo info_of(const View& view, const v1::Schedule& schedule);

}  // namespace salus::queries
