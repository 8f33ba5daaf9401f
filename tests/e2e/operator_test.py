# Owns: the proof on real processes that an operator who asks why the chain stands is told the names of
# those who are missing, and that all is well when they are back; that Prometheus can read a node; and
# that a test network that cannot start says so and leaves nothing behind.
import json
import pathlib
import shutil
import socket
import stat
import subprocess
import unittest
import urllib.request
from unittest import mock

from network import PROGRAMS, Network, Refused, free_base_port

STALLED = 5


def ask(network, node, verb, as_json=True):
    """Exit code and answer of `salus consensus VERB` about a node."""
    command = [PROGRAMS / "salus", "--home", network.nodes[node].folder]
    command += ["--json"] if as_json else []
    done = subprocess.run(command + ["consensus", verb], capture_output=True, text=True,
                          timeout=30, stdin=subprocess.DEVNULL)
    answer = json.loads(done.stdout) if as_json and done.stdout else done.stdout
    return done.returncode, answer or done.stderr


class Operator(unittest.TestCase):
    def test_a_survivor_names_the_missing_and_all_is_well_when_they_are_back(self):
        with Network() as network:
            network.transfer()
            code, why = ask(network, 0, "why-stalled")
            self.assertEqual(code, 0, why)
            self.assertIn(why["verdict"], ("STALL_VERDICT_HEALTHY", "STALL_VERDICT_IDLE"))

            for i in (2, 3):
                network.nodes[i].kill9()
            try:
                network.cli("transfer", "send", "--to", "@noor", "--amount", "1", "--wait",
                            "admitted", key="mira")
            except Refused:
                pass

            def stalled():
                code, why = ask(network, 0, "why-stalled")
                return why if code == STALLED else None

            why = network.wait_for(stalled, 20, "a verdict")
            self.assertEqual(why["verdict"], "STALL_VERDICT_LINKS", why)
            self.assertFalse(why["well"])
            for name in ("node3", "node4"):
                self.assertIn(name, why["sentence"])
            for name in ("node1 ", "node2"):
                self.assertNotIn(name, why["sentence"])
            code, text = ask(network, 0, "why-stalled", as_json=False)
            self.assertEqual(code, STALLED)
            self.assertIn("links", text.splitlines()[0])
            # The same sentence is in the log.
            network.wait_for(lambda: "No block for" in network.nodes[0].log(), 20, "the log line")
            self.assertIn("verdict=links", network.nodes[0].log())

            code, votes = ask(network, 0, "votes")
            self.assertEqual(code, 0)
            rows = {row["name"]: row for row in votes["validators"]}
            self.assertEqual({name: row["linked"] for name, row in rows.items()},
                             {"node1": True, "node2": True, "node3": False, "node4": False})
            self.assertTrue(all(len(row["cells"]) == len(votes["views"])
                                for row in votes["validators"]))
            code, status = ask(network, 0, "status")
            self.assertEqual(code, 0)
            self.assertEqual((status["links_up"], status["links_needed"]), (1, 2))
            self.assertEqual(status["mode"], "CONSENSUS_MODE_VOTING")

            for i in (2, 3):
                network.nodes[i].start()
            for i in (2, 3):
                network.await_ready(network.nodes[i])
            network.wait_for(lambda: ask(network, 0, "why-stalled")[0] == 0, 30, "a good verdict")
            network.transfer()
            code, text = ask(network, 0, "votes", as_json=False)
            self.assertEqual(code, 0)
            self.assertIn("certificate", text)
            network.require_equal_roots()

    def test_the_socket_is_private_and_a_stopped_node_does_not_answer(self):
        with Network() as network:
            socket = network.nodes[0].folder / "data" / "operator.sock"
            self.assertEqual(stat.S_IMODE(socket.stat().st_mode), 0o600)
            self.assertTrue(stat.S_ISSOCK(socket.stat().st_mode))
            done = subprocess.run(
                [PROGRAMS / "salus", "--operator", f"unix:{socket}", "consensus", "status"],
                capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("set hash", done.stdout)
            network.nodes[0].stop()
            code, said = ask(network, 0, "status")
            self.assertEqual(code, 3)
            self.assertIn("Nobody answers", said)
            # One that was killed leaves its socket, and the next start takes it over.
            network.nodes[0].start()
            network.await_ready(network.nodes[0])
            network.nodes[0].kill9()
            network.nodes[0].start()
            network.await_ready(network.nodes[0])
            self.assertEqual(ask(network, 0, "status")[0], 0)

    def test_a_taken_port_is_told_at_once_and_no_node_outlives_the_start(self):
        network = Network()
        host, port = network.nodes[3].rpc.rsplit(":", 1)
        with socket.socket() as taken:
            taken.bind((host, int(port)))
            with self.assertRaisesRegex(AssertionError, "(?s)node 4 ended with code 1.*listener could"):
                network.__enter__()
        self.assertEqual([node.process for node in network.nodes], [None] * 4)
        shutil.rmtree(network.folder)

    def test_networks_take_no_port_that_linux_gives_to_who_dials(self):
        given = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
        for number in range(1, 32768, 97):
            with mock.patch("os.getpid", return_value=number):
                self.assertLess(free_base_port(7) + 400, given)

    def test_prometheus_reads_a_node(self):
        network = Network()
        port = free_base_port(4) + 301
        config = pathlib.Path(network.nodes[0].folder) / "salusd.toml"
        text = config.read_text()
        self.assertEqual(text.count('[metrics]'), 1)
        head, tail = text.split("[metrics]")
        config.write_text(
            head + "[metrics]" + tail.replace('listen = ""', f'listen = "127.0.0.1:{port}"', 1))
        with network:
            network.transfer()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
                lines = page.read().decode().splitlines()
            values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
            self.assertGreaterEqual(int(values["salus_height"]), 1)
            self.assertEqual(values["salus_voting"], "1")
            self.assertGreater(int(values["salus_sync_seconds_count"]), 0)
            self.assertEqual(values["salus_finality_seconds_count"], "1")


if __name__ == "__main__":
    unittest.main()
