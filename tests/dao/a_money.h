// Owns: the actions of accounts, assets and treasury that need a plan, a schedule, a budget or a
// grant, by their names.
#pragma once

#include <string>
#include <vector>

#include "dao/a_dao.h"
#include "dao/a_proposal.h"
#include "salus/v1/action.pb.h"

namespace salus::dao::test {

// Accounts. Guardians are sorted as the chain wants them. A recovery is to the one key of a name.
v1::Action set_recovery(std::vector<AccountId> guardians, std::uint32_t needed,
                        std::uint64_t delay_ms);
v1::Action start_recovery(const Dao& dao, std::string_view account, std::string_view key);
v1::Action support_recovery(const Dao& dao, std::string_view account, std::string_view key);
v1::Action cancel_recovery();
v1::Action close_account();

// Assets. Points are (milliseconds from genesis, sum); the last sum is the total.
struct Point {
  std::uint64_t after_ms;
  std::uint64_t sum;
};
v1::Action open_schedule(const AccountId& payee, const std::vector<Point>& points,
                         std::uint32_t cancel_by = 3, std::uint32_t asset = 0);
v1::Action accept_schedule(std::uint64_t id);
v1::Action claim_schedule(std::uint64_t id, std::uint64_t amount = 0);
v1::Action cancel_schedule(std::uint64_t id);
v1::Action lock_stake(std::uint64_t amount);
v1::Action unlock_stake();
v1::Action create_asset(std::string_view code, std::uint64_t max_supply, std::uint32_t flags,
                        const std::string& issuer = {});
v1::Action set_asset(std::uint32_t id, std::uint32_t flags, std::uint64_t max_supply);

// Treasury. A budget of fund 1 that mira and noor hold, both of whom must sign: 100 a period of
// 10 s, 60 a payment, for 30 s from now on, to any ACTIVE member. Tests change what they are about.
v1::Action set_budget(const Dao& dao);
v1::Action renew_budget(std::uint32_t id);
v1::Action end_budget(std::uint32_t id);
v1::Action spend_budget(std::uint32_t id, std::uint64_t amount, const AccountId& payee);
v1::Action cancel_payout(std::uint64_t id);
// 1,000 of fund 1 to pavel in parts of 25, 25 and 50 %, due 10, 20 and 30 s after genesis, reviewed
// by two of chen, ada and zed.
v1::Action award_grant(const Dao& dao);
v1::Action accept_grant(std::uint64_t id);
v1::Action claim_tranche(std::uint64_t id, std::uint32_t tranche, char deliverable = 'd');
v1::Action approve_tranche(std::uint64_t id, std::uint32_t tranche, char deliverable = 'd');
v1::Action return_tranche(std::uint64_t id, std::uint32_t tranche, char deliverable = 'd');
v1::Action cancel_grant(std::uint64_t id);
// From fund 1.
v1::Action open_stream(const AccountId& payee, const std::vector<Point>& points,
                       std::uint32_t budget = 0);
v1::Action cancel_stream(std::uint64_t id);

}  // namespace salus::dao::test
