#!/usr/bin/env python3
"""Owns: spin searches the whole of voting.pml and finds nothing; and with any one rule broken it
finds an error, so the model would tell. Usage: model_test.py [unittest arguments]; needs spin and
cc, which scripts/setup installs."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "voting.pml")
# Each is a switch of the model, -DBREAK_...
BROKEN = ["NOTARIZE_ONCE", "NULLIFY_AFTER_FINALIZE", "FINALIZE_AFTER_NULLIFY",
          "FINALIZE_NOTARIZED", "PARENT", "GAP", "QUORUM", "RESTART"]
MEMORY_MIB_MAX = 1500
SECONDS_MAX = 240


def run(command, folder):
    done = subprocess.run(command, cwd=folder, text=True, capture_output=True, timeout=SECONDS_MAX)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def search(flags=(), optimise="-O0"):
    """What pan says about the model: (errors, states, whether it saw all of them, its words)."""
    with tempfile.TemporaryDirectory() as folder:
        run(["spin", *flags, "-a", MODEL], folder)
        run(["cc", optimise, "-w", "-DSAFETY", f"-DMEMLIM={MEMORY_MIB_MAX}", "-o", "pan", "pan.c"],
            folder)
        said = run(["./pan", "-m20000"], folder)
    errors = int(re.search(r"errors: (\d+)", said).group(1))
    states = int(re.search(r"(\d+) states, stored", said).group(1))
    complete = ("Search not completed" not in said and "depth too small" not in said
                and "out of memory" not in said and "aborting" not in said)
    return errors, states, complete, said


class Voting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("spin"):
            raise AssertionError("spin is not installed: run scripts/setup")

    def test_no_order_of_votes_breaks_an_invariant(self):
        errors, states, complete, said = search(optimise="-O2")
        print(f"two views, one traitor: {states} states, all of them, errors: {errors}")
        self.assertEqual(errors, 0, said)
        self.assertTrue(complete, said)
        self.assertGreater(states, 1_000_000, "the model lost most of its behaviour")

    def test_each_broken_rule_is_found(self):
        for rule in BROKEN:
            with self.subTest(rule=rule):
                errors, states, _, said = search([f"-DBREAK_{rule}"])
                violated = "assertion violated" in said
                print(f"BREAK_{rule}: errors: {errors} after {states} states")
                self.assertTrue(errors > 0 and violated, f"{rule} can be broken unseen\n{said}")

    def test_every_switch_of_the_model_is_tried(self):
        with open(MODEL, encoding="utf-8") as model:
            switches = set(re.findall(r"#ifdef BREAK_(\w+)", model.read()))
        self.assertEqual(switches, set(BROKEN))


if __name__ == "__main__":
    unittest.main()
