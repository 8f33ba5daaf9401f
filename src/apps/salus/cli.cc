// Owns: connecting, signing, naming and printing.
#include "apps/salus/cli.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "apps/salus/amount.h"
#include "base/assert.h"
#include "queries/errors.h"
#include "storage/keystore.h"

namespace salus::cli {

namespace {

namespace fs = std::filesystem;

std::string read_passphrase(const std::string& key_file) {
  if (const char* file = std::getenv("SALUS_PASSPHRASE_FILE")) {
    std::ifstream in{file};
    std::string passphrase;
    if (std::getline(in, passphrase)) return passphrase;
    usage(fmt::format("SALUS_PASSPHRASE_FILE names {}, which can't be read.", file));
  }
  if (isatty(STDIN_FILENO) == 0) {
    usage("The key is protected. Set SALUS_PASSPHRASE_FILE, or run the command in a terminal.");
  }
  const char* typed = getpass(fmt::format("Passphrase of {}: ", key_file).c_str());
  return typed != nullptr ? typed : "";
}

}  // namespace

void stop_for(client::Error error) {
  const std::string sentence =
      error.name.empty() ? error.sentence : fmt::format("{}: {}", error.name, error.sentence);
  switch (error.kind) {
    case client::Error::Kind::Refused:
      throw Stop{Exit::Refused, sentence};
    case client::Error::Kind::NotFound:
      // A refusal of the rules keeps its code: only an answer without a record is "not found".
      throw Stop{Exit::NotFound, sentence};
    case client::Error::Kind::Unreachable:
      throw Stop{Exit::Unreachable, sentence + " Is the node running? See --node and SALUS_NODE."};
    case client::Error::Kind::TimedOut:
      throw Stop{Exit::Unreachable,
                 sentence + " Ask for the transaction by its id before you send it again."};
    case client::Error::Kind::Unproven:
      throw Stop{Exit::Unproven, sentence};
  }
  throw Stop{Exit::Refused, sentence};
}

void usage(std::string sentence) { throw Stop{Exit::Usage, std::move(sentence)}; }

client::Client& Cli::client() {
  if (!client_) {
    client_ = must(client::Client::connect(
        {.endpoints = {options.node}, .timeout = std::chrono::seconds{30}, .tls_roots = {}}));
  }
  return *client_;
}

const Trust& Cli::trust() {
  if (trust_) return *trust_;
  auto established = establish_trust({.genesis_file = options.genesis,
                                      .chain_id = options.chain_id,
                                      .folder = options.trust,
                                      .node = options.node},
                                     client());
  if (!established) stop_for(established.error());
  trust_ = std::move(*established);
  if (!trust_->remark.empty()) fmt::print(stderr, "salus: {}\n", trust_->remark);
  return *trust_;
}

client::LightClient& Cli::light() {
  if (!light_) light_.emplace(client(), trust().set, trust().genesis, trust().seen);
  return *light_;
}

void Cli::note_read() {
  const client::Standing& standing = light_->standing();
  if (standing.is_older) {
    fmt::print(
        stderr,
        "salus: this is as of height {}, older than height {} that you saw before: the node is "
        "behind, or hides what is new. Ask another one.\n",
        standing.height.value(), light_->seen().value());
  }
  certainty_.add_proof(standing.worth, standing.height, standing.time);
  keep(*trust_, light_->trusted());
  keep_seen(*trust_, light_->seen());
}

void Cli::note_verified(client::Worth worth, Height height, WallMs time) {
  certainty_.add_proof(worth, height, time);
}

bool Cli::speaks_of_the_chain(const client::Error& error) {
  return error.kind == client::Error::Kind::NotFound ||
         (error.kind == client::Error::Kind::Refused && error.code != 0 &&
          !queries::find_rpc_error(error.code));
}

void Cli::stop_with_word(const client::Error& error) {
  client::Error worded = error;
  if (speaks_of_the_chain(error)) worded.sentence += fmt::format(" ({})", certainty_.line());
  stop_for(std::move(worded));
}

v1::GenesisClass Cli::genesis_class() {
  v1::GenesisDocument document;
  const auto parsed = google::protobuf::util::JsonStringToMessage(trust().genesis, &document);
  SALUS_ASSERT(parsed.ok(), "a trusted document was parsed before");
  return document.class_();
}

client::VerifiedHeader Cli::verified_header(std::uint64_t height) {
  v1::GetFinalityRequest request;
  request.set_height(height);
  const client::TrustedSet& trusted = trust().set;
  // A block of an epoch before the one that is trusted by now is reached from genesis.
  const auto from = [&](std::uint64_t epoch) {
    request.set_from_epoch(epoch);
    return client().query(request);
  };
  auto response = from(trusted.epoch.value());
  const bool is_older = !response && response.error().name == "EpochOutOfRange";
  if (is_older) response = from(0);
  const auto set = is_older ? *client::trust_genesis(trust().genesis, trusted.chain_id) : trusted;
  auto verified = client::verify_finality(set, to_prove(std::move(response)).finality());
  if (!verified) stop_for(client::error_of(verified.error()));
  if (height != 0 && verified->height != Height{height}) {
    stop_for(client::error_of(client::Flaw::AnswerOfOther));
  }
  return std::move(*verified);
}

client::VerifiedFact Cli::verified_fact(v1::GetReceiptRequest request) {
  const client::TrustedSet& trusted = trust().set;
  request.set_from_epoch(trusted.epoch.value());
  auto response = client().query(request);
  const bool is_older = !response && response.error().name == "EpochOutOfRange";
  if (is_older) {
    request.clear_from_epoch();
    response = client().query(request);
  }
  const auto proven = to_prove(std::move(response));
  const bool from_genesis = request.from_epoch() == 0;
  auto fact = from_genesis
                  ? client::verify_receipt(trusted.chain_id, proven.receipt(), trust().genesis)
                  : client::verify_receipt(trusted, proven.receipt());
  if (!fact) stop_for(client::error_of(fact.error()));
  return std::move(*fact);
}

WallMs Cli::proven_time() {
  if (options.unverified) {
    return WallMs{claimed(client().query(v1::GetStatusRequest{})).time_ms()};
  }
  // Any read will do: the native asset is in every state.
  static_cast<void>(read(v1::GetAssetRequest{}));
  return light().standing().time;
}

const std::map<std::string, AccountId>& Cli::address_book() {
  if (address_book_) return *address_book_;
  address_book_.emplace();
  std::string path = options.accounts;
  if (path.empty() && !options.key.empty()) {
    path = (fs::absolute(options.key).parent_path().parent_path() / "accounts.json").string();
  }
  if (path.empty() || !fs::exists(path)) return *address_book_;
  std::ifstream in{path};
  const auto parsed = nlohmann::json::parse(in, nullptr, false);
  if (!parsed.is_object()) usage(fmt::format("{} is not an address book (name: id).", path));
  for (const auto& [name, id] : parsed.items()) {
    const auto account = id.is_string() ? AccountId::from_hex(id.get<std::string>()) : std::nullopt;
    if (account) address_book_->emplace(name, *account);
  }
  return *address_book_;
}

AccountId Cli::account(const std::string& text) {
  if (text.starts_with('@')) {
    const auto& book = address_book();
    const auto found = book.find(text.substr(1));
    if (found == book.end()) {
      usage(fmt::format("The address book does not know {}. See --accounts.", text));
    }
    return found->second;
  }
  const auto id = AccountId::from_hex(text);
  if (!id) usage(fmt::format("'{}' is neither @name nor an account id of 64 hex digits.", text));
  return *id;
}

AccountId Cli::own_account() {
  if (!options.account.empty()) return account(options.account);
  if (options.key.empty()) usage("Say who signs: --key FILE, or SALUS_KEY.");
  return account("@" + fs::path{options.key}.stem().string());
}

std::string Cli::name_of(std::string_view account_bytes) {
  for (const auto& [name, id] : address_book()) {
    if (as_chars(id.view()) == account_bytes) return "@" + name;
  }
  const std::string text = hex(as_bytes(account_bytes));
  return text.empty() ? "-" : text.substr(0, 12);
}

std::uint32_t Cli::fund(const std::string& text) {
  v1::ListFundsRequest request;
  request.set_page_size(100);
  const auto funds = read(request);
  for (const v1::FundInfo& info : funds.funds()) {
    if (info.fund().code() == text || std::to_string(info.fund().id()) == text) {
      return info.fund().id();
    }
  }
  throw Stop{Exit::NotFound, fmt::format("There is no fund '{}'. See: salus fund list ({})", text,
                                         certainty_.line())};
}

std::uint32_t Cli::decimals(std::uint32_t asset) {
  if (const auto known = decimals_.find(asset); known != decimals_.end()) return known->second;
  v1::GetAssetRequest request;
  request.set_asset(asset);
  const std::uint32_t value = read(request).asset().decimals();
  decimals_.emplace(asset, value);
  return value;
}

std::uint64_t Cli::amount(const std::string& text, std::uint32_t asset) {
  const auto units = parse_amount(text, decimals(asset));
  if (!units) {
    usage(fmt::format("'{}' is not an amount with at most {} decimals.", text, decimals(asset)));
  }
  return *units;
}

std::string Cli::print_amount(std::uint64_t units, std::uint32_t asset) {
  return cli::print_amount(units, decimals(asset));
}

client::SigningKey Cli::load_key(const std::string& file) {
  const auto info = storage::load_key_info(file);
  if (!info) usage(fmt::format("{}: {}", file, storage::sentence(info.error())));
  const std::string passphrase = info->is_protected ? read_passphrase(file) : "";
  const auto key = storage::load_key(file, storage::KeyPurpose::Account, passphrase);
  if (!key) usage(fmt::format("{}: {}", file, storage::sentence(key.error())));
  return client::SigningKey::from_seed(key->seed());
}

// What is signed is for the trusted chain, and ends soon after a verified height, whatever the node
// says: it can't keep a signature for later.
client::Session Cli::open_session(const client::SigningKey& key) {
  if (options.unverified) {
    return must(client::Session::open(client(), own_account(), {&key}));
  }
  auto opened = client::Session::open(light(), own_account(), {&key});
  if (opened || speaks_of_the_chain(opened.error())) note_read();
  return must_with_word(std::move(opened));
}

void Cli::send(const std::vector<v1::Action>& actions, const std::string& done) {
  if (options.key.empty()) usage("Say who signs: --key FILE, or SALUS_KEY.");
  const client::SigningKey key = load_key(options.key);
  client::Session session = open_session(key);
  session.valid_for(options.valid_for);
  if (options.dry_run) {
    v1::SimulateTransactionRequest request;
    request.set_body(session.body(actions).SerializeAsString());
    const auto simulated = claimed(client().query(request));
    const bool ok = simulated.result().code() == v1::ERROR_CODE_UNSPECIFIED;
    answer(simulated, ok ? "It would be applied.\n"
                         : fmt::format("It would be refused. {}: {}\n", simulated.error().name(),
                                       simulated.error().sentence()));
    return;
  }
  if (!options.out.empty()) {
    const v1::Transaction signed_transaction = session.sign(actions);
    std::ofstream file{options.out, std::ios::binary};
    file << signed_transaction.SerializeAsString();
    file.flush();
    if (!file) usage(fmt::format("{} can't be written.", options.out));
    const TxId id = client::transaction_id(signed_transaction);
    answer(
        Json{{"tx_id", id.to_hex()}, {"file", options.out}},
        fmt::format("Signed, not sent: {}\nnext: salus tx submit {}\n", id.to_hex(), options.out));
    return;
  }
  const bool finalized = options.wait == "finalized";
  report(must(session.submit(actions,
                             finalized ? v1::SUBMIT_WAIT_FINALIZED : v1::SUBMIT_WAIT_ADMITTED)),
         done);
}

void Cli::report(const v1::SubmitTransactionResponse& response, const std::string& done) {
  // What was read on the way says nothing of what was written: `salus tx show` proves that.
  certainty_ = {};
  Json json = to_json(response);
  std::string text = done;
  for (const v1::Event& event : response.result().events()) {
    for (const v1::EventAttribute& attribute : event.attributes()) {
      if (attribute.field() != v1::EVENT_FIELD_PROPOSAL) continue;
      json["proposal"] = std::to_string(attribute.value());
    }
  }
  if (json.contains("proposal")) {
    text += fmt::format(" Proposal {}.", json["proposal"].get<std::string>());
  }
  const std::string id = hex(as_bytes(response.tx_id()));
  if (response.status() == v1::TRANSACTION_STATUS_FINALIZED) {
    text += fmt::format("\nfinalized at height {}, transaction {}\n", response.height(), id);
  } else {
    text += fmt::format("\nwaiting, transaction {}\nnext: salus tx show {}\n", id, id);
  }
  answer(json, text);
}

void Cli::answer(const google::protobuf::Message& message, const std::string& text) {
  answer(to_json(message), text);
}

void Cli::answer(const Json& json, const std::string& text) {
  if (!certainty_.any()) {
    fmt::print("{}", options.json ? json.dump(2) + "\n" : text);
    return;
  }
  if (options.json) {
    Json out = json;
    out["proof"] = {{"word", certainty_.word()}, {"height", ""}, {"time_ms", ""}};
    if (const auto height = certainty_.height()) {
      out["proof"]["height"] = std::to_string(height->value());
      out["proof"]["time_ms"] = std::to_string(certainty_.time().value());
    }
    fmt::print("{}\n", out.dump(2));
    return;
  }
  fmt::print("{}{}\n", text, certainty_.line());
}

CLI::App* verb(CLI::App& app, const std::string& noun, const std::string& name,
               const std::string& what) {
  const auto nouns =
      app.get_subcommands([&](CLI::App* known) { return known->get_name() == noun; });
  CLI::App* parent = nouns.empty() ? nullptr : nouns.front();
  if (parent == nullptr) {
    parent = app.add_subcommand(noun);
    parent->require_subcommand(1);
    parent->fallthrough();
  }
  CLI::App* made = parent->add_subcommand(name, what);
  made->fallthrough();
  return made;
}

std::uint32_t role_bit(const std::string& name) {
  if (name == "patient") return 1U << 0U;
  if (name == "clinician") return 1U << 3U;
  if (name == "researcher") return 1U << 4U;
  if (name == "institution") return 1U << 6U;
  usage(fmt::format("'{}' is no role: patient, clinician, researcher or institution.", name));
}

}  // namespace salus::cli
