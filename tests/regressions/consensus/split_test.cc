// Owns: the regression of section 15 about split ancestry: some hold the notarization of a view and
// others its nullification, each side finds the view settled, and would refuse the other's children
// for ever (C34, commonwarexyz/monorepo#4386).
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "consensus/harness.h"

namespace salus::consensus::testing {
namespace {

using Kind = Cluster::Kind;
using Group = std::set<std::uint16_t>;

struct Split {
  const char* name;
  // View 2 is led by validator 2.
  Group notarized;
  Group nullified;
};

bool is_about(const Cluster::Message& message, std::uint64_t view) {
  return message.subject && message.subject->view() == View{view};
}
bool is_vote(const Cluster::Message& message, VoteKind kind) {
  return message.kind == Kind::Vote && message.subject->kind == kind;
}

class SplitView {
 public:
  explicit SplitView(const Split& split) : split_(split), cluster_(options()) {
    cluster_.filter([this](const Cluster::Message& message) { return keeps(message); });
  }

  // All nullify view 1, then all notarize it all the same (C11); who hears what decides the rest.
  void make() {
    cluster_.start_all();
    transaction_ = cluster_.submit();
    ASSERT_TRUE(wait([](const Counters& of) { return of.nullify_cast >= 1; }));
    phase_ = Phase::Notarize;
    ASSERT_TRUE(wait([](const Counters& of) { return of.notarize_cast >= 1; }));
    phase_ = Phase::Hear;
    ASSERT_TRUE(cluster_.run_until([this] { return is_split(); }, 5'000));
    phase_ = Phase::Healed;
  }

  // No certificate of view 1 comes unasked, so only C34 can bring it.
  void heals() {
    EXPECT_TRUE(
        cluster_.run_until([this] { return cluster_.all_finalized(transaction_); }, 60'000));
    EXPECT_EQ(cluster_.violations(), "");
  }

 private:
  enum class Phase : std::uint8_t { Nullify, Notarize, Hear, Healed };

  static ClusterOptions options() {
    ClusterOptions made;
    made.parameters.retry_ms = 50;
    made.parameters.delta_ms = 2'000;
    return made;
  }

  bool keeps(const Cluster::Message& message) const {
    if (message.kind == Kind::Status) return true;
    if (phase_ == Phase::Healed) {
      return !is_about(message, 1) || message.kind == Kind::Answer;
    }
    if (phase_ == Phase::Nullify) return false;
    if (message.kind == Kind::Block) return true;
    if (!is_about(message, 1)) return false;
    if (is_vote(message, VoteKind::Notarize)) {
      return message.from == 1 || (phase_ == Phase::Hear && split_.notarized.contains(message.to));
    }
    return is_vote(message, VoteKind::Nullify) && phase_ == Phase::Hear &&
           split_.nullified.contains(message.to);
  }

  bool wait(const std::function<bool(const Counters&)>& done) {
    return cluster_.run_until(
        [&] {
          for (std::uint16_t node = 0; node < 4; ++node) {
            if (!done(cluster_.core(node).status().counters)) return false;
          }
          return true;
        },
        20'000);
  }

  bool is_split() {
    for (std::uint16_t node = 0; node < 4; ++node) {
      const CoreStatus status = cluster_.core(node).status();
      for (const ViewVotes& votes : status.views) {
        if (votes.view != View{1}) continue;
        if (split_.notarized.contains(node) != votes.notarized) return false;
        if (split_.nullified.contains(node) != votes.nullified) return false;
      }
    }
    return true;
  }

  Split split_;
  Cluster cluster_;
  Phase phase_ = Phase::Nullify;
  int transaction_ = 0;
};

TEST(Regressions, split_ancestry_heals) {
  const Split kSplits[] = {
      {.name = "even halves", .notarized = {0, 1}, .nullified = {2, 3}},
      {.name = "the notarized group leads", .notarized = {1, 2, 3}, .nullified = {0}},
      {.name = "the lone holder leads", .notarized = {2}, .nullified = {0, 1, 3}},
      {.name = "a certified view is displaced", .notarized = {1, 2}, .nullified = {0, 1, 2, 3}},
  };
  for (const Split& split : kSplits) {
    SCOPED_TRACE(split.name);
    SplitView scene{split};
    scene.make();
    if (HasFatalFailure()) return;
    scene.heals();
  }
}

}  // namespace
}  // namespace salus::consensus::testing
