// Owns: `salus keys` and `salus account`.
#include <fmt/format.h>
#include <sodium.h>

#include <fstream>
#include <memory>

#include "apps/salus/cli.h"
#include "dao/accounts/accounts.h"
#include "storage/keystore.h"

namespace salus::cli {

namespace {

struct NewKey {
  std::string file;
  std::string passphrase_file;
  bool unprotected = false;
};

Result<void, storage::KeyFileError> save(const NewKey& options, const crypto::KeyPair& key) {
  if (options.unprotected) {
    return storage::save_unprotected_key(options.file, key, storage::KeyPurpose::Account);
  }
  std::ifstream in{options.passphrase_file};
  std::string passphrase;
  if (!std::getline(in, passphrase)) {
    usage(options.passphrase_file + " can't be read or is empty.");
  }
  return storage::save_protected_key(options.file, key, storage::KeyPurpose::Account, passphrase);
}

void make_key(Cli& cli, const NewKey& options) {
  if (options.unprotected != options.passphrase_file.empty()) {
    usage("Name a --passphrase-file, or say --unprotected for a test network.");
  }
  const crypto::KeyPair key = storage::generate_key();
  const auto saved = save(options, key);
  if (!saved) {
    throw Stop{Exit::Refused,
               fmt::format("{}: {}", options.file, storage::sentence(saved.error()))};
  }
  const std::string public_key = key.public_key().to_hex();
  cli.answer(Json{{"file", options.file}, {"public_key", public_key}},
             fmt::format("Created {}\n  public key  {}\nnext: let a member or an issuer open an "
                         "account for it: salus account open\n",
                         options.file, public_key));
}

void show_key(Cli& cli, const std::string& file) {
  const auto info = storage::load_key_info(file);
  if (!info) {
    throw Stop{Exit::NotFound, fmt::format("{}: {}", file, storage::sentence(info.error()))};
  }
  const std::string public_key = info->public_key.to_hex();
  cli.answer(Json{{"file", file},
                  {"purpose", std::string{storage::name(info->purpose)}},
                  {"public_key", public_key},
                  {"protected", info->is_protected}},
             facts({{"purpose", std::string{storage::name(info->purpose)}},
                    {"public key", public_key},
                    {"protected", info->is_protected ? "by a passphrase" : "no"}}));
}

// The new key signs that its owner agrees (G-2.1); who opens the account signs the transaction.
void open_account(Cli& cli, const std::string& file) {
  const client::SigningKey key = cli.load_key(file);
  v1::Action action;
  v1::OpenAccount& open = *action.mutable_open_account();
  v1::AccountKey& first = *open.add_keys();
  first.set_key(key.public_key().to_string());
  first.set_weight(1);
  first.set_scope(dao::accounts::kScopesAll);
  open.set_threshold(1);
  std::string nonce(dao::accounts::kNonceBytes, '\0');
  randombytes_buf(nonce.data(), nonce.size());
  open.set_nonce(nonce);

  const AccountId id =
      dao::accounts::account_id(cli.chain_id(), as_bytes(nonce), open.keys(), open.threshold());
  open.add_proofs(key.sign(dao::accounts::open_proof(id)).to_string());
  cli.send({action}, fmt::format("Opened account {}.", id.to_hex()));
}

void show_account(Cli& cli, const std::string& who) {
  v1::GetAccountRequest request;
  request.set_account(cli.account(who).to_string());
  const auto response = cli.read(request);
  const v1::Account& account = response.account();
  std::string text =
      facts({{"account", hex(as_bytes(account.id()))},
             {"state", print_enum(v1::AccountState_Name(account.state()), "ACCOUNT_STATE_")},
             {"next sequence", std::to_string(account.next_sequence())},
             {"threshold", std::to_string(account.threshold())}});
  Table keys{{"key", "weight", "scope"}};
  for (const v1::AccountKey& key : account.keys()) {
    keys.add({hex(as_bytes(key.key())), std::to_string(key.weight()), std::to_string(key.scope())});
  }
  cli.answer(response, text + keys.str("No keys."));
}

}  // namespace

void add_key_verbs(CLI::App& app, Cli& cli) {
  auto fresh = std::make_shared<NewKey>();
  CLI::App* make = verb(app, "keys", "new", "Create a key file for an account");
  make->add_option("FILE", fresh->file, "File to create")->required();
  make->add_option("--passphrase-file", fresh->passphrase_file, "Its first line protects the key");
  make->add_flag("--unprotected", fresh->unprotected, "No passphrase: for test networks only");
  make->callback([&cli, fresh] { make_key(cli, *fresh); });

  auto file = std::make_shared<std::string>();
  CLI::App* show = verb(app, "keys", "show", "Show a key file without its secret");
  show->add_option("FILE", *file)->required();
  show->callback([&cli, file] { show_key(cli, *file); });

  auto owner = std::make_shared<std::string>();
  CLI::App* open = verb(app, "account", "open", "Open an account for a new key");
  open->add_option("KEYFILE", *owner, "Made by keys new; --key is the member or issuer who opens")
      ->required();
  open->callback([&cli, owner] { open_account(cli, *owner); });

  auto who = std::make_shared<std::string>();
  CLI::App* account = verb(app, "account", "show", "Show an account and its keys");
  account->add_option("ACCOUNT", *who, "@name or id")->required();
  account->callback([&cli, who] { show_account(cli, *who); });
}

}  // namespace salus::cli
