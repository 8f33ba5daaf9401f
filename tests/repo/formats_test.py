# Owns: docs/formats.md is enough for another language: each tag that is hashed or signed, and each table
# of the state, occurs in it, and the numbers and lists that it repeats are those of the code.
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TAG = re.compile(r'"(salus\.[a-z0-9]+\.v?1)"')
TABLE = re.compile(r"^  (\w+) = 0x([0-9a-f]{2}),", re.MULTILINE)
# Of the state of the core alone: two runs are compared by it in tests, and nothing keeps or sends it.
INTERNAL = {"salus.simplex.1"}


class Formats(unittest.TestCase):
    def setUp(self):
        self.text = (ROOT / "docs" / "formats.md").read_text()

    def test_name_every_tag(self):
        tags = set()
        for folder in ("src", "include"):
            for ending in ("*.cc", "*.h"):
                for path in (ROOT / folder).rglob(ending):
                    tags |= set(TAG.findall(path.read_text()))
        self.assertGreater(len(tags), 20, "the search itself is broken")
        missing = sorted(tag for tag in tags - INTERNAL if tag not in self.text)
        self.assertEqual(missing, [], "add them to docs/formats.md with what they are hashed over")

    def test_name_every_table_of_the_state(self):
        tables = TABLE.findall((ROOT / "src" / "state" / "table.h").read_text())
        self.assertGreater(len(tables), 60, "the search itself is broken")
        missing = [name for name, number in tables if f"| `{number}` | {name} |" not in self.text]
        self.assertEqual(missing, [], "add a row with key and record to 'State keys'")

    def test_tell_the_version_of_the_store(self):
        source = (ROOT / "src" / "storage" / "rocks_store.cc").read_text()
        version = re.search(r'kFormatVersion = "(\d+)"', source).group(1)
        told = re.search(r"`version` \(ASCII, now `(\d+)`\)", self.text).group(1)
        self.assertEqual(told, version, "a program refuses another one")

    def test_list_the_reads_that_are_indicative(self):
        source = (ROOT / "src" / "client" / "light_client.cc").read_text()
        computed = re.search(r"kIsComputed =(.*?);", source, re.DOTALL).group(1)
        reads = sorted(re.findall(r"v1::(\w+)Request>", computed))
        self.assertGreater(len(reads), 3, "the search itself is broken")
        listed = re.search(r"\*indicative\* for what is computed from them \((.*?)\)", self.text, re.DOTALL)
        self.assertEqual(sorted(re.findall(r"`(\w+)`", listed.group(1))), reads)


if __name__ == "__main__":
    unittest.main()
