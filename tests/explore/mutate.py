#!/usr/bin/env python3
"""Owns: copies of the engine in which one rule at a time can be broken. Usage: mutate.py SRC OUT;
reads the folder src/consensus, writes every file of it to OUT/consensus, mutated where
mutations.py says so. An unchanged file is not written again."""
import pathlib
import sys

sys.dont_write_bytecode = True
import mutations  # noqa: E402

HEADER = '#include "explore/mutation.h"\n'


def mutate(name, text):
    changed = False
    for file, old, new in mutations.MUTATIONS:
        if file != name:
            continue
        if text.count(old) != 1:
            sys.exit(f"mutate.py: src/consensus/{name} holds this text {text.count(old)} times "
                     f"instead of once. Bring tests/explore/mutations.py up to date:\n{old}")
        text = text.replace(old, new)
        changed = True
    if not changed:
        return text
    # After the opening comment; nothing else includes it.
    first_include = text.index("#pragma once" if name.endswith(".h") else "#include")
    if name.endswith(".h"):
        first_include += len("#pragma once\n")
    return text[:first_include] + HEADER + text[first_include:]


def main():
    source, out = (pathlib.Path(argument) for argument in sys.argv[1:])
    folder = out / "consensus"
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir()):
        if path.suffix not in (".h", ".cc"):
            continue
        text = mutate(path.name, path.read_text())
        copy = folder / path.name
        if not copy.exists() or copy.read_text() != text:
            copy.write_text(text)


if __name__ == "__main__":
    main()
