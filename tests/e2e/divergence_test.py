# Owns: the proof on real processes that a node whose state was changed behind its back stops voting at
# the first block that tells, says where it differs and leaves a report, serves nothing of its state any
# more, also after a restart, while the others go on; and that `ledger diff` names the record.
import json
import subprocess
import unittest

from backup_test import DIFFERENT, salus
from network import PROGRAMS, Network, Refused

STALLED = 5


class Divergence(unittest.TestCase):
    def operator(self, *words):
        code, out, err = salus("--json", *words, home=self.node.folder)
        return code, json.loads(out) if out else err

    def is_halted(self):
        status = self.network.status(2)
        return status is not None and status.get("mode") == "NODE_MODE_HALTED"

    def tells_nothing(self):
        for words in (("balance", "show", "@noor"), ("--unverified", "balance", "show", "@noor"),
                      ("--unverified", "chain", "block", 1), ("fund", "list"),
                      ("--unverified", "chain", "events", "--from", 1)):
            with self.assertRaises(Refused) as caught:
                self.network.cli(*words, node=2)
            self.assertIn("NodeHalted", caught.exception.stderr, words)
        with self.assertRaises(Refused) as caught:
            self.network.transfer(node=2)
        self.assertIn("NodeHalted", caught.exception.stderr)

    def names_the_place(self):
        code, verdict = self.operator("consensus", "why-stalled")
        self.assertEqual(code, STALLED, verdict)
        self.assertIn("diverged", json.dumps(verdict))
        reports = list((self.node.folder / "data").glob("divergence-*.json"))
        self.assertEqual(len(reports), 1)
        self.assertIn(reports[0].name, json.dumps(verdict))
        report = json.loads(reports[0].read_text())
        self.assertIn(self.network.accounts["noor"], json.dumps(report))
        self.assertIn(reports[0].name, self.node.log())

    def names_the_record(self):
        """What its peers showed it: the one record, with both values."""
        path = next((self.node.folder / "data").glob("divergence-*.json"))
        self.network.wait_for(lambda: "difference" in json.loads(path.read_text()), 30,
                              "the record that differs")
        difference = json.loads(path.read_text())["difference"]
        self.assertEqual((difference["module"], difference["table"]), ("assets", "Balances"))
        self.assertIn(self.network.accounts["noor"], difference["key"])
        self.assertNotEqual(difference["own"]["amount"], difference["agreed"]["amount"])
        _, verdict = self.operator("consensus", "why-stalled")
        self.assertIn("The first record that differs is assets Balances", json.dumps(verdict))

    def test_of_one_node_is_said_kept_and_told_to_nobody(self):
        with Network() as network:
            self.network, self.node = network, network.nodes[2]
            network.transfer()
            network.require_equal_roots()
            self.assertEqual(self.node.stop(), 0)
            subprocess.run([PROGRAMS / "bend-balance", self.node.folder / "data",
                            network.accounts["noor"]], check=True)
            self.node.start()
            network.await_ready(self.node)
            # The changed balance grows, so the next root tells.
            network.transfer()
            network.wait_for(self.is_halted, 60, "node 3 to halt")
            self.names_the_place()
            self.names_the_record()
            self.tells_nothing()
            # Three of four are a quorum.
            network.transfer()
            network.require_equal_roots(nodes=(0, 1, 3))

            self.assertEqual(self.node.stop(), 0)
            self.node.start()
            network.await_ready(self.node)
            self.assertTrue(self.is_halted(), "a restart forgives nothing")
            self.tells_nothing()
            network.transfer()

            self.assertEqual(self.node.stop(), 0)
            self.assertEqual(network.nodes[0].stop(), 0)
            code, out, err = salus("--json", "ledger", "diff", self.node.folder / "data",
                                   network.nodes[0].folder / "data")
            self.assertEqual(code, DIFFERENT, out + err)
            self.assertIn(network.accounts["noor"], out)


if __name__ == "__main__":
    unittest.main()
