# Owns: every command that a document, a script's sentence or a refusal names exists in the programs
# as built, with every flag that it is given. The plan (docs/design) speaks of later ones too and is
# left out.
import functools
import os
import pathlib
import re
import subprocess
import unittest

PROGRAMS = {"salus": os.environ["SALUS"], "salusd": os.environ["SALUSD"]}
ROOT = pathlib.Path(__file__).resolve().parents[2]
WORD = re.compile(r"^[a-z][a-z-]*$")
# Named by refusals that nobody can meet before the change that brings the command along. One that
# exists has no place here.
ANNOUNCED = ()
FLAG = re.compile(r"^--?[a-z][a-z-]*")


@functools.lru_cache(None)
def help_of(program, path=()):
    """Subcommands and flags of a command, or None when there is no such command."""
    result = subprocess.run([PROGRAMS[program], *path, "--help"], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, timeout=30)
    if result.returncode != 0:
        return None
    verbs, flags, part = set(), set(), ""
    for line in result.stdout.splitlines():
        if line and not line[0].isspace():
            part = line.rstrip(":")
        elif part == "Subcommands" and re.match(r"  [a-z]", line):
            verbs.add(line.split()[0])
        elif part == "Options":
            flags.update(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", line[:30]))
    return verbs, flags


def complaint(text):
    """What is wrong about a command line, or None."""
    program, *words = text.split()
    verbs, flags = help_of(program)
    known_flags = set(flags)
    path = []
    skip_value = False
    for word in words:
        if word in ("&&", "|", ";", "#", "&", ">", "\\"):
            break
        if FLAG.match(word):
            flag = FLAG.match(word).group()
            if flag not in known_flags and verbs and not path:
                return f"'{text}': {program} has no {flag}"
            if flag not in known_flags:
                return f"'{text}': {' '.join([program, *path])} has no {flag}"
            # Before the noun a value may follow; behind the verb values are nobody's noun.
            skip_value = bool(verbs) and flag not in ("--json", "--dry-run", "--help", "--version")
            continue
        if skip_value:
            skip_value = False
            continue
        if not verbs:
            continue
        word = word.rstrip(".,:;)`'\"")
        if not WORD.match(word):
            return None  # a placeholder as <noun>
        if word not in verbs:
            return f"'{text}': there is no '{' '.join([program, *path, word])}'"
        path.append(word)
        verbs, more = help_of(program, tuple(path))
        known_flags |= more
    return None


def commands_of_markdown(text):
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
            continue
        if fenced:
            match = re.match(r"\s*(?:\$ )?(?:\S*/)?(salusd?) +([^#]*)", line)
            if match:
                yield f"{match.group(1)} {match.group(2)}".strip()
        else:
            for span in re.findall(r"`([^`]+)`", line):
                if re.match(r"salusd? +\S", span):
                    yield span


def commands_of_source(text):
    """Those in string literals: what the programs tell people to type."""
    for line in text.splitlines():
        if line.lstrip().startswith(("//", "#")):
            continue
        for literal in re.findall(r'"((?:[^"\\]|\\.)*)"', line):
            for match in re.finditer(
                    r"(?:[:`] ?|^|next: )(salusd? [a-z][a-z-]*(?: [a-z][a-z-]*)?)(?=[.`),\\ ]|$)",
                    literal):
                yield match.group(1)


class Commands(unittest.TestCase):
    def judge(self, found):
        self.assertGreater(len(found), 5, "the search itself is broken")
        wrong = [f"{where}: {said}" for where, text in found if (said := complaint(text))]
        self.assertEqual(wrong, [], "\n".join(["commands that do not exist:", *wrong]))

    def test_of_the_documents_exist(self):
        files = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")),
                 *sorted((ROOT / "src").rglob("README.md"))]
        files = [f for f in files if "design" not in f.parts and f.exists()]
        self.judge([(f.relative_to(ROOT), text) for f in files
                    for text in commands_of_markdown(f.read_text())])

    def test_that_the_programs_themselves_advise_exist(self):
        files = [f for ending in ("*.cc", "*.h", "*.inc")
                 for f in sorted((ROOT / "src").rglob(ending))]
        self.judge([(f.relative_to(ROOT), text) for f in files
                    for text in commands_of_source(f.read_text()) if text not in ANNOUNCED])

    def test_that_are_announced_do_not_exist_yet(self):
        for text in ANNOUNCED:
            self.assertIsNotNone(complaint(text), f"{text} exists: take it off the list")


class Judge(unittest.TestCase):
    """The test that reads the documents has tests of its own."""

    def test_finds_what_does_not_exist(self):
        for text in ("salus nonsense", "salus proposal nonsense", "salus proposal list --nonsense",
                     "salus --nonsense chain status", "salusd nonsense", "salusd run --nonsense",
                     "salus --node HOST:PORT chain nonsense"):
            self.assertIsNotNone(complaint(text), text)

    def test_passes_what_exists(self):
        for text in ("salus", "salus <noun> <verb>", "salus vote cast 17 yes", "salus proposal",
                     "salus --node HOST:PORT --json chain status", "salus chain status --json",
                     "salusd run --config FILE", "salus proposal submit --help",
                     "salus member show ACCOUNT"):
            self.assertIsNone(complaint(text), text)

    def test_finds_commands_in_text(self):
        text = "Use `salus chain status` now.\n```sh\n$ salus vote cast 1 yes   # vote\nls\n```\n"
        self.assertEqual(list(commands_of_markdown(text)),
                         ["salus chain status", "salus vote cast 1 yes"])
        source = '// salus not this\n  x("See: salus asset list."); y("`salus fund list` now");\n'
        self.assertEqual(list(commands_of_source(source)), ["salus asset list", "salus fund list"])


if __name__ == "__main__":
    unittest.main()
