// Owns: `salus chain`, `salus node`, and `salus tx` where it reads.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "apps/salus/cli.h"
#include "queries/errors.h"

namespace salus::cli {

namespace {

void show_status(Cli& cli) {
  const auto status = cli.claimed(cli.client().query(v1::GetStatusRequest{}));
  const bool test = status.class_() == v1::GENESIS_CLASS_TEST;
  cli.answer(
      status,
      fmt::format("{} ({}){}\n", status.network(), hex(as_bytes(status.chain_id())),
                  test ? "   TEST network: nothing here has value" : "") +
          facts({{"height", std::to_string(status.height())},
                 {"state root", hex(as_bytes(status.state_root()))},
                 {"time", print_time(status.time_ms())},
                 {"node", fmt::format("{}, version {}", status.node_name(), status.version())},
                 {"mode", print_enum(v1::NodeMode_Name(status.mode()), "NODE_MODE_")},
                 {"epoch, view", fmt::format("{}, {}", status.epoch(), status.view())},
                 {"peers linked", std::to_string(status.peers_linked())},
                 {"waiting", std::to_string(status.mempool_transactions())}}));
}

v1::FinalizedBlock get_block(Cli& cli, std::uint64_t height) {
  v1::GetBlockRequest request;
  request.set_height(height);
  if (cli.options.unverified) return cli.claimed(cli.client().query(request)).block();
  const auto response = cli.to_prove(cli.client().query(request));
  const std::uint64_t shown = response.block().header().height();
  if (shown == 0 || (height != 0 && shown != height)) {
    stop_for(client::error_of(client::Flaw::AnswerOfOther));
  }
  const client::VerifiedHeader own = cli.verified_header(shown);
  std::optional<client::VerifiedHeader> next;
  if (response.height() > shown) next = cli.verified_header(shown + 1);
  auto block = client::verify_block(own, next, response.block());
  if (!block) stop_for(client::error_of(block.error()));
  // Without its results it is what was sent, and nothing says what it did.
  const bool is_whole = next && block->has_results();
  cli.note_verified(is_whole ? client::Worth::Whole : client::Worth::Records, own.height, own.time);
  return std::move(*block);
}

std::string root(const std::string& bytes) { return bytes.empty() ? "-" : hex(as_bytes(bytes)); }

void show_block(Cli& cli, std::uint64_t height) {
  const v1::FinalizedBlock block = get_block(cli, height);
  std::string text = facts({{"height", std::to_string(block.header().height())},
                            {"digest", hex(as_bytes(block.header().digest()))},
                            {"time", print_time(block.header().time_ms())},
                            {"view", std::to_string(block.header().view())},
                            {"proposer", std::to_string(block.header().proposer_index())},
                            {"state root", root(block.state_root())},
                            {"results root", root(block.results_root())},
                            {"transactions", std::to_string(block.transactions_size())}});
  Table results{{"transaction", "result"}};
  for (const v1::TxResult& result : block.results().results()) {
    results.add({hex(as_bytes(result.tx_id())),
                 result.code() == 0
                     ? "applied"
                     : print_enum(v1::ErrorCode_Name(result.code()), "ERROR_CODE_")});
  }
  if (block.results_root().empty()) {
    text += "What it did is certified by the next block, which is not final yet.\n";
  } else if (!block.has_results()) {
    text += "The results and events of this block are pruned on that node.\n";
  } else if (block.transactions_size() > 0) {
    text += results.str("");
  }
  Json json = to_json(block);
  json["height"] = std::to_string(block.header().height());
  cli.answer(json, text);
}

void show_events(Cli& cli, std::uint64_t from, const std::string& who) {
  v1::SubscribeEventsRequest request;
  request.mutable_from()->set_height(from);
  if (!who.empty()) request.set_account(cli.account(who).to_string());
  fmt::print(stderr,
             "salus: unverified: events as the node tells them. Prove one: salus tx show ID\n");
  const auto ended = cli.client().subscribe(request, [&](const v1::SubscribeEventsResponse& at) {
    if (!at.has_placed()) return true;
    const v1::PlacedEvent& placed = at.placed();
    std::string text =
        fmt::format("{:>8}  {}  {}", placed.at().height(), print_time(placed.time_ms()),
                    print_enum(v1::EventKind_Name(placed.event().kind()), "EVENT_KIND_"));
    for (const std::string& account : placed.event().accounts()) {
      text += " " + cli.name_of(account);
    }
    for (const v1::EventAttribute& attribute : placed.event().attributes()) {
      text +=
          fmt::format(" {}={}", print_enum(v1::EventField_Name(attribute.field()), "EVENT_FIELD_"),
                      attribute.value());
    }
    fmt::print("{}\n", cli.options.json ? to_json(at).dump() : text);
    std::fflush(stdout);
    return true;
  });
  if (!ended) stop_for(ended.error());
}

void show_genesis(Cli& cli) {
  // Its hash is the chain id; the node's own may be any.
  fmt::print("{}", cli.options.unverified
                       ? must(cli.client().query(v1::GetGenesisRequest{})).document()
                       : cli.trust().genesis);
}

// As the validators certified it; what a node says of an error is read out of its code here.
v1::TransactionRecord proven_transaction(Cli& cli, const TxId& id) {
  v1::GetReceiptRequest request;
  request.set_tx_id(id.to_string());
  const auto proven = cli.verified_fact(std::move(request)).transaction;
  if (!proven || proven->id != id) {
    stop_for(client::error_of(client::Flaw::AnswerOfOther));
  }
  cli.note_verified(client::Worth::Whole, proven->height, proven->time);
  v1::TransactionRecord record;
  record.set_tx_id(id.to_string());
  record.set_height(proven->height.value());
  record.set_index(proven->index);
  record.set_time_ms(proven->time.value());
  *record.mutable_transaction() = proven->transaction;
  *record.mutable_result() = proven->result;
  if (queries::is_refused(record.result())) {
    *record.mutable_error() = queries::detail_of(record.result());
  }
  return record;
}

v1::TransactionRecord get_transaction(Cli& cli, const TxId& id) {
  if (!cli.options.unverified) return proven_transaction(cli, id);
  v1::GetTransactionRequest request;
  request.set_tx_id(id.to_string());
  return cli.claimed(cli.client().query(request)).record();
}

void show_transaction(Cli& cli, const std::string& id_text) {
  const auto id = TxId::from_hex(id_text);
  if (!id) usage(fmt::format("'{}' is not a transaction id of 64 hex digits.", id_text));
  const v1::TransactionRecord record = get_transaction(cli, *id);
  const bool applied = record.result().code() == 0;
  cli.answer(record,
             facts({{"transaction", id_text},
                    {"height", std::to_string(record.height())},
                    {"time", print_time(record.time_ms())},
                    {"result", applied ? "applied"
                                       : fmt::format("refused. {}: {}", record.error().name(),
                                                     record.error().sentence())}}));
}

void list_transactions(Cli& cli, const std::string& who) {
  v1::ListAccountTransactionsRequest request;
  request.set_account(cli.account(who).to_string());
  request.set_page_size(50);
  const auto response = cli.claimed(cli.client().query(request));
  Table table{{"height", "time", "result", "transaction"}};
  for (const v1::TransactionRecord& record : response.records()) {
    table.add({std::to_string(record.height()), print_time(record.time_ms()),
               record.result().code() == 0
                   ? "applied"
                   : print_enum(v1::ErrorCode_Name(record.result().code()), "ERROR_CODE_"),
               hex(as_bytes(record.tx_id()))});
  }
  cli.answer(response, table.str("No transactions."));
}

}  // namespace

void add_chain_verbs(CLI::App& app, Cli& cli) {
  verb(app, "chain", "status", "Where the chain and this node stand")->callback([&cli] {
    show_status(cli);
  });
  verb(app, "node", "status", "The same, under the node's name")->callback([&cli] {
    show_status(cli);
  });
  auto height = std::make_shared<std::uint64_t>(0);
  CLI::App* block = verb(app, "chain", "block", "A finalized block and what it did");
  block->add_option("HEIGHT", *height, "From 1; absent: the latest");
  block->callback([&cli, height] { show_block(cli, *height); });
  auto from = std::make_shared<std::uint64_t>(1);
  auto whose = std::make_shared<std::string>();
  CLI::App* events = verb(app, "chain", "events", "Follow what happens, until Ctrl-C");
  events->add_option("--from", *from, "First height");
  events->add_option("--of", *whose, "Only events that touch this account");
  events->callback([&cli, from, whose] { show_events(cli, *from, *whose); });
  verb(app, "chain", "genesis", "The genesis document, byte for byte")->callback([&cli] {
    show_genesis(cli);
  });

  auto id = std::make_shared<std::string>();
  CLI::App* show = verb(app, "tx", "show", "A finalized transaction and its result");
  show->add_option("ID", *id)->required();
  show->callback([&cli, id] { show_transaction(cli, *id); });
  auto who = std::make_shared<std::string>();
  CLI::App* list = verb(app, "tx", "list", "The latest transactions of an account");
  list->add_option("ACCOUNT", *who)->required();
  list->callback([&cli, who] { list_transactions(cli, *who); });
}

}  // namespace salus::cli
