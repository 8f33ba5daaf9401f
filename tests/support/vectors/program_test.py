# Owns: what `salus-vectors FILE` prints and how it ends: 0 all passed, 1 a mismatch, 2 a file that
# cannot be run.
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["SALUS_VECTORS"]
VECTORS = pathlib.Path(os.environ["SALUS_SOURCE_DIR"]) / "tests" / "vectors" / "governance.json"


def run(*words):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=100)


class Program(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "mine.json"

    def write(self, vectors, **more):
        document = {"format": "salus.vectors.governance.v1", "vectors": vectors, **more}
        self.file.write_text(json.dumps(document))
        return run(self.file)

    def test_the_vectors_of_the_house_pass_and_phase_two_is_not_built(self):
        done = run(VECTORS)
        self.assertEqual(done.returncode, 0, done.stdout)
        vectors = json.loads(VECTORS.read_text())["vectors"]
        later = sum(1 for vector in vectors if vector["phase"] == 2)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[-1], f"{len(vectors) - later} passed, 0 failed, {later} not built")
        self.assertEqual(len(lines), len(vectors) + 1)

    def test_an_auditors_own_case_is_answered(self):
        case = {"id": "mine", "eval": "split", "in": {"power": "10", "parts": {"yes": 1, "no": 1}},
                "out": {"alloc": {"yes": 5, "no": 5}}}
        self.assertEqual(self.write([case]).returncode, 0)
        case["out"]["alloc"]["yes"] = 6
        done = self.write([case])
        self.assertEqual(done.returncode, 1)
        self.assertIn("mine: alloc.yes is 5, expected 6", done.stdout)

    def test_an_unknown_eval_and_a_malformed_vector_are_failures_with_a_reason(self):
        done = self.write([{"id": "a", "eval": "magic", "in": {}, "out": {}},
                           {"id": "b", "eval": "split", "in": {}, "out": {}},
                           {"id": "c", "eval": "verdict", "in": {"scheme": "lottery"}, "out": {}},
                           7])
        self.assertEqual(done.returncode, 1)
        self.assertIn('a: there is no eval "magic"', done.stdout)
        self.assertIn("b: malformed", done.stdout)
        self.assertIn('c: malformed: no scheme "lottery"', done.stdout)
        self.assertIn("vector 4: malformed", done.stdout)
        self.assertIn("0 passed, 4 failed, 0 not built", done.stdout)

    def test_a_file_that_is_no_file_of_vectors_is_refused(self):
        self.assertEqual(run().returncode, 2)
        self.assertEqual(run(self.file).returncode, 2)
        self.file.write_text("{")
        self.assertEqual(run(self.file).returncode, 2)
        self.assertEqual(self.write([], format="salus.vectors.consent.v1").returncode, 2)
        self.assertEqual(self.write({}).returncode, 2)


if __name__ == "__main__":
    unittest.main()
