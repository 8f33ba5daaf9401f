// Owns: `salus trust`, `salus verify`, and the receipts of transactions, ballots and proposals.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>

#include "apps/salus/ballot_words.h"
#include "apps/salus/cli.h"
#include "apps/salus/receipt_view.h"
#include "client/receipt_file.h"

namespace salus::cli {

namespace {

std::string read_whole(const std::string& path, std::uintmax_t most) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) usage(fmt::format("{}: {}.", path, error.message()));
  if (size > most) usage(fmt::format("{}: {} bytes are too many.", path, size));
  std::ifstream file{path, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  if (file.bad() || bytes.size() != size) usage(fmt::format("{} can't be read whole.", path));
  return bytes;
}

// A transaction is of its own block; of a state one knows the header that came after it.
void note_fact(Cli& cli, const client::VerifiedFact& fact, client::Worth worth) {
  if (fact.transaction) {
    cli.note_verified(worth, fact.transaction->height, fact.transaction->time);
  } else {
    cli.note_verified(worth, fact.proposal->height, fact.header.time);
  }
}

// No network: the chain id is the user's own knowledge, or that of the genesis document he trusts.
void verify_receipt(Cli& cli, const std::string& path) {
  const auto receipt = client::parse_receipt(read_whole(path, client::kReceiptBytesMax));
  if (!receipt) usage(fmt::format("{} is no receipt. Ask for it again: salus tx receipt ID", path));
  std::string genesis;
  std::optional<ChainId> chain_id;
  if (!cli.options.genesis.empty()) {
    genesis = read_whole(cli.options.genesis, std::uintmax_t{256} << 20U);
    chain_id = chain_of(genesis);
  }
  if (!cli.options.chain_id.empty()) chain_id = ChainId::from_hex(cli.options.chain_id);
  if (!chain_id) {
    usage(
        "Say which chain you trust: --chain-id HEX, or --genesis FILE as your consortium published "
        "it. The receipt's own word is not enough.");
  }
  const auto fact = client::verify_receipt(*chain_id, *receipt, genesis);
  if (!fact) stop_for(client::error_of(fact.error()));
  note_fact(cli, *fact, client::Worth::Whole);
  cli.answer(receipt_json(*fact), receipt_text(cli, *fact));
}

// What a verified receipt is worth as an answer to what was asked; nullopt if it is of something
// else.
using WorthOf = std::function<std::optional<client::Worth>(const client::VerifiedFact&)>;

WorthOf whole_if(std::function<bool(const client::VerifiedFact&)> is_asked) {
  return [is_asked = std::move(is_asked)](const client::VerifiedFact& fact) {
    return is_asked(fact) ? std::optional{client::Worth::Whole} : std::nullopt;
  };
}

void save_receipt(Cli& cli, const v1::GetReceiptRequest& request, const WorthOf& worth_of,
                  const std::string& path) {
  const Trust& trust = cli.trust();
  const auto response = cli.to_prove(cli.client().query(request));
  const v1::Receipt& receipt = response.receipt();
  const auto fact = client::verify_receipt(trust.set.chain_id, receipt, trust.genesis);
  if (!fact) stop_for(client::error_of(fact.error()));
  const auto worth = worth_of(*fact);
  if (!worth) stop_for(client::error_of(client::Flaw::AnswerOfOther));
  std::ofstream file{path, std::ios::binary};
  file << client::print_receipt(receipt);
  if (!file.flush()) usage(fmt::format("{} can't be written.", path));
  note_fact(cli, *fact, *worth);
  Json json = receipt_json(*fact);
  json["file"] = path;
  cli.answer(json, receipt_text(cli, *fact) +
                       fmt::format("receipt in {}\nnext: salus verify receipt {} --chain-id {}\n",
                                   path, path, trust.set.chain_id.to_hex()));
}

// The last one of a transaction counts; nullopt: it has none.
std::optional<v1::Vote> vote_in(const v1::TxBody& body, std::uint64_t proposal) {
  std::optional<v1::Vote> out;
  for (const v1::Action& action : body.actions()) {
    if (action.has_vote() && action.vote().proposal() == proposal) out = action.vote();
  }
  return out;
}

std::optional<v1::Vote> ballot_in(const client::VerifiedFact& fact, const AccountId& account,
                                  std::uint64_t proposal) {
  v1::TxBody body;
  if (!fact.transaction || fact.transaction->result.code() != v1::ERROR_CODE_UNSPECIFIED ||
      !body.ParseFromString(fact.transaction->transaction.body()) ||
      body.account() != account.to_string()) {
    return std::nullopt;
  }
  return vote_in(body, proposal);
}

// That no later ballot replaced it (G-5.13) is the node's word, until the account's record says so.
std::optional<client::Worth> worth_of_ballot(Cli& cli, const client::VerifiedFact& fact,
                                             const AccountId& account, std::uint64_t proposal) {
  const auto vote = ballot_in(fact, account, proposal);
  if (!vote) return std::nullopt;
  v1::GetBallotRequest request;
  request.set_proposal(proposal);
  request.set_account(account.to_string());
  const auto found = cli.try_read(request);
  if (!found && found.error().kind != client::Error::Kind::NotFound) stop_for(found.error());
  // That there is none is proven too, of a state that may be older than the ballot.
  if (!found && cli.read_height() >= fact.transaction->height) {
    fmt::print(stderr,
               "salus: the record of this ballot was deleted governance.stance_retention after the "
               "proposal ended, so nobody can prove any more that it was your last one.\n");
    return client::Worth::Records;
  }
  // The latest state that can be proven may be the one before it.
  if (!found || Height{found->height()} < fact.transaction->height) {
    fmt::print(stderr,
               "salus: that this ballot is your last one is the node's word until a later block is "
               "final. Ask again then.\n");
    return client::Worth::Records;
  }
  if (!counts(*vote, fact.transaction->time.value(), found->ballot())) return std::nullopt;
  return client::Worth::Whole;
}

// Of 100 transactions each; a node could go on for ever.
constexpr int kBallotPagesMax = 100;

// The account's latest ballot on the proposal: the transaction that cast it, as the node says.
std::string find_ballot(Cli& cli, std::uint64_t proposal, const AccountId& account) {
  v1::ListAccountTransactionsRequest request;
  request.set_account(account.to_string());
  request.set_page_size(100);
  for (int pages = 0; pages < kBallotPagesMax; ++pages) {
    const auto page = cli.to_prove(cli.client().query(request));
    for (const v1::TransactionRecord& record : page.records()) {
      v1::TxBody body;
      if (record.result().code() != 0 || !body.ParseFromString(record.transaction().body())) {
        continue;
      }
      if (vote_in(body, proposal)) return record.tx_id();
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  throw Stop{
      Exit::NotFound,
      fmt::format("No ballot of this account on proposal {} is among its latest transactions, "
                  "as this node tells them (unverified). See: salus vote show {}",
                  proposal, proposal)};
}

struct Wanted {
  std::string id;
  std::uint64_t proposal = 0;
  std::string file;
};

std::string file_of(const Wanted& wanted, const std::string& fallback) {
  return wanted.file.empty() ? fallback : wanted.file;
}

void add_receipt_verbs(CLI::App& app, Cli& cli) {
  auto wanted = std::make_shared<Wanted>();
  const auto add_file = [&](CLI::App* command) {
    command->add_option("--to", wanted->file, "Where to write it; absent: a name in this folder");
  };
  CLI::App* tx = verb(app, "tx", "receipt", "A proof of a transaction, to keep");
  tx->add_option("ID", wanted->id)->required();
  add_file(tx);
  tx->callback([&cli, wanted] {
    const auto id = TxId::from_hex(wanted->id);
    if (!id) usage(fmt::format("'{}' is not a transaction id of 64 hex digits.", wanted->id));
    v1::GetReceiptRequest request;
    request.set_tx_id(id->to_string());
    const auto is_asked = [&](const client::VerifiedFact& fact) {
      return fact.transaction && fact.transaction->id == *id;
    };
    save_receipt(cli, request, whole_if(is_asked),
                 file_of(*wanted, "tx-" + wanted->id.substr(0, 12) + ".receipt"));
  });
  CLI::App* vote = verb(app, "vote", "receipt", "A proof of the ballot that you cast");
  vote->add_option("PROPOSAL", wanted->proposal)->required();
  add_file(vote);
  vote->callback([&cli, wanted] {
    v1::GetReceiptRequest request;
    const AccountId account = cli.own_account();
    request.set_tx_id(find_ballot(cli, wanted->proposal, account));
    const auto worth_of = [&](const client::VerifiedFact& fact) {
      return worth_of_ballot(cli, fact, account, wanted->proposal);
    };
    save_receipt(cli, request, worth_of,
                 file_of(*wanted, fmt::format("ballot-{}.receipt", wanted->proposal)));
  });
  CLI::App* proposal = verb(app, "proposal", "receipt", "A proof of where a proposal stands");
  proposal->add_option("PROPOSAL", wanted->proposal)->required();
  add_file(proposal);
  proposal->callback([&cli, wanted] {
    v1::GetReceiptRequest request;
    request.set_proposal(wanted->proposal);
    const auto is_asked = [&](const client::VerifiedFact& fact) {
      return fact.proposal && fact.proposal->id == wanted->proposal;
    };
    save_receipt(cli, request, whole_if(is_asked),
                 file_of(*wanted, fmt::format("proposal-{}.receipt", wanted->proposal)));
  });
}

void show_trust(Cli& cli) {
  Json json = Json::array();
  Table table{{"node", "chain"}};
  for (const KnownNode& known : known_nodes(trust_folder(cli.options.trust))) {
    json.push_back({{"node", known.node}, {"chain_id", known.chain_id}});
    table.add({known.node, known.chain_id});
  }
  cli.answer(json, table.str("No node is known yet: the first contact with one notes its chain."));
}

void forget(Cli& cli, const std::string& node) {
  if (!forget_node(trust_folder(cli.options.trust), node)) {
    throw Stop{Exit::NotFound, fmt::format("{} is not known. See: salus trust show", node)};
  }
  cli.answer(Json{{"node", node}},
             fmt::format("{} is forgotten: the next contact with it is the first one.\n", node));
}

}  // namespace

void add_trust_verbs(CLI::App& app, Cli& cli) {
  add_receipt_verbs(app, cli);
  auto file = std::make_shared<std::string>();
  CLI::App* receipt = verb(app, "verify", "receipt", "Whether a receipt is true; needs no network");
  receipt->add_option("FILE", *file)->required();
  receipt->callback([&cli, file] { verify_receipt(cli, *file); });
  verb(app, "trust", "show", "Which node was first seen on which chain")->callback([&cli] {
    show_trust(cli);
  });
  auto node = std::make_shared<std::string>();
  CLI::App* drop = verb(app, "trust", "forget", "Forget a node's chain");
  drop->add_option("NODE", *node, "HOST:PORT")->required();
  drop->callback([&cli, node] { forget(cli, *node); });
}

}  // namespace salus::cli
