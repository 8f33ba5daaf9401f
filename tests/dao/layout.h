// Owns: what lies where in the state of the DAO: the length of each table's keys and the one
// encoding of its records. A table of state/table.h without its line here fails a test.
#pragma once

#include <set>

#include "state/overlay.h"

namespace salus::dao::test {

// Fails for a key or a value that is not as its table says; returns the tables that were met.
std::set<int> expect_known_layout(const state::Overlay& state);
// Fails for a table of state/table.h that has no line.
void expect_layout_of_every_table();

}  // namespace salus::dao::test
