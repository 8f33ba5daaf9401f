// Owns: `salus validator`: who validates, who stands for it, what waits, and the acts of operators.
// Proofs are made here by the node's own key files; the account's key signs the transaction.
#include <fmt/format.h>

#include <memory>

#include "apps/salus/cli.h"
#include "base/bytes.h"
#include "dao/validators/validators.h"
#include "storage/keystore.h"

namespace salus::cli {

namespace {

namespace validators = dao::validators;

std::string print_state(v1::ValidatorState state) {
  return print_enum(v1::ValidatorState_Name(state), "VALIDATOR_STATE_");
}

std::string yes_no(bool value) { return value ? "yes" : "no"; }

// A key of the node, of its own purpose.
crypto::KeyPair node_key(const std::string& file, storage::KeyPurpose purpose) {
  auto key = storage::load_key(file, purpose, "");
  if (!key) usage(fmt::format("{}: {}", file, storage::sentence(key.error())));
  return std::move(*key);
}

struct KeyFiles {
  std::string validator;
  std::string node;
  std::string name;
  std::string org;
};

template <typename Action>
void prove_keys(Cli& cli, const KeyFiles& files, Action& action) {
  const auto validator = node_key(files.validator, storage::KeyPurpose::Validator);
  const auto node = node_key(files.node, storage::KeyPurpose::Node);
  action.set_validator_key(validator.public_key().to_string());
  action.set_node_key(node.public_key().to_string());
  const Bytes message = validators::key_proof(cli.chain_id(), cli.own_account(),
                                              action.validator_key(), action.node_key());
  action.set_validator_proof(validator.sign(message).to_string());
  action.set_node_proof(node.sign(message).to_string());
}

void register_nominee(Cli& cli, const KeyFiles& files) {
  v1::Action action;
  v1::RegisterNominee& nominee = *action.mutable_register_nominee();
  nominee.set_name(files.name);
  if (!files.org.empty()) nominee.set_org(cli.account(files.org).to_string());
  prove_keys(cli, files, nominee);
  cli.send({action}, fmt::format("Registered nominee {} with validator key {}.\nnext: salus "
                                 "validator ready, then a proposal to add it",
                                 files.name, hex(as_bytes(nominee.validator_key()))));
}

void change_keys(Cli& cli, const KeyFiles& files) {
  v1::Action action;
  prove_keys(cli, files, *action.mutable_rekey());
  cli.send({action},
           "Queued the new keys. They count from the epoch after their node has shown itself.\n"
           "next: salus validator ready with the new validator key");
}

// The latest block whose digest the chain remembers is the newest finalized one.
void prove_ready(Cli& cli, const std::string& key_file) {
  const auto key = node_key(key_file, storage::KeyPurpose::Validator);
  v1::Action action;
  v1::ProveReady& ready = *action.mutable_prove_ready();
  ready.set_digest(cli.chain_id().to_string());
  // No header is needed where there is none: the digest of genesis is the chain id.
  if (must(cli.client().query(v1::GetStatusRequest{})).height() > 0) {
    const client::VerifiedHeader latest = cli.verified_header(0);
    ready.set_height(latest.height.value());
    ready.set_digest(latest.digest.to_string());
  }
  const Bytes message = validators::ready_proof(cli.chain_id(), ready.height(), ready.digest());
  ready.set_signature(key.sign(message).to_string());
  cli.send({action}, fmt::format("Proved ready at height {}.", ready.height()));
}

struct ReseatOptions {
  std::string key_file;
  std::string nonce;
};

void reseat(Cli& cli, const ReseatOptions& options) {
  const auto nonce = parse_hex(options.nonce);
  if (!nonce || nonce->size() != 16) {
    usage("A nonce is 32 hex digits: the one the node printed when it stopped voting.");
  }
  const auto key = node_key(options.key_file, storage::KeyPurpose::Validator);
  v1::Action action;
  v1::Reseat& again = *action.mutable_reseat();
  again.set_nonce(std::string{as_chars(*nonce)});
  again.set_signature(
      key.sign(validators::reseat_proof(cli.chain_id(), again.nonce())).to_string());
  cli.send({action}, "Asked for a new epoch. The validator may vote in the one after this.");
}

void list_validators(Cli& cli, bool everybody) {
  v1::ListValidatorsRequest request;
  request.set_page_size(200);
  v1::ListValidatorsResponse all;
  Table table{
      {"name", "state", "live", "last proposed", "last ready", "operator", "validator key"}};
  do {
    const auto page = cli.read(request);
    for (const v1::ValidatorEntry& entry : page.validators()) {
      const v1::Validator& validator = entry.validator();
      const bool gone = validator.state() == v1::VALIDATOR_STATE_RETIRED ||
                        validator.state() == v1::VALIDATOR_STATE_WITHDRAWN;
      if (gone && !everybody) continue;
      table.add({validator.info().name(), print_state(validator.state()), yes_no(entry.live()),
                 std::to_string(entry.liveness().last_proposed_height()),
                 std::to_string(entry.liveness().last_ready_height()),
                 cli.name_of(validator.info().operator_account()),
                 hex(as_bytes(validator.info().validator_key()))});
      *all.add_validators() = entry;
    }
    all.set_height(page.height());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("No validators."));
}

void show_validator(Cli& cli, const std::string& who) {
  v1::GetValidatorRequest request;
  request.set_operator_account(cli.account(who).to_string());
  const auto response = cli.read(request);
  const v1::ValidatorEntry& entry = response.validator();
  const v1::Validator& validator = entry.validator();
  const v1::ValidatorInfo& info = validator.info();
  cli.answer(response,
             facts({{"name", info.name()},
                    {"operator", cli.name_of(info.operator_account())},
                    {"organisation", info.org().empty() ? "-" : cli.name_of(info.org())},
                    {"state", print_state(validator.state())},
                    {"live", yes_no(entry.live())},
                    {"last proposed", std::to_string(entry.liveness().last_proposed_height())},
                    {"last ready", std::to_string(entry.liveness().last_ready_height())},
                    {"validator key", hex(as_bytes(info.validator_key()))},
                    {"node key", hex(as_bytes(info.node_key()))},
                    {"earlier keys", std::to_string(validator.old_keys_size())},
                    {"registered at", std::to_string(validator.registered_height())}}));
}

void show_set(Cli& cli, std::optional<std::uint64_t> epoch) {
  v1::GetSetRequest request;
  request.set_epoch(epoch ? *epoch : cli.read(v1::GetValidatorSetRequest{}).set().epoch());
  const auto response = cli.read(request);
  Table table{{"index", "name", "operator", "validator key"}};
  int index = 0;
  for (const v1::ValidatorInfo& info : response.set().validators()) {
    table.add({std::to_string(index++), info.name(), cli.name_of(info.operator_account()),
               hex(as_bytes(info.validator_key()))});
  }
  cli.answer(response, fmt::format("epoch {}{}\n", response.set().epoch(),
                                   response.pending() ? ", pending: the next block ends the one "
                                                        "before"
                                                      : "") +
                           table.str("No validators."));
}

std::string print_answers(const v1::PreflightVerdict& verdict) {
  Table table{{"rule", "have", "need", "holds", "meaning"}};
  for (const v1::PreflightAnswer& answer : verdict.answers()) {
    table.add({print_enum(v1::PreflightRule_Name(answer.rule()), "PREFLIGHT_RULE_"),
               std::to_string(answer.have()), std::to_string(answer.need()),
               answer.holds()    ? "yes"
               : answer.forced() ? "forced"
                                 : "no",
               answer.sentence()});
  }
  return table.str("");
}

struct ChangeOptions {
  std::vector<std::string> add;
  std::vector<std::string> remove;
  bool force = false;
};

v1::ChangeSet change_of(Cli& cli, const ChangeOptions& options) {
  v1::ChangeSet change;
  for (const std::string& who : options.add) {
    v1::GetValidatorRequest request;
    request.set_operator_account(cli.account(who).to_string());
    const auto found = cli.read(request);
    v1::NomineeRef& nominee = *change.add_add();
    nominee.set_operator_account(request.operator_account());
    nominee.set_validator_key(found.validator().validator().info().validator_key());
  }
  for (const std::string& who : options.remove) {
    change.add_remove(cli.account(who).to_string());
  }
  change.set_force(options.force);
  return change;
}

void preflight(Cli& cli, const ChangeOptions& options) {
  v1::PreflightRequest request;
  *request.mutable_change() = change_of(cli, options);
  const auto response = cli.read(request);
  std::string text = response.verdict().sentence() + "\n" + print_answers(response.verdict());
  if (response.has_error()) {
    text += fmt::format("A proposal of it would be refused. {}: {}\n", response.error().name(),
                        response.error().sentence());
  }
  cli.answer(response, text);
}

std::string names_of(Cli& cli, const v1::SetChange& change) {
  std::string text;
  for (const v1::NomineeRef& nominee : change.add()) {
    text += " +" + cli.name_of(nominee.operator_account());
  }
  for (const std::string& removed : change.remove()) text += " -" + cli.name_of(removed);
  for (const v1::ValidatorRekey& rekey : change.rekey()) {
    text += " ~" + cli.name_of(rekey.operator_account());
  }
  if (text.empty()) return "same members";
  return text.substr(1);
}

void list_queue(Cli& cli) {
  const auto response = cli.read(v1::ListSetChangesRequest{});
  Table table{{"change", "cause", "members", "forced", "verdict"}};
  for (const v1::SetChangeEntry& entry : response.changes()) {
    table.add({std::to_string(entry.change().id()),
               print_enum(v1::SetChangeCause_Name(entry.change().cause()), "SET_CHANGE_CAUSE_"),
               names_of(cli, entry.change()), yes_no(entry.change().force()),
               entry.verdict().sentence()});
  }
  std::string text = table.str("No set change waits.");
  if (response.blocks_missing() > 0 && !response.changes().empty()) {
    text += fmt::format("The epoch needs {} more blocks before a change is taken.\n",
                        response.blocks_missing());
  }
  cli.answer(response, text);
}

void withdraw(Cli& cli, std::uint64_t change) {
  v1::Action action;
  action.mutable_withdraw_change()->set_change(change);
  cli.send({action}, fmt::format("Withdrew set change {}.", change));
}

struct Votes {
  std::string first;
  std::string second;
};

void report(Cli& cli, const Votes& votes) {
  const auto first = parse_hex(votes.first);
  const auto second = parse_hex(votes.second);
  if (!first || !second) usage("Give both votes in hexadecimal, as the validator signed them.");
  v1::Action action;
  action.mutable_report_equivocation()->set_first_vote(std::string{as_chars(*first)});
  action.mutable_report_equivocation()->set_second_vote(std::string{as_chars(*second)});
  cli.send({action}, "Put the equivocation on record.");
}

void list_evidence(Cli& cli) {
  v1::ListEquivocationsRequest request;
  request.set_page_size(200);
  v1::ListEquivocationsResponse all;
  Table table{{"epoch", "view", "operator", "kind", "height", "reporter"}};
  do {
    const auto page = cli.read(request);
    for (const v1::Equivocation& one : page.equivocations()) {
      table.add({std::to_string(one.epoch()), std::to_string(one.view()),
                 cli.name_of(one.operator_account()),
                 print_enum(v1::EquivocationKind_Name(one.kind()), "EQUIVOCATION_KIND_"),
                 std::to_string(one.height()), cli.name_of(one.reporter())});
      *all.add_equivocations() = one;
    }
    all.set_height(page.height());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  cli.answer(all, table.str("No equivocation is on record."));
}

void add_reads(CLI::App& app, Cli& cli) {
  auto everybody = std::make_shared<bool>(false);
  CLI::App* list = verb(app, "validator", "list", "Validators and nominees");
  list->add_flag("--all", *everybody, "Also those who have left");
  list->callback([&cli, everybody] { list_validators(cli, *everybody); });

  auto who = std::make_shared<std::string>();
  CLI::App* show = verb(app, "validator", "show", "One operator's validator");
  show->add_option("OPERATOR", *who, "@name or id")->required();
  show->callback([&cli, who] { show_validator(cli, *who); });

  auto epoch = std::make_shared<std::optional<std::uint64_t>>();
  CLI::App* set = verb(app, "validator", "set", "The validator set of an epoch");
  set->add_option("EPOCH", *epoch, "The current one unless said otherwise");
  set->callback([&cli, epoch] { show_set(cli, *epoch); });

  auto change = std::make_shared<ChangeOptions>();
  CLI::App* fly = verb(app, "validator", "preflight", "What a change of the set would do now");
  fly->add_option("--add", change->add, "Nominees, by operator");
  fly->add_option("--remove", change->remove, "Validators, by operator");
  fly->add_flag("--force", change->force, "Passes over Q2 and Q3");
  fly->callback([&cli, change] { preflight(cli, *change); });

  verb(app, "validator", "queue", "Set changes that wait, and for what")->callback([&cli] {
    list_queue(cli);
  });

  auto votes = std::make_shared<Votes>();
  CLI::App* evidence =
      verb(app, "validator", "evidence", "List equivocations, or report one by its two votes");
  auto* first = evidence->add_option("--first", votes->first, "A vote in hexadecimal");
  auto* second = evidence->add_option("--second", votes->second, "The other one");
  first->needs(second);
  second->needs(first);
  evidence->callback([&cli, votes] {
    if (votes->first.empty()) return list_evidence(cli);
    report(cli, *votes);
  });
}

void add_acts(CLI::App& app, Cli& cli) {
  auto fresh = std::make_shared<KeyFiles>();
  CLI::App* stand = verb(app, "validator", "register", "Offer a node for the validator set");
  stand->add_option("NAME", fresh->name, "1 to 32 of [a-z0-9-]")->required();
  stand->add_option("--validator-key", fresh->validator, "The node's key file")->required();
  stand->add_option("--node-key", fresh->node, "The node's key file")->required();
  stand->add_option("--org", fresh->org, "Organisation behind it, @name or id");
  stand->callback([&cli, fresh] { register_nominee(cli, *fresh); });

  auto files = std::make_shared<KeyFiles>();
  CLI::App* rekey = verb(app, "validator", "rekey", "Queue new keys for the own validator");
  rekey->add_option("--validator-key", files->validator, "The new key file")->required();
  rekey->add_option("--node-key", files->node, "The new key file")->required();
  rekey->callback([&cli, files] { change_keys(cli, *files); });

  auto key = std::make_shared<std::string>();
  CLI::App* ready = verb(app, "validator", "ready", "Prove that the own node follows the chain");
  ready->add_option("--validator-key", *key, "The node's key file")->required();
  ready->callback([&cli, key] { prove_ready(cli, *key); });

  auto again = std::make_shared<ReseatOptions>();
  CLI::App* seat = verb(app, "validator", "reseat", "Ask for a new epoch after a lost memory");
  seat->add_option("NONCE", again->nonce, "32 hex digits from the node")->required();
  seat->add_option("--validator-key", again->key_file, "The node's key file")->required();
  seat->callback([&cli, again] { reseat(cli, *again); });

  verb(app, "validator", "leave", "Leave the set, or take a nomination back")->callback([&cli] {
    v1::Action action;
    action.mutable_leave();
    cli.send({action}, "Queued to leave, or took the nomination back: salus validator queue");
  });

  auto change = std::make_shared<std::uint64_t>(0);
  CLI::App* take = verb(app, "validator", "withdraw", "Withdraw the own waiting set change");
  take->add_option("CHANGE", *change, "Its number")->required();
  take->callback([&cli, change] { withdraw(cli, *change); });
}

}  // namespace

void add_validator_verbs(CLI::App& app, Cli& cli) {
  add_reads(app, cli);
  add_acts(app, cli);
}

}  // namespace salus::cli
