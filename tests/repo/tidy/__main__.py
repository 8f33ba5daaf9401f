"""Owns: the verdict on the repository. Usage: python3 tests/repo/tidy [CHECKOUT]. Prints what is long,
then each finding with what to do instead; exit code 1 when there is one."""
import os
import sys

sys.dont_write_bytecode = True

import edges  # noqa: E402  (after the line that keeps bytecode out of the checkout)
import heart  # noqa: E402
import lengths  # noqa: E402
import papers  # noqa: E402
import repo  # noqa: E402


def main() -> int:
    here = os.path.dirname(os.path.abspath(__file__))
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.dirname(here)))
    files = repo.read(root)
    print(lengths.report(files))
    findings = sorted(edges.check(files) + heart.check(files) + papers.check(files))
    for finding in findings:
        print(finding)
    print(f"tidy: {len(files)} files read, {len(findings)} findings.")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
