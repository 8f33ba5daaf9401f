// Owns: the judgements, each by what is on a disk, was signed, or was sent.
#include "sim/oracle.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/ed25519.h"
#include "ledger/reader.h"
#include "sim/mixer.h"

namespace salus::sim {

namespace {

constexpr std::size_t kViolationsMax = 20;
// Section 10.
constexpr std::size_t kCertificateMax = 8'267;
constexpr std::size_t kAnswerCertificates = 64;
constexpr std::size_t kAnswerSoft = 1'048'576;
constexpr std::size_t kBlockMax = 8'388'608;

std::string_view tag_of(ByteView tag) {
  const std::string_view chars = as_chars(tag);
  return chars.substr(0, chars.find('\0'));
}

std::uint64_t hash_of(std::uint64_t seed, ByteView bytes) {
  Mixer mixer{seed};
  mixer.bytes(bytes);
  return mixer.value();
}

}  // namespace

Oracle::Oracle(const ChainId& chain_id, const consensus::ValidatorSet& set) : chain_id_(chain_id) {
  for (std::uint16_t i = 0; i < set.size(); ++i) know(i, set[ValidatorIndex{i}].validator_key);
  epoch_began(0, Epoch{}, set);
}

void Oracle::epoch_began(std::uint16_t node, Epoch epoch, const consensus::ValidatorSet& set) {
  if (const auto* const known = set_of(epoch.value())) {
    if (*known == set) return;
    return violate(fmt::format("O11: v{} enters epoch {} with another set", node, epoch.value()));
  }
  if (epoch > Epoch{} && set_of(epoch.value() - 1) == nullptr) {
    violate(fmt::format("O11: v{} jumps to epoch {}", node, epoch.value()));
  }
  Seats seats{.set = set, .validators = {}};
  for (const consensus::Validator& member : set.members()) {
    const auto next = static_cast<std::uint16_t>(validators_.size());
    seats.validators.push_back(validators_.emplace(member.validator_key, next).first->second);
  }
  sets_.emplace(epoch.value(), std::move(seats));
}

void Oracle::learn_set(std::uint16_t node, const ledger::Tip& tip) {
  std::vector<consensus::Validator> members;
  for (const v1::ValidatorInfo& info : tip.validators.validators()) {
    members.push_back({.validator_key = PublicKey::from(info.validator_key()).value_or(PublicKey{}),
                       .node_key = NodeId::from(info.node_key()).value_or(NodeId{})});
  }
  const auto set = consensus::ValidatorSet::make(std::move(members));
  if (!set) return violate(fmt::format("O11: v{} holds a set that is none", node));
  epoch_began(node, Epoch{tip.validators.epoch()}, *set);
}

void Oracle::violate(std::string what) {
  // One broken rule may show a million times.
  if (violations_.size() < kViolationsMax) violations_.push_back(std::move(what));
}

std::string Oracle::report() const {
  std::string out;
  for (const std::string& violation : violations_) out += violation + "\n";
  return out;
}

const consensus::ValidatorSet* Oracle::set_of(std::uint64_t epoch) const {
  const auto found = sets_.find(epoch);
  return found == sets_.end() ? nullptr : &found->second.set;
}

bool Oracle::has_seat(std::uint64_t epoch, std::uint16_t validator) const {
  const auto found = sets_.find(epoch);
  return found != sets_.end() && std::ranges::count(found->second.validators, validator) > 0;
}

std::optional<std::uint16_t> Oracle::validator_at(std::uint64_t epoch, std::uint16_t index) const {
  const auto found = sets_.find(epoch);
  if (found == sets_.end() || index >= found->second.validators.size()) return std::nullopt;
  return found->second.validators[index];
}

std::size_t Oracle::quorum(std::uint64_t epoch) const {
  const consensus::ValidatorSet* const set = set_of(epoch);
  const std::size_t n = set == nullptr ? 0 : set->size();
  return n == 0 ? 129 : n - (n - 1) / 3;
}

// --- Votes.

std::optional<Oracle::SignedVote> Oracle::read_signed(ByteView signed_bytes) const {
  ByteReader in{signed_bytes};
  const ByteView tag_bytes = in.bytes(16);
  if (!in.ok() || in.fixed<ChainId>() != chain_id_) return std::nullopt;
  const std::string_view tag = tag_of(tag_bytes);
  SignedVote vote;
  vote.epoch = in.u64();
  vote.view = in.u64();
  if (tag == "salus.nullify.1") {
    vote.word = Word::Nullify;
  } else {
    vote.word = tag == "salus.finalize.1" ? Word::Finalize : Word::Notarize;
    if (vote.word == Word::Notarize && tag != "salus.notarize.1") return std::nullopt;
    vote.content.parent = in.u64();
    vote.content.digest = in.fixed<Digest>();
  }
  if (!in.done()) return std::nullopt;
  return vote;
}

Bytes Oracle::signed_bytes_of(const SignedVote& vote) const {
  constexpr std::string_view kTags[] = {"", "salus.notarize.1", "salus.nullify.1",
                                        "salus.finalize.1"};
  Bytes tag(16);
  std::ranges::copy(kTags[static_cast<std::size_t>(vote.word)], tag.begin());
  ByteWriter out;
  out.bytes(tag);
  out.bytes(chain_id_.view());
  out.u64(vote.epoch);
  out.u64(vote.view);
  if (vote.word != Word::Nullify) {
    out.u64(vote.content.parent);
    out.bytes(vote.content.digest.view());
  }
  return std::move(out).out();
}

Oracle::Tally& Oracle::tally_of(OfView& of, const Content& content) {
  for (Tally& tally : of.tallies) {
    if (tally.content == content) return tally;
  }
  of.tallies.push_back({.content = content,
                        .notarize = {},
                        .finalize = {},
                        .may_speak_notarize = {},
                        .may_speak_finalize = {}});
  return of.tallies.back();
}

void Oracle::stage_signed(std::uint16_t node, std::uint16_t validator, std::vector<Bytes> votes) {
  std::ranges::stable_sort(votes, {}, [this](const Bytes& bytes) {
    const auto vote = read_signed(bytes);
    return vote ? vote->view : 0;
  });
  for (const Bytes& vote : votes) vote_signed(node, validator, vote);
}

void Oracle::vote_signed(std::uint16_t node, std::uint16_t validator, ByteView signed_bytes) {
  const auto vote = read_signed(signed_bytes);
  if (!vote)
    return violate(fmt::format("O7: v{} signed bytes that are no vote of this chain", node));
  if (!is_excused(node) && !faulty_[validator]) judge_memory(validator, *vote);
  if (!has_seat(vote->epoch, validator)) {
    return violate(fmt::format("O7: v{} signed in epoch {} without a seat", node, vote->epoch));
  }
  OfView& of = views_[{vote->epoch, vote->view}];
  if (vote->word == Word::Nullify) {
    of.may_speak_nullify.set(validator);
  } else {
    Tally& tally = tally_of(of, vote->content);
    (vote->word == Word::Notarize ? tally.may_speak_notarize : tally.may_speak_finalize)
        .set(validator);
  }
  count(*vote, validator);
}

// O7: column 2 of the vote-permission table, in the order in which the votes became durable.
void Oracle::judge_memory(std::uint16_t validator, const SignedVote& vote) {
  Memory& last = memories_[{vote.epoch, validator}];
  const auto refuse = [&](std::string_view why) {
    violate(fmt::format("O7: v{} signed against C9 in view {}/{}: {}", validator, vote.epoch,
                        vote.view, why));
  };
  switch (vote.word) {
    case Word::Notarize:
      if (vote.view == last.notarize && vote.content == last.notarized) return;
      if (vote.view <= last.notarize) return refuse("notarize at or below its last notarize");
      last.notarize = vote.view;
      last.notarized = vote.content;
      return;
    case Word::Nullify:
      if (vote.view == last.nullify) return;
      if (vote.view <= last.nullify) return refuse("nullify below its last nullify");
      if (vote.view <= last.finalize) return refuse("nullify at or below its last finalize");
      last.nullify = vote.view;
      return;
    case Word::Finalize:
      if (vote.view == last.finalize && vote.content == last.finalized) return;
      if (vote.view <= last.finalize) return refuse("finalize at or below its last finalize");
      if (vote.view <= last.nullify) return refuse("finalize at or below its last nullify");
      last.finalize = vote.view;
      last.finalized = vote.content;
      return;
  }
}

// All signers count, faulty ones too: a quorum of votes that exist is a certificate that can exist.
void Oracle::count(const SignedVote& vote, std::uint16_t validator) {
  const ViewKey key{vote.epoch, vote.view};
  OfView& of = views_[key];
  if (vote.word == Word::Nullify) {
    if (of.nullify[validator]) return;
    of.nullify.set(validator);
  } else {
    Tally& tally = tally_of(of, vote.content);
    Voters& voters = vote.word == Word::Notarize ? tally.notarize : tally.finalize;
    if (voters[validator]) return;
    voters.set(validator);
  }
  judge(key, of);
}

bool Oracle::is_notarized(const ViewKey& key) const {
  if (key.second == 0) return true;
  const auto found = views_.find(key);
  if (found == views_.end()) return false;
  return std::ranges::any_of(found->second.tallies, [&](const Tally& tally) {
    return tally.notarize.count() >= quorum(key.first);
  });
}

bool Oracle::is_nullified(const ViewKey& key) const {
  const auto found = views_.find(key);
  return found != views_.end() && found->second.nullify.count() >= quorum(key.first);
}

void Oracle::judge(const ViewKey& key, OfView& of) {
  if (of.is_condemned) return;
  const std::size_t q = quorum(key.first);
  const auto condemn = [&](std::string_view what) {
    of.is_condemned = true;
    violate(fmt::format("{} in view {}/{}", what, key.first, key.second));
  };
  std::size_t notarized = 0;
  std::size_t finalized = 0;
  for (Tally& tally : of.tallies) {
    const bool has_notarization = tally.notarize.count() >= q;
    const bool has_finalization = tally.finalize.count() >= q;
    notarized += has_notarization ? 1U : 0U;
    finalized += has_finalization ? 1U : 0U;
    if (has_notarization && !tally.was_notarized) {
      tally.was_notarized = true;
      judge_ancestry(key, tally.content);
    }
    if (has_finalization && !has_notarization) condemn("O2: final and not notarized");
  }
  if (notarized > 1) condemn("O1: two notarizations");
  if (finalized > 1) condemn("O10: two finalizations");
  if (finalized > 0 && of.nullify.count() >= q) condemn("O3: final and nullified");
}

void Oracle::judge_ancestry(const ViewKey& key, const Content& content) {
  const auto& [epoch, view] = key;
  if (content.parent >= view) {
    return violate(fmt::format("O5: view {}/{} has a later parent", epoch, view));
  }
  if (!is_notarized({epoch, content.parent})) {
    violate(
        fmt::format("O5: parent {} of view {}/{} is not notarized", content.parent, epoch, view));
  }
  for (std::uint64_t between = content.parent + 1; between < view; ++between) {
    if (is_nullified({epoch, between})) continue;
    return violate(
        fmt::format("O5: view {}/{} jumps over {}, not nullified", epoch, view, between));
  }
}

// --- Frames.

void Oracle::frame_sent(std::uint16_t node, std::uint16_t validator, FrameType type,
                        ByteView payload) {
  const auto within = [&](std::size_t max, std::string_view what) {
    if (payload.size() > max && !is_excused(node)) {
      violate(fmt::format("O13: v{} sends a {} of {} B", node, what, payload.size()));
    }
  };
  switch (type) {
    case FrameType::Vote:
      return vote_sent(node, validator, payload);
    case FrameType::Certificate:
      within(kCertificateMax, "certificate");
      return certificate_sent(node, payload);
    case FrameType::Answer:
      within(kAnswerSoft + kBlockMax + kCertificateMax, "answer");
      return answer_sent(node, payload);
    case FrameType::Block:
      return within(kBlockMax + 64, "block");
    case FrameType::Status:
      return within(4'096, "status");
    case FrameType::Fetch:
      return within(64, "fetch");
    case FrameType::Transaction:
      return within(64 * 1'024, "transaction");
  }
}

void Oracle::vote_sent(std::uint16_t node, std::uint16_t validator, ByteView payload) {
  ByteReader in{payload};
  SignedVote vote;
  const std::uint8_t kind = in.u8();
  const std::uint16_t signer = in.u16();
  vote.epoch = in.u64();
  vote.view = in.u64();
  const bool is_traitor = is_excused(node);
  const auto condemn = [&](std::string_view what) {
    if (!is_traitor) violate(fmt::format("{} v{}", what, node));
  };
  if (kind < 1 || kind > 3) return condemn("O7: no vote on the link of");
  vote.word = static_cast<Word>(kind);
  if (vote.word != Word::Nullify) {
    vote.content.parent = in.u64();
    vote.content.digest = in.fixed<Digest>();
  }
  const auto signature = in.fixed<Signature>();
  if (!in.done()) return condemn("O7: a vote of wrong length from");
  if (!is_traitor) {
    if (validator_at(vote.epoch, signer) != validator) return condemn("O7: another's vote from");
    OfView& of = views_[{vote.epoch, vote.view}];
    const Voters* durable = &of.may_speak_nullify;
    if (vote.word != Word::Nullify) {
      const Tally& tally = tally_of(of, vote.content);
      durable = vote.word == Word::Notarize ? &tally.may_speak_notarize : &tally.may_speak_finalize;
    }
    if (!(*durable)[validator]) condemn("O8: a vote on a link before it is durable, by");
    return;
  }
  const consensus::ValidatorSet* const set = set_of(vote.epoch);
  if (set == nullptr || signer >= set->size()) return;
  const std::uint64_t hash = hash_of(1, payload);
  if (verified_.contains(hash)) return;
  const PublicKey& key = (*set)[ValidatorIndex{signer}].validator_key;
  if (!crypto::verify(key, signed_bytes_of(vote), signature)) return;
  verified_.insert(hash);
  count(vote, *validator_at(vote.epoch, signer));
}

// O6: kind, epoch, view, parent, digest, n, bitmap, signatures; all of it by hand.
std::optional<Oracle::Proof> Oracle::read_certificate(ByteView bytes) {
  ByteReader in{bytes};
  Proof proof;
  const std::uint8_t kind = in.u8();
  if (kind < 4 || kind > 6) return std::nullopt;
  proof.what.word = static_cast<Word>(kind - 3);
  proof.what.epoch = in.u64();
  proof.what.view = in.u64();
  if (proof.what.word != Word::Nullify) {
    proof.what.content.parent = in.u64();
    proof.what.content.digest = in.fixed<Digest>();
  }
  const consensus::ValidatorSet* const set = set_of(proof.what.epoch);
  if (set == nullptr || in.u16() != set->size()) return std::nullopt;
  const ByteView bitmap = in.bytes((set->size() + 7) / 8);
  if (!in.ok()) return std::nullopt;
  for (std::size_t i = set->size(); i < bitmap.size() * 8; ++i) {
    if ((bitmap[i / 8] >> (i % 8) & 1U) != 0) return std::nullopt;
  }
  const std::uint64_t hash = hash_of(2, bytes);
  const bool seen_before = verified_.contains(hash);
  const Bytes message = seen_before ? Bytes{} : signed_bytes_of(proof.what);
  for (std::uint16_t i = 0; i < set->size() && in.ok(); ++i) {
    if ((bitmap[i / 8U] >> (i % 8U) & 1U) == 0) continue;
    const auto signature = in.fixed<Signature>();
    proof.signers.set(i);
    if (seen_before) continue;
    const PublicKey& key = (*set)[ValidatorIndex{i}].validator_key;
    if (!crypto::verify(key, message, signature)) return std::nullopt;
  }
  if (!in.done() || proof.signers.count() < quorum(proof.what.epoch)) return std::nullopt;
  verified_.insert(hash);
  if (!seen_before) {
    for (std::uint16_t i = 0; i < set->size(); ++i) {
      if (proof.signers[i]) count(proof.what, *validator_at(proof.what.epoch, i));
    }
  }
  return proof;
}

void Oracle::certificate_sent(std::uint16_t node, ByteView payload) {
  if (!read_certificate(payload) && !is_excused(node)) {
    violate(fmt::format("O6: v{} sends a certificate that proves nothing", node));
  }
}

void Oracle::answer_sent(std::uint16_t node, ByteView payload) {
  ByteReader in{payload};
  const std::uint8_t kind = in.u8();
  if (kind == 3) return certificate_sent(node, in.sized(kCertificateMax));
  // Snapshots and their parts are judged by what becomes of them; refusals say nothing.
  if (kind > 3) return;
  const std::size_t count = in.u16();
  if (count > kAnswerCertificates) {
    if (!is_excused(node)) violate(fmt::format("O13: v{} answers with {}", node, count));
    return;
  }
  for (std::size_t i = 0; i < count && in.ok(); ++i)
    certificate_sent(node, in.sized(kCertificateMax));
}

// --- Ledgers.

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
  if (const auto differing = differing_.find(node); differing != differing_.end()) {
    differing->second[height.value()] = met.roots;
    const auto known = chain_.find(height.value());
    if (known != chain_.end() && known->second.digest != met.digest) {
      violate(fmt::format("O10: v{} has another block at height {}", node, height.value()));
    }
    return;
  }
  const auto [at, fresh] = chain_.emplace(height.value(), met);
  if (at->second.digest != met.digest) {
    violate(fmt::format("O10: v{} has another block at height {}", node, height.value()));
  } else if (at->second.roots != met.roots) {
    violate(fmt::format("O9: v{} has other roots at height {}", node, height.value()));
  }
  if (!fresh) return;
  digests_.insert(met.digest);
  const auto below = chain_.find(height.value() - 1);
  const Digest parent = below == chain_.end() ? Digest{chain_id_.bytes} : below->second.digest;
  if (block->header().parent != parent) {
    violate(fmt::format("O4: height {} does not follow the one below", height.value()));
  }
  if (block->transactions().empty()) ++empty_blocks_;
  for (const wire::Transaction& transaction : block->transactions()) {
    if (!transactions_.insert(transaction.id()).second) {
      violate(fmt::format("O4: a transaction is final twice, again at {}", height.value()));
    }
  }
}

void Oracle::batch_written(std::uint16_t node, const Store& disk) {
  const ledger::Reader reader{disk};
  const ledger::Tip tip = reader.tip();
  std::uint64_t& known = heights_[node];
  if (tip.height.value() <= known) {
    return violate(fmt::format("O4: v{} wrote height {} again", node, tip.height.value()));
  }
  const auto proof = read_certificate(tip.certificate);
  if (!proof || proof->what.word != Word::Finalize || proof->what.content.digest != tip.digest) {
    violate(fmt::format("O6: v{} holds no finalization of height {}", node, tip.height.value()));
  }
  learn_set(node, tip);
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

void Oracle::node_joined(std::uint16_t node, const Store& disk) {
  const ledger::TipRecord tip = ledger::Reader{disk}.tip();
  heights_[node] = tip.height.value();
  const auto known = chain_.find(tip.height.value());
  if (known == chain_.end() || known->second.digest != tip.digest) {
    return violate(fmt::format("O10: v{} joins at a block that is not final", node));
  }
  const std::string roots = tip.state_root.to_string() + tip.results_root.to_string();
  if (known->second.roots != roots) {
    violate(fmt::format("O9: v{} joins with other roots at height {}", node, tip.height.value()));
  }
}

bool Oracle::sits(std::uint16_t validator) const {
  return has_seat(sets_.rbegin()->first, validator);
}

void Oracle::node_rolled_back(std::uint16_t node, Height height) {
  heights_[node] = height.value();
}

void Oracle::replied(std::uint16_t node, const Reply& reply, const Store& disk) {
  if (reply.state != SubmissionState::Finalized) return;
  const auto place = ledger::Reader{disk}.place_of(reply.id);
  if (!place || place->height != reply.height || !reply.result) {
    violate(fmt::format("O10: v{} told a client of what is not on its disk", node));
  }
}

bool Oracle::has_differed(std::uint16_t node) const {
  const auto differing = differing_.find(node);
  if (differing == differing_.end() || differing->second.empty()) return false;
  const auto& [height, roots] = *differing->second.rbegin();
  const auto on_chain = chain_.find(height);
  return on_chain != chain_.end() && on_chain->second.roots != roots && chain_.contains(height + 1);
}

// O12: the next header shows it that its roots are not the network's (C31).
void Oracle::judge_differing(std::uint16_t node, const Roots& roots) {
  for (const auto& [height, own] : roots) {
    const auto on_chain = chain_.find(height);
    if (on_chain == chain_.end() || on_chain->second.roots == own) continue;
    if (!roots.contains(height + 1)) continue;
    return violate(fmt::format("O12: v{} goes on after other roots at height {}", node, height));
  }
}

// O10: whatever a quorum of votes made final, anywhere, is on the one chain: unless it came last,
// and no disk had the time to hold it. How far the chain came is told by quorums alone: one traitor
// may vote for a block of it in any view.
void Oracle::finish() {
  for (const auto& [node, roots] : differing_) judge_differing(node, roots);
  ViewKey last;
  for (const auto& [key, of] : views_) {
    for (const Tally& tally : of.tallies) {
      if (tally.finalize.count() < quorum(key.first)) continue;
      if (digests_.contains(tally.content.digest)) last = std::max(last, key);
    }
  }
  for (const auto& [key, of] : views_) {
    if (key > last) continue;
    for (const Tally& tally : of.tallies) {
      if (tally.finalize.count() < quorum(key.first)) continue;
      if (digests_.contains(tally.content.digest)) continue;
      violate(
          fmt::format("O10: view {}/{} was final and is not on the chain", key.first, key.second));
    }
  }
}

// An alarm names a validator by its index in the set of an epoch: "3 signed ... epoch=7 ...".
std::optional<std::uint16_t> Oracle::accused_of(std::string_view words) const {
  constexpr std::string_view kEpoch = " epoch=";
  const auto number = [](std::string_view text) {
    return std::strtoull(std::string{text}.c_str(), nullptr, 10);
  };
  const std::size_t at = words.find(kEpoch);
  if (at == std::string_view::npos) return std::nullopt;
  return validator_at(number(words.substr(at + kEpoch.size())),
                      static_cast<std::uint16_t>(number(words)));
}

// O12, O15: alarms name those who are faulty, and an honest network gives no reason for any.
void Oracle::noticed(std::uint16_t node, const Notice& notice) {
  if (is_excused(node) || differing_.contains(node)) return;
  const bool has_faulty = !traitors_.empty() || faulty_.any() || !differing_.empty();
  const bool alarming =
      notice.level == Notice::Level::Error || (!has_faulty && notice.level == Notice::Level::Warn);
  if (!alarming) return;
  constexpr std::string_view kAccused = "Validator ";
  if (notice.text.starts_with(kAccused) &&
      notice.text.find("exclude each other") != std::string::npos) {
    const auto who = accused_of(notice.text.substr(kAccused.size()));
    if (!who) return violate(fmt::format("O15: v{} accuses nobody: {}", node, notice.text));
    if (!is_excused(*who) && !faulty_[*who]) {
      return violate(fmt::format("O15: v{} holds evidence against correct v{}", node, *who));
    }
    ++excused_alarms_;
    return;
  }
  violate(fmt::format("O12: v{} raises an alarm: {}", node, notice.text));
}

void Oracle::punished(std::uint16_t node, std::uint16_t peer, std::string_view what) {
  ++punishments_;
  if (is_excused(peer) || is_excused(node)) return;
  // Its state is not the one that its chain's headers certify: whoever joins by it finds that out
  // first.
  const bool is_of_state = what.find("part of a snapshot") != std::string_view::npos;
  if (is_of_state && differing_.contains(peer)) return;
  violate(fmt::format("O15: v{} punishes honest v{}: {}", node, peer, what));
}

}  // namespace salus::sim
