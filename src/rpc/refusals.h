// Owns: the words of queries/ that the services speak as their own.
#pragma once

#include "queries/errors.h"

namespace salus::rpc {

using queries::Answer;
using queries::detail_of;
using queries::is_refused;
using queries::Refusal;
using queries::refusal;
using queries::RpcError;
using queries::to_status;

}  // namespace salus::rpc
