// Owns: how records become bytes: deterministic protobuf without unknown fields, so that equal
// records have equal bytes on every node. A record that does not parse is corruption of our own
// state and stops the process.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <optional>
#include <string>

#include "base/assert.h"
#include "state/overlay.h"
#include "state/table.h"

namespace salus::state {

template <typename Message>
std::string encode(const Message& record) {
  std::string out;
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  SALUS_ASSERT(record.SerializeToCodedStream(&coded), "a record of our own serializes");
  coded.Trim();
  return out;
}

template <typename Message>
Message decode(std::string_view bytes) {
  Message record;
  SALUS_ASSERT(record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
               "a stored record does not parse: the ledger is corrupt");
  return record;
}

template <typename Message>
std::optional<Message> find(const Overlay& state, const Key& key) {
  const auto bytes = state.get(key.str());
  if (!bytes) return std::nullopt;
  return decode<Message>(*bytes);
}

// The record at `key`, or an empty one.
template <typename Message>
Message find_or_default(const Overlay& state, const Key& key) {
  return find<Message>(state, key).value_or(Message{});
}

template <typename Message>
void put(Overlay& state, const Key& key, const Message& record) {
  state.put(key.str(), encode(record));
}

inline void erase(Overlay& state, const Key& key) { state.erase(key.str()); }

// The next number of a counter that starts at 1 (H-0.3).
std::uint64_t take_number(Overlay& state, const Key& counter);

}  // namespace salus::state
