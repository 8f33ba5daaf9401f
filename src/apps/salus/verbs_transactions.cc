// Owns: transactions that go from hand to hand as files: `salus tx sign` adds the signature of one
// more key of the account, after showing what it agrees to, and `salus tx submit` sends the file.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "apps/salus/action_words.h"
#include "apps/salus/cli.h"
#include "base/assert.h"
#include "dao/error.h"
#include "wire/transaction.h"

namespace salus::cli {

namespace {

namespace fs = std::filesystem;

// A transaction has at most 64 KiB; a little more is read so that the node can say so.
constexpr std::size_t kReadMax = std::size_t{256} << 10U;

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string bytes(kReadMax + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.empty() || bytes.size() > kReadMax) {
    usage(fmt::format("{} can't be read, or is no signed transaction.", path));
  }
  return bytes;
}

// Whole or not at all.
void replace_file(const std::string& path, const std::string& bytes) {
  const std::string fresh = path + ".new";
  {
    std::ofstream file{fresh, std::ios::binary | std::ios::trunc};
    file << bytes;
    file.flush();
    if (!file) usage(fmt::format("{} can't be written.", fresh));
  }
  std::error_code failed;
  fs::rename(fresh, path, failed);
  if (failed) usage(fmt::format("{} can't be written: {}.", path, failed.message()));
}

v1::Account get_account(Cli& cli, const AccountId& id) {
  v1::GetAccountRequest request;
  request.set_account(id.to_string());
  return cli.read(request).account();
}

std::uint32_t weight_of(const v1::Account& account, const std::vector<PublicKey>& signers) {
  std::uint32_t sum = 0;
  for (const v1::AccountKey& key : account.keys()) {
    const auto signs = [&](const PublicKey& signer) { return signer.to_string() == key.key(); };
    if (std::ranges::any_of(signers, signs)) sum += key.weight();
  }
  return sum;
}

wire::Transaction open_file(Cli& cli, const std::string& path) {
  const std::string bytes = read_file(path);
  auto transaction = wire::Transaction::decode_and_verify(as_bytes(bytes));
  if (!transaction) {
    const auto error = static_cast<dao::Error>(wire::code(transaction.error()));
    throw Stop{Exit::Refused,
               fmt::format("{}: {}: {}", path, dao::name(error), dao::sentence(error))};
  }
  if ((*transaction)->chain_id() != cli.chain_id()) {
    throw Stop{Exit::Refused,
               fmt::format("{} is for another chain, {}. Sign only what is for yours.", path,
                           (*transaction)->chain_id().to_hex())};
  }
  return **transaction;
}

v1::Transaction with_signature(const wire::Transaction& transaction,
                               const client::SigningKey& key) {
  v1::Transaction envelope;
  SALUS_ASSERT(envelope.ParseFromString(transaction.raw()), "it was decoded before");
  v1::TxSignature& signature = *envelope.add_signatures();
  signature.set_key(key.public_key().to_string());
  signature.set_signature(key.sign(wire::signed_bytes(transaction.body_bytes())).to_string());
  return envelope;
}

void check_signer(const wire::Transaction& transaction, const v1::Account& account,
                  const PublicKey& key) {
  if (std::ranges::find(transaction.signers(), key) != transaction.signers().end()) {
    throw Stop{Exit::Refused, "This key has signed it already. Give the file to the next one."};
  }
  if (weight_of(account, {key}) == 0) {
    throw Stop{Exit::Refused,
               fmt::format("This key is none of the account's; its signature would make the "
                           "transaction worthless. See: salus account show {}",
                           transaction.account().to_hex())};
  }
  if (transaction.body().auth_version() != account.auth_version()) {
    throw Stop{Exit::Refused,
               "The account's keys were changed since this was signed. Make it anew."};
  }
}

void sign_file(Cli& cli, const std::string& path) {
  if (cli.options.key.empty()) usage("Say who signs: --key FILE, or SALUS_KEY.");
  const wire::Transaction transaction = open_file(cli, path);
  const client::SigningKey key = cli.load_key(cli.options.key);
  const v1::Account account = get_account(cli, transaction.account());
  check_signer(transaction, account, key.public_key());

  std::vector<PublicKey> signers = transaction.signers();
  signers.push_back(key.public_key());
  const std::uint32_t weight = weight_of(account, signers);
  const bool is_enough = weight >= account.threshold();
  if (!cli.options.dry_run) {
    replace_file(path, with_signature(transaction, key).SerializeAsString());
  }
  ActionWords words{cli};
  Json actions = Json::array();
  std::string text =
      facts({{"account", cli.name_of(as_chars(transaction.account().view()))},
             {"transaction", transaction.id().to_hex()},
             {"sequence", std::to_string(transaction.sequence())},
             {"valid until height", std::to_string(transaction.expiry().value())},
             {"signatures", std::to_string(signers.size())},
             {"weight", fmt::format("{} of {}", weight, account.threshold())}});
  for (const v1::Action& action : transaction.body().actions()) {
    actions.push_back(words.line(action));
    text += "  " + words.line(action) + "\n";
  }
  const std::string next = is_enough ? fmt::format("next: salus tx submit {}\n", path)
                                     : fmt::format("next: salus tx sign {}, with another key of "
                                                   "the account\n",
                                                   path);
  cli.answer(Json{{"tx_id", transaction.id().to_hex()},
                  {"signed", !cli.options.dry_run},
                  {"weight", weight},
                  {"threshold", account.threshold()},
                  {"actions", actions}},
             text + (cli.options.dry_run ? "Not signed: --dry-run.\n" : next));
}

// In a block it would be refused and its sequence used up (G-2.4), so that all would sign again.
void check_weight(Cli& cli, const std::string& bytes) {
  // What is no transaction, or for another chain, is the node's to refuse.
  const auto transaction = wire::Transaction::decode_and_verify(as_bytes(bytes));
  if (!transaction || (*transaction)->chain_id() != cli.chain_id()) return;
  const v1::Account account = get_account(cli, (*transaction)->account());
  const std::uint32_t weight = weight_of(account, (*transaction)->signers());
  if ((*transaction)->body().auth_version() != account.auth_version()) return;
  if (weight >= account.threshold()) return;
  throw Stop{Exit::Refused,
             fmt::format("Not sent: its signatures have weight {} of {}. Let another key of the "
                         "account sign it first: salus tx sign",
                         weight, account.threshold())};
}

void submit_file(Cli& cli, const std::string& path) {
  std::string bytes = read_file(path);
  check_weight(cli, bytes);
  const bool finalized = cli.options.wait == "finalized";
  const auto response = must(cli.client().submit_bytes(
      std::move(bytes), finalized ? v1::SUBMIT_WAIT_FINALIZED : v1::SUBMIT_WAIT_ADMITTED));
  // What was read on the way says nothing of what was written: `salus tx show` proves that.
  cli.forget_reads();
  cli.answer(response, fmt::format("Transaction {} at height {}\n", hex(as_bytes(response.tx_id())),
                                   response.height()));
}

}  // namespace

void add_transaction_verbs(CLI::App& app, Cli& cli) {
  auto file = std::make_shared<std::string>();
  CLI::App* sign = verb(app, "tx", "sign", "Show a transaction of --out and sign it too");
  sign->add_option("FILE", *file, "Gets one more signature")->required();
  sign->callback([&cli, file] { sign_file(cli, *file); });
  CLI::App* submit = verb(app, "tx", "submit", "Send a transaction that was signed with --out");
  submit->add_option("FILE", *file)->required();
  submit->callback([&cli, file] { submit_file(cli, *file); });
}

}  // namespace salus::cli
