// Owns: the command line of `salus`: nouns, verbs, and one place where every refusal ends.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <string>

#include "apps/salus/cli.h"
#include "crypto/ed25519.h"
#include "node/version.h"

namespace {

// CLI11 reads -5 as 2^64 - 5, and what is over 2^64 - 1 as just that.
std::string refuse_unless_u64(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size()) return {};
  return fmt::format("'{}' is not a whole number from 0 to 2^64 - 1.", text);
}

void check_numbers(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    if (option->get_type_name() == "UINT") option->check(CLI::Validator{refuse_unless_u64, ""});
  }
  for (CLI::App* verb : app.get_subcommands({})) check_numbers(*verb);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace salus::cli;
  if (!salus::crypto::initialise()) {
    fmt::print(stderr, "salus: libsodium can't start on this machine.\n");
    return static_cast<int>(Exit::Refused);
  }
  Cli cli;
  CLI::App app{"Talks to a Salus network: members, proposals, votes, treasury, chain."};
  app.set_version_flag("--version", std::string{"salus "} + salus::node::kVersion);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "Exit codes: 0 done, 1 refused by the network, 2 usage, 3 no node answers, 4 no such "
      "record, 5 the chain stands still, 6 not proven, 7 damage or a difference in a ledger.");
  app.add_option("--node", cli.options.node, "HOST:PORT of a node's gRPC")->envname("SALUS_NODE");
  app.add_option("--operator", cli.options.operator_socket,
                 "unix:PATH of a node's own socket, for verbs about that node")
      ->envname("SALUS_OPERATOR");
  app.add_option("--home", cli.options.home,
                 "Folder of a node's salusd.toml, which names its socket; absent: here")
      ->envname("SALUS_HOME");
  app.add_option("--key", cli.options.key, "Key file that signs")->envname("SALUS_KEY");
  app.add_option("--account", cli.options.account,
                 "Account that the key signs for; absent: the key file's name in the address book");
  app.add_option("--accounts", cli.options.accounts, "Address book: JSON of name and account id")
      ->envname("SALUS_ACCOUNTS");
  app.add_option("--wait", cli.options.wait, "admitted or finalized")
      ->check(CLI::IsMember({"admitted", "finalized"}));
  app.add_option("--out", cli.options.out, "Write the signed transaction there, send nothing");
  app.add_option("--valid-for", cli.options.valid_for,
                 "Heights for which what is signed stays valid; absent: 200")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{10'000'000}));
  app.add_option("--chain-id", cli.options.chain_id, "Trust this chain: 64 hex digits")
      ->envname("SALUS_CHAIN_ID");
  app.add_option("--genesis", cli.options.genesis, "Trust the chain of this genesis document")
      ->envname("SALUS_GENESIS");
  app.add_option("--trust", cli.options.trust, "Folder that remembers which chains are trusted")
      ->envname("SALUS_TRUST");
  app.add_flag("--unverified", cli.options.unverified, "Take the node's word, ask for no proof");
  app.add_flag("--json", cli.options.json, "For programs");
  app.add_flag("--dry-run", cli.options.dry_run, "Say what would happen, send nothing");
  add_key_verbs(app, cli);
  add_member_verbs(app, cli);
  add_money_verbs(app, cli);
  add_governance_verbs(app, cli);
  add_chain_verbs(app, cli);
  add_transaction_verbs(app, cli);
  add_trust_verbs(app, cli);
  add_ledger_verbs(app, cli);
  add_validator_verbs(app, cli);
  add_evidence_verbs(app, cli);
  add_consensus_verbs(app, cli);
  add_devnet_verbs(app, cli);
  check_numbers(app);
  try {
    app.parse(argc, argv);
  } catch (const Stop& stop) {
    fmt::print(stderr, "salus: {}\n", stop.sentence);
    return static_cast<int>(stop.code);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : static_cast<int>(Exit::Usage);
  }
  return static_cast<int>(cli.exit);
}
