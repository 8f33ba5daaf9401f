// Owns: what the clients of these tests send, by name.
#pragma once

#include <string>

#include "epochs/harness.h"

namespace salus::replica::testing {

inline Network::Handle pay(Network& network, std::uint16_t node, std::string_view from = "mira",
                           std::uint64_t amount = 1) {
  return network.submit(node, from, dao::test::transfer(network.account("noor"), amount));
}

inline v1::Action submit_payment(std::uint32_t fund, std::uint64_t amount, const AccountId& payee,
                                 std::uint64_t deposit) {
  v1::Action action;
  v1::Submit& submit = *action.mutable_submit();
  submit.set_scheme(v1::SCHEME_YES_NO);
  v1::Pay& pay = *submit.add_options()->add_actions()->mutable_pay();
  pay.set_fund(fund);
  pay.set_amount(amount);
  pay.set_payee(payee.to_string());
  submit.set_text_hash(std::string(32, 't'));
  submit.set_deposit(deposit);
  return action;
}

inline v1::Action vote_yes(std::uint64_t proposal) {
  v1::Action action;
  v1::Vote& vote = *action.mutable_vote();
  vote.set_proposal(proposal);
  v1::BallotPart& part = *vote.add_parts();
  part.set_choice(v1::CHOICE_YES);
  part.set_part(10'000);
  return action;
}

// Everybody has everything; clients whose node was lost ask another one.
inline bool settles(Network& network, std::uint64_t span_ms) {
  for (std::uint64_t spent = 0; spent < span_ms; spent += 1'000) {
    network.submit_lost_again();
    const bool done = network.run_until(
        [&] {
          return network.are_all_final() && network.all_equal() &&
                 network.height_of(network.size()) == network.oracle().height();
        },
        1'000);
    if (done) return true;
  }
  return false;
}

}  // namespace salus::replica::testing
