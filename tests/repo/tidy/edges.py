"""Owns: an #include crosses from one folder of src/ into another only where the CMake targets declare
it, and nothing declared points up the list of docs/design/architecture.md, section 2."""
import re
from typing import Dict, List, NamedTuple, Optional, Set

from repo import Files, Finding, code_of, is_cpp, line_at

# Lowest first. `proto` is the generated code, which anything above crypto may use.
ORDER = ["base", "crypto", "proto", "wire", "state", "dao", "ledger", "consensus", "mempool", "sync",
         "replica", "storage", "upkeep", "net", "proto_grpc", "queries",
         "rpc", "client", "node", "apps"]

_DECLARATION = re.compile(r"\bsalus_module\s*\(([^)]*)\)")
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]', re.MULTILINE)


class Module(NamedTuple):
    path: str  # of its CMakeLists.txt
    line: int
    public: List[str]
    private: List[str]


def modules(files: Files) -> Dict[str, Module]:
    found = {}
    for path, text in files.items():
        if not re.fullmatch(r"src/.*CMakeLists\.txt", path):
            continue
        for match in _DECLARATION.finditer(re.sub(r"#[^\n]*", "", text)):
            name, *words = match.group(1).split()
            lists: Dict[str, List[str]] = {"SOURCES": [], "PUBLIC": [], "PRIVATE": []}
            current = "SOURCES"
            for word in words:
                if word in lists:
                    current = word
                else:
                    lists[current].append(word)
            found[name] = Module(path, line_at(text, text.find("salus_module")),
                                 [d for d in lists["PUBLIC"] if d in ORDER],
                                 [d for d in lists["PRIVATE"] if d in ORDER])
    return found


def usable(name: str, table: Dict[str, Module]) -> Set[str]:
    """What `name` declares, and what comes along because those declare it PUBLIC."""
    reached: Set[str] = set()
    waiting = table[name].public + table[name].private
    while waiting:
        folder = waiting.pop()
        if folder in reached:
            continue
        reached.add(folder)
        # Service stubs are made of messages: the CMake target of the one shows the other.
        if folder == "proto_grpc":
            waiting.append("proto")
        if folder in table:
            waiting += table[folder].public
    return reached


def target_of(include: str) -> Optional[str]:
    """The folder that a name in an #include belongs to; None for a library's."""
    if include.endswith(".grpc.pb.h"):
        return "proto_grpc"
    if include.endswith(".pb.h"):
        return "proto" if include.startswith("salus/") else None
    first = include.split("/")[0]
    if first == "salus":
        return "client"
    return first if first in ORDER else None


def check(files: Files) -> List[Finding]:
    table = modules(files)
    findings = []
    for name, module in table.items():
        for other in module.public + module.private:
            if name in ORDER and ORDER.index(other) >= ORDER.index(name):
                findings.append(Finding(module.path, module.line, (
                    f"{name} depends on {other}, which stands above it in the house. Turn the arrow "
                    f"round: let {other} call {name}, or hand {name} the value it needs.")))
    for path, text in files.items():
        parts = path.split("/")
        if parts[0] != "src" or len(parts) < 3 or not is_cpp(path) or parts[1] not in table:
            continue
        allowed = usable(parts[1], table)
        for match in _INCLUDE.finditer(code_of(text)):
            other = target_of(match.group(1))
            if other is None or other == parts[1] or other in allowed:
                continue
            findings.append(Finding(path, line_at(text, match.start()), (
                f'"{match.group(1)}" belongs to {other}, which {parts[1]} does not declare. Do without '
                f"it, or add {other} to src/{parts[1]}/CMakeLists.txt if it stands lower in the house.")))
    return findings
