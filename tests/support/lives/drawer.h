// Owns: what happens next in a DAO that lives by chance: one transaction after the other, from one
// seed, of all modules. Most of them succeed, so that proposals pass, grants are paid out and
// validators come and go; some are wrong. Equal seeds and equal states give equal transactions.
// The test of lives and the simulator's clients both draw from it.
#pragma once

#include "support/lives/pen.h"

namespace salus::dao::lives {

class Drawer {
 public:
  // `people` outlives it, and learns of everybody who comes.
  Drawer(std::uint64_t seed, Population& people, Style style = {});

  // Signed by one whose account is open and for whom the population holds keys.
  Move draw(const View& view);

 private:
  MaybeMove attempt(const Pen& pen);
  bool can_sign(const View& view, const AccountId& account) const;

  Population& people_;
  Chance chance_;
  Style style_;
};

}  // namespace salus::dao::lives
