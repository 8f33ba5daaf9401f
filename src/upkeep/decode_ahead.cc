// Owns: the window.
#include "upkeep/decode_ahead.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <memory>
#include <thread>

#include "ledger/keys.h"

namespace salus::upkeep {

DecodeAhead::DecodeAhead(const Store& store, Height first, Height last, std::size_t threads,
                         Elsewhere elsewhere)
    : store_(store),
      elsewhere_(std::move(elsewhere)),
      next_(first),
      last_(last),
      pool_(threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency())) {
  fill();
}

DecodeAhead::~DecodeAhead() { pool_.join(); }

void DecodeAhead::fill() {
  while (window_.size() < kWindow && next_ <= last_) {
    // Shared: the pool's handlers must be copyable.
    const auto promise = std::make_shared<std::promise<Decoded>>();
    window_.push_back(promise->get_future());
    auto found = elsewhere_ ? elsewhere_(next_) : std::nullopt;
    boost::asio::post(pool_, [this, promise, height = next_, found = std::move(found)] {
      Decoded out;
      const auto bytes = found ? found : store_.get(ledger::block_key(height));
      if (bytes) out.block = ledger::Block::decode_and_verify(as_bytes(*bytes));
      promise->set_value(std::move(out));
    });
    next_ = next_.next();
  }
}

DecodeAhead::Decoded DecodeAhead::next() {
  Decoded out = window_.front().get();
  window_.pop_front();
  fill();
  return out;
}

}  // namespace salus::upkeep
