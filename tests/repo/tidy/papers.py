"""Owns: every file says what it owns, every folder and proto field explains itself, and nothing in the
repository points at one machine, one promise without an issue, or a file that a tool makes."""
import re
from typing import List

from repo import Files, Finding, code_of, is_cpp, line_at

# Bad on purpose: the samples of these rules' own tests.
_SAMPLES = "tests/repo/"


def check_openings(files: Files) -> List[Finding]:
    findings = []
    for path, text in files.items():
        lines = text.split("\n")
        if is_cpp(path) and path.startswith(("src/", "tests/", "include/", "bench/")):
            if not text.startswith("// Owns: "):
                findings.append(Finding(path, 1, (
                    "does not open with `// Owns: ...`. Say which invariant this file keeps, in 1 to 8 "
                    "lines.")))
            if path.endswith(".h") and not re.search(r"^#pragma once$", text, re.MULTILINE):
                findings.append(Finding(path, 1, "has no `#pragma once`. Add it below the opening."))
        elif path.startswith(("scripts/", ".ci/")):
            first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
            if not first.startswith(("# ", '"""')):
                findings.append(Finding(path, 1, "does not open with a comment. Say what it is for."))
        elif path.startswith("proto/") and path.endswith(".proto"):
            if not lines[0].startswith("// "):
                findings.append(Finding(path, 1, "does not open with a comment. Say what it owns."))
    return findings


_PROTO_NAMED = re.compile(r"^\s*(message|service|rpc)\s+(\w+)")
_PROTO_FIELD = re.compile(r"^\s*(?:repeated\s+|optional\s+)?(?:map<[^>]*>|[\w.]+)\s+(\w+)\s*=\s*\d+")


def _undocumented(text: str) -> List[tuple]:
    """(line, kind, name) of each message, service, rpc and field without a comment line above it."""
    found = []
    blocks: List[str] = []
    lines = text.split("\n")
    code = code_of(text).split("\n")
    for number, line in enumerate(code):
        inside = blocks[-1] if blocks else ""
        named = _PROTO_NAMED.match(line)
        field = _PROTO_FIELD.match(line) if inside in ("message", "oneof", "extend") else None
        if named or field:
            kind, name = (named.group(1), named.group(2)) if named else ("field", field.group(1))
            above = lines[number - 1].strip() if number else ""
            if not (above.startswith("//") or above.endswith("*/")):
                found.append((number + 1, kind, name))
        opener = re.match(r"\s*(\w+)", line)
        for brace in re.findall(r"[{}]", line):
            if brace == "{":
                blocks.append(opener.group(1) if opener else "")
            elif blocks:
                blocks.pop()
    return found


def check_proto(files: Files) -> List[Finding]:
    return [Finding(path, line, (
        f"{kind} {name} has no comment above it. State its meaning; for a field its unit, range and "
        "what absence means."))
        for path, text in files.items() if path.endswith(".proto")
        for line, kind, name in _undocumented(text)]


def check_readmes(files: Files) -> List[Finding]:
    folders = {path.split("/")[1] for path in files if re.match(r"src/\w+/", path)}
    return [Finding(f"src/{folder}/README.md", 1, (
        "is missing. Answer on one page the questions of docs/design/style.md, section 3."))
        for folder in sorted(folders) if f"src/{folder}/README.md" not in files]


def check_promises(files: Files) -> List[Finding]:
    """In code, not in prose: the design documents speak of both words."""
    findings = []
    for path, text in files.items():
        if path.startswith((_SAMPLES, "docs/")) or path.endswith(".md"):
            continue
        for match in re.finditer(r"\b(TODO|FIXME)\b(\s*\(?#\d+)?", text):
            if match.group(1) == "TODO" and match.group(2):
                continue
            findings.append(Finding(path, line_at(text, match.start()), (
                f"{match.group(1)} without an issue. Write `TODO(#12): ...` with its number, or do it.")))
    return findings


_MACHINE = re.compile(r"(?<![\w./~$}-])/(?:work|home|root|Users|mnt|workspace)/[\w.*-]"
                      r"|\b[A-Z]:\\Users\\")
_REGISTRY = re.compile(
    r"\b(?:[\w-]+\.)*(?:pypi\.org|pythonhosted\.org|npmjs\.org|crates\.io|proxy\.golang\.org"
    r"|deb\.debian\.org|security\.debian\.org|snapshot\.debian\.org|docker\.io|ghcr\.io|quay\.io"
    r"|jfrog\.io|conan\.io|svc\.cluster\.local)\b"
    r"|\b(?:artifactory|nexus)\.[\w.-]+", re.IGNORECASE)


def check_places(files: Files) -> List[Finding]:
    findings = []
    for path, text in files.items():
        if path.startswith(_SAMPLES):
            continue
        findings += [Finding(path, line_at(text, match.start()), (
            f"{match.group()}... is a path of one machine. Derive it from the checkout or take it as "
            "an option.")) for match in _MACHINE.finditer(text)]
        findings += [Finding(path, line_at(text, match.start()), (
            f"{match.group()} is the host of a package registry. Name the package; each machine knows "
            "where it gets its packages.")) for match in _REGISTRY.finditer(text)]
    return findings


_GENERATED_NAME = re.compile(
    r"\.(?:pb\.(?:h|cc)|pyc|o|a|so|d|gcda|gcno)$|(?:^|/)(?:build|__pycache__|CMakeFiles)/"
    r"|(?:^|/)(?:compile_commands\.json|CMakeCache\.txt|build\.ninja)$")
_GENERATED_TEXT = re.compile(r"Generated by the .*(?:compiler|plugin)|@generated\b|DO NOT EDIT",
                             re.IGNORECASE)


def check_generated(files: Files) -> List[Finding]:
    findings = []
    for path, text in files.items():
        opening = "\n".join(text.split("\n")[:5])
        by_text = not path.startswith(_SAMPLES) and _GENERATED_TEXT.search(opening)
        if _GENERATED_NAME.search(path) or by_text:
            findings.append(Finding(path, 1, (
                "is made by a tool. Take it out of git (git rm --cached) and let the build make it in "
                "the build folder.")))
    return findings


def check(files: Files) -> List[Finding]:
    return (check_openings(files) + check_proto(files) + check_readmes(files) + check_promises(files)
            + check_places(files) + check_generated(files))
