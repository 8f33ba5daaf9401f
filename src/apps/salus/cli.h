// Owns: what every verb shares: where the node is, who signs, how names become ids, how answers and
// refusals are printed. Answers go to stdout, all else to stderr.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/salus/certainty.h"
#include "apps/salus/json.h"
#include "apps/salus/table.h"
#include "apps/salus/trust.h"
#include "apps/salus/words.h"
#include "base/ids.h"
#include "salus/client.h"
#include "salus/light_client.h"

namespace salus::cli {

// Documented in docs/members/README.md.
enum class Exit : int {
  Ok = 0,
  Refused = 1,
  Usage = 2,
  Unreachable = 3,
  NotFound = 4,
  // The answer is that the chain stands still.
  Stalled = 5,
  // What a node said does not lead to what the validators certified.
  Unproven = 6,
  // A ledger or backup on disk is not what it should be, or two ledgers differ.
  Different = 7,
};

// Ends a verb early; caught once, in main. The programs at the rim may throw, the heart may not.
struct Stop {
  Exit code;
  // For stderr: what is wrong and what to do.
  std::string sentence;
};

[[noreturn]] void stop_for(client::Error error);
[[noreturn]] void usage(std::string sentence);

template <typename T>
T must(Result<T, client::Error> result) {
  if (!result) stop_for(result.error());
  return std::move(*result);
}

struct Options {
  std::string node = "127.0.0.1:7401";
  // For verbs about a node itself: its socket, or the folder of its salusd.toml.
  std::string operator_socket;
  std::string home;
  std::string key;
  std::string account;
  std::string accounts;
  std::string wait = "finalized";
  // Write the signed transaction there instead of sending it.
  std::string out;
  // Heights, after the latest that was verified, for which what is signed may still be executed.
  std::uint64_t valid_for = client::Session::kExpiryHeights;
  bool json = false;
  bool dry_run = false;
  // Who is trusted: the chain that this document starts, or that this id names; absent: as noted in
  // the trust folder, where what a node said first stands from then on.
  std::string genesis;
  std::string chain_id;
  std::string trust;
  // Take the node's word.
  bool unverified = false;
};

class Cli {
 public:
  Options options;
  // Of a verb that ended well.
  Exit exit = Exit::Ok;

  client::Client& client();
  // A read of the state, proven and computed here, unless --unverified takes the node's word.
  template <typename Request>
  auto read(const Request& request) {
    return must_with_word(try_read(request));
  }
  // The same, for whoever goes on where there is no such record.
  template <typename Request>
  client::AnswerOf<Request> try_read(const Request& request) {
    if (options.unverified) {
      certainty_.add_claim();
      return client().query(request);
    }
    auto answered = light().query(request);
    // That there is no such record is proven as well, and has the word that it deserves.
    if (answered || speaks_of_the_chain(answered.error())) note_read();
    return answered;
  }
  // What no proof comes with.
  template <typename T>
  T claimed(Result<T, client::Error> answered) {
    certainty_.add_claim();
    return must_with_word(std::move(answered));
  }
  // What will be proven: only that there is none is the node's word.
  template <typename T>
  T to_prove(Result<T, client::Error> answered) {
    if (!answered && speaks_of_the_chain(answered.error())) certainty_.add_claim();
    return must_with_word(std::move(answered));
  }
  // A transaction, block or receipt that was verified on its own.
  void note_verified(client::Worth worth, Height height, WallMs time);

  const Trust& trust();
  const ChainId& chain_id() { return trust().set.chain_id; }
  // As the genesis document says.
  bool is_test_network() { return genesis_class() == v1::GENESIS_CLASS_TEST; }
  v1::GenesisClass genesis_class();
  // The final header of this height; 0: of the node's latest block.
  client::VerifiedHeader verified_header(std::uint64_t height);
  // What a receipt from the latest trusted set proves; from genesis for what is older.
  client::VerifiedFact verified_fact(v1::GetReceiptRequest request);
  // Of the latest proven state's block.
  WallMs proven_time();
  // Of the state that the last read came from; 0 if that was the node's word.
  Height read_height() const { return light_ ? light_->standing().height : Height{}; }

  // `@name` of the address book, or 64 hexadecimal digits.
  AccountId account(const std::string& text);
  // The account that the key signs for: --account, else the key file's name in the address book.
  AccountId own_account();
  // `@name` where the address book knows one.
  std::string name_of(std::string_view account_bytes);
  // By number or code.
  std::uint32_t fund(const std::string& text);
  std::uint32_t decimals(std::uint32_t asset);
  std::uint64_t amount(const std::string& text, std::uint32_t asset);
  std::string print_amount(std::uint64_t units, std::uint32_t asset);

  // An account's key of this file; asks for its passphrase.
  client::SigningKey load_key(const std::string& file);

  // What was read so far says nothing of the answer that comes.
  void forget_reads() { certainty_ = {}; }
  // Signs, sends, waits, prints `done` with height and id; or shows or writes it, as asked.
  void send(const std::vector<v1::Action>& actions, const std::string& done);
  // `--json` or the text.
  void answer(const google::protobuf::Message& message, const std::string& text);
  void answer(const Json& json, const std::string& text);

 private:
  template <typename T>
  T must_with_word(Result<T, client::Error> result) {
    if (!result) stop_with_word(result.error());
    return std::move(*result);
  }
  // Not of the node, its address or the proof.
  static bool speaks_of_the_chain(const client::Error& error);
  [[noreturn]] void stop_with_word(const client::Error& error);
  client::Session open_session(const client::SigningKey& key);
  client::LightClient& light();
  void note_read();
  const std::map<std::string, AccountId>& address_book();
  void report(const v1::SubmitTransactionResponse& response, const std::string& done);

  std::optional<client::Client> client_;
  std::optional<Trust> trust_;
  std::optional<client::LightClient> light_;
  Certainty certainty_;
  std::optional<std::map<std::string, AccountId>> address_book_;
  std::map<std::uint32_t, std::uint32_t> decimals_;
};

// Each adds its nouns to the application.
void add_chain_verbs(CLI::App& app, Cli& cli);
void add_transaction_verbs(CLI::App& app, Cli& cli);
void add_consensus_verbs(CLI::App& app, Cli& cli);
void add_evidence_verbs(CLI::App& app, Cli& cli);
void add_governance_verbs(CLI::App& app, Cli& cli);
void add_key_verbs(CLI::App& app, Cli& cli);
void add_member_verbs(CLI::App& app, Cli& cli);
void add_money_verbs(CLI::App& app, Cli& cli);
void add_devnet_verbs(CLI::App& app, Cli& cli);
void add_ledger_verbs(CLI::App& app, Cli& cli);
void add_trust_verbs(CLI::App& app, Cli& cli);
void add_validator_verbs(CLI::App& app, Cli& cli);

// `salus noun verb`; the noun is made once.
CLI::App* verb(CLI::App& app, const std::string& noun, const std::string& name,
               const std::string& what);

// A role's bit by name: patient, clinician, researcher, institution.
std::uint32_t role_bit(const std::string& name);

}  // namespace salus::cli
