// Owns: the look-ups.
#include "apps/salus/names.h"

#include <fmt/format.h>

#include "apps/salus/spans.h"

namespace salus::cli {

namespace {

constexpr std::string_view kRoles[] = {
    "patient",   "subject", "delegate", "clinician", "researcher", "sponsor", "institution",
    "custodian", "issuer",  "auditor",  "treasurer", "operator",   "sentinel"};

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

// `list` has records with an id and a code.
template <typename List>
std::string code_of(const List& list, std::uint32_t id) {
  for (const auto& one : list) {
    if (one.id() == id) return one.code();
  }
  return std::to_string(id);
}

template <typename List>
std::uint32_t id_of_code(const List& list, const std::string& text, std::string_view what) {
  std::vector<std::string> known;
  for (const auto& one : list) {
    if (one.code() == text || std::to_string(one.id()) == text) return one.id();
    known.push_back(one.code());
  }
  usage(fmt::format("There is no {} '{}'. There are: {}.", what, text, joined(known)));
}

std::vector<v1::Chamber> plain(const v1::ListChambersResponse& response) {
  std::vector<v1::Chamber> out;
  for (const v1::ChamberInfo& info : response.chambers()) out.push_back(info.chamber());
  return out;
}

}  // namespace

const v1::ListChambersResponse& Names::chambers() {
  if (!chambers_) chambers_ = cli_.read(v1::ListChambersRequest{});
  return *chambers_;
}

const v1::ListTracksResponse& Names::tracks() {
  if (!tracks_) tracks_ = cli_.read(v1::ListTracksRequest{});
  return *tracks_;
}

std::string Names::chamber(std::uint32_t id) {
  return id == 0 ? "-" : code_of(plain(chambers()), id);
}

std::string Names::track(std::uint32_t id) {
  return id == 0 ? "-" : code_of(tracks().tracks(), id);
}

std::uint32_t Names::chamber_id(const std::string& text) {
  return id_of_code(plain(chambers()), text, "chamber");
}

std::uint32_t Names::track_id(const std::string& text) {
  return id_of_code(tracks().tracks(), text, "track");
}

std::string role_name(std::uint32_t role) {
  return role < std::size(kRoles) ? std::string{kRoles[role]} : std::to_string(role);
}

std::optional<std::uint32_t> role_number(std::string_view name) {
  for (std::uint32_t i = 0; i < std::size(kRoles); ++i) {
    if (kRoles[i] == name) return i;
  }
  return std::nullopt;
}

std::string role_names(std::uint32_t bits) {
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < 32; ++i) {
    if ((bits & (1U << i)) != 0) names.push_back(role_name(i));
  }
  return names.empty() ? "-" : joined(names);
}

std::string action_type(std::uint32_t number) {
  const auto* field = v1::Action::descriptor()->FindFieldByNumber(static_cast<int>(number));
  return field != nullptr ? field->name() : std::to_string(number);
}

std::uint32_t action_number(const std::string& name) {
  const auto* field = v1::Action::descriptor()->FindFieldByName(name);
  return field != nullptr ? static_cast<std::uint32_t>(field->number()) : 0;
}

std::uint64_t time_of(Cli& cli, const std::string& text) {
  const std::uint64_t now = text.starts_with('+') ? cli.proven_time().value() : 0;
  const auto time = parse_time(text, now);
  if (time) return *time;
  usage(fmt::format("'{}' is no time. Write 2027-01-31, 2027-01-31T12:00 (UTC) or +30d.", text));
}

std::uint64_t span_of(const std::string& text) {
  const auto span = parse_span(text);
  if (span) return *span;
  usage(fmt::format("'{}' is no span. Write 90d, 36h, 10m or 45s.", text));
}

std::string digest_of(const std::string& text, const std::string& option) {
  const auto digest = Hash::from_hex(text);
  if (digest) return digest->to_string();
  usage(fmt::format("{} takes the 64 hex digits of a digest.", option));
}

}  // namespace salus::cli
