// Owns: the rows about links, disk, processor, clock and build.
#include <algorithm>
#include <vector>

#include "replica/diagnosis_rows.h"

namespace salus::replica::rows {

namespace {

// A ledger batch that is older waits for a sick disk.
constexpr std::uint64_t kBatchMsMax = 2'000;

std::string span_us(std::uint64_t us) { return span(us / 1'000); }

// "The address does not answer: Connection refused" of a sentence, its remedy, and in brackets what
// the system said: here the remedy comes once.
std::string cause(const std::string& error) {
  std::string out = error.substr(0, error.find(". "));
  if (out.ends_with('.')) out.pop_back();
  const std::size_t detail = error.rfind(" (");
  if (error.ends_with(')') && detail != std::string::npos && detail > out.size()) {
    out += ": " + error.substr(detail + 2, error.size() - detail - 3);
  }
  return out;
}

std::string missing_links(const Situation& s) {
  std::vector<std::string> names;
  for (const Member& member : s.members) {
    if (member.linked || member.own) continue;
    const auto error = s.around.link_errors.find(member.node);
    const bool known = error != s.around.link_errors.end() && !error->second.empty();
    names.push_back(member.name + " (" + (known ? cause(error->second) : "never linked") + ")");
  }
  return list(names);
}

}  // namespace

std::string links_sentence(const Situation& s) {
  return "linked to " + text(linked_members(s)) + " of the " + text(links_needed(s)) +
         " other validators that it takes; missing: " + missing_links(s);
}

Row links(const Situation& s) {
  if (linked_members(s) >= links_needed(s)) return std::nullopt;
  return Verdict{Stall::Links, "Too few links: this node is " + links_sentence(s) + ".",
                 "Ask their operators whether they run, and check addresses, keys and firewalls; "
                 "the chain goes on by itself."};
}

Row disk(const Situation& s) {
  if (s.journal_alarm) {
    return Verdict{Stall::Disk,
                   std::string{"The disk has no space for the journal's next file, so this node "} +
                       (s.members.size() == 1 ? "waits with its blocks: "
                                              : "offers no blocks while the others do: ") +
                       *s.journal_alarm,
                   "Free space on the disk of the data folder, at least twice journal_file_mib; "
                   "it goes on by itself."};
  }
  if (s.around.batch_ms > kBatchMsMax) {
    return Verdict{
        Stall::Disk,
        "The disk is slow: a ledger batch has been on its way for " + span(s.around.batch_ms) + ".",
        "Look at the disk's health and at who else uses it."};
  }
  if (s.around.sync_p99_us <= core(s).delay_ms * 1'000 / 2) return std::nullopt;
  return Verdict{Stall::Disk,
                 "The disk is slow: the slowest hundredth of this node's syncs takes " +
                     span_us(s.around.sync_p99_us) + ", and half the network's delay of " +
                     span(core(s).delay_ms) + " would do.",
                 "Put the data folder on a faster disk, or find out who else uses it."};
}

Row slow_execution(const Situation& s) {
  if (s.around.execution_p99_us <= core(s).delay_ms * 1'000) return std::nullopt;
  return Verdict{Stall::SlowExecution,
                 "Execution is slow: the slowest hundredth of the blocks takes " +
                     span_us(s.around.execution_p99_us) + ", more than the network's delay of " +
                     span(core(s).delay_ms) + ".",
                 "Give this machine more processor time; if all nodes are slow, propose smaller "
                 "blocks."};
}

Row clock(const Situation& s) {
  std::vector<std::int64_t> offsets;
  for (const Member& member : s.members) {
    if (member.linked && member.said) offsets.push_back(member.said->clock_offset_ms);
  }
  if (offsets.empty()) return std::nullopt;
  std::ranges::sort(offsets);
  const std::int64_t median = offsets[offsets.size() / 2];
  const std::uint64_t off = median < 0 ? static_cast<std::uint64_t>(-(median + 1)) + 1
                                       : static_cast<std::uint64_t>(median);
  if (off <= s.parameters.clock_ahead_ms / 2) return std::nullopt;
  return Verdict{Stall::Clock,
                 "This node's clock is " + text(off) + " ms " +
                     (median > 0 ? "behind" : "ahead of") + " the median of its peers.",
                 "Let the machine's clock follow a time service."};
}

Row version(const Situation& s) {
  const bool pending = s.pending && s.pending->reason == CheckReason::VersionUnknown;
  if (core(s).observing != ObservingReason::Version && !pending) return std::nullopt;
  const std::string needed =
      s.version_needed ? "protocol version " + text(*s.version_needed) : "a newer protocol version";
  return Verdict{Stall::Version,
                 "This node is older than the network: the others run " + needed +
                     ", and this build knows up to " + text(s.version_known) + ".",
                 "Upgrade to a build that knows " + needed +
                     ", the one that the consortium agreed on; no data is lost meanwhile."};
}

}  // namespace salus::replica::rows
