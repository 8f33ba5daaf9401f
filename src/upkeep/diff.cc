// Owns: the search for the place.
#include "upkeep/diff.h"

#include <algorithm>

#include "ledger/body_codec.h"
#include "ledger/header.h"
#include "ledger/keys.h"
#include "ledger/outcome_codec.h"
#include "ledger/reader.h"
#include "state/history.h"
#include "state/layout.h"
#include "upkeep/compare.h"

namespace salus::upkeep {

namespace {

struct Side {
  std::unique_ptr<storage::RocksStore> store;
  ledger::Tip tip;
};

Result<Side, Error> open_side(const StillFolder& still) {
  auto store = still.open_initialised();
  if (!store) return std::unexpected(store.error());
  auto tip = ledger::Reader{**store}.tip();
  return Side{std::move(*store), std::move(tip)};
}

std::optional<ledger::Header> header_at(const Store& store, Height height) {
  const auto body = store.get(ledger::block_key(height));
  const auto parts = body ? ledger::decode_body(as_bytes(*body)) : std::nullopt;
  return parts ? ledger::decode_header(parts->header) : std::nullopt;
}

std::string digest_at(const Store& store, Height height) {
  const auto body = store.get(ledger::block_key(height));
  const auto parts = body ? ledger::decode_body(as_bytes(*body)) : std::nullopt;
  return parts ? ledger::digest_of(parts->header).to_hex() : std::string{};
}

class Search {
 public:
  Search(const Side& first, const Side& second) : first_(first), second_(second) {
    out_.first_height = first.tip.height;
    out_.second_height = second.tip.height;
    out_.height = std::min(first.tip.height, second.tip.height);
  }

  LedgerDifference run() {
    const Height last = out_.height;
    // What one of them pruned, or never had, says nothing.
    const Height kept = std::max(ledger::Reader{*first_.store}.kept().block,
                                 ledger::Reader{*second_.store}.kept().block);
    out_.compared_from = kept > Height{1} ? kept : Height{0};
    for (Height height = out_.compared_from; height <= last; height = height.next()) {
      const Parting parting = parts_at(height);
      if (parting == Parting::Nowhere) continue;
      out_.parting = parting;
      out_.height = height;
      break;
    }
    describe();
    // Of the one block before two different blocks all is equal.
    if (out_.parting != Parting::Block) find_records();
    if (out_.parting == Parting::Nowhere && out_.records_in_all > 0) {
      out_.parting = Parting::Record;
    }
    return std::move(out_);
  }

 private:
  Parting parts_at(Height height) const {
    const auto differs = [&](const std::string& key) {
      return first_.store->get(key) != second_.store->get(key);
    };
    if (differs(ledger::block_key(height))) return Parting::Block;
    if (!differs(ledger::outcome_key(height))) return Parting::Nowhere;
    const auto left = outcome_at(*first_.store, height);
    const auto right = outcome_at(*second_.store, height);
    return left.results_root != right.results_root ? Parting::Results : Parting::State;
  }

  // Zeros for one that is missing or malformed.
  static ledger::StoredOutcome outcome_at(const Store& store, Height height) {
    constexpr std::size_t kOutcomeBytes = 65;
    const auto bytes = store.get(ledger::outcome_key(height));
    if (!bytes || bytes->size() != kOutcomeBytes) return {};
    return ledger::decode_outcome(*bytes);
  }

  void describe() {
    const auto left = outcome_at(*first_.store, out_.height);
    const auto right = outcome_at(*second_.store, out_.height);
    out_.block = {digest_at(*first_.store, out_.height), digest_at(*second_.store, out_.height)};
    out_.state_root = {left.state_root.to_hex(), right.state_root.to_hex()};
    out_.results_root = {left.results_root.to_hex(), right.results_root.to_hex()};
    auto above = header_at(*first_.store, out_.height.next());
    if (!above) above = header_at(*second_.store, out_.height.next());
    if (above && out_.parting != Parting::Block) {
      out_.agreed_state_root = above->state_root.to_hex();
      out_.agreed_results_root = above->results_root.to_hex();
    }
    if (out_.parting != Parting::Results) return;
    const std::string key = ledger::results_key(out_.height);
    EntryWords words = words_of(key, first_.store->get(key), second_.store->get(key));
    out_.result = std::move(words.key);
    out_.first_result = std::move(words.first);
    out_.second_result = std::move(words.second);
  }

  void find_records() {
    const Height at = out_.height;
    const Height kept = std::max(state::load_horizon(*first_.store).lowest,
                                 state::load_horizon(*second_.store).lowest);
    if (at < kept) {
      out_.states_are_kept = false;
      return;
    }
    const state::StateAt left{*first_.store, at};
    const state::StateAt right{*second_.store, at};
    each_difference(
        left, right, state::kStatePrefix, [](std::uint64_t) {},
        [&](const EntryDifference& difference) {
          ++out_.records_in_all;
          if (out_.records.size() < kShownDifferencesMax) {
            out_.records.push_back({difference.key.substr(state::kStatePrefix.size()),
                                    difference.first, difference.second});
          }
          return true;
        });
  }

  const Side& first_;
  const Side& second_;
  LedgerDifference out_;
};

Json to_json(const Both& both) { return {{"first", both.first}, {"second", both.second}}; }

}  // namespace

std::string_view name(Parting parting) {
  switch (parting) {
    case Parting::Nowhere:
      return "nowhere";
    case Parting::Block:
      return "block";
    case Parting::Results:
      return "results";
    case Parting::State:
      return "state";
    case Parting::Record:
      return "record";
  }
  std::unreachable();
}

Json to_json(const LedgerDifference& difference) {
  Json out = Json::object();
  out["parting"] = name(difference.parting);
  out["height"] = std::to_string(difference.height.value());
  out["compared_from"] = std::to_string(difference.compared_from.value());
  out["first_height"] = std::to_string(difference.first_height.value());
  out["second_height"] = std::to_string(difference.second_height.value());
  out["block"] = to_json(difference.block);
  out["state_root"] = to_json(difference.state_root);
  out["results_root"] = to_json(difference.results_root);
  if (difference.agreed_state_root) {
    out["agreed"] = {{"state_root", *difference.agreed_state_root},
                     {"results_root", *difference.agreed_results_root}};
  }
  if (!difference.result.empty()) {
    out["result"] = {{"place", difference.result},
                     {"first", difference.first_result},
                     {"second", difference.second_result}};
  }
  out["states_are_kept"] = difference.states_are_kept;
  out["records_in_all"] = difference.records_in_all;
  out["records"] = Json::array();
  for (const RecordDifference& record : difference.records) {
    out["records"].push_back(to_json(record, "first", "second"));
  }
  return out;
}

Result<LedgerDifference, Error> diff_ledgers(const Path& first, const Path& second) {
  const auto still_first = StillFolder::hold(first);
  if (!still_first) return std::unexpected(still_first.error());
  const auto still_second = StillFolder::hold(second);
  if (!still_second) return std::unexpected(still_second.error());
  const auto left = open_side(*still_first);
  if (!left) return std::unexpected(left.error());
  const auto right = open_side(*still_second);
  if (!right) return std::unexpected(right.error());
  if (ledger::Reader{*left->store}.chain_id() != ledger::Reader{*right->store}.chain_id()) {
    return std::unexpected(
        Error{Fault::OtherChain,
              first.string() + " and " + second.string() +
                  " hold ledgers of different chains: their genesis documents differ. Compare "
                  "folders of one network."});
  }
  return Search{*left, *right}.run();
}

}  // namespace salus::upkeep
