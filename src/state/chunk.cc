// Owns: how parts are made, judged and written.
#include "state/chunk.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "state/history.h"
#include "state/layout.h"
#include "state/nothing_stored.h"
#include "state/tree.h"

namespace salus::state {

namespace {

constexpr std::uint8_t kWhole = 0;
constexpr std::uint8_t kDivided = 1;
constexpr std::uint8_t kChild = 0;
constexpr std::uint8_t kRecord = 1;
// Lengths of a key and a value.
constexpr std::size_t kRecordBytesMin = 6;

using Record = std::pair<std::string, std::string>;

void append_record(ByteWriter& out, const Leaf& leaf, const Store& state) {
  const auto value = state.get(std::string{kStatePrefix} + leaf.key);
  SALUS_ASSERT(value.has_value(), "a leaf of the state tree has no record: the ledger is corrupt");
  out.u16(static_cast<std::uint16_t>(leaf.key.size()));
  out.bytes(as_bytes(leaf.key));
  out.sized(as_bytes(*value));
}

std::optional<Record> read_record(ByteReader& in) {
  const std::uint16_t length = in.u16();
  if (length > kKeyBytesMax) return std::nullopt;
  const ByteView key = in.bytes(length);
  const ByteView value = in.sized(kChunkBytesMax);
  if (!in.ok()) return std::nullopt;
  return Record{as_chars(key), as_chars(value)};
}

Leaf leaf_of(const Record& record) {
  return {key_hash(record.first), value_hash(record.second), record.first};
}

// Gathers the records of a part until it is over a limit.
class Gatherer {
 public:
  Gatherer(const Pages& pages, const Store& state, const ChunkLimits& limits)
      : pages_(pages), state_(state), limits_(limits) {}

  bool add(const Path& path, const Page& page) {
    for (const Entry& entry : page.entries) {
      if (const Child* child = entry.child()) {
        const PageId id{child->version, path.child(entry.slot)};
        if (!add(id.path, pages_.get(id))) return false;
        continue;
      }
      append_record(records_, *entry.leaf(), state_);
      if (++count_ > limits_.records || records_.out().size() > limits_.bytes) return false;
    }
    return true;
  }

  Bytes take() const {
    ByteWriter out;
    out.u8(kWhole);
    out.u32(count_);
    out.bytes(records_.out());
    return std::move(out).out();
  }

 private:
  const Pages& pages_;
  const Store& state_;
  ChunkLimits limits_;
  ByteWriter records_;
  std::uint32_t count_ = 0;
};

Bytes divide(const Pages& pages, const Store& state, const Path& path, const Page& page) {
  ByteWriter out;
  out.u8(kDivided);
  out.u8(static_cast<std::uint8_t>(page.entries.size()));
  for (const Entry& entry : page.entries) {
    out.u8(entry.slot);
    if (const Leaf* leaf = entry.leaf()) {
      out.u8(kRecord);
      append_record(out, *leaf, state);
      continue;
    }
    out.u8(kChild);
    const Page below = pages.get({entry.child()->version, path.child(entry.slot)});
    constexpr std::uint8_t half = kSlots / 2;
    const EntrySpan entries = below.entries;
    const std::size_t split = split_at(entries, half);
    out.bytes(hash_of(entries.first(split), 0, half).view());
    out.bytes(hash_of(entries.subspan(split), half, half).view());
  }
  return std::move(out).out();
}

std::optional<Page> find_page(const Pages& pages, const Path& path) {
  PageId at = *pages.root_id();
  Page page = pages.get(at);
  while (at.path.depth < path.depth) {
    const std::uint8_t slot = slot_of(path.bits, at.path.depth);
    const auto entry = std::ranges::find(page.entries, slot, &Entry::slot);
    if (entry == page.entries.end() || entry->child() == nullptr) return std::nullopt;
    at = {entry->child()->version, at.path.child(slot)};
    page = pages.get(at);
  }
  return page;
}

std::optional<std::vector<Record>> read_records(ByteReader& in) {
  const std::uint32_t count = in.u32();
  if (count > kChunkRecordsMax || count > in.left() / kRecordBytesMin) return std::nullopt;
  std::vector<Record> out;
  out.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    auto record = read_record(in);
    if (!record) return std::nullopt;
    out.push_back(std::move(*record));
  }
  return out;
}

// Nothing if they are not all below `path`, or out of order.
std::optional<std::vector<Leaf>> leaves_below(const Path& path,
                                              const std::vector<Record>& records) {
  std::vector<Leaf> out;
  out.reserve(records.size());
  for (const Record& record : records) {
    out.push_back(leaf_of(record));
    const Hash& key = out.back().key_hash;
    const bool is_after = out.size() == 1 || out[out.size() - 2].key_hash < key;
    if (!is_after || !path.leads_to(key)) return std::nullopt;
  }
  return out;
}

void find_missing_below(const Store& store, const PageId& id, const Hash& hash, std::size_t count,
                        std::vector<Wanted>& out) {
  if (out.size() >= count) return;
  const auto stored = store.get(std::string{kPagePrefix} + id.key());
  if (!stored) return out.push_back({id.path, hash});
  const Page page = decode_page(*stored);
  for (const Entry& entry : page.entries) {
    const Child* child = entry.child();
    if (child == nullptr) continue;
    find_missing_below(store, {child->version, id.path.child(entry.slot)}, child->hash, count, out);
  }
}

}  // namespace

std::string_view sentence(ChunkError error) {
  switch (error) {
    case ChunkError::NoSuchPart:
      return "The state of that height has no such part: ask for the parts that it names.";
    case ChunkError::TooLarge:
      return "The part is over 8 MiB: nobody sends such a part.";
    case ChunkError::Malformed:
      return "The part has no valid form: ask another node.";
    case ChunkError::OtherHash:
      return "The part is not the one that was asked for: ask another node.";
  }
  return "Unknown.";
}

Result<Bytes, ChunkError> make_chunk(const Pages& pages, const Store& state, const Path& path,
                                     const ChunkLimits& limits) {
  const auto page = find_page(pages, path);
  if (!page) return std::unexpected(ChunkError::NoSuchPart);
  Gatherer whole{pages, state, limits};
  Bytes out = whole.add(path, *page) ? whole.take() : divide(pages, state, path, *page);
  if (out.size() > kChunkBytesMax) return std::unexpected(ChunkError::TooLarge);
  return out;
}

Result<Chunk, ChunkError> Chunk::verify(const Wanted& wanted, ByteView answer) {
  if (answer.size() > kChunkBytesMax) return std::unexpected(ChunkError::TooLarge);
  ByteReader in{answer};
  const std::uint8_t kind = in.u8();
  if (!in.ok() || kind > kDivided) return std::unexpected(ChunkError::Malformed);
  auto out = kind == kWhole ? read_whole(wanted.path, in) : read_divided(wanted.path, in);
  if (!out || !in.done()) return std::unexpected(ChunkError::Malformed);

  const NothingStored nothing;
  const Pages before{nothing, std::nullopt, 0};
  Pages pages = before.branch(Height{0});
  if (out->build(pages).hash() != wanted.hash) return std::unexpected(ChunkError::OtherHash);
  return std::move(*out);
}

std::optional<Chunk> Chunk::read_whole(const Path& path, ByteReader& in) {
  auto records = read_records(in);
  if (!records) return std::nullopt;
  auto leaves = leaves_below(path, *records);
  if (!leaves) return std::nullopt;
  Chunk out;
  out.path_ = path;
  out.is_whole_ = true;
  out.records_ = std::move(*records);
  out.leaves_ = std::move(*leaves);
  return out;
}

std::optional<Chunk> Chunk::read_divided(const Path& path, ByteReader& in) {
  Chunk out;
  out.path_ = path;
  const std::uint8_t count = in.u8();
  for (std::uint8_t i = 0; i < count; ++i) {
    if (!out.read_slot(in)) return std::nullopt;
  }
  return out;
}

bool Chunk::read_slot(ByteReader& in) {
  const std::uint8_t slot = in.u8();
  const std::uint8_t kind = in.u8();
  const bool is_after = page_.entries.empty() || page_.entries.back().slot < slot;
  if (!in.ok() || slot >= kSlots || kind > kRecord || !is_after) return false;
  if (kind == kRecord) {
    auto record = read_record(in);
    if (!record) return false;
    Leaf leaf = leaf_of(*record);
    if (!path_.leads_to(leaf.key_hash) || slot_of(leaf.key_hash, path_.depth) != slot) return false;
    page_.entries.push_back({slot, std::move(leaf)});
    records_.push_back(std::move(*record));
    return true;
  }
  const Hash left = in.fixed<Hash>();
  const Hash right = in.fixed<Hash>();
  // Nothing hangs below the last bit of a key hash.
  if (!in.ok() || path_.depth == kPageDepthMax) return false;
  next_.push_back({path_.child(slot), inner_hash(left, right)});
  page_.entries.push_back({slot, Child{next_.back().hash, Height{}}});
  return true;
}

std::optional<std::string> Chunk::value_of(std::string_view key) const {
  const auto found = std::ranges::find(records_, key, &Record::first);
  if (found == records_.end()) return std::nullopt;
  return found->second;
}

Page Chunk::build(Pages& pages) const {
  if (is_whole_) return build_page(pages, path_, leaves_);
  Page out = page_;
  for (Entry& entry : out.entries) {
    if (const Child* child = entry.child()) entry.held = Child{child->hash, pages.version()};
  }
  return out;
}

void Chunk::append_to(StoreBatch& batch, Height version) const {
  for (const auto& [key, value] : records_) batch.put(std::string{kStatePrefix} + key, value);
  const NothingStored nothing;
  const Pages before{nothing, std::nullopt, 0};
  Pages pages = before.branch(version);
  pages.put(path_, build(pages));
  for (const auto& [path, page] : pages.written()) {
    batch.put(std::string{kPagePrefix} + PageId{version, path}.key(), encode(page));
  }
}

std::vector<Wanted> find_missing(const Store& store, Height version, const Root& root,
                                 std::size_t count) {
  std::vector<Wanted> out;
  find_missing_below(store, {version, Path{}}, Hash{root.bytes}, count, out);
  return out;
}

void append_filled(StoreBatch& batch, Height version) {
  batch.put(std::string{kHorizonKey}, encode(Horizon{version, version.next()}));
}

}  // namespace salus::state
