// Owns: the proof that the matrix shows each vote that counted, who was learned of only from a
// certificate, and the certificates of views that are final since.
#include "consensus/vote_matrix.h"

#include <gtest/gtest.h>

#include "consensus/harness.h"
#include "consensus/rig.h"

namespace salus::consensus {
namespace {

using testing::Cluster;
using testing::ClusterOptions;
using testing::Rig;

// The cells of one view.
std::vector<std::string> column(const VoteMatrix& matrix, std::uint64_t view) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < matrix.views.size(); ++i) {
    if (matrix.views[i] != View{view}) continue;
    for (const auto& row : matrix.cells) out.push_back(row[i]);
    out.push_back(matrix.certificates[i]);
  }
  return out;
}

using Cells = std::vector<std::string>;

TEST(VoteMatrix, is_empty_before_anybody_votes) {
  Rig rig{4, 0};
  const VoteMatrix matrix = vote_matrix(rig.core().status());
  EXPECT_EQ(column(matrix, 1), (Cells{"", "", "", "", ""}));
  EXPECT_EQ(matrix.leaders, (std::vector{ValidatorIndex{1}}));
}

TEST(VoteMatrix, shows_the_leader_with_its_candidate_and_who_notarized_or_skipped) {
  Rig rig{4, 0};
  rig.open_gate();
  rig.vote(1, notarize(Rig::candidate(1, 0, 'a')));
  rig.vote(2, notarize(Rig::candidate(1, 0, 'a')));
  rig.vote(3, Rig::skip(1));
  EXPECT_EQ(column(vote_matrix(rig.core().status()), 1), (Cells{"", "P", "N", "X", ""}));
}

TEST(VoteMatrix, shows_in_lower_case_whom_only_a_certificate_names) {
  Rig rig{4, 0};
  rig.open_gate();
  rig.vote(2, notarize(Rig::candidate(1, 0, 'a')));
  rig.certificate_in(notarize(Rig::candidate(1, 0, 'a')), {1, 2, 3});
  rig.flush();
  EXPECT_EQ(column(vote_matrix(rig.core().status()), 1), (Cells{"", "p", "N", "n", "N"}));
}

TEST(VoteMatrix, marks_two_votes_that_exclude_each_other) {
  Rig rig{4, 0};
  rig.open_gate();
  rig.vote(1, notarize(Rig::candidate(1, 0, 'a')));
  rig.vote(1, notarize(Rig::candidate(1, 0, 'b')));
  rig.vote(2, finalize(Rig::candidate(1, 0, 'a')));
  rig.vote(2, Rig::skip(1));
  EXPECT_EQ(column(vote_matrix(rig.core().status()), 1), (Cells{"", "P!", "XF!", "", ""}));
}

TEST(VoteMatrix, of_a_healthy_network_shows_a_quorum_in_each_settled_view) {
  ClusterOptions options;
  options.under_load = true;
  Cluster cluster{options};
  cluster.start_all();
  cluster.run_for(5'000);
  const VoteMatrix matrix = vote_matrix(cluster.core(0).status());
  ASSERT_GE(matrix.views.size(), 10U);
  const View last = matrix.views.back();
  for (std::size_t i = 0; i < matrix.views.size(); ++i) {
    // Older ones are forgotten, and the last two are under way.
    if (matrix.views[i].value() + 10 < last.value() || matrix.views[i].value() + 3 > last.value())
      continue;
    EXPECT_NE(matrix.certificates[i].find('N'), std::string::npos) << matrix.views[i].value();
    std::size_t notarized = 0;
    for (const auto& row : matrix.cells) {
      if (row[i].find_first_of("PNpn") != std::string::npos) ++notarized;
    }
    EXPECT_GE(notarized, 3U) << matrix.views[i].value();
    EXPECT_EQ(matrix.cells[matrix.leaders[i].value()][i].find_first_of("Pp"), 0U);
  }
}

}  // namespace
}  // namespace salus::consensus
