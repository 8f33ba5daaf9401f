// Owns: evidence against one key, taken once for a validator and epoch. Its effect on the chain is
// a record and an event, always; a queued removal where the constitution says so; never money or
// weight (G-10.6).
#include "dao/validators/evidence.h"

#include <algorithm>

#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "dao/constitution.h"
#include "dao/validators/records.h"

namespace salus::dao::validators {

namespace {

using state::Overlay;

constexpr std::size_t kVoteBytes = 123;
constexpr std::size_t kNullifyBytes = 83;

state::Key equivocation_key(Epoch epoch, const AccountId& operator_account) {
  return state::Key(state::Table::Equivocations).u64(epoch.value()).bytes(operator_account.view());
}

std::string_view tag_of(VoteKind kind) {
  switch (kind) {
    case VoteKind::Notarize:
      return "salus.notarize.1";
    case VoteKind::Nullify:
      return "salus.nullify.1";
    case VoteKind::Finalize:
      return "salus.finalize.1";
  }
  return "";
}

bool same_candidate(const SignedVote& first, const SignedVote& second) {
  return first.parent == second.parent && first.digest == second.digest;
}

// An epoch that runs has no end; one that is over counts from its last block.
bool is_recent(const Overlay& state, Epoch epoch, Height height) {
  const auto next = set_of_epoch(state, epoch.next());
  return !next || height.value() - next->opened_height() <= kEvidenceHeightsMax;
}

bool is_signed(const ChainId& chain_id, const v1::ValidatorInfo& signer, const SignedVote& vote) {
  const auto key = PublicKey::from(signer.validator_key());
  return key && crypto::verify(*key, signed_bytes(chain_id, vote), vote.signature);
}

// The mark, and the removal: in the place of the operator's own change, when there is room.
void mark_faulty(Overlay& state, const ActionContext& context, const AccountId& id) {
  auto validator = find_validator(state, id);
  const v1::ValidatorSet current = current_set(state);
  const bool sits =
      std::ranges::find(current.validators(), id.to_string(),
                        &v1::ValidatorInfo::operator_account) != current.validators().end();
  if (!validator || !sits) return;
  const bool removal = constitution::value(state, "validators.remove_equivocators") != 0;
  v1::SetChangeQueue queue = set_changes(state);
  const v1::SetChange* open = change_of(queue, id);
  const bool leaves = open != nullptr && removes(*open, id);
  if (removal && leaves) {
    // His own leave is no longer his to withdraw.
    const std::uint64_t change = open->id();
    std::ranges::find(*queue.mutable_changes(), change, &v1::SetChange::id)->clear_by();
    put_queue(state, queue);
  }
  if (removal && !leaves) {
    if (open != nullptr) dequeue(state, open->id(), context.events);
    queue = set_changes(state);
    queue.add_owed(id.to_string());
    put_queue(state, queue);
    validator = find_validator(state, id);
  }
  validator->set_state(v1::VALIDATOR_STATE_FAULTY);
  put_validator(state, *validator);
}

}  // namespace

std::optional<SignedVote> decode_vote(ByteView bytes) {
  if (bytes.size() != kVoteBytes && bytes.size() != kNullifyBytes) return std::nullopt;
  ByteReader in(bytes);
  const std::uint8_t kind = in.u8();
  if (kind < 1 || kind > 3) return std::nullopt;
  SignedVote vote;
  vote.kind = static_cast<VoteKind>(kind);
  const bool nullify = vote.kind == VoteKind::Nullify;
  if (bytes.size() != (nullify ? kNullifyBytes : kVoteBytes)) return std::nullopt;
  vote.signer = ValidatorIndex{in.u16()};
  vote.epoch = Epoch{in.u64()};
  vote.view = View{in.u64()};
  if (!nullify) {
    vote.parent = View{in.u64()};
    vote.digest = in.fixed<Digest>();
  }
  vote.signature = in.fixed<Signature>();
  const bool in_range = vote.epoch.value() < kOrdinalEnd && vote.view.value() < kOrdinalEnd &&
                        vote.parent.value() < kOrdinalEnd && vote.view != View{};
  if (!in.done() || !in_range) return std::nullopt;
  return vote;
}

Bytes signed_bytes(const ChainId& chain_id, const SignedVote& vote) {
  ByteWriter out;
  out.bytes(crypto::padded_tag(tag_of(vote.kind)));
  out.bytes(chain_id.view());
  out.u64(vote.epoch.value());
  out.u64(vote.view.value());
  if (vote.kind != VoteKind::Nullify) {
    out.u64(vote.parent.value());
    out.bytes(vote.digest.view());
  }
  return std::move(out).out();
}

std::optional<v1::EquivocationKind> contradiction(const SignedVote& first,
                                                  const SignedVote& second) {
  const bool one_place =
      first.signer == second.signer && first.epoch == second.epoch && first.view == second.view;
  if (!one_place) return std::nullopt;
  if (first.kind == second.kind) {
    if (first.kind == VoteKind::Nullify || same_candidate(first, second)) return std::nullopt;
    return first.kind == VoteKind::Notarize ? v1::EQUIVOCATION_KIND_NOTARIZE_TWICE
                                            : v1::EQUIVOCATION_KIND_FINALIZE_TWICE;
  }
  // A notarize before or after a nullify is what honest validators do (C11).
  if (first.kind == VoteKind::Notarize || second.kind == VoteKind::Notarize) return std::nullopt;
  return v1::EQUIVOCATION_KIND_NULLIFY_AND_FINALIZE;
}

std::optional<v1::Equivocation> find_equivocation(const Overlay& state, Epoch epoch,
                                                  const AccountId& operator_account) {
  return state::find<v1::Equivocation>(state, equivocation_key(epoch, operator_account));
}

Outcome check(const v1::ReportEquivocation& action) {
  const auto first = decode_vote(as_bytes(action.first_vote()));
  const auto second = decode_vote(as_bytes(action.second_vote()));
  if (!first || !second) return refuse(Error::EvidenceInvalid);
  if (!contradiction(*first, *second)) return refuse(Error::NotEquivocation);
  return {};
}

Outcome apply(const v1::ReportEquivocation& action, ActionContext& context, Overlay& state) {
  const auto first = decode_vote(as_bytes(action.first_vote()));
  const auto second = decode_vote(as_bytes(action.second_vote()));
  if (!first || !second) return refuse(Error::EvidenceInvalid);
  const auto kind = contradiction(*first, *second);
  if (!kind) return refuse(Error::NotEquivocation);
  const auto set = set_of_epoch(state, first->epoch);
  if (!set || !is_recent(state, first->epoch, context.block.height)) {
    return refuse(Error::EvidenceTooOld);
  }
  const int index = first->signer.value();
  if (index >= set->validators_size()) return refuse(Error::EvidenceInvalid);
  const v1::ValidatorInfo& signer = set->validators(index);
  const AccountId id = id_of(signer.operator_account());
  if (find_equivocation(state, first->epoch, id)) return refuse(Error::EvidenceKnown);
  if (!is_signed(context.block.chain_id, signer, *first) ||
      !is_signed(context.block.chain_id, signer, *second)) {
    return refuse(Error::ProofInvalid);
  }

  v1::Equivocation record;
  record.set_epoch(first->epoch.value());
  record.set_view(first->view.value());
  record.set_operator_account(signer.operator_account());
  record.set_validator_key(signer.validator_key());
  record.set_kind(*kind);
  record.set_first_vote(action.first_vote());
  record.set_second_vote(action.second_vote());
  record.set_reporter(context.signer.to_string());
  record.set_height(context.block.height.value());
  state::put(state, equivocation_key(first->epoch, id), record);
  mark_faulty(state, context, id);
  emit(context.events, v1::EVENT_KIND_EQUIVOCATION_REPORTED, {context.signer, id},
       {{v1::EVENT_FIELD_EPOCH, record.epoch()},
        {v1::EVENT_FIELD_VIEW, record.view()},
        {v1::EVENT_FIELD_KIND, static_cast<std::uint64_t>(*kind)}},
       true);
  return {};
}

}  // namespace salus::dao::validators
