// Owns: why bytes from outside are not a transaction. The values are those of v1::ErrorCode, so
// that dao/error.h has the sentence and the status of each and nothing is translated.
#pragma once

#include "salus/v1/types.pb.h"

namespace salus::wire {

enum class Refusal : int {
  // Does not parse, an id or key of the wrong size, or nested too deeply.
  Malformed = v1::ERROR_CODE_MALFORMED,
  // Over 64 KiB.
  TooLarge = v1::ERROR_CODE_TOO_LARGE,
  // A field that this version does not know, anywhere inside.
  UnknownField = v1::ERROR_CODE_UNKNOWN_FIELD,
  TooManyActions = v1::ERROR_CODE_TOO_MANY_ACTIONS,
  NoActions = v1::ERROR_CODE_NO_ACTIONS,
  // An action without an operation.
  ActionUnset = v1::ERROR_CODE_ACTION_UNSET,
  // None, more than 16, or two by one key.
  TooManySignatures = v1::ERROR_CODE_TOO_MANY_SIGNATURES,
  // A signature that does not verify.
  SignatureInvalid = v1::ERROR_CODE_SIGNATURE_INVALID,
};

constexpr v1::ErrorCode code(Refusal refusal) { return static_cast<v1::ErrorCode>(refusal); }

}  // namespace salus::wire
