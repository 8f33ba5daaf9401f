# Owns: the proof on real processes that a network without its quorum waits without harm and goes on
# about a second after it has one again, and that a clean stop is clean.
import time
import unittest

from network import Network, Refused


class Quorum(unittest.TestCase):
    def test_two_down_wait_in_bounded_memory_and_go_on_when_they_are_back(self):
        with Network() as network:
            network.transfer()
            for i in (2, 3):
                network.nodes[i].kill9()
            time.sleep(1)
            stuck = network.height(0)
            before = [network.nodes[i].resident_bytes() for i in (0, 1)]
            # Work waits, and is not lost; nothing is finalized.
            started = time.monotonic()
            while time.monotonic() - started < 15:
                try:
                    network.cli("transfer", "send", "--to", "@noor", "--amount", "1", "--wait",
                                "admitted", key="mira", node=0)
                except Refused:
                    pass
                time.sleep(0.5)
            self.assertEqual(network.height(0), stuck)
            self.assertEqual(network.height(1), stuck)
            after = [network.nodes[i].resident_bytes() for i in (0, 1)]
            for was, now in zip(before, after):
                self.assertLess(now - was, 64 << 20, "memory grew while the quorum was away")

            for i in (2, 3):
                network.nodes[i].start()
            for i in (2, 3):
                network.await_ready(network.nodes[i])
            back = time.monotonic()
            network.wait_for(lambda: network.height(0) > stuck, 30, "progress")
            print(f"first new block {time.monotonic() - back:.2f} s after both answered", flush=True)
            network.transfer(node=3)
            network.require_equal_roots()
            network.require_no_conflicting_votes()

    def test_sigterm_ends_every_node_cleanly_and_the_chain_resumes(self):
        with Network() as network:
            answer = network.transfer()
            for node in network.nodes:
                self.assertEqual(node.stop(), 0)
                self.assertIn("Stopped.", node.log())
            for node in network.nodes:
                node.start()
            for node in network.nodes:
                network.await_ready(node)
            found = network.cli("tx", "show", answer["tx_id"], node=2)
            self.assertEqual(found["height"], answer["height"])
            network.transfer()

    def test_an_empty_data_folder_replays_the_chain_to_the_same_roots(self):
        with Network() as network:
            for _ in range(30):
                network.transfer()
            # Its ledger is lost; with its guard it is an amnesiac and only observes (S10).
            network.nodes[3].stop()
            import shutil
            shutil.rmtree(network.nodes[3].folder / "data")
            network.nodes[3].start()
            network.await_ready(network.nodes[3])
            network.wait_for(lambda: network.height(3) >= network.height(0) - 1, 60, "catch-up")
            network.require_equal_roots()
            self.assertIn("observes and does not vote", network.nodes[3].log())
            # Three validators go on without its vote.
            network.transfer()


if __name__ == "__main__":
    unittest.main()
