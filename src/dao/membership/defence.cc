// Owns: nobody is expelled unheard. The member whom a proposal is about may answer once, until its
// voting closes, and the answer stands beside the proposal (G-4.7).
#include "dao/membership/records.h"

namespace salus::dao::membership {

namespace {

constexpr std::size_t kHashBytes = 32;

state::Key defence_key(std::uint64_t proposal, const AccountId& account) {
  return state::Key(state::Table::Defences).u64(proposal).bytes(account.view());
}

}  // namespace

std::optional<AccountId> concerned_member(const v1::Action& action) {
  if (action.has_expel_member()) return AccountId::from(action.expel_member().account());
  if (action.has_suspend_member()) return AccountId::from(action.suspend_member().account());
  return std::nullopt;
}

std::uint32_t chamber_of(const state::Overlay& state, const AccountId& account) {
  const auto member = find_member(state, account);
  return member && is_member(state, account) ? member->chamber() : 0;
}

std::optional<v1::Defence> find_defence(const state::Overlay& state, std::uint64_t proposal,
                                        const AccountId& account) {
  return state::find<v1::Defence>(state, defence_key(proposal, account));
}

Outcome check(const v1::FileDefence& action) {
  if (action.proposal() == 0) return refuse(Error::ProposalUnknown);
  if (action.statement_hash().size() != kHashBytes) return refuse(Error::Limit);
  return {};
}

Outcome apply(const v1::FileDefence& action, std::uint32_t version, ActionContext& context,
              state::Overlay& state) {
  // What he said to another text is no answer to this one.
  const auto filed = find_defence(state, action.proposal(), context.signer);
  if (filed && filed->version() == version) return refuse(Error::DefenceFiled);
  v1::Defence defence;
  defence.set_proposal(action.proposal());
  defence.set_version(version);
  defence.set_account(context.signer.to_string());
  defence.set_statement_hash(action.statement_hash());
  defence.set_at_ms(context.now_ms());
  state::put(state, defence_key(action.proposal(), context.signer), defence);
  emit(context.events, v1::EVENT_KIND_DEFENCE_FILED, {context.signer},
       {{v1::EVENT_FIELD_PROPOSAL, action.proposal()}});
  return {};
}

}  // namespace salus::dao::membership
