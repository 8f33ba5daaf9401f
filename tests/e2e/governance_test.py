# Owns: the whole of governance on real processes, through the CLI alone: three chambers and more, a
# delegation that a member overrides, a late swing that prolongs voting, an objection that stops what
# had passed, an execution that fails and is retried, and a grant that is paid by milestones.
import concurrent.futures
import csv
import time
import unittest

from network import Network, Refused

TOKEN = 1_000_000

GRANT = """
[[actions]]
[actions.award_grant]
fund = "general"
total = "300"
payee = "@ravi"
reviewers = ["@lena", "@operator1"]
needed = 2
tranches = [{bp = 4000, due_ms = "+30d"}, {bp = 6000, due_ms = "+60d"}]
"""


class Governance(unittest.TestCase):
    def state(self, proposal):
        return self.network.cli("proposal", "show", proposal)["proposal"]["state"]

    def await_state(self, proposal, state, seconds=60):
        self.network.wait_for(lambda: self.state(proposal) == f"PROPOSAL_STATE_{state}", seconds,
                              f"proposal {proposal} to be {state}; it is {self.state(proposal)}")

    def together(self, calls):
        """Several people act at the same time."""
        with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
            for done in [pool.submit(self.network.cli, *words, key=key) for key, words in calls]:
                done.result()

    def vote(self, proposal, ballots):
        self.together([(key, ("vote", "cast", proposal, choice)) for key, choice in ballots])

    def patients(self, proposal):
        for tally in self.network.cli("proposal", "tally", proposal)["tallies"]:
            if tally["chamber"] == 1:
                return int(tally["yes"]), int(tally["no"])
        raise AssertionError("no tally of the patients")

    def refused(self, name, *words, key):
        with self.assertRaises(Refused) as caught:
            self.network.cli(*words, key=key)
        self.assertIn(name, caught.exception.stderr)

    def delegate(self):
        network = self.network
        self.refused("DelegateClosed", "delegate", "set", "@mira", "--track", "spend", key="tomas")
        network.cli("delegate", "profile", key="mira")
        self.together([("tomas", ("delegate", "set", "@mira", "--track", "spend")),
                       ("noor", ("delegate", "set", "@mira=50", "--track", "spend"))])
        power = network.cli("power", "show", "@mira", "--track", "spend")
        self.assertEqual(int(power["power"]), 2_500_000)
        shown = network.cli("delegate", "show", "@mira", "--track", "spend")
        self.assertEqual(len(shown["delegators"]), 2)
        delegates = network.cli("delegate", "list", "--chamber", "patients")["delegates"]
        self.assertEqual(len(delegates), 1)
        zero = network.cli("power", "show", "@jonas")
        self.assertEqual(zero["reason"], "NO_POWER_REASON_NOT_MEMBER")

    def submit_all(self):
        network = self.network
        path = network.dir / "grant.toml"
        path.write_text(GRANT)
        network.cli("proposal", "lint", "--file", path)
        explained = network.cli("track", "explain", path)
        self.assertEqual(explained["effective"]["rules"]["code"], "spend")
        self.assertTrue(network.cli("proposal", "simulate", "--file", path)["applies"])
        self.grant = network.cli("proposal", "submit", "--file", path, key="stanne")["proposal"]
        self.large = network.cli("proposal", "submit", "--pay", "general:60000:@jonas",
                                 key="stanne")["proposal"]
        self.short = network.cli("proposal", "submit", "--pay", "research:9000:@jonas",
                                 key="stanne")["proposal"]

    def vote_with_override_and_late_swing(self):
        network = self.network
        self.await_state(self.grant, "VOTING")
        waits = network.cli("proposal", "list", "--needs-me", key="tomas")["votes"]
        self.assertIn(self.grant, [vote["proposal"]["id"] for vote in waits])
        network.cli("vote", "cast", self.grant, "yes", key="mira")
        self.assertEqual(self.patients(self.grant), (2_500_000, 0))
        # His own vote comes before that of his delegate.
        network.cli("vote", "cast", self.grant, "no", key="tomas")
        self.assertEqual(self.patients(self.grant), (1_500_000, 1_000_000))
        self.vote(self.large, [("mira", "yes"), ("noor", "yes"), ("lena", "yes"), ("ravi", "yes"),
                               ("meridian", "yes"), ("stanne", "yes")])
        self.vote(self.short, [("mira", "yes"), ("noor", "yes"), ("meridian", "yes")])
        missing = network.cli("proposal", "tally", self.grant)["thresholds"]
        self.assertTrue(any("more yes in institutions" in row["sentence"] for row in missing))
        # The institutions come late: what they complete prolongs voting once.
        shown = network.cli("proposal", "show", self.grant)["proposal"]
        end = int(shown["phase_until_ms"]) / 1000
        time.sleep(max(0.0, end - time.time() - 3.5))
        network.cli("vote", "cast", self.grant, "yes", key="meridian")
        after = network.cli("proposal", "show", self.grant)["proposal"]
        self.assertTrue(after["extended"], after)
        self.assertGreater(int(after["phase_until_ms"]), int(shown["phase_until_ms"]))

    def object(self):
        network = self.network
        self.await_state(self.large, "OBJECTION")
        self.refused("OnlyAgainst", "vote", "cast", self.large, "abstain", key="lena")
        network.cli("vote", "change", self.large, "no", key="meridian")
        self.await_state(self.large, "REJECTED")
        why = network.cli("proposal", "why", self.large)
        self.assertIn("approval (G-8.5) in institutions decides", why["sentences"][0])
        exported = network.dir / "large.json"
        network.cli("proposal", "export", self.large, "--to", exported)
        offline = network.cli("proposal", "why", "--from", exported)
        self.assertEqual(offline["sentences"], why["sentences"])

    def fail_and_retry(self):
        network = self.network
        self.await_state(self.short, "FAILED")
        self.assertIn("FUND_SHORT", network.cli("proposal", "show",
                                                self.short)["proposal"]["failure_code"])
        times = network.cli("proposal", "timeline", self.short)
        self.assertIn("may retry", times["execution"]["sentence"])
        network.cli("fund", "donate", "--fund", "research", "--amount", "9000", key="meridian")

        def retried():
            try:
                network.cli("proposal", "retry", self.short, key="noor")
                return True
            except Refused as refusal:
                assert "RetryTooSoon" in refusal.stderr, refusal
                return False

        network.wait_for(retried, 30, "the retry gap")
        self.assertEqual(self.state(self.short), "PROPOSAL_STATE_EXECUTED")
        # Jonas is no member: his money waits until he takes it.
        waiting = network.cli("payout", "list", "--state", "waiting")["payouts"]
        self.assertEqual(len(waiting), 1)
        before = network.native("jonas")
        network.cli("payout", "accept", waiting[0]["id"], key="jonas")
        self.assertEqual(network.native("jonas"), before + 9000 * TOKEN)
        why = network.cli("payout", "show", waiting[0]["id"])
        self.assertEqual(why["proposal"], self.short)

    def pay_by_milestones(self):
        network = self.network
        self.await_state(self.grant, "EXECUTED")
        before = network.native("ravi")
        network.cli("grant", "accept", 1, key="ravi")
        network.cli("grant", "claim", 1, "--deliverable-hash", "ab" * 32, key="ravi")
        self.refused("NotReviewer", "grant", "approve", 1, key="noor")
        network.cli("grant", "approve", 1, key="lena")
        act = network.cli("act", "list")["acts"][0]
        self.assertEqual(len(act["signers"]), 1)
        network.cli("act", "sign", act["id"], key="operator1")
        grant = network.cli("grant", "show", 1)["grant"]
        self.assertEqual(grant["grant"]["tranches"][0]["state"], "TRANCHE_STATE_PAID")
        self.assertEqual(int(grant["paid"]), 120 * TOKEN)
        self.assertEqual(network.native("ravi"), before + 120 * TOKEN)

    def look_at_the_books(self):
        network = self.network
        lines = network.cli("treasury", "forecast", "--days", 90)["lines"]
        general = next(line for line in lines if line["fund"] == 1)
        self.assertEqual(int(general["tranches"]), 180 * TOKEN)
        path = network.dir / "ledger.csv"
        network.cli("treasury", "export", "--to", path)
        rows = list(csv.reader(path.read_text().splitlines()))
        self.assertEqual(rows[0][0], "time")
        sums = {row[2]: row for row in rows if row[0] == "sum"}
        self.assertEqual(set(sums), {"1", "2"})
        for row in sums.values():
            self.assertEqual(int(row[7]) - int(row[8]), int(row[9]))
        for words in (["treasury", "ledger", "general"], ["treasury", "grants"],
                      ["treasury", "budgets"], ["treasury", "streams"], ["param", "list"],
                      ["track", "show", "spend"], ["sentinel", "list"], ["pause", "show"],
                      ["upgrade", "show"], ["chamber", "show", "patients"],
                      ["proposal", "show", self.grant, "--diff"],
                      ["vote", "show", self.grant], ["recovery", "show", "@mira"],
                      ["member", "history", "@mira"], ["schedule", "list", "@ravi"],
                      ["param", "show", "governance.retry_gap"], ["asset", "show", "0"],
                      ["param", "history", "governance.retry_gap"], ["delegate", "list"]):
            self.assertTrue(network.cli(*words, as_json=False), words)

    def test_plays_through_the_command_line(self):
        with Network(voting=15) as network:
            self.network = network
            self.delegate()
            self.submit_all()
            self.vote_with_override_and_late_swing()
            self.object()
            self.fail_and_retry()
            self.pay_by_milestones()
            self.look_at_the_books()
            network.require_equal_roots()


if __name__ == "__main__":
    unittest.main()
