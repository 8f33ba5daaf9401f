// Owns: blocks of a folder in order, decoded and with all signatures checked, some ahead of the one
// that is executed, on threads of their own. Bounded by a window.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/seams/store.h"
#include "ledger/block.h"

namespace salus::upkeep {

class DecodeAhead {
 public:
  // What lies beside a store that lacks blocks.
  using Elsewhere = std::function<std::optional<std::string>(Height height)>;

  // Reads `store` from several threads; it outlives this. `elsewhere` is asked by one thread, in
  // order, for what the store lacks.
  DecodeAhead(const Store& store, Height first, Height last, std::size_t threads,
              Elsewhere elsewhere = {});
  ~DecodeAhead();
  DecodeAhead(const DecodeAhead&) = delete;
  DecodeAhead& operator=(const DecodeAhead&) = delete;

  struct Decoded {
    // Absent: the store holds none at this height.
    std::optional<Result<Validated<ledger::Block>, ledger::BlockFault>> block;
  };
  // Of the next height; called once for each up to the last.
  Decoded next();

 private:
  // Blocks are up to 8 MiB; an ordinary one is far smaller.
  static constexpr std::size_t kWindow = 32;

  void fill();

  const Store& store_;
  Elsewhere elsewhere_;
  Height next_;
  Height last_;
  std::deque<std::future<Decoded>> window_;
  boost::asio::thread_pool pool_;
};

}  // namespace salus::upkeep
