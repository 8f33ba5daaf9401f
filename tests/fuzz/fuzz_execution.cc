// Owns: any body as an authentic transaction on a living DAO (dao/application.h): what a member
// signs can be refused, never crash a node, and a refusal changes nothing but his sequence (G-1.5).
#include <google/protobuf/stubs/logging.h>

#include "dao/a_money.h"
#include "fuzz/fuzz.h"
#include "state/record.h"
#include "wire/strict_parse.h"
#include "wire/transaction.h"

namespace {

using namespace salus;

// A text that is no UTF-8 is refused, and libprotobuf says so each time.
[[maybe_unused]] const auto quiet = google::protobuf::SetLogHandler(nullptr);

constexpr const char* kSigners[] = {"mira", "hope", "registry", "zed"};

// Members, a proposal being voted on, another one waiting, a payout waiting; guardians, a schedule,
// a budget of mira's, and a grant that zed reviews.
dao::test::Dao& a_living_dao() {
  static dao::test::Dao dao = [] {
    dao::test::Dao living;
    dao::test::open_voting(living, "noor", {dao::test::create_fund("study")});
    living.as("chen").apply(
        dao::test::submit({dao::test::create_fund("other")}, 5 * dao::test::kToken));
    living.apply_as_dao(dao::test::pay(1, 100, living.account("zed")));
    living.as("mira").apply(
        dao::test::set_recovery({living.account("zed")}, 1, 3 * 86'400 * dao::test::kSecond));
    living.as("mira").apply(
        dao::test::open_schedule(living.account("zed"), {{0, 0}, {9 * dao::test::kSecond, 99}}));
    v1::Action budget = dao::test::set_budget(living);
    budget.mutable_set_budget()->set_needed(1);
    living.apply_as_dao(budget);
    living.apply_as_dao(dao::test::award_grant(living));
    living.as("pavel").apply(dao::test::accept_grant(1));
    living.as("pavel").apply(dao::test::claim_tranche(1, 1));
    return living;
  }();
  return dao;
}

std::string example(const char* signer, std::uint8_t number, const v1::Action& action) {
  return static_cast<char>(number) + state::encode(a_living_dao().body(signer, {action}));
}

}  // namespace

namespace salus::fuzz {

std::vector<std::string> examples() {
  namespace t = dao::test;
  const AccountId zed = a_living_dao().account("zed");
  return {example("mira", 0, t::transfer(zed, 5)),
          example("hope", 1, t::vote(1, {{v1::CHOICE_YES, 3}, {v1::CHOICE_ABSTAIN, 4}})),
          example("mira", 0, t::submit({t::pay(1, 5, zed), t::create_fund("more")})),
          example("mira", 0, t::submit({t::set_parameter("governance.slash_below_bp", 500, 1)})),
          example("hope", 1, t::top_up(2, t::kToken)),
          example("mira", 0, t::endorse(2)),
          example("registry", 2, t::attest(zed, 1)),
          example("registry", 2, t::issue(zed, v1::CREDENTIAL_KIND_AUDITOR, ~std::uint64_t{0})),
          example("zed", 3, t::ask_admission("zed", 1)),
          example("zed", 3, t::accept_payout(1)),
          example("hope", 1, t::donate(2, 7)),
          example("hope", 1, t::declare_conflict(1)),
          example("zed", 3, t::burn(1)),
          example("zed", 3, t::start_recovery(a_living_dao(), "mira", "new")),
          example("mira", 0, t::set_recovery({}, 0, 0)),
          example("mira", 0, t::open_schedule(zed, {{0, 0}, {1, 2}, {3, 4}})),
          example("zed", 3, t::accept_schedule(1)),
          example("mira", 0, t::cancel_schedule(1)),
          example("mira", 0, t::spend_budget(1, 60, a_living_dao().account("pavel"))),
          example("zed", 3, t::approve_tranche(1, 1)),
          example("zed", 3, t::close_account()),
          example("mira", 0, t::submit({t::award_grant(a_living_dao()), t::renew_budget(1)}))};
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const char* const signer = kSigners[data[0] % std::size(kSigners)];
  dao::test::Dao& dao = a_living_dao();
  v1::TxBody body;
  if (!wire::parse_bounded(body, as_chars(fuzz::after_first({data, size})), wire::kNestingMax)) {
    return 0;
  }
  static_cast<void>(dao::check(body));
  // As it would be if the signer had meant exactly this.
  const v1::TxBody frame = dao.body(signer, {});
  body.set_chain_id(frame.chain_id());
  body.set_account(frame.account());
  body.set_sequence(frame.sequence());
  body.set_auth_version(frame.auth_version());
  if (body.actions_size() > wire::kActionsMax) return 0;

  state::Overlay attempt = dao.state().branch();
  const std::vector<PublicKey> keys{dao::test::key_of(signer).public_key()};
  const v1::TxResult result = dao::execute(dao.block(), TxId{}, body, keys, attempt);
  const bool applied = result.code() == v1::ERROR_CODE_UNSPECIFIED;
  fuzz::require(applied || attempt.changes().size() == 1,
                "a refused transaction changes its sequence only");
  fuzz::require(applied || result.events_size() == 0, "what did not happen is not told");
  fuzz::require(!applied || body.actions_size() == 0 || dao::check(body).has_value(),
                "what the stateless check refuses never applies");
  // Time goes on over whatever it left.
  dao::BlockContext later = dao.block();
  later.time = WallMs{later.time.value() + 200 * dao::test::kSecond};
  if (applied) static_cast<void>(dao::end_block(later, attempt));
  return 0;
}
