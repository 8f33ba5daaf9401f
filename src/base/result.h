// Owns: how a function that can refuse says so. An error is a small enum of the module that refuses.
#pragma once

#include <expected>

namespace salus {

template <typename T, typename E>
using Result = std::expected<T, E>;

}  // namespace salus
