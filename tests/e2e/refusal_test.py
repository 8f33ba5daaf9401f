# Owns: the proof on real processes that bad input is a typed refusal with a sentence, and has no
# effect (issue "First light", "Must hold").
import json
import os
import socket
import unittest

from network import Network, Refused


class Refusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.network = Network()
        cls.network.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.network.require_no_conflicting_votes()
        cls.network.require_equal_roots()
        cls.network.__exit__(None, None, None)

    def refused(self, name, *arguments, **options):
        """The call is refused with this typed error and a sentence."""
        with self.assertRaises(Refused) as caught:
            self.network.cli(*arguments, **options)
        self.assertEqual(caught.exception.code, 1, caught.exception)
        self.assertIn(name, caught.exception.stderr)
        said = caught.exception.stderr.strip()
        self.assertGreater(len(said), len(name) + 10, "no sentence beside the name")
        return said

    def submit_json(self, transaction):
        path = self.network.folder / "tx.json"
        path.write_text(json.dumps(transaction))
        return path

    def test_money_that_is_not_there_or_goes_nowhere(self):
        before = self.network.native("mira")
        self.refused("InsufficientFunds", "transfer", "send", "--to", "@noor", "--amount",
                     "999999999", key="mira")
        self.refused("SelfTransfer", "transfer", "send", "--to", "@mira", "--amount", "1",
                     key="mira")
        self.refused("PayeeUnknown", "transfer", "send", "--to", "ab" * 32, "--amount", "1",
                     key="mira")
        self.assertEqual(self.network.native("mira"), before)

    def test_proposals_of_strangers_and_with_contents_that_cannot_be(self):
        self.refused("NotMember", "proposal", "submit", "--pay", "general:1:@noor", key="jonas")
        many = {"actions": [{"pay": {"fund": 1, "amount": "1",
                                     "payee": self.network.accounts["noor"]}}] * 17}
        path = self.network.folder / "many.json"
        path.write_text(json.dumps(many))
        self.refused("TooManyProposalActions", "proposal", "submit", "--file", path, key="mira")
        self.assertEqual(self.network.cli("proposal", "list")["proposals"], [])

    def test_votes_late_twice_and_by_members_who_came_after_the_start(self):
        network = self.network
        proposal = network.cli("proposal", "submit", "--resolution", key="noor")["proposal"]

        def state():
            return network.cli("proposal", "show", proposal)["proposal"]["state"]

        self.refused("VotingNotOpen", "vote", "cast", proposal, "yes", key="mira")
        network.wait_for(lambda: state() == "PROPOSAL_STATE_VOTING", 30, "voting")
        network.cli("member", "apply", "--role", "patient", key="jonas")
        network.cli("member", "attest", "@jonas", "--role", "patient", key="issuer")
        self.refused("NoPower", "vote", "cast", proposal, "yes", key="jonas")
        network.cli("vote", "cast", proposal, "yes", key="mira")
        network.cli("vote", "cast", proposal, "no", key="mira")
        tally = network.cli("proposal", "tally", proposal)
        patients = [t for t in tally["tallies"] if int(t["chamber"]) == 1][0]
        self.assertEqual(int(patients.get("yes", 0)), 0, "the later ballot replaces the first")
        self.assertGreater(int(patients["no"]), 0)
        network.wait_for(lambda: state() not in ("PROPOSAL_STATE_VOTING",
                                                 "PROPOSAL_STATE_CONFIRMING"), 60, "the close")
        self.refused("VotingClosed", "vote", "cast", proposal, "yes", key="mira")

    def test_garbage_on_both_ports_changes_nothing(self):
        height = self.network.height(0)
        for port in (self.network.nodes[0].p2p, self.network.nodes[0].rpc):
            host, number = port.rsplit(":", 1)
            for garbage in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", os.urandom(65536), b"\x16\x03\x01"):
                with socket.create_connection((host, int(number)), timeout=5) as stranger:
                    stranger.settimeout(5)
                    try:
                        stranger.sendall(garbage)
                        while stranger.recv(4096):
                            pass
                    except OSError:
                        pass
        self.assertIsNone(self.network.nodes[0].process.poll(), "the node lives")
        self.network.transfer(node=0)
        self.assertGreater(self.network.height(0), height)

    def test_replayed_and_foreign_transactions(self):
        network = self.network
        signed = network.folder / "signed.bin"
        network.cli("transfer", "send", "--to", "@noor", "--amount", "1", "--out", signed,
                    key="lena")
        before = network.native("lena")
        network.cli("tx", "submit", signed)
        self.refused("SequenceUsed", "tx", "submit", signed, node=1)
        self.assertEqual(network.native("lena"), before - 1_000_000, "applied once")

        fresh = network.folder / "fresh.bin"
        network.cli("transfer", "send", "--to", "@noor", "--amount", "1", "--out", fresh,
                    key="lena")
        flipped = bytearray(fresh.read_bytes())
        flipped[-1] ^= 1
        (network.folder / "flipped.bin").write_bytes(flipped)
        self.refused("SignatureInvalid", "tx", "submit", network.folder / "flipped.bin")
        (network.folder / "garbage.bin").write_bytes(os.urandom(200))
        self.refused("", "tx", "submit", network.folder / "garbage.bin")
        (network.folder / "huge.bin").write_bytes(bytes(signed.read_bytes()) + bytes(70_000))
        self.refused("TooLarge", "tx", "submit", network.folder / "huge.bin")


if __name__ == "__main__":
    unittest.main()
