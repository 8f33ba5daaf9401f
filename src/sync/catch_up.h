// Owns: a node that misses finalized blocks asks one peer at a time for the next ones, and moves on
// to another peer when an answer is late, wrong or empty; when nobody's helped, it rests first.
// Claims of height are only a reason to ask; what counts is a finalization that verifies
// (consensus.md, C37, C45).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "base/ids.h"

namespace salus::sync {

class CatchUp {
 public:
  struct Request {
    NodeId peer;
    Height from;
  };

  explicit CatchUp(std::uint64_t fetch_ms) : fetch_ms_(fetch_ms) {}

  void link_up(const NodeId& peer);
  void link_down(const NodeId& peer);
  // `peer` says it has finalized blocks up to `height`.
  void claim(const NodeId& peer, Height height, MonoMs now);
  // The height that this node holds; everything below is no longer wanted.
  void reached(Height height);
  // Blocks are missing below a finalization that is already here: ask at once.
  void need(Height height);
  // The open request was answered by `peer`, usefully or not; the next may be asked.
  void answered(const NodeId& peer, bool useful);

  // `peer` answered the open request: it has no blocks below `lowest`, and is not asked for those
  // again while it is linked.
  void pruned(const NodeId& peer, Height lowest);
  // The same of another question that `peer` was asked, for a block by its digest.
  void forgot(const NodeId& peer, Height lowest);

  // Whether an answer of `peer` is awaited; others are unsolicited.
  bool is_asked(const NodeId& peer) const { return open_ && open_->peer == peer; }

  // The request to send now, if one is due. A claim of one block more is given `fetch_ms` to
  // arrive by itself.
  std::optional<Request> next(MonoMs now);
  // When to call next() again; nullopt when nothing is wanted.
  std::optional<MonoMs> deadline() const;

  // All linked peers that claim more have forgotten the next block: the lowest that one of them
  // keeps. This node then needs another peer, or a snapshot.
  std::optional<Height> gone() const;

  // Highest claim of any linked peer, for progress reports.
  Height target() const;

 private:
  struct Peer {
    Height height;
    // Below it has no blocks; as far as it said.
    Height lowest;
    // When it first claimed more than this node holds.
    std::optional<MonoMs> ahead_since;
  };
  struct Open {
    NodeId peer;
    MonoMs until;
  };

  // The linked peer to ask after `after`, in turn, that claims `height` or more.
  std::optional<NodeId> pick(Height height) const;
  bool is_wanted(MonoMs now) const;
  bool can_serve_next(const Peer& peer) const { return peer.lowest <= reached_.next(); }

  std::uint64_t fetch_ms_;
  Height reached_;
  Height needed_;
  std::map<NodeId, Peer> peers_;
  std::optional<Open> open_;
  NodeId last_asked_;
  // Doubles with each late answer, and with each rest, up to 10 s; an answer that helps resets it.
  std::uint64_t patience_ms_ = 0;
  // Answers without use since the last that helped. When every peer may have been asked in vain,
  // the next round waits: a node that can take nobody's blocks must not keep all of them busy.
  std::size_t useless_ = 0;
  std::optional<MonoMs> rest_until_;
};

}  // namespace salus::sync
