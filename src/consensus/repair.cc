// Owns: which fetches are open, of whom, and when they are asked of the next one.
#include "consensus/repair.h"

#include <algorithm>

namespace salus::consensus {

namespace {

// `first`, then everyone in turn from the neighbour on. Nobody when there is nobody else.
std::optional<ValidatorIndex> peer_at(std::uint32_t tries, std::optional<ValidatorIndex> first,
                                      std::size_t validators, std::optional<ValidatorIndex> own) {
  if (validators == (own ? 1U : 0U)) return std::nullopt;
  if (first && first != own) {
    if (tries == 0) return first;
    --tries;
  }
  const std::uint64_t others = validators - (own ? 1 : 0);
  const std::uint64_t start = own ? own->value() + 1U : 0U;
  return ValidatorIndex{static_cast<std::uint16_t>((start + tries % others) % validators)};
}

}  // namespace

Repair::Key Repair::key_of(const Wanted& wanted) {
  // A block is one thing whichever view names it.
  if (wanted.digest) return {.digest = wanted.digest, .certificate = {}};
  return {.digest = std::nullopt, .certificate = wanted.certificate};
}

void Repair::want(const std::vector<Wanted>& wanted, MonoMs now, std::uint64_t fetch_ms) {
  std::map<Key, Attempt> kept;
  for (const Wanted& one : wanted) {
    if (kept.size() >= kOpenFetchesMax) break;
    const Key key = key_of(one);
    if (const auto open = open_.find(key); open != open_.end()) {
      kept.insert(*open);
      continue;
    }
    const std::uint64_t patience = one.patient ? fetch_ms / 4 : 0;
    kept.emplace(key, Attempt{.first = one.first,
                              .tries = 0,
                              .wait_ms = fetch_ms,
                              .next = MonoMs{now.value() + patience}});
  }
  open_ = std::move(kept);
}

std::vector<Question> Repair::due(MonoMs now, std::size_t validators,
                                  std::optional<ValidatorIndex> own) {
  std::vector<Question> questions;
  for (auto& [key, attempt] : open_) {
    if (attempt.next > now) continue;
    const auto to = peer_at(attempt.tries, attempt.first, validators, own);
    if (to) {
      questions.push_back({.certificate = key.certificate, .digest = key.digest, .to = *to});
    }
    ++attempt.tries;
    attempt.next = MonoMs{now.value() + attempt.wait_ms};
    attempt.wait_ms = std::min(kFetchWaitMsMax, attempt.wait_ms + attempt.wait_ms / 2);
  }
  return questions;
}

std::optional<MonoMs> Repair::next_due() const {
  std::optional<MonoMs> next;
  for (const auto& [key, attempt] : open_) {
    if (!next || attempt.next < *next) next = attempt.next;
  }
  return next;
}

Repair::Asked Repair::asked(const MissingCertificate& certificate, std::size_t validators,
                            std::optional<ValidatorIndex> own) const {
  const auto found = open_.find({.digest = std::nullopt, .certificate = certificate});
  if (found == open_.end() || found->second.tries == 0) return {};
  const Attempt& attempt = found->second;
  return {.tries = attempt.tries,
          .last = peer_at(attempt.tries - 1, attempt.first, validators, own)};
}

void Repair::write_fingerprint(ByteWriter& out) const {
  out.u64(open_.size());
  for (const auto& [key, attempt] : open_) {
    out.u8(key.digest ? 1 : 0);
    if (key.digest) out.bytes(key.digest->view());
    out.u64(key.certificate.view.value());
    out.u8(static_cast<std::uint8_t>(key.certificate.kind));
    out.u32(attempt.tries);
  }
}

}  // namespace salus::consensus
