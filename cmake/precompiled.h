// Owns: what half of our sources include and none of them change: the standard library's common part
// and the generated messages, parsed once instead of some four hundred times. Sources include what they use all
// the same: -DSALUS_PRECOMPILE=OFF builds without this header.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "salus/v1/accounts.pb.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/assets.pb.h"
#include "salus/v1/chain.pb.h"
#include "salus/v1/constitution.pb.h"
#include "salus/v1/finality.pb.h"
#include "salus/v1/governance.pb.h"
#include "salus/v1/membership.pb.h"
#include "salus/v1/treasury.pb.h"
#include "salus/v1/tx.pb.h"
#include "salus/v1/validators.pb.h"
