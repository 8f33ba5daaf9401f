// Owns: doing, and undoing what was never synced.
#include "sim/memory_disk.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/assert.h"

namespace salus::sim {

namespace {

// Each simulation lives in one thread; tests may run several networks in it.
std::map<std::string, MemoryDisk*, std::less<>>& disks() {
  thread_local std::map<std::string, MemoryDisk*, std::less<>> all;
  return all;
}

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string root_of(const std::string& path) {
  const std::size_t slash = path.find('/', 1);
  return slash == std::string::npos ? path + "/" : path.substr(0, slash + 1);
}

}  // namespace

std::string_view name(DurableOperation operation) {
  constexpr std::string_view kNames[] = {"appends",       "guard pages",   "syncs",
                                         "folder syncs",  "files created", "files resized",
                                         "files removed", "folders",       "batches"};
  static_assert(std::size(kNames) == kDurableOperations);
  return kNames[static_cast<std::size_t>(operation)];
}

class MemoryDisk::Counted {
 public:
  Counted(MemoryDisk& disk, DurableOperation kind, const std::string& path)
      : disk_(disk), lane_(&disk.lane_of(path) == &disk.lanes_[0] ? 0 : 1) {
    ++disk_.operations_;
    ++disk_.counts_[static_cast<std::size_t>(kind)];
    if (is_the_cut() && !disk_.cut_->after) disk_.mark_cut(lane_);
  }
  ~Counted() {
    if (is_the_cut() && disk_.cut_->after) disk_.mark_cut(lane_);
  }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  bool is_the_cut() const { return disk_.cut_ && disk_.cut_->operation == disk_.operations_; }
  MemoryDisk& disk_;
  std::size_t lane_;
};

void MemoryDisk::mark_cut(std::size_t lane) {
  is_cut_ = true;
  cut_lane_ = lane;
  for (std::size_t i = 0; i < 2; ++i) marks_[i] = lanes_[i].size();
}

bool MemoryDisk::count_batch() {
  ++operations_;
  ++counts_[static_cast<std::size_t>(DurableOperation::Batch)];
  if (!cut_ || cut_->operation != operations_) return true;
  mark_cut(kNoLane);
  return cut_->after;
}

MemoryDisk::MemoryDisk(std::string root) : root_(std::move(root)) {
  SALUS_ASSERT(disks().emplace(root_, this).second, "two disks have one root");
  folders_[root_.substr(0, root_.size() - 1)] = true;
}

MemoryDisk::~MemoryDisk() { disks().erase(root_); }

MemoryDisk* MemoryDisk::of(const std::string& path) {
  const auto found = disks().find(root_of(path));
  return found == disks().end() ? nullptr : found->second;
}

MemoryDisk::Lane& MemoryDisk::lane_of(const std::string& path) {
  return path.find("/keys") != std::string::npos ? lanes_[0] : lanes_[1];
}

void MemoryDisk::did(Op op) {
  op.number = done_++;
  lane_of(op.path).push_back(std::move(op));
}

void MemoryDisk::forget_how_to_undo() {
  for (Lane& lane : lanes_) lane.clear();
  with_kernel_ = {};
  marks_ = {};
}

void MemoryDisk::settle() {
  forget_how_to_undo();
  is_one_thread_ = false;
}

void MemoryDisk::write_by_one_thread() {
  with_kernel_ = {lanes_[0].size(), lanes_[1].size()};
  is_one_thread_ = true;
}

const Bytes* MemoryDisk::find(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

int MemoryDisk::create(const std::string& path) {
  if (files_.contains(path)) return EEXIST;
  if (!folders_.contains(parent_of(path))) return ENOENT;
  if (is_full_) return ENOSPC;
  const Counted counted{*this, DurableOperation::Create, path};
  files_[path];
  did({.kind = Kind::Create, .path = path, .other = {}});
  return 0;
}

int MemoryDisk::write(const std::string& path, std::uint64_t offset, ByteView bytes) {
  Bytes& file = files_.at(path);
  const std::uint64_t end = offset + bytes.size();
  if (end > file.size() && is_full_) return ENOSPC;
  const bool is_guard = &lane_of(path) == &lanes_[0];
  const Counted counted{*this, is_guard ? DurableOperation::GuardPage : DurableOperation::Append,
                        path};
  if (end > file.size()) {
    if (const int failed = resize_to(path, end); failed != 0) return failed;
  }
  const auto from = file.begin() + static_cast<std::ptrdiff_t>(offset);
  const auto to = file.begin() + static_cast<std::ptrdiff_t>(end);
  did({.kind = Kind::Write, .path = path, .other = {}, .offset = offset, .old = Bytes(from, to)});
  std::copy(bytes.begin(), bytes.end(), from);
  return std::exchange(fails_next_write_, false) ? EIO : 0;
}

int MemoryDisk::sync(const std::string& path) {
  if (std::exchange(fails_next_sync_, false)) return EIO;
  ++syncs_;
  const Counted counted{*this, DurableOperation::Sync, path};
  did({.kind = Kind::Sync, .path = path, .other = {}});
  return 0;
}

int MemoryDisk::allocate(const std::string& path, std::uint64_t bytes) {
  const Counted counted{*this, DurableOperation::Resize, path};
  return resize_to(path, bytes);
}

int MemoryDisk::resize_to(const std::string& path, std::uint64_t bytes) {
  Bytes& file = files_.at(path);
  if (file.size() >= bytes) return 0;
  if (is_full_) return ENOSPC;
  did({.kind = Kind::Resize, .path = path, .other = {}, .old_size = file.size()});
  file.resize(bytes);
  return 0;
}

int MemoryDisk::cut_to(const std::string& path, std::uint64_t bytes) {
  const Counted counted{*this, DurableOperation::Resize, path};
  Bytes& file = files_.at(path);
  const std::size_t keep = std::min<std::size_t>(bytes, file.size());
  const auto tail = file.begin() + static_cast<std::ptrdiff_t>(keep);
  did({.kind = Kind::Resize,
       .path = path,
       .other = {},
       .offset = keep,
       .old = Bytes(tail, file.end()),
       .old_size = file.size()});
  file.resize(bytes);
  return 0;
}

int MemoryDisk::remove(const std::string& path) {
  const auto found = files_.find(path);
  if (found == files_.end()) return ENOENT;
  const Counted counted{*this, DurableOperation::Remove, path};
  did({.kind = Kind::Remove, .path = path, .other = {}, .old = std::move(found->second)});
  files_.erase(found);
  return 0;
}

int MemoryDisk::rename(const std::string& from, const std::string& to) {
  if (!files_.contains(from) && !folders_.contains(from)) return ENOENT;
  // Only recovery renames, and only what is damaged: the whole tree below, at once and durably.
  const auto move_all = [&](auto& names) {
    std::vector<std::string> moved;
    for (const auto& [name, value] : names) {
      if (name == from || name.starts_with(from + "/")) moved.push_back(name);
    }
    for (const std::string& name : moved) {
      auto node = names.extract(name);
      node.key() = to + name.substr(from.size());
      names.insert(std::move(node));
    }
  };
  forget_how_to_undo();
  move_all(files_);
  move_all(folders_);
  return 0;
}

int MemoryDisk::make_folder(const std::string& path) {
  if (folders_.contains(path)) return EEXIST;
  if (!folders_.contains(parent_of(path))) return ENOENT;
  if (is_full_) return ENOSPC;
  const Counted counted{*this, DurableOperation::Folder, path};
  folders_[path] = true;
  did({.kind = Kind::MakeFolder, .path = path, .other = {}});
  return 0;
}

void MemoryDisk::remove_folder(const std::string& path) {
  if (!folders_.contains(path)) return;
  const Counted counted{*this, DurableOperation::Folder, path};
  folders_.erase(path);
  did({.kind = Kind::RemoveFolder, .path = path, .other = {}});
}

int MemoryDisk::sync_folder(const std::string& path) {
  if (!folders_.contains(path)) return ENOENT;
  const Counted counted{*this, DurableOperation::FolderSync, path + "/"};
  did({.kind = Kind::SyncFolder, .path = path, .other = {}});
  return 0;
}

std::vector<std::string> MemoryDisk::list(const std::string& folder) const {
  std::vector<std::string> names;
  const std::string prefix = folder + "/";
  const auto collect = [&](const auto& all) {
    for (auto at = all.lower_bound(prefix); at != all.end() && at->first.starts_with(prefix);
         ++at) {
      const std::string rest = at->first.substr(prefix.size());
      if (rest.find('/') == std::string::npos) names.push_back(rest);
    }
  };
  collect(files_);
  collect(folders_);
  std::sort(names.begin(), names.end());
  return names;
}

bool MemoryDisk::flip_bit(const std::string& path, std::uint64_t offset, unsigned bit) {
  const auto found = files_.find(path);
  if (found == files_.end() || offset >= found->second.size()) return false;
  found->second[offset] = static_cast<std::uint8_t>(found->second[offset] ^ (1U << (bit % 8U)));
  return true;
}

void MemoryDisk::restore(Image image) {
  settle();
  files_ = std::move(image.files);
  folders_ = std::move(image.folders);
}

void MemoryDisk::undo(const Op& op) {
  const auto file = files_.find(op.path);
  switch (op.kind) {
    case Kind::Create:
      files_.erase(op.path);
      return;
    case Kind::Write:
      if (file == files_.end()) return;
      std::copy(op.old.begin(), op.old.end(),
                file->second.begin() + static_cast<std::ptrdiff_t>(op.offset));
      return;
    case Kind::Resize:
      if (file == files_.end()) return;
      file->second.resize(op.old_size);
      std::copy(op.old.begin(), op.old.end(),
                file->second.begin() + static_cast<std::ptrdiff_t>(op.offset));
      return;
    case Kind::Remove:
      files_[op.path] = op.old;
      return;
    case Kind::MakeFolder:
      folders_.erase(op.path);
      std::erase_if(files_,
                    [&](const auto& entry) { return entry.first.starts_with(op.path + "/"); });
      return;
    case Kind::RemoveFolder:
      folders_[op.path] = true;
      return;
    case Kind::Sync:
    case Kind::SyncFolder:
    case Kind::Rename:
      return;
  }
}

void MemoryDisk::undo_sectors(const Op& op, Random& random) {
  const auto file = files_.find(op.path);
  if (file == files_.end()) return;
  for (std::size_t at = 0; at < op.old.size(); at += kSectorBytes) {
    if (survives(random)) continue;
    const std::size_t end = std::min(at + kSectorBytes, op.old.size());
    std::copy(op.old.begin() + static_cast<std::ptrdiff_t>(at),
              op.old.begin() + static_cast<std::ptrdiff_t>(end),
              file->second.begin() + static_cast<std::ptrdiff_t>(op.offset + at));
  }
}

// Data by a sync of its file, a name by a sync of its folder.
bool MemoryDisk::is_synced_later(const Lane& lane, std::size_t at, std::size_t end) {
  const Op& op = lane[at];
  const bool is_name = op.kind != Kind::Write && op.kind != Kind::Sync && op.kind != Kind::Resize;
  for (std::size_t later = at + 1; later < end; ++later) {
    if (is_name && lane[later].kind == Kind::SyncFolder && lane[later].path == parent_of(op.path)) {
      return true;
    }
    if (!is_name && lane[later].kind == Kind::Sync && lane[later].path == op.path) return true;
  }
  return false;
}

bool MemoryDisk::survives(Random& random) const {
  if (!is_cut_ || cut_->survival == PowerCut::Survival::Chance) return random.one_in(2);
  return cut_->survival == PowerCut::Survival::All;
}

void MemoryDisk::lose_after(Lane& lane, std::size_t reached, Random& random) {
  // A rename since the cut cleared the lane.
  reached = std::min(reached, lane.size());
  for (std::size_t at = lane.size(); at-- > 0;) {
    const Op& op = lane[at];
    if (at >= reached) {
      undo(op);
    } else if (!is_synced_later(lane, at, reached)) {
      if (op.kind == Kind::Write) {
        undo_sectors(op, random);
      } else if (!survives(random)) {
        undo(op);
      }
    }
  }
}

// Of one thread, one of both lanes; else guard and journal have a moment each.
MemoryDisk::Moment MemoryDisk::moment_of_loss(Random& random) const {
  Moment reached = with_kernel_;
  if (!is_one_thread_) {
    for (std::size_t i = 0; i < 2; ++i) reached[i] = random.draw(0, lanes_[i].size());
    return reached;
  }
  const std::size_t before = with_kernel_[0] + with_kernel_[1];
  const std::uint64_t steps = random.draw(0, lanes_[0].size() + lanes_[1].size() - before);
  for (std::uint64_t step = 0; step < steps; ++step) {
    const bool of_first = reached[1] == lanes_[1].size() ||
                          (reached[0] < lanes_[0].size() &&
                           lanes_[0][reached[0]].number < lanes_[1][reached[1]].number);
    ++reached[of_first ? 0 : 1];
  }
  return reached;
}

void MemoryDisk::lose_power(Random& random) {
  const Moment reached = moment_of_loss(random);
  for (std::size_t i = 0; i < 2; ++i) lose_after(lanes_[i], reached[i], random);
  settle();
}

void MemoryDisk::lose_power_at_cut(Random& random, Writers writers) {
  SALUS_ASSERT(is_cut_, "the power went at an operation");
  for (std::size_t i = 0; i < 2; ++i) {
    const bool is_known = writers == Writers::OneThread || i == cut_lane_;
    lose_after(lanes_[i], is_known ? marks_[i] : random.draw(0, lanes_[i].size()), random);
  }
  settle();
  is_cut_ = false;
  cut_.reset();
}

void MemoryDisk::lose_process(Random& random) {
  const Moment reached = moment_of_loss(random);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t at = lanes_[i].size(); at-- > reached[i];) undo(lanes_[i][at]);
    lanes_[i].resize(reached[i]);
  }
  is_one_thread_ = false;
}

}  // namespace salus::sim
