"""Owns: the deterministic heart gives equal results for equal inputs on every node: no clock, chance,
thread, float, unordered iteration, exception or shared ownership; and five seams are the only
interface classes (docs/design/architecture.md, sections 2 and 4)."""
import re
from typing import List

from repo import Files, Finding, code_of, is_cpp, line_at

FOLDERS = {"base", "crypto", "wire", "state", "dao", "ledger", "consensus", "mempool", "sync",
           "replica"}

# What must not stand there, its name for people, and what to write instead.
BANNED = [
    (r"\b(?:throw|try|catch)\b", "an exception", "Return a Result with an error of its own."),
    (r"\bchrono\b", "std::chrono", "Take MonoMs, WallMs or the header's time as an argument."),
    (r"(?<![\w.>])(?:(?:std)?::)?time\s*\(\s*(?:nullptr|NULL|0|&)|\b(?:gettimeofday|clock_gettime"
     r"|localtime|gmtime|strftime|mktime)(?:_r)?\s*\(|(?<![\w.>])(?:(?:std)?::)?clock\s*\(\s*\)",
     "the machine's clock", "Take the time as an argument."),
    (r"(?<![\w.>])(?:(?:std)?::)?s?rand(?:om)?(?:_r)?\s*\(|<random>|\brandom_device\b|\bmt19937(?:_64)?\b"
     r"|\barc4random\w*|\bgetrandom\b", "chance", "Take the value as an argument."),
    (r"\b(?:float|double)\b", "a floating-point type",
     "Use integers: base units, basis points, or u128 products (G-1.3)."),
    (r"\bunordered_(?:multi)?(?:map|set)\b", "an unordered container",
     "Use std::map or std::set; LookupTable for a cache that is never walked."),
    (r"\bstd\s*::\s*(?:multi)?(?:map|set)\s*<\s*(?:const\s+)?[\w:]+(?:\s+const)?\s*\*",
     "an order of pointers", "Order by an id: addresses differ from node to node."),
    (r"\b(?:shared_ptr|weak_ptr|make_shared|enable_shared_from_this)\b", "shared ownership",
     "Own by value or unique_ptr, borrow by reference (style.md, rule 19)."),
    (r"\bstd\s*::\s*(?:j?thread|(?:shared_|recursive_|timed_)*mutex|atomic\w*|condition_variable\w*"
     r"|(?:lock_guard|unique_lock|scoped_lock|shared_lock)|async|future|promise|call_once)\b"
     r"|\bthread_local\b|<(?:thread|mutex|shared_mutex|atomic|future|condition_variable)>",
     "a thread or lock", "The driver in node/ owns threads; here one caller at a time is promised."),
    (r"\bstd\s*::\s*hash\b", "std::hash", "Order by value, or use crypto/hash.h for bytes."),
    (r"\b(?:std\s*::\s*locale|setlocale|imbue|uselocale)\b|<c?locale>", "a locale",
     "Spell numbers with fmt or base/bytes.h, which know no locale."),
    (r"<(?:fstream|iostream|filesystem)>|\bstd\s*::\s*(?:[io]?fstream|cout|cerr|clog|filesystem)\b",
     "input or output", "Answer an effect; the driver carries it out through a seam."),
    (r"<(?:boost/asio|rocksdb/|grpcpp/|spdlog/|openssl/)", "a library of the outer house",
     "Go through a seam of base/seams/."),
]
_BANNED = [(re.compile(pattern), name, instead) for pattern, name, instead in BANNED]
# What the constructs that another file may not have are wrapped in, so that they do no harm.
WRAPPERS = {"src/base/lookup_table.h": "an unordered container"}
_PURE_VIRTUAL = re.compile(r"\bvirtual\b[^;{}]*=\s*0\s*;")


def check_banned(files: Files) -> List[Finding]:
    findings = []
    for path, text in files.items():
        parts = path.split("/")
        if len(parts) < 3 or parts[0] != "src" or parts[1] not in FOLDERS or not is_cpp(path):
            continue
        code = code_of(text)
        for pattern, name, instead in _BANNED:
            if WRAPPERS.get(path) == name:
                continue
            findings += [Finding(path, line_at(code, match.start()),
                                 f"{name} in the deterministic heart. {instead}")
                         for match in pattern.finditer(code)]
    return findings


def check_interfaces(files: Files) -> List[Finding]:
    findings = []
    for path, text in files.items():
        if not path.startswith(("src/", "include/")) or path.startswith("src/base/seams/"):
            continue
        if not is_cpp(path):
            continue
        code = code_of(text)
        findings += [Finding(path, line_at(code, match.start()), (
            "an interface class. The five seams of base/seams/ are the only ones: hold the concrete "
            "type, or take a std::function where one call is all."))
            for match in _PURE_VIRTUAL.finditer(code)]
    return findings


def check(files: Files) -> List[Finding]:
    return check_banned(files) + check_interfaces(files)
