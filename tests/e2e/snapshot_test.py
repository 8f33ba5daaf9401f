# Owns: a new node with an empty disk joins by a snapshot of its peers, also when it is killed on the
# way, and then follows the chain like any other.
import unittest

from network import Network

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


if __name__ == "__main__":
    unittest.main()
