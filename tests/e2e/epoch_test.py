# Owns: the proof on real processes that a running network grows from 4 to 7 validators and shrinks
# to 5 by proposals, under load and with kill -9 where an epoch ends: no fork, no lost transaction
# (issue "A consensus engine that can be trusted", "Shown by").
import random
import threading
import time
import unittest

from crash_test import Load, require_finalized
from network import Network, Refused

VOTERS = ("mira", "noor", "lena", "ravi", "meridian", "stanne")


def state_of(network, proposal):
    return network.cli("proposal", "show", proposal)["proposal"]["state"]


def epoch(network, node=0):
    status = network.status(node)
    return int(status["epoch"]) if status else -1


class Readiness:
    """Nominees say again and again that they follow the chain: a proof of it grows old (C47)."""

    def __init__(self, network, nominees):
        self.network = network
        self.nominees = nominees
        self.stopping = False
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.stopping = True
        self.thread.join()

    def run(self):
        while not self.stopping:
            for node in self.nominees:
                folder = self.network.nodes[node].folder
                try:
                    self.network.cli("validator", "ready", "--validator-key",
                                     folder / "validator.key", node=node,
                                     key=f"operator{node + 1}")
                except Refused:
                    pass
            time.sleep(0.5)


class Epochs(unittest.TestCase):
    def register(self, network, node):
        folder = network.nodes[node].folder
        network.cli("validator", "register", f"spare{node + 1}", "--validator-key",
                    folder / "validator.key", "--node-key", folder / "node.key", node=node,
                    key=f"operator{node + 1}")

    def change(self, network, victim, add=(), remove=()):
        """One set change by proposal; `victim` is killed where the epoch ends."""
        before = epoch(network)
        path = network.dir / "change.toml"
        lines = ["[[actions]]", "[actions.change_set]"]
        for verb, nodes in (("add", add), ("remove", remove)):
            names = ", ".join(f'"@operator{node + 1}"' for node in nodes)
            lines += [f"{verb} = [{names}]"] if nodes else []
        path.write_text("\n".join(lines) + "\n")
        proposal = network.cli("proposal", "submit", "--file", path, key="mira")["proposal"]
        network.wait_for(
            lambda: state_of(network, proposal) == "PROPOSAL_STATE_VOTING", 30, "voting")
        for member in VOTERS:
            network.cli("vote", "cast", proposal, "yes", key=member)
        network.wait_for(
            lambda: state_of(network, proposal) == "PROPOSAL_STATE_EXECUTED", 60, "execution")
        network.nodes[victim].kill9()
        network.wait_for(lambda: epoch(network) > before, 60, f"an epoch after {before}")
        network.nodes[victim].start()
        network.await_ready(network.nodes[victim])
        for node in range(len(network.nodes)):
            network.wait_for(lambda: epoch(network, node) > before, 30,
                             f"node {node + 1} in the new epoch")

    def size(self, network, node=0):
        return len(network.cli("validator", "set", node=node)["set"]["validators"])

    def test_grows_from_4_to_7_and_shrinks_to_5_under_load_with_kills_where_epochs_end(self):
        seed = 20261126
        chance = random.Random(seed)
        print(f"seed {seed}", flush=True)
        with Network(validators=4, nominees=3) as network:
            nominees = [4, 5, 6]
            for node in nominees:
                self.register(network, node)
            with Load(network, [0], key="jonas") as load:
                with Readiness(network, nominees):
                    for node in nominees:
                        # Node 1 answers this test's questions.
                        self.change(network, chance.randrange(1, 4), add=[node])
                        print(f"{self.size(network)} validators in epoch {epoch(network)}",
                              flush=True)
                    self.assertEqual(self.size(network), 7)
                    # Two of seven may go at once (Q3), the first ones as well as the last.
                    self.change(network, chance.randrange(4, 6), remove=[1, 6])
                self.assertEqual(self.size(network), 5)
                # The new set stands without those who left, and with one of its own dead.
                for node in (1, 6):
                    network.nodes[node].kill9()
                network.nodes[2].kill9()
                network.transfer()
                for node in (1, 2, 6):
                    network.nodes[node].start()
                    network.await_ready(network.nodes[node])
            self.assertGreater(len(load.finalized), 20)
            target, _ = network.require_equal_roots()
            for node in range(7):
                self.assertEqual(self.size(network, node), 5)
                require_finalized(network, load.finalized, node)
            print(f"{len(load.finalized)} transactions, height {target}", flush=True)
            network.require_no_conflicting_votes()


if __name__ == "__main__":
    unittest.main()
