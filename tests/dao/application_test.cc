// Owns: proof of what holds for every action: authority, scopes, sequence, all or nothing, and the
// order of time-driven work (G-1.5, G-2.2 to G-2.4, G-12).
#include "dao/application.h"

#include <set>

#include "dao/a_dao.h"
#include "dao/accounts/accounts.h"
#include "dao/dispatcher.h"
#include "dao/due.h"

namespace salus::dao::test {
namespace {

using membership::bit;
using membership::Role;

// An empty action of a kind, to ask who may apply it.
v1::Action of_kind(int field_number) {
  v1::Action action;
  const auto* field = v1::Action::descriptor()->FindFieldByNumber(field_number);
  action.GetReflection()->MutableMessage(&action, field);
  return action;
}

TEST(AccessTable, names_every_action_once_with_somebody_who_may_apply_it) {
  const auto* descriptor = v1::Action::descriptor();
  std::set<int> named;
  for (const Access& access : access_table()) {
    EXPECT_TRUE(named.insert(access.kind).second) << access.kind;
    EXPECT_TRUE(access.member || access.dao) << access.kind;
    // A transaction needs a scope; what no transaction may carry has none.
    EXPECT_EQ(access.member, access.scope != 0) << access.kind;
  }
  for (int i = 0; i < descriptor->field_count(); ++i) {
    EXPECT_TRUE(named.contains(descriptor->field(i)->number())) << descriptor->field(i)->name();
  }
}

TEST(AccessTable, holds_in_both_directions) {
  Dao dao;
  for (const Access& access : access_table()) {
    const v1::Action action = of_kind(access.kind);
    std::vector<v1::Event> events;
    const BlockContext block = dao.block();
    for (const Authority authority : {Authority::Member, Authority::Dao}) {
      const bool accepted = authority == Authority::Dao ? access.dao : access.member;
      if (accepted) continue;
      ActionContext context{.block = block,
                            .authority = authority,
                            .signer = {},
                            .proposal = 0,
                            .execution_id = {},
                            .action_index = 0,
                            .events = events};
      state::Overlay attempt = dao.state().branch();
      EXPECT_EQ(apply_action(action, context, attempt), refuse(Error::NotAuthorized))
          << access.kind;
      EXPECT_TRUE(attempt.changes().empty());
    }
    EXPECT_EQ(dispatch().accepts_dao(action), access.dao);
  }
  // The DAO can take nobody's money and speak for no member (G-3.6).
  EXPECT_FALSE(dispatch().accepts_dao(of_kind(v1::Action::kTransfer)));
  EXPECT_FALSE(dispatch().accepts_dao(of_kind(v1::Action::kVote)));
  EXPECT_FALSE(dispatch().accepts_dao(of_kind(v1::Action::kSubmit)));
}

TEST(Check, refuses_what_no_state_could_allow) {
  Dao dao;
  const v1::TxBody good = dao.body("mira", {burn(1)});
  EXPECT_TRUE(check(good));
  v1::TxBody body = good;
  body.clear_actions();
  EXPECT_EQ(check(body), refuse(Error::NoActions));
  body.add_actions();
  EXPECT_EQ(check(body), refuse(Error::ActionUnset));
  body = good;
  for (int i = 0; i < 16; ++i) *body.add_actions() = burn(1);
  EXPECT_EQ(check(body), refuse(Error::TooManyActions));
  body = good;
  body.set_account("short");
  EXPECT_EQ(check(body), refuse(Error::Malformed));
  body = dao.body("mira", {burn(0)});
  EXPECT_EQ(check(body), refuse(Error::AmountZero));
}

TEST(Check, lets_no_proposal_carry_what_the_dao_cannot_do) {
  const auto submit_of = [](const v1::Action& action) {
    v1::Action submit;
    submit.mutable_submit()->set_scheme(v1::SCHEME_YES_NO);
    submit.mutable_submit()->set_text_hash(std::string(32, 't'));
    submit.mutable_submit()->set_deposit(1);
    *submit.mutable_submit()->add_options()->add_actions() = action;
    return submit;
  };
  Dao dao;
  const AccountId mira = dao.account("mira");
  EXPECT_TRUE(check_action(submit_of(mint(mira, 1))));
  EXPECT_EQ(check_action(submit_of(submit_of(mint(mira, 1)))), refuse(Error::ActionNotAllowed));
  EXPECT_EQ(check_action(submit_of(transfer(mira, 1))), refuse(Error::ActionNotAllowed));
  EXPECT_EQ(check_action(submit_of(v1::Action{})), refuse(Error::ActionInvalid));
  EXPECT_EQ(check_action(submit_of(mint(mira, 0))), refuse(Error::AmountZero));
}

TEST(Execute, applies_all_actions_or_none_and_always_uses_the_sequence) {
  Dao dao;
  const AccountId zed = dao.account("zed");
  const auto list = actions(transfer(zed, 10), transfer(zed, 5'000 * kToken));
  const Applied refused = dao.apply_all("mira", list);
  EXPECT_EQ(refused.error(), "InsufficientFunds");
  EXPECT_EQ(refused.result.action_index(), 1U);
  EXPECT_EQ(refused.result.events_size(), 0);
  EXPECT_EQ(dao.tokens("mira"), 1'000 * kToken);
  EXPECT_EQ(dao.next_sequence("mira"), 1U);
  EXPECT_EQ(dao.apply_all("mira", actions(transfer(zed, 10), transfer(zed, 20))).error(), "Ok");
  EXPECT_EQ(dao.next_sequence("mira"), 2U);
  EXPECT_EQ(dao.tokens("zed"), 500 * kToken + 30);
}

TEST(Execute, refuses_actions_that_do_not_pass_their_own_check) {
  Dao dao;
  EXPECT_EQ(dao.as("mira").apply(v1::Action{}).error(), "ActionUnset");
  EXPECT_EQ(dao.as("mira").apply(admit(dao.account("zed"))).error(), "NotAuthorized");
}

TEST(Execute, asks_for_keys_with_the_scope_of_each_action) {
  v1::GenesisDocument document = a_document();
  v1::GenesisAccount& account = *document.mutable_accounts(0);
  account.clear_keys();
  *account.add_keys() = account_key("mira", 1, accounts::kScopesAll);
  *account.add_keys() = account_key("phone", 1, accounts::kScopeBallots);
  sort_keys(*account.mutable_keys());
  Dao dao(document);
  const auto sign_with = [&](std::vector<PublicKey> signers) {
    return execute(dao.block(), TxId{}, dao.body("mira", {burn(1)}), signers, dao.state()).code();
  };
  // A ballot key cannot move money.
  EXPECT_EQ(sign_with({key_of("phone").public_key()}), v1::ERROR_CODE_AUTH_INSUFFICIENT);
  EXPECT_EQ(sign_with({key_of("mira").public_key()}), v1::ERROR_CODE_UNSPECIFIED);
}

TEST(CheckAuthentic, names_what_makes_a_block_invalid) {
  Dao dao;
  const std::vector<PublicKey> mira{key_of("mira").public_key()};
  const v1::TxBody good = dao.body("mira", {burn(1)});
  const auto judge = [&](const v1::TxBody& body, const std::vector<PublicKey>& signers,
                         std::uint64_t window) {
    return check_authentic(dao.state(), body, signers, dao.height(), window);
  };
  EXPECT_TRUE(judge(good, mira, 1));
  EXPECT_EQ(judge(good, {key_of("noor").public_key()}, 1), refuse(Error::KeyUnknown));
  EXPECT_EQ(judge(good, {mira[0], mira[0]}, 1), refuse(Error::DuplicateKey));

  v1::TxBody body = good;
  body.set_account(std::string(32, 'x'));
  EXPECT_EQ(judge(body, mira, 1), refuse(Error::AccountUnknown));
  body = good;
  body.set_sequence(1);
  EXPECT_EQ(judge(body, mira, 1), refuse(Error::SequenceGap));
  EXPECT_TRUE(judge(body, mira, 64));
  body.set_sequence(64);
  EXPECT_EQ(judge(body, mira, 64), refuse(Error::SequenceGap));
  body = good;
  body.set_expiry_height(dao.height().value() - 1);
  EXPECT_EQ(judge(body, mira, 1), refuse(Error::Expired));
  body.set_expiry_height(dao.height().value() + parameter(dao.state(), "accounts.ttl_max") + 1);
  EXPECT_EQ(judge(body, mira, 64), refuse(Error::TtlTooLong));
  EXPECT_TRUE(judge(body, mira, 1));
  ASSERT_EQ(dao.as("mira").apply(burn(1)).error(), "Ok");
  EXPECT_EQ(judge(good, mira, 1), refuse(Error::SequenceUsed));

  auto account = accounts::find_account(dao.state(), dao.account("mira"));
  account->set_state(v1::ACCOUNT_STATE_CLOSED);
  accounts::put_account(dao.state(), *account);
  EXPECT_EQ(judge(dao.body("mira", {burn(1)}), mira, 1), refuse(Error::AccountClosed));
}

TEST(EndBlock, notes_the_proposer_and_calls_a_quiet_block_inactive) {
  Dao dao;
  EXPECT_FALSE(dao.end_block().active);
  ASSERT_EQ(dao.as("zed").apply(ask_admission("zed", bit(Role::Patient))).error(), "Ok");
  ASSERT_EQ(dao.as("registry").apply(attest(dao.account("zed"), bit(Role::Patient))).error(), "Ok");
  EXPECT_EQ(next_due_ms(dao.state()), dao.now_ms() + 14 * kSecond);
  EXPECT_FALSE(dao.end_block().active);
  EXPECT_TRUE(dao.pass_ms(14 * kSecond).active);
  EXPECT_EQ(validator_set(dao.state()).validators_size(), 4);
}

TEST(EndBlock, leaves_what_exceeds_the_bound_for_the_next_block) {
  v1::GenesisDocument document = a_document();
  v1::Parameter& bound = *document.add_parameters();
  bound.set_name("governance.due_lapses");
  bound.set_value(64);
  Dao dao(document);
  // Credentials of an account that is no member: each end is one item and nothing else.
  std::uint64_t issued = 0;
  for (const char* name : {"zed", "olga", "omar", "otto", "oona"}) {
    for (int kind = v1::CREDENTIAL_KIND_CLINICIAN; kind <= v1::CREDENTIAL_KIND_AUDITOR; ++kind) {
      for (int i = 0; i < 3; ++i) {
        const auto action =
            issue(dao.account(name), static_cast<v1::CredentialKind>(kind), dao.now_ms() + kSecond);
        ASSERT_EQ(dao.as("registry").apply(action).error(), "Ok");
        ++issued;
      }
    }
  }
  ASSERT_EQ(issued, 90U);
  EXPECT_EQ(dao.pass_ms(kSecond).events.size(), 64U);
  EXPECT_EQ(dao.pass_ms(0).events.size(), 26U);
  EXPECT_EQ(dao.pass_ms(0).events.size(), 0U);
}

TEST(Due, orders_by_class_time_and_sequence) {
  Dao dao;
  state::Overlay& state = dao.state();
  const auto kind = due::Kind::StanceSweep;
  due::schedule(state, due::Class::Upkeep, 20, kind, 1);
  due::schedule(state, due::Class::Upkeep, 10, kind, 2);
  due::schedule(state, due::Class::Upkeep, 10, kind, 3);
  due::schedule(state, due::Class::Ends, 15, kind, 4);
  const auto first = [&](due::Class due_class, std::uint64_t now) -> std::uint64_t {
    const auto item = due::first_due(state, due_class, now);
    return item ? due::id_of(as_bytes(item->ref())) : 0;
  };
  EXPECT_EQ(first(due::Class::Upkeep, 9), 0U);
  EXPECT_EQ(first(due::Class::Upkeep, 10), 2U);
  EXPECT_EQ(due::next_due_ms(state), 10U);
  due::cancel(state, due::Class::Upkeep, 10, kind, 2);
  EXPECT_EQ(first(due::Class::Upkeep, 100), 3U);
  due::remove(state, *due::first_due(state, due::Class::Upkeep, 100));
  EXPECT_EQ(first(due::Class::Upkeep, 100), 1U);
  EXPECT_EQ(due::next_due_ms(state), 15U);
  EXPECT_FALSE(due::cancel(state, due::Class::Upkeep, 20, kind, due::ref_of(9)));
  EXPECT_EQ(due::all(state).size(), 2U);
}

TEST(Simulate, shows_each_action_after_those_before_it_and_keeps_nothing) {
  Dao dao;
  const AccountId mira = dao.account("mira");
  constexpr std::uint32_t kPoints = 7;
  const auto simulated = simulate_as_dao(
      dao.block(), actions(mint(mira, 600, kPoints), mint(mira, 600, kPoints), transfer(mira, 1)),
      0, dao.state());
  ASSERT_EQ(simulated.actions.size(), 3U);
  EXPECT_TRUE(simulated.actions[0]);
  EXPECT_EQ(simulated.actions[1], refuse(Error::SupplyCap));
  EXPECT_EQ(simulated.actions[2], refuse(Error::NotAuthorized));
  // His balance and the supply (G-13.3).
  ASSERT_EQ(simulated.changes.size(), 2U);
  for (const auto& change : simulated.changes) EXPECT_NE(change.before, change.after);
  EXPECT_TRUE(simulated.batch);
  EXPECT_EQ(dao.apply_as_dao(mint(mira, 1'000, kPoints)), "Ok");
}

TEST(Refusals, each_have_a_name_and_a_sentence) {
  const auto* codes = v1::ErrorCode_descriptor();
  for (int i = 0; i < codes->value_count(); ++i) {
    if (codes->value(i)->number() == 0) continue;
    const auto error = static_cast<Error>(codes->value(i)->number());
    EXPECT_NE(name(error), "Ok") << codes->value(i)->name();
    EXPECT_FALSE(sentence(error).empty()) << codes->value(i)->name();
  }
}

}  // namespace
}  // namespace salus::dao::test
