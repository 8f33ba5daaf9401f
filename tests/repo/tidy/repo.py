"""Owns: what the rules look at. The files of the checkout as git knows them, and C++ text without
comments and literals, so that no rule trips over prose."""
import os
import re
import subprocess
from typing import Dict, List, NamedTuple


class Finding(NamedTuple):
    path: str
    line: int
    sentence: str  # what is wrong and what to do instead

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


# Path from the top, with '/', and the whole text.
Files = Dict[str, str]

_NOT_WALKED = {".git", ".cache", "build", "devnet", "__pycache__"}


def _tracked(root: str) -> List[str]:
    """Names known to git; empty where this is no checkout or git is not here."""
    try:
        listing = subprocess.run(["git", "-C", root, "ls-files", "-z"], check=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    return [name for name in listing.decode().split("\0") if name]


def _walked(root: str) -> List[str]:
    names = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in _NOT_WALKED]
        names += [os.path.relpath(os.path.join(folder, name), root) for name in files]
    return [name.replace(os.sep, "/") for name in names]


def read(root: str) -> Files:
    """All text files; one that git lists and nobody has on the disk is on its way out."""
    files = {}
    for name in sorted(_tracked(root) or _walked(root)):
        path = os.path.join(root, name)
        if not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            files[name] = file.read().decode("utf-8", errors="replace")
    return files


def is_cpp(path: str) -> bool:
    return path.endswith((".h", ".cc"))


_NOISE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<raw>[^(\s]*)\(.*?\)(?P=raw)"'
    r'|"(?:\\.|[^"\\\n])*"'
    # An apostrophe between digits separates them (1'000) and opens no literal.
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.DOTALL)


def code_of(text: str) -> str:
    """The same lines, with comments and literals blanked; #include lines keep their names."""
    def blank(match: "re.Match[str]") -> str:
        start = text.rfind("\n", 0, match.start()) + 1
        if text[start:match.start()].strip() == "#include":
            return match.group()
        return re.sub(r"[^\n]", " ", match.group())
    return _NOISE.sub(blank, text)


def line_at(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
