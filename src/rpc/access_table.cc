// Owns: the rows of the access table.
#include "rpc/access_table.h"

#include <string>

#include "base/assert.h"

namespace salus::rpc {

namespace {

constexpr MethodAccess kTable[] = {
    {"/salus.v1.Transactions/SubmitTransaction", Authentication::Signatures, kRequestBytesMax,
     RateClass::Write},
    {"/salus.v1.Transactions/SimulateTransaction", Authentication::Listener, kRequestBytesMax,
     RateClass::Simulate},
    {"/salus.v1.Transactions/GetTransaction", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Transactions/ListAccountTransactions", Authentication::Listener,
     kSmallRequestBytesMax, RateClass::List},
    {"/salus.v1.Chain/GetStatus", Authentication::Listener, kSmallRequestBytesMax, RateClass::Read},
    {"/salus.v1.Chain/GetGenesis", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Chain/GetBlock", Authentication::Listener, kSmallRequestBytesMax, RateClass::List},
    {"/salus.v1.Chain/SubscribeEvents", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Subscribe},
    {"/salus.v1.Chain/GetFinality", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Chain/GetProof", Authentication::Listener, kRequestBytesMax, RateClass::Prove},
    {"/salus.v1.Chain/ProveQuery", Authentication::Listener, kRequestBytesMax, RateClass::Prove},
    {"/salus.v1.Chain/GetReceipt", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Prove},
    {"/salus.v1.Accounts/GetAccount", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Accounts/GetRecovery", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Accounts/ListGuarded", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Assets/GetAsset", Authentication::Listener, kSmallRequestBytesMax, RateClass::Read},
    {"/salus.v1.Assets/ListAssets", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Assets/GetBalance", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Assets/ListBalances", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Assets/GetSchedule", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Assets/ListSchedules", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Assets/GetVested", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Assets/GetStake", Authentication::Listener, kSmallRequestBytesMax, RateClass::Read},
    {"/salus.v1.Membership/GetMember", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Membership/ListMembers", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Membership/GetApplication", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Membership/ListApplications", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Membership/GetChamber", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Membership/ListChambers", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Membership/ListOffices", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Membership/GetCredential", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Membership/ListCredentials", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Membership/ListDefences", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Membership/GetWeightHistory", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Membership/GetAct", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Membership/ListActs", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Membership/ListSentinels", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Governance/GetProposal", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Governance/ListProposals", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Governance/GetTally", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Governance/GetBallot", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Governance/ListBallots", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Governance/Why", Authentication::Listener, kSmallRequestBytesMax, RateClass::Read},
    {"/salus.v1.Governance/GetPower", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Governance/ListTracks", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Governance/GetTrack", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Governance/ListParameters", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Governance/GetParameter", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Governance/SimulateActions", Authentication::Listener, kRequestBytesMax,
     RateClass::Simulate},
    {"/salus.v1.Governance/GetDelegation", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Governance/ListDelegates", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Governance/ListDelegators", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Governance/NeedsMe", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Governance/ExportProposal", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Governance/Timeline", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Governance/ExecutionStatus", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Governance/GetEffectiveTrack", Authentication::Listener, kRequestBytesMax,
     RateClass::Simulate},
    {"/salus.v1.Governance/GetParameterHistory", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Governance/ListPauses", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Treasury/GetFund", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Treasury/ListFunds", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Treasury/GetPayout", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Treasury/ListPayouts", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Treasury/GetBudget", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Treasury/ListBudgets", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Treasury/BudgetUse", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Treasury/GetGrant", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Treasury/ListGrants", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Treasury/ListStreams", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Treasury/FundLedger", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Treasury/CategoryTotals", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Simulate},
    {"/salus.v1.Treasury/Forecast", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Simulate},
    {"/salus.v1.Treasury/WhyPaid", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Validators/GetValidatorSet", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Validators/GetLiveness", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Validators/GetSet", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Validators/ListValidators", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Validators/GetValidator", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Validators/ListSetChanges", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Validators/Preflight", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Simulate},
    {"/salus.v1.Validators/ListEquivocations", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::List},
    {"/salus.v1.Validators/GetUpgrade", Authentication::Listener, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Operator/ConsensusStatus", Authentication::OperatorSocket, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Operator/ConsensusVotes", Authentication::OperatorSocket, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Operator/WhyStalled", Authentication::OperatorSocket, kSmallRequestBytesMax,
     RateClass::Read},
    {"/salus.v1.Operator/Backup", Authentication::OperatorSocket, kSmallRequestBytesMax,
     RateClass::Simulate},
    {"/salus.v1.Operator/BackupProgress", Authentication::OperatorSocket, kSmallRequestBytesMax,
     RateClass::Read},
};

}  // namespace

std::span<const MethodAccess> access_table() { return kTable; }

const MethodAccess* find_access(std::string_view path) {
  for (const MethodAccess& access : kTable) {
    if (access.path == path) return &access;
  }
  return nullptr;
}

const MethodAccess* find_access_of_request(std::string_view request_full_name) {
  constexpr std::string_view kPackage = "salus.v1.";
  constexpr std::string_view kSuffix = "Request";
  std::string_view method = request_full_name;
  if (!method.starts_with(kPackage) || !method.ends_with(kSuffix) ||
      method.size() < kPackage.size() + kSuffix.size()) {
    return nullptr;
  }
  method.remove_prefix(kPackage.size());
  method.remove_suffix(kSuffix.size());
  const MethodAccess* found = nullptr;
  for (const MethodAccess& access : kTable) {
    if (access.path.substr(access.path.rfind('/') + 1) == method) found = &access;
  }
  return found;
}

const MethodAccess& get_access_of_request(std::string_view request_full_name) {
  const MethodAccess* found = find_access_of_request(request_full_name);
  SALUS_ASSERT(found != nullptr, "a method has no row in the access table");
  return *found;
}

}  // namespace salus::rpc
