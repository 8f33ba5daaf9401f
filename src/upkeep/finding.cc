// Owns: a finding in words and in JSON.
#include "upkeep/verification.h"

namespace salus::upkeep {

Finding about(FindingKind kind, std::string sentence, std::optional<Height> height) {
  Finding out;
  out.kind = kind;
  out.sentence = std::move(sentence);
  out.height = height;
  return out;
}

std::string_view name(FindingKind kind) {
  switch (kind) {
    case FindingKind::File:
      return "file";
    case FindingKind::Genesis:
      return "genesis";
    case FindingKind::Block:
      return "block";
    case FindingKind::Certificate:
      return "certificate";
    case FindingKind::Execution:
      return "execution";
    case FindingKind::Stored:
      return "stored";
    case FindingKind::Invariant:
      return "invariant";
  }
  std::unreachable();
}

Json to_json(const Finding& finding) {
  Json out = Json::object();
  out["kind"] = name(finding.kind);
  out["sentence"] = finding.sentence;
  if (finding.height) out["height"] = std::to_string(finding.height->value());
  if (!finding.path.empty()) out["path"] = finding.path;
  if (!finding.module.empty()) {
    out["module"] = finding.module;
    out["table"] = finding.table;
    out["key"] = finding.key;
  }
  if (finding.kind == FindingKind::Stored || finding.kind == FindingKind::Execution) {
    out["expected"] = finding.expected;
    out["found"] = finding.found;
  }
  if (!finding.changes.is_null()) out["changes"] = finding.changes;
  return out;
}

}  // namespace salus::upkeep
