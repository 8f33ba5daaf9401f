"""Owns: the report on what is long. It never fails: length is judged by a reader, not by a limit."""
import re
from typing import List, NamedTuple

from repo import Files, code_of, is_cpp, line_at

_SHOWN = 10
_NOT_A_FUNCTION = re.compile(
    r"^\s*(?:if|else|for|while|switch|do|catch|return|namespace|class|struct|enum|union|extern)\b")
_NAME = re.compile(r"([\w:~]+)\s*\(")


class Long(NamedTuple):
    lines: int
    path: str
    line: int
    name: str


def files_by_length(files: Files) -> List[Long]:
    return sorted((Long(text.count("\n"), path, 1, "") for path, text in files.items()
                   if is_cpp(path) or path.endswith(".proto")), reverse=True)


def functions_of(path: str, text: str) -> List[Long]:
    """Outermost function bodies, found by their braces; close enough for a report."""
    code = code_of(text)
    found = []
    # Whether each open brace is a function's, and where it began.
    open_braces: List[tuple] = []
    head_start = 0
    for match in re.finditer(r"[{};]", code):
        if match.group() == "{":
            head = code[head_start:match.start()].strip()
            name = _NAME.search(head)
            inside = any(entry[0] for entry in open_braces)
            starts = bool(name) and not inside and not _NOT_A_FUNCTION.match(head)
            open_braces.append((starts, match.start(), name.group(1) if name else ""))
        elif match.group() == "}" and open_braces:
            was_function, start, name_text = open_braces.pop()
            if was_function:
                first = line_at(code, start)
                found.append(Long(line_at(code, match.start()) - first + 1, path, first, name_text))
        head_start = match.end()
    return found


def functions_by_length(files: Files) -> List[Long]:
    found: List[Long] = []
    for path, text in files.items():
        if is_cpp(path):
            found += functions_of(path, text)
    return sorted(found, reverse=True)


def report(files: Files) -> str:
    lines = ["Longest files:"]
    lines += [f"  {entry.lines:5}  {entry.path}" for entry in files_by_length(files)[:_SHOWN]]
    lines += ["Longest functions:"]
    lines += [f"  {entry.lines:5}  {entry.path}:{entry.line} {entry.name}"
              for entry in functions_by_length(files)[:_SHOWN]]
    return "\n".join(lines)
