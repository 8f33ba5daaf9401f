// Owns: `salus member`, `salus chamber`, `salus office`.
#include <fmt/format.h>

#include <memory>

#include "apps/salus/cli.h"
#include "crypto/hash.h"

namespace salus::cli {

namespace {

std::string print_member(Cli& cli, const v1::Member& member) {
  return facts({{"account", hex(as_bytes(member.account()))},
                {"name", cli.name_of(member.account())},
                {"state", print_enum(v1::MemberState_Name(member.state()), "MEMBER_STATE_")},
                {"chamber", std::to_string(member.chamber())},
                {"weight", std::to_string(member.weight())},
                {"weight from", print_time(member.weight_from_ms())},
                {"joined", print_time(member.joined_ms())}});
}

void list_members(Cli& cli) {
  v1::ListMembersRequest request;
  request.set_page_size(100);
  v1::ListMembersResponse all;
  Table table{{"name", "state", "chamber", "weight", "account"}};
  do {
    const auto page = cli.read(request);
    for (const v1::Member& member : page.members()) {
      table.add({cli.name_of(member.account()),
                 print_enum(v1::MemberState_Name(member.state()), "MEMBER_STATE_"),
                 std::to_string(member.chamber()), std::to_string(member.weight()),
                 hex(as_bytes(member.account()))});
      *all.add_members() = member;
    }
    all.set_height(page.height());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("No members."));
}

void list_chambers(Cli& cli) {
  const auto response = cli.read(v1::ListChambersRequest{});
  Table table{{"id", "chamber", "members", "weight", "admission", "opened"}};
  for (const v1::ChamberInfo& info : response.chambers()) {
    table.add({std::to_string(info.chamber().id()), info.chamber().code(),
               std::to_string(info.members()), std::to_string(info.weight()),
               print_enum(v1::Admission_Name(info.chamber().admission()), "ADMISSION_"),
               info.chamber().opened() ? "yes" : "no"});
  }
  cli.answer(response, table.str("No chambers."));
}

void list_applications(Cli& cli) {
  v1::ListApplicationsRequest request;
  request.set_page_size(100);
  const auto response = cli.read(request);
  Table table{{"applicant", "roles", "attested", "lapses"}};
  for (const v1::Application& application : response.applications()) {
    table.add({cli.name_of(application.account()), std::to_string(application.roles()),
               std::to_string(application.attested()), print_time(application.until_ms())});
  }
  cli.answer(response, table.str("No applications wait."));
}

std::string print_office(std::uint32_t role) {
  if (role == 10) return "treasurer";
  if (role == 11) return "operator";
  if (role == 12) return "sentinel";
  return std::to_string(role);
}

void list_offices(Cli& cli) {
  v1::ListOfficesRequest request;
  request.set_page_size(100);
  const auto response = cli.read(request);
  Table table{{"office", "holder", "from", "until"}};
  for (const v1::Office& office : response.offices()) {
    table.add({print_office(office.role()), cli.name_of(office.account()),
               print_time(office.from_ms()), print_time(office.until_ms())});
  }
  cli.answer(response, table.str("No offices are held."));
}

struct Role {
  std::string who;
  std::vector<std::string> roles;
  std::string nullifier;

  std::uint32_t bits() const {
    std::uint32_t all = 0;
    for (const std::string& role : roles) all |= role_bit(role);
    return all;
  }
};

void apply(Cli& cli, const Role& asked) {
  v1::Action action;
  action.mutable_apply()->set_roles(asked.bits());
  if (!asked.nullifier.empty()) {
    const auto given = Hash::from_hex(asked.nullifier);
    if (!given) usage("--nullifier takes the 64 hex digits that the enrolment authority gave.");
    action.mutable_apply()->set_nullifier(given->to_string());
  } else {
    if (!cli.is_test_network()) {
      usage("Say --nullifier: the enrolment authority gives it, one for each person (G-4.6).");
    }
    // A TEST network has no enrolment authority: the account stands for its person.
    action.mutable_apply()->set_nullifier(
        crypto::hash("salus.test.null", cli.own_account().view()).to_string());
  }
  cli.send({action}, "Applied for admission.");
}

}  // namespace

void add_member_verbs(CLI::App& app, Cli& cli) {
  auto asked = std::make_shared<Role>();
  CLI::App* ask = verb(app, "member", "apply", "Ask for admission");
  ask->add_option("--role", asked->roles, "patient, clinician, researcher, institution")
      ->required();
  ask->add_option("--nullifier", asked->nullifier, "From the enrolment authority");
  ask->callback([&cli, asked] { apply(cli, *asked); });

  auto attested = std::make_shared<Role>();
  CLI::App* attest = verb(app, "member", "attest", "Confirm roles of an applicant, as an issuer");
  attest->add_option("ACCOUNT", attested->who)->required();
  attest->add_option("--role", attested->roles)->required();
  attest->callback([&cli, attested] {
    v1::Action action;
    action.mutable_attest()->set_account(cli.account(attested->who).to_string());
    action.mutable_attest()->set_roles(attested->bits());
    cli.send({action}, fmt::format("Attested {}.", attested->who));
  });

  auto refused = std::make_shared<std::string>();
  CLI::App* refuse = verb(app, "member", "refuse", "End an application that you attested");
  refuse->add_option("ACCOUNT", *refused)->required();
  refuse->callback([&cli, refused] {
    v1::Action action;
    action.mutable_refuse_application()->set_account(cli.account(*refused).to_string());
    cli.send({action}, fmt::format("Refused the application of {}.", *refused));
  });

  auto vouched = std::make_shared<std::string>();
  CLI::App* vouch = verb(app, "member", "vouch", "Back an applicant of your chamber");
  vouch->add_option("ACCOUNT", *vouched)->required();
  vouch->callback([&cli, vouched] {
    v1::Action action;
    action.mutable_vouch()->set_account(cli.account(*vouched).to_string());
    cli.send({action}, fmt::format("Vouched for {}.", *vouched));
  });

  verb(app, "member", "withdraw", "Take your application back")->callback([&cli] {
    v1::Action action;
    action.mutable_withdraw_application();
    cli.send({action}, "Took the application back.");
  });
  verb(app, "member", "exit", "Leave the DAO; balances stay with the account")->callback([&cli] {
    v1::Action action;
    action.mutable_exit();
    cli.send({action}, "Left the DAO.");
  });

  auto who = std::make_shared<std::string>();
  CLI::App* show = verb(app, "member", "show", "A member, and what he may do");
  show->add_option("ACCOUNT", *who)->required();
  show->callback([&cli, who] {
    v1::GetMemberRequest request;
    request.set_account(cli.account(*who).to_string());
    const auto response = cli.read(request);
    cli.answer(response, print_member(cli, response.member()));
  });
  verb(app, "member", "list", "All members")->callback([&cli] { list_members(cli); });
  verb(app, "member", "applications", "Who asks for admission")->callback([&cli] {
    list_applications(cli);
  });
  verb(app, "office", "list", "Who holds an office, and until when")->callback([&cli] {
    list_offices(cli);
  });
  verb(app, "chamber", "list", "The chambers and their weight")->callback([&cli] {
    list_chambers(cli);
  });
}

}  // namespace salus::cli
