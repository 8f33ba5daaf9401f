// Owns: the submission.
#include "apps/salus/proposals.h"

#include <sodium.h>

#include "apps/salus/amount.h"
#include "apps/salus/names.h"
#include "dao/assets/assets.h"

namespace salus::cli {

namespace {

std::uint64_t whole_deposit(Cli& cli, const v1::Submit& submit) {
  v1::GetEffectiveTrackRequest request;
  *request.mutable_options() = submit.options();
  request.set_scheme(submit.scheme());
  request.set_winners(submit.winners());
  request.set_urgent(submit.urgent());
  request.set_appeal(submit.appeal_of() != 0);
  return cli.read(request).deposit_required();
}

}  // namespace

void add_terms(CLI::App& command, const std::shared_ptr<Terms>& terms) {
  command.add_option("--deposit", terms->deposit, "First deposit; absent: all that is required");
  command.add_flag("--by-endorsement", terms->by_endorsement, "Without a deposit");
  command.add_flag("--urgent", terms->urgent, "On the urgent track, for the few actions it takes");
  command.add_option("--text-hash", terms->text_hash, "Digest of the published text");
}

void apply_terms(Cli& cli, const Terms& terms, v1::Submit& submit) {
  if (!terms.deposit.empty()) {
    submit.set_deposit(cli.amount(terms.deposit, dao::assets::kNative));
  }
  if (terms.by_endorsement) submit.set_by_endorsement(true);
  if (terms.urgent) submit.set_urgent(true);
  if (!terms.text_hash.empty()) {
    submit.set_text_hash(digest_of(terms.text_hash, "--text-hash"));
  } else if (submit.text_hash().empty()) {
    Hash name;
    randombytes_buf(name.bytes.data(), name.bytes.size());
    submit.set_text_hash(name.to_string());
  }
}

void submit_proposal(Cli& cli, v1::Submit submit, const Terms& terms) {
  apply_terms(cli, terms, submit);
  if (submit.deposit() == 0 && !submit.by_endorsement()) {
    submit.set_deposit(whole_deposit(cli, submit));
  }
  v1::Action action;
  *action.mutable_submit() = std::move(submit);
  cli.send({action}, "Submitted.");
}

void propose(Cli& cli, const v1::Action& action, const Terms& terms) {
  v1::Submit submit;
  submit.set_scheme(v1::SCHEME_YES_NO);
  *submit.add_options()->add_actions() = action;
  submit_proposal(cli, std::move(submit), terms);
}

}  // namespace salus::cli
