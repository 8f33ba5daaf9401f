// Owns: any bytes as any message of the DAO, as wire/strict_parse.h reads them; the first byte
// chooses the message.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/stubs/logging.h>

#include <memory>

#include "fuzz/fuzz.h"
#include "salus/v1/accounts.pb.h"
#include "salus/v1/action.pb.h"
#include "salus/v1/assets.pb.h"
#include "salus/v1/governance.pb.h"
#include "salus/v1/membership.pb.h"
#include "salus/v1/treasury.pb.h"
#include "salus/v1/tx.pb.h"
#include "salus/v1/validators.pb.h"
#include "state/record.h"
#include "wire/strict_parse.h"

namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

// A text that is no UTF-8 is refused, and libprotobuf says so each time.
[[maybe_unused]] const auto quiet = google::protobuf::SetLogHandler(nullptr);

const std::vector<const Descriptor*>& messages() {
  static const std::vector<const Descriptor*> all = [] {
    std::vector<const Descriptor*> found;
    namespace v1 = salus::v1;
    for (const Descriptor* one :
         {v1::Account::descriptor(), v1::Asset::descriptor(), v1::Member::descriptor(),
          v1::Proposal::descriptor(), v1::Action::descriptor(), v1::Fund::descriptor(),
          v1::ValidatorSet::descriptor(), v1::TxBody::descriptor()}) {
      for (int i = 0; i < one->file()->message_type_count(); ++i) {
        found.push_back(one->file()->message_type(i));
      }
    }
    return found;
  }();
  return all;
}

std::unique_ptr<Message> empty(const Descriptor* type) {
  return std::unique_ptr<Message>{
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New()};
}

// Lists of exactly one number: packed they carry a length, so that the spelling without it, which
// proto3 reads too, is one byte shorter.
std::size_t packed_alone(const Message& record) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  const auto* reflection = record.GetReflection();
  reflection->ListFields(record, &fields);
  std::size_t count = 0;
  for (const auto* field : fields) {
    if (field->is_packed()) count += reflection->FieldSize(record, field) == 1 ? 1U : 0U;
    if (field->message_type() == nullptr) continue;
    if (!field->is_repeated()) {
      count += packed_alone(reflection->GetMessage(record, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(record, field); ++i) {
      count += packed_alone(reflection->GetRepeatedMessage(record, field, i));
    }
  }
  return count;
}

}  // namespace

namespace salus::fuzz {

std::vector<std::string> examples() {
  // One message of each kind would be the same seven bytes; mutations find the rest.
  std::vector<std::string> all;
  v1::Proposal proposal;
  proposal.set_id(7);
  proposal.set_proposer(std::string(32, 'p'));
  proposal.add_options()->add_actions()->mutable_pay()->set_amount(9);
  proposal.add_deposits()->set_amount(20);
  proposal.mutable_effective()->add_veto_groups_bp(1'700);
  const std::string bytes = state::encode(proposal);
  for (std::size_t i = 0; i < messages().size(); ++i) all.push_back(static_cast<char>(i) + bytes);
  return all;
}

}  // namespace salus::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  if (size == 0) return 0;
  const Descriptor* type = messages()[data[0] % messages().size()];
  const auto record = empty(type);
  const ByteView payload = fuzz::after_first({data, size});
  if (!wire::parse_bounded(*record, as_chars(payload), 12)) return 0;
  if (wire::has_unknown_fields(*record)) return 0;
  const std::string once = state::encode(*record);
  const auto again = empty(type);
  fuzz::require(wire::parse_bounded(*again, once, 12), "what we write we can read");
  fuzz::require(!wire::has_unknown_fields(*again), "what we write we know");
  fuzz::require(state::encode(*again) == once, "a record has one deterministic encoding");
  // Defaults and repeated fields may be spelled at more length; never at less.
  fuzz::require(once.size() <= payload.size() + packed_alone(*record),
                "the one encoding is the shortest");
  return 0;
}
