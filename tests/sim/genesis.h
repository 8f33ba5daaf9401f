// Owns: the chain that simulated networks begin with: n validators, the people of a_dao.h, and an
// operator account for each validator. Made once for equal wishes, because a sweep asks for the
// same ones again and again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/seams/store.h"
#include "consensus/types.h"
#include "dao/a_dao.h"
#include "salus/v1/validators.pb.h"

namespace salus::sim {

using ParameterList = std::vector<std::pair<std::string, std::uint64_t>>;

struct Genesis {
  StoreBatch batch;
  ChainId chain_id;
  consensus::ValidatorSet set;
  v1::ValidatorSet validators;
  std::map<std::string, AccountId, std::less<>> accounts;
  std::map<std::string, std::uint64_t, std::less<>> sequences;
};

// People of all chambers and some of none, on whom nothing else in a simulation depends.
std::vector<dao::test::Person> citizens();

// The name of a validator's key, for dao::test::key_of.
std::string validator_key_name(std::size_t validator);

std::string node_key_name(std::size_t validator);

// `spares` more have keys and operators that may nominate them, and no seat in the first set.
// Valid until the thread ends.
const Genesis& genesis_of(std::size_t n, const ParameterList& parameters, std::size_t spares = 0);

}  // namespace salus::sim
