# Owns: the proof on real processes that kill -9 loses nothing that was final and makes no validator
# vote twice (issue "First light", "Must hold").
import random
import threading
import time
import unittest

from network import Network, Refused


class Load:
    """Transfers in the background through given nodes; remembers what was finalized."""

    def __init__(self, network, nodes, key="mira"):
        self.network = network
        self.nodes = nodes
        self.key = key
        self.finalized = []
        self.stopping = False
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.stopping = True
        self.thread.join()

    def run(self):
        turn = 0
        while not self.stopping:
            node = self.nodes[turn % len(self.nodes)]
            turn += 1
            try:
                answer = self.network.transfer(key=self.key, amount="0.01", node=node, timeout=40)
                self.finalized.append((answer["tx_id"], int(answer["height"])))
            except Refused:
                time.sleep(0.1)


def require_finalized(network, transactions, node):
    for tx_id, height in transactions:
        found = network.cli("tx", "show", tx_id, node=node)
        assert int(found["height"]) == height, f"{tx_id}: {found} but was at {height}"


class Crash(unittest.TestCase):
    def test_any_validator_killed_at_any_moment_comes_back_and_votes(self):
        seed = 20261125
        chance = random.Random(seed)
        print(f"seed {seed}", flush=True)
        with Network() as network:
            for round_number in range(8):
                victim = round_number % 4
                others = [i for i in range(4) if i != victim]
                with Load(network, others) as load:
                    time.sleep(chance.uniform(0.05, 0.6))
                    network.nodes[victim].kill9()
                    killed_at = network.height(others[0])
                    network.wait_for(lambda: network.height(others[0]) > killed_at + 2, 30,
                                     "three validators to go on")
                    network.nodes[victim].start()
                    network.await_ready(network.nodes[victim])
                    network.wait_for(
                        lambda: network.height(victim) >= network.height(others[0]) - 2, 30,
                        "the killed validator to catch up")
                require_finalized(network, load.finalized, victim)
                # It votes again: with another one down, the quorum needs it.
                network.nodes[others[0]].kill9()
                network.transfer(node=victim)
                network.nodes[others[0]].start()
                network.await_ready(network.nodes[others[0]])
            network.require_equal_roots()
            network.require_no_conflicting_votes()

    def test_all_four_killed_at_once_resume_with_nothing_lost(self):
        with Network() as network:
            finalized = []
            for round_number in range(4):
                with Load(network, [0, 1, 2, 3]) as load:
                    time.sleep(0.7 + 0.13 * round_number)
                    before = max(network.height(i) for i in range(4))
                    for node in network.nodes:
                        node.kill9()
                    load.stopping = True
                for node in network.nodes:
                    node.start()
                for node in network.nodes:
                    network.await_ready(node)
                finalized += load.finalized
                network.transfer()
                self.assertGreaterEqual(network.height(0), before)
            for node in range(4):
                network.wait_for(lambda: network.height(node) >= network.height(0), 30, "heights")
                require_finalized(network, finalized, node)
            self.assertGreater(len(finalized), 0)
            network.require_equal_roots()
            network.require_no_conflicting_votes()


if __name__ == "__main__":
    unittest.main()
