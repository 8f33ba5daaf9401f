// Owns: large states for measurements, written in the order of the tree, so that it takes minutes
// and not hours.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "state/pages.h"
#include "storage/rocks_store.h"

namespace salus::bench {

// Writes `count` records, named by number, without a past. `pages` stands over the empty `store`.
bool fill_state(storage::RocksStore& store, state::Pages& pages, std::uint64_t count,
                const std::function<std::string(std::uint64_t)>& key_of,
                const std::function<std::string(std::uint64_t)>& value_of);

}  // namespace salus::bench
