// Owns: keys, actions and votes of the test DAO's validators.
#include "dao/a_validator.h"

#include "crypto/hash.h"
#include "dao/validators/preflight.h"

namespace salus::dao::test {

namespace {

std::string generation_name(std::string_view name, std::string_view kind, int generation) {
  std::string out = std::string{name} + std::string{kind};
  if (generation > 0) out += " " + std::to_string(generation);
  return out;
}

template <typename Action>
void fill_keys(const Dao& dao, std::string_view name, int generation, Action& action) {
  const auto validator = validator_key_of(name, generation);
  const auto node = node_key_of(name, generation);
  action.set_validator_key(validator.public_key().to_string());
  action.set_node_key(node.public_key().to_string());
  const Bytes message = validators::key_proof(chain_id(), dao.account(name), action.validator_key(),
                                              action.node_key());
  action.set_validator_proof(validator.sign(message).to_string());
  action.set_node_proof(node.sign(message).to_string());
}

}  // namespace

void set_in(v1::GenesisDocument& document, std::string_view name, std::uint64_t value) {
  for (v1::Parameter& parameter : *document.mutable_parameters()) {
    if (parameter.name() == name) return parameter.set_value(value);
  }
  v1::Parameter& parameter = *document.add_parameters();
  parameter.set_name(std::string{name});
  parameter.set_value(value);
}

std::vector<Person> people_of_network(std::size_t more) {
  std::vector<Person> people = everybody();
  for (std::size_t i = 0; i < more; ++i) people.push_back({"op" + std::to_string(i), 0, 0, 0});
  return people;
}

v1::GenesisDocument a_network(std::size_t more) {
  const std::vector<Person> people = people_of_network(more);
  v1::GenesisDocument document = a_document(people);
  for (std::size_t i = people.size() - more; i < people.size(); ++i) {
    const std::string& name = people[i].name;
    v1::GenesisValidator& given = *document.add_validators();
    given.set_operator_account(static_cast<std::uint32_t>(i));
    given.set_name(name + "-node");
    given.set_validator_key(validator_key_of(name).public_key().to_string());
    given.set_node_key(node_key_of(name).public_key().to_string());
  }
  set_in(document, "consensus.epoch_blocks_min", kEpochBlocksMin);
  set_in(document, "consensus.ready_window", kReadyWindow);
  return document;
}

crypto::KeyPair validator_key_of(std::string_view name, int generation) {
  return key_of(generation_name(name, " validator", generation));
}

crypto::KeyPair node_key_of(std::string_view name, int generation) {
  return key_of(generation_name(name, " node", generation));
}

v1::Action register_nominee(const Dao& dao, std::string_view name, int generation) {
  v1::Action action;
  fill_keys(dao, name, generation, *action.mutable_register_nominee());
  action.mutable_register_nominee()->set_name(std::string{name} + "-node");
  return action;
}

std::string digest_at(std::uint64_t height) {
  ByteWriter child;
  child.u64(height + 1);
  return crypto::hash("salus.test.block", child.out()).to_string();
}

v1::Action prove_ready(std::string_view name, std::uint64_t height, int generation) {
  v1::Action action;
  v1::ProveReady& ready = *action.mutable_prove_ready();
  ready.set_height(height);
  ready.set_digest(digest_at(height));
  const Bytes message = validators::ready_proof(chain_id(), height, ready.digest());
  ready.set_signature(validator_key_of(name, generation).sign(message).to_string());
  return action;
}

v1::Action rekey(const Dao& dao, std::string_view name, int generation) {
  v1::Action action;
  fill_keys(dao, name, generation, *action.mutable_rekey());
  return action;
}

v1::Action leave() {
  v1::Action action;
  action.mutable_leave();
  return action;
}

v1::Action change_set(const Dao& dao, const Names& names) {
  v1::Action action;
  v1::ChangeSet& change = *action.mutable_change_set();
  for (const std::string& name : names.add) {
    v1::NomineeRef& nominee = *change.add_add();
    nominee.set_operator_account(dao.account(name).to_string());
    nominee.set_validator_key(validator(dao, name).info().validator_key());
  }
  for (const std::string& name : names.remove) {
    change.add_remove(dao.account(name).to_string());
  }
  change.set_force(names.force);
  return action;
}

v1::Action withdraw_change(std::uint64_t change) {
  v1::Action action;
  action.mutable_withdraw_change()->set_change(change);
  return action;
}

v1::Action reseat(std::string_view name, char nonce, int generation) {
  v1::Action action;
  v1::Reseat& again = *action.mutable_reseat();
  again.set_nonce(std::string(16, nonce));
  const Bytes message = validators::reseat_proof(chain_id(), again.nonce());
  again.set_signature(validator_key_of(name, generation).sign(message).to_string());
  return action;
}

std::string signed_vote(std::string_view name, std::uint16_t index, const VoteOf& vote,
                        int generation) {
  validators::SignedVote content{.kind = vote.kind,
                                 .signer = ValidatorIndex{index},
                                 .epoch = Epoch{vote.epoch},
                                 .view = View{vote.view},
                                 .parent = View{vote.parent},
                                 .digest = {},
                                 .signature = {}};
  content.digest.bytes.fill(static_cast<std::uint8_t>(vote.block));
  const Bytes message = validators::signed_bytes(chain_id(), content);
  const Signature signature = validator_key_of(name, generation).sign(message);

  // The layout of consensus.md, section 2, written by hand.
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(vote.kind));
  out.u16(index);
  out.u64(vote.epoch);
  out.u64(vote.view);
  if (vote.kind != validators::VoteKind::Nullify) {
    out.u64(vote.parent);
    out.bytes(content.digest.view());
  }
  out.bytes(signature.view());
  return std::string{as_chars(out.out())};
}

v1::Action report(const std::string& first, const std::string& second) {
  v1::Action action;
  action.mutable_report_equivocation()->set_first_vote(first);
  action.mutable_report_equivocation()->set_second_vote(second);
  return action;
}

v1::Validator validator(const Dao& dao, std::string_view name) {
  return validators::find_validator(dao.state(), dao.account(name)).value_or(v1::Validator{});
}

std::string standing(const Dao& dao, std::string_view name) {
  const auto found = validators::find_validator(dao.state(), dao.account(name));
  if (!found) return "";
  return v1::ValidatorState_Name(found->state()).substr(std::string{"VALIDATOR_STATE_"}.size());
}

std::vector<std::string> members(const std::optional<v1::ValidatorSet>& set) {
  std::vector<std::string> names;
  if (!set) return names;
  for (const v1::ValidatorInfo& info : set->validators()) {
    names.push_back(info.name().substr(0, info.name().size() - std::string{"-node"}.size()));
  }
  return names;
}

std::vector<std::string> members(const Dao& dao) {
  return members(validators::current_set(dao.state()));
}

std::vector<std::string> waits(const Dao& dao) {
  std::vector<std::string> rules;
  const v1::SetChangeQueue queue = validators::set_changes(dao.state());
  for (const v1::SetChange& change : queue.changes()) {
    rules.emplace_back(validators::name(change.waits()));
  }
  return rules;
}

void nominate(Dao& dao, std::string_view name, int generation) {
  const auto office =
      grant_office(dao.account(name), membership::Role::Operator, 1'000'000 * kSecond);
  EXPECT_EQ(dao.apply_as_dao(office), "Ok");
  EXPECT_EQ(dao.apply(name, register_nominee(dao, name, generation)).error(), "Ok");
}

void make_ready(Dao& dao, std::string_view name, int generation) {
  const auto action = prove_ready(name, dao.height().value() - 1, generation);
  EXPECT_EQ(dao.apply(name, action).error(), "Ok");
}

void change_keys(Dao& dao, std::string_view name, int generation) {
  EXPECT_EQ(dao.apply(name, rekey(dao, name, generation)).error(), "Ok");
  make_ready(dao, name, generation);
}

void end_blocks(Dao& dao, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) dao.end_block();
}

void cross_boundary(Dao& dao) {
  const std::uint64_t epoch = validators::current_set(dao.state()).epoch();
  for (int i = 0; i < 20 && validators::current_set(dao.state()).epoch() == epoch; ++i) {
    dao.end_block();
  }
  EXPECT_EQ(validators::current_set(dao.state()).epoch(), epoch + 1);
}

}  // namespace salus::dao::test
