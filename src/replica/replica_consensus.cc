// Owns: the core's orders carried out: blocks built and judged, work said to be due, stages handed
// to the driver, and what they gate sent when they are durable.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "consensus/codec.h"
#include "dao/application.h"
#include "replica/facts.h"
#include "replica/replica.h"
#include "wire/block_frame.h"

namespace salus::replica {

namespace {

template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace

void Replica::feed(consensus::Event event) { inbox_.push_back(std::move(event)); }

// Orders may raise further events; the loop ends because each order is answered once.
void Replica::drain() {
  while (!inbox_.empty()) {
    consensus::Event event = std::move(inbox_.front());
    inbox_.pop_front();
    consensus::Effects effects = core_.step(event);
    for (consensus::Early& early : effects.early) obey(early);
    for (consensus::Ask& ask : effects.ask) obey(ask);
  }
}

void Replica::obey(consensus::Early& early) {
  std::visit(
      Overloaded{
          [&](const consensus::RelayBlock& relay) {
            const Validated<ledger::Block>* block = ledger_.find(relay.candidate.digest);
            if (block == nullptr) return;
            out_.sends.push_back(
                {.to = std::nullopt,
                 .type = FrameType::Block,
                 .payload = wire::encode(wire::BlockFrame{.epoch = core_.epoch(),
                                                          .digest = relay.candidate.digest,
                                                          .bytes = as_bytes((*block)->bytes())})});
          },
          [&](const consensus::Fetch& fetch) {
            out_.sends.push_back(
                {.to = fetch.to,
                 .type = FrameType::Fetch,
                 .payload = sync::encode(sync::FetchMessage{sync::FetchCertificate{
                     .epoch = fetch.epoch, .view = fetch.view, .kind = fetch.kind}})});
          },
          [&](const consensus::Answer& answer) {
            sync::CertificatesAnswer message;
            for (const consensus::Certificate& certificate : answer.certificates) {
              if (message.certificates.size() == sync::kAnswerCertificatesMax) break;
              message.certificates.push_back(consensus::encode(certificate));
            }
            if (message.certificates.empty()) return;
            out_.sends.push_back({.to = answer.to,
                                  .type = FrameType::Answer,
                                  .payload = sync::encode(sync::AnswerMessage{message})});
          },
          [&](const consensus::Retry& retry) {
            for (const consensus::Certificate& certificate : retry.certificates) {
              out_.sends.push_back({.to = retry.to,
                                    .type = FrameType::Certificate,
                                    .payload = consensus::encode(certificate)});
            }
            for (const consensus::Vote& vote : retry.votes) {
              out_.sends.push_back(
                  {.to = retry.to, .type = FrameType::Vote, .payload = consensus::encode(vote)});
            }
          },
          [&](const consensus::SendStatus& status) { send_status(status.to); },
      },
      early);
}

void Replica::obey(consensus::Ask& ask) {
  std::visit(Overloaded{
                 [&](const consensus::Build& order) { build(order); },
                 [&](const consensus::Check& order) { judge(order); },
                 [&](const consensus::CancelCheck& order) {
                   checks_.erase({order.candidate, consensus::Purpose::Notarize});
                   checks_.erase({order.candidate, consensus::Purpose::Certify});
                 },
                 [&](const consensus::Deadline& order) { core_deadline_ = order.at; },
                 [&](const consensus::FetchBlock& order) {
                   const bool here = ledger_.height_of(order.digest).has_value();
                   if (here) return feed(consensus::BlockIn{order.digest});
                   ask_for_block(order.digest, order.from);
                 },
                 [&](const consensus::JudgeWork& order) {
                   if (judged_ != order.parent) judged_since_ = mono_;
                   judged_ = order.parent;
                   said_due_.reset();
                   say_work();
                 },
                 [&](const consensus::Behind& order) { ask_end_of_epoch(order.peer); },
                 [&](const consensus::Report& order) { report(order); },
             },
             ask);
}

void Replica::build(const consensus::Build& order) {
  const auto decline = [&] {
    feed(consensus::BuildDone{.view = order.view, .block = std::unexpected(consensus::Declined{})});
  };
  // S16: what this node offers it must be able to write. Others lead in the next view; alone it
  // waits for space, for each view that it skips would cost some.
  if (journal_alarm_ && set_.size() == 1) {
    held_build_ = order;
    return;
  }
  if (!config_.validator_key || journal_alarm_) return decline();
  const auto own_index = set_.find(*config_.validator_key);
  // The ledger went past this parent, and the core is about to hear of it.
  const bool is_passed = !batch_out_.empty() && order.parent_digest == ledger_.finalized().digest;
  if (is_passed) return decline();
  if (!own_index || !ledger_.execute(order.parent_digest)) return decline();
  const state::Overlay* parent_state = ledger_.state_after(order.parent_digest);
  if (ledger_.outcome(order.parent_digest).next_epoch > core_.epoch()) {
    // C42.
    note_boundary(order.parent_digest);
    return feed(consensus::BuildDone{.view = order.view, .block = order.parent_digest});
  }
  const auto parent_height = ledger_.height_of(order.parent_digest);
  if (parent_state == nullptr || !parent_height) return decline();
  // G-10.9: the first block of a version that this build does not know is for others to build.
  if (dao::protocol_version(*parent_state) > ledger_.known_version()) return decline();

  std::vector<Validated<wire::Transaction>> transactions;
  if (!order.empty_only) {
    const BlockLimits limits = block_limits(*parent_state);
    transactions = mempool_.take({.count_max = limits.transactions_max,
                                  .bytes_max = limits.bytes_max - ledger::kHeaderBytes},
                                 *parent_state, parent_height->next());
  }
  const Validated<ledger::Block>* parent = ledger_.find(order.parent_digest);
  const WallMs parent_time =
      parent != nullptr ? (*parent)->header().time : ledger_.finalized().time;
  ledger::Built built = ledger_.build({.epoch = core_.epoch(),
                                       .view = order.view,
                                       .proposer = *own_index,
                                       .parent = order.parent_digest,
                                       .time = std::max(wall_, parent_time.next()),
                                       .transactions = transactions});
  const Digest digest = built.block->digest();
  if (!hold(std::move(built.block), {digest})) return decline();
  queue_execution(digest);
  feed(consensus::BuildDone{.view = order.view, .block = digest});
}

void Replica::judge(const consensus::Check& order) {
  checks_.insert_or_assign({order.candidate, order.purpose},
                           OpenCheck{.order = order, .since = mono_});
  judge_pending();
}

ledger::CheckInput Replica::check_input(const consensus::Check& order) const {
  return {.epoch = core_.epoch(),
          .view = order.candidate.view,
          .parent = order.parent_digest,
          .proposer = set_.leader_of(core_.epoch(), order.candidate.view),
          .purpose = order.purpose == consensus::Purpose::Notarize ? ledger::Purpose::Notarize
                                                                   : ledger::Purpose::Certify,
          .wall = wall_,
          .clock_ahead_ms = parameters_.clock_ahead_ms};
}

void Replica::judge_pending() {
  for (auto entry = checks_.begin(); entry != checks_.end();) {
    const consensus::Check order = entry->second.order;
    const ledger::CheckOutcome outcome = ledger_.check(order.candidate.digest, check_input(order));
    if (outcome.verdict == ledger::CheckOutcome::Verdict::Pending) {
      if (outcome.reason == ledger::CheckReason::ParentNotExecuted) {
        queue_execution(order.parent_digest);
      }
      // What one leader offers proves nothing; what a quorum notarized does.
      const bool is_notarized = order.purpose == consensus::Purpose::Certify;
      if (outcome.reason == ledger::CheckReason::VersionUnknown && is_notarized) {
        need_version((*ledger_.find(order.candidate.digest))->header().version);
      }
      ++entry;
      continue;
    }
    const bool valid = outcome.is_valid();
    if (valid) queue_execution(order.candidate.digest);
    const std::uint32_t reason =
        outcome.reason ? static_cast<std::uint32_t>(*outcome.reason) : std::uint32_t{0};
    if (!valid) {
      note(Notice::Level::Warn,
           "A candidate is invalid here: " + std::string{ledger::sentence(*outcome.reason)} +
               " view=" + std::to_string(order.candidate.view.value()));
    }
    feed(consensus::CheckDone{.candidate = order.candidate,
                              .purpose = order.purpose,
                              .result = {.valid = valid, .reason = reason}});
    out_.checks_ms.push_back(mono_.value() - entry->second.since.value());
    entry = checks_.erase(entry);
  }
}

// C27 (a), (b), (c), (e), and decisions.md: a due item whose time has come by the local clock.
bool Replica::is_work_due(const Digest& parent) const {
  if (mono_.value() >= judged_since_.value() + parameters_.heartbeat_ms) return true;
  if (!ledger_.is_executed(parent)) return false;
  const ledger::BlockOutcome outcome = ledger_.outcome(parent);
  if (outcome.active || outcome.set_change_due) return true;
  if (outcome.next_epoch > core_.epoch()) return true;
  if (outcome.next_due && *outcome.next_due <= wall_) return true;
  const state::Overlay* state = ledger_.state_after(parent);
  const auto height = ledger_.height_of(parent);
  return state != nullptr && height && mempool_.has_executable(*state, height->next());
}

void Replica::say_work() {
  if (!judged_) return;
  if (ledger_.has(*judged_)) queue_execution(*judged_);
  const bool due = is_work_due(*judged_);
  if (said_due_ == due) return;
  said_due_ = due;
  feed(consensus::WorkDue{.parent = *judged_, .due = due});
}

void Replica::report(const consensus::Report& report) {
  const auto view_of = [](const consensus::Subject& subject) {
    return " view=" + std::to_string(subject.view().value());
  };
  std::visit(
      Overloaded{
          [&](const consensus::Evidence& evidence) {
            evidence_.push_back(evidence);
            if (evidence_.size() > kEvidenceMax) evidence_.pop_front();
            note(Notice::Level::Error,
                 "Validator " + std::to_string(evidence.first.signer.value()) +
                     " signed two votes that exclude each other. Tell its operator and report both "
                     "votes to the chain; the chain goes on. epoch=" +
                     std::to_string(evidence.first.subject.epoch().value()) +
                     view_of(evidence.first.subject));
          },
          [&](const consensus::SafetyViolated& violated) {
            note(Notice::Level::Error,
                 "Two certificates exclude each other: more than a third of the validators are "
                 "faulty. This node has stopped voting; keep its data folder for the inquiry." +
                     view_of(violated.first.subject));
          },
          [&](const consensus::DivergedReport& diverged) {
            note(Notice::Level::Error,
                 "A quorum finalizes what this node finds invalid (" +
                     std::string{
                         ledger::sentence(static_cast<ledger::CheckReason>(diverged.reason))} +
                     "). This node has diverged and stopped voting; compare its build and ledger "
                     "with the other operators'. view=" +
                     std::to_string(diverged.candidate.view.value()));
            describe_divergence(
                diverged.candidate.digest,
                std::string{ledger::sentence(static_cast<ledger::CheckReason>(diverged.reason))});
          },
          [&](const consensus::ForeignVote& foreign) {
            const bool twin = foreign.meaning == consensus::ForeignVoteMeaning::Twin;
            note(Notice::Level::Error,
                 std::string{twin ? "Another process votes with this node's key. Stop it: one key, "
                                    "one validator. This node only observes now."
                                  : "This node voted before in ways that its disk no longer knows "
                                    "(an old backup?). It only observes now."} +
                     view_of(foreign.vote.subject));
            config_.restriction_nonce.clear();
            out_.restriction = twin ? Restriction::Twin : Restriction::Amnesia;
          },
      },
      report);
}

void Replica::on(const JournalSpace& event) {
  if (event.alarm && !journal_alarm_) {
    note(Notice::Level::Error,
         "The journal has no space beyond its present file, so this node offers no blocks until it "
         "has: " +
             *event.alarm);
  }
  if (!event.alarm && journal_alarm_) {
    note(Notice::Level::Info, "The journal has space again; this node offers blocks again.");
  }
  journal_alarm_ = event.alarm;
  if (!journal_alarm_ && held_build_) build(*std::exchange(held_build_, std::nullopt));
}

void Replica::hand_out_stage() {
  if (stage_out_ || journal_out_) return;
  std::optional<consensus::StageWork> work = core_.take_stage();
  if (!work) return;
  StageOut stage{.stage = work->stage,
                 .records = {},
                 .votes = std::move(work->votes),
                 .highest_view = core_.view().next()};
  for (consensus::Record& record : work->records) {
    if (auto* candidate = std::get_if<consensus::CandidateRecord>(&record)) {
      const Digest& digest = candidate->candidate.digest;
      const Validated<ledger::Block>* block = ledger_.find(digest);
      // The ledger may have caught up past it meanwhile: what is final need not be promised. And
      // what a quorum notarized though no correct node can vote for it has no bytes worth keeping:
      // the check that follows says so (C31).
      const bool is_final =
          candidate->candidate.view <= batch_view_ || digest == ledger_.finalized().digest;
      if (block == nullptr && (is_final || ledger_.is_condemned(digest))) continue;
      // S3: the vote and the bytes it promises to keep are in one stage.
      SALUS_ASSERT(block != nullptr, "a candidate that is voted for has its bytes here");
      const ByteView bytes = as_bytes((*block)->bytes());
      candidate->block.assign(bytes.begin(), bytes.end());
    }
    if (const auto* certificate = std::get_if<consensus::CertificateRecord>(&record)) {
      stage.highest_view = std::max(stage.highest_view, certificate->certificate.subject.view());
    }
    stage.records.push_back({.type = static_cast<std::uint8_t>(consensus::type_of(record)),
                             .payload = consensus::encode_payload(ledger_.chain_id(), record)});
  }
  late_ = std::move(work->late);
  stage_out_ = true;
  out_.stage = std::move(stage);
}

void Replica::on(StageDurable& event) {
  SALUS_ASSERT(stage_out_, "a stage is durable once");
  stage_out_ = false;
  std::vector<consensus::Late> late = std::move(late_).open(event.token);
  late_ = {};
  const auto signatures = event.token.signatures();
  for (consensus::Late& item : late) send_late(item);
  feed(consensus::Durable{.stage = event.stage,
                          .signatures = {signatures.begin(), signatures.end()}});
}

void Replica::send_late(consensus::Late& late) {
  std::visit(Overloaded{
                 [&](const consensus::SendVote& send) {
                   out_.sends.push_back({.to = std::nullopt,
                                         .type = FrameType::Vote,
                                         .payload = consensus::encode(send.vote)});
                 },
                 [&](const consensus::SendCertificate& send) {
                   certificates_seen_.emplace(send.certificate.subject.view(),
                                              send.certificate.subject.kind);
                   out_.sends.push_back({.to = std::nullopt,
                                         .type = FrameType::Certificate,
                                         .payload = consensus::encode(send.certificate)});
                 },
                 [&](consensus::Finalized& final) {
                   const View view = final.certificate.subject.view();
                   const View known = goal_ ? goal_->subject.view() : batch_view_;
                   if (view > known) goal_ = std::move(final.certificate);
                   finalize_what_can_be();
                 },
                 [&](const consensus::EpochEnd& end) {
                   note(Notice::Level::Info,
                        "The epoch ends: its last block is final. epoch=" +
                            std::to_string(end.certificate.subject.epoch().value()) +
                            " view=" + std::to_string(end.certificate.subject.view().value()));
                 },
             },
             late);
}

}  // namespace salus::replica
