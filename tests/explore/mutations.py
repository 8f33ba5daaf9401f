"""Owns: how each rule is broken: text of the engine, and what stands there instead. Each text is
found exactly once, or the build of the mutants says which one moved."""

NOT = "mutation::broken(mutation::Rule::%s)"


def broken(rule):
    return NOT % rule


# (file, text, instead)
MUTATIONS = [
    # --- C9, column 2.
    ("registers.cc",
     "return view > view_or_zero(registers.notarize);",
     f"return {broken('NotarizeAboveLastNotarize')} || view > view_or_zero(registers.notarize);"),
    ("registers.cc",
     """    case VoteKind::Nullify:
    case VoteKind::Finalize:
      return view > nullified && view > finalized;
""",
     f"""    case VoteKind::Nullify:
      return ({broken('NullifyAboveLastNullify')} || view > nullified) &&
             ({broken('NullifyAboveLastFinalize')} || view > finalized);
    case VoteKind::Finalize:
      return ({broken('FinalizeAboveLastNullify')} || view > nullified) &&
             ({broken('FinalizeAboveLastFinalize')} || view > finalized ||
              {broken('FinalizeAboveFinal')});
"""),
    # --- C9, column 3: notarize.
    ("core_rules.cc",
     """void Core::State::judge_candidate() {
  const View view = pace_.view;
""",
     f"""void Core::State::judge_candidate() {{
  const ViewState* const ahead = book_.find(pace_.view.next());
  const View view = {broken('NotarizeInCurrentView')} && ahead && ahead->candidate
                        ? pace_.view.next() : pace_.view;
"""),
    ("core.cc",
     "subject.kind == VoteKind::Notarize && vote.signer == leader(view)",
     "subject.kind == VoteKind::Notarize && (vote.signer == leader(view) || "
     f"({broken('NotarizeOnlyTheLeadersCandidate')} && !is_own(vote.signer)))"),
    ("core_rules.cc",
     "if (state.equivocated) return pace_.latch",
     f"if (state.equivocated && !{broken('NotarizeNotEquivocated')}) return pace_.latch"),
    ("view_book.cc",
     "if (!usable(candidate.parent)) return false;",
     f"if (!usable(candidate.parent) && !{broken('NotarizeOnUsableParent')}) return false;"),
    ("view_book.cc",
     """  const ViewState* const state = find(view);
  SALUS_ASSERT(state != nullptr && state->notarized(), "the ancestor asked for is not usable");
""",
     f"""  const ViewState* const state = find(view);
  const bool held = state != nullptr && state->notarized();
  if (!held && ({broken('NotarizeOnUsableParent')} || {broken('CertifyOnUsableParent')})) {{
    const bool known = state != nullptr && state->candidate;
    return {{.view = view, .digest = known ? state->candidate->digest : Digest{{}}}};
  }}
  SALUS_ASSERT(held, "the ancestor asked for is not usable");
"""),
    ("view_book.cc",
     "    if (!nullified(between)) return false;\n",
     f"    if (!nullified(between) && !{broken('NotarizeOverNullifiedViews')}) return false;\n"),
    ("core_rules.cc",
     "if (state.check != CheckState::Valid || !can_vote()) return;",
     f"if ((state.check != CheckState::Valid && !{broken('NotarizeCheckedValid')}) || "
     "!can_vote()) return;"),
    ("core_rules.cc",
     """      state.check == CheckState::Invalid) {
    return pace_.latch(Trigger::Invalid);""",
     f"""      (state.check == CheckState::Invalid && !{broken('NotarizeCheckedValid')})) {{
    return pace_.latch(Trigger::Invalid);"""),
    ("core_rules.cc",
     "  if (!state.bytes_durable) stage_bytes(state);\n  cast(",
     f"  if (!state.bytes_durable && !{broken('NotarizeWithItsBytes')}) stage_bytes(state);\n  cast("),
    # --- C9, column 3: nullify.
    ("core_rules.cc",
     "nullify(config_.epoch, pace_.view);",
     f"nullify(config_.epoch, {broken('NullifyInCurrentView')} ? pace_.view.next() : pace_.view);"),
    ("core_rules.cc",
     "if (pace_.trigger && can_vote()",
     f"if ((pace_.trigger || {broken('NullifyTriggered')}) && can_vote()"),
    # --- C9, column 3: finalize.
    ("core_rules.cc",
     "if (state.certify != CertifyState::Yes || !state.notarized() || state.nullified()) continue;",
     f"""const bool certified =
        state.certify == CertifyState::Yes || {broken('FinalizeCertified')};
    const bool notarized = state.notarized() ||
        ({broken('FinalizeAboveFinal')} && at->first <= book_.finalized());
    const bool unproven = {broken('FinalizeNotarized')} && state.check == CheckState::Valid;
    if ((!certified || !notarized) && !unproven) continue;
    if (state.nullified() && !{broken('FinalizeNotNullified')}) continue;
    if (registers_.finalize && *registers_.finalize == *state.candidate &&
        {broken('FinalizeAboveFinal')}) continue;"""),
    ("core_rules.cc",
     "auto at = book_.views().upper_bound(book_.finalized());",
     f"const View v_f = {broken('FinalizeAboveFinal')} ? View{{}} : book_.finalized();\n"
     "  auto at = book_.views().upper_bound(v_f);"),
    ("core_rules.cc",
     """  SALUS_ASSERT(subject.view() > book_.finalized(), "a vote at or below v_f was about to be cast");
""",
     f"""  SALUS_ASSERT(subject.view() > book_.finalized() || {broken('FinalizeAboveFinal')},
               "a vote at or below v_f was about to be cast");
"""),
    ("core_rules.cc",
     "  if (!state.bytes_durable) return stage_bytes(state);\n\n",
     f"""  if (!state.bytes_durable) {{
    stage_bytes(state);
    if (!{broken('FinalizeBytesDurable')}) return;
  }}

"""),
    ("core_rules.cc",
     "if (!book_.usable(candidate.parent) || candidate.parent >= view) return;",
     f"if ((!book_.usable(candidate.parent) && !{broken('CertifyOnUsableParent')}) || "
     "candidate.parent >= view) return;"),
    # --- C15, C13, S1: the disk first.
    ("core.cc",
     "  staging_.add_certificate(certificate);\n",
     f"""  staging_.add_certificate(certificate);
  if ({broken('CertificateDurableBeforeEffect')}) install(certificate);
"""),
    ("core_rules.cc",
     "  staging_.add_vote(subject);\n}\n\n}  // namespace",
     f"""  staging_.add_vote(subject);
  if ({broken('OwnVoteDurableBeforeCount')}) {{
    count_vote({{.subject = subject, .signer = *config_.own_index, .signature = {{}}}});
  }}
}}

}}  // namespace"""),
    ("staging.cc",
     "  records_.emplace_back(OwnVoteRecord{subject});\n",
     f"  if (!{broken('VoteInJournal')}) records_.emplace_back(OwnVoteRecord{{subject}});\n"),
    # --- C14, C2, modes, S9, S13.
    ("types.h",
     "std::size_t quorum() const { return size() - faulty_max(); }",
     "std::size_t quorum() const { return size() - faulty_max() - "
     f"({broken('QuorumSize')} ? 1 : 0); }}"),
    ("core.cc",
     "  const auto& signatures = state.tally.signatures(subject);\n",
     f"""  std::map<ValidatorIndex, Signature> signatures = state.tally.signatures(subject);
  for (const auto& [other, signers] : state.tally.by_subject()) {{
    if ({broken('QuorumOfEqualVotes')} && other.kind == subject.kind) {{
      signatures.insert(signers.begin(), signers.end());
    }}
  }}
"""),
    ("core_rules.cc",
     "if (now_ >= *pace_.view_deadline()) pace_.latch(Trigger::ViewTimeout);",
     f"""if (now_ >= *pace_.view_deadline()) {{
    pace_.latch(Trigger::ViewTimeout);
    if ({broken('ViewByCertificateOnly')}) reach(pace_.view);
  }}"""),
    ("core_rules.cc",
     "return mode_ == Mode::Voting && config_.own_index && gate_open()",
     f"return (mode_ == Mode::Voting || {broken('VotingModeOnly')}) && config_.own_index && "
     f"(gate_open() || {broken('PeersHeardBeforeVote')})"),
    ("core_recovery.cc",
     "  registers_ = recovered.registers;\n",
     f"  if (!{broken('RegistersSurviveRestart')}) registers_ = recovered.registers;\n"),
    ("core_recovery.cc",
     "const bool promised = state.candidate == subject.candidate && state.bytes_durable;",
     f"const bool promised = {broken('RecoveredNotarizeNeedsBytes')} || "
     "(state.candidate == subject.candidate && state.bytes_durable);"),
]
