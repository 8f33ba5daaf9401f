// Owns: the stored and signed bytes of the DAO. Every message of its modules, field by field, has a
// golden encoding that an independent encoder computed; a message, field or table without one fails
// here first (style.md, rule 24).
#include <google/protobuf/text_format.h>

#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "base/bytes.h"
#include "dao/a_dao.h"
#include "dao/layout.h"
#include "salus/v1/accounts.pb.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/acts.pb.h"
#include "salus/v1/assets.pb.h"
#include "salus/v1/governance.pb.h"
#include "salus/v1/membership.pb.h"
#include "salus/v1/treasury.pb.h"
#include "salus/v1/validators.pb.h"
#include "state/record.h"
#include "wire/strict_parse.h"

namespace salus::dao::test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using Json = nlohmann::json;

struct Golden {
  std::string id;
  std::string message;
  std::string text;
  std::string bytes;
};

std::vector<Golden> goldens() {
  std::ifstream file(SALUS_SOURCE_DIR "/tests/vectors/records.json");
  const Json all = Json::parse(file);
  std::vector<Golden> out;
  for (const Json& vector : all.at("vectors")) {
    const auto bytes = parse_hex(vector.at("out").at("bytes").get<std::string>());
    out.push_back({.id = vector.at("id"),
                   .message = vector.at("in").at("message"),
                   .text = vector.at("in").at("text"),
                   .bytes = std::string{as_chars(*bytes)}});
  }
  return out;
}

// Every message of the DAO's modules.
std::map<std::string, const Descriptor*> messages() {
  std::map<std::string, const Descriptor*> found;
  for (const Descriptor* one :
       {v1::Account::descriptor(), v1::Asset::descriptor(), v1::Member::descriptor(),
        v1::Parameter::descriptor(), v1::Proposal::descriptor(), v1::Action::descriptor(),
        v1::JointAct::descriptor(), v1::Fund::descriptor(), v1::ValidatorSet::descriptor()}) {
    for (int i = 0; i < one->file()->message_type_count(); ++i) {
      const Descriptor* type = one->file()->message_type(i);
      found[std::string{type->name()}] = type;
    }
  }
  return found;
}

std::unique_ptr<Message> empty(const Descriptor* type) {
  return std::unique_ptr<Message>{MessageFactory::generated_factory()->GetPrototype(type)->New()};
}

// As a transaction from outside is read: nothing unknown, nothing left over.
bool reads(const Descriptor* type, std::string_view bytes) {
  const auto message = empty(type);
  return wire::parse_bounded(*message, bytes, 100) && !wire::has_unknown_fields(*message);
}

void note_fields(const Message& message, std::set<std::string>& seen) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) seen.insert(std::string{field->full_name()});
}

TEST(Records, have_the_golden_bytes_and_read_back_equal) {
  const auto types = messages();
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.id);
    const auto written = empty(types.at(golden.message));
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(golden.text, written.get()));
    EXPECT_EQ(hex(as_bytes(state::encode(*written))), hex(as_bytes(golden.bytes)));

    const auto read = empty(types.at(golden.message));
    ASSERT_TRUE(wire::parse_bounded(*read, golden.bytes, 100));
    EXPECT_EQ(read->DebugString(), written->DebugString());
    EXPECT_EQ(hex(as_bytes(state::encode(*read))), hex(as_bytes(golden.bytes)));
  }
}

TEST(Records, of_one_byte_less_or_more_are_refused) {
  const auto types = messages();
  for (const Golden& golden : goldens()) {
    const Descriptor* type = types.at(golden.message);
    EXPECT_TRUE(reads(type, golden.bytes)) << golden.id;
    if (!golden.bytes.empty()) {
      EXPECT_FALSE(reads(type, std::string_view{golden.bytes}.substr(0, golden.bytes.size() - 1)))
          << golden.id;
    }
    // A tag without a value, and a tag that no field has.
    for (const char extra : {'\x08', '\0'}) {
      EXPECT_FALSE(reads(type, golden.bytes + extra)) << golden.id;
    }
  }
}

TEST(Records, that_do_not_parse_stop_the_process) {
  // A damaged state must never be read as another state (state/record.h).
  for (const Golden& golden : goldens()) {
    if (golden.id != "proposal") continue;
    const std::string damaged = golden.bytes.substr(0, golden.bytes.size() - 1);
    EXPECT_DEATH(static_cast<void>(state::decode<v1::Proposal>(damaged)), "ledger is corrupt");
  }
}

TEST(Records, without_a_golden_do_not_exist) {
  std::set<std::string> covered;
  std::set<std::string> fields;
  const auto types = messages();
  for (const Golden& golden : goldens()) {
    const auto message = empty(types.at(golden.message));
    ASSERT_TRUE(wire::parse_bounded(*message, golden.bytes, 100));
    covered.insert(golden.message);
    note_fields(*message, fields);
  }
  for (const auto& [name, type] : types) {
    EXPECT_TRUE(covered.contains(name)) << name << ": run tests/vectors/records.py";
    for (int i = 0; i < type->field_count(); ++i) {
      EXPECT_TRUE(fields.contains(std::string{type->field(i)->full_name()}))
          << type->field(i)->full_name() << ": run tests/vectors/records.py";
    }
  }
}

TEST(Records, lie_under_keys_of_their_table_in_their_one_encoding) {
  Dao dao;
  dao.end_block();
  // Those of genesis; random_test.cc meets the others.
  EXPECT_GE(expect_known_layout(dao.state()).size(), 20U);
}

TEST(Tables, without_a_known_layout_do_not_exist) { expect_layout_of_every_table(); }

}  // namespace
}  // namespace salus::dao::test
