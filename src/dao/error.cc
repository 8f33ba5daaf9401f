// Owns: the look-ups over the table of refusals.
#include "dao/error.h"

namespace salus::dao {

namespace {

struct Row {
  Error error;
  std::string_view name;
  Status status;
  std::string_view sentence;
};

constexpr Row kRows[] = {
#define SALUS_ERROR(name, proto, status, sentence) {Error::name, #name, Status::status, sentence},
#include "dao/error_table.inc"
#undef SALUS_ERROR
};

const Row* find_row(Error error) {
  for (const Row& row : kRows) {
    if (row.error == error) return &row;
  }
  return nullptr;
}

}  // namespace

std::string_view name(Error error) {
  const Row* row = find_row(error);
  return row != nullptr ? row->name : "Ok";
}

std::string_view sentence(Error error) {
  const Row* row = find_row(error);
  return row != nullptr ? row->sentence : "";
}

Status status(Error error) {
  const Row* row = find_row(error);
  return row != nullptr ? row->status : Status::FailedPrecondition;
}

}  // namespace salus::dao
