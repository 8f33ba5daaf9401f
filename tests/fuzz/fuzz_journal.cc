// Owns: any bytes as a journal file's head or as a stage of records (storage/journal_format.h).
#include <optional>
#include <set>

#include "fuzz/fuzz.h"
#include "storage/journal_format.h"

namespace salus::fuzz {

std::vector<std::string> examples() {
  storage::StageWriter one{Stage{5}};
  one.add(consensus::RecordType::Certificate, as_bytes("abc"));
  storage::StageWriter two{Stage{6}};
  two.add(consensus::RecordType::Candidate, as_bytes("block"));
  two.add(consensus::RecordType::OwnVote, as_bytes("vote"));
  storage::JournalHead head;
  head.epoch = Epoch{2};
  head.registers.nullify = View{4};
  const Bytes page = storage::encode(head);
  return {text_of(std::move(one).finish()), text_of(std::move(two).finish()),
          text_of(ByteView{page}.first(storage::kJournalHeadBytes))};
}

}  // namespace salus::fuzz

namespace {

using namespace salus;

void check_stage(ByteView input) {
  std::optional<storage::StageWriter> writer;
  std::set<Stage> stages;
  const auto length = storage::read_stage(input, [&](const storage::RecordView& record) {
    stages.insert(record.stage);
    if (!writer) writer.emplace(record.stage);
    // Types beyond the known ones are framed alike; the payload's decoder refuses them.
    writer->add(static_cast<consensus::RecordType>(record.type), record.payload);
  });
  fuzz::require(length.has_value() == writer.has_value(), "a stage is whole, or nobody saw it");
  if (!length) return;
  const std::string again = fuzz::text_of(std::move(*writer).finish());
  fuzz::require(*length <= input.size(), "a stage lies inside its bytes");
  fuzz::require(stages.size() == 1, "all records of a stage bear its number");
  fuzz::require(again == fuzz::text_of(input.first(*length)), "a stage has one framing");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input{data, size};
  check_stage(input);
  if (const auto head = storage::decode_journal_head(input)) {
    const Bytes again = storage::encode(*head);
    fuzz::require(fuzz::text_of(ByteView{again}.first(storage::kJournalHeadBytes)) ==
                      fuzz::text_of(input.first(storage::kJournalHeadBytes)),
                  "a head has one encoding");
  }
  return 0;
}
