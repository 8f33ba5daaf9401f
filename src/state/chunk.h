// Owns: a state that is fetched in parts from nobody in particular. A part is named by its path and
// the hash that it must have; an answer is the part's records or, where they are many, its division
// into smaller parts. Each answer is verified alone and written alone, in any order, and what is
// still missing can be read from the store, so a joiner trusts no server and survives any crash.
// The tree that results is the origin's, page for page, but for the versions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/seams/store.h"
#include "state/page.h"
#include "state/pages.h"

namespace salus::state {

// A part that is not here yet. The root's hash is the state root.
struct Wanted {
  Path path;
  Hash hash;

  bool operator==(const Wanted&) const = default;
};

// Longest answer that is understood; the longest that is sent stays far below it.
inline constexpr std::size_t kChunkBytesMax = std::size_t{8} << 20U;
inline constexpr std::size_t kChunkRecordsMax = 65'536;

// A part with more than these is divided.
struct ChunkLimits {
  std::size_t records = 8'192;
  std::size_t bytes = std::size_t{1} << 20U;
};

enum class ChunkError : std::uint8_t {
  // The state of that version has no page at that path.
  NoSuchPart,
  TooLarge,
  // Cut off, longer than it should be, out of order, or with records of another part.
  Malformed,
  // The part that was asked for has another hash.
  OtherHash,
};
std::string_view sentence(ChunkError error);

// The part of a state at `path`: `pages` are those of its version, `state` its records (StateAt).
// whole: 00 | count u32 | count x (key length u16, key, value length u32, value), ascending by key
// hash; divided: 01 | count u8 | count x (slot u8, then 00 and the two halves' hashes of the child,
// or 01 and a record as above), ascending by slot.
Result<Bytes, ChunkError> make_chunk(const Pages& pages, const Store& state, const Path& path,
                                     const ChunkLimits& limits = {});

// What an answer proved to be.
class Chunk {
 public:
  // Holds exactly if the answer is that part. A divided part names its children by what they hash,
  // so that no leaf passes for a page.
  static Result<Chunk, ChunkError> verify(const Wanted& wanted, ByteView answer);

  // What is to be fetched next.
  const std::vector<Wanted>& next() const { return next_; }
  std::size_t records() const { return records_.size(); }
  // Of a key that it holds a record of.
  std::optional<std::string> value_of(std::string_view key) const;
  const Path& path() const { return path_; }
  // Its page, and those below it in `pages`, whose version they get.
  Page build(Pages& pages) const;
  // Writes it into a store that is being filled with the state at `version`, and with no other: who
  // turns to a newer one begins with an empty store.
  void append_to(StoreBatch& batch, Height version) const;

 private:
  Chunk() = default;
  // Nullopt: malformed.
  static std::optional<Chunk> read_whole(const Path& path, ByteReader& in);
  static std::optional<Chunk> read_divided(const Path& path, ByteReader& in);
  bool read_slot(ByteReader& in);

  Path path_;
  bool is_whole_ = false;
  std::vector<Wanted> next_;
  std::vector<std::pair<std::string, std::string>> records_;
  // Of a divided part; its children have no version yet.
  Page page_;
  // Of a whole one; ascending.
  std::vector<Leaf> leaves_;
};

// Parts of the state of `root` that a store being filled at `version` lacks, at most `count`, and
// no part of one among them. None: the state is whole.
std::vector<Wanted> find_missing(const Store& store, Height version, const Root& root,
                                 std::size_t count);
// The last batch of a store that was filled: states below `version` are not there.
void append_filled(StoreBatch& batch, Height version);

}  // namespace salus::state
