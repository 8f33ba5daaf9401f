# Owns: a running node forgets old blocks, says so to whoever asks, archives them first, and gets them
# back; what is left can be verified, and a node that needs forgotten blocks is told so.
import hashlib
import json
import subprocess
import unittest

from network import PROGRAMS, Network, Refused
from snapshot_test import set_in

EVERY = 5
KEPT = 2 * EVERY


def offline(*arguments):
    done = subprocess.run([PROGRAMS / "salus", "--json", *map(str, arguments)],
                          capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


class Prune(unittest.TestCase):
    def test_a_node_forgets_blocks_archives_them_and_gets_them_back(self):
        network = Network(validators=4, nominees=1)
        for node in network.nodes:
            set_in(node, "snapshot_every", EVERY)
            set_in(node, "states", KEPT)
            set_in(node, "blocks", KEPT)
        keeper = network.nodes[0]
        archive = keeper.folder / "archive"
        path = keeper.folder / "salusd.toml"
        path.write_text(path.read_text().replace('# archive = "archive"', 'archive = "archive"'))
        late = network.nodes.pop()
        with network:
            first = network.transfer()
            while network.height() < 3 * KEPT:
                network.transfer()
            status = network.wait_for(lambda: (s := network.status()) and
                                      int(s["lowest_block_height"]) > KEPT and s, 20, "pruning")
            lowest = int(status["lowest_block_height"])
            for refused in (("chain", "block", 1), ("tx", "show", first["tx_id"])):
                with self.assertRaises(Refused) as caught:
                    network.cli(*refused)
                self.assertIn("kept here", caught.exception.stderr)
            for path in archive.glob("*.archive"):
                name = hashlib.blake2b(path.read_bytes(), digest_size=32).hexdigest()
                self.assertIn(name, path.name)
            # Who begins with block 1 now is told why it cannot.
            network.nodes.append(late)
            late.start()
            network.wait_for(lambda: "has forgotten the blocks after it" in late.log(), 30,
                             "the late node to say what it lacks")
            network.nodes.pop()
            late.kill9()
            # Killed while it forgets, it opens and goes on.
            keeper.kill9()
            keeper.start()
            network.await_ready(keeper)
            network.require_equal_roots()
            keeper.stop()
            data = keeper.folder / "data"
            code, report = offline("ledger", "verify", data)
            self.assertEqual(code, 0, report)
            self.assertGreater(int(report["executed_from"]), 0)
            code, report = offline("ledger", "verify", data, "--archive", archive)
            self.assertEqual(code, 0, report)
            self.assertEqual(report["executed_from"], "0")
            self.assertGreaterEqual(report["archived"], lowest - 1)
            code, done = offline("ledger", "import", archive, data)
            self.assertEqual((code, done["lowest_block"]), (0, "1"), done)
            code, report = offline("ledger", "verify", data)
            self.assertEqual((code, report["archived"], report["executed_from"]), (0, 0, "0"), report)


if __name__ == "__main__":
    unittest.main()
