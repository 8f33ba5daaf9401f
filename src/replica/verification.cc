// Owns: the jobs that run beside the replica.
#include "replica/verification.h"

#include <utility>

#include "consensus/codec.h"
#include "crypto/ed25519.h"

namespace salus::replica {

namespace {

using consensus::Certificate;
using consensus::Vote;
using Urgency = Verification::Urgency;

consensus::VoteContext judge(const EpochContext& context) {
  return {.chain_id = context.chain_id,
          .epoch = context.epoch,
          .set = context.set,
          .verify = crypto::verify};
}

bool is_of_other_set(consensus::Refusal refusal) {
  using consensus::Refusal;
  return refusal == Refusal::BadSignature || refusal == Refusal::WrongSetSize;
}

BadFrame unproven(const NodeId& from, consensus::Refusal refusal) {
  return {.from = from,
          .what = consensus::sentence(refusal),
          .is_of_other_set = is_of_other_set(refusal)};
}

// Oldest first, each on the one before; what is wrong with them otherwise.
Result<std::vector<Validated<ledger::Block>>, std::string_view> linked_blocks(
    const std::vector<Bytes>& blocks) {
  std::vector<Validated<ledger::Block>> out;
  for (const Bytes& bytes : blocks) {
    auto block = ledger::Block::decode_and_verify(bytes);
    if (!block) return std::unexpected("a chain with a broken block");
    const bool linked = out.empty() || (*block)->header().parent == out.back()->digest();
    if (!linked) return std::unexpected("a chain that is not linked");
    out.push_back(std::move(*block));
  }
  return out;
}

std::size_t count_vouchers(const EpochContext& context, const Certificate& certificate) {
  constexpr int kShifts[] = {0, -1, 1, -2, 2};
  const Bytes message = consensus::signed_bytes(context.chain_id, certificate.subject);
  const auto size = static_cast<int>(context.set.size());
  std::set<ValidatorIndex> vouchers;
  for (const int shift : kShifts) {
    for (const auto& [index, signature] : certificate.signatures) {
      const int seat = static_cast<int>(index.value()) + shift;
      if (seat < 0 || seat >= size) continue;
      const ValidatorIndex member{static_cast<std::uint16_t>(seat)};
      if (vouchers.contains(member)) continue;
      const PublicKey& key = context.set[member].validator_key;
      if (crypto::verify(key, message, signature)) vouchers.insert(member);
      if (vouchers.size() > context.set.faulty_max()) return vouchers.size();
    }
  }
  return vouchers.size();
}

Verified after(const NodeId& from, Result<Validated<ledger::Block>, ledger::BlockFault> block) {
  if (block) return VerifiedBlock{.from = from, .block = std::move(*block)};
  if (block.error().kind == ledger::BlockFault::Kind::Invalid) {
    return CondemnedBlock{block.error().digest};
  }
  return BadFrame{.from = from, .what = "bytes that are no block"};
}

std::size_t size_of(const std::vector<Bytes>& parts) {
  std::size_t sum = 0;
  for (const Bytes& part : parts) sum += part.size();
  return sum;
}

}  // namespace

Verification verify_vote(EpochContext context, NodeId from, Bytes payload) {
  const std::size_t bytes = payload.size();
  auto run = [context = std::move(context), from, payload = std::move(payload)]() -> Verified {
    auto vote = consensus::validate_vote(payload, judge(context), from);
    if (!vote) return BadFrame{.from = from, .what = consensus::sentence(vote.error())};
    return VerifiedVote{.from = from, .vote = std::move(*vote)};
  };
  return {Urgency::Consensus, std::move(run), std::nullopt, from, bytes};
}

Verification verify_certificates(EpochContext context, NodeId from, std::vector<Bytes> payloads) {
  const std::size_t bytes = size_of(payloads);
  auto run = [context = std::move(context), from, payloads = std::move(payloads)]() -> Verified {
    VerifiedCertificates out{.from = from, .certificates = {}};
    for (const Bytes& payload : payloads) {
      auto certificate = consensus::validate_certificate(payload, judge(context));
      if (certificate) {
        out.certificates.push_back(std::move(*certificate));
      } else if (certificate.error() != consensus::Refusal::OtherEpoch) {
        return unproven(from, certificate.error());
      }
    }
    return out;
  };
  return {Urgency::Consensus, std::move(run), std::nullopt, from, bytes};
}

Verification decode_block(NodeId from, Bytes block) {
  const std::size_t bytes = block.size();
  auto run = [from, raw = std::move(block)]() -> Verified {
    auto decoded = ledger::Block::decode(raw);
    if (decoded) return DecodedBlock{.from = from, .block = std::move(*decoded)};
    return after(from, std::unexpected(decoded.error()));
  };
  return {Urgency::Consensus, std::move(run), std::nullopt, from, bytes};
}

Verification verify_block(NodeId from, ledger::Block block, std::set<Hash> known) {
  const std::size_t bytes = block.bytes().size();
  auto run = [from, block = std::move(block), known = std::move(known)]() mutable -> Verified {
    const auto is_known = [&](const wire::Transaction& transaction) {
      return known.contains(wire::leaf_of(as_bytes(transaction.raw())));
    };
    return after(from, ledger::Block::verify(std::move(block), is_known));
  };
  return {Urgency::Consensus, std::move(run), std::nullopt, from, bytes};
}

Verification verify_chain(EpochContext context, NodeId from, Bytes certificate,
                          std::vector<Bytes> blocks) {
  const std::size_t bytes = certificate.size() + size_of(blocks);
  auto run = [context = std::move(context), from, certificate = std::move(certificate),
              blocks = std::move(blocks)]() -> Verified {
    auto proved = consensus::validate_certificate(certificate, judge(context));
    if (!proved) return unproven(from, proved.error());
    if ((*proved)->subject.kind != consensus::VoteKind::Finalize) {
      return BadFrame{.from = from, .what = "a chain without a finalization"};
    }
    auto linked = linked_blocks(blocks);
    if (!linked) return BadFrame{.from = from, .what = linked.error()};
    VerifiedChain out{
        .from = from, .certificate = std::move(*proved), .blocks = std::move(*linked)};
    if (!out.blocks.empty() &&
        out.blocks.back()->digest() != out.certificate->subject.candidate.digest) {
      return BadFrame{.from = from, .what = "a chain that its finalization does not end"};
    }
    return out;
  };
  return {Urgency::Bulk, std::move(run), std::nullopt, from, bytes};
}

Verification verify_successor(EpochContext context, NodeId from, Bytes certificate,
                              std::vector<Bytes> blocks) {
  const std::size_t bytes = certificate.size() + size_of(blocks);
  auto run = [context = std::move(context), from, certificate = std::move(certificate),
              blocks = std::move(blocks)]() -> Verified {
    const auto shown = consensus::decode_certificate(certificate);
    if (!shown || shown->subject.kind != consensus::VoteKind::Finalize || blocks.empty()) {
      return BadFrame{.from = from, .what = "a chain without a finalization"};
    }
    auto linked = linked_blocks(blocks);
    if (!linked) return BadFrame{.from = from, .what = linked.error()};
    if (linked->back()->digest() != shown->subject.candidate.digest) {
      return BadFrame{.from = from, .what = "a chain that its finalization does not end"};
    }
    return VouchedSuccessor{.from = from,
                            .judged_in = context.epoch,
                            .block = std::move(linked->front()),
                            .vouchers = count_vouchers(context, *shown)};
  };
  return {Urgency::Bulk, std::move(run), std::nullopt, from, bytes};
}

Verification verify_status(EpochContext context, VerifiedStatus claim, std::vector<Bytes> votes) {
  const NodeId from = claim.from;
  const std::size_t bytes = size_of(votes);
  auto run = [context = std::move(context), claim = std::move(claim),
              votes = std::move(votes)]() -> Verified {
    VerifiedStatus out = claim;
    for (const Bytes& raw : votes) {
      auto vote = consensus::validate_vote(raw, judge(context));
      if (vote) {
        out.own_votes.push_back(std::move(*vote));
      } else if (vote.error() != consensus::Refusal::OtherEpoch) {
        return BadFrame{.from = out.from, .what = consensus::sentence(vote.error())};
      }
    }
    return out;
  };
  return {Urgency::Consensus, std::move(run), std::nullopt, from, bytes};
}

Verification verify_transaction(TransactionSource source, Bytes payload) {
  const std::size_t bytes = payload.size();
  const auto* peer = std::get_if<NodeId>(&source);
  const auto from = peer != nullptr ? std::optional{*peer} : std::nullopt;
  return {Urgency::Bulk,
          [source, payload = std::move(payload)]() -> Verified {
            auto transaction = wire::Transaction::decode_and_verify(payload);
            if (!transaction) {
              return RefusedTransaction{.source = source, .refusal = transaction.error()};
            }
            return VerifiedTransaction{.source = source, .transaction = std::move(*transaction)};
          },
          source, from, bytes};
}

}  // namespace salus::replica
