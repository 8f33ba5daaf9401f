// Owns: the DAO into which a life is born: every chamber, track and office, and spans so short that
// periods, timelocks, terms and expiries happen within some hundred blocks.
#pragma once

#include <vector>

#include "dao/a_dao.h"

namespace salus::dao::lives {

// Those of a_dao.h, more of each kind, and outsiders who may come in.
std::vector<test::Person> everybody();
// `stakes`: researchers weigh what they stake, not one each.
v1::GenesisDocument a_document(const std::vector<test::Person>& people, bool stakes);

}  // namespace salus::dao::lives
