// Owns: numbers of the protocol as people call them: chambers, tracks, roles, action types.
// What the network names is asked once a verb.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/salus/cli.h"

namespace salus::cli {

class Names {
 public:
  explicit Names(Cli& cli) : cli_(cli) {}

  // The code, or the number where nothing has it.
  std::string chamber(std::uint32_t id);
  std::string track(std::uint32_t id);
  // By code or number; a usage error names those that there are.
  std::uint32_t chamber_id(const std::string& text);
  std::uint32_t track_id(const std::string& text);
  const v1::ListTracksResponse& tracks();

 private:
  const v1::ListChambersResponse& chambers();

  Cli& cli_;
  std::optional<v1::ListChambersResponse> chambers_;
  std::optional<v1::ListTracksResponse> tracks_;
};

// `treasurer` for 10; the number where it is none of ours.
std::string role_name(std::uint32_t role);
std::optional<std::uint32_t> role_number(std::string_view name);
// `patient, clinician`; `-` for no bit.
std::string role_names(std::uint32_t bits);
// `spend_budget` for its field number in Action.kind.
std::string action_type(std::uint32_t number);
// 0 for a name that no action has.
std::uint32_t action_number(const std::string& name);

// A time that a person wrote; a usage error otherwise. Asks the network for its clock where it
// counts from now.
std::uint64_t time_of(Cli& cli, const std::string& text);
std::uint64_t span_of(const std::string& text);
// 64 hex digits; a usage error that names `option` otherwise.
std::string digest_of(const std::string& text, const std::string& option);

}  // namespace salus::cli
