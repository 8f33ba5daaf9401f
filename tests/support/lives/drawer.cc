// Owns: how often each module's turn comes.
#include "support/lives/drawer.h"

#include "base/assert.h"
#include "dao/accounts/accounts.h"

namespace salus::dao::lives {

namespace {

struct Turn {
  MaybeMove (*draw)(const Pen& pen);
  std::uint64_t weight;
};
// Ballots most of all: a proposal that nobody votes on goes nowhere.
constexpr Turn kTurns[] = {
    {.draw = draw_of_ballots, .weight = 42},   {.draw = draw_of_proposals, .weight = 14},
    {.draw = draw_of_members, .weight = 15},   {.draw = draw_of_treasury, .weight = 12},
    {.draw = draw_of_assets, .weight = 6},     {.draw = draw_of_accounts, .weight = 5},
    {.draw = draw_of_validators, .weight = 6},
};
constexpr std::uint64_t kWeights = 100;
// Something can always be drawn: anybody may mark himself as a payee.
constexpr int kTriesMax = 10'000;

}  // namespace

Drawer::Drawer(std::uint64_t seed, Population& people, Style style)
    : people_(people), chance_(seed), style_(style) {}

MaybeMove Drawer::attempt(const Pen& pen) {
  std::uint64_t rest = chance_.below(kWeights);
  for (const Turn& turn : kTurns) {
    if (rest < turn.weight) return turn.draw(pen);
    rest -= turn.weight;
  }
  return std::nullopt;
}

bool Drawer::can_sign(const View& view, const AccountId& account) const {
  const auto record = accounts::find_account(view.state, account);
  return record && record->state() == v1::ACCOUNT_STATE_OPEN &&
         !people_.signers_of(*record).empty();
}

Move Drawer::draw(const View& view) {
  const Pen pen{.view = view, .people = people_, .chance = chance_, .style = style_};
  for (int tries = 0; tries < kTriesMax; ++tries) {
    auto move = attempt(pen);
    if (!move) continue;
    // Whoever is not entitled tries too.
    if (chance_.percent(2)) move->signer = pen.anybody();
    if (!can_sign(view, move->signer)) continue;
    // Several at once apply whole or not at all.
    if (chance_.percent(5)) {
      const auto more = attempt(pen);
      if (more && (more->signer == move->signer || chance_.percent(20))) {
        move->actions.insert(move->actions.end(), more->actions.begin(), more->actions.end());
      }
    }
    return std::move(*move);
  }
  SALUS_ASSERT(false, "somebody can always do something");
  return {};
}

}  // namespace salus::dao::lives
