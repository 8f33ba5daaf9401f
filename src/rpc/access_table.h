// Owns: who may call what, how large, and how often, for every method of every service, in one
// table. A method that is not in it does not start (a test walks the descriptors).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace salus::rpc {

enum class Authentication : std::uint8_t {
  // Whoever reaches the listener; what the chain holds is the members' common record.
  Listener,
  // The content carries the signatures that count.
  Signatures,
  // Whoever may open the operator's socket, and no other listener serves it.
  OperatorSocket,
};

// Calls of one class share a bound of how many are served at once.
enum class RateClass : std::uint8_t {
  Read,       // a few point reads
  List,       // reads a page
  Write,      // enters the mempool; may wait for finality
  Simulate,   // executes
  Prove,      // reads a page and proves each record of it
  Subscribe,  // lives as long as its client
};
inline constexpr std::size_t kRateClasses = 6;

// Served at once. A waiting write costs a few hundred bytes, a subscription one block.
constexpr std::uint32_t concurrent_max(RateClass rate) {
  switch (rate) {
    case RateClass::Read:
      return 256;
    case RateClass::List:
      return 64;
    case RateClass::Write:
      return 8'192;
    case RateClass::Simulate:
      return 4;
    // Every read of a light client is one.
    case RateClass::Prove:
      return 64;
    case RateClass::Subscribe:
      return 128;
  }
  return 0;
}

inline constexpr std::size_t kSmallRequestBytesMax = 4 * 1024;
// A transaction of 64 KiB with what surrounds it.
inline constexpr std::size_t kRequestBytesMax = 72 * 1024;

struct MethodAccess {
  // `/salus.v1.Chain/GetStatus`.
  std::string_view path;
  Authentication authentication;
  std::size_t request_bytes_max;
  RateClass rate;
};

std::span<const MethodAccess> access_table();
// nullptr if there is none.
const MethodAccess* find_access(std::string_view path);
// By the name of the method's own request; nullptr if there is none.
const MethodAccess* find_access_of_request(std::string_view request_full_name);
// By the name of the method's own request, e.g. `salus.v1.GetStatusRequest`; asserts that it is in
// the table.
const MethodAccess& get_access_of_request(std::string_view request_full_name);

}  // namespace salus::rpc
