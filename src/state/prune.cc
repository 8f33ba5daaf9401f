// Owns: the order in which the past goes.
#include "state/prune.h"

#include <algorithm>
#include <string>

#include "base/assert.h"
#include "state/history.h"
#include "state/layout.h"
#include "state/stale.h"

namespace salus::state {

namespace {

Height height_of_list(std::string_view key) {
  ByteReader in{as_bytes(key.substr(kStalePrefix.size()))};
  const Height out{in.u64()};
  SALUS_ASSERT(in.ok(), "the key of a stale list is corrupt");
  return out;
}

}  // namespace

Pruning prune_state(const Store& store, Height lowest, std::size_t budget) {
  const Horizon before = load_horizon(store);
  Horizon after = before;
  after.lowest = std::max(before.lowest, lowest);
  Pruning out;
  bool is_whole = true;
  // From where the last call ended: what it erased is not walked over again.
  store.scan(kStalePrefix, stale_key(before.swept, 0),
             [&](std::string_view list, std::string_view value) {
               const Height height = height_of_list(list);
               if (height > after.lowest) return false;
               if (out.erased >= budget && out.erased > 0) return is_whole = false;
               after.swept = height;
               for (std::string& key : decode_stale(value)) {
                 out.batch.erase(std::move(key));
                 ++out.erased;
               }
               out.batch.erase(std::string{list});
               return true;
             });
  out.done = is_whole;
  if (is_whole) after.swept = after.lowest.next();
  if (after != before) out.batch.put(std::string{kHorizonKey}, encode(after));
  return out;
}

}  // namespace salus::state
