// Owns: one act that needs k different members to sign the same content (governance.md, section 1).
// Its content is an action; the module of that action says who may sign and how many are needed,
// and applies it inside the last signer's own action. Nobody counts twice, and whoever is no longer
// entitled when the act takes effect does not count at all (G-1.10).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "dao/context.h"
#include "dao/error.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/acts.pb.h"
#include "state/overlay.h"

namespace salus::dao::acts {

inline constexpr int kSignersMax = 16;
// Contents are small: what others are to read before they sign.
inline constexpr std::size_t kContentBytesMax = 4'096;
// How long an act waits for its signers.
inline constexpr std::uint64_t kOpenForMs = 7 * 86'400'000ULL;

// What a module asks of the signers of one content.
struct Ask {
  v1::Action content;
  // Distinct signers, 1 to kSignersMax, as the rules stand now; an open act keeps the number it was
  // opened with.
  std::uint32_t needed = 1;
  // May sign as of now: asked of the signer, and again of all of them when the act takes effect.
  std::function<bool(const AccountId&)> entitled;
  // Gains or loses by it (payee, concerned member): SignerConflicted.
  std::function<bool(const AccountId&)> conflicted;
};

enum class Step : std::uint8_t {
  Opened,   // waits for others
  Signed,   // still waits
  Reached,  // enough signed: the caller applies the content now, or refuses
};

struct Progress {
  Step step = Step::Opened;
  std::uint64_t act = 0;
  // Who signed and still counts, in order.
  std::vector<AccountId> signers;
};

// The signer of `context` signs: joins the open act of this very content, or opens one. Reached
// closes the act, so a caller that then refuses undoes that too. NotAuthorized, SignerConflicted,
// AlreadySigned, Limit.
Result<Progress, Error> sign(const Ask& ask, ActionContext& context, state::Overlay& state);

// What CoSign and WithdrawAct refer to: ActUnknown, ActClosed, ContentMismatch. The dispatcher
// applies the content again in the name of the co-signer, so its module judges him like the first.
Result<v1::Action, Error> content_of(const v1::CoSign& action, std::uint64_t now_ms,
                                     const state::Overlay& state);
Outcome check(const v1::CoSign& action);
// By the first signer: NotAuthorized otherwise.
Outcome check(const v1::WithdrawAct& action);
Outcome apply(const v1::WithdrawAct& action, ActionContext& context, state::Overlay& state);

std::optional<v1::JointAct> find_act(const state::Overlay& state, std::uint64_t id);
// The open act of this content.
std::optional<v1::JointAct> find_open(const state::Overlay& state, const ChainId& chain_id,
                                      const v1::Action& content);
// The last id that was given; 0 = none.
std::uint64_t last_act(const state::Overlay& state);
Hash content_hash(const ChainId& chain_id, const v1::Action& content);

// Takes an open act out of the way when what it is about has ended (a cancelled grant ends its
// joint acts). Nothing for a closed one.
void close_open_act(state::Overlay& state, std::uint64_t id, std::vector<v1::Event>& events);

// Due work, class 0. Total.
void lapse_act(state::Overlay& state, const BlockContext& block, ByteView ref,
               std::vector<v1::Event>& events);

std::vector<std::string> broken_invariants(const state::Overlay& state);

}  // namespace salus::dao::acts
