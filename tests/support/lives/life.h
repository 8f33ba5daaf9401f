// Owns: one DAO that lives block by block through the production application, with everything
// checked that must never break: all invariants of the modules after every block; that a refused
// transaction leaves nothing behind but its sequence (G-1.5, G-2.4); that what is not authentic is
// refused at the door and changes nothing.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dao/application.h"
#include "state/memory_store.h"
#include "support/lives/drawer.h"

namespace salus::dao::lives {

// Of one kind of action. A transaction's actions are drawn, and accepted when it applies; those
// that stand in a proposal are proposed, and executed when the DAO applies them.
struct Count {
  std::uint64_t drawn = 0;
  std::uint64_t accepted = 0;
  std::uint64_t proposed = 0;
  std::uint64_t executed = 0;

  bool happened() const { return accepted + executed > 0; }
};

class Life {
 public:
  // Begins at genesis.
  explicit Life(std::uint64_t seed);

  // Goes on for so many transactions, 1 to 8 a block; ends early when something broke.
  void live(std::uint64_t steps);

  // What broke; empty: nothing did.
  const std::vector<std::string>& broken() const { return broken_; }
  const std::map<v1::Action::KindCase, Count>& counts() const { return counts_; }
  // How often each refusal came, by its name.
  const std::map<std::string, std::uint64_t>& refusals() const { return refusals_; }
  // How proposals ended, and how many there were.
  std::map<std::string, std::uint64_t> ends() const;
  std::uint64_t blocks() const { return height_.value() - 1; }
  Root root() const;

 private:
  void begin();
  BlockContext block() const;
  void transact();
  void count(const Move& move, bool accepted);
  void refuse_at_the_door(const Outcome& why);
  void check_refused(const v1::TxBody& body, const state::Overlay& attempt);
  void note_executed(const v1::Event& event);
  void end_block();
  void breaks(std::string what);

  std::uint64_t seed_;
  Population people_;
  Drawer drawer_;
  Chance chance_;
  ChainId chain_id_;
  std::unique_ptr<salus::test::MemoryStore> store_;
  std::unique_ptr<state::Overlay> state_;
  Height height_{1};
  std::uint64_t now_ms_ = 0;
  std::uint64_t step_ = 0;
  std::map<v1::Action::KindCase, Count> counts_;
  std::map<std::string, std::uint64_t> refusals_;
  std::vector<std::string> broken_;
};

}  // namespace salus::dao::lives
