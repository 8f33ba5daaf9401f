// Owns: the states of an upgrade: SCHEDULED, then ACTIVE, EXPIRED or CANCELLED, one at a time.
#include "dao/validators/upgrades.h"

#include <algorithm>

#include "dao/constitution.h"
#include "dao/validators/preflight.h"
#include "dao/validators/records.h"

namespace salus::dao::validators {

namespace {

using state::Key;
using state::Overlay;
using state::Table;

constexpr std::size_t kHashBytes = 32;

Key protocol_key() { return Key{Table::Protocol}; }
Key upgrade_key(std::uint32_t version) { return Key{Table::Upgrades}.u32(version); }
Key signal_key(const AccountId& account) { return Key{Table::ReadySignals}.bytes(account.view()); }

v1::Protocol protocol(const Overlay& state) {
  auto record = state::find_or_default<v1::Protocol>(state, protocol_key());
  // A chain that never upgraded has no record.
  if (record.version() == 0) record.set_version(kFirstProtocolVersion);
  return record;
}

void put_upgrade(Overlay& state, const v1::Upgrade& upgrade) {
  state::put(state, upgrade_key(upgrade.version()), upgrade);
}

// The upgrade leaves SCHEDULED.
void close(Overlay& state, v1::Upgrade upgrade, v1::UpgradeState end, v1::EventKind kind,
           Events& events) {
  auto record = protocol(state);
  record.set_scheduled(0);
  if (end == v1::UPGRADE_STATE_ACTIVE) record.set_version(upgrade.version());
  state::put(state, protocol_key(), record);
  upgrade.set_state(end);
  put_upgrade(state, upgrade);
  emit(events, kind, {}, {{v1::EVENT_FIELD_VERSION, upgrade.version()}});
}

bool operates(const Overlay& state, const AccountId& account) {
  const auto validator = find_validator(state, account);
  return validator && validator->state() != v1::VALIDATOR_STATE_RETIRED &&
         validator->state() != v1::VALIDATOR_STATE_WITHDRAWN;
}

}  // namespace

std::uint64_t ready_need(std::uint64_t n, std::uint64_t ready_bp) {
  return std::max(quorum(n), (ready_bp * n + 9'999) / 10'000);
}

bool becomes_active(const UpgradeInput& input) {
  // Half-open: at until_height it is over.
  if (input.height < input.from_height || input.height >= input.until_height) return false;
  if (input.current.ready < input.current.need) return false;
  return !input.pending || input.pending->ready >= input.pending->need;
}

std::uint32_t protocol_version(const Overlay& state) { return protocol(state).version(); }

std::optional<v1::Upgrade> find_upgrade(const Overlay& state, std::uint32_t version) {
  return state::find<v1::Upgrade>(state, upgrade_key(version));
}

std::optional<v1::Upgrade> scheduled_upgrade(const Overlay& state) {
  const std::uint32_t version = protocol(state).scheduled();
  return version == 0 ? std::nullopt : find_upgrade(state, version);
}

std::optional<v1::Upgrade> active_upgrade(const Overlay& state) {
  return find_upgrade(state, protocol_version(state));
}

std::optional<v1::ReadySignal> find_ready_signal(const Overlay& state,
                                                 const AccountId& operator_account) {
  return state::find<v1::ReadySignal>(state, signal_key(operator_account));
}

bool answers(const v1::ReadySignal& signal, const v1::Upgrade& upgrade) {
  return signal.serial() == upgrade.serial();
}

Readiness readiness(const Overlay& state, const v1::ValidatorSet& set, const v1::Upgrade& upgrade) {
  Readiness out{.n = static_cast<std::uint64_t>(set.validators_size()), .ready = 0, .need = 0};
  for (const v1::ValidatorInfo& info : set.validators()) {
    const auto signal = find_ready_signal(state, id_of(info.operator_account()));
    if (signal && answers(*signal, upgrade)) ++out.ready;
  }
  out.need = ready_need(out.n, constitution::value(state, "validators.ready_bp"));
  return out;
}

Outcome check(const v1::ScheduleUpgrade& action) {
  if (action.manifest_hash().size() != kHashBytes) return refuse(Error::Limit);
  if (action.version() <= kFirstProtocolVersion) return refuse(Error::VersionNotNewer);
  if (action.from_height() >= kOrdinalEnd) return refuse(Error::Limit);
  return {};
}

Outcome check_proposed(const v1::ScheduleUpgrade& action, const Overlay& state) {
  if (action.version() <= protocol_version(state)) return refuse(Error::VersionNotNewer);
  return {};
}

Outcome apply(const v1::ScheduleUpgrade& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Dao) return refuse(Error::NotAuthorized);
  if (auto newer = check_proposed(action, state); !newer) return newer;
  auto record = protocol(state);
  if (record.scheduled() != 0) return refuse(Error::UpgradeExists);
  const std::uint64_t height = context.block.height.value();
  const std::uint64_t notice = constitution::value(state, "validators.upgrade_notice");
  // A notice must be reached (G-1.2).
  if (action.from_height() < height + notice) return refuse(Error::UpgradeTooSoon);

  v1::Upgrade upgrade;
  upgrade.set_version(action.version());
  upgrade.set_manifest_hash(action.manifest_hash());
  upgrade.set_from_height(action.from_height());
  upgrade.set_until_height(action.from_height() +
                           constitution::value(state, "validators.upgrade_window"));
  upgrade.set_state(v1::UPGRADE_STATE_SCHEDULED);
  upgrade.set_scheduled_height(height);
  upgrade.set_serial(record.last_serial() + 1);
  put_upgrade(state, upgrade);
  record.set_scheduled(action.version());
  record.set_last_serial(upgrade.serial());
  state::put(state, protocol_key(), record);
  emit(context.events, v1::EVENT_KIND_UPGRADE_SCHEDULED, {},
       {{v1::EVENT_FIELD_VERSION, action.version()},
        {v1::EVENT_FIELD_HEIGHT, action.from_height()}});
  return {};
}

Outcome check(const v1::CancelUpgrade& action) {
  if (action.version() == 0) return refuse(Error::UpgradeUnknown);
  return {};
}

Outcome apply(const v1::CancelUpgrade& action, ActionContext& context, Overlay& state) {
  if (context.authority != Authority::Dao) return refuse(Error::NotAuthorized);
  const auto upgrade = scheduled_upgrade(state);
  if (!upgrade || upgrade->version() != action.version()) return refuse(Error::UpgradeUnknown);
  close(state, *upgrade, v1::UPGRADE_STATE_CANCELLED, v1::EVENT_KIND_UPGRADE_CANCELLED,
        context.events);
  return {};
}

Outcome check(const v1::SignalReady& action) {
  if (action.version() == 0) return refuse(Error::UpgradeUnknown);
  return {};
}

Outcome apply(const v1::SignalReady& action, ActionContext& context, Overlay& state) {
  const AccountId& account = context.signer;
  if (!operates(state, account)) return refuse(Error::ValidatorUnknown);
  const auto upgrade = scheduled_upgrade(state);
  if (!upgrade || upgrade->version() != action.version()) return refuse(Error::UpgradeUnknown);
  if (action.withdraw()) {
    state::erase(state, signal_key(account));
  } else {
    v1::ReadySignal signal;
    signal.set_operator_account(account.to_string());
    signal.set_version(action.version());
    signal.set_height(context.block.height.value());
    signal.set_serial(upgrade->serial());
    state::put(state, signal_key(account), signal);
  }
  emit(context.events,
       action.withdraw() ? v1::EVENT_KIND_UPGRADE_READY_WITHDRAWN : v1::EVENT_KIND_UPGRADE_READY,
       {account}, {{v1::EVENT_FIELD_VERSION, action.version()}});
  return {};
}

bool turn_upgrade(Overlay& state, const BlockContext& block, Events& events) {
  auto upgrade = scheduled_upgrade(state);
  if (!upgrade) return false;
  const std::uint64_t height = block.height.value();
  if (height < upgrade->from_height()) return false;
  if (height >= upgrade->until_height()) {
    close(state, *upgrade, v1::UPGRADE_STATE_EXPIRED, v1::EVENT_KIND_UPGRADE_EXPIRED, events);
    return true;
  }
  UpgradeInput input{.height = height,
                     .from_height = upgrade->from_height(),
                     .until_height = upgrade->until_height(),
                     .current = readiness(state, current_set(state), *upgrade),
                     .pending = std::nullopt};
  // Whoever votes next must know the version too.
  if (const auto pending = pending_set(state)) {
    input.pending = readiness(state, *pending, *upgrade);
  }
  if (!becomes_active(input)) return false;
  upgrade->set_active_height(height);
  close(state, *upgrade, v1::UPGRADE_STATE_ACTIVE, v1::EVENT_KIND_UPGRADE_ACTIVATED, events);
  return true;
}

std::vector<std::string> broken_upgrade_invariants(const Overlay& state) {
  std::vector<std::string> broken;
  const v1::Protocol record = protocol(state);
  const std::string prefix = Key{Table::Upgrades}.str();
  state.scan(prefix, prefix, [&](std::string_view, std::string_view value) {
    const auto upgrade = state::decode<v1::Upgrade>(value);
    const std::string place = " (version " + std::to_string(upgrade.version()) + ")";
    const bool scheduled = upgrade.state() == v1::UPGRADE_STATE_SCHEDULED;
    if (scheduled != (record.scheduled() == upgrade.version())) {
      broken.push_back("G-10: one upgrade waits, and it is known as such" + place);
    }
    const bool active = upgrade.state() == v1::UPGRADE_STATE_ACTIVE;
    if (active && upgrade.version() > record.version()) {
      broken.push_back("G-10.11: the version is that of the newest active upgrade" + place);
    }
    return true;
  });
  const bool upgraded = record.version() > kFirstProtocolVersion;
  const auto last = find_upgrade(state, record.version());
  if (upgraded && (!last || last->state() != v1::UPGRADE_STATE_ACTIVE)) {
    broken.emplace_back("G-10.11: the active version was brought by an upgrade");
  }
  return broken;
}

}  // namespace salus::dao::validators
