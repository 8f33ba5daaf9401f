// Owns: column 2 of the vote-permission table (C9), and nothing else.
#include "consensus/registers.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace salus::consensus {

namespace {

// 0 stands for "never": voting starts in view 1.
View view_or_zero(const std::optional<Candidate>& candidate) {
  return candidate ? candidate->view : View{};
}

void write_candidate(ByteWriter& out, const std::optional<Candidate>& candidate) {
  const Candidate written = candidate.value_or(Candidate{});
  out.u64(written.view.value());
  out.u64(written.parent.value());
  out.bytes(written.digest.view());
}

std::optional<Candidate> read_candidate(ByteReader& in, Epoch epoch) {
  Candidate read{.epoch = epoch, .view = {}, .parent = {}, .digest = {}};
  read.view = View{in.u64()};
  read.parent = View{in.u64()};
  read.digest = in.fixed<Digest>();
  if (read.view == View{}) return std::nullopt;
  return read;
}

}  // namespace

bool may_vote(const Registers& registers, const Subject& subject) {
  const View view = subject.view();
  const View nullified = registers.nullify.value_or(View{});
  const View finalized = view_or_zero(registers.finalize);
  switch (subject.kind) {
    case VoteKind::Notarize:
      return view > view_or_zero(registers.notarize);
    case VoteKind::Nullify:
    case VoteKind::Finalize:
      return view > nullified && view > finalized;
  }
  std::unreachable();
}

void Registers::record(const Subject& subject) {
  SALUS_ASSERT(may_vote(*this, subject), "a vote that C9 refuses was about to be recorded");
  switch (subject.kind) {
    case VoteKind::Notarize:
      notarize = subject.candidate;
      return;
    case VoteKind::Nullify:
      nullify = subject.view();
      return;
    case VoteKind::Finalize:
      finalize = subject.candidate;
      return;
  }
}

bool Registers::holds(const Subject& subject) const {
  switch (subject.kind) {
    case VoteKind::Notarize:
      return notarize == subject.candidate;
    case VoteKind::Nullify:
      return nullify == subject.view();
    case VoteKind::Finalize:
      return finalize == subject.candidate;
  }
  std::unreachable();
}

bool Registers::covers(const Subject& subject) const {
  if (holds(subject)) return true;
  switch (subject.kind) {
    case VoteKind::Notarize:
      return subject.view() < view_or_zero(notarize);
    case VoteKind::Nullify:
      return subject.view() < nullify.value_or(View{});
    case VoteKind::Finalize:
      return subject.view() < view_or_zero(finalize);
  }
  std::unreachable();
}

std::vector<Subject> Registers::votes(Epoch epoch) const {
  std::vector<Subject> held;
  if (notarize) held.push_back(consensus::notarize(*notarize));
  if (nullify) held.push_back(consensus::nullify(epoch, *nullify));
  if (finalize) held.push_back(consensus::finalize(*finalize));
  return held;
}

Bytes encode(const Registers& registers) {
  ByteWriter out;
  write_candidate(out, registers.notarize);
  out.u64(registers.nullify.value_or(View{}).value());
  write_candidate(out, registers.finalize);
  return std::move(out).out();
}

std::optional<Registers> decode_registers(ByteView bytes, Epoch epoch) {
  if (bytes.size() != kRegistersBytes) return std::nullopt;
  ByteReader in{bytes};
  Registers registers;
  registers.notarize = read_candidate(in, epoch);
  if (const View nullified{in.u64()}; nullified != View{}) registers.nullify = nullified;
  registers.finalize = read_candidate(in, epoch);
  // One spelling: nothing hides behind a register that is empty.
  const Bytes canonical = encode(registers);
  if (!std::ranges::equal(canonical, bytes)) return std::nullopt;
  return registers;
}

}  // namespace salus::consensus
