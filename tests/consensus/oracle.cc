// Owns: the invariants O1 to O10, with arithmetic of its own.
#include "consensus/oracle.h"

#include <fmt/format.h>

namespace salus::consensus::testing {

void Oracle::signed_vote(std::uint16_t signer, const Subject& subject) {
  const std::uint64_t view = subject.candidate.view.value();
  OfView& of = views_[view];
  const Content content{subject.candidate.parent.value(), subject.candidate.digest};
  const auto signed_in = [signer](const auto& by_content, const Content* except) {
    for (const auto& [other, signers] : by_content) {
      if ((except == nullptr || other != *except) && signers.contains(signer)) return true;
    }
    return false;
  };
  const auto violated = [&](const char* what) {
    if (traitors_.contains(signer)) return;
    violations_.push_back(fmt::format("O7: v{} signed {} in view {}", signer, what, view));
  };
  if (subject.kind == VoteKind::Notarize) {
    if (signed_in(of.notarize, &content)) violated("two notarize votes");
    of.notarize[content].insert(signer);
  } else if (subject.kind == VoteKind::Nullify) {
    if (signed_in(of.finalize, nullptr)) violated("nullify after finalize");
    of.nullify.insert(signer);
  } else {
    if (of.nullify.contains(signer)) violated("finalize after nullify");
    if (signed_in(of.finalize, &content)) violated("two finalize votes");
    of.finalize[content].insert(signer);
  }
}

void Oracle::certificate(const Certificate& certificate) {
  const Subject& subject = certificate.subject;
  const OfView& of = views_[subject.candidate.view.value()];
  const Content content{subject.candidate.parent.value(), subject.candidate.digest};
  const auto has_signed = [&](std::uint16_t signer) {
    if (subject.kind == VoteKind::Nullify) return of.nullify.contains(signer);
    const auto& by_content = subject.kind == VoteKind::Notarize ? of.notarize : of.finalize;
    const auto found = by_content.find(content);
    return found != by_content.end() && found->second.contains(signer);
  };
  std::size_t signers = 0;
  for (const auto& [signer, signature] : certificate.signatures) {
    if (signer.value() < n_ && has_signed(signer.value())) ++signers;
  }
  if (signers < n_ - f_ || certificate.set_size != n_) {
    violations_.push_back(
        fmt::format("O6: a certificate without quorum in view {}", subject.candidate.view.value()));
  }
}

std::vector<std::pair<std::uint64_t, Digest>> Oracle::candidates(std::uint64_t view) const {
  std::vector<Content> all;
  const auto found = views_.find(view);
  if (found == views_.end()) return all;
  for (const auto& [content, signers] : found->second.notarize) all.push_back(content);
  return all;
}

void Oracle::finalized(std::uint16_t node, const Block& block) {
  std::uint64_t& height = heights_[node];
  if (block.height != height + 1) {
    violations_.push_back(
        fmt::format("O4: v{} wrote height {} after {}", node, block.height, height));
  }
  height = block.height;
  const auto [at, fresh] = chain_.emplace(block.height, block.digest);
  if (!fresh && at->second != block.digest) {
    violations_.push_back(fmt::format("O10: v{} has another block at height {}", node, height));
  }
}

std::optional<Oracle::Content> Oracle::notarized(std::uint64_t view) const {
  const auto found = views_.find(view);
  if (found == views_.end()) return std::nullopt;
  for (const auto& [content, signers] : found->second.notarize) {
    if (signers.size() >= n_ - f_) return content;
  }
  return std::nullopt;
}

bool Oracle::nullified(std::uint64_t view) const {
  const auto found = views_.find(view);
  return found != views_.end() && found->second.nullify.size() >= n_ - f_;
}

void Oracle::judge(const std::map<Digest, Block>& blocks) {
  const auto violated = [this](std::uint64_t view, const char* rule) {
    violations_.push_back(fmt::format("{} in view {}", rule, view));
  };
  for (const auto& [view, of] : views_) {
    std::size_t notarizations = 0;
    for (const auto& [content, signers] : of.notarize) {
      if (signers.size() >= n_ - f_) ++notarizations;
    }
    if (notarizations > 1) violated(view, "O1: two notarizations");

    const auto content = notarized(view);
    for (const auto& [finalized, signers] : of.finalize) {
      if (signers.size() < n_ - f_) continue;
      if (content != finalized) violated(view, "O2: final but not notarized");
      if (nullified(view)) violated(view, "O3: final and nullified");
    }
    if (!content) continue;
    const auto [parent, digest] = *content;
    if (parent != 0) {
      const auto below = notarized(parent);
      if (!below) violated(view, "O5: the parent is not notarized");
      const Block& block = blocks.at(digest);
      // C42: on a last block its repeat and nothing else.
      const bool follows =
          below && (blocks.at(below->second).is_last ? digest == below->second
                                                     : block.parent == below->second);
      if (below && !follows) violated(view, "O5: other parent");
    }
    for (std::uint64_t between = parent + 1; between < view; ++between) {
      if (!nullified(between)) violated(view, "O5: jumps over a view that is not nullified");
    }
  }
}

}  // namespace salus::consensus::testing
