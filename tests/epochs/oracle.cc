// Owns: the judgements, each by what is on a disk or was signed.
#include "epochs/oracle.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/ed25519.h"
#include "ledger/reader.h"
#include "replica/facts.h"

namespace salus::replica::testing {

namespace {

constexpr std::size_t kViolationsMax = 20;

std::string_view tag_of(ByteView signed_bytes) {
  const std::string_view tag = as_chars(signed_bytes.first(16));
  return tag.substr(0, tag.find('\0'));
}

}  // namespace

std::string Oracle::report() const {
  std::string out;
  for (std::size_t i = 0; i < std::min(violations_.size(), kViolationsMax); ++i) {
    out += violations_[i] + "\n";
  }
  return out;
}

void Oracle::vote_signed(std::uint16_t signer, ByteView signed_bytes) {
  ByteReader in{signed_bytes};
  const std::string_view tag = tag_of(in.bytes(16));
  if (in.fixed<ChainId>() != chain_id_) return violate("O7: a vote for another chain");
  const std::uint64_t epoch = in.u64();
  const std::uint64_t view = in.u64();
  OfView& of = views_[{epoch, view}];
  const ByteView rest = in.bytes(in.left());
  const Bytes content{rest.begin(), rest.end()};
  const auto signed_other = [&](const auto& by_content) {
    return std::ranges::any_of(by_content, [&](const auto& entry) {
      return entry.first != content && entry.second.contains(signer);
    });
  };
  const auto conflict = [&](std::string_view what) {
    violate(fmt::format("O7: v{} signed {} in view {}", signer, what, view));
  };
  if (tag == "salus.notarize.1") {
    if (signed_other(of.notarize)) conflict("two notarize votes");
    of.notarize[content].insert(signer);
  } else if (tag == "salus.finalize.1") {
    if (signed_other(of.finalize)) conflict("two finalize votes");
    if (of.nullify.contains(signer)) conflict("finalize after nullify");
    of.finalize[content].insert(signer);
  } else if (tag == "salus.nullify.1") {
    for (const auto& [other, signers] : of.finalize) {
      if (signers.contains(signer)) conflict("nullify after finalize");
    }
    of.nullify.insert(signer);
  } else {
    violate(fmt::format("O7: v{} signed bytes that are no vote", signer));
  }
  judge_view(epoch, view);
}

// O1-O3, counted over the correct signers only: traitors can add to each count, but two quorums
// share a correct one.
void Oracle::judge_view(std::uint64_t epoch, std::uint64_t view) {
  const auto known = sets_.find(epoch);
  if (known == sets_.end()) return violate(fmt::format("O11: a vote in unknown epoch {}", epoch));
  const consensus::ValidatorSet& set = known->second;
  const OfView& of = views_[{epoch, view}];
  const auto reaches = [&](const std::set<std::uint16_t>& signers) {
    const auto members = std::ranges::count_if(signers, [&](std::uint16_t signer) {
      return std::ranges::any_of(set.members(), [&](const consensus::Validator& member) {
        return keys_.at(member.validator_key) == signer;
      });
    });
    return static_cast<std::size_t>(members) >= quorum(set.size());
  };
  std::size_t notarized = 0;
  for (const auto& [content, signers] : of.notarize) notarized += reaches(signers) ? 1U : 0U;
  if (notarized > 1) violate(fmt::format("O1: two notarizations of view {}", view));
  for (const auto& [content, signers] : of.finalize) {
    if (!reaches(signers)) continue;
    const auto found = of.notarize.find(content);
    const bool notarized_too = found != of.notarize.end() && reaches(found->second);
    if (!notarized_too && traitors_.empty())
      violate(fmt::format("O2: view {} final, unnotarized", view));
    if (reaches(of.nullify)) violate(fmt::format("O3: view {} final and nullified", view));
  }
}

// O6: kind, epoch, view, parent, digest, n, bitmap, signatures; all of it by hand.
std::optional<Oracle::Finalization> Oracle::read_finalization(ByteView bytes) {
  ByteReader in{bytes};
  if (in.u8() != 6) return std::nullopt;
  const std::uint64_t epoch = in.u64();
  const std::uint64_t view = in.u64();
  const std::uint64_t parent = in.u64();
  const auto digest = in.fixed<Digest>();
  const auto known = sets_.find(epoch);
  if (known == sets_.end()) return std::nullopt;
  const consensus::ValidatorSet& set = known->second;
  if (in.u16() != set.size()) return std::nullopt;
  const ByteView bitmap = in.bytes((set.size() + 7) / 8);

  const bool seen_before = certificates_.contains(Bytes{bytes.begin(), bytes.end()});
  ByteWriter message;
  message.bytes(as_bytes("salus.finalize.1"));
  message.bytes(chain_id_.view());
  message.u64(epoch);
  message.u64(view);
  message.u64(parent);
  message.bytes(digest.view());
  std::size_t count = 0;
  for (std::uint16_t i = 0; i < set.size() && in.ok(); ++i) {
    if ((bitmap[i / 8U] >> (i % 8U) & 1U) == 0) continue;
    const auto signature = in.fixed<Signature>();
    ++count;
    if (seen_before) continue;
    const PublicKey& key = set[ValidatorIndex{i}].validator_key;
    if (!crypto::verify(key, message.out(), signature)) return std::nullopt;
  }
  if (!in.done() || count < quorum(set.size())) return std::nullopt;
  certificates_.insert(Bytes{bytes.begin(), bytes.end()});
  return Finalization{.view = view, .digest = digest};
}

void Oracle::meet_block(std::uint16_t node, Height height, const Store& disk) {
  const ledger::Reader reader{disk};
  const auto stored = reader.stored_block(height);
  const auto final = reader.block(height);
  if (!stored || !final) {
    return violate(fmt::format("O4: v{} has a gap at height {}", node, height.value()));
  }
  const auto block = ledger::Block::decode(as_bytes(stored->bytes));
  if (!block || reader.height_of(block->digest()) != height) {
    return violate(fmt::format("O4: v{} does not find height {}", node, height.value()));
  }
  const Block met{.digest = block->digest(), .roots = final->state_root() + final->results_root()};
  const auto [at, fresh] = chain_.emplace(height.value(), met);
  if (at->second.digest != met.digest) {
    violate(fmt::format("O10: v{} has another block at height {}", node, height.value()));
  } else if (at->second.roots != met.roots) {
    violate(fmt::format("O9: v{} has other roots at height {}", node, height.value()));
  }
  if (!fresh) return;
  const auto below = chain_.find(height.value() - 1);
  const Digest parent = below == chain_.end() ? Digest{chain_id_.bytes} : below->second.digest;
  if (block->header().parent != parent) {
    violate(fmt::format("O4: height {} does not follow the one below", height.value()));
  }
  if (block->transactions().empty()) ++empty_blocks_;
  for (const wire::Transaction& transaction : block->transactions()) {
    if (!transactions_.insert(transaction.id()).second) {
      violate(fmt::format("a transaction is final twice, again at {}", height.value()));
    }
  }
}

// O11: the same set for the same epoch, wherever it is written.
void Oracle::learn_set(std::uint16_t node, const Store& disk) {
  const ledger::Tip tip = ledger::Reader{disk}.tip();
  const std::uint64_t epoch = tip.validators.epoch();
  const auto [at, fresh] = sets_.emplace(epoch, validator_set(tip));
  if (at->second != validator_set(tip)) {
    violate(fmt::format("O11: v{} has another set in epoch {}", node, epoch));
  }
  if (fresh && !sets_.contains(epoch - 1)) {
    violate(fmt::format("O11: v{} jumps to epoch {}", node, epoch));
  }
}

void Oracle::batch_written(std::uint16_t node, const Store& disk) {
  const ledger::Reader reader{disk};
  const ledger::Tip tip = reader.tip();
  std::uint64_t& known = heights_[node];
  if (tip.height.value() <= known) {
    return violate(fmt::format("O4: v{} wrote height {} again", node, tip.height.value()));
  }
  const auto proof = read_finalization(tip.certificate);
  if (!proof || proof->digest != tip.digest) {
    violate(fmt::format("O6: v{} holds no finalization of height {}", node, tip.height.value()));
  }
  learn_set(node, disk);
  while (known < tip.height.value()) {
    ++known;
    meet_block(node, Height{known}, disk);
    const auto stored = reader.stored_block(Height{known});
    if (stored && stored->certificate != tip.certificate) {
      violate(fmt::format("O6: v{} height {}: not its segment's proof", node, known));
    }
  }
}

void Oracle::node_started(std::uint16_t node, const Store& disk) {
  const std::uint64_t height = ledger::Reader{disk}.tip().height.value();
  if (height != heights_[node]) {
    violate(fmt::format("O10: v{} starts at height {}, had {}", node, height, heights_[node]));
  }
}

void Oracle::replied(std::uint16_t node, const Reply& reply, const Store& disk) {
  if (reply.state != SubmissionState::Finalized) return;
  const auto place = ledger::Reader{disk}.place_of(reply.id);
  if (!place || place->height != reply.height || !reply.result) {
    violate(fmt::format("v{} told a client of what is not on its disk", node));
  }
}

// O12, O15: an honest network gives no reason for an alarm.
void Oracle::noticed(std::uint16_t node, const Notice& notice) {
  const bool alarming = notice.level == Notice::Level::Error ||
                        (traitors_.empty() && notice.level == Notice::Level::Warn);
  if (!alarming) return;
  if (!traitors_.empty() && notice.text.find("exclude each other. Tell") != std::string::npos) {
    ++excused_alarms_;
    return;
  }
  violate(fmt::format("v{} raises an alarm: {}", node, notice.text));
}

void Oracle::punished(std::uint16_t node, std::uint16_t peer, std::string_view what) {
  ++punishments_;
  if (traitors_.contains(peer)) return;
  violate(fmt::format("v{} punishes honest v{}: {}", node, peer, what));
}

}  // namespace salus::replica::testing
