// Owns: the choice of the height, its certificate, and the walk down from it.
#include "upkeep/base_check.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "ledger/block.h"
#include "ledger/body_codec.h"
#include "ledger/keys.h"
#include "ledger/outcome_codec.h"
#include "ledger/reader.h"
#include "state/history.h"
#include "state/layout.h"
#include "upkeep/epoch_sets.h"
#include "upkeep/linked.h"
#include "upkeep/verification.h"

namespace salus::upkeep {

namespace {

constexpr std::size_t kHeightBytes = 8;

struct ReadHeader {
  std::string bytes;
  ledger::Header header;
};

// The header of a block, or one that stands alone.
std::optional<ReadHeader> header_at(const Store& store, Height height) {
  std::string bytes;
  if (const auto body = store.get(ledger::block_key(height))) {
    const auto parts = ledger::decode_body(as_bytes(*body));
    if (!parts) return std::nullopt;
    bytes = as_chars(parts->header);
  } else if (auto alone = store.get(ledger::header_key(height))) {
    bytes = std::move(*alone);
  } else {
    return std::nullopt;
  }
  const auto header = ledger::decode_header(as_bytes(bytes));
  if (!header || header->height != height) return std::nullopt;
  return ReadHeader{std::move(bytes), *header};
}

Height lowest_block(const Store& store, const ledger::TipRecord& tip) {
  Height lowest = tip.height.next();
  const std::string prefix = ledger::block_key(Height{0}).substr(0, 1);
  store.scan(prefix, prefix, [&](std::string_view key, std::string_view) {
    ByteReader in{as_bytes(key.substr(prefix.size()))};
    lowest = Height{in.u64()};
    return false;
  });
  return lowest;
}

// A state is read through its history, so that must have its form first.
std::optional<Finding> malformed_history(const Store& store) {
  std::optional<Finding> out;
  store.scan(state::kHistoryPrefix, {}, [&](std::string_view key, std::string_view value) {
    const bool has_end =
        key.size() >= kHeightBytes + 3 &&
        key.substr(key.size() - kHeightBytes - 2, 2) == std::string_view{"\0\0", 2};
    if (has_end && !value.empty() && value.front() <= 1) return true;
    out = about(FindingKind::Stored, "An entry of the history has no valid form.", std::nullopt);
    out->module = "state";
    out->table = "history";
    out->key = hex(as_bytes(key));
    out->found = hex(as_bytes(value));
    return false;
  });
  return out;
}

class BaseCheck {
 public:
  BaseCheck(const Store& store, const ledger::TipRecord& tip,
            const std::function<void(std::uint64_t blocks)>& on_block)
      : store_(store), tip_(tip), on_block_(on_block) {}

  Result<Base, Finding> run(const std::string& genesis_bytes) {
    if (auto malformed = malformed_history(store_)) return std::unexpected(std::move(*malformed));
    base_.lowest = lowest_block(store_, tip_);
    const Height height = choose();
    const auto own = header_at(store_, height);
    if (!own) {
      return wrong(FindingKind::Block, "The header of the lowest state that is here is missing.",
                   height);
    }
    if (height == tip_.height) {
      // Right by our own word only.
      base_.tip = tip_;
      base_.is_certified = false;
      return follow(genesis_bytes, own->header.epoch, std::nullopt);
    }
    const auto next = header_at(store_, height.next());
    if (!next) {
      return wrong(FindingKind::Block, "The block above the lowest state is missing.",
                   height.next());
    }
    base_.tip = {.height = height,
                 .digest = next->header.parent,
                 .epoch = own->header.epoch,
                 .view = own->header.view,
                 .time = own->header.time,
                 .state_root = next->header.state_root,
                 .results_root = next->header.results_root,
                 .active = false};
    return follow(genesis_bytes, next->header.epoch, *next);
  }

 private:
  static std::unexpected<Finding> wrong(FindingKind kind, std::string sentence, Height height) {
    return std::unexpected(about(kind, std::move(sentence), height));
  }

  // The lowest state with a header of its own.
  Height choose() const {
    const Height state = state::load_horizon(store_).lowest;
    const bool stands_alone =
        Height{0} < base_.lowest && store_.get(ledger::header_key(base_.lowest.previous()));
    return std::min(tip_.height,
                    std::max(state, stands_alone ? base_.lowest.previous() : base_.lowest));
  }

  Result<Base, Finding> follow(const std::string& genesis_bytes, Epoch epoch,
                               const std::optional<ReadHeader>& next) {
    const auto sets = EpochSets::follow(store_, genesis_bytes, epoch);
    if (!sets) return wrong(FindingKind::Certificate, sets.error(), base_.tip.height);
    if (sets->find(epoch) == nullptr) {
      return wrong(FindingKind::Certificate,
                   "How an epoch ended is missing: no set is known for the lowest state.",
                   base_.tip.height);
    }
    base_.entries['f'] = epoch.value();
    Expected expected{.digest = tip_.digest,
                      .state_root = tip_.state_root,
                      .results_root = tip_.results_root,
                      .certificate = {},
                      .epoch = tip_.epoch};
    if (next) {
      if (!is_final(*next, *sets->find(epoch))) {
        return wrong(FindingKind::Certificate,
                     "No quorum signed the header that names the lowest state.",
                     next->header.height);
      }
      expected = below(next->header,
                       store_.get(ledger::certificate_key(next->header.height)).value_or(""));
    }
    return walk_down(std::move(expected), *sets);
  }

  // The finalization that covers it names it or one that leads back to it.
  bool is_final(const ReadHeader& first, const sync::TrustedSet& set) const {
    const auto certificate = store_.get(ledger::certificate_key(first.header.height));
    if (!certificate) return false;
    v1::FinalizedHeader proof;
    proof.set_certificate(*certificate);
    for (Height at = first.header.height; at <= tip_.height; at = at.next()) {
      const auto header = header_at(store_, at);
      if (!header || proof.headers_size() == sync::kHeadersMax) return false;
      proof.add_headers(header->bytes);
      if (sync::verify_headers(set, proof)) return true;
      // Another block's certificate: no more headers will make it this one's.
      if (store_.get(ledger::certificate_key(at)) != certificate) return false;
    }
    return false;
  }

  Result<Base, Finding> walk_down(Expected expected, const EpochSets& sets) {
    const ledger::Kept kept = kept_here();
    for (Height height = base_.tip.height; height >= base_.lowest; height = height.previous()) {
      auto entry = take(height, kept);
      if (!entry) return std::unexpected(entry.error());
      const auto block = check_linked(*entry, expected, sets);
      if (!block)
        return wrong(kind_of(block.error()), std::string{sentence(block.error())}, height);
      if (auto index = check_indexes(**block)) return std::unexpected(std::move(*index));
      if (entry->certificate != expected.certificate) ++base_.certificates;
      expected = below((*block)->header(), entry->certificate);
      ++base_.blocks;
      base_.transactions += (*block)->transactions().size();
      on_block_(base_.blocks);
    }
    return check_header_alone(expected, sets);
  }

  ledger::Kept kept_here() const {
    const auto stored = store_.get(ledger::kKeptKey);
    ledger::Kept out{.block = base_.lowest, .results = base_.lowest};
    if (stored && stored->size() == 2 * kHeightBytes) {
      ByteReader in{as_bytes(*stored)};
      out.block = Height{in.u64()};
      out.results = Height{in.u64()};
    }
    return out;
  }

  Result<ArchivedBlock, Finding> take(Height height, const ledger::Kept& kept) {
    auto block = store_.get(ledger::block_key(height));
    if (!block) return wrong(FindingKind::Block, "The block is missing.", height);
    auto certificate = store_.get(ledger::certificate_key(height));
    if (!certificate) {
      return wrong(FindingKind::Certificate, "Its finalization is missing.", height);
    }
    const auto outcome = store_.get(ledger::outcome_key(height));
    if (!outcome || outcome->size() != 2 * Root::kSize + 1) {
      return wrong(FindingKind::Stored, "The roots after it are missing.", height);
    }
    ArchivedBlock entry{.block = std::move(*block),
                        .certificate = std::move(*certificate),
                        .outcome = ledger::decode_outcome(*outcome),
                        .results = store_.get(ledger::results_key(height))};
    if (entry.results.has_value() != (height >= kept.results)) {
      return wrong(FindingKind::Stored,
                   entry.results ? "Its results are here, and were pruned by the ledger's own note."
                                 : "Its results are missing.",
                   height);
    }
    for (const char letter : {'b', 'c', 'o'}) ++base_.entries[letter];
    if (entry.results) ++base_.entries['r'];
    return entry;
  }

  static FindingKind kind_of(LinkFlaw flaw) {
    switch (flaw) {
      case LinkFlaw::Block:
        return FindingKind::Block;
      case LinkFlaw::Certificate:
        return FindingKind::Certificate;
      case LinkFlaw::Outcome:
      case LinkFlaw::Results:
        return FindingKind::Stored;
    }
    std::unreachable();
  }

  std::optional<Finding> check_indexes(const ledger::Block& block) {
    const Height height = block.header().height;
    bool is_right = is_there(ledger::height_key(block.digest()), ledger::encode_height(height));
    std::uint32_t index = 0;
    for (const wire::Transaction& transaction : block.transactions()) {
      is_right &=
          is_there(ledger::transaction_key(transaction.id()), ledger::encode_place(height, index));
      is_right &= is_there(ledger::account_key(transaction.account(), height, index),
                           transaction.id().to_string());
      ++index;
    }
    if (is_right) return std::nullopt;
    return about(FindingKind::Stored, "An index does not lead to the block or to what is in it.",
                 height);
  }
  bool is_there(const std::string& key, const std::string& value) {
    ++base_.entries[key.front()];
    return store_.get(key) == value;
  }

  // Below the first block after a snapshot.
  Result<Base, Finding> check_header_alone(const Expected& expected, const EpochSets& sets) {
    if (base_.lowest <= Height{1}) return std::move(base_);
    const Height height = base_.lowest.previous();
    const auto bytes = store_.get(ledger::header_key(height));
    if (!bytes) return std::move(base_);
    const auto header = ledger::decode_header(as_bytes(*bytes));
    if (!header || ledger::digest_of(as_bytes(*bytes)) != expected.digest) {
      return wrong(FindingKind::Block, "The header of the snapshot's block is another block's.",
                   height);
    }
    const auto certificate = store_.get(ledger::certificate_key(height));
    const sync::TrustedSet* set = sets.find(header->epoch);
    v1::FinalizedHeader proof;
    proof.add_headers(*bytes);
    proof.set_certificate(certificate.value_or(""));
    if (set == nullptr || !sync::verify_headers(*set, proof)) {
      return wrong(FindingKind::Certificate,
                   "The finalization of the snapshot's block proves nothing about it.", height);
    }
    const auto outcome = store_.get(ledger::outcome_key(height));
    const bool has_roots = outcome && outcome->size() == 2 * Root::kSize + 1;
    if (!has_roots || ledger::decode_outcome(*outcome).state_root != expected.state_root ||
        ledger::decode_outcome(*outcome).results_root != expected.results_root ||
        !is_there(ledger::height_key(expected.digest), ledger::encode_height(height))) {
      return wrong(FindingKind::Stored, "The roots or the index of the snapshot's block are wrong.",
                   height);
    }
    for (const char letter : {'i', 'c', 'o'}) ++base_.entries[letter];
    ++base_.certificates;
    return std::move(base_);
  }

  const Store& store_;
  const ledger::TipRecord& tip_;
  const std::function<void(std::uint64_t blocks)>& on_block_;
  Base base_;
};

}  // namespace

bool has_all_blocks(const Store& store, const ledger::TipRecord& tip) {
  return lowest_block(store, tip) <= Height{1};
}

Result<Base, Finding> check_base(const Store& store, const std::string& genesis_bytes,
                                 const ledger::TipRecord& tip,
                                 const std::function<void(std::uint64_t blocks)>& on_block) {
  return BaseCheck{store, tip, on_block}.run(genesis_bytes);
}

}  // namespace salus::upkeep
