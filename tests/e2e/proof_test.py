# Owns: nobody has to trust the node that answers: what the CLI shows is proven, a node that lies is
# refused, and a receipt convinces without any node.
import json
import subprocess
import unittest

from network import PROGRAMS, Network, Refused

NOT_FOUND = 4
UNPROVEN = 6


class Liar:
    """A proxy in front of an honest node that bends what it passes on."""

    def __init__(self, upstream, lie):
        self.process = subprocess.Popen(
            [PROGRAMS / "lying-node", "127.0.0.1:0", upstream, lie], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()

    def __enter__(self):
        return self.address

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()


def salus(*arguments):
    return subprocess.run([PROGRAMS / "salus", *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, stdin=subprocess.DEVNULL)


class Proof(unittest.TestCase):
    def test_reads_are_proven_lies_are_refused_and_receipts_need_no_node(self):
        with Network() as network:
            network.transfer(amount="5")
            sent = network.transfer(amount="7")["tx_id"]
            self.reads_are_proven(network)
            self.lies_are_refused(network, sent)
            self.claims_are_called_so(network, sent)
            self.silence_proves_nothing(network)
            self.signatures_follow_the_trust(network)
            receipts = self.receipts(network, sent)
            self.receipts_are_of_what_was_asked(network, sent)
            genesis = network.dir / "genesis.json"
            for node in network.nodes:
                node.stop()
            self.receipts_convince_offline(receipts, genesis)

    def reads_are_proven(self, network):
        shown = network.cli("balance", "show", "@noor", as_json=False)
        self.assertRegex(
            shown, r"\n(verified|partial) at height \d+, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n$")
        account = network.cli("account", "show", "@noor")
        self.assertEqual(account["proof"]["word"], "verified")
        taken = network.cli("--unverified", "account", "show", "@noor")
        self.assertEqual(taken["proof"]["word"], "unverified")
        del account["proof"], taken["proof"]
        account.pop("height", None), taken.pop("height", None)
        self.assertEqual(account, taken)

    def lies_are_refused(self, network, sent):
        genesis = network.dir / "genesis.json"
        honest = network.nodes[0].rpc

        def ask(lie, *arguments):
            with Liar(honest, lie) as address:
                return salus("--node", address, "--genesis", genesis, "--trust",
                             network.dir / f"trust-{lie}", "--accounts",
                             network.dir / "accounts.json", *arguments)

        self.assertEqual(ask("none", "account", "show", "@noor").returncode, 0)
        for lie, error in (("record", "StateUnproven"), ("absence", "StateUnproven"),
                           ("certificate", "CertificateInvalid")):
            done = ask(lie, "account", "show", "@noor")
            self.assertEqual(done.returncode, UNPROVEN, (lie, done.stderr))
            self.assertIn(error, done.stderr)
            self.assertEqual(done.stdout, "")
        done = ask("result", "tx", "show", sent)
        self.assertEqual(done.returncode, UNPROVEN, done.stderr)
        self.assertIn("ResultUnproven", done.stderr)
        # Without a genesis document of one's own, its chain id is enough.
        status = network.cli("chain", "status")
        with Liar(honest, "genesis") as address:
            done = salus("--node", address, "--chain-id", status["chain_id"], "--trust",
                         network.dir / "trust-id", "account", "show",
                         network.accounts["noor"])
        self.assertEqual(done.returncode, UNPROVEN, done.stderr)

    def liar(self, network, lie, *arguments, trust=None):
        with Liar(network.nodes[0].rpc, lie) as address:
            return salus("--node", address, "--genesis", network.dir / "genesis.json", "--trust",
                         trust or network.dir / f"trust-{lie}", "--accounts",
                         network.dir / "accounts.json", *arguments)

    def claims_are_called_so(self, network, sent):
        for asked in (("chain", "status"), ("tx", "list", "@mira")):
            self.assertEqual(network.cli(*asked)["proof"]["word"], "unverified", asked)
            self.assertTrue(network.cli(*asked, as_json=False).endswith("\nunverified\n"))
        simulated = network.cli("--dry-run", "transfer", "send", "--to", "@noor", "--amount", "1",
                                key="mira")
        self.assertEqual(simulated["proof"]["word"], "unverified")
        self.assertEqual(network.cli("treasury", "balance")["proof"]["word"], "indicative")
        self.assertEqual(network.cli("param", "show", "accounts.window")["proof"]["word"],
                         "verified")
        # The trusted document, whatever the node says of its own.
        shown = self.liar(network, "genesis", "chain", "genesis")
        self.assertEqual(shown.stdout, (network.dir / "genesis.json").read_text())
        with self.assertRaises(Refused) as refused:
            network.cli("account", "show", "00" * 32)
        self.assertEqual(refused.exception.code, NOT_FOUND)
        self.assertRegex(str(refused.exception), r"\(verified at height \d+, ")

    def silence_proves_nothing(self, network):
        # Nobody shows genesis to who has seen more, nor while the node itself counts blocks.
        done = self.liar(network, "unready", "account", "show", "@noor",
                         trust=network.dir / "trust")
        self.assertEqual(done.returncode, UNPROVEN, done.stderr)
        self.assertIn("NodeBehind", done.stderr)
        done = self.liar(network, "unready", "account", "show", "@noor")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stdout, "")
        done = self.liar(network, "missing", "account", "show", "@noor")
        self.assertEqual(done.returncode, UNPROVEN, done.stderr)
        self.assertIn("AnswerUnproven", done.stderr)

    def signatures_follow_the_trust(self, network):
        done = self.liar(network, "status", "--key", network.dir / "keys" / "mira.key", "transfer",
                         "send", "--to", "@noor", "--amount", "1")
        self.assertEqual(done.returncode, 0, done.stderr)

    def receipts_are_of_what_was_asked(self, network, sent):
        file = network.dir / "other.receipt"
        for asked in (("tx", "receipt", sent), ("vote", "receipt", 1, "--account", "@noor"),
                      ("proposal", "receipt", 2)):
            done = self.liar(network, "other", *asked, "--to", file)
            self.assertEqual(done.returncode, UNPROVEN, (asked, done.stderr))
            self.assertIn("AnswerOfOther", done.stderr)
            self.assertFalse(file.exists())

    def receipts(self, network, sent):
        proposal = network.cli("proposal", "submit", "--pay", "general:1:@tomas",
                               key="mira")["proposal"]
        network.wait_for(lambda: network.cli("proposal", "show", proposal)["proposal"]["state"] ==
                         "PROPOSAL_STATE_VOTING", 30, "voting")
        network.cli("vote", "cast", proposal, "yes", key="noor")
        files = {name: network.dir / f"{name}.receipt" for name in ("tx", "ballot", "proposal")}
        network.cli("tx", "receipt", sent, "--to", files["tx"])
        network.cli("vote", "receipt", proposal, "--to", files["ballot"], key="noor")
        network.cli("proposal", "receipt", proposal, "--to", files["proposal"])
        self.a_replaced_ballot_is_not_the_one_that_counts(network, proposal)
        return files

    def a_replaced_ballot_is_not_the_one_that_counts(self, network, proposal):
        network.cli("vote", "cast", proposal, "no", key="noor")
        file = network.dir / "last.receipt"
        asked = ("vote", "receipt", proposal, "--account", "@noor", "--to", file)
        done = self.liar(network, "latest", *asked)
        self.assertEqual(done.returncode, UNPROVEN, done.stderr)
        self.assertIn("AnswerOfOther", done.stderr)
        self.assertFalse(file.exists())
        self.assertEqual(network.cli(*asked)["proof"]["word"], "verified")

    def receipts_convince_offline(self, files, genesis):
        for name, path in files.items():
            done = salus("--genesis", genesis, "--json", "verify", "receipt", path)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["proof"]["word"], "verified", name)
        ballot = json.loads(salus("--genesis", genesis, "--json", "verify", "receipt",
                                  files["ballot"]).stdout)
        self.assertIn("EVENT_KIND_BALLOT_CAST", json.dumps(ballot["result"]))
        # Nobody's word for the chain: refused. Another chain's: refused.
        self.assertEqual(salus("verify", "receipt", files["tx"]).returncode, 2)
        self.assertEqual(salus("--chain-id", "00" * 32, "verify", "receipt",
                               files["tx"]).returncode, UNPROVEN)
        # A proposal that is said to have ended otherwise.
        receipt = json.loads(files["proposal"].read_text())
        record = receipt["state"]["records"][0]
        record["value"] = record["value"][:-8] + "AAAAAAA" + record["value"][-1]
        files["proposal"].write_text(json.dumps(receipt))
        done = salus("--genesis", genesis, "verify", "receipt", files["proposal"])
        self.assertNotEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
