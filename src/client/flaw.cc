// Owns: what each flaw of a proof is called, and what it means for whoever sees it.
#include "base/assert.h"
#include "salus/verify.h"

namespace salus::client {

namespace {

struct Row {
  Flaw flaw;
  std::string_view name;
  std::string_view sentence;
};

constexpr Row kRows[] = {
    {Flaw::GenesisForged, "GenesisForged",
     "The genesis document is not that of this chain: its hash is another. Take the one that your "
     "consortium published."},
    {Flaw::GenesisInvalid, "GenesisInvalid",
     "No chain can start from this genesis document. Take the one that your consortium published, "
     "or a newer program."},
    {Flaw::OtherChain, "OtherChain",
     "The proof is of another chain than the one you trust. Check the chain id and the node."},
    {Flaw::TooLong, "TooLong",
     "The proof has more parts than a proof may have. Ask another node for it."},
    {Flaw::HeaderMalformed, "HeaderMalformed",
     "A header of the proof is not one. Ask another node for it."},
    {Flaw::HeadersUnlinked, "HeadersUnlinked",
     "The headers of the proof do not follow from each other: it was put together of parts. Ask "
     "another node, and do not rely on this one."},
    {Flaw::SetUnknown, "SetUnknown",
     "A header names other validators than those that are trusted for its epoch. Ask another node, "
     "and do not rely on this one."},
    {Flaw::EpochUnexpected, "EpochUnexpected",
     "A header is of another epoch than the proof leads to. Ask for the proof from the epoch that "
     "you trust."},
    {Flaw::CertificateInvalid, "CertificateInvalid",
     "The signatures do not make a quorum of the trusted validators. Ask another node, and do not "
     "rely on this one."},
    {Flaw::CertificateForOther, "CertificateForOther",
     "The signatures are right, but for another block or no finalization. Ask another node, and do "
     "not rely on this one."},
    {Flaw::SetUnproven, "SetUnproven",
     "The end of an epoch does not prove the validators of the next one. Ask another node, and do "
     "not rely on this one."},
    {Flaw::StateUnproven, "StateUnproven",
     "What the node says the state holds does not lead to the root that the validators certified. "
     "Do not rely on this node: ask another one, and tell its operator."},
    {Flaw::TransactionUnproven, "TransactionUnproven",
     "The transaction is not in the block that it is said to be in. Do not rely on this node."},
    {Flaw::ResultUnproven, "ResultUnproven",
     "The transaction did not do what it is said to have done. Do not rely on this node."},
    {Flaw::RecordMissing, "RecordMissing",
     "The proof leaves out a record that the answer needs. Ask another node; if all say so, this "
     "program is of another version than theirs."},
    {Flaw::FormatUnknown, "FormatUnknown",
     "The receipt has a layout that this program does not know. Use a newer one."},
    {Flaw::FactMissing, "FactMissing", "The receipt holds no fact. Ask for it again."},
    {Flaw::EpochTooLate, "EpochTooLate",
     "The receipt begins with the validators of a later epoch, not with those of genesis: it "
     "convinces only who trusts them already. Ask for one from genesis: salus tx receipt ID"},
    {Flaw::FactMisshapen, "FactMisshapen",
     "The receipt proves records, and not just those of one proposal with all of its tallies. Ask "
     "for it again, and do not rely on who made it."},
    {Flaw::AnswerUnproven, "AnswerUnproven",
     "The node answers without a proof. Ask another node, and do not rely on this one."},
    {Flaw::AnswerOfOther, "AnswerOfOther",
     "The node proves something else than what was asked for. Ask another node, and do not rely on "
     "this one."},
    {Flaw::NodeBehind, "NodeBehind",
     "The node says that its chain has not begun, and blocks of it were verified before. Ask "
     "another node; if the network was made anew from the same document: salus trust forget."},
    {Flaw::EpochBehind, "EpochBehind",
     "The node is in an earlier epoch than one that was verified before: it is behind, or hides "
     "what "
     "is new. Ask another node, or wait until it has caught up."},
};

const Row& get_row(Flaw flaw) {
  for (const Row& row : kRows) {
    if (row.flaw == flaw) return row;
  }
  SALUS_ASSERT(false, "every flaw has a row");
  return kRows[0];
}

}  // namespace

std::string_view name(Flaw flaw) { return get_row(flaw).name; }
std::string_view sentence(Flaw flaw) { return get_row(flaw).sentence; }

}  // namespace salus::client
