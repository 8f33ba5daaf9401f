// Owns: the reading of what a node saw.
#include "apps/salus/evidence.h"

#include <set>
#include <utility>

#include "consensus/codec.h"

namespace salus::cli {

std::optional<ValidatorIndex> signer_of(std::string_view vote) {
  const auto decoded = consensus::decode_vote(as_bytes(vote));
  if (!decoded) return std::nullopt;
  return decoded->signer;
}

std::vector<v1::Action> reports_of(
    const v1::ConsensusStatusResponse& status,
    const std::function<bool(std::uint64_t epoch, ValidatorIndex signer)>& is_on_record) {
  std::vector<v1::Action> out;
  std::set<std::pair<std::uint64_t, ValidatorIndex>> told;
  for (const v1::SeenEquivocation& seen : status.equivocations()) {
    const auto signer = signer_of(seen.first_vote());
    if (!signer || is_on_record(seen.epoch(), *signer)) continue;
    if (!told.emplace(seen.epoch(), *signer).second) continue;
    v1::ReportEquivocation& report = *out.emplace_back().mutable_report_equivocation();
    report.set_first_vote(seen.first_vote());
    report.set_second_vote(seen.second_vote());
  }
  return out;
}

}  // namespace salus::cli
