// Owns: why an action was refused: one code, one sentence, one gRPC status each (H-0.9). The numbers
// are proto/salus/v1/types.proto's ErrorCode, grouped by module.
#pragma once

#include <string_view>

#include "base/result.h"
#include "salus/v1/types.pb.h"

namespace salus::dao {

// PascalCase names of the codes: Error::NotAuthorized is ERROR_CODE_NOT_AUTHORIZED. The enumerators
// are in error_names.h, generated from one table with the sentences.
enum class Error : int {
#define SALUS_ERROR(name, proto, status, sentence) name = ::salus::v1::proto,
#include "dao/error_table.inc"
#undef SALUS_ERROR
};

// Statuses a client library understands without knowing Salus; values of gRPC's own enumeration.
enum class Status : int {
  InvalidArgument = 3,
  NotFound = 5,
  AlreadyExists = 6,
  PermissionDenied = 7,
  ResourceExhausted = 8,
  FailedPrecondition = 9,
  Unavailable = 14,
};

// `NotAuthorized`, as people and documents spell it.
std::string_view name(Error error);
// What is wrong and what to do, for the person who sent it.
std::string_view sentence(Error error);
Status status(Error error);

using Outcome = Result<void, Error>;
inline std::unexpected<Error> refuse(Error error) { return std::unexpected(error); }

}  // namespace salus::dao
