# Owns: a new node with an empty disk joins by a snapshot of its peers, also when it is killed on the
# way, or two of its peers serve bad parts, and then follows the chain like any other.
import shutil
import subprocess
import unittest

from network import PROGRAMS, Network

EVERY = 10


def set_in(node, key, value):
    path = node.folder / "salusd.toml"
    text = path.read_text()
    lines = [f"{key} = {value}" if line.startswith(f"{key} = ") else line
             for line in text.splitlines()]
    assert f"{key} = {value}" in lines, key
    path.write_text("\n".join(lines) + "\n")


class Snapshot(unittest.TestCase):
    def test_an_empty_node_joins_by_snapshot_and_follows(self):
        network = Network(validators=4, nominees=1)
        for node in network.nodes:
            set_in(node, "snapshot_every", EVERY)
        joiner = network.nodes.pop()
        set_in(joiner, "snapshot", "true")
        with network:
            while network.height() < 3 * EVERY:
                network.transfer()
            network.nodes.append(joiner)
            joiner.start()
            network.wait_for(lambda: "Joining by snapshot" in joiner.log(), 30, "the join to begin")
            # Wherever it was: the next start goes on, or finds that it is done.
            joiner.kill9()
            joiner.start()
            network.await_ready(joiner)
            self.assertIn("The snapshot is whole", joiner.log())
            network.transfer()
            network.require_equal_roots()
            balance = network.native("noor")
            network.wait_for(lambda: network.native("noor", node=4) == balance, 20, "the balance")
            # It has no block from before the snapshot, and says so.
            joined_at = network.status(4)
            self.assertGreaterEqual(int(joined_at["height"]), 2 * EVERY)
            joiner.stop()
            joiner.start()
            network.await_ready(joiner)
            network.require_equal_roots()


    def test_an_observer_joins_while_two_of_the_serving_peers_send_bad_parts(self):
        network = Network(validators=4, nominees=3)
        for node in network.nodes:
            set_in(node, "snapshot_every", 5)
        joiner = network.nodes.pop()
        liars = [network.nodes.pop(), network.nodes.pop()]
        set_in(joiner, "snapshot", "true")
        lying = []
        with network:
            while network.height() < 11:
                network.transfer()
            # At first only the liars serve, from true copies of a validator's ledger: a state this
            # small is one part, and an honest peer that is asked first would leave them nothing.
            for node in network.nodes:
                node.stop()
            try:
                for liar in liars:
                    shutil.copytree(network.nodes[0].folder / "data" / "ledger",
                                    liar.folder / "data" / "ledger")
                    with open(liar.log_path, "ab") as out:
                        lying.append(subprocess.Popen(
                            [PROGRAMS / "lying-peer", liar.folder / "salusd.toml"],
                            stdin=subprocess.PIPE, stdout=out, stderr=out))
                joiner.start()
                said = "it is not asked again"
                network.wait_for(lambda: joiner.log().count(said) == 2, 20, "two liars punished")
                for liar in liars:
                    self.assertIn("lied about a part of height 10", liar.log())
                self.assertNotIn("The snapshot is whole", joiner.log())
                for node in network.nodes:
                    node.start()
                network.nodes.append(joiner)
                network.await_ready(joiner)
                self.assertIn("The snapshot is whole", joiner.log())
                self.assertEqual(joiner.log().count(said), 2)
                network.transfer()
                network.require_equal_roots()
            finally:
                for process in lying:
                    process.stdin.close()
                    process.kill()
                    process.wait()
                if joiner.process is not None and joiner not in network.nodes:
                    joiner.kill9()


if __name__ == "__main__":
    unittest.main()
