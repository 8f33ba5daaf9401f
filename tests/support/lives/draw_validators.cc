// Owns: transactions of operators: nominations, proofs, new keys, leaving, evidence, readiness for
// upgrades. Keys of nodes come from the population, so whoever sits can prove that he does.
#include "dao/validators/digests.h"
#include "dao/validators/evidence.h"
#include "dao/validators/upgrades.h"
#include "dao/validators/validators.h"
#include "support/lives/pen.h"

namespace salus::dao::lives {

namespace {

using membership::Role;

template <typename Action>
void put_new_keys(const Pen& pen, const AccountId& account, Action& action) {
  const std::string name =
      pen.people.name_of(account) + " node " + std::to_string(pen.people.take_number());
  const crypto::KeyPair& validator = pen.people.key(name + " validator");
  const crypto::KeyPair& node = pen.people.key(name);
  action.set_validator_key(validator.public_key().to_string());
  action.set_node_key(node.public_key().to_string());
  const Bytes message =
      validators::key_proof(pen.view.chain_id, account, action.validator_key(), action.node_key());
  action.set_validator_proof(validator.sign(message).to_string());
  action.set_node_proof((pen.percent(98) ? node : validator).sign(message).to_string());
}

std::optional<AccountId> an_operator(const Pen& pen) {
  return pen.somebody([&](const AccountId& account) {
    return validators::find_validator(pen.state(), account).has_value();
  });
}

MaybeMove nominate(const Pen& pen) {
  const auto holder = pen.somebody([&](const AccountId& account) {
    const std::uint32_t roles = membership::live_roles(pen.state(), account, pen.now());
    const auto validator = validators::find_validator(pen.state(), account);
    const bool may = !validator || validator->state() == v1::VALIDATOR_STATE_RETIRED ||
                     validator->state() == v1::VALIDATOR_STATE_WITHDRAWN;
    return may && (roles & membership::bit(Role::Operator)) != 0;
  });
  if (!holder) return std::nullopt;
  v1::Action action;
  v1::RegisterNominee& nominee = *action.mutable_register_nominee();
  nominee.set_name(pen.people.name_of(*holder) + "-node");
  put_new_keys(pen, *holder, nominee);
  return by(*holder, std::move(action));
}

// By the key that sits, or by the one that is to come.
MaybeMove prove_ready(const Pen& pen) {
  const auto account = an_operator(pen);
  if (!account || pen.view.height.value() < 4) return std::nullopt;
  std::string key = validators::find_validator(pen.state(), *account)->info().validator_key();
  if (pen.percent(50)) {
    const v1::SetChangeQueue queue = validators::set_changes(pen.state());
    for (const v1::SetChange& change : queue.changes()) {
      for (const v1::ValidatorRekey& rekey : change.rekey()) {
        if (rekey.operator_account() == account->to_string()) key = rekey.validator_key();
      }
    }
  }
  const crypto::KeyPair* signer = pen.people.find_key(key);
  if (signer == nullptr) return std::nullopt;
  const std::uint64_t height = pen.view.height.value() - 2 - pen.below(2);
  const BlockContext block{.chain_id = pen.view.chain_id,
                           .height = pen.view.height,
                           .time = WallMs{pen.now()},
                           .parent_digest = {},
                           .proposer = {}};
  const auto digest = validators::find_digest(pen.state(), block, height);
  if (!digest) return std::nullopt;
  v1::Action action;
  v1::ProveReady& ready = *action.mutable_prove_ready();
  ready.set_height(height);
  ready.set_digest(pen.percent(97) ? digest->to_string() : pen.a_hash());
  const Bytes message = validators::ready_proof(pen.view.chain_id, height, ready.digest());
  ready.set_signature(signer->sign(message).to_string());
  return by(*account, std::move(action));
}

std::optional<AccountId> a_seated(const Pen& pen) {
  const v1::ValidatorSet set = validators::current_set(pen.state());
  const int index = static_cast<int>(pen.below(static_cast<std::uint64_t>(set.validators_size())));
  return pen.known(set.validators(index).operator_account());
}

MaybeMove rekey(const Pen& pen) {
  const auto account = a_seated(pen);
  if (!account) return std::nullopt;
  v1::Action action;
  put_new_keys(pen, *account, *action.mutable_rekey());
  return by(*account, std::move(action));
}

MaybeMove leave(const Pen& pen) {
  const auto account = an_operator(pen);
  if (!account) return std::nullopt;
  v1::Action action;
  action.mutable_leave();
  return by(*account, std::move(action));
}

MaybeMove withdraw(const Pen& pen) {
  const v1::SetChangeQueue queue = validators::set_changes(pen.state());
  if (queue.changes().empty()) return std::nullopt;
  const v1::SetChange& change =
      queue.changes(static_cast<int>(pen.below(static_cast<std::uint64_t>(queue.changes_size()))));
  v1::Action action;
  action.mutable_withdraw_change()->set_change(change.id());
  const auto owner = pen.known(change.by());
  return by(owner ? *owner : pen.anybody(), std::move(action));
}

MaybeMove reseat(const Pen& pen) {
  const auto account = a_seated(pen);
  if (!account) return std::nullopt;
  const auto validator = validators::find_validator(pen.state(), *account);
  const crypto::KeyPair* key = pen.people.find_key(validator->info().validator_key());
  if (key == nullptr) return std::nullopt;
  v1::Action action;
  v1::Reseat& reseat = *action.mutable_reseat();
  reseat.set_nonce(pen.a_hash().substr(0, 16));
  const Bytes message = validators::reseat_proof(pen.view.chain_id, reseat.nonce());
  reseat.set_signature(key->sign(message).to_string());
  return by(*account, std::move(action));
}

// As it lies on the wire (consensus.md, section 2).
std::string wire_of(const validators::SignedVote& vote) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(vote.kind));
  out.u16(vote.signer.value());
  out.u64(vote.epoch.value());
  out.u64(vote.view.value());
  if (vote.kind != validators::VoteKind::Nullify) {
    out.u64(vote.parent.value());
    out.bytes(vote.digest.view());
  }
  out.bytes(vote.signature.view());
  return std::string{as_chars(out.out())};
}

// Two votes of one place that exclude each other, or, rarely, do not.
MaybeMove report(const Pen& pen) {
  using validators::VoteKind;
  const std::uint64_t now = validators::current_set(pen.state()).epoch();
  const Epoch epoch{now - std::min(now, pen.below(3))};
  const auto set = validators::set_of_epoch(pen.state(), epoch);
  if (!set) return std::nullopt;
  const auto index =
      static_cast<std::uint16_t>(pen.below(static_cast<std::uint64_t>(set->validators_size())));
  const crypto::KeyPair* key = pen.people.find_key(set->validators(index).validator_key());
  if (key == nullptr) return std::nullopt;
  const salus::View view{1 + pen.below(1000)};
  const auto signed_vote = [&](VoteKind kind) {
    validators::SignedVote vote{.kind = kind,
                                .signer = ValidatorIndex{index},
                                .epoch = epoch,
                                .view = view,
                                .parent = {},
                                .digest = *Digest::from(pen.a_hash()),
                                .signature = {}};
    vote.signature = key->sign(validators::signed_bytes(pen.view.chain_id, vote));
    return wire_of(vote);
  };
  static constexpr VoteKind kKinds[] = {VoteKind::Notarize, VoteKind::Finalize};
  const VoteKind kind = pen.chance.of(kKinds);
  v1::Action action;
  action.mutable_report_equivocation()->set_first_vote(signed_vote(kind));
  action.mutable_report_equivocation()->set_second_vote(
      signed_vote(pen.percent(80) ? kind : VoteKind::Nullify));
  return by(pen.anybody(), std::move(action));
}

MaybeMove signal_ready(const Pen& pen) {
  const auto upgrade = validators::scheduled_upgrade(pen.state());
  const auto account = an_operator(pen);
  if (!upgrade || !account) return std::nullopt;
  v1::Action action;
  action.mutable_signal_ready()->set_version(upgrade->version() + (pen.percent(2) ? 1 : 0));
  action.mutable_signal_ready()->set_withdraw(pen.percent(10));
  return by(*account, std::move(action));
}

}  // namespace

MaybeMove draw_of_validators(const Pen& pen) {
  const std::uint64_t what = pen.below(24);
  // In a network the nodes' keys are those who run the nodes.
  if (pen.style.keeps_network) {
    if (what < 4) return nominate(pen);
    return what < 8 ? signal_ready(pen) : prove_ready(pen);
  }
  switch (what) {
    case 0:
    case 1:
      return nominate(pen);
    case 2:
    case 3:
      return rekey(pen);
    case 4:
      return leave(pen);
    case 5:
      return withdraw(pen);
    case 6:
      return reseat(pen);
    case 7:
      return pen.percent(30) ? report(pen) : std::nullopt;
    case 8:
    case 9:
    case 10:
    case 11:
    case 12:
      return signal_ready(pen);
    default:
      return prove_ready(pen);
  }
}

}  // namespace salus::dao::lives
