// Owns: what a proposal's content must be before anybody hears of it, and what it must put down for
// it; the same for Submit and Amend. Used inside governance only.
#pragma once

#include <cstdint>
#include <string_view>

#include "dao/batch.h"
#include "dao/context.h"
#include "dao/error.h"
#include "dao/governance/governance.h"
#include "dao/governance/proposals.h"
#include "salus/v1/action.pb.h"
#include "state/overlay.h"

namespace salus::dao::governance {

// What is decided on, in the words of Submit.
struct Content {
  v1::Scheme scheme;
  std::uint32_t winners = 0;
  const Options& options;
  std::string_view text_hash;
  const google::protobuf::RepeatedField<std::uint64_t>& prerequisites;
};
template <typename Action>
Content content_of(const Action& action) {
  return {.scheme = action.scheme(),
          .winners = action.winners(),
          .options = action.options(),
          .text_hash = action.text_hash(),
          .prerequisites = action.prerequisites()};
}

// Stateless: SchemeNotAllowed, NotYet, OptionsInvalid, Limit, TooManyProposalActions,
// ActionInvalid, PayloadTooLarge.
Outcome check_shape(const Content& content);
// Against the present state, as proposal `id`: ActionNotAllowed, ProposalUnknown,
// TooManyInterested, PayeeUnknown, and what SetParameter is refused with.
Outcome check_content(const Content& content, std::uint64_t id, const state::Overlay& state,
                      const Dispatch& dispatch);

// An ACTIVE member with weight signs: NotAuthorized, NotMember, NoWeight.
Outcome require_weight(const state::Overlay& state, const ActionContext& context);
// Who may propose on a track: NotAuthorized. The urgent one is asked for by operators, sentinels
// and institutions, whatever else it says (G-6.5).
Outcome check_roles(const state::Overlay& state, const ActionContext& context,
                    const v1::Track& lead, bool urgent);

// What a proposal is besides its content.
struct Kind {
  bool appeal = false;
  bool urgent = false;
  // The track that it leads already; 0 = it is new.
  std::uint32_t leads_now = 0;
};
Result<Terms, Error> terms_of(const Content& content, const Kind& kind, const ChainId& chain_id,
                              const state::Overlay& state);

// What was put down so far.
std::uint64_t paid(const v1::Proposal& proposal);
// The deposit is complete, or enough endorse it. Refused where the tracks have changed so that
// nothing can decide it any more.
Outcome start_notice(state::Overlay& state, const Moment& moment, v1::Proposal& proposal);

}  // namespace salus::dao::governance
