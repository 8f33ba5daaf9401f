// Owns: what every fuzz target gives and gets. A target is one file: the valid inputs from which
// mutations start, and LLVMFuzzerTestOneInput, which any bytes may reach. It promises more than "no
// crash": what a decoder accepts, it would have written itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace salus::fuzz {

// Valid inputs of this target, small ones.
std::vector<std::string> examples();

// Ends the process with `sentence`, so that every fuzzer sees it as a crash.
void require(bool holds, std::string_view sentence);

inline std::string text_of(ByteView bytes) { return std::string{as_chars(bytes)}; }
// Without its first byte, by which some targets choose among decoders.
inline ByteView after_first(ByteView bytes) { return bytes.empty() ? bytes : bytes.subspan(1); }

}  // namespace salus::fuzz
