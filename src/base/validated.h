// Owns: past the wire there are only checked values (style.md, rule 9). Only T's own validating
// functions can mint one, so whoever takes a Validated<T> never meets raw bytes.
#pragma once

#include <utility>

namespace salus {

template <typename T>
class Validated {
 public:
  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }

 private:
  friend T;
  explicit Validated(T value) : value_(std::move(value)) {}
  T value_;
};

}  // namespace salus
