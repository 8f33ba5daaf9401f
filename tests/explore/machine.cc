// Owns: what each action does to a core, and how its effects come back to it.
#include "explore/machine.h"

#include <algorithm>
#include <utility>

#include "consensus/codec.h"
#include "crypto/hash.h"

namespace salus::consensus::explore {

namespace {

// Deadlines of the view are short and all others far away: of time, only the former matter here.
Parameters small_world_parameters() {
  Parameters parameters;
  parameters.delta_ms = 10;
  parameters.delta_ms_max = 1'000;
  parameters.block_interval_ms = 0;
  parameters.fetch_ms = 10'000;
  parameters.retry_ms = 10'000;
  parameters.standstill_ms = 600'000;
  return parameters;
}

CoreConfig config_of(const World& world, std::size_t index) {
  return {.chain_id = World::chain_id(),
          .epoch = Epoch{},
          .set = world.set(),
          .own_index = ValidatorIndex{static_cast<std::uint16_t>(index)},
          .parameters = small_world_parameters(),
          .first_ancestor = world.block_at(0).candidate.digest};
}

Vote vote_of(const World& world, std::size_t signer, std::size_t subject) {
  return {.subject = world.subject_at(subject),
          .signer = ValidatorIndex{static_cast<std::uint16_t>(signer)},
          .signature = {}};
}

void record(Registers& registers, const std::vector<Subject>& votes, std::string& broken) {
  for (const Subject& vote : votes) {
    if (registers.holds(vote)) continue;
    if (!may_vote(registers, vote)) {
      broken = "C9: the guard refuses what the core cast";
      return;
    }
    registers.record(vote);
  }
}

std::vector<Subject> subjects_of(const StageWork& work) {
  std::vector<Subject> subjects;
  for (const Bytes& bytes : work.votes) subjects.push_back(parse_signed_bytes(bytes)->subject);
  return subjects;
}

}  // namespace

Machine::Machine(World& world, std::size_t index, Habits habits)
    : index_(index), habits_(habits), core_(config_of(world, index), {}), conscience_(index) {
  bytes_here_ = bit(0);
  handle(world, Tick{MonoMs{now_ms_}});
}

Machine::Machine(const Machine& other)
    : index_(other.index_),
      habits_(other.habits_),
      core_(other.core_.clone()),
      conscience_(other.conscience_),
      broken_(other.broken_),
      journal_(other.journal_),
      journal_registers_(other.journal_registers_),
      guard_registers_(other.guard_registers_),
      journal_stage_(other.journal_stage_),
      guard_stage_(other.guard_stage_),
      flying_(other.flying_),
      registers_before_(other.registers_before_),
      answers_(other.answers_),
      checks_(other.checks_),
      judged_parent_(other.judged_parent_),
      works_in_(other.works_in_),
      declines_(other.declines_),
      heard_peers_(other.heard_peers_),
      bytes_here_(other.bytes_here_),
      whole_(other.whole_),
      now_ms_(other.now_ms_),
      sent_(other.sent_),
      lives_(other.lives_) {
  std::ranges::copy(other.heard_votes_, heard_votes_);
}

VoteContext Machine::context(const World& world) const {
  // Signatures are no part of the small world: what is delivered was sent.
  return {.chain_id = World::chain_id(),
          .epoch = Epoch{},
          .set = world.set(),
          .verify = [](const PublicKey&, ByteView, const Signature&) { return true; }};
}

std::string Machine::apply(World& world, const Action& action) {
  switch (action.kind) {
    case Action::Kind::Work:
      works_in_ = core_.view();
      answer_work(world);
      break;
    case Action::Kind::Decline:
      works_in_ = core_.view();
      declines_ = true;
      conscience_.declined();
      answer_work(world);
      declines_ = false;
      break;
    case Action::Kind::TimeOut: {
      works_in_ = core_.view();
      answer_work(world);
      const auto deadline = core_.status().view_deadline;
      if (!deadline) break;
      now_ms_ = std::max(now_ms_ + 1, deadline->value());
      conscience_.timed_out();
      handle(world, Tick{MonoMs{now_ms_}});
      break;
    }
    case Action::Kind::Sync:
      finish_stage(world);
      break;
    case Action::Kind::CrashLosingAll:
      crash(world, /*journal=*/false, /*guard=*/false);
      break;
    case Action::Kind::CrashWithJournal:
      crash(world, /*journal=*/true, /*guard=*/false);
      break;
    case Action::Kind::CrashWithGuard:
      crash(world, /*journal=*/false, /*guard=*/true);
      break;
    case Action::Kind::CrashWithBoth:
      crash(world, /*journal=*/true, /*guard=*/true);
      break;
    case Action::Kind::Hear: {
      heard_peers_ = true;
      for (const std::size_t step_by : {1U, 2U}) {
        const std::size_t peer = (index_ + step_by) % kValidators;
        StatusIn status{.from = World::node_id(peer),
                        .epoch = Epoch{},
                        .view = View{1},
                        .finalized = View{},
                        .own_votes = {}};
        for (std::size_t one = 0; one < world.subjects(); ++one) {
          if (!has(sent_, one)) continue;
          status.own_votes.push_back(*Vote::validate(vote_of(world, index_, one), context(world)));
        }
        conscience_.heard_peer(peer);
        handle(world, status);
      }
      break;
    }
    case Action::Kind::Stop:
      conscience_.stopped();
      handle(world, StopVoting{});
      break;
    case Action::Kind::Vote:
      hear_vote(world, action.signer, action.subject);
      break;
    case Action::Kind::Certificate:
      hear_certificate(world, action.subject, action.own);
      break;
    case Action::Kind::Bytes:
      bring_bytes(world, world.block_of(action.subject));
      break;
  }
  return std::exchange(broken_, {});
}

void Machine::hear_vote(World& world, std::size_t signer, std::size_t subject) {
  const Subject said = world.subject_at(subject);
  const bool leads = world.leader(said.view()) == signer;
  heard_votes_[signer] |= bit(subject);
  if (said.kind == VoteKind::Notarize && leads) {
    if (!habits_.bytes_apart) bring_bytes(world, world.block_of(subject));
    conscience_.told_candidate(world, world.block_of(subject));
  }
  if (said.kind == VoteKind::Nullify && leads) conscience_.told_leader_nullify(said.view());
  handle(world, VoteIn{*Vote::validate(vote_of(world, signer, subject), context(world))});
}

// Which quorum signed makes no difference to who receives it, except that the own vote must be
// known. So one set of signers stands for all.
void Machine::hear_certificate(World& world, std::size_t subject, bool own) {
  if (!habits_.bytes_apart && world.subject_at(subject).kind != VoteKind::Nullify) {
    bring_bytes(world, world.block_of(subject));
  }
  whole_ |= bit(subject);
  Certificate certificate{
      .subject = world.subject_at(subject), .set_size = kValidators, .signatures = {}};
  for (std::size_t signer = 0; signer < kValidators; ++signer) {
    if (signer == index_ && !own) continue;
    certificate.signatures.emplace(ValidatorIndex{static_cast<std::uint16_t>(signer)}, Signature{});
  }
  handle(world, CertificateIn{.certificate = *Certificate::validate(certificate, context(world)),
                              .from = World::node_id((index_ + 1) % kValidators)});
}

void Machine::bring_bytes(World& world, std::size_t block) {
  const std::size_t source = world.block_at(block).source;
  if (has(bytes_here_, source)) return;
  bytes_here_ |= bit(source);
  const Digest& digest = world.block_at(source).candidate.digest;
  handle(world, BlockIn{digest});
  // The application executes what is here.
  if (world.block_at(source).is_last) handle(world, BoundaryIn{digest});
}

// An event and every answer that follows from it without the disk or the network.
void Machine::handle(World& world, const Event& event) {
  step(world, event);
  while (true) {
    answer_checks(world);
    if (answers_.empty()) break;
    const Event answer = std::move(answers_.front());
    answers_.pop_front();
    step(world, answer);
  }
  if (!habits_.bytes_apart && core_.view() != conscience_.view()) {
    judge("C2: the view is not the one that the certificates lead to");
  }
  take_stages(world);
}

void Machine::step(World& world, const Event& event) {
  const Effects effects = core_.step(event);
  for (const Ask& ask : effects.ask) perform(world, ask);
  judge_casts(world);
  if (core_.view() > conscience_.view()) judge("C2: entered a view without a durable certificate");
  for (const ViewVotes& row : core_.status().views) {
    const auto counts_own = [this](const std::vector<ValidatorIndex>& list) {
      return std::ranges::count(list, ValidatorIndex{static_cast<std::uint16_t>(index_)}) > 0;
    };
    const auto spoken = [&](VoteKind kind) {
      for (std::size_t one = 0; one < world.subjects(); ++one) {
        const Subject& subject = world.subject_at(one);
        if (has(sent_, one) && subject.kind == kind && subject.view() == row.view) return true;
      }
      return false;
    };
    if ((counts_own(row.notarize) && !spoken(VoteKind::Notarize)) ||
        (counts_own(row.nullify) && !spoken(VoteKind::Nullify)) ||
        (counts_own(row.finalize) && !spoken(VoteKind::Finalize))) {
      judge("C13: an own vote counts before it is durable");
    }
  }
}

// The registers show a vote in the step that casts it.
void Machine::judge_casts(World& world) {
  const Registers& now = core_.registers();
  if ((registers_before_.notarize && !now.notarize) ||
      (registers_before_.nullify && !now.nullify) ||
      (registers_before_.finalize && !now.finalize)) {
    return judge("S9: an own vote was forgotten");
  }
  const auto cast = [&](const Subject& subject) {
    judge(conscience_.judge_cast(world, world.subject(subject)));
  };
  if (now.finalize != registers_before_.finalize) {
    conscience_.allow_finalizes_below(world, now.finalize->view);
    cast(finalize(*now.finalize));
  }
  if (now.notarize != registers_before_.notarize) cast(notarize(*now.notarize));
  if (now.nullify != registers_before_.nullify) cast(nullify(Epoch{}, *now.nullify));
  registers_before_ = now;
}

void Machine::judge(std::string broken) {
  if (broken_.empty()) broken_ = std::move(broken);
}

void Machine::perform(World& world, const Ask& ask) {
  if (const auto* build = std::get_if<Build>(&ask)) {
    if (declines_) {
      answers_.emplace_back(BuildDone{.view = build->view, .block = std::unexpected(Declined{})});
      return;
    }
    const std::size_t block =
        world.block(build->view, build->parent, parent_of_build(world, *build), 0);
    const WorldBlock& made = world.block_at(block);
    bytes_here_ |= bit(made.source);
    conscience_.checked_valid(world, block);
    answers_.emplace_back(BuildDone{.view = build->view, .block = made.candidate.digest});
    if (made.is_last) answers_.emplace_back(BoundaryIn{made.candidate.digest});
  } else if (const auto* check = std::get_if<Check>(&ask)) {
    checks_.push_back(*check);
  } else if (const auto* cancel = std::get_if<CancelCheck>(&ask)) {
    std::erase_if(checks_, [&](const Check& one) { return one.candidate == cancel->candidate; });
  } else if (const auto* judged = std::get_if<JudgeWork>(&ask)) {
    judged_parent_ = judged->parent;
    if (works()) answers_.emplace_back(WorkDue{.parent = judged_parent_, .due = true});
  } else if (const auto* report = std::get_if<Report>(&ask)) {
    if (std::holds_alternative<SafetyViolated>(*report)) judge("C19: two certificates contradict");
    if (std::holds_alternative<DivergedReport>(*report)) judge("C31: a quorum backs a bad block");
    if (std::holds_alternative<ForeignVote>(*report)) judge("O12: own vote taken for a stranger's");
  }
}

// A view may know one repeat on two parents; the one built on is the one that is agreed on.
std::size_t Machine::parent_of_build(const World& world, const Build& build) const {
  std::size_t found = world.find_block(build.parent_digest);
  for (std::size_t block = 1; block < world.blocks(); ++block) {
    const Candidate& candidate = world.block_at(block).candidate;
    if (candidate.view != build.parent || candidate.digest != build.parent_digest) continue;
    found = block;
    for (const Subject& agreed : {notarize(candidate), finalize(candidate)}) {
      const auto number = world.find_subject(agreed);
      if (number && has(conscience_.certificates(), *number)) return block;
    }
  }
  return found;
}

// Pending while the bytes of the block or of its parent are missing (C29).
void Machine::answer_checks(World& world) {
  std::erase_if(checks_, [&](const Check& check) {
    if (!world.knows(check.parent_digest)) return false;
    const std::size_t block = world.find_candidate(check.candidate);
    const std::size_t parent = world.find_block(check.parent_digest);
    if (!has(bytes_here_, world.block_at(block).source) || !has(bytes_here_, parent)) return false;
    const bool valid = world.extends(block, check.parent_digest);
    if (valid) conscience_.checked_valid(world, block);
    answers_.emplace_back(CheckDone{.candidate = check.candidate,
                                    .purpose = check.purpose,
                                    .result = {.valid = valid, .reason = valid ? 0U : 1U}});
    return true;
  });
}

void Machine::answer_work(World& world) {
  if (judged_parent_.is_zero()) return;
  handle(world, WorkDue{.parent = judged_parent_, .due = true});
}

// --- The disk.

void Machine::take_stages(World& world) {
  if (flying_) return;
  auto work = core_.take_stage();
  if (!work) return;
  Mask votes = 0;
  for (const Subject& subject : subjects_of(*work)) {
    const std::size_t number = world.subject(subject);
    votes |= bit(number);
    judge(conscience_.judge_order(world, number));
    judge(conscience_.judge_cast(world, number));
  }
  judge(conscience_.judge_stage(world, votes, work->records));
  judge_certificates(world, work->records);
  flying_ = std::move(*work);
  if (!habits_.slow_disk && broken_.empty()) finish_stage(world);
}

void Machine::finish_stage(World& world) {
  if (!flying_) return;
  StageWork work = std::move(*flying_);
  flying_.reset();
  const std::vector<Subject> subjects = subjects_of(work);
  record(guard_registers_, subjects, broken_);
  record(journal_registers_, subjects, broken_);
  if (!broken_.empty()) return;
  if (!subjects.empty()) guard_stage_ = journal_stage_ = work.stage;
  journal_.insert(journal_.end(), work.records.begin(), work.records.end());
  for (const Subject& subject : subjects) sent_ |= bit(world.subject(subject));
  conscience_.durable(world, work.records);
  handle(world,
         Durable{.stage = work.stage, .signatures = std::vector<Signature>(subjects.size())});
}

// O6: a certificate that this validator made has a quorum of votes that it was told, or cast.
void Machine::judge_certificates(World& world, const std::vector<Record>& records) {
  constexpr std::size_t kQuorum = 3;
  for (const Record& record : records) {
    const auto* held = std::get_if<CertificateRecord>(&record);
    if (held == nullptr) continue;
    const std::size_t subject = world.subject(held->certificate.subject);
    if (has(whole_, subject)) continue;
    std::size_t known = 0;
    for (const auto& [signer, signature] : held->certificate.signatures) {
      const bool own = signer.value() == index_;
      if (has(own ? sent_ : heard_votes_[signer.value()], subject)) ++known;
    }
    if (known < kQuorum) judge("O6: a certificate without a quorum of equal votes");
  }
}

// Down and up again: whoever is down only receives nothing, which anyone may at any time.
void Machine::crash(World& world, bool journal, bool guard) {
  if (flying_) {
    const std::vector<Subject> subjects = subjects_of(*flying_);
    if (guard && !subjects.empty()) {
      record(guard_registers_, subjects, broken_);
      guard_stage_ = flying_->stage;
    }
    if (journal) {
      record(journal_registers_, subjects, broken_);
      if (!subjects.empty()) journal_stage_ = flying_->stage;
      journal_.insert(journal_.end(), flying_->records.begin(), flying_->records.end());
      conscience_.durable(world, flying_->records);
    }
  }
  flying_.reset();
  answers_.clear();
  checks_.clear();
  judged_parent_ = {};
  works_in_ = View{};
  heard_peers_ = false;
  bytes_here_ = bit(0);
  std::ranges::fill(heard_votes_, Mask{0});
  ++lives_;

  Recovered recovered;
  // S9: the later of the two, and both brought level.
  const bool by_guard = guard_stage_ >= journal_stage_;
  recovered.registers = by_guard ? guard_registers_ : journal_registers_;
  recovered.stage = by_guard ? guard_stage_ : journal_stage_;
  guard_registers_ = journal_registers_ = recovered.registers;
  guard_stage_ = journal_stage_ = recovered.stage;
  recovered.restarted = true;
  for (const Record& one : journal_) {
    if (const auto* held = std::get_if<CertificateRecord>(&one)) {
      recovered.certificates.push_back(*Certificate::validate(held->certificate, context(world)));
    } else if (const auto* kept = std::get_if<CandidateRecord>(&one)) {
      recovered.candidates.push_back(kept->candidate);
      bytes_here_ |= bit(world.find_block(kept->candidate.digest));
    }
  }
  start(world, std::move(recovered));
}

void Machine::start(World& world, Recovered recovered) {
  conscience_.restarted(world, recovered.registers);
  registers_before_ = recovered.registers;
  core_ = Core{config_of(world, index_), std::move(recovered)};
  handle(world, Tick{MonoMs{++now_ms_}});
  for (std::size_t block = 1; block < world.blocks(); ++block) {
    const WorldBlock& one = world.block_at(block);
    if (!one.is_last || one.source != block || !has(bytes_here_, block)) continue;
    handle(world, BoundaryIn{one.candidate.digest});
  }
}

Hash Machine::key() const {
  ByteWriter out;
  out.bytes(core_.fingerprint().view());
  conscience_.write(out);
  out.bytes(encode(journal_registers_));
  out.bytes(encode(guard_registers_));
  out.u64(journal_stage_.value());
  out.u64(guard_stage_.value());
  out.u64(works_in_.value());
  out.u64(bytes_here_);
  out.u64(sent_);
  for (const Mask heard : heard_votes_) out.u64(heard);
  out.u64(whole_);
  out.u32(lives_);
  out.u8(static_cast<std::uint8_t>((flying_ ? 1 : 0) | (heard_peers_ ? 2 : 0)));
  for (const Check& check : checks_) out.bytes(check.candidate.digest.view());
  return crypto::hash("salus.explore.1", out.out());
}

}  // namespace salus::consensus::explore
