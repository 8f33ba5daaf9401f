// Owns: the disk of one simulated machine. storage/file.h is the only door to it (its bodies are in
// memory_files.cc), so journal, guard and recovery are the production code. It remembers how to
// take back whatever is not synced yet, and a power cut takes back what chance says: 512-byte
// sectors, one by one, and names that no folder sync has made durable.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "sim/random.h"

namespace salus::sim {

inline constexpr std::size_t kSectorBytes = 512;

// What a machine does so that something lasts (consensus.md, section 16, "crash at every durable
// operation").
enum class DurableOperation : std::uint8_t {
  Append,
  GuardPage,
  Sync,
  FolderSync,
  Create,
  Resize,
  Remove,
  Folder,
  Batch,
};
inline constexpr std::size_t kDurableOperations = 9;
std::string_view name(DurableOperation operation);
using OperationCounts = std::array<std::uint64_t, kDurableOperations>;

// Where a power cut falls: before the operation of this number, counted from 1, or right after it;
// and what becomes of sectors that no sync has made durable.
struct PowerCut {
  enum class Survival : std::uint8_t { None, All, Chance };
  std::uint64_t operation = 0;
  bool after = false;
  Survival survival = Survival::Chance;
};

class MemoryDisk {
 public:
  // Files of this disk have paths that begin with `root` ("/v3/"). One disk a root and thread.
  explicit MemoryDisk(std::string root);
  ~MemoryDisk();
  MemoryDisk(const MemoryDisk&) = delete;
  MemoryDisk& operator=(const MemoryDisk&) = delete;
  // The disk on this thread that holds `path`, or nullptr.
  static MemoryDisk* of(const std::string& path);

  // --- what the bodies of file.h call; an errno, or 0
  int create(const std::string& path);
  bool has(const std::string& path) const { return files_.contains(path); }
  bool has_folder(const std::string& path) const { return folders_.contains(path); }
  const Bytes* find(const std::string& path) const;
  int write(const std::string& path, std::uint64_t offset, ByteView bytes);
  int sync(const std::string& path);
  int allocate(const std::string& path, std::uint64_t bytes);
  int cut_to(const std::string& path, std::uint64_t bytes);
  int remove(const std::string& path);
  int rename(const std::string& from, const std::string& to);
  int make_folder(const std::string& path);
  // It is empty.
  void remove_folder(const std::string& path);
  int sync_folder(const std::string& path);
  std::vector<std::string> list(const std::string& folder) const;

  // --- what happens to the disk
  // All that was written so far is on the platter.
  void settle();
  // From here to the next settle() one thread does all, as at a start. What was done before is with
  // the kernel: nothing takes it back but a power cut before it is synced.
  void write_by_one_thread();
  // The machine stopped at some moment since the last settle() or write_by_one_thread(): what had
  // no sync before that moment is there by sectors, or is not.
  void lose_power(Random& random);
  // The process stopped at such a moment; the kernel keeps what it was given.
  void lose_process(Random& random);
  // The next sync answers EIO, and nobody knows what of it is on the platter.
  void fail_next_sync() { fails_next_sync_ = true; }
  // The same of the next write.
  void fail_next_write() { fails_next_write_ = true; }
  bool is_failure_due() const { return fails_next_sync_ || fails_next_write_; }
  void set_full(bool full) { is_full_ = full; }
  bool flip_bit(const std::string& path, std::uint64_t offset, unsigned bit);

  // --- a power cut at one operation. What the process asks of the disk after it never happened,
  // and is undone by lose_power_at_cut(), which who drives the process calls next.
  void cut_at(const PowerCut& cut) { cut_ = cut; }
  bool is_cut() const { return is_cut_; }
  // One thread did all that is not settled, in its order; else guard and journal are written by two
  // threads, and of the one that the cut does not name nobody knows how far it came.
  enum class Writers : std::uint8_t { OneThread, TwoThreads };
  void lose_power_at_cut(Random& random, Writers writers);
  // A batch of the store, which is there or is not. False: the cut came before it.
  bool count_batch();
  // Of the whole life of this disk.
  std::uint64_t operations() const { return operations_; }
  const OperationCounts& operation_counts() const { return counts_; }

  // A copy of everything, and back to it.
  struct Image {
    std::map<std::string, Bytes> files;
    std::map<std::string, bool> folders;
  };
  Image image() const { return {files_, folders_}; }
  void restore(Image image);

  std::uint64_t syncs() const { return syncs_; }

 private:
  enum class Kind : std::uint8_t {
    Create,
    Write,
    Sync,
    Resize,
    Remove,
    Rename,
    SyncFolder,
    MakeFolder,
    RemoveFolder,
  };
  // One thing done, with what it takes to undo it.
  struct Op {
    Kind kind;
    std::string path;
    // Rename: the new name.
    std::string other;
    std::uint64_t offset = 0;
    // Write: what was there. Resize: the tail that was cut. Remove: the file.
    Bytes old = {};
    // Resize: the size before.
    std::size_t old_size = 0;
    // Of both lanes together, in the order in which they were done.
    std::uint64_t number = 0;
  };
  using Lane = std::vector<Op>;
  // How far each lane was.
  using Moment = std::array<std::size_t, 2>;

  // Guard and journal are written by different threads: each has an order of its own.
  Lane& lane_of(const std::string& path);
  void did(Op op);
  void forget_how_to_undo();
  Moment moment_of_loss(Random& random) const;
  // Counts one operation while it lives, and sets the marks of the cut around it.
  class Counted;
  void mark_cut(std::size_t lane);
  int resize_to(const std::string& path, std::uint64_t bytes);
  void undo(const Op& op);
  void undo_sectors(const Op& op, Random& random);
  bool survives(Random& random) const;
  // The lane reached this operation, and all later ones never happened.
  void lose_after(Lane& lane, std::size_t reached, Random& random);
  static bool is_synced_later(const Lane& lane, std::size_t at, std::size_t end);

  std::string root_;
  std::map<std::string, Bytes> files_;
  // By path without a slash at the end.
  std::map<std::string, bool> folders_;
  Lane lanes_[2];
  std::uint64_t done_ = 0;
  // How far the lanes were when one thread began.
  Moment with_kernel_{};
  bool is_one_thread_ = false;
  bool fails_next_sync_ = false;
  bool fails_next_write_ = false;
  bool is_full_ = false;
  std::uint64_t syncs_ = 0;

  static constexpr std::size_t kNoLane = 2;
  std::uint64_t operations_ = 0;
  OperationCounts counts_{};
  std::optional<PowerCut> cut_;
  bool is_cut_ = false;
  // The lane of the operation at which the power went, and how far each lane was.
  std::size_t cut_lane_ = kNoLane;
  Moment marks_{};
};

}  // namespace salus::sim
