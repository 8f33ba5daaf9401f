// Owns: `salus credential`: what an issuer says of a professional, and takes back.
#include <fmt/format.h>

#include <limits>
#include <memory>

#include "apps/salus/dao_verbs.h"

namespace salus::cli {

namespace {

constexpr std::uint64_t kDayMs = 86'400'000;

struct Credential {
  std::string who;
  std::string kind;
  std::uint64_t id = 0;
  std::uint64_t days = 365;
};

v1::CredentialKind kind_of(const std::string& name) {
  if (name == "clinician") return v1::CREDENTIAL_KIND_CLINICIAN;
  if (name == "researcher") return v1::CREDENTIAL_KIND_RESEARCHER;
  if (name == "institution") return v1::CREDENTIAL_KIND_INSTITUTION;
  usage(fmt::format("'{}' is no kind: clinician, researcher or institution.", name));
}

std::uint64_t end_of(Cli& cli, const Credential& asked) {
  constexpr std::uint64_t kDaysMax = 36'500;
  if (asked.days == 0 || asked.days > kDaysMax) usage("--days takes 1 to 36500.");
  return cli.proven_time().value() + asked.days * kDayMs;
}

// A record stays LIVE or SUSPENDED when its time is over.
std::string state_of(const v1::Credential& credential, WallMs now) {
  const bool is_revoked = credential.state() == v1::CREDENTIAL_STATE_REVOKED;
  if (!is_revoked && credential.until_ms() <= now.value()) return "ended";
  return print_enum(v1::CredentialState_Name(credential.state()), "CREDENTIAL_STATE_");
}

std::string end_of(const v1::Credential& credential) {
  const bool endless = credential.until_ms() == std::numeric_limits<std::uint64_t>::max();
  return endless ? "without end" : print_time(credential.until_ms());
}

std::string kind_of(const v1::Credential& credential) {
  return print_enum(v1::CredentialKind_Name(credential.kind()), "CREDENTIAL_KIND_");
}

std::string issuer_of(Cli& cli, const v1::Credential& credential) {
  return credential.issuer().empty() ? "genesis" : cli.name_of(credential.issuer());
}

void show(Cli& cli, std::uint64_t id) {
  v1::GetCredentialRequest request;
  request.set_credential(id);
  const auto response = cli.read(request);
  const v1::Credential& credential = response.credential();
  cli.answer(response, facts({{"credential", std::to_string(credential.id())},
                              {"holder", cli.name_of(credential.account())},
                              {"kind", kind_of(credential)},
                              {"state", state_of(credential, cli.proven_time())},
                              {"issuer", issuer_of(cli, credential)},
                              {"from", print_time(credential.from_ms())},
                              {"until", end_of(credential)}}));
}

void list(Cli& cli, const std::string& who) {
  v1::ListCredentialsRequest request;
  request.set_account((who.empty() ? cli.own_account() : cli.account(who)).to_string());
  const auto response = cli.read(request);
  Table table{{"id", "kind", "state", "issuer", "until"}};
  const WallMs now = cli.proven_time();
  for (const v1::Credential& credential : response.credentials()) {
    table.add({std::to_string(credential.id()), kind_of(credential), state_of(credential, now),
               issuer_of(cli, credential), end_of(credential)});
  }
  cli.answer(response, table.str("No credentials."));
}

void issue(Cli& cli, const Credential& asked) {
  v1::Action action;
  v1::IssueCredential& issue = *action.mutable_issue_credential();
  issue.set_account(cli.account(asked.who).to_string());
  issue.set_kind(kind_of(asked.kind));
  issue.set_until_ms(end_of(cli, asked));
  cli.send({action}, fmt::format("Issued a credential to {}.", asked.who));
}

void renew(Cli& cli, const Credential& asked) {
  v1::Action action;
  action.mutable_renew_credential()->set_id(asked.id);
  action.mutable_renew_credential()->set_until_ms(end_of(cli, asked));
  cli.send({action}, fmt::format("Renewed credential {}.", asked.id));
}

}  // namespace

void add_credential_verbs(CLI::App& app, Cli& cli) {
  auto asked = std::make_shared<Credential>();
  CLI::App* fresh = verb(app, "credential", "issue", "Issue a credential, as an issuer");
  fresh->add_option("ACCOUNT", asked->who)->required();
  fresh->add_option("--kind", asked->kind, "clinician, researcher, institution")->required();
  fresh->add_option("--days", asked->days, "How long it lives from now");
  fresh->callback([&cli, asked] { issue(cli, *asked); });

  CLI::App* listed = verb(app, "credential", "list", "The credentials of an account");
  listed->add_option("ACCOUNT", asked->who, "Absent: your own");
  listed->callback([&cli, asked] { list(cli, asked->who); });

  const auto add = [&](const std::string& name, const std::string& what) {
    CLI::App* command = verb(app, "credential", name, what);
    command->add_option("ID", asked->id)->required();
    return command;
  };
  add("show", "A credential, and until when it lives")->callback([&cli, asked] {
    show(cli, asked->id);
  });
  CLI::App* longer = add("renew", "Let a credential that you issued live longer");
  longer->add_option("--days", asked->days, "How long it lives from now");
  longer->callback([&cli, asked] { renew(cli, *asked); });
  add("suspend", "Stop a credential that you issued for now")->callback([&cli, asked] {
    v1::Action action;
    action.mutable_suspend_credential()->set_id(asked->id);
    cli.send({action}, fmt::format("Suspended credential {}.", asked->id));
  });
  add("reinstate", "Lift the suspension of a credential that you issued")->callback([&cli, asked] {
    v1::Action action;
    action.mutable_reinstate_credential()->set_id(asked->id);
    cli.send({action}, fmt::format("Reinstated credential {}.", asked->id));
  });
  add("revoke", "End a credential at once")->callback([&cli, asked] {
    v1::Action action;
    action.mutable_revoke_credential()->set_id(asked->id);
    cli.send({action}, fmt::format("Revoked credential {}.", asked->id));
  });
}

}  // namespace salus::cli
