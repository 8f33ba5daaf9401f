// Owns: the list of actions, and the reductions in it.
#include "explore/menu.h"

namespace salus::consensus::explore {

namespace {

class Menu {
 public:
  Menu(const World& world, const Machine& machine, std::size_t index, const Votes& votes,
       const Limits& limits)
      : world_(world), machine_(machine), index_(index), votes_(votes), limits_(limits) {
    const Conscience& conscience = machine.conscience();
    for (std::size_t one = 0; one < world.subjects(); ++one) {
      const bool offered = world.subject_at(one).kind == VoteKind::Notarize &&
                           has(conscience.offers(), world.block_of(one)) &&
                           world.leader(world.subject_at(one).view()) != limits.traitor;
      if (offered || has(conscience.certificates(), one)) agreed_ |= world.implied(one);
    }
  }

  void add_own() {
    const View view = machine_.view();
    if (!machine_.may_vote_yet()) add({.kind = Action::Kind::Hear});
    if (machine_.is_in_flight()) add({.kind = Action::Kind::Sync});
    if (limits_.crasher == index_ && !machine_.has_crashed()) add_crashes();
    if (limits_.may_stop && !machine_.is_stopped()) add({.kind = Action::Kind::Stop});
    if (view.value() > limits_.views || machine_.has_ended()) return;
    if (world_.leader(view) == index_ && !machine_.works()) {
      add({.kind = Action::Kind::Work});
      add({.kind = Action::Kind::Decline});
    }
    // A second trigger of a view changes nothing (C10).
    if (!has_nullified(view) && !machine_.conscience().is_timed_out()) {
      add({.kind = Action::Kind::TimeOut});
    }
  }

  void add_certificates(Mask complete) {
    for (std::size_t one = 0; one < world_.subjects(); ++one) {
      const View view = world_.subject_at(one).view();
      if (!has(complete, one) || has(machine_.conscience().certificates(), one)) continue;
      if (view <= machine_.finalized() || view.value() > limits_.views || !fits(one)) continue;
      // Its votes, one by one, make the certificate here; a view far ahead admits none.
      if (limits_.by_votes && view <= machine_.view().next()) continue;
      add({.kind = Action::Kind::Certificate, .subject = one, .own = has(votes_[index_], one)});
    }
  }

  // Without by_votes only those of leaders: a vote that completes no quorum is a mark in a tally.
  void add_votes() {
    for (std::size_t one = 0; one < world_.subjects(); ++one) {
      const Subject& subject = world_.subject_at(one);
      if (subject.view().value() > limits_.views || subject.view() <= machine_.finalized())
        continue;
      for (std::size_t signer = 0; signer < kValidators; ++signer) {
        if (signer == index_ || !has(votes_[signer], one)) continue;
        if (has(machine_.heard_votes(signer), one)) continue;
        const bool offer = subject.kind == VoteKind::Notarize &&
                           world_.leader(subject.view()) == signer && signer != limits_.traitor;
        if (offer && !fits(one)) continue;
        if (matters(subject, one, signer)) {
          add({.kind = Action::Kind::Vote, .subject = one, .signer = signer});
        }
      }
    }
  }

  void add_bytes() {
    if (!limits_.bytes_apart) return;
    for (std::size_t one = 0; one < world_.subjects(); ++one) {
      if (world_.subject_at(one).kind != VoteKind::Notarize) continue;
      if (has(machine_.bytes_here(), world_.block_at(world_.block_of(one)).source)) continue;
      bool exists = false;
      for (const Mask sent : votes_) exists = exists || has(sent, one);
      if (exists) add({.kind = Action::Kind::Bytes, .subject = one});
    }
  }

  std::vector<Action> actions() && { return std::move(actions_); }

 private:
  void add(const Action& action) { actions_.push_back(action); }

  void add_crashes() {
    add({.kind = Action::Kind::CrashLosingAll});
    if (!machine_.is_in_flight()) return;
    add({.kind = Action::Kind::CrashWithBoth});
    if (!machine_.votes_in_flight()) return;
    add({.kind = Action::Kind::CrashWithJournal});
    add({.kind = Action::Kind::CrashWithGuard});
  }

  bool fits(std::size_t subject) const {
    return world_.consistent(agreed_ | world_.implied(subject));
  }

  bool has_nullified(View view) const {
    const auto skip = world_.find_subject(nullify(Epoch{}, view));
    return skip && has(machine_.conscience().cast(), *skip);
  }

  bool matters(const Subject& subject, std::size_t number, std::size_t signer) const {
    const View view = machine_.view();
    const bool next = subject.view() == view.next();
    if (subject.view() != view && !next) return limits_.by_votes && subject.view() < view;
    const bool leads = world_.leader(subject.view()) == signer;
    switch (subject.kind) {
      case VoteKind::Notarize:
        if (limits_.by_votes) return true;
        // Early it does what it does on entry, unless two come early.
        return leads && (!next || limits_.early_candidates) &&
               !has(machine_.conscience().offers(), world_.block_of(number));
      case VoteKind::Nullify:
        return limits_.by_votes ||
               (leads && !next && !has_nullified(view) && !machine_.conscience().is_timed_out());
      case VoteKind::Finalize:
        return limits_.by_votes;
    }
    return false;
  }

  const World& world_;
  const Machine& machine_;
  std::size_t index_;
  const Votes& votes_;
  const Limits& limits_;
  // What must be agreed on somewhere, by what this validator knows.
  Mask agreed_ = 0;
  std::vector<Action> actions_;
};

}  // namespace

std::vector<Action> menu(const World& world, const Machine& machine, std::size_t index,
                         const Votes& votes, Mask complete, const Limits& limits) {
  Menu all{world, machine, index, votes, limits};
  all.add_own();
  all.add_certificates(complete);
  all.add_votes();
  all.add_bytes();
  return std::move(all).actions();
}

}  // namespace salus::consensus::explore
