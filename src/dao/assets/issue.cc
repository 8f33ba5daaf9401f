// Owns: which assets there are. The DAO makes them; what it changes later is never against their
// holders (section 3).
#include "dao/accounts/accounts.h"
#include "dao/assets/assets.h"
#include "dao/codes.h"
#include "state/record.h"

namespace salus::dao::assets {

namespace {

constexpr std::uint32_t kFlags = kTransferable | kMembersOnly | kBurnable;
// What holders may do, and what stands in their way.
constexpr std::uint32_t kGiven = kTransferable | kBurnable;

void tell(const v1::Asset& asset, v1::EventKind kind, ActionContext& context) {
  std::vector<AccountId> issuer;
  if (const auto id = AccountId::from(asset.issuer())) issuer.push_back(*id);
  emit(context.events, kind, issuer,
       {{v1::EVENT_FIELD_ASSET, asset.id()},
        {v1::EVENT_FIELD_VALUE, asset.max_supply()},
        {v1::EVENT_FIELD_TYPE, asset.flags()}});
}

}  // namespace

std::vector<v1::Asset> all(const state::Overlay& state) {
  std::vector<v1::Asset> found;
  // Each one was made by a vote, so they are few.
  const std::string prefix = state::Key(state::Table::Assets).str();
  state.scan(prefix, prefix, [&](std::string_view, std::string_view value) {
    found.push_back(state::decode<v1::Asset>(value));
    return true;
  });
  return found;
}

Outcome check(const v1::CreateAsset& action) {
  if (!is_code(action.code())) return refuse(Error::CodeInvalid);
  if (action.decimals() > kDecimalsMax || (action.flags() & ~kFlags) != 0) {
    return refuse(Error::Limit);
  }
  if (!action.issuer().empty() && action.issuer().size() != AccountId::kSize) {
    return refuse(Error::Limit);
  }
  return action.max_supply() == 0 ? refuse(Error::AmountZero) : Outcome{};
}

Outcome apply(const v1::CreateAsset& action, ActionContext& context, state::Overlay& state) {
  std::uint32_t last = 0;
  for (const v1::Asset& asset : all(state)) {
    if (asset.code() == action.code()) return refuse(Error::CodeInUse);
    last = asset.id();
  }
  if (!action.issuer().empty() && !accounts::is_open(state, *AccountId::from(action.issuer()))) {
    return refuse(Error::AccountUnknown);
  }
  if (last == ~std::uint32_t{0}) return refuse(Error::Overflow);
  v1::Asset asset;
  asset.set_id(last + 1);
  asset.set_code(action.code());
  asset.set_decimals(action.decimals());
  asset.set_issuer(action.issuer());
  asset.set_max_supply(action.max_supply());
  asset.set_flags(action.flags());
  put_at_genesis(state, asset, context.now_ms());
  tell(asset, v1::EVENT_KIND_ASSET_CREATED, context);
  return {};
}

Outcome check(const v1::SetAsset& action) {
  return (action.flags() & ~kFlags) != 0 ? refuse(Error::Limit) : Outcome{};
}

Outcome apply(const v1::SetAsset& action, ActionContext& context, state::Overlay& state) {
  auto asset = find_asset(state, action.asset());
  if (!asset) return refuse(Error::AssetUnknown);
  if (action.max_supply() > asset->max_supply() || action.max_supply() < asset->supply()) {
    return refuse(Error::SupplyCap);
  }
  const bool takes = (asset->flags() & kGiven & ~action.flags()) != 0;
  const bool hinders = (action.flags() & kMembersOnly & ~asset->flags()) != 0;
  if (takes || hinders) return refuse(Error::RightsTaken);
  asset->set_flags(action.flags());
  asset->set_max_supply(action.max_supply());
  state::put(state, state::Key(state::Table::Assets).u32(asset->id()), *asset);
  tell(*asset, v1::EVENT_KIND_ASSET_SET, context);
  return {};
}

}  // namespace salus::dao::assets
