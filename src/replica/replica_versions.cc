// Owns: a node that does not know the next protocol version says so as soon as the state does, and
// stops cleanly before the first block of it (G-10.9, C29).
#include <string>

#include "dao/application.h"
#include "replica/replica.h"

namespace salus::replica {

namespace {

std::string manifest(const dao::UpgradeNotice& upgrade) {
  return " Manifest of the release: " + hex(upgrade.manifest_hash.view()) + ".";
}

}  // namespace

void Replica::need_version(std::uint32_t version) {
  if (version_needed_) return;
  version_needed_ = version;
  note(Notice::Level::Error,
       "This node is older than the network, which goes on in protocol version " +
           std::to_string(version) + " while this build knows up to " +
           std::to_string(ledger_.known_version()) +
           ". It only observes now: upgrade to a build that knows that version.");
  feed(consensus::VersionUnknown{});
}

void Replica::watch_version() {
  const state::Overlay& state = ledger_.finalized_state();
  const std::uint32_t active = dao::protocol_version(state);
  if (active > ledger_.known_version()) {
    version_told_ = 0;
    if (version_needed_) return;
    const auto upgrade = dao::active_upgrade(state);
    note(Notice::Level::Error, "UpgradeRequired: the next block is of protocol version " +
                                   std::to_string(active) + "." +
                                   (upgrade ? manifest(*upgrade) : std::string{}));
    return need_version(active);
  }
  const auto coming = dao::coming_upgrade(state);
  const std::uint32_t scheduled = coming ? coming->version : 0;
  const std::uint32_t before = version_told_.value_or(0);
  version_told_ = scheduled;
  if (scheduled == before) return;
  if (!coming) return note(Notice::Level::Info, "No upgrade of the protocol waits any more.");
  const std::string what = "Protocol version " + std::to_string(coming->version) +
                           " may become active from height " +
                           std::to_string(coming->from_height.value()) + " on.";
  if (coming->version <= ledger_.known_version()) {
    note(Notice::Level::Info, what + " This build knows it. Say so: salus upgrade ready " +
                                  std::to_string(coming->version) + ".");
    return;
  }
  note(Notice::Level::Warn,
       what + " This build knows up to " + std::to_string(ledger_.known_version()) +
           ", so it will stop there: install the newer build before." + manifest(*coming));
}

}  // namespace salus::replica
