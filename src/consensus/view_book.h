// Owns: the views of an epoch from the last finalized one up, and the two questions about ancestry
// from which the safety of chains follows: on which view may a leader build (C25), and what is
// missing before a candidate may be judged (C26).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/ids.h"
#include "consensus/event.h"
#include "consensus/types.h"
#include "consensus/view_state.h"

namespace salus::consensus {

// A certificate that the node lacks.
struct MissingCertificate {
  View view;
  FetchKind kind = FetchKind::Any;

  auto operator<=>(const MissingCertificate&) const = default;
};

struct Ancestor {
  View view;
  Digest digest;

  auto operator<=>(const Ancestor&) const = default;
};

class ViewBook {
 public:
  // View 0 is final by definition.
  ViewBook(Epoch epoch, const Digest& first_ancestor);

  // v_f, its digest, and its certificate (none for view 0).
  View finalized() const { return final_.view; }
  const Ancestor& final_ancestor() const { return final_; }
  const std::optional<Certificate>& finalization() const { return finalization_; }

  ViewState& at(View view) { return views_[view]; }
  const ViewState* find(View view) const;
  std::map<View, ViewState>& views() { return views_; }
  const std::map<View, ViewState>& views() const { return views_; }
  // Views above v_f with a notarization whose certify has not said yes.
  const std::set<View>& uncertified() const { return uncertified_; }
  // Grows with every change that ancestry depends on.
  std::uint64_t version() const { return version_; }

  // A durable certificate of a view above v_f. A finalization moves v_f and forgets what it passes.
  void install(const Certificate& certificate);
  void set_certified(View view, CertifyState state);

  // v_f, or notarized and certified.
  bool usable(View view) const;
  bool nullified(View view) const;
  bool notarized(View view) const;
  // `view` is usable.
  Ancestor ancestor(View view) const;

  // Down the parent views of the notarized views held: where the chain of `candidate` leaves what
  // this node knows, at v_f or above, or below it (C19).
  View lowest_known_ancestor(const Candidate& candidate) const;

  // C25: what a block of `view` would be built on.
  std::optional<Ancestor> find_parent(View view) const;
  // C26 holds for a candidate with v_f <= parent < view.
  bool ancestry_complete(const Candidate& candidate) const;
  // C34: what is missing for C26; at most `max`.
  std::vector<MissingCertificate> missing_ancestry(const Candidate& candidate,
                                                   std::size_t max) const;
  // C33: unsettled views between the highest usable one and `view`; at most `max`.
  std::vector<MissingCertificate> missing_below(View view, std::size_t max) const;
  // Blocks from `ancestor` down to v_f that are not final, counted up to `max` (C28).
  std::size_t unfinalized_blocks(View ancestor, std::size_t max) const;

 private:
  void forget_passed();

  Epoch epoch_;
  Ancestor final_;
  std::optional<Certificate> finalization_;
  std::map<View, ViewState> views_;
  std::set<View> uncertified_;
  std::uint64_t version_ = 0;
};

// Votes at or below v_f are kept for evidence only, this many views down.
inline constexpr std::uint64_t kEvidenceViews = 10;

}  // namespace salus::consensus
