// Owns: proof that no order of admissions, credentials, suspensions, seats, chambers, joint acts,
// pauses, issuers' ends and upgrades breaks an invariant of those who are counted (G-1.10, G-4.10,
// G-4.11, G-11.4, G-12.4). Refusals are part of the game.
#include <random>

#include "dao/a_people.h"
#include "dao/constitution.h"
#include "dao/pauses/pauses.h"

namespace salus::dao::test {
namespace {

using membership::bit;
using membership::Role;

class People {
 public:
  explicit People(std::uint64_t seed) : random_(seed), dao_(a_watched_document()) {}

  void play(int blocks) {
    for (int i = 0; i < blocks; ++i) {
      const std::uint64_t actions = below(8);
      for (std::uint64_t j = 0; j < actions; ++j) act();
      dao_.advance_ms(1 + below(6) * kSecond);
      if (below(40) == 0) dao_.advance_ms(membership::kDayMs);
      dao_.end_block();
    }
  }
  std::uint64_t applied() const { return applied_; }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  std::string somebody() {
    static const std::vector<Person> people = everybody();
    return people[below(people.size())].name;
  }
  AccountId someone() { return dao_.account(somebody()); }
  std::uint64_t soon() { return dao_.now_ms() + 1 + below(30) * kSecond; }

  void by(const std::string& name, const v1::Action& action) {
    if (dao_.apply(name, action).ok()) ++applied_;
  }
  void by_dao(const v1::Action& action) {
    if (dao_.apply_as_dao(action) == "Ok") ++applied_;
  }

  void act() {
    switch (below(5)) {
      case 0:
        return admission();
      case 1:
        return credentials();
      case 2:
        return standing();
      case 3:
        return watching();
      default:
        return rules();
    }
  }

  void admission() {
    static constexpr Role kRoles[] = {Role::Patient, Role::Clinician, Role::Researcher,
                                      Role::Institution};
    const std::string who = somebody();
    switch (below(6)) {
      case 0:
      case 1:
        return by(who, ask_admission(below(5) == 0 ? somebody() : who, bit(kRoles[below(4)])));
      case 2:
        return by("registry", attest(dao_.account(who), bit(Role::Patient)));
      case 3:
        return by(who, vouch(someone()));
      case 4:
        return by_dao(admit(dao_.account(who), static_cast<std::uint32_t>(below(3))));
      default:
        return below(2) == 0 ? by(who, withdraw_application()) : by(who, exit_dao());
    }
  }

  void credentials() {
    const std::uint64_t id = 1 + below(40);
    switch (below(8)) {
      case 0:
      case 1:
      case 2:
        return by("registry",
                  issue(someone(), static_cast<v1::CredentialKind>(1 + below(6)), soon()));
      case 3:
        return by("registry", renew(id, soon()));
      case 4:
        return by("registry", suspend_credential(id));
      case 5:
        return by("registry", reinstate_credential(id));
      case 6:
        return below(3) == 0 ? by_dao(revoke(id)) : by(somebody(), recheck(someone()));
      default:
        return issuers();
    }
  }

  void issuers() {
    const AccountId registry = dao_.account("registry");
    if (below(3) != 0) {
      return by_dao(set_issuer(registry, bit(Role::Patient) | membership::kCredentialRoles, 500));
    }
    const std::uint64_t back = below(3) == 0 ? 0 : dao_.now_ms() - below(60) * kSecond;
    by_dao(end_issuer(registry, back));
  }

  void standing() {
    const AccountId who = someone();
    switch (below(6)) {
      case 0:
        return by_dao(suspend(who, soon()));
      case 1:
        return by_dao(reinstate(who));
      case 2:
        return below(4) == 0 ? by_dao(expel(who, kSecond)) : by_dao(reinstate(who));
      case 3:
        return by_dao(set_seats(who, static_cast<std::uint32_t>(1 + below(20))));
      case 4:
        return by_dao(grant_office(who, static_cast<Role>(10 + below(3)), 1 + below(90) * kSecond));
      default:
        return by_dao(end_office(who, static_cast<Role>(10 + below(3))));
    }
  }

  void watching() {
    const std::uint64_t act = 1 + below(acts::last_act(dao_.state()) + 1);
    switch (below(6)) {
      case 0:
      case 1:
        return by(somebody(), pause({v1::Action::kPay}, 1 + below(20) * kSecond));
      case 2:
        return by(somebody(), co_sign(dao_, act));
      case 3:
        return by(somebody(), withdraw_act(act));
      case 4:
        return by_dao(end_pause(pauses::last_pause(dao_.state())));
      default:
        return by_dao(renew_charges());
    }
  }

  void rules() {
    switch (below(5)) {
      case 0: {
        auto chamber =
            *membership::find_chamber(dao_.state(), static_cast<std::uint32_t>(1 + below(4)));
        chamber.set_opened(false);
        chamber.set_min_members(static_cast<std::uint32_t>(1 + below(3)));
        return by_dao(set_chamber(chamber));
      }
      case 1: {
        auto track = *constitution::find_track(dao_.state(), "spend");
        track.set_id(static_cast<std::uint32_t>(11 + below(3)));
        track.set_code("pilot" + std::to_string(track.id()));
        track.set_max_open(1);
        return by_dao(set_track(track, below(8) == 0));
      }
      case 2:
        return by_dao(schedule_upgrade(static_cast<std::uint32_t>(2 + below(4)),
                                       dao_.height().value() + 100'000 + below(3)));
      case 3:
        return by_dao(cancel_upgrade(static_cast<std::uint32_t>(2 + below(4))));
      default:
        return by(somebody(), signal_ready(static_cast<std::uint32_t>(2 + below(4))));
    }
  }

  std::mt19937_64 random_;
  Dao dao_;
  std::uint64_t applied_ = 0;
};

TEST(PeopleAtRandom, keep_every_invariant_after_every_block) {
  for (const std::uint64_t seed : {1ULL, 2ULL, 3ULL}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    People people(seed);
    people.play(400);
    EXPECT_GT(people.applied(), 300U);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace salus::dao::test
